//! The folder that the case files of `dcrcold` start with: an embedded network, a wallet on it with two coins and a
//! prepared request, and files of the cold side, right ones and damaged ones. Made anew for every run, always the same.

use std::fs;
use std::path::Path;

use dcrcold::chain::ChainSource;
use dcrcold::chain::sim::{SETTLED, Settings, Sim};
use dcrcold::wallet::{Receive, SystemClock, Wallet};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TransferId;
use dcrcold_core::machine::NoMemory;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, CoinType, Generation, Index, VoterAccount};
use dcrcold_core::script::{Payee, Payment};
use dcrcold_signer::hd::Derivation;
use dcrcold_signer::keystore::{AccountEntry, Contents};
use dcrcold_signer::sealed::{Kdf, Passphrase, Randomness};
use dcrcold_signer::seed::Seed;
use dcrcold_signer::signer::review;
use dcrcold_signer::transfer::{Answer, Encode, WatchExport, seal_hot_keys};
use dcrcold_signer::voter::{FreshVoter, VoterKeys, VoterSecrets};
use zeroize::Zeroizing;

#[path = "../common/order.rs"]
pub(crate) mod order;
#[path = "../common/watch.rs"]
mod watch;

use order::order;
use watch::watch_export;

/// What the wallet's coins are worth.
const COINS: [u64; 2] = [10_000_000_000, 6_000_000_000];

/// Fills a folder that does not exist yet.
pub(crate) fn fill(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let put = |name: &str, bytes: &[u8]| {
        fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        fs::write(folder.join(name), bytes).unwrap();
    };
    put("passphrase", b"correct horse\n");
    put("wrong-passphrase", b"battery staple\n");
    put("no-transfer", b"neither this nor that\n");
    put("rpc.cert", include_bytes!("../rpc/certificates/p256.cert"));
    put("exists", b"something of the user's\n");
    exports(put);
    wallet(folder, put);
    put("damaged.db", &[7; 8192]);
    listed(folder);
    drop(Wallet::create(&folder.join("mainnet.db"), Network::Mainnet, &export(Network::Mainnet), None, &SystemClock));
}

/// A wallet beside which a list of VSPs was kept.
fn listed(folder: &Path) {
    let folder = folder.join("listed");
    fs::create_dir(&folder).unwrap();
    let path = folder.join("wallet.db");
    drop(Wallet::create(&path, Network::Mainnet, &export(Network::Mainnet), None, &SystemClock));
    fs::write(folder.join("vsps.json"), LIST).unwrap();
}

/// A list as the project's server gives it out.
const LIST: &str = r#"{
"large.example.com":{"network":"mainnet","launched":1590969600,"lastupdated":1795229251,"apiversions":[3],
"feepercentage":1,"closed":false,"voting":5801,"voted":120034,"missed":12,"expired":800,"vspdversion":"1.4.0",
"blockheight":1100000,"estimatednetworkproportion":0.14},
"small.example.com":{"network":"mainnet","launched":1590969600,"lastupdated":1795229251,"apiversions":[3],
"feepercentage":0.5,"closed":false,"voting":61,"voted":930,"missed":0,"expired":4,"vspdversion":"1.4.0",
"blockheight":1100000,"estimatednetworkproportion":0.001},
"shut.example.com":{"network":"mainnet","launched":1590969600,"lastupdated":1795229251,"apiversions":[3],
"feepercentage":2.25,"closed":true,"voting":7,"voted":90000,"missed":900,"expired":400,"vspdversion":"1.3.2",
"blockheight":1100000,"estimatednetworkproportion":0.0001},
"test.example.com":{"network":"testnet","launched":1590969600,"lastupdated":1795229251,"apiversions":[3],
"feepercentage":1,"closed":false,"voting":5,"voted":5,"missed":0,"expired":0,"vspdversion":"1.4.0",
"blockheight":900000,"estimatednetworkproportion":0.1}}"#;

pub(crate) fn contents(network: Network) -> Contents {
    let account = AccountEntry { account: Account::FIRST, name: "savings".parse().unwrap() };
    let coin_type = CoinType::standard(network);
    Contents::new(Seed::from_bytes(&[7; 32]).unwrap(), network, coin_type, Derivation::Decred, account, None)
}

fn export(network: Network) -> WatchExport {
    watch_export(&contents(network))
}

fn secrets(network: Network, name: &str, account: u64) -> VoterSecrets {
    let master = contents(network).master().unwrap();
    let coin_type = CoinType::standard(network);
    let account = Account::new(account).unwrap();
    VoterSecrets::derive(&master, coin_type, account, Generation::FIRST, name.parse().unwrap()).unwrap()
}

/// The own voter after a leak.
fn next_generation() -> VoterSecrets {
    let master = contents(Network::Simnet).master().unwrap();
    let (coin_type, generation) = (CoinType::standard(Network::Simnet), Generation::new(1).unwrap());
    VoterSecrets::derive(&master, coin_type, Account::FIRST, generation, "savings".parse().unwrap()).unwrap()
}

/// Hot keys whose purse is the spending account, as no signer exports them.
fn greedy_secrets() -> VoterSecrets {
    let contents = contents(Network::Simnet);
    let account = contents.master().unwrap().account(contents.path(Account::FIRST)).unwrap();
    let mut greedy = secrets(Network::Simnet, "box", 5);
    greedy.accounts[2] = account.into();
    greedy
}

