//! Requests and transactions, written from docs/protocol.md with nothing but the core's CBOR writer and hashes.

use std::collections::BTreeMap;

use dcrcold_core::cbor::Writer;
use dcrcold_core::hash::{Hash160, Sink, TxId};
use dcrcold_core::machine::{FinishError, Memory, NoMemory, Receiver, Reviewable};
use dcrcold_core::net::Network;
use dcrcold_core::policy::{Limits, Refusal};
use dcrcold_core::script::{Payee, Payment, StakeTag};

pub use crate::parts::{Bytes, commitment, container, prefix, script};
use crate::wallet::{self, NETWORK, OneVoter, VOTER, Wallet};

/// What one ticket locks, and the price that is claimed.
pub const PRICE: u64 = 25_000_000_000;
/// The best block that is claimed.
pub const TIP: u64 = 1_100_000;
/// Its time.
pub const TIME: u64 = 1_763_700_000;
/// The fee of a ticket at the least rate.
pub const TICKET_FEE: u64 = 2_980;
/// The first internal index of purchases and of change.
pub const FIRST: u32 = 7;
/// The voter's first index.
pub const VOTE: u32 = 5;
/// An address of somebody.
pub const SOMEBODY: [u8; 20] = [9; 20];

/// A machine of a host's size.
pub type Host = Reviewable<256, 100>;

/// What was written.
pub fn written(write: impl FnOnce(&mut Bytes)) -> Vec<u8> {
    let mut bytes = Bytes::default();
    write(&mut bytes);
    bytes.0
}

/// A value of a request.
#[derive(Clone)]
pub enum Item {
    Uint(u64),
    Bytes(Vec<u8>),
    Text(String),
    List(Vec<Item>),
}

use Item::{List, Uint};

/// A list of numbers.
pub fn uints<const N: usize>(numbers: [u64; N]) -> Item {
    List(numbers.map(Uint).to_vec())
}

impl Item {
    fn write(&self, writer: &mut Writer<&mut Bytes>) {
        match self {
            Uint(number) => drop(writer.uint(*number)),
            Self::Bytes(bytes) => drop(writer.bytes(bytes)),
            Self::Text(text) => drop(writer.text(text)),
            List(items) => {
                writer.array(items.len() as u64);
                items.iter().for_each(|item| item.write(writer));
            }
        }
    }
}

/// A request: its kind and the values of its keys.
#[derive(Clone)]
pub struct Ask {
    pub kind: u8,
    pub network: Network,
    pub pairs: BTreeMap<u64, Item>,
}

impl Ask {
    fn new(kind: u8, claim: Item, pairs: impl IntoIterator<Item = (u64, Item)>) -> Self {
        let common = [(0, uints([42, 0])), (10, claim)];
        Self { kind, network: NETWORK, pairs: common.into_iter().chain(pairs).collect() }
    }

    /// A purchase of so many tickets over coins of these values.
    pub fn purchase(coins: &[u64], tickets: u64) -> Self {
        let pairs = [
            (1, inputs(coins.len())),
            (2, Uint(tickets)),
            (3, Uint(PRICE)),
            (4, Uint(10_000)),
            (5, Uint(FIRST.into())),
            (6, voter(VOTE)),
            (9, Uint(TIP + 288)),
            (13, List(vec![Item::Bytes(parent(coins))])),
        ];
        Self::new(1, uints([TIP, TIME, PRICE]), pairs)
    }

    /// A purchase over one coin that leaves change of about 1 DCR.
    pub fn simple(tickets: u64) -> Self {
        Self::purchase(&[tickets * (PRICE + TICKET_FEE) + 100_000_000], tickets)
    }

    /// A purchase in which each coin becomes a ticket.
    pub fn direct(coins: &[u64]) -> Self {
        Self::purchase(coins, coins.len() as u64).with(12, Uint(1))
    }

    /// A send over coins of these values.
    pub fn send(coins: &[u64], outputs: Vec<Item>) -> Self {
        let pairs = [
            (1, inputs(coins.len())),
            (2, List(outputs)),
            (4, Uint(10_000)),
            (5, Uint(FIRST.into())),
            (13, List(vec![Item::Bytes(parent(coins))])),
        ];
        Self::new(2, uints([TIP, TIME]), pairs)
    }

    /// A send in which the last output takes the rest.
    pub fn sweep(coins: &[u64], outputs: Vec<Item>) -> Self {
        Self::send(coins, outputs).without(5).with(12, Uint(1))
    }

