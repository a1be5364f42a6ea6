//! The transactions that a request carries along, and the room for them.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use dcrcold_core::hash::TxId;
use dcrcold_core::request::MAX_BODY;
use dcrcold_signer::transfer::InputRef;

use super::{PrepareError, Spendable};

/// The room for parents in a request; all else of the largest one fits the rest.
const PARENTS_ROOM: usize = MAX_BODY as usize - (16 << 10);

/// Parents that were looked up.
pub(super) struct Parents<F> {
    prefix: F,
    known: HashMap<TxId, Vec<u8>>,
}

impl<F: FnMut(&TxId) -> Option<Vec<u8>>> Parents<F> {
    /// `prefix` finds the prefix serialisation of a stored transaction.
    pub(super) fn new(prefix: F) -> Self {
        Self { prefix, known: HashMap::new() }
    }

    fn get(&mut self, id: &TxId) -> Result<&[u8], PrepareError> {
        match self.known.entry(*id) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let bytes = (self.prefix)(id).ok_or(PrepareError::ParentMissing { id: *id })?;
                Ok(entry.insert(bytes))
            }
        }
    }

    /// The inputs that spend these coins, and the parents that they need, each once.
    pub(super) fn inputs(&mut self, coins: &[Spendable]) -> Result<(Vec<InputRef>, Vec<Vec<u8>>), PrepareError> {
        let mut parents = Vec::new();
        let mut numbers: HashMap<TxId, u32> = HashMap::new();
        let mut inputs = Vec::with_capacity(coins.len());
        for coin in coins {
            let parent = match numbers.get(&coin.parent) {
                Some(number) => *number,
                None => {
                    let number = u32::try_from(parents.len()).expect("a request has at most 256 parents");
                    parents.push(self.get(&coin.parent)?.to_vec());
                    numbers.insert(coin.parent, number);
                    number
                }
            };
            inputs.push(InputRef { parent, output: coin.output, path: coin.path });
        }
        Ok((inputs, parents))
    }
}

/// The room that the parents of chosen coins take.
#[derive(Clone, Debug, Default)]
pub(super) struct Room {
    parents: HashSet<TxId>,
    bytes: usize,
}

impl Room {
    /// Takes in the parents of coins, all or none of them; says whether there is room.
    pub(super) fn take<'a>(
        &mut self,
        coins: impl IntoIterator<Item = &'a Spendable>,
        parents: &mut Parents<impl FnMut(&TxId) -> Option<Vec<u8>>>,
    ) -> Result<bool, PrepareError> {
        let (mut new, mut bytes) = (HashSet::new(), self.bytes);
        for coin in coins {
            if !self.parents.contains(&coin.parent) && new.insert(coin.parent) {
                bytes = bytes.saturating_add(parents.get(&coin.parent)?.len());
            }
        }
        let fits = bytes <= PARENTS_ROOM;
        if fits {
            self.bytes = bytes;
            self.parents.extend(new);
        }
        Ok(fits)
    }
}
