//! Keys that are hashes of their paths: nothing verifies, but nothing is slow, and every path and digest is known.

use std::cell::{Cell, RefCell};

use blake256::blake256;
use dcrcold_core::apdu::{ExtendedKey, Fault, Os, Signed, SpendingAccount, VoterRecord};
use dcrcold_core::hash::{Fingerprint, Hash160};
use dcrcold_core::machine::{Keys, VoterName, Voters};
use dcrcold_core::net::Network;
use dcrcold_core::path::{AccountPath, HARDENED, Index, KeyPath, VoterAccount};
use dcrcold_core::rule::{Figure, Refusal, Rule};

/// A path and the digest that the key there signed.
pub type Signing = (Vec<u32>, [u8; 32]);

/// The keys of a device.
#[derive(Default)]
pub struct HashKeys {
    pub signed: RefCell<Vec<Signing>>,
    /// After so many more uses a key fails, once.
    pub fails_in: Cell<Option<u8>>,
    pub failed: Cell<bool>,
}

fn hash(tag: u8, parts: &[&[u8]]) -> [u8; 32] {
    blake256(&[&[tag], parts.concat().as_slice()].concat())
}

fn key(tag: u8, parts: &[&[u8]]) -> ExtendedKey {
    let mut key = [2; 33];
    key[1..].copy_from_slice(&hash(tag, parts));
    ExtendedKey { key, chain_code: hash(tag + 1, parts) }
}

pub fn child(parent: &ExtendedKey, index: u32) -> ExtendedKey {
    key(2, &[&parent.key, &parent.chain_code, &index.to_le_bytes()])
}

/// The public key at a path; plain steps are children, as with real keys.
pub fn public(path: &[u32]) -> ExtendedKey {
    match path.split_last() {
        Some((step, above)) if step & HARDENED == 0 => child(&public(above), *step),
        _ => key(0, &[&path.iter().flat_map(|step| step.to_le_bytes()).collect::<Vec<_>>()]),
    }
}

/// The path of a spending account, or below it.
pub fn path(account: AccountPath, below: &[u32]) -> Vec<u32> {
    let hardened = [44, account.coin_type.number(), account.account.number()].map(|step| step | HARDENED);
    [&hardened, below].concat()
}

pub fn below(path: KeyPath) -> [u32; 2] {
    [path.branch.number(), path.index.number()]
}

/// What the key at a path makes of a digest.
pub fn signature(path: &[u32], digest: &[u8; 32]) -> Signed {
    let steps: Vec<_> = path.iter().flat_map(|step| step.to_le_bytes()).collect();
    let [r, s] = [4, 5].map(|tag| hash(tag, &[&steps, digest]));
    let mut compact = [0; 64];
    compact.copy_from_slice(&[r, s].concat());
    Signed { compact, recovery: r[0] & 3 }
}

impl HashKeys {
    fn uses(&self) -> Result<(), Fault> {
        let Some(left) = self.fails_in.get() else { return Ok(()) };
        self.fails_in.set(left.checked_sub(1));
        self.failed.set(left == 0);
        if left > 0 { Ok(()) } else { Err(Fault::Locked) }
    }
}

impl Os for HashKeys {
    fn serves(&self, network: Network) -> bool {
        network != Network::Mainnet
    }

    fn public_key(&self, path: &[u32]) -> Result<ExtendedKey, Fault> {
        self.uses().map(|()| public(path))
    }

    fn child(&self, parent: &ExtendedKey, index: u32) -> Result<ExtendedKey, Fault> {
        self.uses()?;
        if parent.key[0] == 2 { Ok(child(parent, index)) } else { Err(Fault::Failed) }
    }

    fn sign(&self, path: &[u32], digest: &[u8; 32]) -> Result<Signed, Fault> {
        self.uses()?;
        self.signed.borrow_mut().push((path.to_vec(), *digest));
        Ok(signature(path, digest))
    }

    fn mac(&self, message: &[u8]) -> Result<[u8; 32], Fault> {
        self.uses().map(|()| hash(6, &[message]))
    }
}

/// The same keys for the machine alone, without a device around it.
pub struct Reference {
    pub network: Network,
    pub voter: Option<VoterRecord>,
    pub account: Option<AccountPath>,
}

impl Keys for Reference {
    type Error = ();

    fn select(&mut self, network: Network, account: AccountPath) -> Result<(), Refusal> {
        self.account = Some(account);
        if network != Network::Mainnet { Ok(()) } else { Err(Rule::NetworkMismatch.into()) }
    }

    fn own_hash(&mut self, to: KeyPath) -> Result<Hash160, ()> {
        Ok(Hash160::of(&public(&path(self.account.ok_or(())?, &below(to))).key))
    }
}

impl Voters for Reference {
    type Error = ();

    fn select(&mut self, account: AccountPath, fingerprint: &Fingerprint) -> Result<VoterName, Refusal> {
        let of = SpendingAccount { network: self.network, account };
        let known = self.voter.filter(|record| record.of == of && record.fingerprint() == *fingerprint);
        known.map(|record| *record.name()).ok_or(Refusal::new(Rule::VoterUnknown).found(Figure::Voter(*fingerprint)))
    }

    fn voter_hash(&mut self, account: VoterAccount, index: Index) -> Result<Hash160, ()> {
        let accounts = self.voter.ok_or(())?.accounts;
        let place = VoterAccount::ALL.iter().position(|kind| *kind == account).ok_or(())?;
        Ok(Hash160::of(&child(&child(&accounts[place], 0), index.number()).key))
    }
}
