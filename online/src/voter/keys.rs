//! The voting keys of all voters of a station, as the chain shows them.

use std::collections::HashMap;

use dcrcold_core::hash::Hash160;
use dcrcold_core::path::{Index, VoterAccount};
use dcrcold_core::script::Payee;
use dcrcold_signer::hd::HdError;
use dcrcold_signer::voter::VoterKeys;

/// Keys made beyond the highest one that a ticket is known to use: signers count the indexes up one by one, though
/// requests that were given up leave gaps.
const NEAR: u32 = 1000;
/// Keys made when the tickets are looked for among all live ones: a new voting box knows nothing of those that voted
/// before.
const FAR: u32 = 10_000;

/// The key hashes that tickets of a station name.
pub(super) struct VotingKeys {
    voters: Vec<VoterKeys>,
    owners: HashMap<Hash160, (usize, Index)>,
    /// How many keys of each voter there are.
    made: Vec<u32>,
}

impl VotingKeys {
    /// Makes the keys of voters, each some way beyond its highest known index.
    pub(super) fn new(voters: Vec<VoterKeys>, highest: &[Index]) -> Result<Self, HdError> {
        let made = vec![0; voters.len()];
        let mut keys = Self { voters, owners: HashMap::new(), made };
        for (voter, highest) in highest.iter().enumerate() {
            keys.reach(voter, *highest)?;
        }
        Ok(keys)
    }

    /// Makes further keys of a voter of which `used` is in use.
    pub(super) fn reach(&mut self, voter: usize, used: Index) -> Result<(), HdError> {
        self.make(voter, used.number().saturating_add(NEAR))
    }

    /// Makes as many further keys of every voter as its tickets could ever have used.
    pub(super) fn reach_far(&mut self) -> Result<(), HdError> {
        for voter in 0..self.voters.len() {
            let made = self.made.get(voter).copied().unwrap_or_default();
            self.make(voter, made.saturating_add(FAR))?;
        }
        Ok(())
    }

    fn make(&mut self, voter: usize, wanted: u32) -> Result<(), HdError> {
        let (Some(keys), Some(made)) = (self.voters.get(voter), self.made.get_mut(voter)) else { return Ok(()) };
        while *made < wanted {
            let Some(index) = Index::new((*made).into()) else { break };
            let hash = keys.hash(VoterAccount::Voting, index)?;
            self.owners.insert(hash, (voter, index));
            *made += 1;
        }
        Ok(())
    }

    /// Which voter's key it is, and its index.
    pub(super) fn owner(&self, voting: &Payee) -> Option<(usize, Index)> {
        match voting {
            Payee::KeyHash(hash) => self.owners.get(hash).copied(),
            Payee::ScriptHash(_) => None,
        }
    }
}
