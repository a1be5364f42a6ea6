//! `dcrcold voter run`: votes until it is told to end.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use dcrcold::chain::{ChainError, VoteSource};
use dcrcold::voter::{Cast, Folder, Health, Metrics, Outcome, Report, Station, VoterError};
use dcrcold::wallet::{Clock, SystemClock, Wallet};
use dcrcold_signer::cli::{Failure, Stop};
use serde::Serialize;

use super::{folder, open_all};
use crate::cli::VoterRunArgs;
use crate::context::Context;
use crate::ending::Ending;
use crate::failure::Explain;

/// How long to wait for news before looking whether to end.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long one who votes once waits for the source to tell who is called.
const ONCE: Duration = Duration::from_secs(5);
/// How long to wait after the first failure; twice as long after each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How often health is written down when nothing happens.
const HEARTBEAT: Duration = Duration::from_secs(10);

pub(super) fn run(context: &mut Context, args: &VoterRunArgs) -> Result<(), Stop> {
    let folder = folder(context)?;
    let known = folder.hot_voters();
    let chosen = if args.voters.is_empty() { &known } else { &args.voters };
    let voters = open_all(&folder, chosen, &args.passphrases.passphrase_files)?;
    let _lock = folder.lock().explain()?;
    let mut station = Station::open(&folder, voters).explain()?;
    expect_known(context, &mut station)?;
    let mut source = context.vote_source(station.network())?;
    // What is wrong for ever, rights that are missing for one, is told at once.
    let report = station.attend(source.as_mut(), &SystemClock, Duration::ZERO).explain()?;
    let mut daemon = Daemon::new(context, &folder, args, station)?;
    if args.once { daemon.once(report, source.as_mut()) } else { daemon.until_told(report, source.as_mut()) }
}

/// Lets the wallet, where there is one, say which indexes are in use.
fn expect_known(context: &Context, station: &mut Station) -> Result<(), Failure> {
    let path = context.wallet_path()?;
    if !path.exists() {
        return Ok(());
    }
    let wallet = Wallet::open(&path).explain()?;
    let network = station.network();
    if wallet.network() != network {
        return Ok(());
    }
    for voter in wallet.voters().explain()? {
        let highest = wallet.highest_voter_index(&voter).explain()?;
        station.expect(&voter.fingerprint(network), highest).explain()?;
    }
    Ok(())
}

/// A vote, as it is printed.
#[derive(Serialize)]
struct Printed {
    event: &'static str,
    ticket: String,
    block: String,
    height: u32,
    vote: String,
    again: bool,
    reason: Option<String>,
}

struct Daemon<'a> {
    context: &'a mut Context,
    folder: &'a Folder,
    station: Station,
    health: Arc<Mutex<Health>>,
    ending: Ending,
    written: Instant,
}

impl<'a> Daemon<'a> {
    fn new(
        context: &'a mut Context,
        folder: &'a Folder,
        args: &VoterRunArgs,
        station: Station,
    ) -> Result<Self, Failure> {
        let ending = Ending::by_signals()?;
        let voters = station.voters().map(ToString::to_string).collect();
        let health = Arc::new(Mutex::new(Health::new(station.network(), voters, SystemClock.now())));
        if let Some(address) = args.metrics {
            let metrics = Metrics::serve(address, Arc::clone(&health)).explain()?;
            context.tell(format_args!("metrics at http://{}/metrics", metrics.address()));
        }
        Ok(Self { context, folder, station, health, ending, written: Instant::now() })
    }

