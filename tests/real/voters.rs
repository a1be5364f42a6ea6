//! Own voters on a real network: two stations with the same keys, beside a dcrwallet that votes with the other tickets.
//!
//! `DCRCOLD_REAL_VOTE_BLOCKS` changes for how many blocks they vote.

use std::collections::{BTreeMap, HashSet};
use std::env;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use dcrcold::chain::ChainSource;
use dcrcold::wallet::{Ending, Receive, SystemClock, TicketState};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TxId;
use serde_json::Value;

use crate::cold::{ONLINE, User};
use crate::daemon::free_port;
use crate::node::{LIMITED_PASSWORD, LIMITED_USER, Node, PASSWORD, USER};
use crate::order::order;
use crate::simnet::{Simnet, TICKETS_PER_BLOCK};
use crate::voter_process::{VoterProcess, status_of};

/// The seed of the account whose tickets vote; another one than that of other tests on the same chain.
const SEED: &str = "b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0";
/// Blocks that are voted on if nothing else is asked for.
const BLOCKS: u32 = 40;
/// Tickets bought at once.
const TICKETS: u32 = 20;
/// Live tickets below which the mining wallet buys too.
const POOL: u32 = 200;
/// Blocks that a purchase wants before the price changes.
const ROOM: u32 = 3;
/// How long a voter may take to begin or to end.
const PATIENCE: Duration = Duration::from_secs(30);
/// Of a thousand tickets called, so many must vote.
const LEAST_PER_MILLE: usize = 995;

/// A voting box: hot file and memory in a folder of its own, and the process.
struct Station {
    folder: PathBuf,
    node: Vec<String>,
    passphrase: String,
    metrics: u16,
    process: VoterProcess,
}

impl Station {
    /// Imports the hot file of a user into a folder without a wallet.
    fn new(folder: PathBuf, user: &User, node: &Node) -> Self {
        fs::create_dir(&folder).unwrap();
        let password = folder.join("rpc-password").to_str().unwrap().to_owned();
        fs::write(&password, PASSWORD).unwrap();
        let (server, certificate) = (format!("127.0.0.1:{}", node.port), node.certificate());
        let node = ["--dcrd", &server, "--dcrd-cert", certificate.to_str().unwrap(), "--dcrd-user", USER];
        let node = node.into_iter().chain(["--dcrd-password-file", &password]).map(str::to_owned).collect();
        let process = VoterProcess::new(folder.clone(), PATIENCE);
        let station = Self { folder, node, passphrase: user.path("passphrase"), metrics: free_port(), process };
        let imported = station.command(&["voter", "import", &user.path("hot")], true).output().unwrap();
        assert!(imported.status.success(), "{imported:?}");
        station
    }

    fn command(&self, args: &[&str], with_passphrase: bool) -> Command {
        let mut command = Command::new(ONLINE);
        command.arg("--wallet").arg(self.folder.join("wallet.db")).arg("--json").args(args);
        if with_passphrase {
            command.args(["--passphrase-file", &self.passphrase]);
        }
        command
    }

    fn start(&mut self) {
        let metrics = format!("127.0.0.1:{}", self.metrics);
        let mut command = self.command(&["voter", "run", "--metrics", &metrics], true);
        command.args(&self.node);
        let status = self.command(&["voter", "status"], false);
        self.process.start(command, status);
    }

    fn status(&self) -> Option<Value> {
        status_of(&mut self.command(&["voter", "status"], false))
    }

    /// How it is once it has seen a block.
    fn status_at(&self, height: u32) -> Value {
        let begin = Instant::now();
        loop {
            let status = self.status().unwrap();
            if status["tip_height"] == height {
                return status;
            }
            assert!(begin.elapsed() < PATIENCE, "{status}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The figures by name, as Prometheus reads them.
    fn metrics(&self) -> BTreeMap<String, i64> {
        let mut http = TcpStream::connect(("127.0.0.1", self.metrics)).unwrap();
        http.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut text = String::new();
        http.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
        let lines = body.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_once(' ').unwrap());
        lines.map(|(name, value)| (name.to_owned(), value.parse().unwrap())).collect()
    }
}

/// The account whose tickets vote.
struct Owner<'a> {
    simnet: &'a mut Simnet,
    user: User,
    bought: HashSet<TxId>,
}

impl Owner<'_> {
    /// Mines a block, with tickets of the mining wallet when the lottery needs them.
    fn mine(&mut self) {
        let pool = self.simnet.tip_header().pool_size;
        self.simnet.mine_with_tickets(if pool < POOL { TICKETS_PER_BLOCK } else { 0 });
    }

