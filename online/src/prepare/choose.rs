//! Which coins a request spends.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use dcrcold_core::amount::Amount;
use dcrcold_core::fees::{self, Outputs};
use dcrcold_core::hash::TxId;
use dcrcold_core::request::MAX_BODY;

use super::{Order, PrepareError, Spendable};

/// The room for parents in a request; all else of the largest one fits the rest.
const PARENTS_ROOM: usize = MAX_BODY as usize - (16 << 10);

/// Parents that were looked up.
pub(super) struct Prefixes<F> {
    pub(super) prefix: F,
    pub(super) known: HashMap<TxId, Vec<u8>>,
}

impl<F: FnMut(&TxId) -> Option<Vec<u8>>> Prefixes<F> {
    pub(super) fn get(&mut self, id: &TxId) -> Result<&[u8], PrepareError> {
        match self.known.entry(*id) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let bytes = (self.prefix)(id).ok_or(PrepareError::ParentMissing { id: *id })?;
                Ok(entry.insert(bytes))
            }
        }
    }
}

/// Coins put together for one request.
#[derive(Default)]
struct Choice {
    coins: Vec<Spendable>,
    parents: HashSet<TxId>,
    parent_bytes: usize,
}

impl Choice {
    /// Takes a coin, unless its parent is too large to travel with those of the others.
    fn take(
        &mut self,
        coin: &Spendable,
        prefixes: &mut Prefixes<impl FnMut(&TxId) -> Option<Vec<u8>>>,
    ) -> Result<bool, PrepareError> {
        if !self.parents.contains(&coin.parent) {
            let bytes = self.parent_bytes.saturating_add(prefixes.get(&coin.parent)?.len());
            if bytes > PARENTS_ROOM {
                return Ok(false);
            }
            self.parent_bytes = bytes;
            self.parents.insert(coin.parent);
        }
        self.coins.push(coin.clone());
        Ok(true)
    }
}

/// Takes the smallest coins that can each become a ticket, so that as little as possible is locked beyond the price.
pub(super) fn choose_direct(
    order: &Order,
    coins: &[Spendable],
    prefixes: &mut Prefixes<impl FnMut(&TxId) -> Option<Vec<u8>>>,
) -> Result<Vec<Spendable>, PrepareError> {
    let least = order.each().ok_or(PrepareError::Overflow { tickets: order.tickets, amount: order.amount })?;
    let mut fitting: Vec<_> = coins.iter().filter(|coin| coin.value >= least).collect();
    fitting.sort_by_key(|coin| (coin.value, coin.parent, coin.output));
    let wanted = usize::try_from(order.tickets).unwrap_or(usize::MAX);
    let mut choice = Choice::default();
    for coin in &fitting {
        if choice.coins.len() < wanted {
            choice.take(coin, prefixes)?;
        }
    }
    let found = fitting.len();
    if choice.coins.len() == wanted {
        Ok(choice.coins)
    } else {
        Err(PrepareError::NoCoinsThatFit { tickets: order.tickets, least, found })
    }
}

/// Takes what stakes returned, then the rest, the largest first so that a request stays small, until they cover
/// everything. When so many coins of stakes do not, the largest coins are taken wherever they come from.
pub(super) fn choose(
    order: &Order,
    coins: &[Spendable],
    most_inputs: usize,
    prefixes: &mut Prefixes<impl FnMut(&TxId) -> Option<Vec<u8>>>,
) -> Result<Vec<Spendable>, PrepareError> {
    let mut sorted: Vec<_> = coins.iter().collect();
    sorted.sort_by_key(|coin| (Reverse((coin.returned, coin.value)), coin.parent, coin.output));
    match cover(order, &sorted, most_inputs, prefixes) {
        Err(PrepareError::Short { .. }) => {
            sorted.sort_by_key(|coin| (Reverse(coin.value), coin.parent, coin.output));
            cover(order, &sorted, most_inputs, prefixes)
        }
        result => result,
    }
}

/// Takes coins in their order until they cover everything.
fn cover(
    order: &Order,
    coins: &[&Spendable],
    most_inputs: usize,
    prefixes: &mut Prefixes<impl FnMut(&TxId) -> Option<Vec<u8>>>,
) -> Result<Vec<Spendable>, PrepareError> {
    let overflow = || PrepareError::Overflow { tickets: order.tickets, amount: order.amount };
    let each = order.each().ok_or_else(overflow)?;
    let mut spent = each.checked_mul(u64::from(order.tickets)).ok_or_else(overflow)?;
    let mut outputs = (0..order.tickets).fold(Outputs::default(), |sum, _| sum.with(fees::KEY_HASH_SCRIPT));
    if let Some(purse) = order.purse {
        spent = spent.checked_add(purse.amount).ok_or_else(overflow)?;
        outputs = outputs.with(fees::KEY_HASH_SCRIPT);
    }
    let nothing = fees::divide(Amount::ZERO, spent, 1, outputs, order.fee_rate);
    let mut needed = nothing.err().and_then(|short| short.needed).unwrap_or(spent);
    let (mut choice, mut total) = (Choice::default(), Amount::ZERO);
    for coin in coins {
        if choice.coins.len() == most_inputs {
            break;
        }
        if !choice.take(coin, prefixes)? {
            continue;
        }
        total = total.checked_add(coin.value).ok_or_else(overflow)?;
        let inputs = u32::try_from(choice.coins.len()).map_err(|_| overflow())?;
        match fees::divide(total, spent, inputs, outputs, order.fee_rate) {
            Ok(_) => return Ok(choice.coins),
            Err(short) => needed = short.needed.ok_or_else(overflow)?,
        }
    }
    Err(PrepareError::Short { tickets: order.tickets, needed, found: total })
}
