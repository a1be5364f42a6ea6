//! A message gives one digest, however it is cut.

use blake256::digest::Digest;
use blake256::{Blake224, Blake256, blake224, blake256};

const LONGEST: usize = 256;

/// Bytes of which no two blocks are alike.
fn message() -> Vec<u8> {
    (0..=250).rev().chain(0..=4).collect()
}

#[test]
fn every_cut_in_two_of_every_length_gives_the_digest_of_the_whole() {
    let message = message();
    let mut cases = 0;
    for length in 0..=LONGEST {
        let whole = message.get(..length).unwrap();
        let (expected256, expected224) = (blake256(whole), blake224(whole));
        for cut in 0..=length {
            let (head, tail) = whole.split_at(cut);
            let hasher = Blake256::new().chain_update(head).chain_update(tail);
            assert_eq!(hasher.finalize(), expected256, "length {length} cut at {cut}");
            let hasher = Blake224::new().chain_update(head).chain_update(tail);
            assert_eq!(hasher.finalize(), expected224, "length {length} cut at {cut}");
            cases += 1;
        }
    }
    assert_eq!(cases, (LONGEST + 1) * (LONGEST + 2) / 2);
    println!("messages of 0..={LONGEST} bytes cut at every boundary: {cases} cases, both digest sizes");
}

#[test]
fn equal_pieces_of_every_size_give_the_digest_of_the_whole() {
    let message = message();
    let expected = blake256(&message);
    for size in 1..=LONGEST {
        let mut hasher = Blake256::new();
        for piece in message.chunks(size) {
            hasher.update(piece);
            hasher.update([]);
        }
        assert_eq!(hasher.finalize(), expected, "pieces of {size} bytes");
    }
    println!("equal pieces of one message: {LONGEST} cases");
}
