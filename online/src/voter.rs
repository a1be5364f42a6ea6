//! A hot voter: opens the keys that a signer exported, and votes with them.
//!
//! It holds voting, alt-sign and purse keys only; there is no spending key that it could be given.

use dcrcold_core::hash::{SIGHASH_ALL, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Index, VoterAccount};
use dcrcold_core::script::{Payee, Payment, StakeTag};
use dcrcold_signer::hd::HdError;
use dcrcold_signer::sealed::Passphrase;
use dcrcold_signer::stake::subsidy::vote_subsidy;
use dcrcold_signer::stake::ticket::{ReadTicketError, Ticket};
use dcrcold_signer::stake::vote::{Ballot, BuildVoteError, TICKET_INPUT, VoteBits, newest_version, unsigned_vote};
use dcrcold_signer::transfer::{Container, TransferError, open_hot_keys};
use dcrcold_signer::tx::sighash::SighashError;
use dcrcold_signer::tx::{Transaction, signature_hash, signature_script};
use dcrcold_signer::voter::{VoterKeys, VoterSecrets};
use dcrcold_signer::wif::Wif;

use crate::chain::BlockId;

/// How far beyond the last known index a voter's key is searched for.
const SEARCH: u32 = 100;

/// Why a vote cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VoterError {
    /// The file of hot keys cannot be opened.
    #[error(transparent)]
    HotKeys(#[from] TransferError),
    /// What should be voted with is something else.
    #[error("the transaction is not a ticket")]
    NotATicket(#[from] ReadTicketError),
    /// The voting rights of the ticket belong to somebody else.
    #[error("the voting right of ticket {ticket} is not one of voter \"{voter}\"")]
    NotOurs {
        /// The ticket.
        ticket: TxId,
        /// The voter's name.
        voter: String,
    },
    /// A key cannot be derived.
    #[error(transparent)]
    Keys(#[from] HdError),
    /// The vote cannot be built.
    #[error(transparent)]
    Build(#[from] BuildVoteError),
    /// The vote cannot be signed.
    #[error(transparent)]
    Sign(#[from] SighashError),
}

/// The hot keys of one voter.
pub struct HotVoter {
    network: Network,
    secrets: VoterSecrets,
}

impl HotVoter {
    /// Opens a transfer of kind 7 with its passphrase.
    ///
    /// # Errors
    /// [`VoterError::HotKeys`].
    pub fn open(container: &Container, passphrase: &Passphrase) -> Result<Self, VoterError> {
        Ok(Self { network: container.network(), secrets: open_hot_keys(container, passphrase)? })
    }

    /// The public side, by which purchases name the voter.
    #[must_use]
    pub fn public(&self) -> VoterKeys {
        self.secrets.public()
    }

    /// The network that the keys belong to.
    #[must_use]
    pub const fn network(&self) -> Network {
        self.network
    }

    /// Finds the index of the voting key of a ticket, from 0 to a little beyond `highest`.
    ///
    /// # Errors
    /// [`VoterError::NotOurs`], [`VoterError::Keys`].
    pub fn index_of(&self, ticket: &Ticket, highest: Index) -> Result<Index, VoterError> {
        let public = self.public();
        for step in 0..=highest.number().saturating_add(SEARCH) {
            let Some(index) = Index::FIRST.plus(step) else { break };
            if ticket.voting == Payee::KeyHash(public.hash(VoterAccount::Voting, index)?) {
                return Ok(index);
            }
        }
        Err(VoterError::NotOurs { ticket: ticket.id, voter: self.secrets.name.to_string() })
    }

    /// The voting key of a ticket in the form that dcrwallet imports.
    ///
    /// # Errors
    /// [`VoterError::Keys`].
    pub fn wif(&self, index: Index) -> Result<Wif, VoterError> {
        Ok(Wif::new(self.network, &self.secrets.key(VoterAccount::Voting, index)?))
    }

    /// Builds and signs the vote of a ticket on a block, approving the block before it and abstaining from agendas.
    ///
    /// # Errors
    /// [`VoterError`].
    pub fn vote(&self, ticket: &Transaction, index: Index, block: &BlockId) -> Result<Transaction, VoterError> {
        let ticket = Ticket::read(ticket)?;
        let bits = VoteBits::new(VoteBits::APPROVE, newest_version(self.network));
        let ballot = Ballot { block: block.hash, height: block.height, bits, treasury: Vec::new() };
        let mut vote = unsigned_vote(&ticket, &ballot, vote_subsidy(self.network, block.height))?;
        let script = Payment { tag: Some(StakeTag::Submission), payee: ticket.voting }.script();
        let digest = signature_hash(&vote, TICKET_INPUT, script.as_bytes(), SIGHASH_ALL)?;
        let key = self.secrets.key(VoterAccount::Voting, index)?;
        let signature = key.sign(&digest);
        if let Some(input) = vote.inputs.get_mut(TICKET_INPUT) {
            input.signature_script = signature_script(&signature, &key.public_key());
        }
        Ok(vote)
    }
}
