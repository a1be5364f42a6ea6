//! `dcrcold submit`: checks an answer and sends what it completes.

use std::io::stdin;
use std::path::Path;

use dcrcold::chain::ChainSource;
use dcrcold::plural::count;
use dcrcold::wallet::purchase::{PurchaseError, Submitted};
use dcrcold::wallet::{SyncReport, SystemClock, Wallet};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TransferId;
use dcrcold_signer::cli::{Failure, STDIO, Stop};
use dcrcold_signer::file;
use dcrcold_signer::rebuild::SignedRegistration;
use dcrcold_signer::transfer::{Answer, Container, Content, plain_form};
use dcrcold_signer::tx::Transaction;
use serde::Serialize;

use crate::cli::SubmitArgs;
use crate::context::Context;
use crate::failure::Explain;
use crate::late;
use crate::money::Money;
use crate::screen::Screen;
use crate::sync::sync;
use crate::wallet::LARGEST_TRANSFER;

#[derive(Serialize)]
pub(crate) struct Sent {
    request: String,
    payment: Option<String>,
    split: Option<String>,
    tickets: Vec<String>,
    known_before: usize,
    /// How many of the tickets are mined.
    mined: u32,
    /// How many of the others can be mined before the price changes, where that is not all of them and matters.
    in_time: Option<u32>,
}

/// A standing order; amounts in atoms.
#[derive(Serialize)]
pub(crate) struct Kept {
    request: String,
    standing: bool,
    tickets: u32,
    locked_per_ticket: u64,
    price: u64,
    expiry: u32,
}

pub(crate) fn run(context: &mut Context, args: &SubmitArgs) -> Result<(), Stop> {
    let (container, mut wallet) = match (&args.answer, &args.kept) {
        (_, Some(id)) => {
            let wallet = context.wallet()?;
            (wallet.kept_answer(id).explain()?, wallet)
        }
        (answer, None) => {
            let path = answer.as_deref().unwrap_or(Path::new(STDIO));
            (Container::parse(&read(path)?).explain()?, context.wallet()?)
        }
    };
    if args.print {
        return print(context, &wallet, args.request.as_deref(), &container);
    }
    let outcome = carry_out(context, &mut wallet, &container, args.when_price_fits, &mut sync)?;
    show(context, &outcome)
}

/// What came of an answer.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Outcome {
    Sent(Sent),
    /// The price has not come.
    Kept(Kept),
    /// Of a request of `vsp register`.
    Registered {
        registrations: Vec<String>,
    },
}

/// Verifies an answer, keeps it, and sends what it completes, now or as a standing order; `sync` brings the wallet up to
/// date before that.
pub(crate) fn carry_out(
    context: &Context,
    wallet: &mut Wallet,
    answer: &Container,
    standing: bool,
    sync: &mut dyn FnMut(&mut Wallet, &mut dyn ChainSource) -> Result<SyncReport, Failure>,
) -> Result<Outcome, Failure> {
    // Verified and kept before anything else can fail: the trip to the signer is not made twice.
    if wallet.is_registration_request(&Answer::from_container(answer).explain()?.request).explain()? {
        // The messages are for VSPs; there is nothing to send.
        let tickets = wallet.accept_registrations(answer).explain()?;
        return Ok(Outcome::Registered { registrations: tickets.iter().map(ToString::to_string).collect() });
    }
    let id = wallet.accept(answer, &SystemClock).explain()?;
    let is_kept = |failure: Failure| answer_kept(failure, &id);
    let mut source = context.source(wallet.network()).map_err(is_kept)?;
    sync(wallet, source.as_mut()).map_err(is_kept)?;
    match wallet.send(&id, source.as_mut(), &SystemClock) {
        Ok(submitted) => {
            let mut sent = sent(&submitted, mined(wallet, &id)?);
            // It is sent: what can be told of the price is told.
            sent.in_time = source.price().ok().and_then(|window| wallet.in_time(&id, &window).ok().flatten());
            Ok(Outcome::Sent(sent))
        }
        Err(error) if standing && late::awaits_price(wallet, source.as_mut(), &id, &error) => {
            wallet.keep_standing(&id, &SystemClock).explain()?;
            kept(wallet, source.as_mut(), &id)
        }
        Err(error) => Err(late::explain(wallet, source.as_mut(), &id, error)),
    }
}

fn mined(wallet: &Wallet, id: &TransferId) -> Result<u32, Failure> {
    Ok(wallet.purchases().explain()?.iter().find(|record| record.id == *id).map_or(0, |record| record.mined))
}

fn kept(wallet: &Wallet, source: &mut dyn ChainSource, id: &TransferId) -> Result<Outcome, Failure> {
    let record = wallet.purchases().explain()?.into_iter().find(|record| record.id == *id);
    let record = record.ok_or(PurchaseError::UnknownRequest { id: *id }).explain()?;
    Ok(Outcome::Kept(Kept {
        request: id.to_string(),
        standing: true,
        tickets: record.tickets,
        locked_per_ticket: record.amount.atoms(),
        price: source.price().explain()?.next.atoms(),
        expiry: record.expiry.0,
    }))
}

