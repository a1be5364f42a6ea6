//! The chaining value between blocks, and the padding at the end.

use crate::compress::{BLOCK, compress};

/// Bytes of the last block that padding leaves for the message: one byte starts the padding, eight hold the length.
const LAST_ROOM: usize = BLOCK - 9;

/// Copies as many bytes as there are on both sides. Unlike `copy_from_slice` it cannot panic, which no check of lengths
/// before it takes out of a binary.
pub(crate) fn copy(to: &mut [u8], from: &[u8]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}

/// What is known after a whole number of blocks.
#[derive(Clone)]
pub(crate) struct State {
    h: [u32; 8],
    salt: [u32; 4],
    bits: u64,
}

impl State {
    pub(crate) const fn new(initial: [u32; 8], salt: [u32; 4]) -> Self {
        Self { h: initial, salt, bits: 0 }
    }

    /// The same salt with nothing hashed.
    pub(crate) const fn restarted(&self, initial: [u32; 8]) -> Self {
        Self::new(initial, self.salt)
    }

    /// Hashes whole blocks of message.
    pub(crate) fn blocks(&mut self, blocks: &[[u8; BLOCK]]) {
        let mut h = self.h;
        for block in blocks {
            self.bits = self.bits.wrapping_add(bits_in(BLOCK));
            compress(&mut h, &self.salt, self.bits, block);
        }
        self.h = h;
    }

    /// Hashes all that is left of a message and writes the digest.
    pub(crate) fn hash(mut self, message: &[u8], mark: u8, digest: &mut [u8]) {
        let (blocks, tail) = message.as_chunks();
        self.blocks(blocks);
        self.finish(tail, mark, digest);
    }

    /// Pads the message, which ends with `tail` of less than a block, and writes the digest.
    ///
    /// `mark` is the byte before the length: its lowest bit tells BLAKE-256 from BLAKE-224.
    pub(crate) fn finish(&mut self, tail: &[u8], mark: u8, digest: &mut [u8]) {
        let total = self.bits.wrapping_add(bits_in(tail.len()));
        let mut last = [0; BLOCK];
        if let Some((message, [padding, ..])) = last.split_at_mut_checked(tail.len()) {
            copy(message, tail);
            *padding = 0x80;
        }
        if tail.len() > LAST_ROOM {
            self.last(total, &last);
            last = [0; BLOCK];
        }
        last[LAST_ROOM] |= mark;
        if let Some(length) = last.last_chunk_mut() {
            *length = total.to_be_bytes();
        }
        let holds_message = (1..=LAST_ROOM).contains(&tail.len());
        self.last(if holds_message { total } else { 0 }, &last);
        for (bytes, word) in digest.as_chunks_mut().0.iter_mut().zip(self.h) {
            *bytes = word.to_be_bytes();
        }
    }

    /// Hashes one of the at most two blocks that hold padding.
    #[inline(never)]
    fn last(&mut self, bits: u64, block: &[u8; BLOCK]) {
        compress(&mut self.h, &self.salt, bits, block);
    }
}

/// Bits in `bytes` bytes, where `bytes` is at most a block.
const fn bits_in(bytes: usize) -> u64 {
    (bytes as u64).wrapping_mul(8)
}
