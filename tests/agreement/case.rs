//! A case: a transaction, what has to be sent before it, and a name that says what is special about it.

use dcrcold_core::amount::Amount;
use dcrcold_signer::block::Block;
use dcrcold_signer::tx::{Transaction, TxOut};

use super::purse::{Coin, Purse, atoms, unsigned};

/// A transaction shown to both networks.
pub struct Case {
    pub name: &'static str,
    /// Sent first, and accepted.
    pub before: Vec<Transaction>,
    pub tx: Transaction,
}

/// The cases of a group.
#[derive(Default)]
pub struct Cases(pub Vec<Case>);

impl Cases {
    pub fn add(&mut self, name: &'static str, tx: Transaction) {
        self.add_after(name, Vec::new(), tx);
    }

    pub fn add_after(&mut self, name: &'static str, before: Vec<Transaction>, tx: Transaction) {
        self.0.push(Case { name, before, tx });
    }
}

/// A block shown to both networks, each for itself: one that is accepted is taken away again.
pub struct BlockCase {
    pub name: &'static str,
    pub block: Block,
}

/// The blocks.
#[derive(Default)]
pub struct BlockCases(pub Vec<BlockCase>);

impl BlockCases {
    pub fn add(&mut self, name: &'static str, block: Block) {
        self.0.push(BlockCase { name, block });
    }
}

/// The least fee that nodes relay for a transaction of this size.
pub fn least_fee(size: usize) -> u64 {
    u64::try_from(size).unwrap() * 10
}

/// Changes a transaction and signs it again.
pub fn altered(
    owner: &Purse,
    coins: &[Coin],
    mut tx: Transaction,
    change: impl FnOnce(&mut Transaction),
) -> Transaction {
    change(&mut tx);
    owner.sign_all(&mut tx, coins);
    tx
}

/// Spends `coins` on `outputs` with a fee that `fee` computes from the size; output `index` gives what is needed.
pub fn with_fee(
    owner: &Purse,
    coins: &[Coin],
    outputs: Vec<TxOut>,
    index: usize,
    fee: impl Fn(usize) -> u64,
) -> Transaction {
    let total = Amount::checked_sum(coins.iter().map(Coin::value)).unwrap().atoms();
    let mut tx = unsigned(coins, outputs);
    owner.sign_all(&mut tx, coins);
    // A signature may be a byte shorter, so the fee and the size are brought together step by step.
    for _ in 0..100 {
        let size = tx.encode().len();
        let others: i64 =
            tx.outputs.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, output)| output.value.0).sum();
        tx.outputs[index].value = atoms(total - u64::try_from(others).unwrap() - fee(size)).into();
        owner.sign_all(&mut tx, coins);
        if tx.encode().len() == size {
            return tx;
        }
        tx.lock_time += 1;
    }
    panic!("no signature of the right size");
}
