//! The 47 bytes in front of every transfer.

use blake256::Blake256;

use crate::hash::{Sink, TransferId};
use crate::net::Network;
use crate::rule::{Figure, Refusal, Rule};

/// The first bytes of every transfer.
pub const MAGIC: [u8; 7] = *b"DCRCOLD";
/// The version of the container.
pub const VERSION: u8 = 1;
/// The largest plain body.
pub const MAX_BODY: u32 = 1 << 20;
/// Magic, version, kind, network, flags, length and id.
pub const HEADER_LENGTH: usize = 47;

/// The kind of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Buy tickets.
    Purchase,
    /// Pay addresses.
    Send,
    /// Register tickets that exist.
    Register,
}

impl Kind {
    /// The code in the container.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Purchase => 1,
            Self::Send => 2,
            Self::Register => 3,
        }
    }

    const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Purchase),
            2 => Some(Self::Send),
            3 => Some(Self::Register),
            _ => None,
        }
    }
}

/// The checked header of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What is asked for.
    pub kind: Kind,
    /// The network.
    pub network: Network,
    /// How many bytes follow.
    pub length: u32,
    /// The id that the container claims.
    pub id: TransferId,
}

impl Header {
    /// Stands where no header was read yet.
    pub(crate) const BLANK: Self =
        Self { kind: Kind::Purchase, network: Network::Mainnet, length: 0, id: TransferId::from_bytes([0; 32]) };

    /// Reads a header; a deflated body is for files only, so no flag is known here.
    ///
    /// # Errors
    /// The static rules about the container.
    pub fn parse(bytes: &[u8; HEADER_LENGTH]) -> Result<Self, Refusal> {
        let (magic, rest) = bytes.split_first_chunk::<7>().ok_or(Rule::NotCanonical)?;
        let (fixed, rest) = rest.split_first_chunk::<4>().ok_or(Rule::NotCanonical)?;
        let (length, id) = rest.split_first_chunk::<4>().ok_or(Rule::NotCanonical)?;
        let [version, kind, network, flags] = *fixed;
        if *magic != MAGIC {
            return Err(Rule::NotCanonical.into());
        }
        expect(Rule::VersionUnknown, version, VERSION)?;
        let kind = Kind::from_code(kind).ok_or(found(Rule::KindUnexpected, kind))?;
        expect(Rule::FlagsUnknown, flags, 0)?;
        let network = Network::from_code(network).ok_or(found(Rule::NetworkMismatch, network))?;
        let length = u32::from_le_bytes(*length);
        if length > MAX_BODY {
            return Err(Refusal::new(Rule::TooLarge).found(length.into()).expected(MAX_BODY.into()));
        }
        let id = TransferId::from_bytes(id.try_into().map_err(|_| Rule::NotCanonical)?);
        Ok(Self { kind, network, length, id })
    }

    /// Starts the hash that makes the id; the plain body follows.
    #[must_use]
    pub fn start_id(version: u8, kind: u8, network: Network) -> Blake256 {
        let mut hasher = Blake256::default();
        hasher.put(&[version, kind, network.code()]);
        hasher
    }
}

fn found(rule: Rule, code: u8) -> Refusal {
    Refusal::new(rule).found(Figure::Number(u64::from(code)))
}

fn expect(rule: Rule, code: u8, expected: u8) -> Result<(), Refusal> {
    if code == expected { Ok(()) } else { Err(found(rule, code).expected(Figure::Number(u64::from(expected)))) }
}
