//! The whole path with a device that holds the keys, and what a person meets on the way.

use std::fs;
use std::net::TcpListener;
use std::process::Output;
use std::time::Duration;

use dcrcold::voter::{Folder, HotVoter, Station};
use dcrcold::wallet::{SystemClock, Ticket, TicketState};
use dcrcold_core::amount::Amount;
use dcrcold_signer::sealed::Passphrase;
use dcrcold_signer::transfer::Container;
use dcrcold_simulator::{Answer, Person, Script};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::wire::{Wire, asking};
use crate::world::{PASSPHRASE, World, stderr, text};

/// More than the life of a ticket.
const PATIENCE: u32 = 450;

impl World {
    /// Buys, signs on the device, and compares with the software signer; the ids of the tickets.
    fn buy(&self, count: &str, voter: &str, name: &str) -> Vec<String> {
        let (request, answer) = (format!("{name}.request"), format!("{name}.answer"));
        let bought = self.facts(&["buy", count, "--voter", voter, "--out", &request]);
        let signed = self.device_facts(&["sign", &request, "--out", &answer]);
        assert_eq!(text(&signed, "request"), text(&bought, "id"));
        let expected = self.software_answer(&fs::read(self.path(&request)).unwrap());
        assert_eq!(fs::read(self.path(&answer)).unwrap(), expected, "the software signer answers the same bytes");
        let sent = self.facts(&["submit", &answer]);
        sent["tickets"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
    }

    /// Mines and votes until all tickets of the wallet have ended; how many were voted.
    fn vote(&self, voter: &str) -> usize {
        let folder = Folder::new(self.path("voters"));
        let sealed = fs::read(folder.hot_file(&voter.parse().unwrap())).unwrap();
        let passphrase = Passphrase::new(Zeroizing::new(PASSPHRASE.into())).unwrap();
        let hot = HotVoter::open(&Container::parse(&sealed).unwrap(), &passphrase).unwrap();
        let (mut station, mut sim, mut wallet) =
            (Station::open(&folder, vec![hot]).unwrap(), self.sim(), self.wallet());
        for _ in 0..PATIENCE {
            while station.attend(&mut sim, &SystemClock, Duration::ZERO).unwrap().tip.is_none() {}
            sim.mine(1).unwrap();
            wallet.sync(&mut sim, &SystemClock, &mut |_| {}).unwrap();
            let tickets = wallet.tickets().unwrap();
            if tickets.iter().all(|ticket| ticket.ending.is_some()) {
                let voted = |ticket: &&Ticket| ticket.ending.is_some_and(|ending| ending.how == TicketState::Voted);
                return tickets.iter().filter(voted).count();
            }
        }
        panic!("no end of the tickets");
    }
}

#[test]
fn a_wallet_made_from_a_device_buys_tickets_that_are_voted() {
    let world = World::new();
    let wallet = world.import();
    assert_eq!((wallet["signer_takes_inputs"].as_u64(), wallet["signer_takes_tickets"].as_u64()), (Some(24), Some(20)));
    assert_eq!(text(&wallet, "account"), "m/44'/1'/0'");
    assert_eq!(world.wire.shown(), ["account: simnet m/44'/1'/0'"]);
    let voter = world.voter();
    let address = text(&world.device_facts(&["address"]), "address");
    assert_eq!(world.wire.shown(), [format!("address: {address} simnet m/44'/1'/0'/0/0")]);
    world.fund(&[4 * world.price(), 3 * world.price()]);
    world.start_of_window();

    let tickets = world.buy("3", &voter, "first");
    assert_eq!(tickets.len(), 3);
    let shown = world.wire.shown();
    assert_eq!(shown.iter().filter(|prompt| prompt.starts_with("voter: box")).count(), 1, "{shown:#?}");
    assert_eq!(shown.iter().filter(|prompt| prompt.starts_with("approve: ")).count(), 1, "{shown:#?}");

    // The mark of the device is kept: the voter is not asked for again.
    world.fund(&[2 * world.price()]);
    world.start_of_window();
    world.buy("1", &voter, "second");
    let shown = world.wire.shown();
    assert!(shown.iter().all(|prompt| !prompt.starts_with("voter: ")), "{shown:#?}");

    let voted = world.vote(&voter);
    println!("tickets of a device: {voted} of 4 voted");
    assert_eq!(voted, 4);
}

#[test]
fn a_payment_is_shown_output_by_output_signed_and_mined() {
    let world = World::new();
    world.import();
    world.fund(&[300_000_000, 500_000_000]);
    world.wire.shown();
    let payees = ["SsWKp7wtdTZYabYFYSc9cnxhwFEjA5g4pFc", "ScfWg48LY65uC9YPFZp18DwMuRW52NgBvh6"];
    let pay = ["send", payees[0], "1", payees[1], "6", "--label", "rent", "--out", "pay.request"];
    let prepared = world.facts(&pay);
    assert_eq!(prepared["inputs"], 2);
    world.device_facts(&["sign", "pay.request", "--out", "pay.answer"]);
    let shown = world.wire.shown().join("\n");
    for expected in [payees[0], payees[1], "1.00000000", "6.00000000", "rent"] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    let expected = world.software_answer(&fs::read(world.path("pay.request")).unwrap());
    assert_eq!(fs::read(world.path("pay.answer")).unwrap(), expected, "the software signer answers the same bytes");
    let sent = world.facts(&["submit", "pay.answer"]);
    assert_eq!(sent["payment"], prepared["transaction"]);
    world.sim().mine(1).unwrap();
    world.sync();
    let left = 100_000_000 - prepared["fee"].as_u64().unwrap();
    assert_eq!(world.facts(&["balance"])["spendable"], left);

    // All that is left, joined with nothing else, to an address that the device shows as any other.
    world.facts(&["send", "--all", payees[0], "--out", "all.request"]);
    world.device_facts(&["sign", "all.request", "--out", "all.answer"]);
    world.facts(&["submit", "all.answer"]);
    world.sim().mine(1).unwrap();
    world.sync();
    assert_eq!(world.facts(&["balance"])["total"], 0);
}

#[test]
fn twenty_tickets_from_twenty_four_coins_are_one_review_and_the_answer_of_a_software_signer() {
    let world = World::new();
    world.import();
    let voter = world.voter();
    // Each ticket locks a little more than the price, and twenty-three coins do not pay for twenty.
    let coin = world.price() * 105 / 100 * 20 * 10 / 235;
    world.fund(&[coin; 24]);
    world.start_of_window();
    world.wire.shown();
    let amount = Amount::from_atoms(coin * 235 / 200).unwrap().to_string();
    let amount = amount.trim_end_matches(" DCR");
    let buy = |count: &str, out: &str| {
        world.run(&["buy", count, "--voter", &voter, "--amount", amount, "--out", out, "--json"])
    };
    let refused = buy("21", "too-many");
    assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("20"), "{}", stderr(&refused));
    let bought: Value = serde_json::from_slice(&buy("20", "request").stdout).unwrap();
    assert_eq!(bought["inputs"].as_u64(), Some(24));
    let signed = world.device_facts(&["sign", "request", "--out", "answer"]);
    let signatures =
        ["input_signatures", "ticket_signatures", "message_signatures"].map(|key| signed[key].as_u64().unwrap());
    assert_eq!(signatures, [24, 20, 20]);
    let expected = world.software_answer(&fs::read(world.path("request")).unwrap());
    assert_eq!(fs::read(world.path("answer")).unwrap(), expected);
    let shown = world.wire.shown();
    assert_eq!(shown.iter().filter(|prompt| prompt.starts_with("approve: ")).count(), 1);
    assert_eq!(world.facts(&["submit", "answer"])["tickets"].as_array().unwrap().len(), 20);
    println!("twenty tickets, twenty-four coins: {} signatures, 1 review", signatures.iter().sum::<u64>());
}

