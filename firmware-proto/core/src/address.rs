//! The text form of an address: base58 of prefix, hash and a checksum of double BLAKE-256.
//!
//! Only what a signer shows and writes: key hash and script hash addresses. Reading addresses is the host's work.
//! Source: dcrd `txscript/stdaddr/addressv0.go`.

use core::fmt;

use blake256::blake256;

use crate::net::Network;
use crate::script::Payee;

/// Every address of these two kinds has this many characters on every network.
pub const ADDRESS_LENGTH: usize = 35;

/// Two bytes of prefix, twenty of hash, four of checksum.
const RAW_LENGTH: usize = 26;

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// A payee on a network; prints as an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressOf {
    /// The network.
    pub network: Network,
    /// Who is paid.
    pub payee: Payee,
}

impl AddressOf {
    /// The characters of the address.
    #[must_use]
    pub fn characters(&self) -> [u8; ADDRESS_LENGTH] {
        let params = self.network.params();
        let prefix = if self.payee.is_script() { params.script_hash } else { params.key_hash };
        let mut raw = [0; RAW_LENGTH];
        let (payload, checksum) = raw.split_at_mut(RAW_LENGTH.saturating_sub(4));
        let content = prefix.iter().chain(self.payee.hash().as_bytes());
        payload.iter_mut().zip(content).for_each(|(to, from)| *to = *from);
        let digest = blake256(&blake256(payload));
        checksum.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        base58(raw)
    }
}

impl fmt::Display for AddressOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let characters = self.characters();
        f.write_str(core::str::from_utf8(&characters).unwrap_or_default())
    }
}

/// Writes 26 bytes in base 58; none of the prefixes of a network starts with a zero byte, so 35 digits always result.
fn base58(raw: [u8; RAW_LENGTH]) -> [u8; ADDRESS_LENGTH] {
    let mut digits = [0_u8; ADDRESS_LENGTH];
    for byte in raw {
        let mut carry = u32::from(byte);
        for digit in digits.iter_mut().rev() {
            carry = (u32::from(*digit) << 8).saturating_add(carry);
            *digit = u8::try_from(carry % 58).unwrap_or_default();
            carry /= 58;
        }
    }
    digits.map(|digit| ALPHABET.get(usize::from(digit)).copied().unwrap_or_default())
}
