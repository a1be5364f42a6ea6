//! Keys of the vector files behind the traits of the core's machine, without a key store.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

use dcrcold_core::hash::{Fingerprint, Hash160, MessageHash, SignatureHash};
use dcrcold_core::machine::{Keys, Sign, VoterName, Voters};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType, Generation, Index, KeyPath, VoterAccount};
use dcrcold_core::policy::{Refusal, Rule};
use dcrcold_signer::hd::{Derivation, ExtendedPrivateKey, ExtendedPublicKey, HdError};
use dcrcold_signer::voter::VoterKeys;
use serde_json::Value;

use crate::common::{hex, number, parsed, text};

/// A wallet and one voter, made from seeds.
pub struct TestSigner {
    /// The spending account.
    pub keys: TestKeys,
    /// The voter.
    pub voters: TestVoters,
}

/// A spending account.
pub struct TestKeys {
    network: Network,
    path: AccountPath,
    account: ExtendedPrivateKey,
}

/// At most one voter.
pub struct TestVoters(Option<(Fingerprint, [ExtendedPrivateKey; 3])>);

impl TestSigner {
    /// Takes the `wallet` and the `voter` of a case.
    pub fn of(case: &Value) -> Self {
        let wallet = &case["wallet"];
        let network: Network = parsed(&wallet["network"]);
        let coin_type = CoinType::new(network, number(&wallet["coin_type"])).expect("a coin type of the network");
        let account = Account::new(number(&wallet["account"])).expect("a spending account");
        let path = AccountPath { coin_type, account };
        let root = ExtendedPrivateKey::master(&hex(&wallet["seed"]), network, Derivation::Decred).expect("a seed");
        let voter = case["voter"].as_object().map(|_| voter(&case["voter"], network, coin_type));
        let keys = TestKeys { network, path, account: root.account(path).expect("an account key") };
        Self { keys, voters: TestVoters(voter) }
    }
}

impl TestKeys {
    /// The network of the account.
    pub fn network(&self) -> Network {
        self.network
    }

    /// The path of the account.
    pub fn path(&self) -> AccountPath {
        self.path
    }

    /// The public side of the account.
    pub fn public(&self) -> ExtendedPublicKey {
        self.account.public()
    }
}

impl TestVoters {
    /// The public side of the voter, if there is one.
    pub fn public(&self) -> Option<VoterKeys> {
        let (_, keys) = self.0.as_ref()?;
        let accounts = keys.each_ref().map(|key| *key.public().node());
        Some(VoterKeys { name: "test".parse().expect("printable"), accounts })
    }
}

fn voter(voter: &Value, network: Network, coin_type: CoinType) -> (Fingerprint, [ExtendedPrivateKey; 3]) {
    let root = ExtendedPrivateKey::master(&hex(&voter["seed"]), network, Derivation::Decred).expect("a seed");
    let account = Account::new(number(&voter["account"])).expect("a spending account");
    let generation = Generation::new(number(&voter["generation"])).expect("a generation");
    let keys = VoterAccount::ALL
        .map(|kind| root.numbered_account(coin_type, kind.own_number(account, generation)).expect("an account key"));
    for (key, name) in keys.iter().zip(["voting_xpub", "alt_xpub", "purse_xpub"]) {
        assert_eq!(key.public().to_string(), text(&voter[name]), "{name}");
    }
    (parsed(&voter["fingerprint"]), keys)
}

impl Keys for TestKeys {
    type Error = HdError;

    fn select(&mut self, network: Network, account: AccountPath) -> Result<(), Refusal> {
        if network != self.network {
            return Err(Rule::NetworkMismatch.into());
        }
        if account == self.path { Ok(()) } else { Err(Rule::AccountUnknown.into()) }
    }

    fn own_hash(&mut self, path: KeyPath) -> Result<Hash160, HdError> {
        Ok(self.account.address_key(path)?.public_key().hash())
    }
}

impl Sign for TestKeys {
    fn sign(&mut self, path: KeyPath, digest: &SignatureHash) -> Result<[u8; 64], HdError> {
        Ok(*self.account.address_key(path)?.sign(digest).as_bytes())
    }

    fn sign_message(&mut self, path: KeyPath, digest: &MessageHash) -> Result<[u8; 65], HdError> {
        Ok(*self.account.address_key(path)?.sign_message(digest).as_bytes())
    }
}

impl Voters for TestVoters {
    type Error = HdError;

    fn select(&mut self, _: AccountPath, fingerprint: &Fingerprint) -> Result<VoterName, Refusal> {
        match &self.0 {
            Some((known, _)) if known == fingerprint => Ok(VoterName::new(b"test").expect("printable")),
            _ => Err(Rule::VoterUnknown.into()),
        }
    }

    fn voter_hash(&mut self, account: VoterAccount, index: Index) -> Result<Hash160, HdError> {
        let (_, keys) = self.0.as_ref().expect("selected before");
        let key = match account {
            VoterAccount::Voting => &keys[0],
            VoterAccount::AltSign => &keys[1],
            VoterAccount::Purse => &keys[2],
        };
        Ok(key.address_key(KeyPath::external(index))?.public_key().hash())
    }
}
