//! The trips of tests/vectors/builder.json on a test network: the same parameters and parents, but paying keys of a named
//! test seed, with the voter of another one. A simulated device takes nothing of the mainnet and no voter of its own.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

#[path = "../../../../tests/common/body.rs"]
pub mod body;

use std::fmt::Debug;
use std::fs;
use std::path::PathBuf;
use std::str::FromStr;

use body::{Body, seal};
use dcrcold_core::apdu::{Command, Exchange, ExtendedKey, Failure, Mac, Os, SpendingAccount, VoterRecord, chunks};
use dcrcold_core::hash::TransferId;
use dcrcold_core::machine::NoMemory;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, Branch, CoinType, HARDENED, Index, KeyPath};
use dcrcold_signer::hd::{Derivation, ExtendedKeyData, ExtendedPrivateKey};
use dcrcold_signer::key::{MessageSignature, Signature};
use dcrcold_signer::keystore::{AccountEntry, Contents};
use dcrcold_signer::seed::{Bip39Words, Seed};
use dcrcold_signer::signer::review;
use dcrcold_signer::transfer::{Answer, Container, Encode};
use dcrcold_signer::voter::VoterKeys;
use dcrcold_simulator::{NAMED, SoftwareKeys, TestSeed};
use serde_json::Value;

/// Where the network is in a container.
const NETWORK: usize = 9;
/// The seed of the device.
pub const SEED: &str = "abandon";
/// The seed of the voter.
pub const VOTER_SEED: &str = "zoo";

pub fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests").join(name)
}

pub fn vectors() -> Value {
    serde_json::from_str(&fs::read_to_string(file("vectors/builder.json")).unwrap()).unwrap()
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub fn number<T: TryFrom<u64, Error: Debug>>(value: &Value) -> T {
    value.as_u64().unwrap_or_else(|| panic!("not a number: {value}")).try_into().unwrap()
}

pub fn parsed<T: FromStr<Err: Debug>>(value: &Value) -> T {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).parse().unwrap()
}

pub fn hex(value: &Value) -> Vec<u8> {
    base16ct::mixed::decode_vec(value.as_str().unwrap_or_else(|| panic!("not a text: {value}"))).unwrap()
}

pub fn words(name: &str) -> &'static str {
    NAMED.iter().find(|(known, _)| *known == name).unwrap().1
}

/// An account of the test networks.
pub fn account(network: Network, number: u64) -> SpendingAccount {
    let coin_type = CoinType::new(network, 1).unwrap();
    SpendingAccount { network, account: AccountPath { coin_type, account: Account::new(number).unwrap() } }
}

/// The voter of somebody who keeps another seed.
pub fn voter(of: SpendingAccount) -> VoterRecord {
    let keys = SoftwareKeys::new(&TestSeed::named(VOTER_SEED).unwrap()).unwrap();
    let account = |kind: u32| keys.public_key(&[44 | HARDENED, 1 | HARDENED, kind | HARDENED]).unwrap();
    VoterRecord::new(of, "box", [0x1000_0000, 0x2000_0000, 0x3000_0000].map(account)).unwrap()
}

/// A request with what it needs.
pub struct Trip {
    pub name: String,
    pub of: SpendingAccount,
    pub request: Vec<u8>,
    pub id: TransferId,
    /// The voter, when the request names one.
    pub voter: Option<VoterRecord>,
}

impl Trip {
    /// All cases of the vectors, carried over.
    pub fn all() -> Vec<Self> {
        list(&vectors()["cases"]).iter().map(Self::carried_over).collect()
    }

    /// The one whose name begins so.
    pub fn named(start: &str) -> Self {
        Self::all().into_iter().find(|trip| trip.name.starts_with(start)).unwrap()
    }

    fn carried_over(case: &Value) -> Self {
        let network = match parsed(&case["wallet"]["network"]) {
            Network::Mainnet => Network::Testnet3,
            network => network,
        };
        let of = account(network, number(&case["wallet"]["account"]));
        let mut body = Body::of(&hex(&case["transfer"]["request"]));
        let record = voter(of);
        let replaced = old_and_new_keys(case, of);
        let fingerprint = (hex(&case["voter"]["fingerprint"]), record.fingerprint().as_bytes().to_vec());
        for (key, value) in &mut body.pairs {
            match key {
                2 | 6 => replace(value, &fingerprint),
                13 => replaced.iter().for_each(|pair| replace(value, pair)),
                _ => {}
            }
        }
        let account = of.account.account.number();
        let mut request = body
            .with(0, |writer| {
                writer.array(2).uint(1).uint(account.into());
            })
            .request();
        request[NETWORK] = network.code();
        seal(&mut request);
        let named = request.windows(16).any(|window| window == record.fingerprint().as_bytes());
        let id = *Container::parse(&request).unwrap().id();
        Self { name: parsed(&case["name"]), of, id, request, voter: named.then_some(record) }
    }

    /// Registers the voter, when there is one.
    pub fn register<E: Exchange<Error: Debug>>(&self, device: &mut E) -> Option<Mac> {
        let record = self.voter?;
        let reply = send(device, &Command::Register(record)).unwrap();
        assert_eq!(reply[16..], *record.fingerprint().as_bytes());
        Some(reply[..16].try_into().unwrap())
    }

