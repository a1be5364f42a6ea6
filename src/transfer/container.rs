//! The container around every transfer.
//!
//! `DCRCOLD` · version u8 = 1 · kind u8 · network u8 · flags u8 · plain length u32 LE · id 32 · body.

use std::borrow::Cow;
use std::fmt;

use blake256::digest::Digest;
use dcrcold_core::hash::TransferId;
use dcrcold_core::net::Network;
use dcrcold_core::request::{HEADER_LENGTH, Header, MAGIC, MAX_BODY, VERSION};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use super::TransferError;

/// Flag bit 0: the body is a raw DEFLATE stream, RFC 1951.
const DEFLATED: u8 = 1;
/// Where the flags are in the header.
const FLAGS_AT: usize = 10;
/// Where the plain length is in the header.
const LENGTH_AT: usize = 11;

/// What a transfer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A request to buy tickets.
    Purchase,
    /// A request to pay addresses.
    Send,
    /// A request to register tickets that exist.
    Register,
    /// The signatures for a request.
    Answer,
    /// The public side of a spending account.
    WatchExport,
    /// The public side of a voter.
    VoterExport,
    /// The private side of a voter, sealed.
    HotKeys,
}

impl Kind {
    /// All kinds, in the order of their codes.
    pub const ALL: [Self; 7] =
        [Self::Purchase, Self::Send, Self::Register, Self::Answer, Self::WatchExport, Self::VoterExport, Self::HotKeys];

    /// The code in the container: 1 to 7.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Purchase => 1,
            Self::Send => 2,
            Self::Register => 3,
            Self::Answer => 4,
            Self::WatchExport => 5,
            Self::VoterExport => 6,
            Self::HotKeys => 7,
        }
    }

    /// The kind with a code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether it asks a signer for signatures.
    #[must_use]
    pub const fn is_request(self) -> bool {
        matches!(self, Self::Purchase | Self::Send | Self::Register)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Purchase => "a purchase request",
            Self::Send => "a send request",
            Self::Register => "a registration request",
            Self::Answer => "an answer",
            Self::WatchExport => "a watch export",
            Self::VoterExport => "a voter export",
            Self::HotKeys => "hot keys",
        })
    }
}

/// A transfer: its kind, its network and its plain body, whose id is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    kind: Kind,
    network: Network,
    body: Vec<u8>,
    id: TransferId,
}

impl Container {
    /// Puts a body into a container.
    ///
    /// # Errors
    /// [`TransferError::TooLarge`].
    pub fn new(kind: Kind, network: Network, body: Vec<u8>) -> Result<Self, TransferError> {
        match u32::try_from(body.len()) {
            Ok(..=MAX_BODY) => Ok(Self { kind, network, id: id_of(kind.code(), network, &body), body }),
            length => Err(TransferError::TooLarge { found: length.unwrap_or(u32::MAX), most: MAX_BODY }),
        }
    }

    /// Reads a transfer, deflated or not; all of the bytes must belong to it.
    ///
    /// # Errors
    /// What is malformed.
    pub fn parse(bytes: &[u8]) -> Result<Self, TransferError> {
        let plain = plain_form(bytes)?;
        let (header, body) = split_header(&plain)?;
        let [version, kind, network, flags] = [header[7], header[8], header[9], header[FLAGS_AT]];
        if version != VERSION {
            return Err(TransferError::Version { found: version, expected: VERSION });
        }
        let kind = Kind::from_code(kind).ok_or(TransferError::UnknownKind { found: kind })?;
        let network = Network::from_code(network).ok_or(TransferError::UnknownNetwork { found: network })?;
        if flags != 0 {
            return Err(TransferError::UnknownFlags { found: flags });
        }
        let expected = HEADER_LENGTH + claimed_length(header)? as usize;
        match plain.len() {
            found if found < expected => return Err(TransferError::Truncated { found, expected }),
            found if found > expected => return Err(TransferError::Trailing { found, expected }),
            _ => {}
        }
        let (_, found) = header.split_last_chunk::<32>().expect("the header ends in the id");
        let (found, id) = (TransferId::from_bytes(*found), id_of(kind.code(), network, body));
        if found != id {
            return Err(TransferError::IdMismatch { found, expected: id });
        }
        Ok(Self { kind, network, body: body.to_vec(), id })
    }

