//! Numbers of the curve: signatures as the operating system gives them, and as the protocol wants them.
//!
//! Knows nothing of the SDK, so that it is tested where there is none.

/// How many points the curve has, big endian. Source: SEC 2, secp256k1.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc,
    0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

/// The prime of the field that coordinates are in.
const FIELD: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xfc, 0x2f,
];

/// Half of the order, rounded down: the highest s that is low.
const HALF: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e,
    0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
];

/// A signature: r and s, big endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compact {
    r: [u8; 32],
    s: [u8; 32],
}

/// Whether bytes are a private key: at least 1, and below the order.
pub fn is_scalar(bytes: &[u8; 32]) -> bool {
    *bytes != [0; 32] && *bytes < ORDER
}

/// Whether bytes are a coordinate: the operating system takes larger numbers too, and does not come back.
pub fn is_coordinate(bytes: &[u8; 32]) -> bool {
    *bytes < FIELD
}

impl Compact {
    /// Reads `30 length 02 length r 02 length s` and nothing else.
    pub fn from_der(der: &[u8]) -> Option<Self> {
        let [0x30, length, rest @ ..] = der else { return None };
        if usize::from(*length) != rest.len() {
            return None;
        }
        let (r, rest) = integer(rest)?;
        let (s, rest) = integer(rest)?;
        (rest.is_empty() && is_scalar(&r) && is_scalar(&s)).then_some(Self { r, s })
    }

    /// Replaces a high s by the low one that is as good; whether it did, which turns the nonce point around.
    pub fn make_low(&mut self) -> bool {
        let high = self.s > HALF;
        if high {
            let mut borrow = 0;
            for (ours, whole) in self.s.iter_mut().zip(ORDER).rev() {
                let (once, first) = whole.overflowing_sub(*ours);
                let (twice, second) = once.overflowing_sub(borrow);
                (*ours, borrow) = (twice, u8::from(first || second));
            }
        }
        high
    }

    /// Both numbers, r first.
    pub fn to_bytes(self) -> [u8; 64] {
        let mut bytes = [0; 64];
        for (to, from) in bytes.iter_mut().zip(self.r.iter().chain(&self.s)) {
            *to = *from;
        }
        bytes
    }
}

/// A positive number of at most 32 bytes, in as few as it takes, and what comes after it.
fn integer(bytes: &[u8]) -> Option<([u8; 32], &[u8])> {
    let [0x02, length, rest @ ..] = bytes else { return None };
    let (digits, rest) = rest.split_at_checked((*length).into())?;
    let digits = match digits {
        [0, rest @ ..] if rest.first() >= Some(&0x80) => rest,
        [1..=0x7f, ..] => digits,
        _ => return None,
    };
    let mut number = [0; 32];
    let start = number.len().checked_sub(digits.len())?;
    number.get_mut(start..)?.copy_from_slice(digits);
    Some((number, rest))
}
