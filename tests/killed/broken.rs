//! A broken state for each finding of the doctor.

use std::any::Any;
use std::fs;

use dcrcold::chain::ChainSource;
use dcrcold::chain::sim::{Settings, Sim};
use dcrcold::doctor::Kind;
use dcrcold::wallet::vsp_tickets::Trouble;
use dcrcold::wallet::{Clock, SystemClock};
use dcrcold_signer::percent::Percent;
use rusqlite::Connection;
use serde_json::Value;

use crate::files::order::order;
use crate::world::World;

const VSP: &str = "http://127.0.0.1:9";

/// With which options it is seen, and what stays open while somebody looks.
type Broken = (Vec<&'static str>, Option<Box<dyn Any>>);

/// Breaks the folder `now` so that something of this kind is there.
pub(crate) fn broken(kind: Kind, world: &World) -> Broken {
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

fn broken_file(kind: Kind, world: &World) -> Broken {
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
            world.sent_in_part("request", 1);
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
