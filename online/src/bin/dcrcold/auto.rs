//! `dcrcold auto`: requests prepared by a rule, and somebody told that a signature is due.

use std::fs::{File, TryLockError};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use dcrcold::auto::{AutoError, Decision, Due, Hook, Round, Status, Waiting, round};
use dcrcold::chain::ChainSource;
use dcrcold::plural::count;
use dcrcold::wallet::auto::Rule;
use dcrcold::wallet::purchase::PurchaseError;
use dcrcold::wallet::{SystemClock, Wallet};
use dcrcold_signer::cli::{Failure, FailureKind, Stop};
use dcrcold_signer::file;
use serde::Serialize;

use crate::cli::{AutoCommand, AutoRunArgs, RuleArgs};
use crate::context::Context;
use crate::ending::Ending;
use crate::failure::Explain;
use crate::money::Money;
use crate::sync::sync;
use crate::vsp;

/// How long to wait for a block before looking whether to end.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the chain may grow between the sync and the question for the price.
const ATTEMPTS: usize = 5;
/// How often to look whether another process is done.
const POLL: Duration = Duration::from_millis(100);
/// How long to wait after the first failure; twice as long after each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

pub(crate) fn run(context: &mut Context, command: AutoCommand) -> Result<(), Stop> {
    match command {
        AutoCommand::Set(args) => set(context, args),
        AutoCommand::Show => {
            let wallet = context.wallet()?;
            show(context, &wallet)
        }
        AutoCommand::Off => off(context),
        AutoCommand::Run(args) => Runner::new(context, args)?.run(),
    }
}

fn set(context: &mut Context, args: RuleArgs) -> Result<(), Stop> {
    let mut wallet = context.wallet()?;
    // What is wrong with them is told now, not when the price is right.
    wallet.find_voter(args.voter).explain()?;
    let vsp = match args.vsp {
        Some(named) => Some(vsp::known(&wallet, Some(&named))?),
        None if args.solo => None,
        None => wallet.chosen_vsp().explain()?,
    };
    let folder = std::path::absolute(&args.folder)
        .map_err(|error| Failure::new(FailureKind::Usage, format!("--folder: {error}")))?;
    file::make_folder_of(&folder.join("request")).explain()?;
    let rule = Rule {
        max_price: args.max_price,
        keep: args.keep,
        tickets: args.tickets,
        max_fees: args.max_fees,
        headroom: args.headroom,
        voter: args.voter,
        vsp: vsp.map(|vsp| vsp.address),
        folder,
    };
    wallet.set_rule(Some(&rule), &SystemClock).explain()?;
    show(context, &wallet)
}

fn off(context: &mut Context) -> Result<(), Stop> {
    let mut wallet = context.wallet()?;
    let due = wallet.auto_requests().explain()?.iter().filter(|request| request.is_due()).count();
    wallet.set_rule(None, &SystemClock).explain()?;
    if due > 0 {
        let due = count(due, "request");
        context.tell(format_args!("note: waiting for a signature: {due}; dcrcold cancel gives one up"));
    }
    show(context, &wallet)
}

fn show(context: &mut Context, wallet: &Wallet) -> Result<(), Stop> {
    let rule = wallet.rule().explain()?;
    let status = Status::of(wallet, rule.as_ref(), None, None).explain()?;
    let money = context.money();
    context.facts(&status, |out, status| {
        for line in rule.as_ref().map_or_else(|| vec!["no rule is set".to_owned()], |rule| lines(rule, money)) {
            out.line(line)?;
        }
        for due in &status.requests {
            out.line(format_args!("window {}  {}: {}", due.window, due.state, due.line()))?;
        }
        Ok(())
    })
}

/// The rule for people.
fn lines(rule: &Rule, money: Money) -> Vec<String> {
    let votes = rule.voter.map_or_else(|| "the account's own voter".to_owned(), |voter| voter.to_string());
    let vsp = rule.vsp.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
    vec![
        format!("at most      {} a price window", count(rule.tickets, "ticket")),
        format!("each locks   {} at most, {} above the price", money.of(rule.max_price), rule.headroom),
        format!("keeps        {} spendable", money.of(rule.keep)),
        format!("fees         {} a request at most", money.of(rule.max_fees)),
        format!("votes        {votes}"),
        format!("VSP          {vsp}"),
        format!("folder       {}", rule.folder.display()),
    ]
}

/// Something that happened, and the facts of it.
#[derive(Serialize)]
struct Event<'a, T> {
    event: &'a str,
    #[serde(flatten)]
    facts: &'a T,
}

struct Runner<'a> {
    context: &'a mut Context,
    args: AutoRunArgs,
    wallet: Wallet,
    lock: PathBuf,
    ending: Ending,
    /// What the rule said last.
    said: Option<Decision>,
}

