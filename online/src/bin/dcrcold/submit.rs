//! `dcrcold submit`: checks an answer and sends what it completes.

use std::io::stdin;
use std::path::Path;

use dcrcold::wallet::SystemClock;
use dcrcold::wallet::purchase::Submitted;
use dcrcold_signer::cli::{Failure, STDIO, Stop};
use dcrcold_signer::file;
use dcrcold_signer::transfer::Container;
use serde::Serialize;

use crate::context::Context;
use crate::failure::Explain;
use crate::sync::sync;
use crate::wallet::LARGEST_TRANSFER;

#[derive(Serialize)]
struct Shown {
    request: String,
    split: Option<String>,
    tickets: Vec<String>,
    known_before: usize,
}

pub(crate) fn run(context: &mut Context, answer: &Path) -> Result<(), Stop> {
    let container = Container::parse(&read(answer)?).explain()?;
    let mut wallet = context.wallet()?;
    // Verified and kept before anything else can fail: the trip to the signer is not made twice.
    let id = wallet.accept(&container, &SystemClock).explain()?;
    let mut source = context.source(wallet.network()).map_err(kept)?;
    sync(&mut wallet, source.as_mut()).map_err(kept)?;
    let submitted = wallet.send(&id, source.as_mut(), &SystemClock).explain()?;
    show(context, &submitted)
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

fn show(context: &mut Context, submitted: &Submitted) -> Result<(), Stop> {
    let shown = Shown {
        request: submitted.id.to_string(),
        split: submitted.split.map(|split| split.to_string()),
        tickets: submitted.tickets.iter().map(ToString::to_string).collect(),
        known_before: submitted.known_before,
    };
    context.facts(&shown, |out, shown| {
        if let Some(split) = &shown.split {
            out.line(format_args!("split   {split}"))?;
        }
        for ticket in &shown.tickets {
            out.line(format_args!("ticket  {ticket}"))?;
        }
        let sent = shown.tickets.len() + usize::from(shown.split.is_some()) - shown.known_before;
        out.line(format_args!("{sent} transactions sent, {} were known before", shown.known_before))
    })
}
