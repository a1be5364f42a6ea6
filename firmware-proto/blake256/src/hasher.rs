//! The hashers for messages that come in pieces.

use core::fmt;

use digest::common::BlockSizeUser;
use digest::consts::{U28, U32, U64};
use digest::{FixedOutput, FixedOutputReset, HashMarker, Output, OutputSizeUser, Reset, Update};

use crate::compress::BLOCK;
use crate::state::{State, copy};

pub(crate) const IV256: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
pub(crate) const IV224: [u32; 8] =
    [0xc105_9ed8, 0x367c_d507, 0x3070_dd17, 0xf70e_5939, 0xffc0_0b31, 0x6858_1511, 0x64f9_8fa7, 0xbefa_4fa4];

/// The padding bit before the length.
pub(crate) const MARK256: u8 = 1;
pub(crate) const MARK224: u8 = 0;

/// A message in progress: all whole blocks are hashed, the rest waits for more.
#[derive(Clone)]
struct Pending {
    state: State,
    buffer: [u8; BLOCK],
    /// Bytes of `buffer` in use, always less than all.
    used: usize,
}

impl Pending {
    const fn new(state: State) -> Self {
        Self { state, buffer: [0; BLOCK], used: 0 }
    }

    fn update(&mut self, mut data: &[u8]) {
        if self.used > 0 {
            let free = self.buffer.get_mut(self.used..).unwrap_or_default();
            let Some((filling, rest)) = data.split_at_checked(free.len()) else {
                return self.keep(data);
            };
            copy(free, filling);
            self.state.blocks(&[self.buffer]);
            self.used = 0;
            data = rest;
        }
        let (blocks, rest) = data.as_chunks();
        self.state.blocks(blocks);
        self.keep(rest);
    }

    /// Appends what does not fill the buffer.
    fn keep(&mut self, data: &[u8]) {
        let free = self.buffer.get_mut(self.used..).unwrap_or_default();
        if let Some((slot, _)) = free.split_at_mut_checked(data.len()) {
            copy(slot, data);
            self.used = self.used.wrapping_add(data.len());
        }
    }

    fn finish(&mut self, mark: u8, digest: &mut [u8]) {
        self.state.finish(self.buffer.get(..self.used).unwrap_or_default(), mark, digest);
    }
}

macro_rules! hasher {
    ($name:ident, $title:literal, $size:ty, $iv:ident, $mark:ident) => {
        #[doc = concat!("A ", $title, " hasher for a message in pieces.")]
        #[derive(Clone)]
        pub struct $name(Pending);

        impl $name {
            /// Starts a message without salt.
            #[must_use]
            pub const fn new() -> Self {
                Self(Pending::new(State::new($iv, [0; 4])))
            }

            /// Starts a message under a salt; sixteen zeros are the same as none.
            #[must_use]
            pub fn with_salt(salt: [u8; 16]) -> Self {
                let mut words = [0; 4];
                for (word, bytes) in words.iter_mut().zip(salt.as_chunks().0) {
                    *word = u32::from_be_bytes(*bytes);
                }
                Self(Pending::new(State::new($iv, words)))
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        // The state is as secret as the message.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), " { .. }"))
            }
        }

        impl HashMarker for $name {}

        impl OutputSizeUser for $name {
            type OutputSize = $size;
        }

        impl BlockSizeUser for $name {
            type BlockSize = U64;
        }

        impl Update for $name {
            fn update(&mut self, data: &[u8]) {
                self.0.update(data);
            }
        }

        impl FixedOutput for $name {
            fn finalize_into(mut self, out: &mut Output<Self>) {
                self.0.finish($mark, out);
            }
        }

        /// Starts anew under the same salt.
        impl Reset for $name {
            fn reset(&mut self) {
                self.0 = Pending::new(self.0.state.restarted($iv));
            }
        }

        impl FixedOutputReset for $name {
            fn finalize_into_reset(&mut self, out: &mut Output<Self>) {
                self.0.finish($mark, out);
                self.reset();
            }
        }
    };
}

hasher!(Blake256, "BLAKE-256", U32, IV256, MARK256);
hasher!(Blake224, "BLAKE-224", U28, IV224, MARK224);
