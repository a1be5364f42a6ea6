//! The serialised form of extended keys.

use dcrcold_core::net::Network;
use zeroize::Zeroizing;

use super::{ChildNumber, HdError, Position};
use crate::base58;

/// Bytes of an extended key in front of the checksum.
pub(super) const ENCODED: usize = 78;
/// The longest text of an extended key: 78 bytes and the checksum.
pub(super) const MAX_TEXT: usize = 113;

/// Writes the 78 bytes of an extended key.
pub(super) fn join(version: [u8; 4], position: &Position, chain_code: &[u8; 32], key: &[u8; 33]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(ENCODED);
    bytes.extend(version);
    bytes.push(position.depth);
    bytes.extend(position.parent_fingerprint);
    bytes.extend(position.child_number.raw().to_be_bytes());
    bytes.extend(chain_code);
    bytes.extend(key);
    bytes
}

/// Reads base58 of a sane length and its checksum.
pub(super) fn decode(text: &str) -> Result<Zeroizing<Vec<u8>>, HdError> {
    // The length first: the work of decoding grows with its square.
    if text.len() > MAX_TEXT {
        return Err(HdError::TextTooLong { found: text.len() });
    }
    let mut bytes = Zeroizing::new(base58::decode(text)?);
    if bytes.len() != ENCODED + 4 {
        return Err(HdError::KeyLength { found: bytes.len() });
    }
    let length = base58::checked(&bytes)?.len();
    bytes.truncate(length);
    Ok(bytes)
}

/// Which half of a key pair an encoding holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    Private,
    Public,
}

/// The parts of an extended key.
pub(super) struct Fields<'a> {
    version: &'a [u8; 4],
    pub(super) position: Position,
    pub(super) chain_code: &'a [u8; 32],
    pub(super) key: &'a [u8; 33],
}

impl<'a> Fields<'a> {
    pub(super) fn split(bytes: &'a [u8]) -> Result<Self, HdError> {
        let parts = || {
            let (version, rest) = bytes.split_first_chunk::<4>()?;
            let (&[depth], rest) = rest.split_first_chunk::<1>()?;
            let (parent_fingerprint, rest) = rest.split_first_chunk::<4>()?;
            let (number, rest) = rest.split_first_chunk::<4>()?;
            let (chain_code, rest) = rest.split_first_chunk::<32>()?;
            let child_number = ChildNumber::from_raw(u32::from_be_bytes(*number));
            let position = Position { depth, parent_fingerprint: *parent_fingerprint, child_number };
            Some(Self { version, position, chain_code, key: rest.try_into().ok()? })
        };
        let fields = parts().ok_or(HdError::KeyLength { found: bytes.len() })?;
        let Position { depth, parent_fingerprint, child_number } = fields.position;
        if depth == 0 && (parent_fingerprint != [0; 4] || child_number.raw() != 0) {
            return Err(HdError::MasterWithParent);
        }
        Ok(fields)
    }

    pub(super) fn check_version(&self, network: Network, kind: KeyKind) -> Result<(), HdError> {
        let found = Network::ALL.into_iter().find_map(|network| {
            let params = network.params();
            let kinds = [(params.extended_private, KeyKind::Private), (params.extended_public, KeyKind::Public)];
            kinds.into_iter().find_map(|(version, kind)| (version == *self.version).then_some((network, kind)))
        });
        match found {
            None => Err(HdError::UnknownVersion { found: *self.version }),
            Some((found, _)) if found != network => Err(HdError::OtherNetwork { found, expected: network }),
            Some((_, found)) if found != kind => Err(HdError::KeyKind),
            Some(_) => Ok(()),
        }
    }
}
