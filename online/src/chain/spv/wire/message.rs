//! All messages, and what each holds.

use dcrcold_core::hash::{BlockHash, Sink, put_varint};
use dcrcold_signer::block::{Block, BlockHeader};
use dcrcold_signer::tx::{RawValue, Transaction};
use dcrcold_signer::wire::{Buffer, Reader};

use super::address::{self, KnownPeer, MOST_ADDRESSES};
use super::filters::{self, BlockFilter, MOST_FILTERS, MOST_PROOF};
use super::inventory::{self, Inventory, MOST_ITEMS};
use super::state::{self, InitState};
use super::version::{Endpoint, MOST_USER_AGENT, Version};
use super::{Command, EncodeError, PayloadError, ProtocolVersion};
use crate::chain::MOST_HEADERS;

/// The most locators of one message.
const MOST_LOCATORS: usize = 500;
/// The bytes of a header with the number of transactions that do not follow.
const HEADER_ENTRY: usize = dcrcold_signer::block::HEADER_SIZE + 1;

/// A message of the peer protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Who the sender is; the first message of each side.
    Version(Box<Version>),
    /// The other side's version was taken.
    Verack,
    /// Are you there?
    Ping(u64),
    /// I am, and this is the number you sent.
    Pong(u64),
    /// New blocks are to be announced by their headers.
    SendHeaders,
    /// Which other peers are there?
    GetAddr,
    /// Other peers, before version 12, each with the time when it was last seen.
    Addr(Vec<(u32, Endpoint)>),
    /// Other peers, since version 12.
    AddrV2(Vec<KnownPeer>),
    /// Which headers follow?
    GetHeaders(GetHeaders),
    /// Successive headers.
    Headers(Vec<BlockHeader>),
    /// What the sender has.
    Inv(Vec<Inventory>),
    /// What the sender wants.
    GetData(Vec<Inventory>),
    /// What the sender was asked for and does not have.
    NotFound(Vec<Inventory>),
    /// A transaction.
    Tx(Box<Transaction>),
    /// A block.
    Block(Box<Block>),
    /// The filter of a block is wanted.
    GetFilter(BlockHash),
    /// The filter of a block.
    Filter(BlockFilter),
    /// The filters from the first of these blocks to the second are wanted, at most 100.
    GetFilters(BlockHash, BlockHash),
    /// Filters of successive blocks.
    Filters(Vec<BlockFilter>),
    /// Which of these kinds of things are at the tip?
    GetInitState(Vec<String>),
    /// Blocks, votes and treasury spends at the tip.
    InitState(InitState),
    /// The fee, in atoms per kilobyte, below which transactions are not wanted.
    FeeFilter(RawValue),
}

/// Asks for the headers that follow the first locator which the other side knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetHeaders {
    /// The version of the protocol.
    pub protocol: ProtocolVersion,
    /// Blocks that the sender knows, the newest first.
    pub locators: Vec<BlockHash>,
    /// The last block whose header is wanted; zeros for as many as possible.
    pub stop: BlockHash,
}

impl Message {
    /// The kind of message.
    #[must_use]
    pub const fn command(&self) -> Command {
        match self {
            Self::Version(_) => Command::Version,
            Self::Verack => Command::Verack,
            Self::Ping(_) => Command::Ping,
            Self::Pong(_) => Command::Pong,
            Self::SendHeaders => Command::SendHeaders,
            Self::GetAddr => Command::GetAddr,
            Self::Addr(_) => Command::Addr,
            Self::AddrV2(_) => Command::AddrV2,
            Self::GetHeaders(_) => Command::GetHeaders,
            Self::Headers(_) => Command::Headers,
            Self::Inv(_) => Command::Inv,
            Self::GetData(_) => Command::GetData,
            Self::NotFound(_) => Command::NotFound,
            Self::Tx(_) => Command::Tx,
            Self::Block(_) => Command::Block,
            Self::GetFilter(_) => Command::GetFilter,
            Self::Filter(_) => Command::Filter,
            Self::GetFilters(..) => Command::GetFilters,
            Self::Filters(_) => Command::Filters,
            Self::GetInitState(_) => Command::GetInitState,
            Self::InitState(_) => Command::InitState,
            Self::FeeFilter(_) => Command::FeeFilter,
        }
    }

    /// Reads what a message of this kind holds, all of `payload`.
    ///
    /// # Errors
    /// [`PayloadError`] names what is malformed and where.
    pub fn decode(command: Command, payload: &[u8]) -> Result<Self, PayloadError> {
        let mut reader = Reader::new(payload);
        let r = &mut reader;
        let message = match command {
            Command::Version => Self::Version(Box::new(Version::read(r)?)),
            Command::Verack => Self::Verack,
            Command::Ping => Self::Ping(r.array("nonce").map(u64::from_le_bytes)?),
            Command::Pong => Self::Pong(r.array("nonce").map(u64::from_le_bytes)?),
            Command::SendHeaders => Self::SendHeaders,
            Command::GetAddr => Self::GetAddr,
            Command::Addr => Self::Addr(address::read_old(r)?),
            Command::AddrV2 => Self::AddrV2(address::read(r)?),
            Command::GetHeaders => Self::GetHeaders(read_get_headers(r)?),
            Command::Headers => Self::Headers(read_headers(r)?),
            Command::Inv => Self::Inv(inventory::read_list(r)?),
            Command::GetData => Self::GetData(inventory::read_list(r)?),
            Command::NotFound => Self::NotFound(inventory::read_list(r)?),
            Command::Tx => Self::Tx(Box::new(Transaction::read(r)?)),
            Command::Block => return Ok(Self::Block(Box::new(Block::decode(payload)?))),
            Command::GetFilter => Self::GetFilter(read_hash(r)?),
            Command::Filter => Self::Filter(BlockFilter::read(r)?),
            Command::GetFilters => Self::GetFilters(read_hash(r)?, read_hash(r)?),
            Command::Filters => Self::Filters(filters::read_list(r)?),
            Command::GetInitState => Self::GetInitState(state::read_kinds(r)?),
            Command::InitState => Self::InitState(InitState::read(r)?),
            Command::FeeFilter => Self::FeeFilter(RawValue(r.i64("fee")?)),
        };
        reader.finish(command.name())?;
        Ok(message)
    }

