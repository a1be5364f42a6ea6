//! A cold side of the tests' own: a key store with one account and one registered voter, coins of that account, honest
//! requests for them, and the machine at any size.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

use dcrcold_core::amount::{Amount, FeeRate, Height};
use dcrcold_core::hash::Hash160;
use dcrcold_core::machine::{FinishError, Memory, NoMemory, Receiver, Reviewable};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType, Generation, Index, KeyPath};
use dcrcold_core::policy::{Limits, Refusal};
use dcrcold_core::request::{Claim, Funding, Output, Recipient, Rest};
use dcrcold_core::script::{COMMITMENT_LIMITS, Commitment, Payee, Payment, StakeTag};
use dcrcold_signer::hd::{Derivation, ExtendedKeyData, ExtendedPrivateKey};
use dcrcold_signer::keystore::{AccountEntry, Contents};
use dcrcold_signer::seed::Seed;
use dcrcold_signer::signer::{RegisteredVoters, SpendingKeys};
use dcrcold_signer::transfer::{Encode, InputRef, Purchase, Register, Send, Voting};
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxIn, TxOut};
use dcrcold_signer::voter::{VoterKeys, own_accounts};

/// The network of the requests.
pub const NETWORK: Network = Network::Mainnet;
/// What one ticket locks.
pub const PRICE: Amount = Amount::constant::<25_000_000_000>();
/// The best block, as claimed.
pub const TIP: Height = Height(1_100_000);

/// The seed of the key store.
pub const SEED: [u8; 32] = [7; 32];

/// A key store and the public side of its account.
pub struct Cold {
    pub contents: Contents,
    pub account: ExtendedKeyData,
}

/// Atoms as an amount.
pub fn atoms(atoms: u64) -> Amount {
    Amount::from_atoms(atoms).expect("an amount that can exist")
}

/// An index of a branch.
pub fn index(number: u32) -> Index {
    Index::new(number.into()).expect("an index in range")
}

/// A key of branch 0.
pub fn external(number: u32) -> KeyPath {
    KeyPath::external(index(number))
}

impl Cold {
    pub fn new() -> Self {
        let coin_type = CoinType::standard(NETWORK);
        let entry = AccountEntry { account: Account::FIRST, name: "main".parse().expect("a name") };
        let seed = Seed::from_bytes(&SEED).expect("32 bytes");
        let mut contents = Contents::new(seed, NETWORK, coin_type, Derivation::Decred, entry, None);
        let master = contents.master().expect("a seed that gives keys");
        let account = *master.account(contents.path(Account::FIRST)).expect("an account").public().node();
        contents.add_voter(foreign_voter()).expect("the first voter");
        Self { contents, account }
    }

    /// The spending account.
    pub fn path(&self) -> AccountPath {
        self.contents.path(Account::FIRST)
    }

    /// The registered voter.
    pub fn voter(&self) -> &VoterKeys {
        &self.contents.voters()[0]
    }

    /// The hash of a key of the account.
    pub fn hash(&self, path: KeyPath) -> Hash160 {
        self.account.address_hash(path).expect("a key that exists")
    }

    /// The script that pays a key of the account.
    pub fn script(&self, path: KeyPath, tag: Option<StakeTag>) -> Vec<u8> {
        Payment { tag, payee: Payee::KeyHash(self.hash(path)) }.script().as_bytes().to_vec()
    }

    /// The prefix of a transaction whose outputs pay the keys 0/0, 0/1 and so on.
    pub fn parent(&self, values: &[Amount]) -> Vec<u8> {
        let output = |(number, value): (u32, &Amount)| TxOut::new(*value, &self.script(external(number), None));
        parent_of((0..).zip(values).map(output).collect())
    }

    /// A purchase over one coin that leaves change of about 1 DCR.
    pub fn purchase(&self, tickets: u32) -> Purchase {
        let coin = atoms(u64::from(tickets) * (PRICE.atoms() + 2_980) + 100_000_000);
        Purchase {
            account: self.path(),
            inputs: vec![InputRef { parent: 0, output: 0, path: external(0) }],
            tickets,
            amount: PRICE,
            fee_rate: FeeRate::RELAY_MINIMUM,
            first_internal: index(0),
            voting: Voting::Voter { fingerprint: self.voter().fingerprint(NETWORK), first: index(0) },
            purse: None,
            expiry: Height(TIP.0 + 288),
            claim: claim(Some(PRICE)),
            label: None,
            funding: Funding::Split,
            parents: vec![self.parent(&[coin])],
        }
    }

