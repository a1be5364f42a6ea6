//! The keys of the operating system, as the machine wants them.

use super::account_path;
use super::command::SpendingAccount;
use super::platform::{ExtendedKey, Fault, Os, Signed};
use super::voter::VoterRecord;
use crate::hash::{Fingerprint, Hash160, MessageHash, SignatureHash, copy};
use crate::machine::{Keys, Sign, VoterName, Voters};
use crate::net::Network;
use crate::path::{AccountPath, Index, KeyPath, VoterAccount};
use crate::rule::{Figure, Refusal, Rule};

/// 27 for the oldest kind of signature, and 4 for a compressed public key.
const MESSAGE_CODE: u8 = 27 + 4;

/// The keys of a spending account, once one is selected.
pub(super) struct DeviceKeys<'a, O> {
    os: &'a O,
    account: Option<AccountPath>,
}

impl<'a, O: Os> DeviceKeys<'a, O> {
    pub(super) const fn new(os: &'a O) -> Self {
        Self { os, account: None }
    }

    pub(super) const fn of(os: &'a O, account: AccountPath) -> Self {
        Self { os, account: Some(account) }
    }

    fn path(&self, path: KeyPath) -> Result<[u32; 5], Fault> {
        let account = self.account.ok_or(Fault::Failed)?;
        let [purpose, coin_type, account] = account_path(account.coin_type.number(), account.account.number());
        Ok([purpose, coin_type, account, path.branch.number(), path.index.number()])
    }

    pub(super) fn public_key(&self, path: KeyPath) -> Result<[u8; 33], Fault> {
        Ok(self.os.public_key(&self.path(path)?)?.key)
    }

    fn signed(&self, path: KeyPath, digest: &[u8; 32]) -> Result<Signed, Fault> {
        self.os.sign(&self.path(path)?, digest)
    }
}

impl<O: Os> Keys for DeviceKeys<'_, O> {
    type Error = Fault;

    fn select(&mut self, network: Network, account: AccountPath) -> Result<(), Refusal> {
        if !self.os.serves(network) {
            return Err(Refusal::new(Rule::NetworkMismatch).found(Figure::Network(network)));
        }
        self.account = Some(account);
        Ok(())
    }

    fn own_hash(&mut self, path: KeyPath) -> Result<Hash160, Fault> {
        Ok(Hash160::of(&self.public_key(path)?))
    }
}

impl<O: Os> Sign for DeviceKeys<'_, O> {
    fn sign(&mut self, path: KeyPath, digest: &SignatureHash) -> Result<[u8; 64], Fault> {
        Ok(self.signed(path, digest.as_bytes())?.compact)
    }

    fn sign_message(&mut self, path: KeyPath, digest: &MessageHash) -> Result<[u8; 65], Fault> {
        let Signed { compact, recovery } = self.signed(path, digest.as_bytes())?;
        let code = MESSAGE_CODE.checked_add(recovery).filter(|_| recovery < 4).ok_or(Fault::Failed)?;
        let mut whole = [code; 65];
        copy(whole.get_mut(1..).unwrap_or_default(), &compact);
        Ok(whole)
    }
}

/// The one voter that the host named.
pub(super) struct DeviceVoters<'a, O> {
    os: &'a O,
    network: Network,
    record: Option<&'a VoterRecord>,
    /// Branch 0 of each account, once it was needed.
    branches: [Option<ExtendedKey>; 3],
}

impl<'a, O: Os> DeviceVoters<'a, O> {
    pub(super) const fn new(os: &'a O, network: Network, record: Option<&'a VoterRecord>) -> Self {
        Self { os, network, record, branches: [None; 3] }
    }
}

impl<O: Os> Voters for DeviceVoters<'_, O> {
    type Error = Fault;

    fn select(&mut self, account: AccountPath, fingerprint: &Fingerprint) -> Result<VoterName, Refusal> {
        let of = SpendingAccount { network: self.network, account };
        let known = self.record.filter(|record| record.of == of && record.fingerprint() == *fingerprint);
        let unknown = Refusal::new(Rule::VoterUnknown).found(Figure::Voter(*fingerprint));
        known.map(|record| *record.name()).ok_or(unknown)
    }

    fn voter_hash(&mut self, account: VoterAccount, index: Index) -> Result<Hash160, Fault> {
        let [voting, alt_sign, purse] = &self.record.ok_or(Fault::Failed)?.accounts;
        let [of_voting, of_alt_sign, of_purse] = &mut self.branches;
        let (key, kept) = match account {
            VoterAccount::Voting => (voting, of_voting),
            VoterAccount::AltSign => (alt_sign, of_alt_sign),
            VoterAccount::Purse => (purse, of_purse),
        };
        let branch = match *kept {
            Some(branch) => branch,
            None => *kept.insert(self.os.child(key, 0)?),
        };
        Ok(Hash160::of(&self.os.child(&branch, index.number())?.key))
    }
}