    /// Writes the transfer with its body as it is.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.write(0, &self.body)
    }

    /// Writes the transfer with its body deflated, for frames that are to be few.
    #[must_use]
    pub fn encode_deflated(&self) -> Vec<u8> {
        self.write(DEFLATED, &compress_to_vec(&self.body, 9))
    }

    fn write(&self, flags: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_LENGTH + body.len());
        bytes.extend(MAGIC);
        bytes.extend([VERSION, self.kind.code(), self.network.code(), flags]);
        let length = u32::try_from(self.body.len()).expect("bounded when the container was made");
        bytes.extend(length.to_le_bytes());
        bytes.extend(self.id.as_bytes());
        bytes.extend(body);
        bytes
    }

    /// What it holds.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The network it is for.
    #[must_use]
    pub const fn network(&self) -> Network {
        self.network
    }

    /// The plain body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The id: BLAKE-256 of version, kind, network and plain body.
    #[must_use]
    pub const fn id(&self) -> &TransferId {
        &self.id
    }
}

fn id_of(kind: u8, network: Network, body: &[u8]) -> TransferId {
    let mut hasher = Header::start_id(VERSION, kind, network);
    Digest::update(&mut hasher, body);
    TransferId::from_bytes(hasher.finalize().into())
}

/// Turns a transfer with a deflated body into the same transfer with a plain one, and leaves all others as they are.
///
/// Nothing but the deflation is checked: the core reads the result and names whatever is wrong with it.
///
/// # Errors
/// [`TransferError::NotATransfer`], [`TransferError::Truncated`], [`TransferError::TooLarge`] before anything is
/// allocated, [`TransferError::Inflate`].
pub fn plain_form(bytes: &[u8]) -> Result<Cow<'_, [u8]>, TransferError> {
    let (header, body) = split_header(bytes)?;
    if header[FLAGS_AT] != DEFLATED {
        return Ok(Cow::Borrowed(bytes));
    }
    let expected = claimed_length(header)?;
    let mut plain = vec![0; HEADER_LENGTH + expected as usize];
    let (new_header, room) = plain.split_at_mut(HEADER_LENGTH);
    new_header.copy_from_slice(header);
    new_header[FLAGS_AT] = 0;
    let mut decompressor = Box::<DecompressorOxide>::default();
    let flags = TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (status, read, written) = decompress(&mut decompressor, body, room, 0, flags);
    if status == TINFLStatus::Done && read == body.len() && written == room.len() {
        Ok(Cow::Owned(plain))
    } else {
        Err(TransferError::Inflate { expected })
    }
}

fn split_header(bytes: &[u8]) -> Result<(&[u8; HEADER_LENGTH], &[u8]), TransferError> {
    if !bytes.starts_with(&MAGIC) && !MAGIC.starts_with(bytes) {
        return Err(TransferError::NotATransfer);
    }
    bytes
        .split_first_chunk::<HEADER_LENGTH>()
        .ok_or(TransferError::Truncated { found: bytes.len(), expected: HEADER_LENGTH })
}

fn claimed_length(header: &[u8; HEADER_LENGTH]) -> Result<u32, TransferError> {
    let length = [header[LENGTH_AT], header[LENGTH_AT + 1], header[LENGTH_AT + 2], header[LENGTH_AT + 3]];
    match u32::from_le_bytes(length) {
        length @ ..=MAX_BODY => Ok(length),
        found => Err(TransferError::TooLarge { found, most: MAX_BODY }),
    }
}
