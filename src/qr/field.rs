//! Arithmetic on bytes as elements of GF(256), and on rows of them.
//!
//! The polynomial is x⁸ + x⁴ + x³ + x² + 1 (0x11d), the one of QR codes themselves. Rows are multiplied by halves: a
//! product with any coefficient is the sum of a product with its lower four bits and one with its upper four, each of
//! which has sixteen values. So a row is added with a coefficient in two exclusive ors of rows, which compilers turn into
//! wide instructions; a table look-up for each byte is several times slower.

/// What x⁸ is replaced by.
const REDUCTION: u8 = 0x1d;

/// Elements in a lane.
pub(super) const LANE: usize = 16;

/// Elements that are added at once. Rows are slices of lanes, so that no odd elements are left over.
pub(super) type Lane = [u8; LANE];

/// Values of half a coefficient.
const HALVES: usize = 16;

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

/// Bytes as a row; the length is a multiple of [`LANE`].
pub(super) fn lanes(bytes: &[u8]) -> &[Lane] {
    bytes.as_chunks().0
}

/// Adds elements to others.
fn add_lane(target: &mut Lane, lane: &Lane) {
    for (target, value) in target.iter_mut().zip(lane) {
        *target ^= value;
    }
}

/// Adds a row to another.
pub(super) fn add(target: &mut [Lane], row: &[Lane]) {
    for (target, lane) in target.iter_mut().zip(row) {
        add_lane(target, lane);
    }
}

/// Doubles each element of a row.
fn double_all(row: &mut [Lane]) {
    for value in row.as_flattened_mut() {
        *value = double(*value);
    }
}

/// Multiplies each element of a row.
pub(super) fn multiply(row: &mut [Lane], factor: u8) {
    let mut doubled = row.to_vec();
    row.fill([0; LANE]);
    for bit in 0..8 {
        if factor >> bit & 1 == 1 {
            add(row, &doubled);
        }
        double_all(&mut doubled);
    }
}

/// The products of a row with all halves of coefficients, to be added with many coefficients.
pub(super) struct Multiples {
    width: usize,
    low: Vec<Lane>,
    high: Vec<Lane>,
}

impl Multiples {
    /// Multiplies a row.
    pub(super) fn of(row: &[Lane]) -> Self {
        let (width, mut doubled) = (row.len(), row.to_vec());
        let [low, high] = [(); 2].map(|()| {
            let mut products = Vec::with_capacity(HALVES * width);
            products.resize(width, [0; LANE]);
            for _ in 0..4 {
                // Those so far, each with one more bit.
                let count = products.len();
                products.extend_from_within(..);
                products[count..].chunks_exact_mut(width).for_each(|product| add(product, &doubled));
                double_all(&mut doubled);
            }
            products
        });
        Self { width, low, high }
    }

    /// Adds the row times a coefficient.
    pub(super) fn add_to(&self, target: &mut [Lane], coefficient: u8) {
        let low = half(&self.low, coefficient & 15, self.width);
        let high = half(&self.high, coefficient >> 4, self.width);
        for ((target, low), high) in target.iter_mut().zip(low).zip(high) {
            add_lane(target, low);
            add_lane(target, high);
        }
    }
}

/// A sum of rows with coefficients: rows are added up by halves of their coefficients, and multiplied once at the end.
pub(super) struct Sum {
    width: usize,
    low: Vec<Lane>,
    high: Vec<Lane>,
}

impl Sum {
    /// An empty sum of rows of a width.
    pub(super) fn new(width: usize) -> Self {
        let [low, high] = [(); 2].map(|()| vec![[0; LANE]; HALVES * width]);
        Self { width, low, high }
    }

    /// Adds a row times a coefficient.
    pub(super) fn add(&mut self, row: &[Lane], coefficient: u8) {
        let low = &mut self.low[usize::from(coefficient & 15) * self.width..][..self.width];
        let high = &mut self.high[usize::from(coefficient >> 4) * self.width..][..self.width];
        for ((lane, low), high) in row.iter().zip(low).zip(high) {
            add_lane(low, lane);
            add_lane(high, lane);
        }
    }

    /// Adds the sum to a row.
    pub(super) fn add_to(&self, target: &mut [Lane]) {
        let mut total = vec![[0; LANE]; self.width];
        for sums in [&self.high, &self.low] {
            for bit in (0..4).rev() {
                double_all(&mut total);
                for value in (0..16).filter(|value| value >> bit & 1 == 1) {
                    add(&mut total, half(sums, value, self.width));
                }
            }
        }
        add(target, &total);
    }
}

/// The row of half a coefficient.
fn half(rows: &[Lane], value: u8, width: usize) -> &[Lane] {
    &rows[usize::from(value) * width..][..width]
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
        let mut cases = 0;
        for (left, a) in powers.iter().enumerate() {
            for (right, b) in powers.iter().enumerate() {
                assert_eq!(product(*a, *b), powers[(left + right) % 255]);
                cases += 1;
            }
            assert_eq!((product(*a, 0), product(0, *a)), (0, 0));
            assert_eq!(product(*a, inverse(*a)), 1, "{a}");
        }
        assert_eq!(inverse(0), 0);
        println!("{cases} products");
        assert_eq!(cases, 255 * 255);
    }

    #[test]
    fn rows_are_multiplied_like_their_elements() {
        let bytes: Vec<u8> = (0..=255).collect();
        let row = lanes(&bytes);
        let multiples = Multiples::of(row);
        let mut cases = 0;
        for coefficient in 0..=255 {
            let products: Vec<u8> = bytes.iter().map(|value| product(*value, coefficient)).collect();
            let mut target = row.to_vec();
            multiply(&mut target, coefficient);
            assert_eq!(target.as_flattened(), products);
            let expected: Vec<u8> = products.iter().map(|value| 7 ^ value).collect();
            let mut target = vec![[7; LANE]; 16];
            multiples.add_to(&mut target, coefficient);
            assert_eq!(target.as_flattened(), expected);
            let (mut sum, mut target) = (Sum::new(16), vec![[7; LANE]; 16]);
            sum.add(row, coefficient);
            sum.add_to(&mut target);
            assert_eq!(target.as_flattened(), expected);
            cases += 1;
        }
        println!("{cases} coefficients");
        assert_eq!(cases, 256);
    }

    #[test]
    fn sums_are_those_of_the_products() {
        let mut sum = Sum::new(1);
        let mut expected = [0; LANE];
        for n in 0..=255_u8 {
            let row = std::array::from_fn(|place| n.wrapping_mul(29) ^ place.to_le_bytes()[0]);
            let coefficient = n.wrapping_mul(73).rotate_left(3);
            sum.add(&[row], coefficient);
            expected.iter_mut().zip(row).for_each(|(sum, value)| *sum ^= product(value, coefficient));
        }
        let mut found = [[0; LANE]];
        sum.add_to(&mut found);
        assert_eq!(found, [expected]);
    }
}