    /// What the message holds as bytes, if a node would take it.
    pub(super) fn payload(&self) -> Result<Vec<u8>, EncodeError> {
        self.check()?;
        let mut buffer = Buffer::default();
        let b = &mut buffer;
        match self {
            Self::Version(version) => version.write(b),
            Self::Verack | Self::SendHeaders | Self::GetAddr => {}
            Self::Ping(nonce) | Self::Pong(nonce) => b.put(&nonce.to_le_bytes()),
            Self::Addr(peers) => address::write_old(peers, b),
            Self::AddrV2(peers) => address::write(peers, b),
            Self::GetHeaders(question) => write_get_headers(question, b),
            Self::Headers(headers) => write_headers(headers, b),
            Self::Inv(items) | Self::GetData(items) | Self::NotFound(items) => inventory::write_list(items, b),
            Self::Tx(tx) => tx.write(b),
            Self::Block(block) => b.put(&block.encode()),
            Self::GetFilter(block) => b.put(block.as_bytes()),
            Self::Filter(filter) => filter.write(b),
            Self::GetFilters(first, last) => {
                b.put(first.as_bytes());
                b.put(last.as_bytes());
            }
            Self::Filters(filters) => filters::write_list(filters, b),
            Self::GetInitState(kinds) => state::write_kinds(kinds, b),
            Self::InitState(state) => state.write(b),
            Self::FeeFilter(fee) => b.put(&fee.0.to_le_bytes()),
        }
        Ok(buffer.0)
    }

    /// Sees that every list is as long as a node takes it.
    fn check(&self) -> Result<(), EncodeError> {
        let command = self.command();
        let at_most = |found, most| {
            if found > most { Err(EncodeError::TooMany { command, found, most }) } else { Ok(()) }
        };
        let some = |found, most| {
            if found == 0 { Err(EncodeError::Empty { command }) } else { at_most(found, most) }
        };
        let ascii = |text: &str, most| {
            if !text.is_ascii() { Err(EncodeError::NotAscii { command }) } else { at_most(text.len(), most) }
        };
        match self {
            Self::Version(version) => ascii(&version.user_agent, MOST_USER_AGENT),
            Self::Addr(peers) => some(peers.len(), MOST_ADDRESSES),
            Self::AddrV2(peers) => some(peers.len(), MOST_ADDRESSES),
            Self::GetHeaders(question) => at_most(question.locators.len(), MOST_LOCATORS),
            Self::Headers(headers) => at_most(headers.len(), MOST_HEADERS),
            Self::Inv(items) | Self::GetData(items) | Self::NotFound(items) => some(items.len(), MOST_ITEMS),
            Self::Filter(filter) => at_most(filter.proof.len(), MOST_PROOF),
            Self::Filters(filters) => {
                at_most(filters.len(), MOST_FILTERS)?;
                filters.iter().try_for_each(|filter| at_most(filter.proof.len(), MOST_PROOF))
            }
            Self::GetInitState(kinds) => {
                at_most(kinds.len(), state::MOST_KINDS)?;
                kinds.iter().try_for_each(|kind| ascii(kind, state::MOST_KIND))
            }
            Self::InitState(found) => {
                at_most(found.blocks.len(), state::MOST_BLOCKS)?;
                at_most(found.votes.len(), state::MOST_VOTES)?;
                at_most(found.treasury_spends.len(), state::MOST_SPENDS)
            }
            _ => Ok(()),
        }
    }
}

fn read_hash(reader: &mut Reader<'_>) -> Result<BlockHash, PayloadError> {
    Ok(BlockHash::from_bytes(reader.array("block")?))
}

fn read_get_headers(reader: &mut Reader<'_>) -> Result<GetHeaders, PayloadError> {
    let protocol = ProtocolVersion(reader.u32("protocol version")?);
    let count = reader.count("number of locators", MOST_LOCATORS as u64)?;
    Ok(GetHeaders { protocol, locators: reader.items(count, 32, read_hash)?, stop: read_hash(reader)? })
}

fn write_get_headers(question: &GetHeaders, buffer: &mut Buffer) {
    buffer.put(&question.protocol.0.to_le_bytes());
    put_varint(buffer, question.locators.len() as u64);
    question.locators.iter().for_each(|hash| buffer.put(hash.as_bytes()));
    buffer.put(question.stop.as_bytes());
}

fn read_headers(reader: &mut Reader<'_>) -> Result<Vec<BlockHeader>, PayloadError> {
    let count = reader.count("number of headers", MOST_HEADERS as u64)?;
    let mut position = 0;
    reader.items(count, HEADER_ENTRY, |reader| {
        let header = BlockHeader::read(reader)?;
        match reader.varint("number of transactions")? {
            0 => position += 1,
            found => return Err(PayloadError::HeaderWithTransactions { position, found }),
        }
        Ok(header)
    })
}

fn write_headers(headers: &[BlockHeader], buffer: &mut Buffer) {
    put_varint(buffer, headers.len() as u64);
    for header in headers {
        header.write(buffer);
        buffer.put(&[0]);
    }
}
