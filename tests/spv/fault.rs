//! What a peer may do wrong, as bytes.

use dcrcold::chain::filter::{FilterKey, build};
use dcrcold::chain::spv::wire::{Inventory, Message, ProtocolVersion, Services, frame};
use dcrcold_core::amount::Height;
use dcrcold_core::hash::BlockHash;
use dcrcold_core::net::Network;

const NETWORK: Network = Network::Simnet;

/// A way to behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// As a node does.
    None,
    /// A node without peers of its own: it fetches no transactions.
    Unsynced,
    /// It takes transactions, and does not show them.
    Forgetful,
    /// A filter without what is in the block.
    EmptyFilter,
    /// A filter of another block.
    FilterOfAnother,
    /// One filter fewer than asked for.
    MissingFilter,
    /// A filter of things that are not in the block.
    FilterOfOthers,
    /// A filter that claims to be the second commitment of the header.
    SecondCommitment,
    /// The first header does not follow what it is said to follow.
    UnattachedHeaders,
    /// A header with another ticket price and the work for it missing.
    HeaderWithoutWork,
    /// A header that claims too easy a target.
    EasyHeader,
    /// To a question that names known blocks, always as many headers as fit, all of them known.
    OldHeaders,
    /// A header from the future.
    FutureHeader,
    /// To a question that names known blocks, that there are no more, whatever it said it has.
    NoMoreHeaders,
    /// Headers that take their time.
    SlowHeaders,
    /// No answer to the question for headers.
    NoHeaders,
    /// No answer to the question for filters.
    NoFilters,
    /// No answer at all, from the beginning.
    NoHandshake,
    /// A message longer than such a message may be.
    Oversized,
    /// Messages of another network.
    OtherNetwork,
    /// A wrong checksum.
    Checksum,
    /// A byte after the end of a message.
    Trailing,
    /// A block without its last transaction.
    CutBlock,
    /// Another block than the one asked for.
    OtherBlock,
    /// A block that nobody asked for.
    UnrequestedBlock,
    /// The beginning of a message of 26 MB that nobody asked for, and nothing more.
    UnrequestedFlood,
    /// A protocol version from before filters came in batches.
    OldVersion,
    /// A peer that has no blocks.
    NoBlocks,
    /// The handshake in the wrong order.
    VerackFirst,
    /// A node of version 11 that begins to talk before the handshake is done, as it may.
    EarlyTalk,
    /// The same, for longer than it may.
    LongEarlyTalk,
    /// A node of version 12 that does so.
    EarlyTalkAt12,
    /// The beginning of an answer of 26 MB before the handshake is done.
    EarlyFlood,
    /// An answer to a ping that nobody sent.
    StrayPong,
}

impl Fault {
    /// The version of the protocol that the peer speaks.
    pub(crate) const fn protocol(self) -> ProtocolVersion {
        match self {
            Self::OldVersion => ProtocolVersion(10),
            Self::EarlyTalk | Self::LongEarlyTalk | Self::EarlyFlood => ProtocolVersion::BATCHED_FILTERS,
            _ => ProtocolVersion::OURS,
        }
    }

    /// Whether the peer asks what it has to ask before the handshake is done.
    pub(crate) const fn talks_early(self) -> bool {
        matches!(self, Self::EarlyTalk | Self::LongEarlyTalk | Self::EarlyTalkAt12)
    }

