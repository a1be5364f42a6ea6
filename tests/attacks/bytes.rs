//! The host damages a request anywhere, and makes length and id fit again: whole sweeps over the vectors' requests.

use dcrcold_core::machine::{FinishError, NoMemory, Receiver, Reviewable};
use dcrcold_core::policy::{Limits, Refusal, Rule};
use dcrcold_core::request::HEADER_LENGTH;
use serde_json::Value;

use crate::body::seal;
use crate::common::{Vectors, hex, list, text};
use crate::random::Random;
use crate::signer::TestSigner;

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

/// Everything a person sees, and everything that would be signed.
fn shown_and_signed(reviewable: &Reviewable<256, 100>) -> (String, String) {
    let pages: Vec<_> = reviewable.pages().map(|page| format!("{:?} {page}", page.origin)).collect();
    let steps: Vec<_> = (0..).map_while(|number| reviewable.step(number)).map(|step| format!("{step:?}")).collect();
    (pages.join("\n"), steps.join("\n"))
}

#[test]
fn has_the_first_part_of_a_request_signed() {
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
fn flips_a_bit_on_the_way() {
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
fn changes_a_parameter_that_nobody_sees() {
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

/// A signer that gets a request in one piece and a device that gets it byte by byte must not disagree on the rule.
#[test]
fn makes_a_host_and_a_device_see_two_requests() {
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
fn goes_on_after_a_refusal() {
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

/// Random bytes after a good header, and random damage to good requests: refused or reviewed, never a panic.
#[test]
fn crashes_the_signer_with_any_bytes() {
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
