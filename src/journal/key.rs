//! The key of a journal, and the seal of its records.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use dcrcold_core::net::Network;
use dcrcold_core::path::CoinType;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use crate::hd::{Derivation, wipe_stack};
use crate::seed::Seed;

/// What tells this use of a seed from all others.
const DOMAIN: &[u8] = b"dcrcold journal";
/// The nonce of a record.
pub(super) const NONCE: usize = 24;
/// The tag of a record.
pub(super) const TAG: usize = 16;

/// The key that seals the records of a journal; wiped from memory when dropped.
///
/// HMAC-SHA-256 with the seed as key, over `dcrcold journal`, the network u8, the derivation u8 and the coin type u32
/// LE. Who restores the seed can read its journal; nobody else can read or write it.
///
/// It lies on the heap, so that moving it leaves no copy behind.
pub struct JournalKey(Box<Zeroizing<[u8; 32]>>);

impl JournalKey {
    /// Makes the key for the accounts of a seed.
    #[must_use]
    pub fn derive(seed: &Seed, network: Network, derivation: Derivation, coin_type: CoinType) -> Self {
        let key = Self::hash(seed, network, derivation, coin_type);
        wipe_stack();
        key
    }

    #[inline(never)]
    fn hash(seed: &Seed, network: Network, derivation: Derivation, coin_type: CoinType) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(seed.as_bytes()).expect("HMAC takes keys of every length");
        mac.update(DOMAIN);
        mac.update(&[network.code(), derivation.code()]);
        mac.update(&coin_type.number().to_le_bytes());
        let mut output = mac.finalize().into_bytes();
        let mut key = Box::new(Zeroizing::new([0; 32]));
        key.copy_from_slice(&output);
        output.as_mut_slice().zeroize();
        Self(key)
    }

    /// Seals `plain`; ciphertext and tag come back.
    pub(super) fn seal(&self, nonce: &[u8; NONCE], head: &[u8], plain: &[u8]) -> Vec<u8> {
        let cipher = XChaCha20Poly1305::new((&**self.0).into());
        let payload = Payload { msg: plain, aad: head };
        cipher.encrypt(nonce.into(), payload).expect("a record is shorter than the cipher's limit of 256 GiB")
    }

    /// Opens what was sealed; `None` when it was not sealed with this key and these bytes before it.
    pub(super) fn open(&self, nonce: &[u8; NONCE], head: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let cipher = XChaCha20Poly1305::new((&**self.0).into());
        cipher.decrypt(nonce.into(), Payload { msg: sealed, aad: head }).ok()
    }
}
