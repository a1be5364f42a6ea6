//! Held against `blake-hash`, an independent implementation.

#![expect(clippy::arithmetic_side_effects, clippy::unwrap_used, reason = "a test stops where its numbers do not fit")]

use blake_hash::Digest as _;
use blake256::digest::Digest;
use blake256::{Blake224, Blake256, blake224, blake256};

fn oracle256(message: &[u8]) -> Vec<u8> {
    blake_hash::Blake256::digest(message).to_vec()
}

fn oracle224(message: &[u8]) -> Vec<u8> {
    blake_hash::Blake224::digest(message).to_vec()
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.below(256).to_le_bytes()[0]).collect()
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next()).unwrap() % limit
    }
}

#[test]
fn random_messages_of_every_length_agree() {
    let mut numbers = Numbers(1);
    for length in 0..=1024 {
        let message = numbers.bytes(length);
        assert_eq!(blake256(&message).as_slice(), oracle256(&message), "{length} bytes");
        assert_eq!(blake224(&message).as_slice(), oracle224(&message), "{length} bytes");
    }
    println!("blake-hash: 1025 messages, both digest sizes");
}

#[test]
fn random_pieces_of_long_messages_agree() {
    let mut numbers = Numbers(2);
    for case in 0..200 {
        let message = numbers.bytes(1000 + case);
        let (mut ours256, mut ours224) = (Blake256::new(), Blake224::new());
        let mut rest = message.as_slice();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(numbers.below(rest.len().min(200) + 1));
            ours256.update(piece);
            ours224.update(piece);
            rest = after;
        }
        assert_eq!(ours256.finalize().as_slice(), oracle256(&message));
        assert_eq!(ours224.finalize().as_slice(), oracle224(&message));
    }
    println!("blake-hash: 200 messages in random pieces, both digest sizes");
}

/// The counter has two words: 2^29 bytes are 2^32 bits, where the upper word starts to count.
#[test]
fn messages_on_both_sides_of_the_low_counter_word_agree() {
    const AT: usize = 1 << 29;
    const ENDS: [usize; 9] = [AT - 65, AT - 64, AT - 9, AT - 8, AT - 1, AT, AT + 1, AT + 55, AT + 64];
    let zeros = vec![0; 1 << 20];
    let (mut ours, mut theirs) = (Blake256::new(), blake_hash::Blake256::new());
    for _ in 0..(AT / zeros.len() - 1) {
        ours.update(&zeros);
        theirs.update(&zeros);
    }
    let hashed = AT - zeros.len();
    for end in ENDS {
        let mut last = zeros.clone();
        last.resize(end - hashed, 0);
        let theirs = theirs.clone().chain(&last).finalize().to_vec();
        assert_eq!(ours.clone().chain_update(&last).finalize().as_slice(), theirs, "{end} bytes");
    }
    println!("blake-hash: {} messages around 2^32 bits", ENDS.len());
}
