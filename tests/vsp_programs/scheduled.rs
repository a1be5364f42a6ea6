//! A request that the rule of `auto` prepared for a VSP: its tickets get there as if a person had asked for them.

use std::fs;

use dcrcold::wallet::purchase::PurchaseState;
use dcrcold::wallet::vsp_tickets::VspState;
use dcrcold::wallet::{SystemClock, Wallet};
use dcrcold_core::net::Network;
use dcrcold_signer::transfer::{Container, Encode};
use serde_json::Value;

use super::{World, files};

fn json(world: &World, args: &[&str]) -> Value {
    let output = world.ok("prepared", &[&["--json"], args].concat());
    // One line for each event, the last of which counts.
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|_| serde_json::from_str(text.lines().last().unwrap()).unwrap())
}

#[test]
fn tickets_that_the_rule_meant_for_a_vsp_are_registered_after_the_purchase() {
    let world = World::new();
    let mut wallet = Wallet::open(&world.path("prepared").join("wallet.db")).unwrap();
    for request in wallet.purchases().unwrap().iter().filter(|it| it.state == PurchaseState::Prepared) {
        wallet.cancel(&request.id, &SystemClock).unwrap();
    }
    let rule = ["--max-price", "60", "--keep", "1", "--tickets", "2", "--max-fees", "1", "--folder", "requests"];
    let set = json(&world, &[&["auto", "set"], &rule[..]].concat());
    assert_eq!(set["rule"]["vsp"], world.vsp.address().as_str(), "the one that was chosen");

    let due = json(&world, &["auto", "run", "--once"]);
    assert_eq!((&due["event"], &due["tickets"]), (&"signature-due".into(), &2.into()), "{due}");
    let request = fs::read(due["file"].as_str().unwrap()).unwrap();
    let id = *Container::parse(&request).unwrap().id();
    assert!(wallet.vsp_tickets().unwrap().is_empty());
    // The purse is paid by the request: what a VSP asks for must not need another trip to the cold side.
    let answer = files::sign(&request, &id).to_container(Network::Simnet).unwrap().encode();
    fs::write(world.path("prepared").join("answer-auto"), answer).unwrap();
    world.ok("prepared", &["submit", "answer-auto"]);
    world.watch();

    let rows = wallet.vsp_tickets().unwrap();
    let bought = wallet.parts(&id).unwrap().into_iter().skip(1).map(|part| part.id);
    let mut registered: Vec<_> = rows.iter().map(|row| row.ticket).collect();
    let mut bought: Vec<_> = bought.collect();
    registered.sort_unstable();
    bought.sort_unstable();
    assert_eq!((registered, bought.len()), (bought.clone(), 2));
    assert!(rows.iter().all(|row| row.state == VspState::Confirmed && row.vsp == world.vsp.address()), "{rows:?}");
    assert!(rows.iter().all(|row| row.payment.is_some() && row.trouble.is_none()), "{rows:?}");
    let shown = json(&world, &["auto", "show"]);
    assert_eq!(shown["requests"][0]["state"], "tickets-sent", "{shown}");
    println!("scheduled: {} tickets of the rule registered and paid for", rows.len());
}
