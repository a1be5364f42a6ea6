//! The hot keys of one voter: opened from the sealed file that a signer exported.

use dcrcold_core::hash::{Fingerprint, SIGHASH_ALL};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, Generation, Index, VoterAccount};
use dcrcold_core::script::{Payee, Payment, StakeTag};
use dcrcold_signer::hd::HdError;
use dcrcold_signer::key::PrivateKey;
use dcrcold_signer::sealed::Passphrase;
use dcrcold_signer::stake::subsidy::vote_subsidy;
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::stake::vote::{Ballot, TICKET_INPUT, unsigned_vote};
use dcrcold_signer::transfer::{Container, open_hot_keys};
use dcrcold_signer::tx::{Transaction, signature_hash, signature_script};
use dcrcold_signer::voter::{VoterKeys, VoterSecrets};
use dcrcold_signer::wif::Wif;

use super::VoterError;
use crate::wallet::SEARCHED_AHEAD;

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

    /// What names the voter.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.public().fingerprint(self.network)
    }

    /// The spending account that the voter belongs to, 0 for a foreign one, and its generation.
    #[must_use]
    pub const fn origin(&self) -> (Account, Generation) {
        (self.secrets.account, self.secrets.generation)
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
        for step in 0..=highest.number().saturating_add(SEARCHED_AHEAD) {
            let Some(index) = Index::FIRST.plus(step) else { break };
            if ticket.voting == Payee::KeyHash(public.hash(VoterAccount::Voting, index)?) {
                return Ok(index);
            }
        }
        Err(VoterError::NotOurs { ticket: ticket.id, voter: self.secrets.name.to_string() })
    }

    /// The private key `0/index` of an account.
    ///
    /// # Errors
    /// [`HdError`] with a probability of 2^-127.
    pub fn key(&self, account: VoterAccount, index: Index) -> Result<PrivateKey, HdError> {
        self.secrets.key(account, index)
    }

    /// The voting key of a ticket in the form that dcrwallet imports.
    ///
    /// # Errors
    /// [`VoterError::Keys`].
    pub fn wif(&self, index: Index) -> Result<Wif, VoterError> {
        Ok(Wif::new(self.network, &self.secrets.key(VoterAccount::Voting, index)?))
    }

    /// Builds and signs the vote of a ticket. The same ballot gives the same vote, byte for byte.
    ///
    /// # Errors
    /// [`VoterError`].
    pub fn vote(&self, ticket: &Transaction, index: Index, ballot: &Ballot) -> Result<Transaction, VoterError> {
        let ticket = Ticket::read(ticket)?;
        let mut vote = unsigned_vote(&ticket, ballot, vote_subsidy(self.network, ballot.height))?;
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
