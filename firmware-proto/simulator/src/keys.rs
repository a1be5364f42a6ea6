//! The keys of a test seed in the place of a device's operating system.

use dcrcold_core::apdu::{ExtendedKey, Fault, Os, Signed, VOTER_NODE};
use dcrcold_core::hash::MessageHash;
use dcrcold_core::net::Network;
use dcrcold_core::path::HARDENED;
use dcrcold_signer::hd::{ChildNumber, Derivation, ExtendedKeyData, ExtendedPrivateKey, HdError};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use crate::seeds::TestSeed;

/// The only coin type with keys, as in the manifest of an app for the test networks.
pub const COIN_TYPE: u32 = 1;
/// Every path that is used begins so.
const ROOT: [u32; 2] = [44 | HARDENED, COIN_TYPE | HARDENED];
/// What a message signature's first byte is, less the recovery code.
const COMPRESSED_HEADER: u8 = 31;

/// Keys by BIP-32 to the letter, as all hardware wallets make them.
pub struct SoftwareKeys {
    /// Above all keys that exist.
    root: ExtendedPrivateKey,
    mac_key: Zeroizing<[u8; 32]>,
}

impl SoftwareKeys {
    /// Derives what never changes.
    ///
    /// # Errors
    /// [`HdError::UnusableSeed`] with a probability of 2^-127.
    pub fn new(seed: &TestSeed) -> Result<Self, HdError> {
        // The network only appears in texts of extended keys, and none leaves here.
        let master = ExtendedPrivateKey::master(seed.as_bytes(), Network::Simnet, Derivation::Strict)?;
        let [purpose, coin_type] = ROOT.map(ChildNumber::from_raw);
        let root = master.child(purpose)?.child(coin_type)?;
        Ok(Self { root, mac_key: symmetric_key(seed.as_bytes(), VOTER_NODE) })
    }

    /// Lends the key at a path below the root.
    fn with<T>(&self, path: &[u32], lend: impl FnOnce(&ExtendedPrivateKey) -> T) -> Result<T, Fault> {
        let below = path.strip_prefix(&ROOT).ok_or(Fault::Failed)?;
        let Some((first, rest)) = below.split_first() else { return Ok(lend(&self.root)) };
        let first = self.root.child(ChildNumber::from_raw(*first));
        let key = rest.iter().fold(first, |key, step| key?.child(ChildNumber::from_raw(*step)));
        key.map(|key| lend(&key)).map_err(|_| Fault::Failed)
    }
}

impl Os for SoftwareKeys {
    fn serves(&self, network: Network) -> bool {
        network != Network::Mainnet
    }

    fn public_key(&self, path: &[u32]) -> Result<ExtendedKey, Fault> {
        self.with(path, |key| plain(key.public().node()))
    }

    fn child(&self, parent: &ExtendedKey, index: u32) -> Result<ExtendedKey, Fault> {
        let parent = ExtendedKeyData::from_bytes(&parent.key, &parent.chain_code).map_err(|_| Fault::Failed)?;
        parent.child(ChildNumber::from_raw(index)).map(|child| plain(&child)).map_err(|_| Fault::Failed)
    }

    fn sign(&self, path: &[u32], digest: &[u8; 32]) -> Result<Signed, Fault> {
        // The one form that has the number of the nonce point in it; r and s are those of every signature.
        let signature = self.with(path, |key| key.key().sign_message(&MessageHash::from_bytes(*digest)))?;
        let [header, compact @ ..] = *signature.as_bytes();
        Ok(Signed { compact, recovery: header.checked_sub(COMPRESSED_HEADER).ok_or(Fault::Failed)? })
    }

    fn mac(&self, message: &[u8]) -> Result<[u8; 32], Fault> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.mac_key).map_err(|_| Fault::Failed)?;
        mac.update(message);
        Ok(mac.finalize().into_bytes().into())
    }
}

fn plain(key: &ExtendedKeyData) -> ExtendedKey {
    ExtendedKey { key: key.key().to_bytes(), chain_code: *key.chain_code() }
}

/// A key that is no child of any other key's, SLIP-21.
fn symmetric_key(seed: &[u8], child: &[u8]) -> Zeroizing<[u8; 32]> {
    let node = |key: &[u8], message: &[u8]| {
        let mut mac = Hmac::<Sha512>::new_from_slice(key).expect("HMAC takes keys of every length");
        mac.update(message);
        Zeroizing::new(<[u8; 64]>::from(mac.finalize().into_bytes()))
    };
    let master = node(b"Symmetric key seed", seed);
    let (to_children, _) = master.split_at(32);
    let child = node(to_children, child);
    let mut key = Zeroizing::new([0; 32]);
    key.copy_from_slice(&child[32..]);
    key
}
