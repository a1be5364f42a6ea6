//! `voter rotate --empty-purse` after a leak: what its screens say, and that a purse comes home once, wherever the program
//! is killed.

use dcrcold::wallet::{Coin, Wallet};
use dcrcold_core::amount::Amount;
use dcrcold_core::path::Branch;

use super::interrupt::sample;
use super::registers::PASSPHRASE;
use super::{REGISTER, SAMPLE, SUBMIT, World, trace};

/// The command for a voter.
fn empty(voter: &str) -> [&str; 6] {
    ["voter", "rotate", "--empty-purse", voter, PASSPHRASE[0], PASSPHRASE[1]]
}

fn wallet(world: &World, name: &str) -> Wallet {
    Wallet::open(&world.path(name).join("wallet.db")).unwrap()
}

#[test]
fn a_purse_killed_at_any_call_comes_home_once() {
    if trace::is_missing() {
        return;
    }
    let world = World::new();
    let hot = world.hot("hot");
    world.fill_purse(&hot);
    let (voter, known) = (hot.fingerprint(), wallet(&world, "prepared").coins().unwrap());
    let text = voter.to_string();
    let points = world.points(&empty(&text));
    let mut homes: Vec<Coin> = Vec::new();
    let tried = sample(&points, SAMPLE);
    for call in &tried {
        world.kill(&empty(&text), call);
        world.ok("now", &empty(&text));
        assert_eq!(wallet(&world, "now").waiting_sweeps(&voter).unwrap().len(), 1, "{call:?}");
        world.node.mine(1, &[]);
        world.ok("now", &["sync"]);
        let now = wallet(&world, "now");
        assert_eq!(now.purse_of(&voter).unwrap(), Amount::ZERO, "{call:?}");
        let mut coins = now.coins().unwrap();
        coins.retain(|coin| known.iter().all(|known| known.outpoint != coin.outpoint));
        assert!(coins.iter().all(|coin| coin.height.is_some() && coin.path.branch == Branch::External), "{call:?}");
        let said = world.ok("now", &empty(&text)).stdout;
        assert!(String::from_utf8_lossy(&said).starts_with("nothing is left"), "{call:?}");
        homes.append(&mut coins);
    }
    println!("voter rotate --empty-purse: killed before {} of {} calls", tried.len(), points.len());
    assert!(points.len() > 30);
    assert_eq!(homes.len(), tried.len(), "one coin each time");
    assert!(homes.iter().all(|home| home.outpoint == homes[0].outpoint), "always the same transaction");
}

#[test]
fn the_screens_tell_what_comes_home_and_what_stays() {
    let world = World::new();
    let [before, next] = ["hot", "hot-next"].map(|file| world.hot(file).fingerprint().to_string());
    world.ok("prepared", &SUBMIT);
    world.node.mine(1, &[&world.vsp]);
    world.ok("prepared", &["sync"]);
    let mut screens = 0;
    let mut screen = |args: &[&str], code, expected: &[&str]| {
        let (found, shown, said) = world.run(args);
        screens += 1;
        assert_eq!(found, code, "{args:?}: {said}");
        for text in expected {
            assert!(shown.contains(text) || said.contains(text), "{text}: {shown}{said}");
        }
    };
    let command = format!("dcrcold voter rotate --empty-purse {before}");
    screen(&["voter", "rotate"], 0, &["1. at once, as 0.", &command, "\n2. cold side: "]);
    world.vsp.rules(|rules| rules.closed = true);
    screen(&REGISTER, 6, &["takes no new tickets"]);
    let use_up =
        format!("1. 2 tickets wait for fees from its purse; to use it up: dcrcold vsp register --voter {before}");
    screen(&["voter", "rotate"], 0, &[&use_up, "\n2. at once, as 0."]);
    world.vsp.rules(|rules| rules.closed = false);
    world.fill_purse(&world.hot("hot"));
    world.ok("prepared", &REGISTER);
    // The fee took the larger coin, so the top-up of the purchase is free.
    screen(
        &empty(&before),
        0,
        &[
            "of 1 coin sent home, to Ss",
            "\ntransaction  ",
            "\n1.00000000 DCR of 1 coin left: VSP fees that are not mined yet",
            "\npurchases still name this voter",
        ],
    );
    screen(&empty(&before), 0, &["of 1 coin sent before, not mined yet\ntransaction  "]);
    screen(&["balance"], 0, &["unconfirmed", "purse           1.00000000"]);
    let rotate = [&["voter", "rotate", "hot-next"], &PASSPHRASE[..]].concat();
    screen(&rotate, 0, &[&format!("its purse still holds 1.00000000 DCR; bring that home: {command}")]);
    screen(&empty(&next), 0, &[&format!("nothing is left in the purse of voter {next}")]);
    world.node.mine(1, &[&world.vsp]);
    screen(
        &[&["--json"], &empty(&before)[..]].concat(),
        0,
        &["\"in_fees\": {\n      \"coins\": 1,\n      \"amount\": 100000000"],
    );

    // The VSP sends the fee when its tickets are deep enough, and what it leaves comes home.
    world.watch_with(&[&REGISTER[..], &["--voter", &before, "--watch"]].concat());
    screen(&empty(&before), 0, &["of 1 coin sent home, to Ss", "\nnothing is left in the purse of voter"]);
    world.node.mine(1, &[&world.vsp]);
    screen(&empty(&before), 0, &[&format!("nothing is left in the purse of voter {before}")]);
    screen(&["balance"], 0, &["total"]);
    println!("screens of an emptied purse: {screens} cases");
    assert_eq!(screens, 12);
}