/// Transactions as `sendrawtransaction` takes them, registrations as a VSP does.
#[derive(Serialize)]
struct Printed {
    funding: Option<String>,
    tickets: Vec<String>,
    registrations: Vec<PrintedRegistration>,
}

#[derive(Serialize)]
struct PrintedRegistration {
    ticket: String,
    body: String,
    signature: String,
}

/// Prints what the answer completes, for those who send it by other means.
fn print(context: &mut Context, wallet: &Wallet, request: Option<&Path>, answer: &Container) -> Result<(), Stop> {
    let request = match request {
        Some(file) => plain_form(&read(file)?).explain()?.into_owned(),
        None => wallet.request(&Answer::from_container(answer).explain()?.request).explain()?,
    };
    let completed = wallet.completed(&request, answer).explain()?;
    let hex = |tx: &Transaction| base16ct::lower::encode_string(&tx.encode());
    let registration = |registration: &SignedRegistration| PrintedRegistration {
        ticket: registration.ticket.to_string(),
        body: registration.body.clone(),
        signature: registration.signature.to_string(),
    };
    let printed = Printed {
        funding: completed.funding.as_ref().map(hex),
        tickets: completed.tickets.iter().map(hex).collect(),
        registrations: completed.registrations.iter().map(registration).collect(),
    };
    context.facts(&printed, |out, printed| {
        let transactions = printed.funding.iter().chain(&printed.tickets);
        transactions.into_iter().try_for_each(|tx| out.whole(tx))?;
        let lines = printed.registrations.iter().map(|it| format!("{} {}", it.signature, it.body));
        lines.into_iter().try_for_each(|line| out.whole(line))
    })
}

/// Reads a transfer from a file or standard input.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    if path.as_os_str() == STDIO {
        return file::read_from(stdin().lock(), path, LARGEST_TRANSFER).explain();
    }
    file::read(path, LARGEST_TRANSFER).explain()
}

fn answer_kept(failure: Failure, id: &TransferId) -> Failure {
    failure.hint(format!("the answer is right and kept; send it with: dcrcold submit --kept {id}"))
}

fn sent(submitted: &Submitted, mined: u32) -> Sent {
    Sent {
        request: submitted.id.to_string(),
        payment: submitted.payment.map(|payment| payment.to_string()),
        split: submitted.split.map(|split| split.to_string()),
        tickets: submitted.tickets.iter().map(ToString::to_string).collect(),
        known_before: submitted.known_before,
        mined,
        in_time: None,
    }
}

fn show(context: &mut Context, outcome: &Outcome) -> Result<(), Stop> {
    let money = context.money();
    context.facts(outcome, |out, outcome| match outcome {
        Outcome::Kept(kept) => show_kept(out, kept, money),
        Outcome::Registered { registrations } => {
            registrations.iter().try_for_each(|ticket| out.line(format_args!("registration of ticket {ticket}")))?;
            out.line("kept; hand them to a VSP with: dcrcold vsp register")
        }
        Outcome::Sent(sent) => show_sent(out, sent),
    })
}

fn show_kept(out: &mut Screen, kept: &Kept, money: Money) -> Result<(), Stop> {
    let amount = |atoms| money.of(Amount::from_atoms(atoms).unwrap_or_default());
    let (price, locked) = (amount(kept.price), amount(kept.locked_per_ticket));
    out.line(format_args!("kept as a standing order: the price is {price}"))?;
    out.line(format_args!("sent when it is {locked} or less, until block {}", kept.expiry))?;
    out.line("dcrcold sync and dcrcold tickets --watch look for it; dcrcold cancel gives it up")
}

fn show_sent(out: &mut Screen, sent: &Sent) -> Result<(), Stop> {
    if let Some(payment) = &sent.payment {
        out.line(format_args!("payment {payment}"))?;
    }
    if let Some(split) = &sent.split {
        out.line(format_args!("split   {split}"))?;
    }
    for ticket in &sent.tickets {
        out.line(format_args!("ticket  {ticket}"))?;
    }
    let all = sent.payment.iter().chain(&sent.split).chain(&sent.tickets).count();
    let now = all - sent.known_before;
    out.line(format_args!("{} sent, {} were known before", count(now, "transaction"), sent.known_before))?;
    let waiting = sent.tickets.len().saturating_sub(usize::try_from(sent.mined).unwrap_or(usize::MAX));
    if sent.mined > 0 {
        out.line(format_args!("{} mined, {waiting} to go", count(sent.mined, "ticket")))?;
    }
    let Some(in_time) = sent.in_time else { return Ok(()) };
    out.line(format_args!("{in_time} of {waiting} tickets at most are mined before the price changes"))?;
    out.line("the others wait; if it rises above what they lock, nodes forget them, and then:")?;
    out.line(format_args!("dcrcold buy --again {}", sent.request))
}
