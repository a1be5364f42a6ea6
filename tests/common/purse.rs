//! A key of the tests' own, with what it takes to spend its coins: payments, tickets and votes, signed.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{BlockHash, Hash160, SIGHASH_ALL};
use dcrcold_core::net::Network;
use dcrcold_core::script::{COMMITMENT_LIMITS, Commitment, Payee, Payment, StakeTag};
use dcrcold_signer::key::{PrivateKey, PublicKey};
use dcrcold_signer::stake::subsidy::vote_subsidy;
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::stake::vote::{Ballot, TICKET_INPUT, VoteBits, unsigned_vote};
use dcrcold_signer::tx::sigscript::KeySignature;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxIn, TxOut, signature_hash};

/// An output with its place.
#[derive(Clone, Debug)]
pub struct Coin {
    pub outpoint: OutPoint,
    pub output: TxOut,
}

impl Coin {
    /// Output `index` of `tx`, which is in `tree`.
    pub fn of(tx: &Transaction, index: u32, tree: Tree) -> Self {
        let output = tx.outputs[usize::try_from(index).unwrap()].clone();
        Self { outpoint: OutPoint { id: tx.id(), index, tree }, output }
    }

    pub fn value(&self) -> Amount {
        self.output.value.amount().unwrap()
    }
}

/// A key.
pub struct Purse {
    pub key: PrivateKey,
    pub public: PublicKey,
}

impl Purse {
    /// The key whose every byte is `byte`.
    pub fn new(byte: u8) -> Self {
        let key = PrivateKey::from_bytes(&[byte; 32]).unwrap();
        Self { public: key.public_key(), key }
    }

    pub fn payee(&self) -> Payee {
        Payee::KeyHash(self.public.hash())
    }

    /// The script that pays the key.
    pub fn script(&self, tag: Option<StakeTag>) -> Vec<u8> {
        Payment { tag, payee: self.payee() }.script().as_bytes().to_vec()
    }

    /// Signs the input at `position`, which spends an output with `script`.
    pub fn sign(&self, tx: &mut Transaction, position: usize, script: &[u8]) {
        self.sign_as(tx, position, script, SIGHASH_ALL);
    }

    /// Signs with another hash type.
    pub fn sign_as(&self, tx: &mut Transaction, position: usize, script: &[u8], hash_type: u8) {
        let digest = signature_hash(tx, position, script, hash_type).unwrap();
        let signature = KeySignature { signature: self.key.sign(&digest), hash_type, public_key: self.public };
        tx.inputs[position].signature_script = signature.script();
    }

    /// Spends coins of this key, signed.
    pub fn spend(&self, coins: &[Coin], outputs: Vec<TxOut>) -> Transaction {
        let mut tx = unsigned(coins, outputs);
        self.sign_all(&mut tx, coins);
        tx
    }

    /// Signs every input; `coins` are what they spend.
    pub fn sign_all(&self, tx: &mut Transaction, coins: &[Coin]) {
        for (position, coin) in coins.iter().enumerate() {
            self.sign(tx, position, &coin.output.script);
        }
    }

    /// Splits a coin into `count` outputs of `each` to this key; what is left is the fee.
    pub fn split(&self, coin: &Coin, each: Amount, count: usize) -> Transaction {
        let outputs = (0..count).map(|_| TxOut::new(each, &self.script(None))).collect();
        self.spend(std::slice::from_ref(coin), outputs)
    }

    /// A ticket over one coin of this key: `price` is locked, the rest is the fee; `voter` votes.
    pub fn ticket(&self, coin: &Coin, price: Amount, voter: &Self) -> Transaction {
        self.spend(std::slice::from_ref(coin), self.ticket_outputs(coin.value(), price, voter))
    }

    /// The outputs of such a ticket.
    pub fn ticket_outputs(&self, committed: Amount, price: Amount, voter: &Self) -> Vec<TxOut> {
        let commitment = Commitment { payee: self.payee(), amount: committed, limits: COMMITMENT_LIMITS };
        let change = Payment { tag: Some(StakeTag::Change), payee: Payee::KeyHash(Hash160::ZERO) };
        vec![
            TxOut::new(price, &voter.script(Some(StakeTag::Submission))),
            TxOut::new(Amount::ZERO, commitment.script().as_bytes()),
            TxOut::new(Amount::ZERO, change.script().as_bytes()),
        ]
    }

    /// The vote of a ticket that this key votes with, signed.
    pub fn vote(&self, ticket: &Transaction, block: BlockHash, height: Height) -> Transaction {
        let bits = VoteBits::new(VoteBits::APPROVE, 12);
        let ballot = Ballot { block, height, bits, treasury: Vec::new() };
        let ticket = Ticket::read(ticket).unwrap();
        let mut vote = unsigned_vote(&ticket, &ballot, vote_subsidy(Network::Simnet, height)).unwrap();
        self.sign_vote(&mut vote);
        vote
    }

    pub fn sign_vote(&self, vote: &mut Transaction) {
        self.sign(vote, TICKET_INPUT, &self.script(Some(StakeTag::Submission)));
    }
}

/// A transaction over coins, not signed.
pub fn unsigned(coins: &[Coin], outputs: Vec<TxOut>) -> Transaction {
    let inputs = coins.iter().map(|coin| TxIn::unsigned(coin.outpoint, coin.output.value)).collect();
    Transaction { version: 1, inputs, outputs, lock_time: 0, expiry: 0 }
}

/// Atoms as an amount.
pub fn atoms(atoms: u64) -> Amount {
    Amount::from_atoms(atoms).unwrap()
}

/// DCR as an amount.
pub fn dcr(dcr: u64) -> Amount {
    atoms(dcr * 100_000_000)
}
