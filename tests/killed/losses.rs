//! What else happens to a computer: a full disk, two programs at once, a clock that is wrong, an old backup.

use std::fs;
use std::process::Child;

use dcrcold::chain::sim::{SETTLED, Settings, Sim};
use dcrcold::wallet::purchase::PurchaseState;
use dcrcold::wallet::{Clock, SystemClock};
use serde_json::Value;

use crate::interrupt::{changes, sample, tracing};
use crate::trace;
use crate::world::{SIM, World, said};

/// How many places of a command are tried when not all are.
const SAMPLE: usize = 8;

/// Runs a command whose disk is full at each of its changes of files, and then once more on a disk with room.
fn full_disk(world: &World, name: &str, args: &[&str], least: usize, check: &dyn Fn(&World, &str)) {
    if trace::is_missing() {
        return;
    }
    world.copy("base", "now");
    let output = world.command("now", Some(tracing("../trace")), &SIM, args).output().unwrap();
    assert!(output.status.success(), "{:?}", said(&output));
    let folder = world.path("now").display().to_string();
    let mut points = changes(&fs::read_to_string(world.path("trace")).unwrap(), &folder);
    // The network is another machine; waiting for a lock takes no room, nor does what gives some back.
    points.retain(|point| !["flock", "unlink", "unlinkat"].contains(&point.name.as_str()));
    let (tried, mut failed) = (sample(&points, SAMPLE), 0);
    for point in &tried {
        let what = format!("{name}, no room at {} {}", point.name, point.number);
        world.copy("base", "now");
        let output = world.command("now", Some(point.failing("ENOSPC")), &SIM, args).output().unwrap();
        let (code, _, told) = said(&output);
        // SQLite does without some of its files.
        assert!(code == 0 || code == 1 && told.starts_with("error: ") || code == 6, "{what}: {code} {told}");
        failed += usize::from(code != 0);
        check(world, &what);
    }
    println!("{name}: a full disk at {} of {} changes, told {failed} times, nothing lost", tried.len(), points.len());
    assert!(points.len() >= least && failed > 0, "{failed} of {}", points.len());
}

fn requests(world: &World) -> Vec<PurchaseState> {
    let requests = world.wallet("now").purchases().unwrap();
    requests.iter().map(|it| it.state).filter(|state| *state != PurchaseState::Cancelled).collect()
}

#[test]
fn a_full_disk_at_any_change_of_buy_leaves_one_request_or_none() {
    let world = World::without_request();
    let buy = ["buy", "2", "--out", "out"];
    full_disk(&world, "buy", &buy, 10, &|world, what| {
        let (code, _, told) = world.run("now", &buy);
        assert!(code == 0 || told.contains("of this wallet: have it signed"), "{what}: {told}");
        assert_eq!(requests(world), [PurchaseState::Prepared], "{what}");
        world.sign("now", "out", "signed");
        world.ok("now", &["submit", "signed"]);
    });
}

#[test]
fn a_full_disk_at_any_change_of_submit_loses_no_answer_and_sends_nothing_twice() {
    let world = World::new();
    full_disk(&world, "submit", &["submit", "answer"], 15, &|world, what| {
        world.ok("now", &["submit", "answer"]);
        world.sim("now").mine(2).unwrap();
        world.ok("now", &["sync"]);
        assert_eq!(requests(world), [PurchaseState::TicketsSent], "{what}");
        assert_eq!(world.wallet("now").tickets().unwrap().len(), 2, "{what}");
    });
}

#[test]
fn a_full_disk_at_any_change_of_send_leaves_one_request_or_none() {
    let world = World::without_request();
    let address = world.ok("base", &["address"]).trim().to_owned();
    let send = ["send", &address, "70", "--out", "out"];
    full_disk(&world, "send", &send, 10, &|world, what| {
        let (code, _, told) = world.run("now", &send);
        assert!(code == 0 || told.contains("of this wallet: have it signed"), "{what}: {told}");
        assert_eq!(requests(world), [PurchaseState::Prepared], "{what}");
    });
}

#[test]
fn a_full_disk_at_any_change_of_sync_leaves_a_wallet_that_goes_on() {
    let world = World::new();
    world.ok("base", &["submit", "answer"]);
    world.sim("base").mine(20).unwrap();
    world.copy("base", "now");
    world.ok("now", &["sync"]);
    let right = world.ok("now", &["--json", "balance"]);
    full_disk(&world, "sync", &["sync"], 8, &|world, what| {
        world.ok("now", &["sync"]);
        assert_eq!(world.ok("now", &["--json", "balance"]), right, "{what}");
    });
}

