//! The keys of the emulated operating system: it derives, this signs.

use dcrcold_core::apdu::{ExtendedKey, Fault, Os, Signed, VOTER_NODE};
use dcrcold_core::net::Network;
use hmac::{Hmac, KeyInit as _, Mac as _};
use k256::ecdsa::SigningKey;
use k256::elliptic_curve::PrimeField as _;
use k256::elliptic_curve::sec1::ToSec1Point as _;
use k256::{AffinePoint, ProjectivePoint, PublicKey, Scalar, SecretKey};
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use super::os::{self, Node};
use super::person::Platform;

/// The first number of a hardened child.
const HARDENED: u32 = 1 << 31;

fn unlocked() -> Result<(), Fault> {
    if os::is_unlocked() { Ok(()) } else { Err(Fault::Locked) }
}

fn derive(path: &[u32]) -> Result<Node, Fault> {
    unlocked()?;
    os::derive(path).ok_or(Fault::Failed)
}

fn compressed(point: &AffinePoint) -> Result<[u8; 33], Fault> {
    point.to_sec1_point(true).as_bytes().try_into().map_err(|_| Fault::Failed)
}

impl Os for Platform {
    fn serves(&self, _: Network) -> bool {
        true
    }

    #[inline(never)]
    fn public_key(&self, path: &[u32]) -> Result<ExtendedKey, Fault> {
        let Node { key, chain_code } = derive(path)?;
        let secret = SecretKey::from_slice(key.as_slice()).map_err(|_| Fault::Failed)?;
        Ok(ExtendedKey { key: compressed(secret.public_key().as_affine())?, chain_code })
    }

    #[inline(never)]
    fn child(&self, parent: &ExtendedKey, index: u32) -> Result<ExtendedKey, Fault> {
        unlocked()?;
        let point = PublicKey::from_sec1_bytes(&parent.key).map_err(|_| Fault::Failed)?;
        if index >= HARDENED {
            return Err(Fault::Failed);
        }
        let mut mac = Hmac::<Sha512>::new_from_slice(&parent.chain_code).map_err(|_| Fault::Failed)?;
        mac.update(&parent.key);
        mac.update(&index.to_be_bytes());
        let whole = mac.finalize().into_bytes();
        let (tweak, rest) = whole.split_first_chunk::<32>().ok_or(Fault::Failed)?;
        let tweak = Option::<Scalar>::from(Scalar::from_repr((*tweak).into())).ok_or(Fault::Failed)?;
        #[allow(clippy::arithmetic_side_effects, reason = "points of a curve have a sum")]
        let sum = (ProjectivePoint::mul_by_generator(&tweak) + point.as_affine()).to_affine();
        // Not the point at infinity, which has no key.
        let child = PublicKey::from_affine(sum).map_err(|_| Fault::Failed)?;
        let chain_code = rest.try_into().map_err(|_| Fault::Failed)?;
        Ok(ExtendedKey { key: compressed(child.as_affine())?, chain_code })
    }

    #[inline(never)]
    fn sign(&self, path: &[u32], digest: &[u8; 32]) -> Result<Signed, Fault> {
        let node = derive(path)?;
        let key = SigningKey::from_slice(node.key.as_slice()).map_err(|_| Fault::Failed)?;
        let (signature, recovery) = key.sign_prehash_recoverable(digest);
        let compact = signature.to_bytes().as_slice().try_into().map_err(|_| Fault::Failed)?;
        Ok(Signed { compact, recovery: recovery.to_byte() })
    }

    #[inline(never)]
    fn mac(&self, message: &[u8]) -> Result<[u8; 32], Fault> {
        unlocked()?;
        let key: Zeroizing<[u8; 32]> = os::derive_symmetric(VOTER_NODE).ok_or(Fault::Failed)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_slice()).map_err(|_| Fault::Failed)?;
        mac.update(message);
        Ok(mac.finalize().into_bytes().into())
    }
}
