//! Which voter each ticket belongs to: whose key votes with it, and at which index.

use std::collections::HashMap;

use dcrcold_core::hash::{Fingerprint, Hash160};
use dcrcold_core::path::{Index, VoterAccount};
use dcrcold_core::script::Payee;

use super::{Wallet, WalletError, voters};

/// How far beyond the last known index a voter's keys are searched.
pub(crate) const SEARCHED_AHEAD: u32 = 100;

/// The voting keys of all voters known in a wallet file, by what tickets name of them.
#[derive(Clone, Debug, Default)]
pub struct VotingKeys(HashMap<Hash160, (Fingerprint, Index)>);

impl VotingKeys {
    /// The voter that a ticket belongs to and the index of its key; none when no voter known here has it.
    #[must_use]
    pub fn of(&self, voting: &Payee) -> Option<(Fingerprint, Index)> {
        match voting {
            Payee::KeyHash(hash) => self.0.get(hash).copied(),
            Payee::ScriptHash(_) => None,
        }
    }
}

impl Wallet {
    /// The voting keys of all voters known here, those of rotated generations too, a little beyond the last in use.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn voting_keys(&self) -> Result<VotingKeys, WalletError> {
        let mut keys = HashMap::new();
        for voter in self.voters()? {
            let fingerprint = voter.fingerprint(self.network());
            let end = voters::first_free(&self.db, &voter, fingerprint)?.saturating_add(SEARCHED_AHEAD);
            for index in (0..end).map_while(|number| Index::new(number.into())) {
                keys.insert(voter.hash(VoterAccount::Voting, index)?, (fingerprint, index));
            }
        }
        Ok(VotingKeys(keys))
    }
}