#[test]
fn a_full_disk_at_any_change_of_auto_leaves_one_request_or_none() {
    let world = World::without_request();
    world.copy("base", "now");
    let rule = ["auto", "set", "--max-price", "50", "--keep", "20", "--tickets", "2", "--folder", "due"];
    world.ok("now", &rule);
    // The rule keeps the folder's whole name: that of the copies.
    world.copy("now", "base");
    let auto = ["auto", "run", "--once"];
    full_disk(&world, "auto", &auto, 15, &|world, what| {
        world.ok("now", &auto);
        let made = world.wallet("now").auto_requests().unwrap();
        assert!(made.len() == 1 && made[0].is_due() && made[0].written && made[0].told, "{what}: {made:?}");
        let name = made[0].file.file_name().unwrap().to_str().unwrap();
        assert_eq!(world.id("now/due", name), made[0].id.to_string(), "{what}");
        // Nothing half written is left, and the news are whole.
        let left = fs::read_dir(world.path("now").join("due")).unwrap();
        let mut left: Vec<_> = left.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        left.sort_unstable();
        assert_eq!(left, ["feed.atom", "status.json", name], "{what}");
        let status = fs::read(world.path("now").join("due/status.json")).unwrap();
        let status: Value = serde_json::from_slice(&status).unwrap();
        assert_eq!(status["requests"][0]["state"], "due", "{what}");
    });
}

#[test]
fn a_full_disk_at_any_change_of_a_backup_leaves_a_whole_copy_or_none() {
    let world = World::new();
    let backup = ["wallet", "backup", "copy.db"];
    full_disk(&world, "backup", &backup, 2, &|world, what| {
        if !world.path("now").join("copy.db").exists() {
            world.ok("now", &backup);
        }
        let (_, shown, _) = world.run("now", &["--json", "doctor", "--offline", "--backup", "copy.db"]);
        assert!(!shown.contains("backup-"), "{what}: {shown}");
    });
}

fn start(world: &World, args: &[&str]) -> Child {
    world.command("now", None, &SIM, args).spawn().unwrap()
}

/// Starts commands at the same time and waits for all of them.
fn at_once(world: &World, commands: &[&[&str]]) -> Vec<(i32, String, String)> {
    let children: Vec<_> = commands.iter().map(|args| start(world, args)).collect();
    children.into_iter().map(|child| said(&child.wait_with_output().unwrap())).collect()
}

#[test]
fn two_programs_at_once_share_a_wallet() {
    let world = World::new();
    let mut pairs = 0;
    for _ in 0..3 {
        world.copy("base", "now");
        let ends = at_once(&world, &[&["submit", "answer"], &["submit", "answer"], &["sync"]]);
        assert!(ends.iter().all(|(code, ..)| *code == 0), "{ends:?}");
        let all: Vec<_> = ends.iter().take(2).map(|(_, shown, _)| shown.matches("ticket  ").count()).collect();
        assert_eq!((requests(&world), all), (vec![PurchaseState::TicketsSent], vec![2, 2]));

        world.copy("base", "now");
        world.sim("now").mine(3).unwrap();
        let ends = at_once(&world, &[&["buy", "1", "--out", "one"], &["sync"], &["buy", "1", "--out", "two"]]);
        // The second coin is enough for one request, and both cannot have it.
        let bought: Vec<_> = ends.iter().map(|(code, ..)| *code).collect();
        assert!(bought == [0, 0, 1] || bought == [1, 0, 0], "{ends:?}");
        assert_eq!(requests(&world), [PurchaseState::Prepared; 2]);
        assert!(world.wallet("now").unfinished_requests().unwrap().is_empty());
        pairs += 2;
    }
    println!("at once: {pairs} times");
}

/// The wallet stands at block 242 of a network of `start`.
fn with_blocks_of(world: &World, start: i64) {
    fs::remove_dir_all(world.path("now").join("net")).unwrap();
    fs::remove_file(world.path("now").join("wallet.db")).unwrap();
    let settings = Settings { seed: 1, start: u32::try_from(start).unwrap() };
    let mut sim = Sim::create(&world.path("now").join("net"), settings).unwrap();
    sim.mine_to(SETTLED).unwrap();
    world.ok("now", &["wallet", "import", "watch"]);
}

