//! `dcrcold buy`: prepares a request for tickets and locks its coins.

use std::path::Path;

use dcrcold::chain::{ChainSource, PriceWindow};
use dcrcold::vsp::VspAddress;
use dcrcold::wallet::purchase::{BuyOrder, Lock, Prepared, PurchaseError};
use dcrcold::wallet::{SystemClock, Wallet};
use dcrcold_core::amount::{Amount, FeeRate};
use dcrcold_core::request::Funding;
use dcrcold_core::words::check_words;
use dcrcold_signer::cli::{Failure, STDIO, Stop};
use dcrcold_signer::file::FileError;
use serde::Serialize;

use crate::cli::BuyArgs;
use crate::context::Context;
use crate::failure::Explain;
use crate::hand_out;
use crate::sync::sync;

/// How often the chain may grow between the sync and the question for the price.
const ATTEMPTS: usize = 5;

/// Amounts in atoms.
#[derive(Serialize)]
struct Shown {
    id: String,
    check_words: String,
    file: String,
    tickets: Vec<String>,
    split: Option<String>,
    locked_per_ticket: u64,
    price: u64,
    ticket_fee: u64,
    split_fee: Option<u64>,
    change: Option<u64>,
    inputs: usize,
    expiry: u32,
    vsp: Option<String>,
    purse: Option<u64>,
}

/// Blocks that tickets over a split need: one for the split, one for them.
const BLOCKS_NEEDED: u32 = 2;

pub(crate) fn run(context: &mut Context, args: &BuyArgs) -> Result<(), Stop> {
    let mut wallet = context.wallet()?;
    hand_out::must_be_free(&wallet, &args.out)?;
    let mut source = context.source(wallet.network())?;
    let order = order(args, vsp(&wallet, args)?);
    // Others need not wait for this.
    sync(&mut wallet, source.as_mut())?;
    let lock = hand_out::lock(context, &mut wallet)?;
    let (prepared, price) = prepare(&mut wallet, source.as_mut(), &order)?;
    hand_out::write(context, &mut wallet, lock, (&prepared.id, &prepared.request), &args.out)?;
    if let Some(refusal) = &prepared.beyond_default_limits {
        context.tell(format_args!("note: a signer with the limits of a new one refuses this: {refusal}"));
    }
    if args.direct && order.vsp.is_some() {
        context.tell("note: without a split nothing is paid to the purse; the VSP's fees come from what is there");
    }
    if !args.direct && price.blocks_left < BLOCKS_NEEDED {
        context.tell(
            "note: the price changes before the tickets can be mined; they fit if it rises by less than the headroom",
        );
    }
    if args.out.as_os_str() == STDIO {
        return Ok(());
    }
    show(context, &args.out, &prepared, price.next, order.vsp.as_ref())
}

/// The VSP that the tickets are meant for: the one that was named, or the chosen one.
fn vsp(wallet: &Wallet, args: &BuyArgs) -> Result<Option<VspAddress>, Failure> {
    if args.solo || args.vsp.is_some() {
        return Ok(args.vsp.clone());
    }
    let chosen = wallet.vsps().explain()?.into_iter().find(|vsp| vsp.chosen);
    Ok(chosen.map(|vsp| vsp.address))
}

fn order(args: &BuyArgs, vsp: Option<VspAddress>) -> BuyOrder {
    BuyOrder {
        tickets: args.count,
        lock: args.amount.map_or(Lock::PricePlus(args.headroom), Lock::Amount),
        fee_rate: FeeRate::from_atoms_per_kb(args.fee_rate),
        voter: args.voter,
        expiry: args.expiry,
        label: args.label,
        funding: if args.direct { Funding::Direct } else { Funding::Split },
        vsp,
        from: args.from.clone(),
    }
}

/// Prepares the request at a block that the wallet and the source agree on.
pub(crate) fn prepare(
    wallet: &mut Wallet,
    source: &mut dyn ChainSource,
    order: &BuyOrder,
) -> Result<(Prepared, PriceWindow), Failure> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        sync(wallet, source)?;
        let price = source.price().explain()?;
        match wallet.prepare(order, &price, &SystemClock) {
            Err(PurchaseError::Behind { .. }) if attempt < ATTEMPTS => {}
            result => return Ok((result.explain()?, price)),
        }
    }
}

/// Sees early that the file can be made, before coins are locked for nothing.
pub(crate) fn must_not_exist(path: &Path) -> Result<(), Failure> {
    if path.as_os_str() != STDIO && path.symlink_metadata().is_ok() {
        return Err(FileError::Exists { path: path.to_owned() }).explain();
    }
    Ok(())
}

fn show(
    context: &mut Context,
    path: &Path,
    prepared: &Prepared,
    price: Amount,
    vsp: Option<&VspAddress>,
) -> Result<(), Stop> {
    let shown = Shown {
        id: prepared.id.to_string(),
        check_words: check_words(&prepared.id).join(" "),
        file: path.display().to_string(),
        tickets: prepared.tickets.iter().map(ToString::to_string).collect(),
        split: prepared.split.map(|split| split.to_string()),
        locked_per_ticket: prepared.amount.atoms(),
        price: price.atoms(),
        ticket_fee: prepared.ticket_fee.atoms(),
        split_fee: prepared.split_fee.map(Amount::atoms),
        change: prepared.change.map(Amount::atoms),
        inputs: prepared.inputs,
        expiry: prepared.expiry.0,
        vsp: vsp.map(ToString::to_string),
        purse: prepared.purse.map(|purse| purse.amount.atoms()),
    };
    let money = context.money();
    context.facts(&shown, |out, shown| {
        out.line(format_args!("request      {}", shown.file))?;
        out.line(format_args!("id           {}", shown.id))?;
        out.line(format_args!("check words  {}", shown.check_words))?;
        out.line(format_args!("tickets      {}, each locks {}", shown.tickets.len(), money.of(prepared.amount)))?;
        out.line(format_args!("price now    {}", money.of(price)))?;
        out.line(format_args!("fees         {} a ticket", money.of(prepared.ticket_fee)))?;
        if let Some(fee) = prepared.split_fee {
            out.line(format_args!("             {} for the split over {} coins", money.of(fee), shown.inputs))?;
        }
        if let Some(vsp) = &shown.vsp {
            out.line(format_args!("VSP          {vsp}"))?;
            let purse = prepared.purse.map(|purse| purse.amount).unwrap_or_default();
            out.line(format_args!("to the purse {} for its fees", money.of(purse)))?;
        }
        out.line(format_args!("change       {}", money.of(prepared.change.unwrap_or_default())))?;
        out.line(format_args!("valid        in blocks below {}", shown.expiry))
    })
}
