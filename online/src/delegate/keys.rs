//! The keys of a ticket: one deals with the VSP, another one votes, and they need not be of one voter.

use dcrcold_core::hash::Fingerprint;
use dcrcold_core::path::{Index, VoterAccount};
use dcrcold_signer::key::PrivateKey;
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::wif::Wif;

use super::{Delegate, DelegateError, Refusal};
use crate::voter::HotVoter;
use crate::wallet::purchase::PurchaseError;
use crate::wallet::vsp_tickets::VspTicket;

impl Delegate<'_> {
    /// The key that deals with the VSP for a ticket.
    pub(super) fn alt_sign(&self, row: &VspTicket) -> Result<PrivateKey, DelegateError> {
        Ok(self.keys.key(VoterAccount::AltSign, row.index)?)
    }

    /// The key that votes with a ticket, which a VSP is given: that of the voter it was bought under, whoever deals for it.
    pub(super) fn voting_key(&self, row: &VspTicket) -> Result<Wif, DelegateError> {
        let (owner, index) = self.owner(row)?;
        let hot = self.hot(&owner).ok_or(Refusal::NoHotKeys { voter: owner })?;
        Ok(Wif::new(self.wallet.network(), &hot.key(VoterAccount::Voting, index)?))
    }

    /// The voter that a ticket was bought under, and the index of its keys.
    pub(super) fn owner(&self, row: &VspTicket) -> Result<(Fingerprint, Index), DelegateError> {
        let ticket = row.ticket;
        let tx = self.wallet.transaction(&ticket)?.ok_or(PurchaseError::UnknownTicket { ticket })?;
        let read = Ticket::read(&tx).map_err(|_| PurchaseError::UnknownTicket { ticket })?;
        Ok(self.voting.of(&read.voting).ok_or(PurchaseError::NoVotingKey { ticket })?)
    }

    /// The hot keys of a voter, if they are here.
    pub(super) fn hot(&self, voter: &Fingerprint) -> Option<&HotVoter> {
        [self.keys].into_iter().chain(self.others).find(|hot| hot.fingerprint() == *voter)
    }
}
