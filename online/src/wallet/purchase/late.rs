//! What can still be done with a signed purchase when its answer is late.

use dcrcold_core::amount::{Amount, FeeRate, Height};
use dcrcold_core::fees::TICKET_SIZE;
use dcrcold_core::hash::{TransferId, TxId};
use dcrcold_core::request::Funding;

use super::super::Wallet;
use super::left::Left;
use super::{PurchaseError, PurchaseState, RequestKind, store};
use crate::chain::window::Chance;
use crate::chain::{ChainSource, PriceWindow};

/// Blocks after which nodes forget a ticket that is not mined.
///
/// Source: dcrd `internal/mempool/mempool.go`, `maximumVoteAgeDelta` and `pruneStakeTx`.
const FORGOTTEN_AFTER: u32 = 288;

/// Why tickets cannot be mined now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// They are invalid from this height on.
    Expired {
        /// The height.
        expiry: Height,
        /// The first block that could hold them.
        earliest: Height,
    },
    /// Blocks want more than they lock.
    PriceRose {
        /// The price of the next block.
        price: Amount,
        /// What each ticket locks.
        amount: Amount,
    },
    /// With their split they would be mined in the first block of the next window, and may not suffice there.
    PriceUnsettled {
        /// What each ticket locks.
        amount: Amount,
        /// The highest price possible then.
        most: Amount,
    },
}

impl From<Misfit> for PurchaseError {
    fn from(misfit: Misfit) -> Self {
        match misfit {
            Misfit::Expired { expiry, earliest } => Self::Expired { expiry, earliest },
            Misfit::PriceRose { price, amount } => Self::PriceRose { price, amount },
            Misfit::PriceUnsettled { amount, most } => Self::PriceUnsettled { amount, most },
        }
    }
}

/// What can be done with a request now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// All of it is mined.
    Done,
    /// It can be sent as it is.
    Fits,
    /// The split or the payment waits to be mined.
    Waits {
        /// The transaction.
        tx: TxId,
    },
    /// A ticket waits to be mined. Nodes take nothing in its place; they forget it when the price rises above it.
    TicketWaits {
        /// The ticket.
        ticket: TxId,
        /// They forget it in this block at the latest.
        until: Height,
    },
    /// The next block tells the price.
    Unsettled(Misfit),
    /// The tickets have to be signed again, each over the coin that it has, without another split.
    SignAgain {
        /// How many.
        tickets: u32,
        /// Why.
        why: Misfit,
    },
    /// The coins have to be split anew for tickets.
    NewSplit {
        /// How many.
        tickets: u32,
        /// Why.
        why: Misfit,
    },
}

impl Wallet {
    /// What can be done with a request now.
    ///
    /// # Errors
    /// [`PurchaseError::UnknownRequest`], [`PurchaseError::Cancelled`], [`PurchaseError::Replaced`], or why the chain
    /// cannot be asked.
    pub fn late(&self, id: &TransferId, source: &mut dyn ChainSource) -> Result<Late, PurchaseError> {
        let left = Left::of(&self.db, id)?;
        if left.state == PurchaseState::Cancelled {
            return Err(PurchaseError::Cancelled { id: *id });
        }
        let window = source.price()?;
        self.late_for(id, &left, &window, source)
    }

    /// How many tickets of a purchase blocks can still hold before the price changes, if those are not all that are not
    /// mined and the next price may be too high for the others.
    ///
    /// # Errors
    /// [`PurchaseError::UnknownRequest`], [`PurchaseError::Replaced`], or when the wallet file cannot be read.
    pub fn in_time(&self, id: &TransferId, window: &PriceWindow) -> Result<Option<u32>, PurchaseError> {
        let left = Left::of(&self.db, id)?;
        let (amount, _) = store::terms(&self.db, id)?;
        let funding = if left.split_to_come() { Funding::Split } else { Funding::Direct };
        let next = Height(window.tip.height.0.saturating_add(1));
        let room = window.room(self.network(), funding, next);
        let some_wait = left.kind == RequestKind::Purchase && room < left.tickets_missing();
        Ok((some_wait && window.chance(amount) != Chance::Sure).then_some(room))
    }

    pub(super) fn late_for(
        &self,
        id: &TransferId,
        left: &Left,
        window: &PriceWindow,
        source: &mut dyn ChainSource,
    ) -> Result<Late, PurchaseError> {
        if left.is_done() {
            return Ok(Late::Done);
        }
        let (amount, expiry) = store::terms(&self.db, id)?;
        if let Some(waits) = waiting(left, expiry, window.tip.height, source)? {
            return Ok(waits);
        }
        if left.kind == RequestKind::Payment {
            return Ok(Late::Fits);
        }
        let Some(why) = misfit(amount, expiry, left.split_to_come(), window) else { return Ok(Late::Fits) };
        if matches!(why, Misfit::PriceUnsettled { .. }) {
            return Ok(Late::Unsettled(why));
        }
        let tickets = left.tickets_missing();
        let fee = FeeRate::RELAY_MINIMUM.fee(TICKET_SIZE).unwrap_or_default();
        let needed = window.next.checked_add(fee).unwrap_or(window.next);
        let suffices = !left.split_to_come() && left.least_coin(&self.db)? >= needed;
        Ok(if suffices { Late::SignAgain { tickets, why } } else { Late::NewSplit { tickets, why } })
    }
}

/// Why tickets that lock `amount` cannot be mined in the next block, or in the one after their split.
pub(super) fn misfit(amount: Amount, expiry: Height, split_to_come: bool, window: &PriceWindow) -> Option<Misfit> {
    let earliest = Height(window.tip.height.0.saturating_add(1 + u32::from(split_to_come)));
    if expiry <= earliest {
        return Some(Misfit::Expired { expiry, earliest });
    }
    // With its split not mined yet, a ticket is mined after the next block at the earliest.
    let settled = !split_to_come || window.blocks_left > 1;
    let (least, most) = if settled { (window.next, window.next) } else { (window.estimate.min, window.estimate.max) };
    if least > amount {
        Some(Misfit::PriceRose { price: least, amount })
    } else if most > amount {
        Some(Misfit::PriceUnsettled { amount, most })
    } else {
        None
    }
}

/// What of a request waits in the mempool; the tickets come first, for nothing helps against them.
fn waiting(
    left: &Left,
    expiry: Height,
    tip: Height,
    source: &mut dyn ChainSource,
) -> Result<Option<Late>, PurchaseError> {
    let parts: Vec<_> = left.parts.iter().rev().filter(|part| !part.mined).collect();
    let ids: Vec<TxId> = parts.iter().map(|part| part.tx).collect();
    let known = source.in_mempool(&ids)?;
    let Some((part, _)) = parts.iter().zip(known).find(|(_, known)| *known) else { return Ok(None) };
    let until = Height(tip.0.saturating_add(FORGOTTEN_AFTER + 1)).min(expiry);
    Ok(Some(match part.position {
        0 => Late::Waits { tx: part.tx },
        _ => Late::TicketWaits { ticket: part.tx, until },
    }))
}
