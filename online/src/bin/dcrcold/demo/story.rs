//! The story: cold keys buy three tickets, a hot key votes, the rewards return, and every atom is accounted for.

use std::path::Path;

use dcrcold::chain::sim::{SETTLED, Settings, Sim};
use dcrcold::voter::{Folder, HotVoter, Station};
use dcrcold::wallet::Wallet;
use dcrcold_core::amount::Amount;
use dcrcold_core::net::Network;
use dcrcold_signer::address::Address;
use dcrcold_signer::cli::{Failure, FailureKind, Stop};

use super::cold::Cold;
use super::programs::{Printed, Programs, Run};
use super::reckoning::Ending;
use crate::cli::DemoArgs;
use crate::context::Context;
use crate::failure::Explain;
use crate::sync::sync;
use crate::voter::attend;

/// Seed of the embedded network.
const SEED: u64 = 1;
/// How many tickets are bought.
pub(super) const TICKETS: u32 = 3;
/// What the account receives at first.
pub(super) const FUNDS: Amount = Amount::constant::<12_000_000_000>();
/// More than the life of a ticket: what did not end by then never will.
const PATIENCE: u32 = 450;
/// The widest line of the story.
const WIDTH: usize = 78;

/// What the request said, as far as the story needs it.
pub(super) struct Request {
    pub(super) id: String,
    pub(super) split_fee: Amount,
    pub(super) ticket_fee: Amount,
}

pub(super) struct Story<'a> {
    context: &'a mut Context,
    pub(super) programs: Programs,
    pub(super) folder: &'a Path,
    chapter: u32,
}

pub(super) fn run(context: &mut Context, args: &DemoArgs) -> Result<(), Stop> {
    let programs = Programs::find(args)?;
    let made = tempfile::Builder::new().prefix("dcrcold-demo-").tempdir();
    let folder =
        made.map_err(|error| Failure::new(FailureKind::Failed, format!("cannot make a temporary folder: {error}")))?;
    let mut story = Story { context, programs, folder: folder.path(), chapter: 0 };
    let ending = story.tell(args.device.is_some())?;
    let closed = folder.close();
    closed.map_err(|error| Failure::new(FailureKind::Failed, format!("cannot remove the folder: {error}")))?;
    context.facts(&ending, |out, _| out.line("The folder is removed. Nothing is left behind."))
}

