//! Whose hot keys it takes to hand tickets to a VSP.

use dcrcold::delegate::{DelegateError, Refusal};
use dcrcold::voter::HotVoter;
use dcrcold::wallet::purchase::PurchaseError;
use dcrcold::wallet::vsp_tickets::VspTicket;
use dcrcold::wallet::{Ticket, VotingKeys, Wallet};
use dcrcold_core::hash::{Fingerprint, TxId};
use dcrcold_signer::cli::{Failure, SecretFile};

use crate::context::Context;
use crate::failure::Explain;
use crate::voter;

/// The hot keys at work with a VSP.
pub(super) struct Keys {
    /// Deal with the VSP, and pay.
    pub(super) dealing: HotVoter,
    /// Vote with tickets that were bought under other voters.
    pub(super) others: Vec<HotVoter>,
    /// Which voter each ticket belongs to.
    pub(super) voting: VotingKeys,
}

impl Keys {
    /// Opens the hot keys of the voter that deals and, as far as they are here, those of the voters of its tickets.
    pub(super) fn open(
        context: &Context,
        wallet: &Wallet,
        dealing: Fingerprint,
        rows: &[VspTicket],
        passphrases: &[SecretFile],
    ) -> Result<Self, Failure> {
        let folder = voter::folder(context)?;
        let voting = wallet.voting_keys().explain()?;
        let (here, tickets) = (folder.hot_voters(), wallet.tickets().explain()?);
        let mut voters = vec![voter::chosen(&folder, Some(dealing))?];
        let open = |ticket: &&Ticket| ticket.ending.is_none() && rows.iter().any(|row| row.ticket == ticket.id);
        for (owner, _) in tickets.iter().filter(open).filter_map(|ticket| voting.of(&ticket.voting)) {
            if here.contains(&owner) && !voters.contains(&owner) {
                voters.push(owner);
            }
        }
        let mut others = voter::open_all(&folder, &voters, passphrases)?;
        let dealing = others.remove(0);
        Ok(Self { dealing, others, voting })
    }
}

/// Refuses tickets whose voting keys are not here, before the cold side is asked for anything.
pub(super) fn check_owners(
    context: &Context,
    wallet: &Wallet,
    dealing: Fingerprint,
    named: &[TxId],
) -> Result<(), Failure> {
    if named.is_empty() {
        return Ok(());
    }
    let here = voter::folder(context)?.hot_voters();
    let (voting, tickets) = (wallet.voting_keys().explain()?, wallet.tickets().explain()?);
    for ticket in tickets.iter().filter(|ticket| named.contains(&ticket.id)) {
        let owner = voting.of(&ticket.voting).ok_or(PurchaseError::NoVotingKey { ticket: ticket.id });
        let (owner, _) = owner.explain()?;
        if owner != dealing && !here.contains(&owner) {
            return Err(DelegateError::from(Refusal::NoHotKeys { voter: owner })).explain();
        }
    }
    Ok(())
}
