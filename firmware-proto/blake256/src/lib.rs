//! BLAKE-256 and BLAKE-224, the 14-round SHA-3 finalists that Decred hashes with. Not BLAKE2, not BLAKE3.
#![no_std]

pub use digest;

use digest::common::BlockSizeUser;
use digest::consts::{U28, U32, U64};
use digest::{FixedOutput, FixedOutputReset, HashMarker, Output, OutputSizeUser, Reset, Update};

const IV256: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

const CONSTANTS: [u32; 16] = [
    0x243f_6a88,
    0x85a3_08d3,
    0x1319_8a2e,
    0x0370_7344,
    0xa409_3822,
    0x299f_31d0,
    0x082e_fa98,
    0xec4e_6c89,
    0x4528_21e6,
    0x38d0_1377,
    0xbe54_66cf,
    0x34e9_0c6c,
    0xc0ac_29b7,
    0xc97c_50dd,
    0x3f84_d5b5,
    0xb547_0917,
];

const SIGMA: [[usize; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

/// A BLAKE-256 hasher.
#[derive(Clone)]
pub struct Blake256 {
    h: [u32; 8],
    bits: u64,
    buffer: [u8; 64],
    used: usize,
}

impl Default for Blake256 {
    fn default() -> Self {
        Self { h: IV256, bits: 0, buffer: [0; 64], used: 0 }
    }
}

fn compress(h: &mut [u32; 8], block: &[u8; 64], bits: u64) {
    let mut m = [0u32; 16];
    for (word, bytes) in m.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    let mut v = [0u32; 16];
    v[..8].copy_from_slice(h);
    v[8..].copy_from_slice(&CONSTANTS[..8]);
    v[12] ^= bits as u32;
    v[13] ^= bits as u32;
    v[14] ^= (bits >> 32) as u32;
    v[15] ^= (bits >> 32) as u32;
    let mut g = |r: &[usize; 16], i: usize, a: usize, b: usize, c: usize, d: usize| {
        let (x, y) = (r[2 * i], r[2 * i + 1]);
        v[a] = v[a].wrapping_add(v[b]).wrapping_add(m[x] ^ CONSTANTS[y]);
        v[d] = (v[d] ^ v[a]).rotate_right(16);
        v[c] = v[c].wrapping_add(v[d]);
        v[b] = (v[b] ^ v[c]).rotate_right(12);
        v[a] = v[a].wrapping_add(v[b]).wrapping_add(m[y] ^ CONSTANTS[x]);
        v[d] = (v[d] ^ v[a]).rotate_right(8);
        v[c] = v[c].wrapping_add(v[d]);
        v[b] = (v[b] ^ v[c]).rotate_right(7);
    };
    for round in 0..14 {
        let r = &SIGMA[round % 10];
        g(r, 0, 0, 4, 8, 12);
        g(r, 1, 1, 5, 9, 13);
        g(r, 2, 2, 6, 10, 14);
        g(r, 3, 3, 7, 11, 15);
        g(r, 4, 0, 5, 10, 15);
        g(r, 5, 1, 6, 11, 12);
        g(r, 6, 2, 7, 8, 13);
        g(r, 7, 3, 4, 9, 14);
    }
    for i in 0..8 {
        h[i] ^= v[i] ^ v[i + 8];
    }
}

impl HashMarker for Blake256 {}
impl OutputSizeUser for Blake256 {
    type OutputSize = U32;
}
impl BlockSizeUser for Blake256 {
    type BlockSize = U64;
}
impl Update for Blake256 {
    fn update(&mut self, mut data: &[u8]) {
        while !data.is_empty() {
            let take = data.len().min(64 - self.used);
            self.buffer[self.used..self.used + take].copy_from_slice(&data[..take]);
            self.used += take;
            data = &data[take..];
            if self.used == 64 {
                self.bits += 512;
                compress(&mut self.h, &self.buffer, self.bits);
                self.used = 0;
            }
        }
    }
}
impl FixedOutput for Blake256 {
    fn finalize_into(mut self, out: &mut Output<Self>) {
        let total = self.bits + 8 * self.used as u64;
        let used = self.used;
        let mut block = [0u8; 64];
        block[..used].copy_from_slice(&self.buffer[..used]);
        block[used] = 0x80;
        if used > 55 {
            compress(&mut self.h, &block, total);
            block = [0; 64];
        }
        block[55] |= 1;
        block[56..].copy_from_slice(&total.to_be_bytes());
        compress(&mut self.h, &block, if used == 0 || used > 55 { 0 } else { total });
        for (o, w) in out.chunks_exact_mut(4).zip(self.h) {
            o.copy_from_slice(&w.to_be_bytes());
        }
    }
}
impl Reset for Blake256 {
    fn reset(&mut self) {
        *self = Self::default();
    }
}
impl FixedOutputReset for Blake256 {
    fn finalize_into_reset(&mut self, out: &mut Output<Self>) {
        core::mem::take(self).finalize_into(out);
    }
}

type _U28 = U28;

/// Hashes `data` at once.
#[must_use]
pub fn blake256(data: &[u8]) -> [u8; 32] {
    use digest::Digest;
    Blake256::digest(data).into()
}

#[cfg(test)]
mod tests {
    #[test]
    fn kat() {
        assert_eq!(super::blake256(&[0])[..4], [0x0c, 0xe8, 0xd4, 0xef]);
        assert_eq!(super::blake256(b"")[..4], [0x71, 0x6f, 0x6e, 0x86]);
        assert_eq!(super::blake256(&[0; 72])[..4], [0xd4, 0x19, 0xba, 0xd3]);
    }
}
