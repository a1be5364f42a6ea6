//! The host is hostile: it chooses every byte of a request. One attack a test.

mod common;
#[path = "common/signer.rs"]
mod signer;

use common::{Vectors, hex, list, text};
use dcrcold_core::cbor::Writer;
use dcrcold_core::hash::{Sink, TransferId};
use dcrcold_core::machine::{FinishError, NoMemory, Receiver, Reviewable};
use dcrcold_core::policy::{Limits, Refusal, Rule};
use dcrcold_core::request::{HEADER_LENGTH, MAX_BODY};
use serde_json::Value;
use signer::TestSigner;

const ID: usize = 15;
const LENGTH: usize = 11;

/// The builder cases of the vectors.
fn cases() -> Vec<Value> {
    list(Vectors::load("builder.json").get("cases")).to_vec()
}

fn request(case: &Value) -> Vec<u8> {
    hex(&case["transfer"]["request"])
}

fn review(request: &[u8], signer: &mut TestSigner) -> Result<Reviewable<256, 100>, Refusal> {
    let mut receiver = Receiver::<256, 100>::default();
    receiver.push(request)?;
    receiver.finish(&mut signer.keys, &mut signer.voters, &mut NoMemory, &Limits::DEFAULT).map_err(
        |error| match error {
            FinishError::Refused(refusal) => refusal,
            FinishError::Keys(error) => panic!("keys: {error}"),
        },
    )
}

fn rule(result: &Result<Reviewable<256, 100>, Refusal>) -> Rule {
    match result {
        Ok(_) => panic!("accepted"),
        Err(refusal) => refusal.rule,
    }
}

/// Makes the container whole again after its body was changed: a hostile host computes ids too.
fn seal(request: &mut [u8]) {
    let body = u32::try_from(request.len() - HEADER_LENGTH).expect("a short body");
    request[LENGTH..ID].copy_from_slice(&body.to_le_bytes());
    let mut hashed = vec![request[7], request[8], request[9]];
    hashed.extend_from_slice(&request[HEADER_LENGTH..]);
    request[ID..HEADER_LENGTH].copy_from_slice(&blake256::blake256(&hashed));
}

/// Everything a person sees, and everything that would be signed.
fn shown_and_signed(reviewable: &Reviewable<256, 100>) -> (String, String) {
    let pages: Vec<_> = reviewable.pages().map(|page| format!("{:?} {page}", page.origin)).collect();
    let steps: Vec<_> = (0..).map_while(|number| reviewable.step(number)).map(|step| format!("{step:?}")).collect();
    (pages.join("\n"), steps.join("\n"))
}

#[test]
fn a_request_cut_anywhere_is_refused() {
    let mut ran = 0;
    for case in cases().iter().take(4) {
        let whole = request(case);
        let mut signer = TestSigner::of(case);
        for end in 0..whole.len() {
            assert_eq!(rule(&review(&whole[..end], &mut signer)), Rule::NotCanonical, "cut at {end}");
            ran += 1;
        }
    }
    println!("cut requests: {ran} cases");
    assert!(ran > 1000);
}

#[test]
fn a_flipped_bit_anywhere_is_refused() {
    let mut ran = 0;
    for case in cases().iter().take(2) {
        let whole = request(case);
        let mut signer = TestSigner::of(case);
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(review(&bytes, &mut signer).is_err(), "bit {bit} of byte {}", bit / 8);
            ran += 1;
        }
    }
    println!("flipped bits: {ran} cases");
    assert!(ran > 4000);
}

/// The attacker changes one bit and computes the id anew. Either a rule stops it, or a person sees another review, or
/// nothing that is signed changes but the outpoint of a parent that does not exist.
#[test]
fn a_changed_parameter_changes_the_review_or_is_refused() {
    let (mut refused, mut seen, mut outpoint) = (0, 0, 0);
    for case in cases().iter().filter(|case| text(&case["name"]).len() < 36) {
        let whole = request(case);
        let mut signer = TestSigner::of(case);
        let honest = review(&whole, &mut signer).expect("the vectors are accepted");
        let (pages, steps) = shown_and_signed(&honest);
        for bit in HEADER_LENGTH * 8..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            seal(&mut bytes);
            match review(&bytes, &mut signer).map(|reviewable| shown_and_signed(&reviewable)) {
                Err(_) => refused += 1,
                Ok((other, _)) if other != pages => seen += 1,
                Ok((_, other)) => {
                    let in_parents = bit / 8 > whole.len() - parents_length(case);
                    assert!(in_parents || other == steps, "bit {bit}: signed unseen");
                    outpoint += 1;
                }
            }
        }
    }
    println!(
        "changed bits: {} cases, {refused} refused, {seen} seen, {outpoint} in parents",
        refused + seen + outpoint
    );
    assert!(refused > 0 && seen > 0 && outpoint > 0);
}

