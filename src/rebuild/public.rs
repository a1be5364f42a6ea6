//! The public side of an account and of voters, behind the traits that the core's machine asks.

use std::collections::HashMap;

use dcrcold_core::hash::{Fingerprint, Hash160};
use dcrcold_core::machine::{Keys, VoterName, Voters};
use dcrcold_core::net::Network;
use dcrcold_core::path::{AccountPath, Branch, Index, KeyPath, VoterAccount};
use dcrcold_core::rule::{Figure, Refusal, Rule};

use crate::hd::{ChildNumber, ExtendedKeyData, HdError};
use crate::voter::VoterKeys;

/// A watched account.
pub struct WatchKeys<'a> {
    network: Network,
    path: AccountPath,
    account: &'a ExtendedKeyData,
    hashes: HashMap<KeyPath, Hash160>,
}

impl<'a> WatchKeys<'a> {
    /// The account of a watch export.
    #[must_use]
    pub fn new(network: Network, path: AccountPath, account: &'a ExtendedKeyData) -> Self {
        Self { network, path, account, hashes: HashMap::new() }
    }
}

impl Keys for WatchKeys<'_> {
    type Error = HdError;

    fn select(&mut self, network: Network, account: AccountPath) -> Result<(), Refusal> {
        if network != self.network {
            let refusal = Refusal::new(Rule::NetworkMismatch).found(Figure::Network(network));
            return Err(refusal.expected(Figure::Network(self.network)));
        }
        same_account(account, self.path)
    }

    fn own_hash(&mut self, path: KeyPath) -> Result<Hash160, HdError> {
        if let Some(hash) = self.hashes.get(&path) {
            return Ok(*hash);
        }
        let hash = self.account.address_hash(path)?;
        self.hashes.insert(path, hash);
        Ok(hash)
    }
}

fn same_account(found: AccountPath, expected: AccountPath) -> Result<(), Refusal> {
    let figure = |path: AccountPath| match found.coin_type == expected.coin_type {
        true => Figure::Account(path.account.number().into()),
        false => Figure::CoinType(path.coin_type.number().into()),
    };
    let refusal = Refusal::new(Rule::AccountUnknown).found(figure(found)).expected(figure(expected));
    if found == expected { Ok(()) } else { Err(refusal) }
}

/// Voters by their public keys, the own one among them.
pub struct KnownVoters<'a> {
    network: Network,
    account: &'a ExtendedKeyData,
    voters: &'a [VoterKeys],
    selected: Option<&'a VoterKeys>,
}

impl<'a> KnownVoters<'a> {
    /// The voters that a watched account may name.
    #[must_use]
    pub const fn new(network: Network, account: &'a ExtendedKeyData, voters: &'a [VoterKeys]) -> Self {
        Self { network, account, voters, selected: None }
    }
}

impl Voters for KnownVoters<'_> {
    type Error = HdError;

    fn select(&mut self, _: AccountPath, fingerprint: &Fingerprint) -> Result<VoterName, Refusal> {
        let known = self.voters.iter().find(|voter| voter.fingerprint(self.network) == *fingerprint);
        let voter = known.ok_or(Refusal::new(Rule::VoterUnknown).found(Figure::Voter(*fingerprint)))?;
        if !voter.accounts_are_distinct() {
            return Err(Rule::VoterAccountsNotDistinct.into());
        }
        if voter.accounts.iter().any(|account| is_spending(account, self.account)) {
            return Err(Rule::VoterIsSpendingAccount.into());
        }
        self.selected = Some(voter);
        // A name has 1 to 32 printable characters, a label up to 64.
        VoterName::new(voter.name.as_str().as_bytes()).ok_or(Rule::LabelUnprintable.into())
    }

    fn voter_hash(&mut self, account: VoterAccount, index: Index) -> Result<Hash160, HdError> {
        let voter = self.selected.expect("the machine selects a voter before it asks for keys");
        voter.hash(account, index)
    }
}

/// Whether a voter's account is the spending account or one of its branches.
fn is_spending(candidate: &ExtendedKeyData, account: &ExtendedKeyData) -> bool {
    let branch = |branch: Branch| account.child(ChildNumber::from_raw(branch.number())).ok();
    candidate.key() == account.key()
        || Branch::ALL.into_iter().filter_map(branch).any(|branch| branch.key() == candidate.key())
}
