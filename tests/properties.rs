//! What holds for every value, tried on values that lie close to the ends of their ranges more often than chance would
//! have it. The same values every time; `PROPTEST_CASES` sets another number of them.
//!
//! Whole purchases and sends are in `invariants`, damaged requests in `canonical`.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "common/cold.rs"]
mod cold;

use std::fmt::Debug;

use cold::{Cold, atoms, encoded};
use dcrcold_core::amount::{Amount, FeeRate, MAX_ATOMS, Size};
use dcrcold_core::cbor::{Head, HeadReader, Reader, Writer};
use dcrcold_core::fees::{DUST, KEY_HASH_SCRIPT, Outputs, Remainder, divide};
use dcrcold_core::hash::{Hash160, TransferId};
use dcrcold_core::net::Network;
use dcrcold_core::request::{HEADER_LENGTH, RequestReader};
use dcrcold_core::rule::Refusal;
use dcrcold_core::script::Payee;
use dcrcold_signer::address::Address;
use dcrcold_signer::key::{PrivateKey, Signature};
use dcrcold_signer::seed::Seed;
use dcrcold_signer::transfer::{Container, Kind};
use dcrcold_signer::tx::signature_script;
use dcrcold_signer::wif::Wif;
use dcrcold_signer::wire::Buffer;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Tries a property on so many values and prints how many there were.
fn holds<S: Strategy>(what: &str, values: S, property: impl Fn(S::Value))
where
    S::Value: Debug,
{
    let cases = std::env::var("PROPTEST_CASES").map_or(1_000, |cases| cases.parse().unwrap());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut ran = 0;
    let counted = std::cell::RefCell::new(&mut ran);
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let result = runner.run(&values, |value| {
        **counted.borrow_mut() += 1;
        property(value);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{what}: {error}"));
    println!("{what}: {ran} cases");
    assert!(ran >= cases);
}

/// A number up to `most`, often near one of the ends or near a power of two.
fn number(most: u64) -> impl Strategy<Value = u64> {
    let near = move |(bit, off): (u32, i8)| (1_u64 << bit).wrapping_add_signed(off.into()).min(most);
    prop_oneof![0..=most, 0..=most.min(300), most.saturating_sub(300)..=most, (0..64_u32, any::<i8>()).prop_map(near)]
}

fn network() -> impl Strategy<Value = Network> {
    select(vec![Network::Mainnet, Network::Testnet3, Network::Simnet])
}

fn head() -> impl Strategy<Value = Head> {
    let kinds = [Head::Uint as fn(u64) -> Head, Head::Bytes, Head::Text, Head::Array, Head::Map];
    (select(kinds.to_vec()), number(u64::MAX)).prop_map(|(kind, number)| kind(number))
}

#[test]
fn every_head_of_cbor_reads_as_it_was_written_and_no_shorter() {
    holds("heads of CBOR", head(), |head| {
        let mut writer = Writer(Buffer(Vec::new()));
        writer.head(head);
        let bytes = writer.0.0;
        let mut reader = HeadReader::default();
        for (place, byte) in bytes.iter().enumerate() {
            let read = reader.push(*byte).unwrap();
            assert_eq!(read, (place + 1 == bytes.len()).then_some(head));
        }
        for cut in 0..bytes.len() {
            assert!(Reader::new(&bytes[..cut]).head().is_err());
        }
    });
}

#[test]
fn strings_of_cbor_read_as_they_were_written() {
    holds("strings of CBOR", (vec(any::<u8>(), 0..300), ".{0,100}"), |(bytes, text)| {
        let mut writer = Writer(Buffer(Vec::new()));
        writer.array(2).bytes(&bytes).text(&text);
        let written = writer.0.0;
        let mut reader = Reader::new(&written);
        assert_eq!(reader.array(), Ok(2));
        assert_eq!(reader.bytes(), Ok(&bytes[..]));
        assert_eq!(reader.text(), Ok(&text[..]));
        assert_eq!(reader.end(), Ok(()));
    });
}

#[test]
fn a_container_comes_back_and_none_of_its_bits_can_change() {
    let kinds = [Kind::Purchase, Kind::Send, Kind::Register, Kind::Answer, Kind::WatchExport, Kind::VoterExport];
    // Some repetition, so that there is something to deflate.
    let body = (vec(any::<u8>(), 0..200), 1..20_usize).prop_map(|(bytes, times)| bytes.repeat(times));
    let values = (select(kinds.to_vec()), network(), body, any::<Index>(), 0..8_u32);
    holds("containers", values, |(kind, network, body, place, bit)| {
        let container = Container::new(kind, network, body).unwrap();
        let mut bytes = container.encode();
        assert_eq!(Container::parse(&bytes).as_ref(), Ok(&container));
        assert_eq!(Container::parse(&container.encode_deflated()).as_ref(), Ok(&container));
        let place = place.index(bytes.len());
        assert!(Container::parse(&bytes[..place]).is_err(), "cut at {place}");
        bytes[place] ^= 1 << bit;
        assert!(Container::parse(&bytes).is_err(), "bit {bit} of byte {place} changed");
    });
}

fn read<const I: usize, const T: usize>(mut bytes: &[u8], cuts: &[usize]) -> Result<TransferId, Refusal> {
    let mut reader = Box::<RequestReader<I, T>>::default();
    for cut in cuts {
        let (piece, rest) = bytes.split_at((*cut).min(bytes.len()));
        reader.push(piece)?;
        bytes = rest;
    }
    reader.push(bytes)?;
    Ok(reader.finish()?.id)
}

#[test]
fn a_request_is_the_same_however_it_is_split() {
    let cold = Cold::new();
    let requests = [encoded(&cold.purchase(3)), encoded(&cold.send()), encoded(&cold.register())];
    let damage = proptest::option::of((any::<Index>(), any::<u8>()));
    let values = (select(requests.to_vec()), damage, vec(0..200_usize, 0..20));
    holds("split requests", values, |(mut bytes, damage, cuts)| {
        if let Some((place, byte)) = damage {
            let place = place.index(bytes.len() - HEADER_LENGTH) + HEADER_LENGTH;
            bytes[place] = byte;
        }
        let whole = read::<256, 100>(&bytes, &[]);
        assert_eq!(read::<256, 100>(&bytes, &cuts), whole);
        assert_eq!(read::<24, 20>(&bytes, &cuts), read::<24, 20>(&bytes, &[]));
        for cut in cuts {
            assert!(read::<24, 20>(&bytes[..cut.min(bytes.len() - 1)], &[]).is_err(), "cut at {cut}");
        }
    });
}

fn amount() -> impl Strategy<Value = Amount> {
    number(MAX_ATOMS).prop_map(atoms)
}

/// A number as an amount, if it can exist.
fn existing(atoms: u128) -> Option<Amount> {
    u64::try_from(atoms).ok().and_then(|atoms| Amount::from_atoms(atoms).ok())
}

#[test]
fn amounts_are_added_and_multiplied_without_a_carry_lost() {
    holds("sums of amounts", (amount(), amount(), number(u64::MAX)), |(one, other, factor)| {
        let (a, b) = (u128::from(one.atoms()), u128::from(other.atoms()));
        assert_eq!(one.checked_add(other), existing(a + b));
        assert_eq!(one.checked_sub(other), a.checked_sub(b).and_then(existing));
        assert_eq!(one.checked_mul(factor), a.checked_mul(factor.into()).and_then(existing));
        assert_eq!(Amount::checked_sum([one, other, one]), existing(a + b + a));
        assert_eq!(format!("{one:#}").parse(), Ok(one));
        assert_eq!(Amount::from_atoms(factor).ok(), existing(factor.into()));
    });
}

#[test]
fn a_fee_is_its_rate_times_the_size_or_does_not_exist() {
    holds("fees", (number(u64::MAX), number(u32::MAX.into())), |(rate, size)| {
        let fee = FeeRate::from_atoms_per_kb(rate).fee(Size(u32::try_from(size).unwrap()));
        let product = u128::from(rate) * u128::from(size);
        let exact = if product < 1_000 { rate.into() } else { product / 1_000 };
        let expected = existing(exact).filter(|_| product <= u64::MAX.into());
        assert_eq!(fee, expected);
    });
}

#[test]
fn what_goes_in_comes_out_or_is_a_fee() {
    let sizes = (0..=256_u32, 0..=101_u32, number(10_000_000));
    holds("remainders", (amount(), amount(), sizes), |(total, part, (inputs, outputs, rate))| {
        // Half of the sums are covered.
        let spent = if part > total { atoms(part.atoms() - total.atoms()) } else { part };
        let outputs = (0..outputs).fold(Outputs::default(), |sum, _| sum.with(KEY_HASH_SCRIPT));
        let rate = FeeRate::from_atoms_per_kb(rate);
        let without = rate.fee(outputs.size(inputs)).unwrap();
        match divide(total, spent, inputs, outputs, rate) {
            Ok(Remainder { fee, change }) => {
                let sum = spent.checked_add(fee).and_then(|sum| sum.checked_add(change.unwrap_or_default()));
                assert_eq!(sum, Some(total));
                let with = rate.fee(outputs.with(KEY_HASH_SCRIPT).size(inputs)).unwrap();
                match change {
                    Some(change) => assert!(fee == with && change >= DUST),
                    None => assert!(fee >= without && fee.atoms() < with.atoms() + DUST.atoms()),
                }
            }
            Err(short) => {
                let needed = spent.checked_add(without);
                assert_eq!(short.needed, needed);
                assert!(needed.is_none_or(|needed| needed > total));
            }
        }
    });
}

#[test]
fn no_signature_is_longer_than_it_was_estimated() {
    // The estimate of an input counts 108 bytes of signature script and one for its length.
    let values = (any::<[u8; 32]>(), any::<[u8; 32]>(), any::<[u8; 32]>());
    holds("signature scripts", values, |(secret, r, s)| {
        let Ok(key) = PrivateKey::from_bytes(&secret) else { return };
        let signature = Signature::from_bytes([r, s].concat().try_into().unwrap());
        assert!(signature_script(&signature, &key.public_key()).len() <= 109);
        let low = Signature::from_bytes(
            [r, [&[0x7f][..], &s[1..]].concat().try_into().unwrap()].concat().try_into().unwrap(),
        );
        assert!(signature_script(&low, &key.public_key()).len() <= 108);
    });
}

#[test]
fn a_seed_comes_back_from_its_words_and_swapped_words_are_noticed() {
    holds("seed words", (vec(any::<u8>(), 32), any::<Index>()), |(bytes, place)| {
        let seed = Seed::from_bytes(&bytes).unwrap();
        let words = seed.to_words();
        assert_eq!(Seed::parse(&words).unwrap().as_bytes(), bytes);
        let mut words: Vec<_> = words.split(' ').collect();
        let place = place.index(words.len() - 1);
        words.swap(place, place + 1);
        assert!(Seed::parse(&words.join(" ")).is_err(), "words {place} and the next are swapped");
        words.swap(place, place + 1);
        words.remove(place);
        assert!(Seed::parse(&words.join(" ")).is_err(), "word {place} is missing");
    });
}

#[test]
fn an_address_comes_back_and_belongs_to_one_network() {
    let values = (network(), any::<[u8; 20]>(), any::<bool>(), any::<Index>(), 0..58_usize);
    holds("addresses", values, |(network, hash, script, place, letter)| {
        let hash = Hash160::from_bytes(hash);
        let payee = if script { Payee::ScriptHash(hash) } else { Payee::KeyHash(hash) };
        let address = Address::of_payee(network, &payee);
        let text = address.to_string();
        assert_eq!(Address::parse(&text, network), Ok(address));
        assert_eq!(Address::parse(&text, network).unwrap().payee(), Some(payee));
        for other in [Network::Mainnet, Network::Testnet3, Network::Simnet] {
            assert_eq!(Address::parse(&text, other).is_ok(), other == network);
        }
        let letters = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        let mut other = text.clone().into_bytes();
        other[place.index(text.len())] = letters[letter];
        let other = String::from_utf8(other).unwrap();
        assert_eq!(Address::parse(&other, network).is_ok(), other == text, "{other}");
    });
}

#[test]
fn a_private_key_comes_back_from_its_text() {
    holds("private keys", (network(), any::<[u8; 32]>()), |(network, bytes)| {
        let Ok(key) = PrivateKey::from_bytes(&bytes) else { return };
        let text = Wif::new(network, &key).to_text();
        let again = Wif::parse(&text, network).unwrap();
        assert_eq!(again.ecdsa_key().unwrap().public_key(), key.public_key());
        assert_eq!(*again.to_text(), *text);
    });
}