#[test]
fn a_clock_that_is_wrong_is_told_and_harms_nothing() {
    const HOUR: i64 = 3_600;
    let world = World::new();
    let now = SystemClock.now().0 - i64::from(SETTLED.0);
    // How far the blocks are ahead of the clock, whether they are taken, and what the doctor calls it.
    let cases = [
        (3 * HOUR, false, Some("clock-behind")),
        (HOUR, true, None),
        (0, true, None),
        (-5 * HOUR, true, Some("tip-old")),
    ];
    for (ahead, taken, kind) in cases {
        world.copy("base", "now");
        with_blocks_of(&world, now + ahead);
        for args in [&["sync"][..], &["buy", "1", "--out", "out"]] {
            let (code, _, told) = world.run("now", args);
            if taken {
                // There are no coins on this network.
                assert!(code == i32::from(args[0] == "buy"), "{ahead}: {told}");
            } else {
                assert!(code == 6 && told.contains("hint: is the clock of this computer right?"), "{ahead}: {told}");
            }
        }
        let (_, shown, told) = world.run("now", &["--json", "doctor"]);
        let report: Value = serde_json::from_str(&shown).unwrap_or_else(|_| panic!("{told}"));
        let found: Vec<_> =
            report["findings"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap()).collect();
        let about_time = found.iter().copied().find(|kind| ["clock-behind", "tip-old"].contains(kind));
        assert_eq!(about_time, kind, "{ahead}: {found:?}");
    }
    println!("clocks: {} cases", cases.len());
}

/// A wallet file from before a purchase, brought back at each of its steps.
#[test]
fn an_old_wallet_file_finds_its_tickets_and_buys_nothing_twice() {
    let world = World::without_request();
    world.copy("base", "now");
    let old = |world: &World| drop(fs::copy(world.path("base").join("wallet.db"), world.path("now").join("wallet.db")));
    world.ok("now", &["buy", "2", "--label", "before", "--out", "first"]);
    world.sign("now", "first", "first-answer");

    // Brought back before anything was sent: the answer is for a request that this file does not know, and so it says.
    old(&world);
    let (code, _, told) = world.run("now", &["submit", "first-answer"]);
    assert!(code == 7 && told.contains("was not made by this wallet"), "{told}");
    // With the request, what was signed can still be sent by other means.
    let print = ["--json", "submit", "first-answer", "--print", "--request", "first"];
    let printed: Value = serde_json::from_str(&world.ok("now", &print)).unwrap();
    assert_eq!(printed["tickets"].as_array().unwrap().len(), 2);

    // Brought back while the first purchase waits to be mined: its coin seems free.
    world.copy("base", "now");
    world.ok("now", &["buy", "2", "--label", "before", "--out", "first"]);
    world.sign("now", "first", "first-answer");
    world.ok("now", &["submit", "first-answer"]);
    old(&world);
    // The same order would lead to the same transactions, and so to the same purchase.
    world.ok("now", &["buy", "2", "--headroom", "4", "--out", "second"]);
    world.sign("now", "second", "second-answer");
    let (code, _, told) = world.run("now", &["submit", "second-answer"]);
    assert!(code == 6 && told.contains("the network refuses the split"), "{code} {told}");

    // Once it is mined, the tickets are there, and the second request says why it cannot be carried out.
    world.sim("now").mine(2).unwrap();
    world.ok("now", &["sync"]);
    assert_eq!(world.wallet("now").tickets().unwrap().len(), 2);
    let (code, _, told) = world.run("now", &["submit", "second-answer"]);
    assert!(code == 1 && told.contains("was spent by another transaction"), "{code} {told}");
    let before = world.ok("now", &["--json", "balance"]);
    let second = world.id("now", "second");
    world.ok("now", &["cancel", &second]);

    // It is what a wallet that saw all of it has, and goes on with indexes of its own.
    world.ok("now", &["sync"]);
    world.ok("now", &["buy", "1", "--out", "third"]);
    world.sign("now", "third", "third-answer");
    world.ok("now", &["submit", "third-answer"]);
    world.sim("now").mine(2).unwrap();
    world.ok("now", &["sync"]);
    let tickets = world.wallet("now").tickets().unwrap();
    let votes: std::collections::BTreeSet<_> = tickets.iter().map(|ticket| format!("{:?}", ticket.voting)).collect();
    assert_eq!((tickets.len(), votes.len()), (3, 3), "{before}");
}
