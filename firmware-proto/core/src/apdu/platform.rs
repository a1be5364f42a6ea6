//! What a device has to give: the keys of its operating system, and a person in front of a screen.

use crate::address::AddressOf;
use crate::hash::Fingerprint;
use crate::net::Network;
use crate::path::KeyPath;
use crate::request::Label;
use crate::review::Page;

use super::SpendingAccount;

/// A public key and what derives its children.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtendedKey {
    /// The compressed public key.
    pub key: [u8; 33],
    /// The chain code.
    pub chain_code: [u8; 32],
}

/// A signature with the number of its nonce point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// r and s, big endian.
    pub compact: [u8; 64],
    /// Bit 0: the nonce point has an odd y; bit 1: its x is not below the order. After s was made low.
    pub recovery: u8,
}

/// Why the operating system did not do its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The device is locked.
    Locked,
    /// The key cannot be derived or used.
    Failed,
}

/// The keys that an operating system keeps.
pub trait Os {
    /// Whether requests for a network are taken.
    fn serves(&self, network: Network) -> bool;

    /// The public key at a path from the master key, BIP-32, hardened steps with their bit.
    ///
    /// # Errors
    /// When it cannot be derived.
    fn public_key(&self, path: &[u32]) -> Result<ExtendedKey, Fault>;

    /// A plain child of a public key, BIP-32.
    ///
    /// # Errors
    /// When the key is no point of the curve, or has no such child.
    fn child(&self, parent: &ExtendedKey, index: u32) -> Result<ExtendedKey, Fault>;

    /// Signs a digest with the key at a path: RFC 6979 without extra data, low S.
    ///
    /// # Errors
    /// When the key cannot be used.
    fn sign(&self, path: &[u32], digest: &[u8; 32]) -> Result<Signed, Fault>;

    /// HMAC-SHA256 with a key that follows from the seed, signs nothing and never leaves the device.
    ///
    /// # Errors
    /// When the key cannot be used.
    fn mac(&self, message: &[u8]) -> Result<[u8; 32], Fault>;
}

/// What a person is asked.
#[derive(Clone, Copy, Debug)]
pub enum Prompt<'a> {
    /// A page of a review; nothing is approved by it.
    Page {
        /// The page.
        page: Page<'a>,
        /// Its number from 0.
        number: u32,
        /// How many pages there are.
        count: u32,
    },
    /// All pages were seen: sign everything?
    Approve {
        /// The check words of the request.
        words: [&'static str; 4],
    },
    /// Let the host see all addresses of an account?
    Account(SpendingAccount),
    /// Is this the address that the host shows?
    Address {
        /// The address.
        address: AddressOf,
        /// The account.
        of: SpendingAccount,
        /// The key below it.
        path: KeyPath,
    },
    /// Trust this voter with the votes of this account's tickets?
    Voter {
        /// Its name.
        name: &'a Label,
        /// Its fingerprint, to be compared with what the voter shows.
        fingerprint: Fingerprint,
        /// The account.
        of: SpendingAccount,
    },
}

/// What a person does about a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The next page, or yes.
    Next,
    /// The page before.
    Back,
    /// No.
    Decline,
}

/// The person in front of the screen.
pub trait User {
    /// Shows a prompt and waits.
    ///
    /// # Errors
    /// When the screen cannot be used.
    fn ask(&mut self, prompt: &Prompt<'_>) -> Result<Turn, Fault>;
}

/// An operating system and a person that need not know of each other.
#[derive(Debug, Default)]
pub struct Platform<O, U> {
    /// The keys.
    pub os: O,
    /// The person.
    pub user: U,
}

impl<O, U: User> User for Platform<O, U> {
    fn ask(&mut self, prompt: &Prompt<'_>) -> Result<Turn, Fault> {
        self.user.ask(prompt)
    }
}

impl<O: Os, U> Os for Platform<O, U> {
    fn serves(&self, network: Network) -> bool {
        self.os.serves(network)
    }

    fn public_key(&self, path: &[u32]) -> Result<ExtendedKey, Fault> {
        self.os.public_key(path)
    }

    fn child(&self, parent: &ExtendedKey, index: u32) -> Result<ExtendedKey, Fault> {
        self.os.child(parent, index)
    }

    fn sign(&self, path: &[u32], digest: &[u8; 32]) -> Result<Signed, Fault> {
        self.os.sign(path, digest)
    }

    fn mac(&self, message: &[u8]) -> Result<[u8; 32], Fault> {
        self.os.mac(message)
    }
}
