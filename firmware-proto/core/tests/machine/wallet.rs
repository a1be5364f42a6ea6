//! Keys, voters and a memory of the tests' own. A key's hash says whose it is and where it lies, and a signature says
//! which key signed which digest, so that a wrong path shows as what it is.

use dcrcold_core::hash::{Fingerprint, Hash160, MessageHash, SignatureHash, TransferId};
use dcrcold_core::machine::{Counter, Earlier, Keys, Mark, Memory, Outpoint, Recall, Sign, VoterName, Voters};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType, Index, KeyPath, VoterAccount};
use dcrcold_core::policy::{Refusal, Rule};

/// The network of the wallet.
pub const NETWORK: Network = Network::Mainnet;
/// The only voter that is known.
pub const VOTER: [u8; 16] = *b"the voter we use";

/// A wallet and its voter. It fails at a call when it is told to.
#[derive(Default)]
pub struct Wallet {
    pub calls: u32,
    pub fails_at: Option<u32>,
}

/// The key failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// The index with this number.
pub fn index(number: u32) -> Index {
    Index::new(number.into()).unwrap()
}

/// The wallet's account.
pub fn account() -> AccountPath {
    AccountPath { coin_type: CoinType::standard(NETWORK), account: Account::FIRST }
}

/// The hash of a key of the account.
pub fn own(branch: u32, index: u32) -> Hash160 {
    hash(*b"own ", branch, index)
}

/// The hash of a key of the voter.
pub fn of_voter(account: VoterAccount, index: u32) -> Hash160 {
    let name = match account {
        VoterAccount::Voting => b"vote",
        VoterAccount::AltSign => b"alt ",
        VoterAccount::Purse => b"purs",
    };
    hash(*name, 0, index)
}

fn hash(name: [u8; 4], branch: u32, index: u32) -> Hash160 {
    let mut bytes = [0; 20];
    bytes[..4].copy_from_slice(&name);
    bytes[12..16].copy_from_slice(&branch.to_be_bytes());
    bytes[16..].copy_from_slice(&index.to_be_bytes());
    Hash160::from_bytes(bytes)
}

/// What the wallet answers instead of a signature: the key's hash, then the digest.
pub fn signed<const N: usize>(key: Hash160, digest: &[u8; 32]) -> [u8; N] {
    let mut bytes = [0; N];
    bytes[..20].copy_from_slice(key.as_bytes());
    bytes[20..52].copy_from_slice(digest);
    bytes
}

impl Wallet {
    fn call(&mut self) -> Result<(), Failed> {
        self.calls += 1;
        if self.fails_at == Some(self.calls) { Err(Failed) } else { Ok(()) }
    }
}

impl Keys for Wallet {
    type Error = Failed;

    fn select(&mut self, network: Network, account: AccountPath) -> Result<(), Refusal> {
        if network != NETWORK {
            return Err(Rule::NetworkMismatch.into());
        }
        if account == self::account() { Ok(()) } else { Err(Rule::AccountUnknown.into()) }
    }

    fn own_hash(&mut self, path: KeyPath) -> Result<Hash160, Failed> {
        self.call()?;
        Ok(own(path.branch.number(), path.index.number()))
    }
}

impl Sign for Wallet {
    fn sign(&mut self, path: KeyPath, digest: &SignatureHash) -> Result<[u8; 64], Failed> {
        Ok(signed(self.own_hash(path)?, digest.as_bytes()))
    }

    fn sign_message(&mut self, path: KeyPath, digest: &MessageHash) -> Result<[u8; 65], Failed> {
        Ok(signed(self.own_hash(path)?, digest.as_bytes()))
    }
}

/// The voters that the wallet knows: one.
#[derive(Default)]
pub struct OneVoter(pub Wallet);

impl Voters for OneVoter {
    type Error = Failed;

    fn select(&mut self, _: AccountPath, fingerprint: &Fingerprint) -> Result<VoterName, Refusal> {
        let known = *fingerprint.as_bytes() == VOTER;
        if known { Ok(VoterName::new(b"our voter").unwrap()) } else { Err(Rule::VoterUnknown.into()) }
    }

    fn voter_hash(&mut self, account: VoterAccount, index: Index) -> Result<Hash160, Failed> {
        self.0.call()?;
        Ok(of_voter(account, index.number()))
    }
}

/// A memory that says what a test wants.
pub struct Told {
    pub recall: Recall,
    pub internal: Mark,
    pub voting: Mark,
    pub purse: Mark,
    /// Earlier requests, the latest first, with the coins and the voter keys that each has in common.
    pub earlier: Vec<(Earlier, Vec<Outpoint>, Vec<u32>)>,
    /// The requests that were not to be told.
    pub but: Vec<TransferId>,
}

impl Told {
    /// Remembers nothing but marks.
    pub fn marks(mark: Mark) -> Self {
        let (internal, voting, purse) = (mark, mark, mark);
        Self { recall: Recall::Whole, internal, voting, purse, earlier: Vec::new(), but: Vec::new() }
    }
}

impl Memory for Told {
    fn recall(&mut self) -> Recall {
        self.recall
    }

    fn mark(&mut self, counter: Counter) -> Mark {
        match counter {
            Counter::Internal(of) => {
                assert_eq!(of, account());
                self.internal
            }
            Counter::Voter(voter) => {
                assert_eq!(*voter.as_bytes(), VOTER);
                self.voting
            }
            Counter::Purse(voter) => {
                assert_eq!(*voter.as_bytes(), VOTER);
                self.purse
            }
        }
    }

    fn spent_by(&mut self, coin: &Outpoint, but: &TransferId, number: u32) -> Option<Earlier> {
        self.but.push(*but);
        let mut spending = self.earlier.iter().filter(|(_, coins, _)| coins.contains(coin));
        spending.nth(number as usize).map(|(earlier, ..)| *earlier)
    }

    fn named_by(&mut self, voter: &Fingerprint, index: Index, but: &TransferId, number: u32) -> Option<Earlier> {
        assert_eq!(*voter.as_bytes(), VOTER);
        self.but.push(*but);
        let mut naming = self.earlier.iter().filter(|(.., keys)| keys.contains(&index.number()));
        naming.nth(number as usize).map(|(earlier, ..)| *earlier)
    }
}
