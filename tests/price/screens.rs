//! What the program says of more tickets than a block holds, before the trip and after it.

use std::path::Path;
use std::process::Command;

use dcrcold::chain::ChainSource;
use dcrcold::chain::sim::{SETTLED, Settings, Sim};
use dcrcold::wallet::{Receive, SystemClock};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::Hash160;
use dcrcold_core::machine::NoMemory;
use dcrcold_core::net::Network;
use dcrcold_core::policy::Limits;
use dcrcold_signer::percent::Percent;
use dcrcold_signer::signer::review;
use dcrcold_signer::transfer::{Container, Encode};
use serde_json::Value;

use crate::fixture::{Fixture, contents};
use crate::world::World;

/// Runs the program in a folder: exit code, standard output, standard error.
fn run(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dcrcold"));
    command.args(["--wallet", "w", "--source", "sim:net"]).args(args);
    let output = command.current_dir(folder).env("HOME", folder).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn ok(folder: &Path, args: &[&str]) -> (String, String) {
    let (code, shown, told) = run(folder, args);
    println!("$ dcrcold {}\n{shown}{told}", args.join(" "));
    assert_eq!(code, Some(0), "{args:?}: {told}");
    (shown, told)
}

/// A wallet of 2,000 DCR on a network with so many blocks left of its window.
fn rich(fixture: &Fixture, left: u32) -> Sim {
    let mut sim = Sim::create(&fixture.path("net"), Settings::new(1)).unwrap();
    sim.mine_to(SETTLED).unwrap();
    let mut wallet = fixture.wallet("w");
    let (_, address) = wallet.receive(Receive::New, &SystemClock).unwrap();
    sim.fund(&address.script(), Amount::constant::<200_000_000_000>()).unwrap();
    sim.mine(1).unwrap();
    while ChainSource::price(&mut sim).unwrap().blocks_left != left {
        sim.mine(1).unwrap();
    }
    sim
}

/// The limits that `dcrcold-signer limits` would set by the options that are told.
fn told_limits(told: &str) -> Vec<(String, String)> {
    let (_, options) = told.split_once("dcrcold-signer limits ").unwrap();
    let words: Vec<_> = options.lines().next().unwrap().split(' ').collect();
    words.chunks(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect()
}

fn raise(limits: &mut Limits, option: &str, value: &str) {
    match option {
        "--tickets" => limits.tickets = value.parse().unwrap(),
        "--headroom" => limits.headroom = value.parse::<Percent>().unwrap().hundredths(),
        "--expiry" => limits.expiry_distance = value.parse().unwrap(),
        "--total" => limits.total = value.parse().unwrap(),
        "--ticket" => limits.ticket = value.parse().unwrap(),
        other => panic!("{other} is not looked for here"),
    }
}

/// Signs by a signer with these limits, if it does.
fn answer(request: &[u8], limits: Limits) -> Option<Vec<u8>> {
    let mut contents = contents(7);
    contents.set_limits(limits);
    let id = *Container::parse(request).unwrap().id();
    let reviewed = review(request, &contents, &mut NoMemory).ok()?;
    Some(reviewed.approve(&id).unwrap().sign(&mut NoMemory).unwrap().to_container(Network::Simnet).unwrap().encode())
}

#[test]
fn more_tickets_than_a_block_holds_are_told_before_the_trip_and_after_it() {
    let fixture = Fixture::new();
    let folder = fixture.folder.path();
    let mut sim = rich(&fixture, 6);
    let ends = ChainSource::price(&mut sim).unwrap().ends().0;
    let json: Value = serde_json::from_str(&ok(folder, &["--json", "buy", "21", "--out", "other"]).0).unwrap();
    let partial = &json["partial"][0];
    assert_eq!(
        (&json["blocks"], &partial["tickets"], &partial["before_block"]),
        (&3.into(), &20.into(), &(ends - 2).into())
    );
    ok(folder, &["cancel", json["id"].as_str().unwrap()]);
    let (shown, told) = ok(folder, &["buy", "45", "--out", "request"]);
    assert!(shown.contains("blocks       4 at least: one for the split, then 20 tickets in each at most"), "{shown}");
    let lines = [
        format!("answer       before block {}", ends - 4),
        format!("  40 of 45   before block {}", ends - 3),
        format!("  20 of 45   before block {}", ends - 2),
        "             the others wait for the next price".to_owned(),
    ];
    let found: Vec<_> = lines.iter().map(|line| shown.find(line.as_str())).collect();
    assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{lines:?} {shown}");
    assert_eq!(told_limits(&told), [("--tickets".to_owned(), "45".to_owned())], "{told}");

    // Too late for 25 of them.
    let request = std::fs::read(fixture.path("request")).unwrap();
    assert!(answer(&request, Limits::DEFAULT).is_none());
    let answer = answer(&request, Limits { tickets: 45, ..Limits::DEFAULT }).unwrap();
    std::fs::write(fixture.path("answer"), answer).unwrap();
    sim.mine(4).unwrap();
    let (shown, _) = ok(folder, &["submit", "answer"]);
    assert!(shown.contains("\n20 of 45 tickets at most are mined before the price changes\n"), "{shown}");
    sim.mine(2).unwrap();
    ok(folder, &["sync"]);
    let (shown, _) = ok(folder, &["tickets"]);
    assert!(shown.contains("20 of 45 tickets mined, 25 wait"), "{shown}");
}

#[test]
fn the_limits_that_are_told_are_those_that_a_signer_needs() {
    let fixture = Fixture::new();
    let folder = fixture.folder.path();
    drop(rich(&fixture, 6));
    let cases: [(&[&str], &[&str]); 4] = [
        (&["21"], &["--tickets"]),
        (&["1", "--headroom", "10.5"], &["--headroom"]),
        (&["1", "--windows", "70"], &["--expiry"]),
        (&["45", "--headroom", "33.33", "--windows", "70"], &["--tickets", "--expiry", "--headroom"]),
    ];
    let (count, mut refused) = (cases.len(), 0);
    for (number, (order, expected)) in cases.into_iter().enumerate() {
        let file = format!("request-{number}");
        let (_, told) = ok(folder, &[&["buy"], order, &["--out", &file]].concat());
        let options = told_limits(&told);
        assert_eq!(options.iter().map(|(option, _)| option.as_str()).collect::<Vec<_>>(), expected, "{told}");
        let request = std::fs::read(fixture.path(&file)).unwrap();
        let with = |left_out: Option<usize>| {
            let mut limits = Limits::DEFAULT;
            let kept = options.iter().enumerate().filter(|(position, _)| Some(*position) != left_out);
            kept.for_each(|(_, (option, value))| raise(&mut limits, option, value));
            answer(&request, limits)
        };
        assert!(with(None).is_some(), "{order:?}: {options:?}");
        for left_out in 0..options.len() {
            assert!(with(Some(left_out)).is_none(), "{order:?}: {options:?} without {left_out}");
            refused += 1;
        }
        ok(folder, &["cancel", &Container::parse(&request).unwrap().id().to_string()]);
    }
    println!("limits: {count} requests, {refused} refused without one of the options");
    assert_eq!((count, refused), (4, 6));
}

/// Tickets that the price has overtaken in the mempool, their split mined: what is told can be done.
#[test]
fn an_answer_of_which_the_split_is_mined_can_be_kept_until_the_price_falls() {
    let fixture = Fixture::new();
    let folder = fixture.folder.path();
    let mut world = World::on(Sim::create(&fixture.path("net"), Settings::new(11)).unwrap(), 11);
    world.lazy = false;
    let mut wallet = fixture.wallet("w");
    let (_, address) = wallet.receive(Receive::New, &SystemClock).unwrap();
    world.sim.fund(&address.script(), Amount::constant::<40_000_000_000>()).unwrap();
    while ChainSource::price(&mut world.sim).unwrap().blocks_left != 4 {
        world.mine(1);
    }
    let each = world.ticket_price() * 12 / 10;
    (0..70).for_each(|_| world.fund_stranger(each));
    world.mine(1);
    (0..70).for_each(|_| drop(world.buy_for(Hash160::from_bytes([5; 20])).unwrap().unwrap()));
    let bought = ok(folder, &["--json", "buy", "2", "--headroom", "0", "--windows", "40", "--out", "request"]).0;
    let bought: Value = serde_json::from_str(&bought).unwrap();
    let limits = Limits { expiry_distance: 400, ..Limits::DEFAULT };
    let answer = answer(&std::fs::read(fixture.path("request")).unwrap(), limits).unwrap();
    std::fs::write(fixture.path("answer"), answer).unwrap();
    ok(folder, &["submit", "answer"]);
    let locked = bought["locked_per_ticket"].as_u64().unwrap();
    while ChainSource::price(&mut world.sim).unwrap().next.atoms() <= locked {
        world.mine(1);
    }
    ok(folder, &["sync"]);

    let id = bought["id"].as_str().unwrap();
    let (code, _, told) = run(folder, &["submit", "--kept", id]);
    assert_eq!(code, Some(6), "{told}");
    assert!(told.contains("the same command with --when-price-fits"), "{told}");
    assert!(told.contains(&format!("or give it up: dcrcold cancel {id} --spend FILE")), "{told}");
    let (shown, _) = ok(folder, &["submit", "--kept", id, "--when-price-fits"]);
    assert!(shown.starts_with("kept as a standing order"), "{shown}");
    let (shown, _) = ok(folder, &["cancel"]);
    assert!(shown.contains("standing"), "{shown}");
    ok(folder, &["cancel", id, "--spend", "back"]);
}