    /// A purchase in which each coin becomes a ticket.
    pub fn direct(&self, coins: &[Amount]) -> Purchase {
        let input = |number| InputRef { parent: 0, output: number, path: external(number) };
        let tickets = u32::try_from(coins.len()).expect("a few coins");
        Purchase {
            inputs: (0..tickets).map(input).collect(),
            funding: Funding::Direct,
            parents: vec![self.parent(coins)],
            ..self.purchase(tickets)
        }
    }

    /// A send of 1 DCR to somebody out of 3.
    pub fn send(&self) -> Send {
        let recipient = Recipient::Address(Payee::KeyHash(Hash160::from_bytes([9; 20])));
        Send {
            account: self.path(),
            inputs: vec![InputRef { parent: 0, output: 0, path: external(0) }],
            outputs: vec![Output { recipient, amount: atoms(100_000_000) }],
            fee_rate: FeeRate::RELAY_MINIMUM,
            rest: Rest::Change(index(0)),
            claim: claim(None),
            label: None,
            parents: vec![self.parent(&[atoms(300_000_000)])],
        }
    }

    /// The registration of a ticket that pays the key 0/0.
    pub fn register(&self) -> Register {
        let voter = Payee::KeyHash(Hash160::from_bytes([3; 20]));
        Register {
            account: self.path(),
            paths: vec![external(0)],
            voter: self.voter().fingerprint(NETWORK),
            first: index(0),
            claim: claim(None),
            label: None,
            tickets: vec![ticket(voter, Payee::KeyHash(self.hash(external(0))))],
        }
    }

    /// Runs a request through a machine with the real keys and voters of the key store.
    pub fn review<const I: usize, const T: usize>(
        &self,
        request: &[u8],
        limits: &Limits,
    ) -> Result<Box<Reviewable<I, T>>, Refusal> {
        self.review_with(request, &mut NoMemory, limits)
    }

    /// The same, with a memory of what was approved before.
    pub fn review_with<const I: usize, const T: usize>(
        &self,
        request: &[u8],
        memory: &mut impl Memory,
        limits: &Limits,
    ) -> Result<Box<Reviewable<I, T>>, Refusal> {
        let mut receiver = Box::<Receiver<I, T>>::default();
        receiver.push(request)?;
        let mut keys = SpendingKeys::new(&self.contents).expect("a seed that gives keys");
        let mut voters = RegisteredVoters::new(&self.contents).expect("a seed that gives keys");
        match receiver.finish(&mut keys, &mut voters, memory, limits) {
            Ok(reviewable) => Ok(Box::new(reviewable)),
            Err(FinishError::Refused(refusal)) => Err(refusal),
            Err(FinishError::Keys(error)) => panic!("keys: {error}"),
        }
    }
}

/// A voter of somebody else's seed.
pub fn foreign_voter() -> VoterKeys {
    let master = ExtendedPrivateKey::master(&[8; 32], NETWORK, Derivation::Decred).expect("a seed");
    let accounts = own_accounts(&master, CoinType::standard(NETWORK), Account::FIRST, Generation::FIRST);
    let accounts = accounts.expect("accounts that exist").map(|account| *account.public().node());
    VoterKeys { name: "box".parse().expect("a name"), accounts }
}

/// What the online side says.
pub fn claim(price: Option<Amount>) -> Claim {
    Claim { tip: TIP, time: 1_763_700_000, price }
}

/// The prefix of a transaction with these outputs.
pub fn parent_of(outputs: Vec<TxOut>) -> Vec<u8> {
    let spent = OutPoint { id: "11".repeat(32).parse().expect("an id"), index: 0, tree: Tree::Regular };
    let inputs = vec![TxIn::unsigned(spent, outputs[0].value)];
    Transaction { version: 1, inputs, outputs, lock_time: 0, expiry: 0 }.encode_prefix()
}

/// The prefix of a ticket.
pub fn ticket(voting: Payee, reward: Payee) -> Vec<u8> {
    let change = Payment { tag: Some(StakeTag::Change), payee: Payee::KeyHash(Hash160::ZERO) };
    let commitment = Commitment { payee: reward, amount: PRICE, limits: COMMITMENT_LIMITS };
    parent_of(vec![
        TxOut::new(PRICE, Payment { tag: Some(StakeTag::Submission), payee: voting }.script().as_bytes()),
        TxOut::new(Amount::ZERO, commitment.script().as_bytes()),
        TxOut::new(Amount::ZERO, change.script().as_bytes()),
    ])
}

/// The bytes of a request on the network of these tests.
pub fn encoded(request: &impl Encode) -> Vec<u8> {
    request.to_container(NETWORK).expect("a small request").encode()
}
