//! The host has a person approve one thing and signs another: the approval is bound to the bytes that were reviewed.

use std::collections::HashMap;

use dcrcold_core::hash::TransferId;
use dcrcold_core::request::Label;
use dcrcold_core::words::check_words;
use dcrcold_signer::rebuild::complete;
use dcrcold_signer::transfer::{Answer, Purchase};

use crate::body::seal;
use crate::cold::{Cold, PRICE, atoms, encoded};
use crate::harness::{Approvals, Victim};

/// Where the id is in a request.
const ID: usize = 15;

/// An honest request, and one that buys more.
fn two(victim: &Victim) -> [Vec<u8>; 2] {
    [encoded(&victim.cold.purchase(1)), encoded(&victim.cold.purchase(2))]
}

fn id(victim: &Victim, request: &[u8]) -> TransferId {
    *victim.review(request).unwrap().request().id()
}

/// The approval does not open the request, so that there is nothing to sign with.
fn not_approved(victim: &Victim, request: &[u8], words: [&str; 4]) {
    assert!(victim.review(request).unwrap().approve_with_words(words).is_err(), "{words:?}");
}

#[test]
fn uses_the_words_of_one_request_for_another() {
    let victim = Victim::new();
    let [honest, hostile] = two(&victim);
    let words = victim.review(&honest).unwrap().request().check_words();
    not_approved(&victim, &hostile, words);
    let mut approvals = Approvals::default();
    victim.review(&honest).unwrap().approve_with_words(words).unwrap().sign(&mut approvals).unwrap();
    assert_eq!(approvals.0, 1);
}

#[test]
fn uses_three_words_of_one_request_for_another() {
    let victim = Victim::new();
    let [honest, _] = two(&victim);
    for place in 0..4 {
        let mut words = victim.review(&honest).unwrap().request().check_words();
        words[place] = if words[place] == "aardvark" { "absurd" } else { "aardvark" };
        not_approved(&victim, &honest, words);
    }
}

#[test]
fn uses_the_right_words_in_another_order() {
    let victim = Victim::new();
    let [honest, _] = two(&victim);
    let mut words = victim.review(&honest).unwrap().request().check_words();
    words.swap(0, 2);
    not_approved(&victim, &honest, words);
}

#[test]
fn uses_no_words() {
    let victim = Victim::new();
    not_approved(&victim, &two(&victim)[0], [""; 4]);
}

#[test]
fn uses_words_that_begin_like_the_right_ones() {
    let victim = Victim::new();
    let [honest, _] = two(&victim);
    let words = victim.review(&honest).unwrap().request().check_words();
    not_approved(&victim, &honest, words.map(|word| &word[..word.len() - 1]));
}

#[test]
fn uses_the_id_of_one_request_for_another() {
    let victim = Victim::new();
    let [honest, hostile] = two(&victim);
    assert!(victim.review(&hostile).unwrap().approve(&id(&victim, &honest)).is_err());
}

#[test]
fn uses_an_id_that_has_the_same_words() {
    let victim = Victim::new();
    let [honest, _] = two(&victim);
    let mut bytes = *id(&victim, &honest).as_bytes();
    bytes[31] ^= 1;
    let near = TransferId::from_bytes(bytes);
    assert_eq!(check_words(&near), check_words(&id(&victim, &honest)));
    assert!(victim.review(&honest).unwrap().approve(&near).is_err());
}

/// A request whose label a host counts up, and where its digits are.
struct Counting {
    request: Vec<u8>,
    digits: std::ops::Range<usize>,
}

impl Counting {
    fn new(cold: &Cold, tickets: u32) -> Self {
        let label = "number 00000000";
        let request = encoded(&Purchase { label: Label::new(label.as_bytes()), ..cold.purchase(tickets) });
        let start = request.windows(label.len()).position(|window| window == label.as_bytes()).unwrap();
        Self { request, digits: start + 7..start + label.len() }
    }

    fn number(&mut self, number: u32) -> &[u8] {
        self.request[self.digits.clone()].copy_from_slice(format!("{number:08}").as_bytes());
        seal(&mut self.request);
        &self.request
    }
}

/// Four words are 32 bits: some hundred thousand labels give two requests with the same words. Whoever approves one by
/// its words signs it and not the other; a script's full id opens neither but its own.
#[test]
fn finds_two_requests_with_the_same_words() {
    let victim = Victim::new();
    let mut both = [1, 2].map(|tickets| Counting::new(&victim.cold, tickets));
    let mut seen = HashMap::new();
    let (number, other) = (0..10_000_000)
        .find_map(|number| {
            let request = both[number as usize % 2].number(number);
            let other = seen.insert(request[ID..ID + 4].to_vec(), number)?;
            (other % 2 != number % 2).then_some((number, other))
        })
        .unwrap();
    let [cheap, dear] = if number % 2 == 0 { [number, other] } else { [other, number] };
    let [one, two] = &mut both;
    let [cheap, dear] = [one.number(cheap).to_vec(), two.number(dear).to_vec()];
    let words = victim.review(&cheap).unwrap().request().check_words();
    assert_eq!(words, victim.review(&dear).unwrap().request().check_words());
    assert!(victim.review(&dear).unwrap().approve(&id(&victim, &cheap)).is_err());
    // What was reviewed is signed: the words cannot carry the approval over to bytes that nobody read.
    let reviewed = victim.review(&cheap).unwrap();
    let shown = reviewed.request().clone();
    let answer = reviewed.approve_with_words(words).unwrap().sign(&mut Approvals::default()).unwrap();
    assert_eq!((answer.request, answer.tickets.len()), (id(&victim, &cheap), 1));
    complete(&shown, &answer, &victim.cold.account).unwrap();
    let other = victim.review(&dear).unwrap();
    complete(other.request(), &answer, &victim.cold.account).unwrap_err();
}

/// The same question again gives the same answer: no second signature over the same digest, which would give a key away
/// when its nonce differs.
#[test]
fn asks_twice_for_two_signatures() {
    let victim = Victim::new();
    let [honest, _] = two(&victim);
    let answers: [Answer; 2] = [victim.signs(&honest), victim.signs(&honest)];
    assert_eq!(answers[0], answers[1]);
}

/// Two requests that lead to the same split: what is signed twice is the same signature.
#[test]
fn asks_in_other_words_for_two_signatures() {
    let victim = Victim::new();
    let ask = |label: &str| Purchase { label: Label::new(label.as_bytes()), ..victim.cold.purchase(1) };
    let [first, second] = ["one", "two"].map(|label| victim.signs(&encoded(&ask(label))));
    assert_ne!(first.request, second.request);
    assert_eq!((first.inputs, first.tickets), (second.inputs, second.tickets));
}

/// Signatures for one purchase fit no other transaction, not even one with the same coin and the same keys.
#[test]
fn carries_a_signature_over_to_another_purchase() {
    let victim = Victim::new();
    let answer = victim.signs(&encoded(&victim.cold.purchase(1)));
    let mut other = victim.cold.purchase(1);
    (other.amount, other.claim.price) = (atoms(PRICE.atoms() - 1), Some(PRICE));
    let reviewed = victim.review(&encoded(&other)).unwrap();
    let claimed = Answer { request: *reviewed.request().id(), ..answer };
    complete(reviewed.request(), &claimed, &victim.cold.account).unwrap_err();
}