    /// Buys tickets and mines them, three blocks or more; says how many.
    fn buy(&mut self) -> u32 {
        let before = self.simnet.height();
        let price = loop {
            self.user.sync();
            let price = self.user.source.price().unwrap();
            if price.blocks_left > ROOM {
                break price.next.atoms();
            }
            self.mine();
        };
        let (_, address) = self.user.wallet.receive(Receive::New, &SystemClock).unwrap();
        // The mining wallet may hang for ever when it pays while it votes.
        self.simnet.follow();
        self.simnet.await_votes();
        let funds = u64::from(TICKETS) * (price + price / 10 + 100_000) + 1_000_000;
        self.simnet.pay(&address.to_string(), Amount::from_atoms(funds).unwrap());
        self.mine();
        self.user.sync();
        let price = self.user.source.price().unwrap();
        let prepared = self.user.wallet.prepare(&order(TICKETS), &price, &SystemClock).unwrap();
        let answer = self.user.sign(&prepared.request, &prepared.id);
        let id = self.user.wallet.accept(&answer, &SystemClock).unwrap();
        self.user.wallet.send(&id, &mut self.user.source, &SystemClock).unwrap();
        self.bought.extend(prepared.tickets);
        self.mine();
        // A block has room for 20 tickets, and those of others may be among them.
        while self.waiting() > 0 {
            assert!(self.simnet.height() - before < 20, "tickets that are not mined");
            self.mine();
        }
        self.simnet.height() - before
    }

    /// How many tickets that were bought wait to be mined.
    fn waiting(&mut self) -> usize {
        self.user.sync();
        let tickets = self.user.wallet.tickets().unwrap();
        tickets.iter().filter(|ticket| ticket.height.is_none()).count()
    }

    /// How the tickets ended that ended in one of these blocks.
    fn endings(&mut self, first: u32, last: u32) -> Vec<Ending> {
        self.user.sync();
        let tickets = self.user.wallet.tickets().unwrap();
        let endings = tickets.iter().filter_map(|ticket| ticket.ending);
        endings.filter(|ending| ending.height.is_some_and(|height| (first..=last).contains(&height.0))).collect()
    }
}

pub fn own_voters_vote_on_every_block(simnet: &mut Simnet) {
    let blocks = env::var("DCRCOLD_REAL_VOTE_BLOCKS").map_or(BLOCKS, |text| text.parse().unwrap());
    let user = User::of_seed(&simnet.path().join("owner"), &simnet.node, SEED);
    let mut stations = ["one", "two"].map(|name| Station::new(simnet.path().join(name), &user, &simnet.node));
    let mut owner = Owner { simnet, user, bought: HashSet::new() };
    // One of them sees the first tickets grow up, the other finds them alive.
    let [one, two] = &mut stations;
    one.start();
    for _ in 0..3 {
        owner.buy();
    }
    (0..16).for_each(|_| owner.mine());
    two.start();

    let first = owner.simnet.height() + 1;
    let (mut disturbances, mut next_purchase) = (events(blocks, first), first);
    while owner.simnet.height() < first + blocks {
        let height = owner.simnet.height();
        if let Some(disturb) = disturbances.first_entry().filter(|entry| *entry.key() <= height) {
            disturb.remove()(&mut owner, two);
        } else if height >= next_purchase {
            owner.buy();
            next_purchase = owner.simnet.height() + 4;
        } else {
            owner.mine();
        }
    }
    let last = owner.simnet.height();
    check(&mut owner, &stations, first + 1, last);
    stations.iter_mut().for_each(|station| station.process.terminate());
    the_limited_user_is_refused(&stations[0]);
}