fn exports(put: impl Fn(&str, &[u8])) {
    let watch = export(Network::Simnet).to_container(Network::Simnet).unwrap().encode();
    put("watch", &watch);
    put("watch-cut", &watch[..watch.len() - 1]);
    put("watch-flipped", &flipped(&watch));
    put("watch-mainnet", &export(Network::Mainnet).to_container(Network::Mainnet).unwrap().encode());
    put("watch-oversized", &[watch.as_slice(), &[0; 2 << 20]].concat());
    let passphrase = Passphrase::new(Zeroizing::new("correct horse".into())).unwrap();
    let kdf = Kdf::with_memory(8).unwrap();
    let randomness = Randomness { salt: [1; 16], nonce: [2; 24] };
    for (name, network) in [("hot", Network::Simnet), ("hot-mainnet", Network::Mainnet)] {
        let sealed = seal_hot_keys(network, &secrets(network, "savings", 0), &passphrase, kdf, &randomness);
        put(name, &sealed.unwrap().encode());
    }
    let sealed = |network, secrets: &VoterSecrets| {
        seal_hot_keys(network, secrets, &passphrase, kdf, &randomness).unwrap().encode()
    };
    put("hot-next", &sealed(Network::Simnet, &next_generation()));
    put("hot-spending", &sealed(Network::Simnet, &greedy_secrets()));
    // Folders of voters that have their hot keys.
    for (folder, network) in [("kept", Network::Simnet), ("main", Network::Mainnet)] {
        let secrets = secrets(network, "savings", 0);
        let fingerprint = secrets.public().fingerprint(network);
        put(&format!("{folder}/voters/{fingerprint}.hot"), &sealed(network, &secrets));
    }
    for (name, seed) in [("words", "05"), ("cold-words", "07")] {
        let voter = FreshVoter::restore(&seed.repeat(32), Network::Simnet, "box".parse().unwrap()).unwrap();
        put(name, voter.words().as_bytes());
    }
    let foreign: VoterKeys = secrets(Network::Simnet, "box", 5).public();
    put("voter", &foreign.to_container(Network::Simnet).unwrap().encode());
    let mut greedy = foreign;
    greedy.accounts[2] = export(Network::Simnet).key;
    put("voter-spending", &greedy.to_container(Network::Simnet).unwrap().encode());
}

fn flipped(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    bytes
}

fn wallet(folder: &Path, put: impl Fn(&str, &[u8])) {
    let mut sim = Sim::create(&folder.join("net"), Settings::new(1)).unwrap();
    sim.mine_to(SETTLED).unwrap();
    let path = folder.join("wallet.db");
    let mut wallet = Wallet::create(&path, Network::Simnet, &export(Network::Simnet), None, &SystemClock).unwrap();
    for coin in COINS {
        let (_, address) = wallet.receive(Receive::New, &SystemClock).unwrap();
        sim.fund(&address.script(), Amount::from_atoms(coin).unwrap()).unwrap();
    }
    sim.mine(2).unwrap();
    wallet.sync(&mut sim, &SystemClock, &mut |_| {}).unwrap();
    let price = sim.price().unwrap();
    let prepared = wallet.prepare(&order(2), &price, &SystemClock).unwrap();
    let answer = sign(&prepared.request, &prepared.id);
    put("request", &prepared.request);
    wallet.handed_out(&prepared.id, Path::new("request"), &SystemClock).unwrap();
    answers(&answer, put);
    // All of it in one file: the cases copy it.
    drop(wallet);
    leaked(folder);
}

/// The wallet with its hot keys, which a thief has too, and on a network of its own a coin in their purse.
fn leaked(folder: &Path) {
    let (kept, leaked) = (folder.join("kept/voters"), folder.join("leaked"));
    for (from, to) in [(&kept, "voters"), (&folder.join("net"), "net")] {
        fs::create_dir_all(leaked.join(to)).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), leaked.join(to).join(entry.file_name())).unwrap();
        }
    }
    fs::copy(folder.join("wallet.db"), leaked.join("wallet.db")).unwrap();
    let mut sim = Sim::open(&leaked.join("net")).unwrap();
    let purse = secrets(Network::Simnet, "savings", 0).public().hash(VoterAccount::Purse, Index::FIRST).unwrap();
    let script = Payment { tag: None, payee: Payee::KeyHash(purse) }.script();
    sim.fund(script.as_bytes(), Amount::from_atoms(25_000_000).unwrap()).unwrap();
    sim.mine(1).unwrap();
}

/// The answer of the cold side.
pub(crate) fn sign(request: &[u8], id: &TransferId) -> Answer {
    let mut contents = contents(Network::Simnet);
    // As after an export of its hot keys.
    contents.add_generation(Generation::new(1).unwrap());
    let reviewed = review(request, &contents, &mut NoMemory).unwrap();
    reviewed.approve(id).unwrap().sign(&mut NoMemory).unwrap()
}

fn answers(answer: &Answer, put: impl Fn(&str, &[u8])) {
    let encoded = |answer: &Answer| answer.to_container(Network::Simnet).unwrap().encode();
    let right = encoded(answer);
    put("answer", &right);
    put("answer-cut", &right[..right.len() - 1]);
    put("answer-flipped", &flipped(&right));
    put("answer-oversized", &[right.as_slice(), &[0; 2 << 20]].concat());
    put("answer-mainnet", &answer.to_container(Network::Mainnet).unwrap().encode());
    let changed = |change: fn(&mut Answer)| {
        let mut answer = answer.clone();
        change(&mut answer);
        encoded(&answer)
    };
    put("answer-other", &changed(|answer| answer.request = TransferId::from_bytes([9; 32])));
    put("answer-missing", &changed(|answer| answer.tickets.truncate(1)));
    put("answer-wrong", &changed(|answer| answer.tickets.swap(0, 1)));
    put("answer-unregistered", &changed(|answer| answer.messages.swap(0, 1)));
}
