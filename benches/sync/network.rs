//! The embedded network, and the account that it pays.

use dcrcold::chain::sim::{SETTLED, Settings, Sim};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType, Index, KeyPath};
use dcrcold_core::script::Payment;
use dcrcold_signer::hd::{Derivation, ExtendedPrivateKey};
use dcrcold_signer::transfer::{Capacity, WatchExport};

use crate::ADDRESSES;

/// The seed of the account.
pub(crate) const SEED: [u8; 32] = [3; 32];

/// The public side of the first account of [`SEED`].
pub(crate) fn account() -> WatchExport {
    let coin_type = CoinType::standard(Network::Simnet);
    let path = AccountPath { coin_type, account: Account::new(0).expect("the first account exists") };
    let master = ExtendedPrivateKey::master(&SEED, Network::Simnet, Derivation::Decred).expect("a usable seed");
    WatchExport {
        account: path,
        key: *master.account(path).expect("a usable account").public().node(),
        parent_fingerprint: [0; 4],
        derivation: Derivation::Decred,
        own_voter: None,
        capacity: Capacity::HOST,
        name: "bench".parse().expect("printable"),
        birthday: None,
    }
}

/// Pays every address once, spread evenly over the blocks after the network settled.
pub(crate) fn network(export: &WatchExport, blocks: Height) -> Sim {
    let mut sim = Sim::in_memory(Settings::new(1));
    sim.mine_to(SETTLED).expect("the network settles");
    let mut paid = 0;
    for height in SETTLED.0 + 1..=blocks.0 {
        let due = (height - SETTLED.0) * ADDRESSES / (blocks.0 - SETTLED.0);
        for number in paid..due {
            let path = KeyPath::external(Index::new(number.into()).expect("an index"));
            let script = Payment::to_key(export.key.address_hash(path).expect("a usable key")).script();
            sim.fund(script.as_bytes(), Amount::constant::<50_000_000>()).expect("the network's wallet has so much");
        }
        paid = due;
        sim.mine(1).expect("a block");
        if height % 10_000 == 0 {
            eprintln!("{height} blocks mined");
        }
    }
    sim
}
