//! Whatever a hostile computer changes in a request: it is refused, or a person sees another review.
//!
//! Every number, text and string of bytes in every request of `builder.json` is changed, every list cut, doubled and
//! turned around, every key left out. What may leave the pages as they are is named in [`UNSEEN`]; it changes the id and
//! so the check words.

#[path = "common/body.rs"]
mod body;
mod common;
#[path = "common/signer.rs"]
mod signer;

use std::collections::{BTreeMap, BTreeSet};

use body::{Body, head};
use common::{Vectors, hex, text};
use dcrcold_core::cbor::{Head, Writer};
use dcrcold_core::machine::{FinishError, NoMemory, Receiver};
use dcrcold_core::policy::Limits;
use dcrcold_core::request::HEADER_LENGTH;
use dcrcold_signer::screens::Sheet;
use serde_json::Value;
use signer::TestSigner;

/// Keys of the body (docs/protocol.md, section 4) that may change without another page, and why that moves no money.
const UNSEEN: [(u64, &str); 2] = [
    (1, "the order of the inputs, or another coin of ours that is worth the same"),
    (13, "the order of the parents, or a parent that does not exist but has the same coins"),
];

/// An item of a body, to be changed anywhere inside.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    Uint(u64),
    Bytes(Vec<u8>),
    Text(Vec<u8>),
    Array(Vec<Item>),
}

impl Item {
    fn read(bytes: &[u8]) -> (Self, &[u8]) {
        let (first, rest) = head(bytes);
        let split = |length: u64| rest.split_at(usize::try_from(length).expect("a short string"));
        match first {
            Head::Uint(number) => (Self::Uint(number), rest),
            Head::Bytes(length) => (Self::Bytes(split(length).0.to_vec()), split(length).1),
            Head::Text(length) => (Self::Text(split(length).0.to_vec()), split(length).1),
            Head::Array(count) => {
                let mut left = rest;
                let items = (0..count).map(|_| {
                    let (item, rest) = Self::read(left);
                    left = rest;
                    item
                });
                (Self::Array(items.collect()), left)
            }
            Head::Map(_) => panic!("a map within a body"),
        }
    }

    fn write(&self, to: &mut Writer<&mut body::Bytes>) {
        match self {
            Self::Uint(number) => _ = to.uint(*number),
            Self::Bytes(bytes) => _ = to.bytes(bytes),
            Self::Text(bytes) => _ = to.text(str::from_utf8(bytes).expect("only letters are exchanged")),
            Self::Array(items) => {
                to.array(items.len() as u64);
                items.iter().for_each(|item| item.write(to));
            }
        }
    }

    /// Everything that is this item with one change.
    fn changes(&self) -> Vec<Self> {
        match self {
            Self::Uint(number) => numbers(*number).into_iter().map(Self::Uint).collect(),
            Self::Bytes(bytes) => strings(bytes, &|byte, bit| byte ^ bit).into_iter().map(Self::Bytes).collect(),
            Self::Text(bytes) => {
                let other = |byte, bit| if byte == b'a' + bit % 26 { b'~' } else { b'a' + bit % 26 };
                strings(bytes, &other).into_iter().map(Self::Text).collect()
            }
            Self::Array(items) => lists(items),
        }
    }
}

fn numbers(number: u64) -> Vec<u64> {
    let near = [1, 2, 3, 20, 1000].into_iter().flat_map(|step| [number.checked_add(step), number.checked_sub(step)]);
    let far = (0..64).map(|bit| Some(number ^ (1 << bit))).chain([Some(0), Some(u64::MAX), number.checked_mul(2)]);
    let all: BTreeSet<_> = near.chain(far).flatten().filter(|other| *other != number).collect();
    all.into_iter().collect()
}

/// Each of about 40 bytes with one or two bits changed, and the string shorter and longer.
fn strings(bytes: &[u8], other: &dyn Fn(u8, u8) -> u8) -> Vec<Vec<u8>> {
    let step = bytes.len().div_ceil(40).max(1);
    let mut all = Vec::new();
    for place in (0..bytes.len()).step_by(step) {
        for bit in [1, 0x80] {
            let mut changed = bytes.to_vec();
            changed[place] = other(changed[place], bit);
            all.push(changed);
        }
    }
    all.push(bytes[..bytes.len().saturating_sub(1)].to_vec());
    all.push([bytes, &bytes[..bytes.len().min(1)]].concat());
    all.retain(|changed| changed != bytes);
    all
}