    /// The registration of tickets whose rewards return to the keys 1/0, 1/1 and so on.
    pub fn register(tickets: u32) -> Self {
        let ticket = |number| Item::Bytes(ticket(&key(SOMEBODY), Payee::KeyHash(wallet::own(1, number))));
        let pairs = [
            (1, List((0..tickets).map(|number| uints([1, number.into()])).collect())),
            (6, voter(VOTE)),
            (13, List((0..tickets).map(ticket).collect())),
        ];
        Self::new(3, uints([TIP, TIME]), pairs)
    }

    /// The same request with another value of a key.
    pub fn with(mut self, key: u64, item: Item) -> Self {
        self.pairs.insert(key, item);
        self
    }

    /// The same request without a key.
    pub fn without(mut self, key: u64) -> Self {
        self.pairs.remove(&key);
        self
    }

    /// The request with its container.
    pub fn bytes(&self) -> Vec<u8> {
        let mut body = Bytes::default();
        let mut writer = Writer(&mut body);
        writer.map(self.pairs.len() as u64);
        for (key, item) in &self.pairs {
            writer.uint(*key);
            item.write(&mut writer);
        }
        container(self.kind, self.network, &body.0)
    }

    /// Runs it through a machine without memory.
    pub fn review(&self) -> Result<Host, Refusal> {
        self.review_with(&mut NoMemory, &Limits::DEFAULT)
    }

    /// Runs it through a machine.
    pub fn review_with(&self, memory: &mut impl Memory, limits: &Limits) -> Result<Host, Refusal> {
        let mut receiver = Receiver::<256, 100>::default();
        receiver.push(&self.bytes())?;
        match receiver.finish(&mut Wallet::default(), &mut OneVoter::default(), memory, limits) {
            Ok(reviewable) => Ok(reviewable),
            Err(FinishError::Refused(refusal)) => Err(refusal),
            Err(FinishError::Keys(failed)) => panic!("{failed:?}"),
        }
    }
}

/// Key 6: the voter and its first index.
pub fn voter(first: u32) -> Item {
    List(vec![Item::Bytes(VOTER.to_vec()), Uint(first.into())])
}

/// An output to somebody's key.
pub fn pay(atoms: u64) -> Item {
    List(vec![Uint(0), Item::Bytes(SOMEBODY.to_vec()), Uint(atoms)])
}

/// An output to a script hash.
pub fn pay_script(atoms: u64) -> Item {
    List(vec![Uint(1), Item::Bytes(SOMEBODY.to_vec()), Uint(atoms)])
}

/// An output to the voter's purse.
pub fn pay_purse(index: u32, atoms: u64) -> Item {
    List(vec![Uint(2), Item::Bytes(VOTER.to_vec()), Uint(index.into()), Uint(atoms)])
}

/// Inputs that spend the outputs of the first parent, with the keys 0/0, 0/1 and so on.
fn inputs(count: usize) -> Item {
    List((0..count as u64).map(|number| uints([0, number, 0, number])).collect())
}

/// The script that pays a key hash.
pub fn key(hash: [u8; 20]) -> Vec<u8> {
    script(None, Payee::KeyHash(Hash160::from_bytes(hash)))
}

/// The prefix of a transaction whose outputs pay the keys 0/0, 0/1 and so on.
pub fn parent(values: &[u64]) -> Vec<u8> {
    let output = |(number, value): (u32, &u64)| (*value, script(None, Payee::KeyHash(wallet::own(0, number))));
    let outputs: Vec<_> = (0..).zip(values).map(output).collect();
    prefix(&[([0xaa; 32], 3, 0)], &outputs, 0)
}

/// The prefix of a ticket of somebody, as a registration carries it.
pub fn ticket(voting: &[u8], reward: Payee) -> Vec<u8> {
    let Payment { payee, .. } = Payment::recognise(voting).unwrap();
    let outputs = [
        (PRICE, script(Some(StakeTag::Submission), payee)),
        (0, commitment(reward, PRICE + TICKET_FEE)),
        (0, script(Some(StakeTag::Change), Payee::KeyHash(Hash160::ZERO))),
    ];
    prefix(&[([0xbb; 32], 0, 0)], &outputs, 1_105_920)
}

/// The id of a transaction.
pub fn id(prefix: &[u8]) -> TxId {
    TxId::of_prefix(|hasher| hasher.put(prefix))
}
