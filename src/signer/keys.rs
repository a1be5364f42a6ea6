//! The spending accounts of a key store, as the core's machine wants them.

use dcrcold_core::hash::{Hash160, MessageHash, SignatureHash};
use dcrcold_core::machine::{Keys, Sign};
use dcrcold_core::net::Network;
use dcrcold_core::path::{AccountPath, Branch, CoinType, KeyPath};
use dcrcold_core::rule::{Figure, Refusal, Rule};

use crate::hd::{ChildNumber, ExtendedKeyData, ExtendedPrivateKey, ExtendedSecretData, HdError};
use crate::key::PrivateKey;
use crate::keystore::Contents;

/// The spending accounts of a key store. Only the selected one is derived.
pub struct SpendingKeys {
    network: Network,
    coin_type: CoinType,
    accounts: Vec<AccountPath>,
    master: ExtendedPrivateKey,
    selected: Option<Selected>,
}

/// The selected account: its public key, and both sides of its branches.
struct Selected {
    account: ExtendedKeyData,
    secret: [ExtendedSecretData; 2],
    public: [ExtendedKeyData; 2],
}

impl SpendingKeys {
    /// Takes the accounts of a key store.
    ///
    /// # Errors
    /// [`HdError::UnusableSeed`] with a probability of 2^-127.
    pub fn new(contents: &Contents) -> Result<Self, HdError> {
        let accounts = contents.accounts().iter().map(|entry| contents.path(entry.account)).collect();
        let (network, coin_type) = (contents.network(), contents.coin_type());
        Ok(Self { network, coin_type, accounts, master: contents.master()?, selected: None })
    }

    /// The public key of the account that the machine selected.
    pub(super) fn account(&self) -> &ExtendedKeyData {
        &self.selected().account
    }

    fn derive(&self, path: AccountPath) -> Result<Selected, HdError> {
        let account = self.master.account(path)?;
        let [external, internal] = Branch::ALL.map(|branch| account.child(ChildNumber::from_raw(branch.number())));
        let secret = [external?.into(), internal?.into()];
        let public = secret.each_ref().map(ExtendedSecretData::public);
        Ok(Selected { account: *account.public().node(), secret, public })
    }

    fn private_key(&self, path: KeyPath) -> Result<PrivateKey, HdError> {
        let branch = of_branch(&self.selected().secret, path.branch);
        branch.child_key(ChildNumber::from_raw(path.index.number()))
    }

    fn selected(&self) -> &Selected {
        self.selected.as_ref().expect("the machine selects an account before it asks for keys")
    }
}

fn of_branch<T>([external, internal]: &[T; 2], branch: Branch) -> &T {
    match branch {
        Branch::External => external,
        Branch::Internal => internal,
    }
}

impl Keys for SpendingKeys {
    type Error = HdError;

    fn select(&mut self, network: Network, account: AccountPath) -> Result<(), Refusal> {
        if network != self.network {
            let refusal = Refusal::new(Rule::NetworkMismatch).found(Figure::Network(network));
            return Err(refusal.expected(Figure::Network(self.network)));
        }
        let unknown = Refusal::new(Rule::AccountUnknown).found(Figure::Account(account.account.number().into()));
        if self.coin_type != account.coin_type {
            let [found, expected] = [account.coin_type, self.coin_type].map(|it| Figure::CoinType(it.number().into()));
            return Err(Refusal::new(Rule::AccountUnknown).found(found).expected(expected));
        }
        if !self.accounts.contains(&account) {
            return Err(unknown);
        }
        // An account without a valid key has no coins either.
        self.selected = Some(self.derive(account).map_err(|_| unknown)?);
        Ok(())
    }

    fn own_hash(&mut self, path: KeyPath) -> Result<Hash160, HdError> {
        let branch = of_branch(&self.selected().public, path.branch);
        Ok(branch.child(ChildNumber::from_raw(path.index.number()))?.key().hash())
    }
}

impl Sign for SpendingKeys {
    fn sign(&mut self, path: KeyPath, digest: &SignatureHash) -> Result<[u8; 64], HdError> {
        Ok(*self.private_key(path)?.sign(digest).as_bytes())
    }

    fn sign_message(&mut self, path: KeyPath, digest: &MessageHash) -> Result<[u8; 65], HdError> {
        Ok(*self.private_key(path)?.sign_message(digest).as_bytes())
    }
}