type Disturb = fn(&mut Owner<'_>, &mut Station);

/// What happens on the way, by height.
fn events(blocks: u32, first: u32) -> BTreeMap<u32, Disturb> {
    let restart: Disturb = |owner, _| {
        owner.simnet.node.stop();
        thread::sleep(Duration::from_secs(1));
        owner.simnet.node.resume();
        owner.simnet.reconnect();
    };
    let reorganise: Disturb = |owner, _| {
        owner.user.sync();
        owner.simnet.reorganise(3);
        assert_eq!(owner.user.sync().undone, 3);
    };
    let crash: Disturb = |_, station| {
        station.process.kill();
        station.start();
    };
    [restart, reorganise, crash].into_iter().zip(1..).map(|(event, part)| (first + blocks * part / 4, event)).collect()
}

/// Holds what the voters did against the chain.
fn check(owner: &mut Owner<'_>, stations: &[Station; 2], first: u32, last: u32) {
    let endings = owner.endings(first, last);
    let voted = endings.iter().filter(|ending| ending.how == TicketState::Voted).count();
    let missed = endings.iter().filter(|ending| ending.how == TicketState::Missed).count();
    let [one, two] = stations.each_ref().map(|station| station.process.votes());
    let differ = one.iter().filter(|(key, vote)| two.get(*key).is_some_and(|other| other != *vote)).count();
    let shared = one.keys().filter(|key| two.contains_key(*key)).count();
    println!(
        "voters: blocks {first} to {last}, {} tickets bought, {} called, {voted} voted, {missed} missed; \
        {shared} votes cast by both, {} by one alone, {differ} different",
        owner.bought.len(),
        voted + missed,
        one.len() + two.len() - 2 * shared,
    );
    assert!(voted > 0 && voted * 1000 >= (voted + missed) * LEAST_PER_MILLE);
    assert_eq!(differ, 0);
    let tickets = owner.user.wallet.tickets().unwrap();
    let live = tickets.iter().filter(|ticket| ticket.height.is_some() && ticket.ending.is_none()).count();
    for station in stations {
        let status = station.status_at(last);
        assert_eq!((&status["running"], &status["connected"]), (&true.into(), &true.into()), "{status}");
        assert_eq!((&status["tip_height"], &status["votes_failed"]), (&last.into(), &0.into()), "{status}");
        assert_eq!((&status["tickets_watched"], &status["votes_missed"]), (&live.into(), &missed.into()), "{status}");
        let metrics = station.metrics();
        let figure = |name: &str| Value::from(metrics[&format!("dcrcold_voter_{name}")]);
        assert_eq!((figure("connected"), figure("tip_height")), (1.into(), last.into()));
        assert_eq!(figure("votes_cast_total"), status["votes_cast"]);
        println!("voters: status {status}");
    }
}

/// The limited user may not hear of winning tickets.
fn the_limited_user_is_refused(station: &Station) {
    let password = station.folder.join("limited-password");
    fs::write(&password, LIMITED_PASSWORD).unwrap();
    let password = password.to_str().unwrap();
    let mut command = station.command(&["voter", "run", "--once"], true);
    command.args(&station.node[..4]).args(["--dcrd-user", LIMITED_USER, "--dcrd-password-file", password]);
    let output = command.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("hint: voters need dcrd's full user"), "{stderr}");
    assert_eq!(station.status().unwrap()["running"], false);
}

pub fn a_ticket_is_handed_to_dcrwallet(simnet: &mut Simnet) {
    let user = User::of_seed(&simnet.path().join("giver"), &simnet.node, &SEED.replace('b', "d"));
    let mut owner = Owner { simnet, user, bought: HashSet::new() };
    owner.buy();
    owner.user.sync();
    let wallet = &owner.simnet.wallet;
    let (server, certificate) = (format!("127.0.0.1:{}", wallet.port), wallet.certificate());
    let password = owner.user.path("wallet-password");
    fs::write(&password, PASSWORD).unwrap();
    let passphrase = owner.user.path("passphrase");
    let dcrwallet =
        ["--dcrwallet", &server, "--dcrwallet-cert", certificate.to_str().unwrap(), "--dcrwallet-user", USER];
    let dcrwallet =
        [&dcrwallet[..], &["--dcrwallet-password-file", &password, "--passphrase-file", &passphrase]].concat();
    // All of them: a ticket that nobody votes with holds up whoever mines.
    for (number, ticket) in owner.bought.iter().enumerate() {
        let id = ticket.to_string();
        // A second time must not matter.
        for _ in 0..if number == 0 { 2 } else { 1 } {
            let handed = owner.user.online(&[&["voter", "handoff", &id][..], &dcrwallet].concat());
            assert_eq!(handed["ticket"], id.as_str());
            assert_eq!(handed["status"], "immature", "{handed}");
        }
    }
    println!("handed over to dcrwallet: {} cases", owner.bought.len());
}