impl Story<'_> {
    fn tell(&mut self, with_device: bool) -> Result<Ending, Stop> {
        self.say(&format!("Everything happens in {}.", self.folder.display()))?;
        let mut sim = self.network()?;
        let mut cold = self.cold_side(with_device)?;
        self.coins(&mut sim)?;
        let request = self.request(&cold)?;
        self.sign(&request, &mut cold)?;
        self.submit(&mut sim)?;
        let hot = self.hot_keys(&cold)?;
        let mut wallet = Wallet::open(&self.folder.join("online/wallet.db")).explain()?;
        self.votes(&mut sim, &mut wallet, hot)?;
        self.returns(&mut sim, &mut wallet)?;
        self.account(&wallet, &request)
    }

    fn network(&mut self) -> Result<Sim, Stop> {
        self.chapter("An embedded network: real blocks, price windows, tickets and votes")?;
        let mut sim = Sim::create(&self.folder.join("network"), Settings::new(SEED)).explain()?;
        let tip = sim.mine_to(SETTLED).explain()?;
        self.say(&format!("{} blocks are mined; five tickets vote in each.", tip.height))?;
        Ok(sim)
    }

    fn coins(&mut self, sim: &mut Sim) -> Result<(), Stop> {
        self.chapter("Coins arrive")?;
        let address = self.online_facts(&["address"])?;
        let address = text(&address, "address")?;
        self.say(&format!("address {address}"))?;
        let script = Address::parse(&address, Network::Simnet).map_err(unexpected)?.script();
        sim.fund(&script, FUNDS).explain()?;
        sim.mine(2).explain()?;
        self.say(&format!("Somebody paid {FUNDS} to it; two blocks were mined."))?;
        self.online(&["sync"])?;
        self.online(&["balance"])
    }

    fn request(&mut self, cold: &Cold) -> Result<Request, Stop> {
        self.chapter("A request for three tickets")?;
        self.online(&["stakeinfo"])?;
        let count = TICKETS.to_string();
        let mut buy = vec!["buy", count.as_str(), "--label", "demo", "--out", "request.dcrcold"];
        let shown = buy.join(" ");
        match cold {
            Cold::Signer => self.command(&format!("dcrcold {shown}"))?,
            Cold::Device { voter, .. } => {
                self.command(&format!("dcrcold {shown} --voter VOTER"))?;
                buy.extend(["--voter", voter]);
            }
        }
        let facts = self.facts(&buy)?;
        let request = Request {
            id: text(&facts, "id")?,
            split_fee: atoms(&facts, "split_fee")?,
            ticket_fee: atoms(&facts, "ticket_fee")?,
        };
        let words = text(&facts, "check_words")?;
        self.say(&format!("request      {}", request.id))?;
        self.say(&format!("check words  {words}"))?;
        self.say("It holds parameters, no transaction: the signer builds what it signs.")?;
        Ok(request)
    }

    fn submit(&mut self, sim: &mut Sim) -> Result<(), Stop> {
        self.chapter("Every signature is verified; split and tickets are sent")?;
        self.online(&["submit", "../cold/answer.dcrcold"])?;
        sim.mine(2).explain()?;
        self.say("Two blocks were mined: one takes the split, the next one the tickets.")?;
        self.online(&["sync"])?;
        self.online(&["tickets"])
    }

    /// Mines block by block and votes whenever a ticket of ours is called, until all have ended.
    fn votes(&mut self, sim: &mut Sim, wallet: &mut Wallet, hot: HotVoter) -> Result<(), Stop> {
        self.chapter("Blocks are mined, and the hot key votes when a ticket is called")?;
        self.command("dcrcold voter run")?;
        let voters = Folder::new(self.folder.join("online/voters"));
        let mut station = Station::open(&voters, vec![hot]).explain()?;
        for _ in 0..PATIENCE {
            for cast in attend(&mut station, sim)?.cast {
                self.say(&format!("block {}: ticket {:.16}.. votes", cast.block.height, cast.ticket.to_string()))?;
            }
            sim.mine(1).explain()?;
            sync(wallet, sim)?;
            if wallet.tickets().explain()?.iter().all(|ticket| ticket.ending.is_some()) {
                return Ok(());
            }
        }
        Err(Failure::new(FailureKind::Failed, format!("no end of the tickets after {PATIENCE} blocks")).into())
    }

    fn returns(&mut self, sim: &mut Sim, wallet: &mut Wallet) -> Result<(), Stop> {
        self.chapter("The rewards mature, back to the cold account")?;
        sim.mine(Network::Simnet.params().coinbase_maturity).explain()?;
        sync(wallet, sim)?;
        self.online(&["tickets"])?;
        self.online(&["balance"])
    }

    pub(super) fn chapter(&mut self, title: &str) -> Result<(), Stop> {
        self.chapter += 1;
        self.context.narrate(format_args!("\n{}. {title}", self.chapter))
    }

    pub(super) fn command(&mut self, line: &str) -> Result<(), Stop> {
        self.context.narrate(format_args!("  $ {line}"))
    }

    pub(super) fn say(&mut self, line: &str) -> Result<(), Stop> {
        wrap(line).into_iter().try_for_each(|line| self.context.narrate(format_args!("  {line}")))
    }

    pub(super) fn print(&mut self, printed: &Printed) -> Result<(), Stop> {
        printed.stderr.lines().chain(printed.stdout.lines()).try_for_each(|line| self.say(line))
    }

    pub(super) fn make_folder(&self, name: &str) -> Result<(), Failure> {
        let folder = self.folder.join(name);
        let failed = |error| Failure::new(FailureKind::Failed, format!("cannot make {}: {error}", folder.display()));
        std::fs::create_dir(&folder).map_err(failed)
    }

    pub(super) fn online_run(&self, args: &[&str]) -> Run {
        let source = format!("sim:{}", self.folder.join("network").display());
        let run = Run::new(&self.programs.online, self.folder.join("online"));
        run.args(["--source", &source, "--wallet", "wallet.db"]).args(args)
    }

    pub(super) fn online_command(&mut self, args: &[&str]) -> Result<(), Stop> {
        let shown: Vec<_> = args.iter().map(|arg| arg.trim_start_matches("../cold/")).collect();
        self.command(&format!("dcrcold {}", shown.join(" ")))
    }

    /// Runs a command of the online side and shows it with what it prints.
    pub(super) fn online(&mut self, args: &[&str]) -> Result<(), Stop> {
        self.online_command(args)?;
        let printed = self.online_run(args).finish()?;
        self.print(&printed)
    }

    fn online_facts(&mut self, args: &[&str]) -> Result<serde_json::Value, Stop> {
        self.command(&format!("dcrcold {}", args.join(" ")))?;
        self.facts(args)
    }

    pub(super) fn facts(&self, args: &[&str]) -> Result<serde_json::Value, Stop> {
        let printed = self.online_run(args).args(["--json"]).finish()?;
        Ok(serde_json::from_str(&printed.stdout).map_err(unexpected)?)
    }
}

pub(super) fn text(facts: &serde_json::Value, key: &str) -> Result<String, Failure> {
    let text = facts[key].as_str().map(ToOwned::to_owned);
    text.ok_or_else(|| unexpected(format!("no {key} in what a command printed")))
}

fn atoms(facts: &serde_json::Value, key: &str) -> Result<Amount, Failure> {
    let amount = facts[key].as_u64().and_then(|atoms| Amount::from_atoms(atoms).ok());
    amount.ok_or_else(|| unexpected(format!("no {key} in what a command printed")))
}

pub(super) fn unexpected(error: impl std::fmt::Display) -> Failure {
    Failure::new(FailureKind::Failed, error)
}

/// Breaks a line that is wider than the story, between words where there are any.
fn wrap(line: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut left: Vec<char> = line.chars().collect();
    while left.len() > WIDTH {
        let space = left[..WIDTH].iter().rposition(|character| *character == ' ').filter(|space| *space > 0);
        let rest = left.split_off(space.unwrap_or(WIDTH));
        lines.push(left.iter().collect());
        left = rest.into_iter().skip(usize::from(space.is_some())).collect();
    }
    lines.push(left.into_iter().collect());
    lines
}

#[cfg(test)]
mod tests {
    use super::{WIDTH, wrap};

    #[test]
    fn lines_break_between_words_and_keys_where_the_line_ends() {
        assert_eq!(wrap("short"), ["short"]);
        let key = "k".repeat(2 * WIDTH + 1);
        assert_eq!(wrap(&key), [&key[..WIDTH], &key[..WIDTH], "k"]);
        let words = format!("{} and more", "w".repeat(WIDTH - 3));
        assert_eq!(wrap(&words), [&words[..WIDTH - 3], "and more"]);
    }
}
