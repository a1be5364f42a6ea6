//! What becomes of requests and their answers, command by command.

use std::fs;

use dcrcold_core::net::Network;
use dcrcold_signer::transfer::{Container, Encode};

use crate::{Home, files, stderr, stdout};

/// A request that reaches nobody locks no coins.
#[test]
fn a_request_that_cannot_be_written_locks_nothing() {
    let home = Home::new();
    let before = stdout(&home.run(&["balance"]));
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = home.sim(&["buy", "1", "--out", "-"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let output = home.run(&["buy", "1", "--out", "nowhere/request"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(stdout(&home.run(&["balance"])), before);
}

/// Signs the request in a file as the cold side does, into a file beside it.
fn sign(home: &Home, name: &str) {
    let request = fs::read(home.path(name)).unwrap();
    let id = *Container::parse(&request).unwrap().id();
    let answer = files::sign(&request, &id).to_container(Network::Simnet).unwrap();
    fs::write(home.path(&format!("{name}.answer")), answer.encode()).unwrap();
}

/// What an answer that is late leads to, command by command.
#[test]
fn a_late_answer_is_told_what_to_do() {
    let home = Home::new();
    let facts = |args: &[&str]| -> serde_json::Value {
        serde_json::from_str(&stdout(&home.run(&[&["--json"], args].concat()))).unwrap()
    };
    let late = facts(&["cancel"])[0]["id"].as_str().unwrap().to_owned();
    let mine = |blocks: &str| assert!(home.run(&["demo", "mine", "net", blocks]).status.success());
    mine("14");
    let refused = home.run(&["submit", "answer"]);
    assert_eq!(refused.status.code(), Some(1));
    let hint = format!("dcrcold buy --again {late} --out FILE");
    assert!(
        stderr(&refused).starts_with("error: the tickets expire at height 256") && stderr(&refused).contains(&hint)
    );

    let again = home.run(&["buy", "--again", &late, "--out", "again"]);
    assert!(again.status.success(), "{}", stderr(&again));
    assert!(stdout(&again).contains(&format!("instead of   {late}")));
    let replaced = home.run(&["submit", "answer"]);
    assert!(stderr(&replaced).contains("has taken the place of request"), "{}", stderr(&replaced));
    sign(&home, "again");
    assert!(home.run(&["submit", "again.answer"]).status.success());
    mine("2");
    assert!(home.run(&["sync"]).status.success());
    let requests = facts(&["cancel"]);
    let state = |id: &str| {
        let found = requests.as_array().unwrap().iter().find(|it| it["id"] == id).unwrap();
        (found["state"].as_str().unwrap().to_owned(), found["mined"].as_u64().unwrap())
    };
    assert_eq!(state(&late), ("cancelled".to_owned(), 0));
    assert_eq!(state(requests[0]["id"].as_str().unwrap()), ("tickets-sent".to_owned(), 2));
    assert!(stderr(&home.run(&["submit", "answer"])).contains("was cancelled"));
}

/// A signed request whose coins are sent home.
#[test]
fn an_answer_is_made_worthless_by_name() {
    let home = Home::new();
    let late = stdout(&home.run(&["cancel"])).lines().last().unwrap().to_owned();
    let spend = home.run(&["cancel", &late, "--spend", "back"]);
    assert!(stdout(&spend).contains("returns      59.99997830 DCR"), "{}", stdout(&spend));
    sign(&home, "back");
    assert!(home.run(&["submit", "back.answer"]).status.success());
    assert!(home.run(&["demo", "mine", "net", "1"]).status.success());
    assert!(home.run(&["sync"]).status.success());
    let refused = home.run(&["submit", "answer"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains(&format!("request {late} was cancelled")), "{}", stderr(&refused));
}

/// A standing order is kept, shown, and sent by `sync` when its price comes.
#[test]
fn a_standing_order_waits_for_its_price() {
    let home = Home::new();
    let buy = home.run(&["buy", "1", "--amount", "25.5", "--windows", "40", "--out", "order"]);
    assert!(stdout(&buy).contains("the tickets wait until the price is 25.50000000 DCR or less"), "{}", stdout(&buy));
    sign(&home, "order");
    let refused = home.run(&["submit", "order.answer"]);
    assert!(stderr(&refused).contains("the same command with --when-price-fits"), "{}", stderr(&refused));
    let kept = home.run(&["submit", "order.answer", "--when-price-fits"]);
    assert!(stdout(&kept).starts_with("kept as a standing order"), "{}{}", stdout(&kept), stderr(&kept));
    assert!(stdout(&home.run(&["tickets"])).contains("standing order"));
    assert!(stdout(&home.run(&["coins"])).contains("order "));
    let mut blocks = 0;
    while !stdout(&home.run(&["sync"])).contains("sent: its price came") {
        assert!(home.run(&["demo", "mine", "net", "1"]).status.success());
        blocks += 1;
        assert!(blocks < 20, "the price never came");
    }
    assert!(home.run(&["demo", "mine", "net", "2"]).status.success() && blocks > 0);
    assert!(home.run(&["sync"]).status.success());
    assert!(stdout(&home.run(&["tickets"])).contains("immature"));
    assert!(!stdout(&home.run(&["tickets"])).contains("standing order"));
}
