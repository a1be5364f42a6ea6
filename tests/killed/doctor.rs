//! `dcrcold doctor`: each of its findings comes of a state that is really so, and looking changes nothing.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use dcrcold::chain::sim::{Settings, Sim};
use dcrcold::chain::{BlockId, ChainError, ChainSource, PriceWindow};
use dcrcold::doctor::{Kind, Severity};
use dcrcold::wallet::vsp_tickets::Trouble;
use dcrcold::wallet::{Clock, SystemClock, Wallet};
use dcrcold_core::hash::{BlockHash, TransferId, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::block::{Block, BlockHeader};
use dcrcold_signer::percent::Percent;
use dcrcold_signer::tx::Transaction;
use rusqlite::Connection;
use serde_json::Value;

use crate::files::order::order;
use crate::world::{World, prose};

const VSP: &str = "http://127.0.0.1:9";

/// The kinds of what is found in the folder `now`, and the exit code.
fn found(world: &World, options: &[&str]) -> (i32, BTreeSet<String>) {
    let (code, shown, told) = world.run("now", &[&["--json", "doctor"], options].concat());
    let report: Value = serde_json::from_str(&shown).unwrap_or_else(|_| panic!("{told}"));
    let findings = report["findings"].as_array().unwrap();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    for finding in findings {
        let (sentence, hint) = (text(finding, "sentence"), text(finding, "hint"));
        assert!(!sentence.is_empty() && !hint.is_empty() && !sentence.ends_with('.'), "{finding}");
    }
    let problems = findings.iter().filter(|finding| finding["severity"] == "problem").count();
    assert_eq!((report["problems"] == problems, code), (true, i32::from(problems > 0)), "{told}");
    (code, findings.iter().map(|finding| text(finding, "kind")).collect())
}

/// Every file below a folder with what is in it.
fn content(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(content(&path));
        } else {
            all.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
    all
}

/// The network, which ceases to answer after some transactions.
struct Broken {
    sim: Sim,
    sends: Cell<u32>,
}

impl ChainSource for Broken {
    fn network(&self) -> Network {
        ChainSource::network(&self.sim)
    }

    fn tip(&mut self) -> Result<BlockId, ChainError> {
        ChainSource::tip(&mut self.sim)
    }

    fn headers_after(&mut self, locators: &[BlockHash]) -> Result<Vec<BlockHeader>, ChainError> {
        self.sim.headers_after(locators)
    }

    fn filters(&mut self, blocks: &[BlockHash]) -> Result<Vec<Vec<u8>>, ChainError> {
        self.sim.filters(blocks)
    }

    fn block(&mut self, hash: &BlockHash) -> Result<Block, ChainError> {
        self.sim.block(hash)
    }

    fn send(&mut self, tx: &Transaction) -> Result<TxId, ChainError> {
        let Some(left) = self.sends.get().checked_sub(1) else { return Err(ChainError::Unavailable("gone".into())) };
        self.sends.set(left);
        ChainSource::send(&mut self.sim, tx)
    }

    fn in_mempool(&mut self, ids: &[TxId]) -> Result<Vec<bool>, ChainError> {
        self.sim.in_mempool(ids)
    }

    fn price(&mut self) -> Result<PriceWindow, ChainError> {
        ChainSource::price(&mut self.sim)
    }

    fn wait_for_tip(&mut self, after: &BlockHash, timeout: Duration) -> Result<Option<BlockId>, ChainError> {
        self.sim.wait_for_tip(after, timeout)
    }
}

/// Ways to break the folder `now`; what stays open while somebody looks is returned.
impl World {
    fn open_to_others(&self, name: &str) {
        fs::set_permissions(self.path("now").join(name), Permissions::from_mode(0o644)).unwrap();
    }

    fn now(&self, name: &str) -> std::path::PathBuf {
        self.path("now").join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.now(name), bytes).unwrap();
    }

    /// The network is what it was in the folder `base`, and a longer chain.
    fn forget_blocks(&self, blocks: u32) {
        fs::copy(self.path("base").join("net/network.journal"), self.now("net/network.journal")).unwrap();
        self.sim("now").mine(blocks).unwrap();
    }

    fn submitted(&self) -> Wallet {
        self.ok("now", &["submit", "answer"]);
        self.wallet("now")
    }

    /// The answer is kept, and the network cannot be asked.
    fn answered(&self, answer: &str) {
        let args = ["--wallet", "wallet.db", "--source", "sim:nowhere"];
        let output = self.command("now", None, &args, &["submit", answer]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn hot_file(&self) -> String {
        self.ok("now", &["voter", "import", "hot", "--passphrase-file", "passphrase"]);
        let entry = fs::read_dir(self.now("voters")).unwrap().next().unwrap().unwrap();
        format!("voters/{}", entry.file_name().to_string_lossy())
    }

    /// Another copy of the wallet pays somebody with the largest coin, and that is mined.
    fn spent_elsewhere(&self) {
        fs::copy(self.path("base").join("wallet.db"), self.now("other.db")).unwrap();
        let other = |args: &[&str]| {
            let fixed = ["--wallet", "other.db", "--source", "sim:net"];
            let output = self.command("now", None, &fixed, args).output().unwrap();
            assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        let id = self.id("now", "request");
        other(&["cancel", &id]);
        let coins: Value = serde_json::from_str(&other(&["--json", "coins"])).unwrap();
        let address = other(&["address"]).trim().to_owned();
        for (number, coin) in coins.as_array().unwrap().iter().enumerate() {
            let (request, answer) = (format!("elsewhere-{number}"), format!("signed-elsewhere-{number}"));
            other(&["send", &address, "1", "--from", coin["coin"].as_str().unwrap(), "--out", &request]);
            self.sign("now", &request, &answer);
        }
    }

    /// Sends what another copy of the wallet had signed.
    fn send_elsewhere(&self, number: usize) {
        let fixed = ["--wallet", "other.db", "--source", "sim:net"];
        let answer = format!("signed-elsewhere-{number}");
        let output = self.command("now", None, &fixed, &["submit", &answer]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        self.sim("now").mine(1).unwrap();
    }
}

/// Breaks the folder `now` so that something of this kind is there, and says with which options it is seen.
fn broken(kind: Kind, world: &World) -> (Vec<&'static str>, Option<Box<dyn std::any::Any>>) {
    match kind {
        Kind::RequestUnwritten
        | Kind::RequestWaits
        | Kind::StandingOrder
        | Kind::RequestReplaced
        | Kind::RequestExpired
        | Kind::RequestCoinGone
        | Kind::CoinWantedTwice
        | Kind::AnswerUnsent
        | Kind::PartUnsent
        | Kind::Unmined
        | Kind::Dropped
        | Kind::CoinsFrozen => broken_request(kind, world),
        Kind::TicketWithoutVsp
        | Kind::VspTrouble
        | Kind::VspUnfinished
        | Kind::RegistrationWaits
        | Kind::VoterUnknown
        | Kind::HotKeysElsewhere
        | Kind::HotFileDamaged
        | Kind::HotFileOpenToOthers => broken_stake(kind, world),
        Kind::SourceUnreachable
        | Kind::SourceBehind
        | Kind::TipOld
        | Kind::ClockBehind
        | Kind::WalletBehind
        | Kind::BlocksReplaced => broken_chain(kind, world),
        _ => return broken_file(kind, world),
    }
    (Vec::new(), None)
}

fn broken_file(kind: Kind, world: &World) -> (Vec<&'static str>, Option<Box<dyn std::any::Any>>) {
    match kind {
        Kind::WalletMissing => fs::remove_file(world.now("wallet.db")).unwrap(),
        Kind::WalletForeign => world.write("wallet.db", &[7; 5000]),
        Kind::WalletNewer => {
            Connection::open(world.now("wallet.db")).unwrap().pragma_update(None, "user_version", 99).unwrap();
        }
        Kind::WalletOlder => first_form(world),
        Kind::WalletDamaged => {
            let mut bytes = fs::read(world.now("wallet.db")).unwrap();
            bytes[3 * 4096..6 * 4096].fill(0xa5);
            world.write("wallet.db", &bytes);
        }
        Kind::WalletOpenToOthers => world.open_to_others("wallet.db"),
        Kind::WalletInUse => {
            let mut wallet = world.wallet("now");
            let lock = wallet.lock_requests(&SystemClock).unwrap();
            return (Vec::new(), Some(Box::new((wallet, lock))));
        }
        Kind::FileLeftBehind => world.write(".dcrcold-abcdef", b"half a file"),
        Kind::CacheDamaged => world.write("wallet.db-headers-simnet", &[7; 5000]),
        Kind::PeersDamaged => world.write("wallet.db-peers-simnet", b"dcrcold peers 1\n"),
        Kind::BackupUseless => return (vec!["--backup", "no-transfer"], None),
        Kind::BackupBehind => {
            fs::copy(world.now("wallet.db"), world.now("backup.db")).unwrap();
            drop(world.submitted());
            return (vec!["--backup", "backup.db"], None);
        }
        other => panic!("nothing is broken for {}", other.name()),
    }
    (Vec::new(), None)
}

/// The wallet as the first version wrote it.
fn first_form(world: &World) {
    let old = Connection::open(world.now("old.db")).unwrap();
    old.execute_batch(include_str!("../../online/src/wallet/db/schema.sql")).unwrap();
    old.execute("ATTACH ?1 AS new", [world.now("wallet.db").to_str().unwrap()]).unwrap();
    old.execute_batch(
        "INSERT INTO wallet SELECT only_row, network, export, birthday, created FROM new.wallet;
        INSERT INTO sync (only_row, scanned) VALUES (1, 0); DETACH new;
        PRAGMA user_version = 1; PRAGMA application_id = 1145262659;",
    )
    .unwrap();
    drop(old);
    fs::rename(world.now("old.db"), world.now("wallet.db")).unwrap();
}

fn broken_chain(kind: Kind, world: &World) {
    match kind {
        Kind::SourceUnreachable => fs::remove_dir_all(world.now("net")).unwrap(),
        Kind::SourceBehind => drop(world.sim("now").undo(5).unwrap()),
        Kind::ClockBehind => {
            fs::remove_dir_all(world.now("net")).unwrap();
            let start = u32::try_from(SystemClock.now().0 + 86_400).unwrap();
            Sim::create(&world.now("net"), Settings { seed: 1, start }).unwrap().mine(5).unwrap();
        }
        Kind::WalletBehind => drop(world.sim("now").mine(3).unwrap()),
        Kind::BlocksReplaced => drop(world.sim("now").reorganise(2).unwrap()),
        // Blocks of the embedded network are from the beginning of 2026.
        _ => {}
    }
}

fn broken_request(kind: Kind, world: &World) {
    match kind {
        Kind::RequestUnwritten => {
            let price = ChainSource::price(&mut world.sim("now")).unwrap();
            world.wallet("now").prepare(&order(1), &price, &SystemClock).unwrap();
        }
        Kind::RequestExpired => {
            world.sim("now").mine(60).unwrap();
            world.ok("now", &["sync"]);
        }
        Kind::RequestCoinGone => {
            world.answered("answer");
            world.spent_elsewhere();
            (0..2).for_each(|number| world.send_elsewhere(number));
            world.ok("now", &["sync"]);
        }
        Kind::CoinWantedTwice => wanted_twice(world),
        Kind::AnswerUnsent => world.answered("answer"),
        Kind::StandingOrder => {
            world.answered("answer");
            let id = world.id("now", "request").parse().unwrap();
            world.wallet("now").keep_standing(&id, &SystemClock).unwrap();
        }
        Kind::RequestReplaced => {
            world.answered("answer");
            let id = world.id("now", "request");
            world.ok("now", &["cancel", &id, "--spend", "back"]);
        }
        Kind::PartUnsent => {
            world.answered("answer");
            let id: TransferId = world.id("now", "request").parse().unwrap();
            let mut source = Broken { sim: world.sim("now"), sends: Cell::new(1) };
            world.wallet("now").send(&id, &mut source, &SystemClock).unwrap_err();
        }
        Kind::Unmined => drop(world.submitted()),
        Kind::Dropped => {
            drop(world.submitted());
            world.forget_blocks(1);
        }
        Kind::CoinsFrozen => {
            let coins: Value = serde_json::from_str(&world.ok("now", &["--json", "coins"])).unwrap();
            world.ok("now", &["coins", "freeze", coins[0]["coin"].as_str().unwrap()]);
        }
        // The folder begins with a request that waits.
        _ => {}
    }
}

/// A request loses one of its coins to another copy of the wallet, so that the other one is taken by a second request; then
/// the chain takes the loss back.
fn wanted_twice(world: &World) {
    world.spent_elsewhere();
    let id = world.id("now", "request");
    world.ok("now", &["cancel", &id]);
    world.ok("now", &["buy", "5", "--out", "both"]);
    world.send_elsewhere(0);
    world.ok("now", &["sync"]);
    let coins: Value = serde_json::from_str(&world.ok("now", &["--json", "coins"])).unwrap();
    let old = coins.as_array().unwrap().iter().find(|coin| coin["state"] == "spendable").unwrap();
    world.ok("now", &["buy", "1", "--from", old["coin"].as_str().unwrap(), "--out", "second"]);
    world.forget_blocks(3);
    world.ok("now", &["sync"]);
}

fn broken_stake(kind: Kind, world: &World) {
    let key = "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=".parse();
    match kind {
        Kind::TicketWithoutVsp => {
            let vsp = VSP.parse().unwrap();
            world.wallet("now").use_vsp(&vsp, &key.unwrap(), Percent::from_hundredths(50), &SystemClock).unwrap();
            world.ok("now", &["buy", "1", "--out", "for-vsp"]);
            world.sign("now", "for-vsp", "signed");
            world.ok("now", &["submit", "signed"]);
        }
        Kind::VspTrouble | Kind::VspUnfinished => {
            let mut wallet = world.submitted();
            let (vsp, ticket) = (VSP.parse().unwrap(), wallet.tickets().unwrap()[0]);
            wallet.use_vsp(&vsp, &key.unwrap(), Percent::from_hundredths(50), &SystemClock).unwrap();
            let voter = wallet.voting_keys().unwrap().of(&ticket.voting).unwrap();
            wallet.want_vsp(&ticket.id, &vsp, voter, &SystemClock).unwrap();
            if kind == Kind::VspTrouble {
                let row = wallet.vsp_tickets().unwrap().remove(0);
                let mut held = row.clone();
                held.trouble = Some(Trouble { reason: "it asks for too much".into(), failures: 1, retry_at: None });
                assert!(wallet.save_vsp_ticket(&row, &held, None, &SystemClock).unwrap());
            }
        }
        Kind::RegistrationWaits => {
            let mut wallet = world.submitted();
            let ticket = wallet.tickets().unwrap()[0].id;
            wallet.prepare_registrations(None, &[ticket], &SystemClock).unwrap();
        }
        Kind::VoterUnknown => {
            world.ok("now", &["voter", "rotate", "hot-next", "--passphrase-file", "passphrase"]);
            world.ok("now", &["buy", "1", "--out", "next"]);
            world.sign("now", "next", "signed");
            world.ok("now", &["submit", "signed"]);
            world.sim("now").mine(2).unwrap();
            // A wallet of the first export does not know the next generation.
            fs::remove_file(world.now("wallet.db")).unwrap();
            world.ok("now", &["wallet", "import", "watch"]);
            world.ok("now", &["sync"]);
        }
        Kind::HotFileDamaged => {
            let file = world.hot_file();
            world.write(&file, b"half a fi");
        }
        Kind::HotFileOpenToOthers => {
            let file = world.hot_file();
            world.open_to_others(&file);
        }
        _ => drop(world.submitted()),
    }
}

#[test]
fn every_finding_comes_of_a_state_that_is_so_and_looking_changes_nothing() {
    let world = World::new();
    let (mut kinds, mut missing) = (0, Vec::new());
    for kind in Kind::ALL {
        world.copy("base", "now");
        let (options, open) = broken(*kind, &world);
        let before = content(&world.path("now"));
        let (code, kinds_found) = found(&world, &options);
        if !kinds_found.contains(kind.name()) || kind.severity() == Severity::Problem && code != 1 {
            missing.push((kind.name(), code, kinds_found));
        } else if matches!(kind, Kind::StandingOrder | Kind::RequestReplaced) && code != 0 {
            // What a person asked for is no problem.
            missing.push((kind.name(), code, kinds_found));
        }
        if open.is_none() {
            assert_eq!(content(&world.path("now")), before, "{}: looking changed something", kind.name());
        }
        kinds += 1;
    }
    assert!(missing.is_empty(), "{missing:#?}");
    println!("doctor: {kinds} findings, each from a broken state");
    assert_eq!(kinds, 38);
}

#[test]
fn a_wallet_with_nothing_wrong_has_no_problem() {
    let world = World::without_request();
    world.copy("base", "now");
    let (code, kinds) = found(&world, &[]);
    // The embedded network is of the past.
    assert_eq!((code, kinds.into_iter().collect::<Vec<_>>()), (0, vec!["tip-old".to_owned()]));
    assert_eq!(found(&world, &["--offline"]), (0, BTreeSet::new()));
}

#[test]
fn repair_removes_a_damaged_cache_and_nothing_else() {
    let world = World::new();
    world.copy("base", "now");
    let before = content(&world.path("now"));
    world.write("wallet.db-headers-simnet", &[7; 5000]);
    let (code, shown, told) = world.run("now", &["doctor", "--repair", "--offline"]);
    assert_eq!(code, 0, "{told}");
    assert!(
        prose(&shown).contains("hint: it was removed; nothing is lost, and the next sync fetches it again"),
        "{shown}"
    );
    assert_eq!(content(&world.path("now")), before);
}
