//! The keys of a seed in software, in the place of a device's operating system.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use dcrcold_core::apdu::{ExtendedKey, Fault, Os, Signed};
use dcrcold_core::net::Network;
use hmac::{Hmac, KeyInit, Mac};
use secp256k1::ecdsa::RecoverableSignature;
use secp256k1::{Message, PublicKey, Scalar, SecretKey};
use sha2::{Sha256, Sha512};

use crate::tapes::{Kind, Tape};

const HARDENED: u32 = 1 << 31;

/// A path and a digest.
type Signing = (Vec<u32>, [u8; 32]);

/// A seed. Results are kept, since the same requests are signed hundreds of times.
pub struct Software {
    seed: Vec<u8>,
    /// Own voters have accounts of another seed, as if this device were not the one that holds them.
    pub own_voters_elsewhere: bool,
    pub only: Option<Network>,
    pub fault: Cell<Option<Fault>>,
    /// How many signatures were made.
    pub signed: Cell<u32>,
    keys: RefCell<HashMap<Vec<u32>, ExtendedKey>>,
    children: RefCell<HashMap<(Vec<u8>, u32), ExtendedKey>>,
    signatures: RefCell<HashMap<Signing, Signed>>,
    /// What the keys answer is recorded here, when there is a tape.
    pub tape: RefCell<Option<Tape>>,
}

fn hmac512(key: &[u8], parts: &[&[u8]]) -> ([u8; 32], [u8; 32]) {
    let mut mac = Hmac::<Sha512>::new_from_slice(key).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    let whole = mac.finalize().into_bytes();
    (whole[..32].try_into().unwrap(), whole[32..].try_into().unwrap())
}

/// A private key and its chain code; the master key keeps its zero bytes, all others lose them (docs/protocol.md 6).
fn private(seed: &[u8], path: &[u32]) -> (SecretKey, [u8; 32]) {
    let (key, mut chain_code) = hmac512(b"Bitcoin seed", &[seed]);
    let mut key = SecretKey::from_secret_bytes(key).unwrap();
    for (depth, step) in path.iter().enumerate() {
        let number = step.to_be_bytes();
        let bytes = key.to_secret_bytes();
        let mut data = [0; 33];
        if *step & HARDENED != 0 {
            let zeros = if depth == 0 { 0 } else { bytes.iter().take_while(|byte| **byte == 0).count() };
            data[1..33 - zeros].copy_from_slice(&bytes[zeros..]);
        } else {
            data = PublicKey::from_secret_key(&key).serialize();
        }
        let (tweak, next) = hmac512(&chain_code, &[&data, &number]);
        key = key.add_tweak(&Scalar::from_be_bytes(tweak).unwrap()).unwrap();
        chain_code = next;
    }
    (key, chain_code)
}

/// The public key at a path of a seed.
pub fn public(seed: &[u8], path: &[u32]) -> ExtendedKey {
    let (key, chain_code) = private(seed, path);
    ExtendedKey { key: PublicKey::from_secret_key(&key).serialize(), chain_code }
}

/// The three accounts of a voter.
pub fn voter_accounts(seed: &[u8], coin_type: u32, account: u32, generation: u32) -> [ExtendedKey; 3] {
    [0x1000_0000, 0x2000_0000, 0x3000_0000].map(|kind| {
        let number = kind + (generation << 24) + account;
        public(seed, &[44 | HARDENED, coin_type | HARDENED, number | HARDENED])
    })
}

impl Software {
    pub fn new(seed: &[u8]) -> Self {
        Self {
            seed: seed.to_vec(),
            own_voters_elsewhere: false,
            only: None,
            fault: Cell::default(),
            signed: Cell::default(),
            keys: RefCell::default(),
            children: RefCell::default(),
            signatures: RefCell::default(),
            tape: RefCell::default(),
        }
    }

    fn ready(&self) -> Result<(), Fault> {
        self.fault.get().map_or(Ok(()), Err)
    }

    pub fn record(&self, kind: Kind, parts: &[&[u8]]) {
        if let Some(tape) = &mut *self.tape.borrow_mut() {
            tape.put(kind, &parts.concat());
        }
    }

    fn recorded(&self, key: ExtendedKey) -> ExtendedKey {
        self.record(Kind::Key, &[&key.key, &key.chain_code]);
        key
    }
}

impl Os for Software {
    fn serves(&self, network: Network) -> bool {
        self.only.is_none_or(|only| only == network)
    }

    fn public_key(&self, path: &[u32]) -> Result<ExtendedKey, Fault> {
        self.ready()?;
        let of_voter = path.get(2).is_some_and(|number| number & !HARDENED >= 0x0100_0000);
        let other: &[u8] = if of_voter && self.own_voters_elsewhere { b"elsewhere" } else { b"" };
        let derive = || public(&[&self.seed, other].concat(), path);
        Ok(self.recorded(*self.keys.borrow_mut().entry(path.to_vec()).or_insert_with(derive)))
    }

    fn child(&self, parent: &ExtendedKey, index: u32) -> Result<ExtendedKey, Fault> {
        self.ready()?;
        let name = ([parent.key.as_slice(), &parent.chain_code].concat(), index);
        if let Some(known) = self.children.borrow().get(&name) {
            return Ok(self.recorded(*known));
        }
        let (tweak, chain_code) = hmac512(&parent.chain_code, &[&parent.key, &index.to_be_bytes()]);
        let key = PublicKey::from_byte_array_compressed(parent.key).map_err(|_| Fault::Failed)?;
        let key = key.add_exp_tweak(&Scalar::from_be_bytes(tweak).unwrap()).unwrap().serialize();
        Ok(self.recorded(*self.children.borrow_mut().entry(name).or_insert(ExtendedKey { key, chain_code })))
    }

    fn sign(&self, path: &[u32], digest: &[u8; 32]) -> Result<Signed, Fault> {
        self.ready()?;
        self.signed.set(self.signed.get() + 1);
        let make = || {
            let (key, _) = private(&self.seed, path);
            let signature = RecoverableSignature::sign_ecdsa_recoverable(Message::from_digest(*digest), &key);
            let (recovery, compact) = signature.serialize_compact();
            Signed { compact, recovery: recovery.to_u8() }
        };
        let signed = *self.signatures.borrow_mut().entry((path.to_vec(), *digest)).or_insert_with(make);
        self.record(Kind::Signature, &[&signed.compact, &[signed.recovery]]);
        Ok(signed)
    }

    fn mac(&self, message: &[u8]) -> Result<[u8; 32], Fault> {
        self.ready()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.seed).unwrap();
        mac.update(message);
        let mac: [u8; 32] = mac.finalize().into_bytes().into();
        self.record(Kind::Mac, &[&mac]);
        Ok(mac)
    }
}