    /// Names the voter that was registered.
    pub fn name<E: Exchange<Error: Debug>>(&self, device: &mut E, mac: Option<Mac>) {
        if let (Some(record), Some(mac)) = (self.voter, mac) {
            assert_eq!(send(device, &Command::Voter { record, mac }), Ok(vec![]));
        }
    }

    /// Registers the voter and names it, when there is one.
    pub fn name_voter<E: Exchange<Error: Debug>>(&self, device: &mut E) {
        let mac = self.register(device);
        self.name(device, mac);
    }

    /// Streams the request; how many pages it has.
    pub fn stream<E: Exchange<Error: Debug>>(&self, device: &mut E) -> Result<u8, Failure> {
        let mut last = Vec::new();
        for command in chunks(&self.request, 255).unwrap() {
            last = send(device, &command)?;
        }
        assert_eq!(last[..32], *self.id.as_bytes());
        Ok(last[32])
    }

    /// Has everything approved and signed; the answer as a file.
    pub fn answer<E: Exchange<Error: Debug>>(&self, device: &mut E) -> Result<Vec<u8>, Failure> {
        let counts = send(device, &Command::Approve(self.id))?;
        let mut answer = Answer { request: self.id, inputs: vec![], tickets: vec![], messages: vec![] };
        for number in 0..counts.iter().sum() {
            let reply = send(device, &Command::Signature(number))?;
            match reply[0] {
                0 => answer.inputs.push(Signature::from_bytes(reply[1..].try_into().unwrap())),
                1 => answer.tickets.push(Signature::from_bytes(reply[1..].try_into().unwrap())),
                _ => answer.messages.push(MessageSignature::from_bytes(reply[1..].try_into().unwrap())),
            }
        }
        let made = [answer.inputs.len(), answer.tickets.len(), answer.messages.len()];
        assert_eq!(counts, made.map(|count| u8::try_from(count).unwrap()));
        Ok(answer.to_container(self.of.network).unwrap().encode())
    }

    /// What the offline program answers with the same seed.
    pub fn answer_of_the_signer(&self) -> Vec<u8> {
        let contents = contents(words(SEED), self.of, self.voter.as_ref());
        let reviewed = review(&self.request, &contents, &mut NoMemory).unwrap();
        let answer = reviewed.approve(&self.id).unwrap().sign(&mut NoMemory).unwrap();
        answer.to_container(self.of.network).unwrap().encode()
    }
}

/// Sends a command.
pub fn send<E: Exchange<Error: Debug>>(device: &mut E, command: &Command<'_>) -> Result<Vec<u8>, Failure> {
    device.exchange(&command.write()).unwrap().outcome().map(<[u8]>::to_vec)
}

/// A key store that was restored from the words of a hardware wallet.
fn contents(words: &str, of: SpendingAccount, voter: Option<&VoterRecord>) -> Contents {
    let entry = AccountEntry { account: of.account.account, name: "main".parse().unwrap() };
    let seed: Seed = Bip39Words::parse(words).unwrap().to_seed("").unwrap();
    let mut contents = Contents::new(seed, of.network, of.account.coin_type, Derivation::Strict, entry, None);
    if let Some(record) = voter {
        let key = |key: ExtendedKey| ExtendedKeyData::from_bytes(&key.key, &key.chain_code).unwrap();
        let accounts = record.accounts.map(key);
        contents.add_voter(VoterKeys { name: record.name().as_str().parse().unwrap(), accounts }).unwrap();
    }
    contents
}

/// The hashes of the keys that a case uses, in its own wallet and on the device.
fn old_and_new_keys(case: &Value, of: SpendingAccount) -> Vec<(Vec<u8>, Vec<u8>)> {
    let wallet = &case["wallet"];
    let network: Network = parsed(&wallet["network"]);
    let path = AccountPath { coin_type: CoinType::new(network, number(&wallet["coin_type"])).unwrap(), ..of.account };
    let master = ExtendedPrivateKey::master(&hex(&wallet["seed"]), network, Derivation::Decred).unwrap();
    let old = *master.account(path).unwrap().public().node();
    let seed = Bip39Words::parse(words(SEED)).unwrap().to_seed("").unwrap();
    let master = ExtendedPrivateKey::master(seed.as_bytes(), of.network, Derivation::Strict).unwrap();
    let new = *master.account(of.account).unwrap().public().node();
    let inputs = ["purchase", "send"].map(|kind| list(&case[kind]["inputs"]));
    let paths = inputs.concat().into_iter().map(|input| input["path"].clone());
    let paths = paths.chain(list(&case["register"]["paths"]).iter().cloned());
    let hash = |account: &ExtendedKeyData, path: &Value| {
        let path =
            KeyPath { branch: Branch::new(number(&path[0])).unwrap(), index: Index::new(number(&path[1])).unwrap() };
        account.address_hash(path).unwrap().as_bytes().to_vec()
    };
    paths.map(|path| (hash(&old, &path), hash(&new, &path))).collect()
}

fn replace(bytes: &mut [u8], (old, new): &(Vec<u8>, Vec<u8>)) {
    let places = bytes.windows(old.len()).enumerate().filter(|(_, window)| window == old);
    let places: Vec<_> = places.map(|(place, _)| place).collect();
    for place in places {
        bytes[place..place + old.len()].copy_from_slice(new);
    }
}
