//! Key stores that the trips of tests/vectors/builder.json were made for, so that the seeds are requests that sign.

use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, CoinType, Generation};
use dcrcold_signer::hd::{Derivation, ExtendedKeyData, ExtendedPrivateKey};
use dcrcold_signer::keystore::{AccountEntry, Contents};
use dcrcold_signer::seed::Seed;
use dcrcold_signer::voter::{VoterKeys, own_accounts};

/// The seeds of most wallets and of the foreign voter in the vectors.
const SEED: &str = "e272deecde720ffc773d7a6a81adabbc366ccbb64da5abdb6b26f52cd3f952cb";
const FOREIGN: &str = "383ce2f973ff1bcb7989b760c458ba9e083d297fe513987681132d8909d95f42";

/// A cold side.
pub struct Store {
    pub contents: Contents,
    /// The public side of its accounts, in their order.
    pub accounts: Vec<ExtendedKeyData>,
    /// Every voter that it knows.
    pub voters: Vec<VoterKeys>,
}

fn voter(master: &ExtendedPrivateKey, coin_type: CoinType, account: Account, generation: u64) -> VoterKeys {
    let generation = Generation::new(generation).expect("below 16");
    let accounts = own_accounts(master, coin_type, account, generation).expect("accounts that exist");
    let accounts = accounts.map(|account| *account.public().node());
    VoterKeys { name: "box".parse().expect("a name"), accounts }
}

fn store(network: Network, coin_type: u64, numbers: &[u64]) -> Store {
    let coin_type = CoinType::new(network, coin_type).expect("a coin type of the network");
    let account = |number: &u64| Account::new(*number).expect("an account");
    let name = |number: &u64| AccountEntry {
        account: account(number),
        name: format!("number {number}").parse().expect("a name"),
    };
    let seed = Seed::parse(SEED).expect("a seed");
    let mut contents = Contents::new(seed, network, coin_type, Derivation::Decred, name(&numbers[0]), None);
    for number in &numbers[1..] {
        contents.add_account(name(number)).expect("another account");
    }
    contents.add_generation(Generation::new(3).expect("below 16"));
    let bytes = Seed::parse(FOREIGN).expect("a seed");
    let other = ExtendedPrivateKey::master(bytes.as_bytes(), network, Derivation::Decred).expect("a master key");
    let foreign = voter(&other, coin_type, Account::FIRST, 0);
    contents.add_voter(foreign.clone()).expect("the first voter");
    let master = contents.master().expect("a master key");
    let paths = contents.accounts().iter().map(|entry| contents.path(entry.account));
    let accounts = paths.map(|path| *master.account(path).expect("an account").public().node()).collect();
    let own = numbers.iter().flat_map(|number| [0, 3].map(|generation| (account(number), generation)));
    let mut voters: Vec<_> = own.map(|(account, generation)| voter(&master, coin_type, account, generation)).collect();
    voters.push(foreign);
    Store { contents, accounts, voters }
}

/// All of them.
pub fn stores() -> Vec<Store> {
    vec![
        store(Network::Mainnet, 42, &[0, 1, 7]),
        store(Network::Mainnet, 20, &[0]),
        store(Network::Testnet3, 1, &[2]),
        store(Network::Simnet, 1, &[0]),
    ]
}