    /// Votes on the present tip.
    fn once(&mut self, report: Report, source: &mut dyn VoteSource) -> Result<(), Stop> {
        self.take(report)?;
        let until = Instant::now() + ONCE;
        while self.station.answered() == 0 || !self.station.is_caught_up() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() && self.station.is_caught_up() {
                break;
            }
            let report = self.station.attend(source, &SystemClock, left).explain()?;
            self.take(report)?;
        }
        Ok(())
    }

    /// Votes until a signal says to end; what fails is tried again.
    fn until_told(&mut self, report: Report, source: &mut dyn VoteSource) -> Result<(), Stop> {
        self.heed(report);
        let mut pause = FIRST_PAUSE;
        while !self.ending.is_told() {
            match self.station.attend(source, &SystemClock, PATIENCE) {
                Ok(report) => {
                    pause = FIRST_PAUSE;
                    self.heed(report);
                }
                Err(error) => {
                    self.fail(error);
                    self.ending.sleep(pause);
                    pause = LONGEST_PAUSE.min(pause * 2);
                }
            }
        }
        self.change(|health| health.connected = false);
        self.write();
        self.context.tell("voter: told to end");
        Ok(())
    }

    /// Prints and counts what the station did.
    fn take(&mut self, report: Report) -> Result<(), Stop> {
        let happened = !report.cast.is_empty() || !report.skipped.is_empty() || !report.problems.is_empty();
        let mut printed = Ok(());
        for cast in &report.cast {
            printed = printed.and(self.print(cast));
        }
        for (block, skip) in &report.skipped {
            self.problem(format!("block {} is not voted on: {skip}", block.height));
        }
        for problem in report.problems {
            self.problem(problem);
        }
        let totals = self.station.totals().explain()?;
        let caught_up = self.station.is_caught_up();
        let skipped = u64::try_from(report.skipped.len()).unwrap_or_default();
        let new_tip = self.change(|health| {
            let before = health.tip.clone();
            health.connected = true;
            health.caught_up = caught_up;
            health.blocks_skipped += skipped;
            health.see_totals(&totals);
            report.tip.iter().for_each(|tip| health.see_tip(tip));
            health.tip != before
        });
        if happened || new_tip || self.written.elapsed() > HEARTBEAT {
            self.write();
        }
        printed
    }

    /// Does the same for one who goes on: whoever does not read what is printed, or keeps it on a full disk, keeps
    /// nobody from voting.
    fn heed(&mut self, report: Report) {
        match self.take(report) {
            Ok(()) => {}
            Err(Stop::Failure(failure)) => self.problem(failure.to_string()),
            Err(Stop::ClosedPipe) => self.problem("nobody reads the votes that are printed".to_owned()),
        }
    }

    fn print(&mut self, cast: &Cast) -> Result<(), Stop> {
        let (event, reason) = match &cast.outcome {
            Outcome::Sent | Outcome::Known => ("voted", None),
            Outcome::VotedOtherwise => ("voted-otherwise", None),
            Outcome::Late => ("late", None),
            Outcome::Refused { reason } => ("refused", Some(reason.clone())),
        };
        let printed = Printed {
            event,
            ticket: cast.ticket.to_string(),
            block: cast.block.hash.to_string(),
            height: cast.block.height.0,
            vote: cast.vote.to_string(),
            again: !cast.first,
            reason,
        };
        let Printed { ticket, height, vote, .. } = &printed;
        let line = match &cast.outcome {
            Outcome::Sent | Outcome::Known => format!("ticket {ticket} votes on block {height}: {vote}"),
            Outcome::VotedOtherwise => format!("ticket {ticket} voted on block {height} with other choices before"),
            Outcome::Late => format!("ticket {ticket}: vote on block {height} came too late"),
            Outcome::Refused { reason } => format!("ticket {ticket}: vote on block {height} refused: {reason}"),
        };
        self.context.event(&printed, line)
    }

    fn fail(&mut self, error: VoterError) {
        if matches!(error, VoterError::Chain(ChainError::Unavailable(_))) {
            self.change(|health| {
                health.disconnections += u64::from(health.connected);
                health.connected = false;
            });
        }
        let failure = Err::<(), _>(error).explain().err();
        self.problem(failure.map(|failure| failure.to_string()).unwrap_or_default());
        self.write();
    }

    /// Tells of a problem, unless it is the same as before.
    fn problem(&self, problem: String) {
        let known = self.change(|health| health.last_problem.as_ref() == Some(&problem));
        if !known {
            self.context.tell(format_args!("voter: {problem}"));
        }
        self.change(|health| health.last_problem = Some(problem));
    }

    fn change<R>(&self, change: impl FnOnce(&mut Health) -> R) -> R {
        change(&mut self.health.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes health down; a full disk keeps nobody from voting.
    fn write(&mut self) {
        self.written = Instant::now();
        let written = self.change(|health| {
            health.updated = SystemClock.now().0;
            health.write(&self.folder.health_file())
        });
        if let Err(error) = written {
            self.context.tell(format_args!("voter: health cannot be written down: {error}"));
        }
    }
}

/// Answers the calls of the present tip: for somebody who mines the next block.
pub(crate) fn attend(station: &mut Station, source: &mut dyn VoteSource) -> Result<Report, Failure> {
    loop {
        let report = station.attend(source, &SystemClock, Duration::ZERO).explain()?;
        if report.tip.is_some() {
            return Ok(report);
        }
    }
}
