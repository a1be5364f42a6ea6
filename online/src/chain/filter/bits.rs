//! The bit stream of a Golomb-coded set: quotients in unary, remainders of fixed length.

/// Bits of a value's remainder.
pub(super) const REMAINDER_BITS: u32 = 19;

/// Writes bits, the most significant of a byte first.
#[derive(Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    used: usize,
}

impl BitWriter {
    fn put(&mut self, bit: bool) {
        if self.used.is_multiple_of(8) {
            self.bytes.push(0);
        }
        if let (true, Some(last)) = (bit, self.bytes.last_mut()) {
            *last |= 0x80 >> (self.used % 8);
        }
        self.used += 1;
    }

    /// The bytes, the last one filled up with zeros.
    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// Writes the quotient as ones and a zero, then the remainder.
    pub(super) fn put_delta(&mut self, delta: u64) {
        for _ in 0..delta >> REMAINDER_BITS {
            self.put(true);
        }
        self.put(false);
        for bit in (0..REMAINDER_BITS).rev() {
            self.put((delta >> bit) & 1 == 1);
        }
    }
}

/// Reads bits, the most significant of a byte first.
pub(super) struct BitReader<'a> {
    data: &'a [u8],
    position: usize,
}

impl<'a> BitReader<'a> {
    pub(super) const fn new(data: &'a [u8]) -> Self {
        Self { data, position: 0 }
    }

    /// The ones before the next zero, and that zero.
    fn quotient(&mut self) -> Option<u64> {
        let mut ones = 0;
        loop {
            let byte = self.data.get(self.position / 8)?;
            let used = self.position % 8;
            let run = (byte << used).leading_ones() as usize;
            if run < 8 - used {
                self.position += run + 1;
                return Some(ones + run as u64);
            }
            ones += run as u64;
            self.position += run;
        }
    }

    fn remainder(&mut self) -> Option<u64> {
        let (start, used) = (self.position / 8, self.position % 8);
        // Nineteen bits lie within four bytes, wherever they begin.
        let end = (self.position + REMAINDER_BITS as usize).div_ceil(8);
        let bytes = self.data.get(start..end)?;
        let mut word = [0; 4];
        word[..bytes.len()].copy_from_slice(bytes);
        let word = u32::from_be_bytes(word) << used;
        self.position += REMAINDER_BITS as usize;
        Some(u64::from(word >> (u32::BITS - REMAINDER_BITS)))
    }

    /// The next quotient and remainder, as one number.
    pub(super) fn delta(&mut self) -> Option<u64> {
        let quotient = self.quotient()?;
        Some((quotient << REMAINDER_BITS) | self.remainder()?)
    }

    /// Sees that less than a byte of zeros is left.
    ///
    /// # Errors
    /// The number of bits left.
    pub(super) fn finish(&self) -> Result<(), usize> {
        let bits = self.data.len() * 8 - self.position;
        let rest = self.data.get(self.position / 8).map_or(0, |byte| byte << (self.position % 8));
        if bits < 8 && rest == 0 { Ok(()) } else { Err(bits) }
    }
}