    /// What goes over the wire instead of `message`.
    pub(crate) fn bytes(self, message: Message, version: ProtocolVersion) -> Vec<Vec<u8>> {
        let whole = |message: &Message| message.encode(NETWORK, version).unwrap();
        match (self, message) {
            (Self::NoHandshake, _)
            | (Self::NoHeaders, Message::Headers(_))
            | (Self::NoFilters, Message::Filters(_)) => Vec::new(),
            (Self::OtherNetwork, message) => vec![message.encode(Network::Testnet3, version).unwrap()],
            (Self::VerackFirst, Message::Version(_)) => vec![whole(&Message::Verack)],
            (Self::EarlyTalk | Self::EarlyTalkAt12, Message::Verack) => {
                [Message::Ping(77), state_question(), Message::Verack].iter().map(whole).collect()
            }
            (Self::LongEarlyTalk, Message::Verack) => {
                [Message::Ping(77), state_question(), Message::SendHeaders, Message::Verack].iter().map(whole).collect()
            }
            (Self::EarlyFlood, Message::Verack) => vec![beginning_of_flood()],
            (Self::NoBlocks, Message::Version(mut version_)) => {
                version_.services = Services::NONE;
                vec![whole(&Message::Version(version_))]
            }
            (Self::Oversized, Message::Headers(_)) => {
                let mut bytes = frame(NETWORK, "headers", &[]);
                bytes[16..20].copy_from_slice(&400_000_u32.to_le_bytes());
                vec![bytes]
            }
            (Self::UnrequestedFlood, Message::Headers(_)) => vec![beginning_of_flood()],
            (Self::Checksum, message @ Message::Headers(_)) => {
                let mut bytes = whole(&message);
                bytes[20] ^= 1;
                vec![bytes]
            }
            (Self::Trailing, message @ Message::Headers(_)) => {
                let mut payload = whole(&message).split_off(24);
                payload.push(0);
                vec![frame(NETWORK, "headers", &payload)]
            }
            (Self::StrayPong, message @ Message::Headers(_)) => vec![whole(&Message::Pong(5)), whole(&message)],
            (fault, message) => fault.altered(message).iter().map(whole).collect(),
        }
    }

    /// The messages instead of `message`, each of them well-formed.
    fn altered(self, mut message: Message) -> Vec<Message> {
        match (self, &mut message) {
            (Self::EmptyFilter, Message::Filters(filters)) => {
                for filter in filters {
                    filter.bytes.clear();
                }
            }
            (Self::FilterOfAnother, Message::Filters(filters)) if filters.len() > 1 => {
                filters[1].bytes = filters[0].bytes.clone();
            }
            (Self::FilterOfOthers, Message::Filters(filters)) => {
                let other = build(FilterKey::from_bytes([9; 16]), [&b"other"[..]]);
                filters.iter_mut().for_each(|filter| filter.bytes.clone_from(&other));
            }
            (Self::MissingFilter, Message::Filters(filters)) => drop(filters.pop()),
            (Self::SecondCommitment, Message::Filters(filters)) => filters[0].index = 1,
            (Self::UnattachedHeaders, Message::Headers(headers)) if !headers.is_empty() => drop(headers.remove(0)),
            (Self::HeaderWithoutWork, Message::Headers(headers)) => spoil(headers, |header| {
                // The easiest target is met by half of all nonces.
                while dcrcold::chain::work::Target::from_compact(header.bits)
                    .unwrap()
                    .is_met_by(&dcrcold::chain::work::work_hash(&header.encode()))
                {
                    header.nonce += 1;
                }
            }),
            (Self::EasyHeader, Message::Headers(headers)) => spoil(headers, |header| header.bits.0 -= 1),
            (Self::FutureHeader, Message::Headers(headers)) => spoil(headers, |header| header.timestamp = u32::MAX - 1),
            (Self::CutBlock, Message::Block(block)) => drop(block.stake_transactions.pop()),
            (Self::OtherBlock, Message::Block(block)) => block.header.nonce ^= 1,
            (Self::UnrequestedBlock, Message::Headers(_)) => {
                let stray = Message::NotFound(vec![Inventory::Block(BlockHash::from_bytes([3; 32]))]);
                return vec![stray, message];
            }
            _ => {}
        }
        vec![message]
    }
}

/// What a node asks at the beginning.
pub(crate) fn state_question() -> Message {
    Message::GetInitState(["headblocks", "headblockvotes", "tspends"].map(str::to_owned).to_vec())
}

fn beginning_of_flood() -> Vec<u8> {
    let mut bytes = frame(NETWORK, "cfiltersv2", &[]);
    bytes[16..20].copy_from_slice(&26_000_000_u32.to_le_bytes());
    bytes
}

/// Spoils the last header.
fn spoil(
    headers: &mut [dcrcold_signer::block::BlockHeader],
    how: impl FnOnce(&mut dcrcold_signer::block::BlockHeader),
) {
    if let Some(header) = headers.last_mut().filter(|header| header.height > Height(1)) {
        how(header);
    }
}
