//! `dcrcold send`: prepares a payment and locks its coins.

use std::path::Path;

use dcrcold::plural::count;
use dcrcold::wallet::purchase::{PreparedSend, SendOrder, SendRest};
use dcrcold::wallet::{SystemClock, Wallet};
use dcrcold_core::amount::{Amount, FeeRate};
use dcrcold_core::net::Network;
use dcrcold_core::script::Payee;
use dcrcold_core::words::check_words;
use dcrcold_signer::address::Address;
use dcrcold_signer::cli::{Failure, FailureKind, STDIO, Stop};
use serde::Serialize;

use crate::cli::SendArgs;
use crate::coins::CoinsName;
use crate::context::Context;
use crate::failure::Explain;
use crate::hand_out;
use crate::sync::sync;

/// Amounts in atoms.
#[derive(Serialize)]
struct Shown {
    id: String,
    check_words: String,
    file: String,
    transaction: String,
    pays: Vec<Paid>,
    fee: u64,
    change: Option<u64>,
    inputs: usize,
    /// Coins that could be spent as well, and are not.
    coins_left: usize,
}

#[derive(Serialize)]
struct Paid {
    address: String,
    amount: u64,
}

pub(crate) fn run(context: &mut Context, args: &SendArgs) -> Result<(), Stop> {
    let mut wallet = context.wallet()?;
    hand_out::must_be_free(&wallet, &args.out)?;
    let mut order = order(args, wallet.network())?;
    let mut source = context.source(wallet.network())?;
    sync(&mut wallet, source.as_mut())?;
    order.from = CoinsName::find_all(&args.from, &wallet)?;
    let lock = hand_out::lock(context, &mut wallet)?;
    let prepared = wallet.prepare_send(&order, &SystemClock).explain()?;
    hand_out::write(context, &mut wallet, lock, (&prepared.id, &prepared.request), &args.out)?;
    for refusal in &prepared.beyond_default_limits {
        context.tell(format_args!("note: a signer with the limits of a new one refuses this: {refusal}"));
    }
    if matches!(order.rest, SendRest::All(_)) && prepared.left > 0 {
        context.tell(format_args!(
            "note: {} left: it costs more than it brings, or the signer takes no more at once; \
             for the latter the same command again, once this request is sent",
            count(prepared.left, "coin")
        ));
    }
    if args.out.as_os_str() == STDIO {
        return Ok(());
    }
    show(context, &args.out, &wallet, &prepared)
}

fn order(args: &SendArgs, network: Network) -> Result<SendOrder, Failure> {
    let mut paid = Vec::with_capacity(args.payments.len() / 2);
    for pair in args.payments.chunks(2) {
        let [address, amount] = pair else {
            let message = format!("address {} has no amount after it", pair.concat());
            return Err(Failure::new(FailureKind::Usage, message).hint("give an amount in DCR after each address"));
        };
        let found: Result<Amount, _> = amount.parse();
        let found = found.map_err(|error| {
            Failure::new(FailureKind::Usage, format!("amount {amount} for {address}: {error}"))
                .hint("give an amount in DCR after each address, such as 1.5")
        })?;
        paid.push((payee(address, network)?, found));
    }
    let all = args.all.as_deref().map(|address| payee(address, network)).transpose()?;
    let join = args.join.map(|most| SendRest::Join(usize::try_from(most).unwrap_or(usize::MAX)));
    Ok(SendOrder {
        paid,
        rest: all.map(SendRest::All).or(join).unwrap_or(SendRest::Change),
        fee_rate: FeeRate::from_atoms_per_kb(args.fee_rate),
        label: args.label,
        from: Vec::new(),
    })
}

/// Whom an address of the wallet's network pays.
fn payee(text: &str, network: Network) -> Result<Payee, Failure> {
    let refused = |why: String| Failure::new(FailureKind::Usage, format!("{text}: {why}"));
    let address = Address::parse(text, network).map_err(|error| refused(error.to_string()))?;
    address.payee().ok_or_else(|| {
        refused("addresses of this kind cannot be paid by a request".into())
            .hint("ask for an address of a key hash (P2PKH) or a script hash (P2SH)")
    })
}

/// Shows a request that pays.
pub(crate) fn show(context: &mut Context, path: &Path, wallet: &Wallet, prepared: &PreparedSend) -> Result<(), Stop> {
    let address = |payee: &Payee| Address::of_payee(wallet.network(), payee).to_string();
    let paid = |(payee, amount): &(Payee, Amount)| Paid { address: address(payee), amount: amount.atoms() };
    let shown = Shown {
        id: prepared.id.to_string(),
        check_words: check_words(&prepared.id).join(" "),
        file: path.display().to_string(),
        transaction: prepared.tx.to_string(),
        pays: prepared.paid.iter().map(paid).collect(),
        fee: prepared.fee.atoms(),
        change: prepared.change.map(Amount::atoms),
        inputs: prepared.inputs,
        coins_left: prepared.left,
    };
    let money = context.money();
    context.facts(&shown, |out, shown| {
        out.line(format_args!("request      {}", shown.file))?;
        out.line(format_args!("id           {}", shown.id))?;
        out.line(format_args!("check words  {}", shown.check_words))?;
        for (number, (payee, amount)) in prepared.paid.iter().enumerate() {
            let name = if number == 0 { "pays" } else { "" };
            out.line(format_args!("{name:<12} {} to {}", money.of(*amount), address(payee)))?;
        }
        let coins = count(shown.inputs, "coin");
        out.line(format_args!("fee          {}, for {coins} spent", money.of(prepared.fee)))?;
        out.line(format_args!("returns      {}", money.of(prepared.change.unwrap_or_default())))
    })
}
