//! Coins of the tests' key store, of all kinds that can be spent.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a test stops at what it did not expect")]

use dcrcold_core::amount::Amount;
use dcrcold_core::path::{Branch, KeyPath};
use dcrcold_core::script::StakeTag;
use dcrcold_signer::transfer::InputRef;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxOut};
use std::collections::BTreeMap;

use crate::cold::{Cold, index, parent_of};
use crate::random::Random;

/// An output that exists, and the key that it pays.
#[derive(Clone)]
pub struct Coin {
    pub output: TxOut,
    pub path: KeyPath,
}

/// Coins by their places, inputs that spend them, and the parents.
pub struct Coins {
    by_place: BTreeMap<(String, u32), Coin>,
    pub inputs: Vec<InputRef>,
    pub parents: Vec<Vec<u8>>,
}

const TAGS: [Option<StakeTag>; 5] =
    [None, None, Some(StakeTag::Vote), Some(StakeTag::Revocation), Some(StakeTag::Change)];

impl Coins {
    /// Spreads values over a few parents.
    pub fn new(cold: &Cold, values: &[Amount], random: &mut Random) -> Self {
        let mut coins = Self { by_place: BTreeMap::new(), inputs: Vec::new(), parents: Vec::new() };
        for values in values.chunks(1 + random.below(60)) {
            let parent = u32::try_from(coins.parents.len()).unwrap();
            let made: Vec<_> = values.iter().map(|value| Self::coin(cold, *value, random)).collect();
            let prefix = parent_of(made.iter().map(|coin| coin.output.clone()).collect());
            let id = Transaction::decode_prefix(&prefix).unwrap().id().to_string();
            for (output, coin) in (0..).zip(made) {
                coins.inputs.push(InputRef { parent, output, path: coin.path });
                coins.by_place.insert((id.clone(), output), coin);
            }
            coins.parents.push(prefix);
        }
        coins
    }

    fn coin(cold: &Cold, value: Amount, random: &mut Random) -> Coin {
        let path = KeyPath { branch: random.one_of(&Branch::ALL), index: index(u32::from(random.byte() % 4)) };
        Coin { output: TxOut::new(value, &cold.script(path, random.one_of(&TAGS))), path }
    }

    pub fn of(&self, spent: &OutPoint) -> &Coin {
        let coin = &self.by_place[&(spent.id.to_string(), spent.index)];
        let tagged = coin.output.script.len() == 26;
        assert_eq!(spent.tree, if tagged { Tree::Stake } else { Tree::Regular });
        coin
    }
}
