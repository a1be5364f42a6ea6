//! A device in process for every network, the mainnet of the vectors too, which the simulator does not serve: the core
//! behind its commands, keys of a seed in software, and a person who does what a test wants.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use dcrcold_core::apdu::{Device, ExtendedKey, Fault, Os, Platform, Signed, Turn};
use dcrcold_core::hash::MessageHash;
use dcrcold_core::net::Network;
use dcrcold_core::path::HARDENED;
use dcrcold_signer::device::{Apdu, Exchange, Reply};
use dcrcold_signer::hd::{ChildNumber, Derivation, ExtendedKeyData, ExtendedPrivateKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

#[path = "../../firmware-proto/core/tests/parts/person.rs"]
mod person;

use person::Person;

/// Account numbers from here on belong to own voters.
const FIRST_OF_OWN_VOTERS: u32 = 0x0100_0000;

/// Private keys by the public key of their root and the path from there, and plain children of public keys. Kept for all
/// tests of a program: they take the same few seeds again and again.
static KEYS: Kept<([u8; 33], Vec<u32>), Arc<ExtendedPrivateKey>> = LazyLock::new(Mutex::default);
static CHILDREN: Kept<(Vec<u8>, u32), ExtendedKey> = LazyLock::new(Mutex::default);

type Kept<K, V> = LazyLock<Mutex<HashMap<K, V>>>;

/// The keys of a seed, in the place of a device's operating system.
pub struct Software {
    master: Arc<ExtendedPrivateKey>,
    /// Where accounts of own voters are derived from; of another seed when the device shall not be the one that has them.
    voters: Arc<ExtendedPrivateKey>,
    mac_key: Vec<u8>,
    pub only: Option<Network>,
    pub fault: Cell<Option<Fault>>,
    /// How many signatures were made.
    pub signed: Cell<u32>,
}

impl Software {
    pub fn new(seed: &[u8], derivation: Derivation) -> Self {
        // The network matters to the text of a key alone.
        Self::of(ExtendedPrivateKey::master(seed, Network::Mainnet, derivation).expect("a seed"), seed)
    }

    /// The keys below a master key, and a key for marks.
    pub fn of(master: ExtendedPrivateKey, mac_key: &[u8]) -> Self {
        let master = Arc::new(master);
        Self {
            voters: Arc::clone(&master),
            master,
            mac_key: mac_key.to_vec(),
            only: None,
            fault: Cell::default(),
            signed: Cell::default(),
        }
    }

    /// A device that is not the one which has the own voters of the seed.
    pub fn without_own_voters(seed: &[u8], derivation: Derivation) -> Self {
        let other = Self::new(&[seed, b"elsewhere"].concat(), derivation);
        Self { voters: other.master, ..Self::new(seed, derivation) }
    }

    fn ready(&self) -> Result<(), Fault> {
        self.fault.get().map_or(Ok(()), Err)
    }

    fn derive(&self, path: &[u32]) -> Result<Arc<ExtendedPrivateKey>, Fault> {
        let of_voter = path.get(2).is_some_and(|number| number & !HARDENED >= FIRST_OF_OWN_VOTERS);
        let root = if of_voter { &self.voters } else { &self.master };
        let place = |steps: &[u32]| (root.key().public_key().to_bytes(), steps.to_vec());
        let mut keys = KEYS.lock().expect("no test fails while it derives");
        let mut key = Arc::clone(root);
        for (depth, step) in path.iter().enumerate() {
            let place = place(&path[..=depth]);
            key = match keys.get(&place) {
                Some(known) => Arc::clone(known),
                None => {
                    let child = key.child(ChildNumber::from_raw(*step)).map_err(|_| Fault::Failed)?;
                    Arc::clone(keys.entry(place).or_insert(Arc::new(child)))
                }
            };
        }
        Ok(key)
    }
}

fn plain(key: &ExtendedKeyData) -> ExtendedKey {
    ExtendedKey { key: key.key().to_bytes(), chain_code: *key.chain_code() }
}

impl Os for Software {
    fn serves(&self, network: Network) -> bool {
        self.only.is_none_or(|only| only == network)
    }

    fn public_key(&self, path: &[u32]) -> Result<ExtendedKey, Fault> {
        self.ready()?;
        Ok(plain(self.derive(path)?.public().node()))
    }

    fn child(&self, parent: &ExtendedKey, index: u32) -> Result<ExtendedKey, Fault> {
        self.ready()?;
        let place = ([parent.key.as_slice(), &parent.chain_code].concat(), index);
        if let Some(known) = CHILDREN.lock().expect("no test fails here").get(&place) {
            return Ok(*known);
        }
        let key = ExtendedKeyData::from_bytes(&parent.key, &parent.chain_code).map_err(|_| Fault::Failed)?;
        let key = plain(&key.child(ChildNumber::from_raw(index)).map_err(|_| Fault::Failed)?);
        CHILDREN.lock().expect("no test fails here").insert(place, key);
        Ok(key)
    }

    fn sign(&self, path: &[u32], digest: &[u8; 32]) -> Result<Signed, Fault> {
        self.ready()?;
        self.signed.set(self.signed.get() + 1);
        // The same signature whatever is signed, with the number of its nonce point in front.
        let signature = self.derive(path)?.key().sign_message(&MessageHash::from_bytes(*digest));
        let (header, compact) = signature.as_bytes().split_first().expect("65 bytes");
        Ok(Signed { compact: compact.try_into().expect("64 bytes"), recovery: header - 31 })
    }

    fn mac(&self, message: &[u8]) -> Result<[u8; 32], Fault> {
        self.ready()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.mac_key).expect("HMAC takes keys of every length");
        mac.update(message);
        Ok(mac.finalize().into_bytes().into())
    }
}

