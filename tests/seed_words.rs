//! Seeds and their words, `seed_words.json`.

use dcrcold_core::words::{EVEN, ODD};
use dcrcold_signer::seed::{Seed, SeedError, byte_of, words_of};

mod common;

use common::{Vectors, hex, list, text};

#[test]
fn seed_words_agree_with_dcrwallet() {
    let mut vectors = Vectors::load("seed_words.json");
    for (key, words) in [("even_words", &EVEN), ("odd_words", &ODD)] {
        vectors.one(key, |value| {
            let expected: Vec<_> = list(value).iter().map(text).collect();
            assert_eq!(expected, words);
            expected.len()
        });
    }
    vectors.each("seeds", |row| {
        let seed = Seed::parse(text(&row["words"])).unwrap();
        assert_eq!(seed.as_bytes(), hex(&row["seed"]));
        assert_eq!(*seed.to_words(), text(&row["words"]));
        let from_hex = Seed::parse(text(&row["seed"])).unwrap();
        assert_eq!(from_hex.as_bytes(), seed.as_bytes());
        let shouted = text(&row["words"]).to_uppercase().replace(' ', "\n  ");
        assert_eq!(Seed::parse(&shouted).unwrap().as_bytes(), seed.as_bytes());
    });
    vectors.each("pgp_words_without_checksum", |row| {
        assert_eq!(*words_of(hex(&row["data"])), text(&row["words"]));
        let bytes: Vec<_> =
            text(&row["words"]).split(' ').enumerate().map(|(at, word)| byte_of(at, word).unwrap()).collect();
        assert_eq!(bytes, hex(&row["data"]));
    });
    vectors.each("invalid_inputs", |row| {
        let expected = match text(&row["error"]) {
            "wrong checksum word (or word of the wrong parity)" => SeedError::WrongParity { position: 32 },
            "a missing word breaks the even/odd alternation" => SeedError::WrongParity { position: 5 },
            "not in list" => SeedError::UnknownWord { position: 32 },
            "hex seed shorter than 16 bytes" => SeedError::Length { found: 15 },
            "hex seed longer than 64 bytes" => SeedError::Length { found: 65 },
            "odd length hex" => SeedError::NotHex,
            other => panic!("unknown error {other}"),
        };
        assert_eq!(Seed::parse(text(&row["words"])).err(), Some(expected));
    });
    vectors.finish(256 + 256 + 7 + 2 + 6);
}

#[test]
fn a_wrong_word_breaks_the_checksum() {
    let words = Seed::from_bytes(&[3; 32]).unwrap().to_words();
    let mut words: Vec<&str> = words.split(' ').collect();
    words[4] = "aardvark";
    assert_eq!(Seed::parse(&words.join(" ")).err(), Some(SeedError::Checksum));
    assert_eq!(Seed::parse(" \n").err(), Some(SeedError::Empty));
    assert_eq!(Seed::parse(&"aardvark adroitness ".repeat(33)).err(), Some(SeedError::TooManyWords));
}

#[test]
fn new_seeds_differ() {
    let (a, b) = (Seed::generate().unwrap(), Seed::generate().unwrap());
    assert_eq!(a.as_bytes().len(), 32);
    assert_ne!(a.as_bytes(), b.as_bytes());
    assert_eq!(a.to_words().split(' ').count(), 33);
}
