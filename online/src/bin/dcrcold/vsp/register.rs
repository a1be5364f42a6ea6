//! `dcrcold vsp register`: hands tickets to a VSP, step by step, and goes on where it stopped.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use dcrcold::vsp_client::VspClient;
use dcrcold::wallet::vsp_tickets::{VspState, VspTicket};
use dcrcold::wallet::{KnownVsp, PreparedRegistration, SystemClock, Wallet};
use dcrcold_core::hash::{Fingerprint, TxId};
use dcrcold_core::words::check_words;
use dcrcold_signer::cli::{Failure, FailureKind, Stop};
use dcrcold_signer::file::{self, FileError, Readers};
use serde::Serialize;

use super::keys::{Keys, check_owners};
use super::status::{Row, lines};
use super::work::Work;
use crate::cli::RegisterArgs;
use crate::context::Context;
use crate::failure::Explain;
use crate::sync::sync;

/// A request for the cold side.
#[derive(Serialize)]
struct Request {
    file: String,
    id: String,
    check_words: String,
    tickets: Vec<String>,
}

#[derive(Serialize)]
struct Shown {
    requests: Vec<Request>,
    tickets: Vec<Row>,
}

pub(super) fn run(context: &mut Context, args: &RegisterArgs) -> Result<(), Stop> {
    let mut wallet = context.wallet()?;
    let mut source = context.source(wallet.network())?;
    sync(&mut wallet, source.as_mut())?;
    wallet.rebroadcast(source.as_mut()).explain()?;
    let vsp = super::known(&wallet, args.vsp.as_ref())?;
    let voter = voter(context, &wallet, args)?;
    check_owners(context, &wallet, voter, &args.tickets)?;
    let unsigned = want(&mut wallet, &vsp, &voter, &args.tickets)?;
    let requests = ask_cold(&mut wallet, voter, &unsigned, args.out.as_deref())?;
    let mut rows = wallet.tickets_with(&vsp.address).explain()?;
    rows.retain(|row| row.voter == voter && row.state != VspState::Ended);
    if rows.is_empty() {
        return show(context, requests, &rows);
    }
    let keys = Keys::open(context, &wallet, voter, &rows, &args.passphrases.passphrase_files)?;
    let client = VspClient::new(vsp.address.clone(), Some(vsp.key), &super::http(context));
    let (wallet, source, held) = (&mut wallet, source.as_mut(), HashMap::new());
    let mut work = Work { wallet, source, keys: &keys, client, vsp, args, held };
    work.go(context)?;
    let rows = work.rows()?;
    show(context, requests, &rows)?;
    work.verdict(&rows)
}

/// The voter whose keys deal with the VSP.
fn voter(context: &Context, wallet: &Wallet, args: &RegisterArgs) -> Result<Fingerprint, Failure> {
    let own = wallet.own_voter().map(|own| own.fingerprint(wallet.network()));
    match (args.voter.voter, own) {
        (Some(named), _) => Ok(named),
        (None, Some(own)) => super::hot_voter(context, None).or(Ok(own)),
        (None, None) => super::hot_voter(context, None),
    }
}

/// Means tickets for the VSP; returns those that the cold side has to sign a message for first.
fn want(wallet: &mut Wallet, vsp: &KnownVsp, voter: &Fingerprint, named: &[TxId]) -> Result<Vec<TxId>, Failure> {
    let meant = wallet.tickets_meant_for(&vsp.address, voter).explain()?;
    let mut unsigned = Vec::new();
    for ticket in if named.is_empty() { &meant } else { named } {
        let dealing = wallet.tickets_with(&vsp.address).explain()?.into_iter().find(|row| row.ticket == *ticket);
        if let Some(row) = dealing.filter(|row| row.voter != *voter && is_told(row)) {
            let message = format!("the VSP deals for ticket {ticket} with a key of voter {}", row.voter);
            let hint = format!("a VSP takes one key for each ticket, so that one goes on: --voter {}", row.voter);
            return Err(Failure::new(FailureKind::Failed, message).hint(hint));
        }
        match wallet.registration(ticket, voter).explain()? {
            Some(registration) => {
                let key = (*voter, registration.index);
                wallet.want_vsp(ticket, &vsp.address, key, &SystemClock).explain()?;
            }
            None => unsigned.push(*ticket),
        }
    }
    Ok(unsigned)
}

/// Whether the VSP may know the key that deals for a ticket.
fn is_told(row: &VspTicket) -> bool {
    row.payment.is_some() || !matches!(row.state, VspState::Wanted | VspState::Ended)
}

/// Writes requests for the messages that are missing.
fn ask_cold(
    wallet: &mut Wallet,
    voter: Fingerprint,
    tickets: &[TxId],
    out: Option<&Path>,
) -> Result<Vec<Request>, Failure> {
    if tickets.is_empty() {
        return Ok(Vec::new());
    }
    let Some(out) = out else {
        let message = format!("{} tickets have no message of the cold side for this voter", tickets.len());
        let hint = "make a request for the cold side with --out FILE, and hand its answer to dcrcold submit";
        return Err(Failure::new(FailureKind::Usage, message).hint(hint));
    };
    let prepared = wallet.prepare_registrations(Some(voter), tickets, &SystemClock).explain()?;
    prepared.iter().enumerate().map(|(number, request)| write(out, number, request)).collect()
}

fn write(out: &Path, number: usize, request: &PreparedRegistration) -> Result<Request, Failure> {
    let path = numbered(out, number);
    if path.symlink_metadata().is_ok() {
        return Err(FileError::Exists { path }).explain();
    }
    file::write_new(&path, &request.request, Readers::Everybody).explain()?;
    Ok(Request {
        file: path.display().to_string(),
        id: request.id.to_string(),
        check_words: check_words(&request.id).join(" "),
        tickets: request.tickets.iter().map(ToString::to_string).collect(),
    })
}

/// The file as it was named, then with 2, 3 and so on behind the name.
fn numbered(out: &Path, number: usize) -> PathBuf {
    if number == 0 {
        return out.to_owned();
    }
    let stem = out.file_stem().unwrap_or_default().to_string_lossy();
    let end = out.extension().map_or_else(String::new, |end| format!(".{}", end.to_string_lossy()));
    out.with_file_name(format!("{stem}-{}{end}", number + 1))
}

fn show(context: &mut Context, requests: Vec<Request>, rows: &[VspTicket]) -> Result<(), Stop> {
    let shown = Shown { requests, tickets: rows.iter().map(Row::from).collect() };
    let money = context.money();
    context.facts(&shown, |out, shown| {
        for request in &shown.requests {
            out.line(format_args!("request      {}, {} tickets", request.file, request.tickets.len()))?;
            out.line(format_args!("id           {}", request.id))?;
            out.line(format_args!("check words  {}", request.check_words))?;
        }
        if !shown.requests.is_empty() {
            out.line("Let the cold side sign it, hand the answer to dcrcold submit, and run this again.")?;
        }
        if shown.requests.is_empty() || !shown.tickets.is_empty() {
            lines(&shown.tickets, money).iter().try_for_each(|line| out.line(line))?;
        }
        Ok(())
    })
}
