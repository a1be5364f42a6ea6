//! `dcrcold vsp register`: hands tickets to a VSP, step by step, and goes on where it stopped.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dcrcold::chain::ChainSource;
use dcrcold::delegate::{Delegate, DelegateError, Terms};
use dcrcold::voter::HotVoter;
use dcrcold::vsp_client::{Retry, VspClient};
use dcrcold::wallet::vsp_tickets::{VspState, VspTicket};
use dcrcold::wallet::{Clock, KnownVsp, PreparedRegistration, SystemClock, Wallet};
use dcrcold_core::hash::{Fingerprint, TxId};
use dcrcold_core::words::check_words;
use dcrcold_signer::cli::{Failure, FailureKind, Stop};
use dcrcold_signer::file::{self, FileError, Readers};
use serde::Serialize;

use super::status::{Row, lines};
use crate::cli::RegisterArgs;
use crate::context::Context;
use crate::failure::Explain;
use crate::sync::sync;

/// How long to wait for a block before looking at what is to be tried again.
const PATIENCE: Duration = Duration::from_secs(10);

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
    let unsigned = want(&mut wallet, &vsp, &voter, &args.tickets)?;
    let requests = ask_cold(&mut wallet, voter, &unsigned, args.out.as_deref())?;
    let ours = |row: &VspTicket| row.voter == voter && row.state != VspState::Ended;
    if wallet.tickets_with(&vsp.address).explain()?.iter().any(ours) {
        let keys = super::hot_keys(context, &voter, &args.passphrase)?;
        let client = VspClient::new(vsp.address.clone(), Some(vsp.key), &args.http.settings());
        let mut work = Work { wallet: &mut wallet, source: source.as_mut(), keys: &keys, client, vsp, args };
        work.go(context)?;
        let rows = work.rows()?;
        show(context, requests, &rows)?;
        return verdict(&rows);
    }
    show(context, requests, &[])
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

/// What it takes to work on tickets again and again.
struct Work<'a> {
    wallet: &'a mut Wallet,
    source: &'a mut dyn ChainSource,
    keys: &'a HotVoter,
    client: VspClient,
    vsp: KnownVsp,
    args: &'a RegisterArgs,
}

impl Work<'_> {
    fn go(&mut self, context: &mut Context) -> Result<(), Stop> {
        let (mut failures, mut wait) = (0, false);
        loop {
            match self.advance(wait)? {
                Ok(()) => failures = 0,
                Err(error) if !self.args.watch => return Err(error).explain()?,
                Err(error) => {
                    failures += 1;
                    context.tell(format_args!("note: {error}"));
                }
            }
            let rows = self.rows()?;
            let open = rows.iter().filter(|row| !row.state.is_settled()).count();
            if !self.args.watch || open == 0 {
                return Ok(());
            }
            let confirmed = rows.iter().filter(|row| row.state == VspState::Confirmed).count();
            context.tell(format_args!("{open} tickets to go, {confirmed} confirmed"));
            self.pause(failures)?;
            // From now on what was held up waits for its time.
            wait = true;
        }
    }

    /// Waits for the next block, or for the time of something that is to be tried again; after failures that concern the
    /// whole VSP, longer and longer.
    fn pause(&mut self, failures: u32) -> Result<(), Failure> {
        let chance = u32::try_from(SystemClock.now().0.rem_euclid(i64::from(u32::MAX))).unwrap_or_default();
        let wait = Retry::VSP.wait(failures, chance.wrapping_mul(0x9e37_79b9));
        let begin = Instant::now();
        let tip = self.source.tip().explain()?;
        let mut moved = false;
        loop {
            moved |= self.source.wait_for_tip(&tip.hash, PATIENCE).explain()?.is_some();
            let due = self.rows()?.iter().any(|row| {
                let retry_at = row.trouble.as_ref().and_then(|trouble| trouble.retry_at);
                retry_at.is_some_and(|at| at <= SystemClock.now())
            });
            if (moved || due) && (failures == 0 || begin.elapsed() >= wait) {
                break;
            }
            if moved {
                std::thread::sleep(wait.saturating_sub(begin.elapsed()).min(PATIENCE));
            }
        }
        sync(self.wallet, self.source)?;
        self.wallet.rebroadcast(self.source).explain()?;
        Ok(())
    }

    fn advance(&mut self, wait: bool) -> Result<Result<(), DelegateError>, Failure> {
        let price = self.source.price().explain()?;
        let terms = Terms { most: self.args.max_fee, retry: Retry::VSP, wait };
        let mut delegate = Delegate {
            wallet: self.wallet,
            keys: self.keys,
            client: &self.client,
            vsp: self.vsp.clone(),
            terms,
            price,
            clock: &SystemClock,
        };
        Ok(delegate.advance())
    }

    /// What is worked on here: other voters' tickets are dealt with by their own keys.
    fn rows(&self) -> Result<Vec<VspTicket>, Failure> {
        let mut rows = self.wallet.tickets_with(&self.vsp.address).explain()?;
        let voter = self.keys.fingerprint();
        rows.retain(|row| row.voter == voter && row.state != VspState::Ended);
        Ok(rows)
    }
}

fn show(context: &mut Context, requests: Vec<Request>, rows: &[VspTicket]) -> Result<(), Stop> {
    let shown = Shown { requests, tickets: rows.iter().map(Row::from).collect() };
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
            lines(&shown.tickets).iter().try_for_each(|line| out.line(line))?;
        }
        Ok(())
    })
}

/// Whether a person must look: what is only late is no failure.
fn verdict(rows: &[VspTicket]) -> Result<(), Stop> {
    let held: Vec<_> = rows.iter().filter_map(|row| row.trouble.as_ref()).collect();
    let Some(first) = held.first() else { return Ok(()) };
    let failure = Failure::new(FailureKind::Network, format!("{} tickets are held up: {}", held.len(), first.reason));
    Err(failure.hint("what was paid stays paid; run the same command again to go on").into())
}
