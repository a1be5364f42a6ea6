//! The keys that the operating system derives, and what it does with them.

use core::ptr;

use dcrcold_core::apdu::{ExtendedKey, Fault, Os, Signed, VOTER_NODE};
use dcrcold_core::net::Network;
use ledger_device_sdk::ecc::{CurvesId, ECPrivateKey, EcPoint, Secp256k1, bip32_derive};
use ledger_device_sdk::hmac::HMACInit;
use ledger_device_sdk::hmac::sha2::{Sha2_256, Sha2_512};
use ledger_device_sdk::sys;
use zeroize::Zeroizing;

use crate::person::Platform;
use crate::signature::{Compact, is_coordinate, is_scalar};

const HARDENED: u32 = 1 << 31;
/// The first steps of every path, as Cargo.toml declares them.
const PURPOSE: u32 = 44 | HARDENED;
const MAINNET: u32 = 42 | HARDENED;
const TESTS: u32 = 1 | HARDENED;

/// A node of SLIP-21, as the operating system wants it. Cargo.toml declares the text after the zero byte.
#[repr(align(4))]
struct Label([u8; VOTER_NODE.len()]);
const MAC_LABEL: Label = Label(*VOTER_NODE);

impl Os for Platform<'_> {
    fn serves(&self, _: Network) -> bool {
        true
    }

    fn public_key(&self, path: &[u32]) -> Result<ExtendedKey, Fault> {
        let (key, chain_code) = derive(path)?;
        let point = key.public_key().map_err(|_| Fault::Failed)?;
        Ok(ExtendedKey { key: compressed(&point.pubkey), chain_code })
    }

    fn child(&self, parent: &ExtendedKey, index: u32) -> Result<ExtendedKey, Fault> {
        if index & HARDENED != 0 {
            return Err(Fault::Failed);
        }
        let mut data = [0; 37];
        data[..33].copy_from_slice(&parent.key);
        data[33..].copy_from_slice(&index.to_be_bytes());
        let mut whole = [0; 64];
        Sha2_512::new(&parent.chain_code).hmac(&data, &mut whole).map_err(|_| Fault::Failed)?;
        let (Some(tweak), Some(chain_code)) = (whole.first_chunk(), whole.last_chunk()) else {
            return Err(Fault::Failed);
        };
        Ok(ExtendedKey { key: tweaked(&parent.key, tweak)?, chain_code: *chain_code })
    }

    fn sign(&self, path: &[u32], digest: &[u8; 32]) -> Result<Signed, Fault> {
        let (key, _) = derive(path)?;
        let (der, length, parity) = key.deterministic_sign(digest).map_err(|_| Fault::Failed)?;
        let der = usize::try_from(length).ok().and_then(|length| der.get(..length)).ok_or(Fault::Failed)?;
        let mut signature = Compact::from_der(der).ok_or(Fault::Failed)?;
        let turned = signature.make_low();
        let odd = (parity & sys::CX_ECCINFO_PARITY_ODD != 0) != turned;
        Ok(Signed { compact: signature.to_bytes(), recovery: odd.into() })
    }

    fn mac(&self, message: &[u8]) -> Result<[u8; 32], Fault> {
        let mut key = Zeroizing::new([0; 32]);
        slip21(&MAC_LABEL, &mut key)?;
        let mut mac = [0; 32];
        Sha2_256::new(&*key).hmac(message, &mut mac).map_err(|_| Fault::Failed)?;
        Ok(mac)
    }
}

/// The private key at a path, and its chain code.
///
/// The operating system ends an app that asks for a path which Cargo.toml does not declare, so it is never asked.
fn derive(path: &[u32]) -> Result<(ECPrivateKey<32, 'W'>, [u8; 32]), Fault> {
    let Some([PURPOSE, MAINNET | TESTS]) = path.first_chunk() else { return Err(Fault::Failed) };
    if is_locked() {
        return Err(Fault::Locked);
    }
    let mut key = Zeroizing::new([0; 64]);
    let mut chain_code = [0; 32];
    bip32_derive(CurvesId::Secp256k1, path, key.as_mut(), Some(&mut chain_code)).map_err(|_| Fault::Failed)?;
    Ok((Secp256k1::from(key.get(..32).ok_or(Fault::Failed)?), chain_code))
}

fn slip21(label: &Label, key: &mut [u8; 32]) -> Result<(), Fault> {
    if is_locked() {
        return Err(Fault::Locked);
    }
    let Label(bytes) = label;
    let length = u32::try_from(bytes.len()).map_err(|_| Fault::Failed)?;
    // SAFETY: a SLIP-21 path is bytes, and its length counts them; this one is aligned as other paths are. The key is as
    // long as the ones of SLIP-21, and no chain code and no other seed key are asked for.
    unsafe {
        sys::os_perso_derive_node_with_seed_key(
            sys::HDW_SLIP21,
            sys::CX_CURVE_SECP256K1,
            bytes.as_ptr().cast(),
            length,
            key.as_mut_ptr(),
            ptr::null_mut(),
            ptr::null_mut(),
            0,
        );
    }
    Ok(())
}

/// The SDK answers no command while the device is locked; it can become so while a person reads.
fn is_locked() -> bool {
    #[allow(clippy::cast_possible_truncation, reason = "it is a small number, whatever type the bindings give it")]
    const TRUE: u8 = sys::BOLOS_TRUE as u8;
    // SAFETY: the functions take nothing and give a number.
    unsafe { sys::os_perso_is_pin_set() == TRUE && sys::os_global_pin_is_validated() != TRUE }
}

/// The sum of a public key and a private one's.
fn tweaked(key: &[u8; 33], tweak: &[u8; 32]) -> Result<[u8; 33], Fault> {
    let ([prefix @ (2 | 3)], Some(x)) = (&key[..1], key[1..].first_chunk()) else { return Err(Fault::Failed) };
    if !is_coordinate(x) || !is_scalar(tweak) {
        return Err(Fault::Failed);
    }
    let other = Secp256k1::from(tweak).public_key().map_err(|_| Fault::Failed)?;
    let [_, coordinates @ ..] = &other.pubkey;
    let (other_x, other_y) = coordinates.split_at(32);
    let sum = || {
        let curve = CurvesId::Secp256k1;
        let mut ours = EcPoint::new(curve)?;
        ours.decompress(x, u32::from(prefix & 1))?;
        let mut theirs = EcPoint::new(curve)?;
        theirs.init(other_x, other_y)?;
        let mut sum = EcPoint::new(curve)?;
        sum.add(&ours, &theirs)?;
        let mut result = [0; 33];
        let sign = sum.compress(&mut result[1..])?;
        result[0] = if sign & 1 == 0 { 2 } else { 3 };
        Ok::<_, ledger_device_sdk::ecc::CxError>(if sum.is_at_infinity()? { None } else { Some(result) })
    };
    sum().ok().flatten().ok_or(Fault::Failed)
}

/// A point as 33 bytes.
fn compressed(point: &[u8; 65]) -> [u8; 33] {
    let mut key = [0; 33];
    key.copy_from_slice(&point[..33]);
    key[0] = 2 | (point[64] & 1);
    key
}
