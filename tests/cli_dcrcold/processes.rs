//! Several processes on one wallet, and one that is killed.

use std::process::{Child, Output};
use std::thread::sleep;
use std::time::Duration;

use crate::{Home, stderr, stdout};

#[test]
fn two_that_buy_at_once_never_take_the_same_coin() {
    let home = Home::new();
    let names = ["one", "two", "three", "four"];
    let children: Vec<Child> =
        names.iter().map(|name| home.sim(&["buy", "1", "--out", name]).spawn().unwrap()).collect();
    let outputs: Vec<Output> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    let bought = outputs.iter().filter(|output| output.status.success()).count();
    assert_eq!(bought, 1, "{:?}", outputs.iter().map(stderr).collect::<Vec<_>>());
    for output in outputs.iter().filter(|output| !output.status.success()) {
        assert_eq!(output.status.code(), Some(1));
        let expected = "error: tickets and fees take 27.03633278 DCR together, and 0.00000000 DCR can be spent\n";
        assert!(stderr(output).starts_with(expected), "{}", stderr(output));
    }
    assert_eq!(names.iter().filter(|name| home.path(name).exists()).count(), 1);
}

#[test]
fn several_that_sync_at_once_find_the_same() {
    let home = Home::new();
    let import = home.command(&["--wallet", "fresh.db", "wallet", "import", "watch"]).output().unwrap();
    assert!(import.status.success());
    let sync = || home.command(&["--wallet", "fresh.db", "--source", "sim:net", "sync"]).spawn().unwrap();
    let children: Vec<Child> = (0..4).map(|_| sync()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let balance = home.command(&["--wallet", "fresh.db", "--json", "balance"]).output().unwrap();
    assert!(stdout(&balance).contains("\"total\": 16000000000"), "{}", stdout(&balance));
}

#[test]
fn a_sync_killed_at_any_moment_goes_on() {
    let home = Home::new();
    let fresh = |args: &[&str]| home.command(&[&["--wallet", "fresh.db", "--source", "sim:net"], args].concat());
    assert!(fresh(&["wallet", "import", "watch"]).output().unwrap().status.success());
    let mut killed = 0;
    for milliseconds in (0..200).step_by(8) {
        let mut child = fresh(&["sync"]).spawn().unwrap();
        sleep(Duration::from_millis(milliseconds));
        killed += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    println!("{killed} syncs killed");
    assert!(fresh(&["sync"]).output().unwrap().status.success());
    let balance = stdout(&fresh(&["--json", "balance"]).output().unwrap());
    assert!(balance.contains("\"total\": 16000000000"), "{balance}");
}