impl<'a> Runner<'a> {
    fn new(context: &'a mut Context, args: AutoRunArgs) -> Result<Self, Failure> {
        let wallet = context.wallet()?;
        if wallet.rule().explain()?.is_none() {
            let failure = Failure::new(FailureKind::Usage, "no rule is set");
            return Err(
                failure.hint("set one with: dcrcold auto set --max-price DCR --keep DCR --tickets COUNT --folder DIR")
            );
        }
        let ending = Ending::by_signals()?;
        let mut lock = context.wallet_path()?.into_os_string();
        lock.push("-auto");
        Ok(Self { context, args, wallet, lock: lock.into(), ending, said: None })
    }

    fn run(mut self) -> Result<(), Stop> {
        let mut pause = FIRST_PAUSE;
        let mut source = None;
        while !self.ending.is_told() {
            match self.round(&mut source) {
                Ok(()) if self.args.once => return Ok(()),
                Ok(()) => pause = FIRST_PAUSE,
                Err(Stop::Failure(failure)) if !self.args.once => {
                    self.context.tell(format_args!("auto: {failure}"));
                    // Whatever was connected may be the reason.
                    source = None;
                    self.ending.sleep(pause);
                    pause = LONGEST_PAUSE.min(pause * 2);
                }
                Err(stop) => return Err(stop),
            }
        }
        self.context.tell("auto: told to end");
        Ok(())
    }

    /// Follows the chain, does what the rule says, and waits for the next block.
    fn round(&mut self, source: &mut Option<Box<dyn ChainSource>>) -> Result<(), Stop> {
        if source.is_none() {
            *source = Some(self.context.source(self.wallet.network())?);
        }
        let Some(source) = source else { return Ok(()) };
        let Some(lock) = self.lock()? else { return Ok(()) };
        let done = self.follow(source.as_mut())?;
        drop(lock);
        let unwritten = self.report(done)?;
        if let Some(first) = unwritten.into_iter().next() {
            return Err(first).explain().map_err(Stop::from);
        }
        let tip = source.tip().explain()?;
        while !self.args.once && !self.ending.is_told() {
            if source.wait_for_tip(&tip.hash, PATIENCE).explain()?.is_some() {
                break;
            }
        }
        Ok(())
    }

    /// Does a round at a block that the wallet and the source agree on.
    fn follow(&mut self, source: &mut dyn ChainSource) -> Result<Round, Failure> {
        let limit = Duration::from_secs(self.args.hook_limit);
        let hook = self.args.hook.clone().map(|program| Hook { program, patience: limit });
        for _ in 1..ATTEMPTS {
            sync(&mut self.wallet, source)?;
            match round(&mut self.wallet, source, hook.as_ref(), &SystemClock) {
                Err(AutoError::Purchase(PurchaseError::Behind { .. })) => {}
                done => return done.explain(),
            }
        }
        sync(&mut self.wallet, source)?;
        round(&mut self.wallet, source, hook.as_ref(), &SystemClock).explain()
    }

    /// Tells what a round did; why requests are not in their files is left to the caller.
    fn report(&mut self, done: Round) -> Result<Vec<AutoError>, Stop> {
        for request in &done.lapsed {
            let due = Due::of(&self.wallet, request).explain()?;
            let line = format!("lapsed: {} without an answer, its coins are free", due.request);
            self.context.event(&Event { event: "lapsed", facts: &due }, line)?;
        }
        for due in &done.told {
            let line = format!("a signature is due: {}", due.line());
            self.context.event(&Event { event: "signature-due", facts: due }, line)?;
            ring();
        }
        for error in &done.untold {
            self.context.tell(format_args!("auto: hook: {error}"));
        }
        if let Decision::Wait(reason) = &done.decision
            && self.said.as_ref() != Some(&done.decision)
            && done.told.is_empty()
        {
            let event = Event { event: "waiting", facts: &Waiting::from(reason) };
            self.context.event(&event, format_args!("nothing to prepare: {reason}"))?;
        }
        self.said = Some(done.decision);
        Ok(done.unwritten)
    }

    /// Waits until no other process is at it, so that nobody is told twice; none when this one has to end.
    fn lock(&self) -> Result<Option<File>, Failure> {
        let failed = |source| file::FileError::Io { action: "lock", path: self.lock.clone(), source };
        let file = File::options().create(true).append(true).open(&self.lock).map_err(failed).explain()?;
        while !self.ending.is_told() {
            match file.try_lock() {
                Ok(()) => return Ok(Some(file)),
                Err(TryLockError::WouldBlock) => thread::sleep(POLL),
                Err(TryLockError::Error(source)) => return Err(failed(source)).explain(),
            }
        }
        Ok(None)
    }
}

/// Rings the bell of the terminal, if there is one.
fn ring() {
    let mut terminal = std::io::stderr();
    if terminal.is_terminal() {
        let _ = terminal.write_all(b"\x07");
    }
}