fn parents_length(case: &Value) -> usize {
    let parents = case["parents"].as_array().map_or(&[][..], Vec::as_slice);
    parents.iter().map(|parent| text(parent).len() / 2 + 3).sum()
}

/// What the host says a coin is worth counts for nothing: another value makes another parent id, so the signature fits
/// no coin on the chain.
#[test]
fn a_lying_parent_changes_the_outpoint_that_is_signed() {
    let case = &cases()[0];
    let whole = request(case);
    let value = 25_500_000_000_u64.to_le_bytes();
    let position = whole.windows(8).position(|window| window == value).expect("the coin's value is in the parent");
    let mut lie = whole.clone();
    lie[position..position + 8].copy_from_slice(&25_600_000_000_u64.to_le_bytes());
    seal(&mut lie);
    let mut signer = TestSigner::of(case);
    let honest = review(&whole, &mut signer).expect("accepted");
    let lied = review(&lie, &mut signer).expect("a parent that may exist");
    assert_ne!(shown_and_signed(&honest).1, shown_and_signed(&lied).1);
}

#[test]
fn more_items_than_there_is_room_for_are_refused_before_they_are_read() {
    for (key, items, expected) in [
        (1_u64, 257_u64, Rule::TooLarge),
        (7, 101, Rule::TicketsAboveLimit),
        (13, 257, Rule::TooLarge),
        (1, u64::MAX, Rule::TooLarge),
    ] {
        let mut body = Buffer(Vec::new());
        Writer(&mut body).map(1).uint(key).array(items);
        assert_eq!(rule(&review(&container(&body.0), &mut TestSigner::of(&cases()[0]))), expected, "key {key}");
    }
}

#[test]
fn a_claimed_length_beyond_the_limit_is_refused_before_the_body_comes() {
    let mut bytes = request(&cases()[0]);
    bytes[LENGTH..ID].copy_from_slice(&(MAX_BODY + 1).to_le_bytes());
    let mut receiver = Receiver::<256, 100>::default();
    let refusal = receiver.push(&bytes[..HEADER_LENGTH]).expect_err("too large");
    assert_eq!(refusal.rule, Rule::TooLarge);
}

#[test]
fn strings_that_claim_to_be_endless_are_refused() {
    for head in [&[0x5f_u8][..], &[0x5b, 255, 255, 255, 255, 255, 255, 255, 255], &[0x7f], &[0x9f], &[0xbf]] {
        let mut body = vec![0xa1, 0x0d, 0x81];
        body.extend_from_slice(head);
        assert_eq!(rule(&review(&container(&body), &mut TestSigner::of(&cases()[0]))), Rule::NotCanonical);
    }
}

/// A signer that gets a request in one piece and a device that gets it byte by byte must not disagree on the rule.
#[test]
fn the_rule_does_not_depend_on_how_the_bytes_arrive() {
    let case = &cases()[0];
    let whole = request(case);
    let mut signer = TestSigner::of(case);
    let mut in_pieces = |bytes: &[u8], size: usize| {
        let mut receiver = Receiver::<256, 100>::default();
        let pushed = bytes.chunks(size).try_for_each(|piece| receiver.push(piece));
        let result = pushed.and_then(|()| {
            let finished = receiver.finish(&mut signer.keys, &mut signer.voters, &mut NoMemory, &Limits::DEFAULT);
            finished.map_err(|error| match error {
                FinishError::Refused(refusal) => refusal,
                FinishError::Keys(error) => panic!("keys: {error}"),
            })
        });
        rule(&result)
    };
    let mut ran = 0;
    for bit in 0..whole.len() * 8 {
        for surplus in 0..2 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes.resize(whole.len() + surplus, 0);
            assert_eq!(in_pieces(&bytes, usize::MAX), in_pieces(&bytes, 1), "bit {bit}, {surplus} bytes too many");
            ran += 1;
        }
    }
    println!("requests in pieces: {ran} cases");
    assert!(ran > 4000);
}