fn lists(items: &[Item]) -> Vec<Item> {
    let mut all = Vec::new();
    for place in 0..items.len() {
        for changed in items[place].changes() {
            let mut items = items.to_vec();
            items[place] = changed;
            all.push(items);
        }
        let (before, behind) = items.split_at(place);
        all.push([before, &behind[1..]].concat());
        all.push([before, &behind[..1], behind].concat());
        let mut swapped = items.to_vec();
        swapped.swap(place, (place + 1) % items.len());
        all.push(swapped);
    }
    all.retain(|changed| changed != items);
    all.into_iter().map(Item::Array).collect()
}

/// What a person reads, and the words; or the rule that refuses.
fn review(signer: &mut TestSigner, request: &[u8]) -> Result<(Vec<Sheet>, [&'static str; 4]), String> {
    let mut receiver = Box::<Receiver<256, 100>>::default();
    receiver.push(request).map_err(|refusal| refusal.rule.to_string())?;
    match receiver.finish(&mut signer.keys, &mut signer.voters, &mut NoMemory, &Limits::DEFAULT) {
        Ok(reviewable) => Ok((Sheet::of_review(reviewable.pages()), reviewable.check_words())),
        Err(FinishError::Refused(refusal)) => Err(refusal.rule.to_string()),
        Err(FinishError::Keys(error)) => panic!("{error}"),
    }
}

/// What became of changes.
#[derive(Default)]
struct Counts {
    refused: usize,
    seen: usize,
    unseen: BTreeMap<u64, usize>,
    rules: BTreeSet<String>,
}

impl Counts {
    fn note(&mut self, signer: &mut TestSigner, honest: &(Vec<Sheet>, [&str; 4]), key: u64, request: &[u8]) {
        match review(signer, request) {
            Err(rule) => {
                self.refused += 1;
                self.rules.insert(rule);
            }
            Ok((sheets, _)) if sheets != honest.0 => self.seen += 1,
            Ok((_, words)) => {
                assert!(UNSEEN.iter().any(|(unseen, _)| *unseen == key), "a change of key {key} is not seen");
                assert_ne!(words, honest.1, "not even the words are others");
                *self.unseen.entry(key).or_default() += 1;
            }
        }
    }
}

/// All changes of one request.
fn changes(case: &Value, counts: &mut Counts) {
    let request = hex(&case["transfer"]["request"]);
    let signer = &mut TestSigner::of(case);
    let honest = review(signer, &request).expect("an honest request");
    let body = Body::of(&request);
    assert_eq!(body.request(), request);
    for (key, value) in &body.pairs {
        counts.note(signer, &honest, *key, &body.without(*key).request());
        let (item, rest) = Item::read(value);
        assert!(rest.is_empty());
        for changed in item.changes() {
            let other = body.with(*key, |to| changed.write(to)).request();
            counts.note(signer, &honest, *key, &other);
        }
    }
    // The container, and a key more.
    for place in 7..HEADER_LENGTH {
        for bit in 0..8 {
            let mut other = request.clone();
            other[place] ^= 1 << bit;
            counts.note(signer, &honest, u64::MAX, &other);
        }
    }
    for key in (0..20).filter(|key| body.pairs.iter().all(|(known, _)| known != key)) {
        counts.note(signer, &honest, u64::MAX, &body.with(key, |to| _ = to.uint(1)).request());
    }
}

#[test]
fn every_change_is_refused_or_seen() {
    let mut vectors = Vectors::load("builder.json");
    let mut all = Counts::default();
    vectors.each("cases", |case| {
        let mut counts = Counts::default();
        changes(case, &mut counts);
        let unseen: usize = counts.unseen.values().sum();
        println!("{}: {} refused, {} seen, {unseen} by the words", text(&case["name"]), counts.refused, counts.seen);
        assert!(counts.refused > 100 && counts.seen > 30);
        all.refused += counts.refused;
        all.seen += counts.seen;
        all.rules.append(&mut counts.rules);
        counts.unseen.into_iter().for_each(|(key, count)| *all.unseen.entry(key).or_default() += count);
    });
    for (key, why) in UNSEEN {
        println!("key {key}, {why}: {} changes seen by the words only", all.unseen[&key]);
    }
    println!("changes: {} refused by {} rules, {} seen on the pages", all.refused, all.rules.len(), all.seen);
    assert!(all.rules.len() > 20, "{:?}", all.rules);
    vectors.elsewhere("refused");
    vectors.finish(15);
}
