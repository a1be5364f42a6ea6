//! `dcrcold submit`: checks an answer and sends what it completes.

use std::io::stdin;
use std::path::Path;

use dcrcold::chain::ChainSource;
use dcrcold::wallet::purchase::Submitted;
use dcrcold::wallet::{SyncReport, SystemClock, Wallet};
use dcrcold_signer::cli::{Failure, STDIO, Stop};
use dcrcold_signer::file;
use dcrcold_signer::rebuild::SignedRegistration;
use dcrcold_signer::transfer::{Answer, Container, Content, plain_form};
use dcrcold_signer::tx::Transaction;
use serde::Serialize;

use crate::cli::SubmitArgs;
use crate::context::Context;
use crate::failure::Explain;
use crate::sync::sync;
use crate::wallet::LARGEST_TRANSFER;

#[derive(Serialize)]
pub(crate) struct Sent {
    request: String,
    payment: Option<String>,
    split: Option<String>,
    tickets: Vec<String>,
    known_before: usize,
}

pub(crate) fn run(context: &mut Context, args: &SubmitArgs) -> Result<(), Stop> {
    let container = Container::parse(&read(&args.answer)?).explain()?;
    let mut wallet = context.wallet()?;
    if args.print {
        return print(context, &wallet, args.request.as_deref(), &container);
    }
    let outcome = carry_out(context, &mut wallet, &container, &mut sync)?;
    show(context, &outcome)
}

/// What came of an answer.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Outcome {
    Sent(Sent),
    /// Of a request of `vsp register`.
    Registered {
        registrations: Vec<String>,
    },
}

/// Verifies an answer, keeps it, and sends what it completes; `sync` brings the wallet up to date before that.
pub(crate) fn carry_out(
    context: &Context,
    wallet: &mut Wallet,
    answer: &Container,
    sync: &mut dyn FnMut(&mut Wallet, &mut dyn ChainSource) -> Result<SyncReport, Failure>,
) -> Result<Outcome, Failure> {
    // Verified and kept before anything else can fail: the trip to the signer is not made twice.
    if wallet.is_registration_request(&Answer::from_container(answer).explain()?.request).explain()? {
        // The messages are for VSPs; there is nothing to send.
        let tickets = wallet.accept_registrations(answer).explain()?;
        return Ok(Outcome::Registered { registrations: tickets.iter().map(ToString::to_string).collect() });
    }
    let id = wallet.accept(answer, &SystemClock).explain()?;
    let mut source = context.source(wallet.network()).map_err(kept)?;
    sync(wallet, source.as_mut()).map_err(kept)?;
    let submitted = wallet.send(&id, source.as_mut(), &SystemClock).explain()?;
    Ok(Outcome::Sent(Sent::from(&submitted)))
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
        transactions.into_iter().try_for_each(|tx| out.line(tx))?;
        let lines = printed.registrations.iter().map(|it| format!("{} {}", it.signature, it.body));
        lines.into_iter().try_for_each(|line| out.line(line))
    })
}

/// Reads a transfer from a file or standard input.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    if path.as_os_str() == STDIO {
        return file::read_from(stdin().lock(), path, LARGEST_TRANSFER).explain();
    }
    file::read(path, LARGEST_TRANSFER).explain()
}

fn kept(failure: Failure) -> Failure {
    failure.hint("the answer is right and kept; run the same command again to send it")
}

impl From<&Submitted> for Sent {
    fn from(submitted: &Submitted) -> Self {
        Self {
            request: submitted.id.to_string(),
            payment: submitted.payment.map(|payment| payment.to_string()),
            split: submitted.split.map(|split| split.to_string()),
            tickets: submitted.tickets.iter().map(ToString::to_string).collect(),
            known_before: submitted.known_before,
        }
    }
}

fn show(context: &mut Context, outcome: &Outcome) -> Result<(), Stop> {
    context.facts(outcome, |out, outcome| match outcome {
        Outcome::Registered { registrations } => {
            registrations.iter().try_for_each(|ticket| out.line(format_args!("registration of ticket {ticket}")))?;
            out.line("kept; hand them to a VSP with: dcrcold vsp register")
        }
        Outcome::Sent(sent) => {
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
            out.line(format_args!("{now} transactions sent, {} were known before", sent.known_before))
        }
    })
}