#[test]
fn registrations_for_tickets_that_exist_are_those_of_a_software_signer() {
    let world = World::new();
    world.import();
    let voter = world.voter();
    world.fund(&[3 * world.price()]);
    world.start_of_window();
    let tickets = world.buy("2", &voter, "tickets");
    world.sim().mine(2).unwrap();
    world.sync();
    let ids: Vec<_> = tickets.iter().map(|id| id.parse().unwrap()).collect();
    let mut wallet = world.wallet();
    let requests = wallet.prepare_registrations(Some(voter.parse().unwrap()), &ids, &SystemClock).unwrap();
    drop(wallet);
    let mut messages = 0;
    for (number, request) in requests.iter().enumerate() {
        let (file, answer) = (format!("register{number}"), format!("registered{number}"));
        fs::write(world.path(&file), &request.request).unwrap();
        let signed = world.device_facts(&["sign", &file, "--out", &answer]);
        messages += signed["message_signatures"].as_u64().unwrap();
        assert_eq!(fs::read(world.path(&answer)).unwrap(), world.software_answer(&request.request));
        world.facts(&["submit", &answer]);
    }
    println!("registrations of a device: {messages} cases");
    assert_eq!(messages, 2);
}

/// A person meets one line and one hint, and the exit code says what happened.
#[test]
fn what_stops_a_device_is_told_in_clear_words() {
    let world = World::new();
    let mainnet = world.with_device(&["wallet", "import"]);
    world.import();
    let voter = world.voter();
    world.fund(&[3 * world.price()]);
    world.start_of_window();
    world.facts(&["buy", "2", "--voter", &voter, "--out", "request"]);
    let sign = || world.with_device(&["sign", "request", "--out", "answer"]);
    let mut ran = 0;
    let mut stops = |status: i32, words: &[&str], output: Output| {
        let stderr = stderr(&output);
        assert_eq!(output.status.code(), Some(status), "{stderr}");
        words.iter().for_each(|words| assert!(stderr.contains(words), "{words:?} is not in: {stderr}"));
        assert!(!world.path("answer").exists());
        ran += 1;
    };
    let person = |answers: &[Answer]| *world.wire.simulator().user_mut() = Person::new(Script::of(answers.to_vec()));
    person(&[Answer::decline_at(1), Answer::approve()]);
    stops(4, &["Look at the device: is this the voter", "error: declined on the device"], sign());
    person(&[Answer::approve(), Answer::decline_at(5), Answer::approve()]);
    stops(4, &["read its", "error: declined on the device", "hint: nothing was signed"], sign());
    // In mid-review: the reply to the approval never comes. Abort, version, voter, begin, the pieces, the pages.
    for reply in [0, 1, 2, 3, 4, 12, 21, 24] {
        world.wire.cut_at(reply);
        stops(
            5,
            &["error: the connection to the device broke: it was unplugged", "hint: no signature was kept"],
            sign(),
        );
    }
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let elsewhere = |address: &str| world.run(&["sign", "request", "--out", "answer", "--simulator", address]);
    stops(5, &["no device at", "hint: start the simulator"], elsewhere(&nobody));
    stops(5, &["192.0.2.1:9999 is not an address of this computer"], elsewhere("192.0.2.1:9999"));
    stops(
        5,
        &["error: the device waits for an answer to what is on its screen", "hint: answer or decline"],
        elsewhere(&asking().to_string()),
    );
    let other = Wire::new("legal");
    stops(
        3,
        &["Look at the device: is this the voter", "input-not-ours", "hint: is this the device"],
        elsewhere(&other.address.to_string()),
    );
    stops(2, &["--simulator"], world.run(&["sign", "request", "--out", "answer"]));
    let again = world.with_device(&["wallet", "import", "--network", "simnet"]);
    stops(1, &["wallet.db exists already"], again);
    stops(5, &["the device does not serve mainnet", "hint: a simulator serves the test networks only"], mainnet);
    println!("what stops a device: {ran} cases");
    assert_eq!(ran, 17);
    // Nothing of all this is in the way of the same answer.
    let signed = sign();
    assert!(signed.status.success(), "{}", stderr(&signed));
    let expected = world.software_answer(&fs::read(world.path("request")).unwrap());
    assert_eq!(fs::read(world.path("answer")).unwrap(), expected);
}

#[test]
fn an_address_that_the_person_does_not_see_on_the_device_is_not_given_out() {
    let world = World::new();
    world.import();
    *world.wire.simulator().user_mut() = Person::new(Script::of([Answer::decline_at(1)]));
    let output = world.with_device(&["address"]);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(4), [].as_slice()), "{}", stderr(&output));
}