/// A device on a wire that breaks when a test wants it to.
pub struct InProcess {
    pub device: Device<24, 20>,
    pub platform: Platform<Software, Person>,
    /// How many commands came, and the bytes of commands and replies.
    pub traffic: Traffic,
    /// The connection breaks at this command, counted from 0: before the device gets it, or after it did.
    pub breaks: Option<(u32, Break)>,
}

/// What passed a wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    pub commands: u32,
    pub out: usize,
    pub back: usize,
}

/// Where a connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// The command does not arrive.
    Command,
    /// The reply does not arrive.
    Reply,
}

/// The connection broke.
#[derive(Debug, thiserror::Error)]
#[error("unplugged")]
pub struct Unplugged;

impl InProcess {
    pub fn new(os: Software) -> Self {
        Self {
            device: Device::new(),
            platform: Platform { os, user: Person::default() },
            traffic: Traffic::default(),
            breaks: None,
        }
    }

    /// Does so from the next prompt on, counted from 0, and forgets what was seen.
    pub fn will(&mut self, turns: &[(usize, Turn)]) {
        self.platform.user.will(turns);
    }

    /// Sends bytes that need not be a command.
    pub fn raw(&mut self, command: &[u8]) -> Reply {
        let mut reply = Reply::default();
        self.device.handle(&mut self.platform, command, &mut reply);
        Reply::from_bytes(reply.as_bytes()).expect("a device answers what a reply holds")
    }

    /// Closes the app and opens it again.
    pub fn unplug(&mut self) {
        self.device = Device::new();
        self.breaks = None;
    }
}

impl Exchange for InProcess {
    type Error = Unplugged;

    fn exchange(&mut self, command: &Apdu) -> Result<Reply, Unplugged> {
        let breaks = self.breaks.filter(|(number, _)| *number == self.traffic.commands).map(|(_, at)| at);
        self.traffic.commands += 1;
        if breaks == Some(Break::Command) {
            return Err(Unplugged);
        }
        let reply = self.raw(command.as_bytes());
        self.traffic.out += command.as_bytes().len();
        self.traffic.back += reply.as_bytes().len();
        if breaks == Some(Break::Reply) { Err(Unplugged) } else { Ok(reply) }
    }
}

impl Exchange for &mut InProcess {
    type Error = Unplugged;

    fn exchange(&mut self, command: &Apdu) -> Result<Reply, Unplugged> {
        InProcess::exchange(self, command)
    }
}
