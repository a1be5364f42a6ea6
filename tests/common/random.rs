//! A small generator, so that a failure can be repeated, and damage to bytes.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

/// A linear congruential generator; its seed names the run.
pub struct Random(pub u64);

/// Bytes that change the meaning of what follows, in a body and in a transaction.
const SHARP: [u8; 20] =
    [0, 1, 2, 3, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x40, 0x58, 0x60, 0x80, 0x84, 0xa0, 0xba, 0xbb, 0xfc, 0xfd, 0xff];

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next()).expect("31 bits") % bound
    }

    pub fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// Changes one place behind `from`.
    pub fn damage(&mut self, bytes: &mut Vec<u8>, from: usize) {
        if bytes.len() <= from {
            return;
        }
        let place = from + self.below(bytes.len() - from);
        match self.below(6) {
            0 | 1 => bytes[place] ^= 1 << self.below(8),
            2 => bytes[place] = self.byte(),
            3 => bytes[place] = self.one_of(&SHARP),
            4 => bytes.insert(place, self.one_of(&SHARP)),
            _ => drop(bytes.remove(place)),
        }
    }
}
