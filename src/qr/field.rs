//! Arithmetic on bytes as elements of GF(256), and on rows of them.
//!
//! The polynomial is x⁸ + x⁴ + x³ + x² + 1 (0x11d), the one of QR codes themselves. Rows are multiplied bit by bit: a
//! product with any coefficient is a sum of some of the row's eight doublings, and sums are exclusive ors, which
//! compilers turn into wide instructions. A table look-up for each byte is several times slower.

/// What x⁸ is replaced by.
const REDUCTION: u8 = 0x1d;

/// Twice an element.
const fn double(value: u8) -> u8 {
    (value << 1) ^ (REDUCTION & 0_u8.wrapping_sub(value >> 7))
}

/// The product of two elements.
pub(super) fn product(left: u8, right: u8) -> u8 {
    let mut sum = 0;
    for bit in (0..8).rev() {
        sum = double(sum) ^ (left & 0_u8.wrapping_sub((right >> bit) & 1));
    }
    sum
}

/// The element whose product with `value` is one; zero for zero.
pub(super) fn inverse(value: u8) -> u8 {
    // The group has 255 elements, so the inverse is the 254th power: 254 = 2 + 4 + ... + 128.
    let mut square = product(value, value);
    let mut power = square;
    for _ in 0..6 {
        square = product(square, square);
        power = product(power, square);
    }
    power
}

/// Adds a row to another.
pub(super) fn add(target: &mut [u8], row: &[u8]) {
    for (target, value) in target.iter_mut().zip(row) {
        *target ^= value;
    }
}

/// Doubles each element of a row.
fn double_all(row: &mut [u8]) {
    for value in row {
        *value = double(*value);
    }
}

/// A row and its seven doublings, to be added with many coefficients.
pub(super) struct Doublings([Vec<u8>; 8]);

impl Doublings {
    /// Doubles a row seven times.
    pub(super) fn of(row: &[u8]) -> Self {
        let mut last = row.to_vec();
        Self(std::array::from_fn(|_| {
            let this = last.clone();
            double_all(&mut last);
            this
        }))
    }

    /// Adds the row times a coefficient.
    pub(super) fn add_to(&self, target: &mut [u8], coefficient: u8) {
        for (bit, row) in self.0.iter().enumerate() {
            if coefficient >> bit & 1 == 1 {
                add(target, row);
            }
        }
    }
}

/// A sum of rows with coefficients, kept apart by the bits of the coefficients until it is read.
pub(super) struct Sum([Vec<u8>; 8]);

impl Sum {
    /// An empty sum of rows of a width.
    pub(super) fn new(width: usize) -> Self {
        Self(std::array::from_fn(|_| vec![0; width]))
    }

    /// Adds a row times a coefficient.
    pub(super) fn add(&mut self, row: &[u8], coefficient: u8) {
        for (bit, sum) in self.0.iter_mut().enumerate() {
            if coefficient >> bit & 1 == 1 {
                add(sum, row);
            }
        }
    }

    /// Adds the sum to a row.
    pub(super) fn add_to(self, target: &mut [u8]) {
        let mut total = vec![0; target.len()];
        for sum in self.0.iter().rev() {
            double_all(&mut total);
            add(&mut total, sum);
        }
        add(target, &total);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Products by powers of two, which is what a generator is.
    fn powers() -> Vec<u8> {
        std::iter::successors(Some(1), |value| Some(double(*value))).take(255).collect()
    }

    #[test]
    fn two_generates_every_element_but_zero() {
        let mut powers = powers();
        assert_eq!(double(powers[254]), 1, "the order is 255");
        powers.sort_unstable();
        assert_eq!(powers, (1..=255).collect::<Vec<u8>>());
    }

    #[test]
    fn products_are_sums_of_exponents() {
        let powers = powers();
        for (left, a) in powers.iter().enumerate() {
            for (right, b) in powers.iter().enumerate() {
                assert_eq!(product(*a, *b), powers[(left + right) % 255]);
            }
            assert_eq!((product(*a, 0), product(0, *a)), (0, 0));
            assert_eq!(product(*a, inverse(*a)), 1, "{a}");
        }
        assert_eq!(inverse(0), 0);
        println!("{} products", 255 * 255);
    }

    #[test]
    fn rows_are_multiplied_like_their_elements() {
        let row: Vec<u8> = (0..=255).collect();
        let doublings = Doublings::of(&row);
        for coefficient in 0..=255 {
            let expected: Vec<u8> = row.iter().map(|value| 7 ^ product(*value, coefficient)).collect();
            let mut target = vec![7; 256];
            doublings.add_to(&mut target, coefficient);
            assert_eq!(target, expected);
            let (mut sum, mut target) = (Sum::new(256), vec![7; 256]);
            sum.add(&row, coefficient);
            sum.add_to(&mut target);
            assert_eq!(target, expected);
        }
    }
}
