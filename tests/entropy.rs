//! New seeds of the system's randomness and what a person adds, `seed_mixing.json`.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;

use common::{Vectors, hex, text};
use dcrcold_signer::seed::{Added, AddedKind, Seed, SeedError, SystemRandomness};

fn system(bytes: &[u8]) -> SystemRandomness {
    SystemRandomness::from_bytes(bytes.try_into().unwrap())
}

fn mixed(bytes: &[u8], kind: AddedKind, symbols: &str) -> Seed {
    system(bytes).mixed_with(&Added::parse(kind, symbols).unwrap()).unwrap()
}

#[test]
fn seeds_are_mixed_as_documented() {
    let mut vectors = Vectors::load("seed_mixing.json");
    vectors.each("mixed", |row| {
        let kind: AddedKind = text(&row["kind"]).parse().unwrap();
        let seed = mixed(&hex(&row["system"]), kind, text(&row["symbols"]));
        assert_eq!(seed.as_bytes(), hex(&row["seed"]));
    });
    vectors.finish(8);
}

#[test]
fn both_sources_change_the_seed() {
    let base = mixed(&[1; 32], AddedKind::Dice, "123");
    for (bytes, kind, symbols) in
        [([2; 32], AddedKind::Dice, "123"), ([1; 32], AddedKind::Dice, "124"), ([1; 32], AddedKind::Text, "123")]
    {
        assert_ne!(mixed(&bytes, kind, symbols).as_bytes(), base.as_bytes());
    }
    // Without an addition the seed is what the system gave.
    assert_eq!(system(&[1; 32]).into_seed().unwrap().as_bytes(), [1; 32]);
    // White space between throws is for the eye.
    assert_eq!(mixed(&[1; 32], AddedKind::Dice, " 1 2\n3 ").as_bytes(), base.as_bytes());
    let spaced = mixed(&[1; 32], AddedKind::Text, "a b");
    assert_ne!(mixed(&[1; 32], AddedKind::Text, "ab").as_bytes(), spaced.as_bytes());
}

#[test]
fn a_die_has_six_faces() {
    let error = |kind, symbols: &str| Added::parse(kind, symbols).err();
    let not_a_throw = |position| Some(SeedError::NotASymbol { position, kind: AddedKind::Dice });
    assert_eq!(error(AddedKind::Dice, "1230"), not_a_throw(3));
    assert_eq!(error(AddedKind::Dice, "1 2 7"), not_a_throw(2));
    assert_eq!(error(AddedKind::Dice, "x"), not_a_throw(0));
    assert_eq!(error(AddedKind::Dice, " \n"), Some(SeedError::NothingAdded));
    assert_eq!(error(AddedKind::Text, ""), Some(SeedError::NothingAdded));
    let control = Some(SeedError::NotASymbol { position: 1, kind: AddedKind::Text });
    assert_eq!(error(AddedKind::Text, "a\tb"), control);
    assert_eq!(error(AddedKind::Dice, &"1".repeat(4097)), Some(SeedError::TooManySymbols));
    assert!(error(AddedKind::Dice, &"1".repeat(4096)).is_none());
}

#[test]
fn ninety_nine_throws_are_a_whole_seed() {
    assert_eq!(AddedKind::Dice.full(), 99);
    assert_eq!([0, 1, 50, 98, 99, 100].map(|count| AddedKind::Dice.bits(count)), [0, 3, 129, 253, 256, 258]);
    assert_eq!(AddedKind::Text.bits(AddedKind::Text.full()), 256);
    assert_eq!(Added::parse(AddedKind::Dice, "12 34 56").unwrap().count(), 6);
}
