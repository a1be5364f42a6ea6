//! The lottery that picks the tickets which vote, and its random numbers.
//!
//! Source: dcrd `blockchain/stake/lottery.go`, `tickets.go`.

use blake256::blake256;
use dcrcold_core::hash::TxId;

use crate::block::BlockHeader;

/// Digits of pi, hashed behind the seed.
const SEED_SUFFIX: [u8; 8] = [0x24, 0x3f, 0x6a, 0x88, 0x85, 0xa3, 0x08, 0xd3];

/// The numbers in one hash.
const NUMBERS: usize = 8;

/// Deterministic random numbers from a seed, each a part of a BLAKE-256 hash.
#[derive(Clone, Debug)]
pub struct Hash256Prng {
    seed: [u8; 32],
    hash: [u8; 32],
    /// The number of the hash; 32 bits, then the seed is hashed again.
    index: u32,
    /// The number within the hash.
    position: u8,
}

impl Hash256Prng {
    /// Starts from any bytes; the lottery and revocations take the 180 bytes of a header.
    #[must_use]
    pub fn new(seed: &[u8]) -> Self {
        let seed = blake256(&[seed, &SEED_SUFFIX].concat());
        Self { seed, hash: seed, index: 0, position: 0 }
    }

    /// The next number of 32 bits.
    pub fn next_u32(&mut self) -> u32 {
        let (numbers, _) = self.hash.as_chunks::<4>();
        let number = u32::from_be_bytes(numbers[usize::from(self.position)]);
        self.position += 1;
        if usize::from(self.position) == NUMBERS {
            self.position = 0;
            self.hash = blake256(&[self.seed.as_slice(), &self.index.to_be_bytes()].concat());
            self.advance();
        }
        number
    }

    fn advance(&mut self) {
        match self.index.checked_add(1) {
            Some(index) => self.index = index,
            None => {
                self.seed = blake256(&self.seed);
                self.hash = self.seed;
                self.index = 0;
            }
        }
    }

    /// The next number below `bound`, all equally likely; 0 for a bound of 0 or 1.
    pub fn uniform(&mut self, bound: u32) -> u32 {
        if bound < 2 {
            return 0;
        }
        // The remainder of 2^32 by the bound: numbers below it would make small results likelier.
        let least = bound.wrapping_neg() % bound;
        loop {
            let number = self.next_u32();
            if number >= least {
                return number % bound;
            }
        }
    }

    /// A hash of the state, of which a header holds the first six bytes.
    #[must_use]
    pub fn state_hash(&self) -> [u8; 32] {
        blake256(&[self.hash.as_slice(), &self.index.to_be_bytes(), &[self.position]].concat())
    }
}

/// The outcome of the lottery on a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The tickets that may vote on the block, in the order drawn.
    pub winners: Vec<TxId>,
    /// What the header of the next block holds as its final state: it fixes winners and random numbers.
    pub final_state: [u8; 6],
}

/// A lottery with fewer tickets than winners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{live} live tickets are too few to draw {winners} from")]
pub struct TooFewTickets {
    /// Live tickets.
    pub live: usize,
    /// Winners asked for.
    pub winners: usize,
}

/// Draws `winners` of the tickets in `live`, all different, by the header of the block they vote on.
///
/// `live` holds the tickets live after that block, in ascending order of the bytes of their ids.
///
/// # Errors
/// [`TooFewTickets`] when there are not as many.
pub fn draw(header: &BlockHeader, live: &[TxId], winners: usize) -> Result<Draw, TooFewTickets> {
    let few = TooFewTickets { live: live.len(), winners };
    if live.len() < winners {
        return Err(few);
    }
    let bound = u32::try_from(live.len()).map_err(|_| few)?;
    let mut prng = Hash256Prng::new(&header.encode());
    let mut drawn: Vec<usize> = Vec::with_capacity(winners);
    while drawn.len() < winners {
        let position = prng.uniform(bound) as usize;
        if !drawn.contains(&position) {
            drawn.push(position);
        }
    }
    let winners: Vec<TxId> = drawn.into_iter().map(|position| live[position]).collect();
    let mut state: Vec<u8> = winners.iter().flat_map(TxId::as_bytes).copied().collect();
    state.extend(prng.state_hash());
    let [a, b, c, d, e, f, ..] = blake256(&state);
    Ok(Draw { winners, final_state: [a, b, c, d, e, f] })
}
