//! The embedded network, somebody who buys tickets there, and the hot keys that vote with them.

use std::collections::BTreeMap;
use std::path::Path;

use dcrcold::chain::sim::{SETTLED, Settings, Sim};
use dcrcold::chain::{ChainSource, VoteSource};
use dcrcold::voter::{Cast, Folder, HotVoter, Outcome, Report, Station, VoterError};
use dcrcold::wallet::{Clock, UnixTime};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, CoinType, Generation, Index, VoterAccount};
use dcrcold_signer::block::BlockHeader;
use dcrcold_signer::hd::{Derivation, ExtendedPrivateKey};
use dcrcold_signer::sealed::{Kdf, Passphrase, Randomness};
use dcrcold_signer::stake::vote::TICKET_INPUT;
use dcrcold_signer::transfer::{Container, seal_hot_keys};
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxKind, TxOut};
use dcrcold_signer::voter::VoterSecrets;
use zeroize::Zeroizing;

use crate::purse::{Coin, Purse};

pub const PASSPHRASE: &str = "correct horse";

/// A clock that stands still.
pub struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> UnixTime {
        UnixTime(1_800_000_000)
    }
}

/// The keys of the voter that a seed makes.
pub fn secrets(seed: u8) -> VoterSecrets {
    let network = Network::Simnet;
    let master = ExtendedPrivateKey::master(&[seed; 32], network, Derivation::Decred).unwrap();
    let name = format!("voter {seed}").parse().unwrap();
    VoterSecrets::derive(&master, CoinType::standard(network), Account::FIRST, Generation::FIRST, name).unwrap()
}

pub fn sealed(seed: u8) -> Container {
    let passphrase = Passphrase::new(Zeroizing::new(PASSPHRASE.into())).unwrap();
    let kdf = Kdf::with_memory(Kdf::LEAST_MIB).unwrap();
    let randomness = Randomness { salt: [seed; 16], nonce: [seed; 24] };
    seal_hot_keys(Network::Simnet, &secrets(seed), &passphrase, kdf, &randomness).unwrap()
}

pub fn hot(seed: u8) -> HotVoter {
    let passphrase = Passphrase::new(Zeroizing::new(PASSPHRASE.into())).unwrap();
    HotVoter::open(&sealed(seed), &passphrase).unwrap()
}

pub fn station(folder: &Path, seeds: &[u8]) -> Station {
    std::fs::create_dir_all(folder).unwrap();
    Station::open(&Folder::new(folder.to_owned()), seeds.iter().map(|seed| hot(*seed)).collect()).unwrap()
}

/// Lets a station do all there is to do now.
pub fn attend(station: &mut Station, source: &mut dyn VoteSource) -> Report {
    try_attend(station, source).unwrap()
}

pub fn try_attend(station: &mut Station, source: &mut dyn VoteSource) -> Result<Report, VoterError> {
    loop {
        let report = station.attend(source, &StoppedClock, std::time::Duration::ZERO)?;
        if report.tip.is_some() {
            return Ok(report);
        }
    }
}

/// Buys a ticket for each of the voting keys of a seed with these indexes, and mines them.
pub fn buy(sim: &mut Sim, seed: u8, indexes: impl IntoIterator<Item = u32>) -> Vec<TxId> {
    let (buyer, secrets) = (Purse::new(seed), secrets(seed));
    let price = sim.price().unwrap().next.atoms() * 11 / 10;
    let value = Amount::from_atoms(price + 50_000).unwrap();
    let script = buyer.script(None);
    let mut tickets = Vec::new();
    for index in indexes {
        let id = sim.fund(&script, value).unwrap();
        let outpoint = OutPoint { id, index: 0, tree: Tree::Regular };
        let coin = Coin { outpoint, output: TxOut::new(value, &script) };
        let key = secrets.key(VoterAccount::Voting, Index::new(index.into()).unwrap()).unwrap();
        let voter = Purse { public: key.public_key(), key };
        let ticket = buyer.ticket(&coin, Amount::from_atoms(price).unwrap(), &voter);
        tickets.push(sim.accept(&ticket).unwrap());
    }
    sim.mine(3).unwrap();
    tickets
}

/// A network that has settled.
pub fn settled(seed: u64) -> Sim {
    let mut sim = Sim::in_memory(Settings::new(seed));
    sim.mine_to(SETTLED).unwrap();
    sim
}

/// How tickets ended on the main chain: the vote or the revocation.
pub fn endings(sim: &mut Sim, tickets: &[TxId]) -> BTreeMap<TxId, (TxKind, TxId)> {
    let mut endings = BTreeMap::new();
    let hashes: Vec<BlockHash> = sim.headers_after(&[]).unwrap().iter().map(BlockHeader::id).collect();
    for hash in hashes {
        for tx in sim.block(&hash).unwrap().stake_transactions {
            let input = match tx.kind() {
                TxKind::Vote => TICKET_INPUT,
                TxKind::Revocation => 0,
                _ => continue,
            };
            let ticket = tx.inputs[input].previous.id;
            if tickets.contains(&ticket) {
                endings.insert(ticket, (tx.kind(), tx.id()));
            }
        }
    }
    endings
}

/// Whether every one of these tickets ended by a vote.
pub fn all_voted(endings: &BTreeMap<TxId, (TxKind, TxId)>) -> bool {
    endings.values().all(|(kind, _)| *kind == TxKind::Vote)
}

/// The votes that the network has, by block and ticket.
pub fn taken(casts: &[Cast]) -> BTreeMap<(BlockHash, TxId), TxId> {
    let taken = casts.iter().filter(|cast| matches!(cast.outcome, Outcome::Sent | Outcome::Known));
    taken.map(|cast| ((cast.block.hash, cast.ticket), cast.vote)).collect()
}

/// The transaction with an id, from the main chain.
pub fn find(sim: &mut Sim, id: &TxId) -> Transaction {
    let hashes: Vec<BlockHash> = sim.headers_after(&[]).unwrap().iter().map(BlockHeader::id).collect();
    let blocks = hashes.iter().map(|hash| sim.block(hash).unwrap());
    blocks.flat_map(|block| block.stake_transactions).find(|tx| tx.id() == *id).unwrap()
}