/// A head that was refused is followed by the right one, for a caller that goes on after an error: what comes out has an
/// id over bytes that nobody read.
#[test]
fn a_request_that_was_refused_cannot_be_continued() {
    let case = &cases()[0];
    let mut bytes = request(case);
    let inputs = [0x01, 0x81, 0x84];
    let at = bytes.windows(3).position(|window| window == inputs).expect("one input") + 1;
    bytes.splice(at..at, [0x99, 1, 1]);
    seal(&mut bytes);
    let mut receiver = Receiver::<256, 100>::default();
    let refusals = bytes.iter().filter(|byte| receiver.push(&[**byte]).is_err()).count();
    let mut signer = TestSigner::of(case);
    match receiver.finish(&mut signer.keys, &mut signer.voters, &mut NoMemory, &Limits::DEFAULT) {
        Err(FinishError::Refused(refusal)) => assert_eq!(refusal.rule, Rule::TooLarge),
        _ => panic!("accepted"),
    }
    assert_eq!(refusals, bytes.len() - at - 2, "the refused head and every byte after it");
}

/// A key that comes twice could make two readers see two requests.
#[test]
fn a_repeated_or_descending_key_is_refused() {
    for keys in [[4_u64, 4], [5, 4]] {
        let mut body = Buffer(Vec::new());
        let mut writer = Writer(&mut body);
        writer.map(2);
        keys.iter().for_each(|key| {
            writer.uint(*key).uint(10_000);
        });
        assert_eq!(rule(&review(&container(&body.0), &mut TestSigner::of(&cases()[0]))), Rule::NotCanonical);
    }
}

/// The approval of one request does not open another one, not even with the same check words.
#[test]
fn an_approval_is_for_one_id_only() {
    let case = &cases()[0];
    let mut signer = TestSigner::of(case);
    let reviewable = review(&request(case), &mut signer).expect("accepted");
    let mut other = *reviewable.id().as_bytes();
    other[31] ^= 1;
    assert!(reviewable.approve(&TransferId::from_bytes(other)).is_err(), "same check words, another id");
}

#[test]
fn wrong_check_words_approve_nothing() {
    let case = &cases()[0];
    let words = review(&request(case), &mut TestSigner::of(case)).expect("accepted").check_words();
    for position in 0..4 {
        let mut typed = words;
        typed[position] = "aardvark";
        let reviewable = review(&request(case), &mut TestSigner::of(case)).expect("accepted");
        assert!(reviewable.approve_with_words(typed).is_err(), "word {position}");
    }
    let reviewable = review(&request(case), &mut TestSigner::of(case)).expect("accepted");
    let typed = words.map(str::to_uppercase);
    assert!(reviewable.approve_with_words(typed.each_ref().map(String::as_str)).is_ok(), "case does not matter");
}

/// Random bytes after a good header, and random damage to good requests: refused or reviewed, never a panic.
#[test]
fn random_damage_never_panics() {
    let cases = cases();
    let mut random = Random(0x2026);
    let mut ran = 0;
    for round in 0..3000 {
        let case = &cases[round % cases.len()];
        let mut bytes = request(case);
        for _ in 0..=random.below(4) {
            let place = HEADER_LENGTH + random.below(bytes.len() - HEADER_LENGTH);
            match random.below(3) {
                0 => bytes[place] = random.byte(),
                1 => bytes.truncate(place.max(HEADER_LENGTH + 1)),
                _ => bytes.insert(place, random.byte()),
            }
        }
        seal(&mut bytes);
        let mut receiver = Receiver::<24, 20>::default();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (piece, tail) = rest.split_at(1 + random.below(rest.len()));
            if receiver.push(piece).is_err() {
                break;
            }
            rest = tail;
        }
        ran += 1;
    }
    println!("random damage: {ran} cases");
    assert_eq!(ran, 3000);
}

struct Buffer(Vec<u8>);

impl Sink for Buffer {
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

/// A purchase request on mainnet with this body.
fn container(body: &[u8]) -> Vec<u8> {
    let mut bytes = b"DCRCOLD\x01\x01\x00\x00".to_vec();
    bytes.resize(HEADER_LENGTH, 0);
    bytes.extend_from_slice(body);
    seal(&mut bytes);
    bytes
}

/// A small generator, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next()).expect("31 bits") % bound
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}
