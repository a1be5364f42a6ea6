//! `dcrcold buy`: prepares a request for tickets and locks its coins.

mod limits;
mod shown;

use dcrcold::chain::{ChainSource, PriceWindow};
use dcrcold::prepare::expiry_after;
use dcrcold::vsp::VspAddress;
use dcrcold::wallet::purchase::{BuyOrder, Lock, Prepared, PurchaseError};
use dcrcold::wallet::{SystemClock, Wallet};
use dcrcold_core::amount::FeeRate;
use dcrcold_core::request::Funding;
use dcrcold_signer::cli::{Failure, STDIO, Stop};

use crate::cli::BuyArgs;
use crate::coins::{CoinsName, When};
use crate::context::Context;
use crate::failure::Explain;
use crate::hand_out;
use crate::sync::sync;
use crate::window::Outlook;

/// How often the chain may grow between the sync and the question for the price.
const ATTEMPTS: usize = 5;

pub(crate) fn run(context: &mut Context, args: &BuyArgs) -> Result<(), Stop> {
    let mut wallet = context.wallet()?;
    hand_out::must_be_free(&wallet, &args.out)?;
    let mut source = context.source(wallet.network())?;
    let mut order = order(args, vsp(&wallet, args)?);
    // Others need not wait for this.
    sync(&mut wallet, source.as_mut())?;
    order.from = CoinsName::find_all(&args.from, &wallet)?;
    let lock = hand_out::lock(context, &mut wallet)?;
    let (prepared, price) = prepare(&mut wallet, source.as_mut(), &mut order, args)?;
    order.tickets = u32::try_from(prepared.tickets.len()).unwrap_or(order.tickets);
    hand_out::write(context, &mut wallet, lock, (&prepared.id, &prepared.request), &args.out)?;
    limits::tell(context, &prepared, &price);
    if args.direct && order.vsp.is_some() {
        context.tell("note: without a split nothing is paid to the purse; the VSP's fees come from what is there");
    }
    if args.out.as_os_str() == STDIO {
        return Ok(());
    }
    let when = When::of(&wallet)?;
    let outlook = Outlook { network: wallet.network(), price, when: Some(when) };
    shown::show(context, &args.out, &prepared, &order, args.again.as_ref(), &outlook)
}

/// The VSP that the tickets are meant for: the one that was named, or the chosen one.
fn vsp(wallet: &Wallet, args: &BuyArgs) -> Result<Option<VspAddress>, Failure> {
    if args.solo || args.vsp.is_some() {
        return Ok(args.vsp.clone());
    }
    if let Some(id) = &args.again {
        let before = wallet.purchases().explain()?.into_iter().find(|record| record.id == *id);
        return Ok(before.and_then(|record| record.vsp));
    }
    Ok(wallet.chosen_vsp().explain()?.map(|vsp| vsp.address))
}

fn order(args: &BuyArgs, vsp: Option<VspAddress>) -> BuyOrder {
    BuyOrder {
        tickets: args.count.unwrap_or(1),
        lock: args.amount.map_or(Lock::PricePlus(args.headroom), Lock::Amount),
        fee_rate: FeeRate::from_atoms_per_kb(args.fee_rate),
        voter: args.voter,
        expiry: None,
        label: args.label,
        funding: if args.direct { Funding::Direct } else { Funding::Split },
        vsp,
        from: Vec::new(),
    }
}

/// Prepares the request at a block that the wallet and the source agree on.
fn prepare(
    wallet: &mut Wallet,
    source: &mut dyn ChainSource,
    order: &mut BuyOrder,
    args: &BuyArgs,
) -> Result<(Prepared, PriceWindow), Failure> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        sync(wallet, source)?;
        let price = source.price().explain()?;
        order.expiry = Some(expiry_after(wallet.network(), price.tip.height, args.windows));
        let prepared = match &args.again {
            Some(id) => wallet.prepare_again(id, args.count, order, &price, source, &SystemClock),
            None if args.all => wallet.prepare_most(order, &price, &SystemClock),
            None => wallet.prepare(order, &price, &SystemClock),
        };
        match prepared {
            Err(PurchaseError::Behind { .. }) if attempt < ATTEMPTS => {}
            result => return Ok((result.explain()?, price)),
        }
    }
}
