//! The live tickets, of which five are called to vote on every block.
//!
//! Source: dcrd `blockchain/stake/tickets.go`.

use dcrcold_core::amount::Height;
use dcrcold_core::hash::TxId;
use dcrcold_signer::block::BlockHeader;
use dcrcold_signer::stake::lottery::{Draw, draw};

use super::params::SIMNET;

/// What a block changed among the live tickets.
#[derive(Clone, Debug, Default)]
pub(super) struct PoolUndo {
    removed: Vec<(TxId, Height)>,
    added: Vec<TxId>,
}

/// The live tickets after a block.
#[derive(Clone, Debug, Default)]
pub(super) struct LivePool {
    /// In ascending order of the serialised ids.
    ids: Vec<TxId>,
    /// The heights at which they became live, in the same order.
    since: Vec<Height>,
}

impl LivePool {
    /// How many tickets are live.
    pub(super) fn size(&self) -> u32 {
        u32::try_from(self.ids.len()).unwrap_or(u32::MAX)
    }

    /// The live tickets.
    pub(super) fn ids(&self) -> &[TxId] {
        &self.ids
    }

    /// The tickets that a block at `height` must revoke because their time is over; `winners` are called for that block
    /// and either vote in it or are missed.
    pub(super) fn expiring(&self, height: Height, winners: &[TxId]) -> Vec<TxId> {
        let Some(oldest) = height.0.checked_sub(SIMNET.ticket_expiry) else { return Vec::new() };
        let expired = self.ids.iter().zip(&self.since).filter(|(id, since)| since.0 <= oldest && !winners.contains(id));
        expired.map(|(id, _)| *id).collect()
    }

    /// Moves on by one block at `height`: takes away the tickets called for it and those that expire with it, and adds
    /// those that mature.
    pub(super) fn advance(&mut self, height: Height, winners: &[TxId], matured: &[TxId]) -> PoolUndo {
        let gone = self.expiring(height, winners);
        let removed = winners.iter().chain(&gone).filter_map(|id| Some((*id, self.remove(id)?))).collect();
        let added = matured.iter().filter(|id| self.insert(**id, height)).copied().collect();
        PoolUndo { removed, added }
    }

    /// Takes back what a block changed.
    pub(super) fn revert(&mut self, undo: &PoolUndo) {
        for id in &undo.added {
            self.remove(id);
        }
        for (id, since) in &undo.removed {
            self.insert(*id, *since);
        }
    }

    /// Draws the tickets that vote on the block with `header`, from the tickets live after it.
    ///
    /// Nothing is drawn before the block in front of the first that needs votes, or from too few tickets.
    pub(super) fn draw(&self, header: &BlockHeader) -> Draw {
        let calls = usize::try_from(SIMNET.tickets_per_block).unwrap_or_default();
        let voting = header.height.0 + 1 >= SIMNET.stake_validation_height;
        let drawn = if voting { draw(header, &self.ids, calls).ok() } else { None };
        drawn.unwrap_or(Draw { winners: Vec::new(), final_state: [0; 6] })
    }

    fn insert(&mut self, id: TxId, since: Height) -> bool {
        let Err(position) = self.ids.binary_search(&id) else { return false };
        self.ids.insert(position, id);
        self.since.insert(position, since);
        true
    }

    fn remove(&mut self, id: &TxId) -> Option<Height> {
        let position = self.ids.binary_search(id).ok()?;
        self.ids.remove(position);
        Some(self.since.remove(position))
    }
}
