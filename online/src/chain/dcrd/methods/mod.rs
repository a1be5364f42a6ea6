//! The methods of dcrd that this program calls. All but [`calls`] are open to the limited RPC user.
//!
//! Each checks that the reply belongs to the question, as far as the reply can tell.
//! Source: dcrd `internal/rpcserver/rpcserver.go`.

mod voting;

use dcrcold_core::amount::Height;
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::block::{Block, BlockHeader};
use dcrcold_signer::tx::Transaction;

use super::client::{Client, NONE};
use super::error::RpcError;
use super::reply::{BestBlock, Filter, Headers, StakeDifficulty, StakeEstimate, Versions, magic};
use super::transport::Transport;
use super::value::{Hex, Text, bits};
use crate::chain::MOST_HEADERS;

pub use voting::{calls, live_tickets, treasury_spends};

/// The interface of dcrd that this program was written for: its name in `version` and the first part of its number.
pub const DCRD_INTERFACE: (&str, u32) = ("dcrdjsonrpcapi", 8);

/// The error number of a height that no block has.
const OUT_OF_RANGE: i64 = -1;

/// The error number of a transaction that breaks a rule.
const RULE_BROKEN: i64 = -1;

/// The error number of a transaction that the node has, or had in a recent block.
const DUPLICATE: i64 = -40;

/// Checks that the daemon is on a network.
///
/// # Errors
/// [`RpcError::OtherNetwork`], or another one when the call fails.
pub fn check_network<T: Transport>(client: &mut Client<T>, expected: Network) -> Result<(), RpcError> {
    let found: u32 = client.call("getcurrentnet", NONE)?;
    if found == magic(expected) {
        return Ok(());
    }
    let known = Network::ALL.into_iter().find(|network| magic(*network) == found);
    let found = known.map_or_else(|| format!("magic number {found:08x}"), |network| network.to_string());
    Err(RpcError::OtherNetwork { address: client.address().into(), found, expected })
}

/// Checks that the daemon has an interface of a major version.
///
/// # Errors
/// [`RpcError::OtherVersion`], or another one when the call fails.
pub fn check_version<T: Transport>(client: &mut Client<T>, (name, major): (&str, u32)) -> Result<(), RpcError> {
    let versions: Versions = client.call("version", NONE)?;
    if versions.get(name).is_some_and(|version| version.major == major) {
        return Ok(());
    }
    let found: Vec<_> = versions.iter().map(|(name, version)| format!("{name} {}", version.versionstring)).collect();
    let (found, expected) = (found.join(", "), format!("{name} {major}.x"));
    Err(RpcError::OtherVersion { address: client.address().into(), found, expected })
}

/// The newest block of the main chain.
///
/// # Errors
/// [`RpcError`] when the call fails.
pub fn best_block<T: Transport>(client: &mut Client<T>) -> Result<BestBlock, RpcError> {
    client.call("getbestblock", NONE)
}

/// Headers after the first of `locators` that is on the main chain, after the genesis block when none is; at most 2,000.
///
/// # Errors
/// [`RpcError::Malformed`] when the headers do not follow one another, or another one when the call fails.
pub fn headers<T: Transport>(client: &mut Client<T>, locators: &[BlockHash]) -> Result<Vec<BlockHeader>, RpcError> {
    const METHOD: &str = "getheaders";
    let unknown = BlockHash::from_bytes([0; 32]);
    let no_end = Text(unknown);
    // Without any locator dcrd looks for the end alone and finds nothing.
    let known = if locators.is_empty() { std::slice::from_ref(&unknown) } else { locators };
    let locators: Vec<_> = known.iter().map(|hash| Text(*hash)).collect();
    let reply: Headers = client.call(METHOD, (locators, no_end))?;
    if reply.headers.len() > MOST_HEADERS {
        return Err(malformed(
            METHOD,
            format!("found {} headers, expected {MOST_HEADERS} at most", reply.headers.len()),
        ));
    }
    let mut headers: Vec<BlockHeader> = Vec::with_capacity(reply.headers.len());
    for Hex(bytes) in &reply.headers {
        let header = BlockHeader::decode(bytes).map_err(|error| malformed(METHOD, error.to_string()))?;
        if let Some(before) = headers.last().map(BlockHeader::id).filter(|before| *before != header.previous) {
            let previous = header.previous;
            return Err(malformed(METHOD, format!("found a header on top of {previous}, expected on top of {before}")));
        }
        headers.push(header);
    }
    Ok(headers)
}

/// The version 2 filters of blocks, in their order. They are not checked against the headers.
///
/// # Errors
/// [`RpcError::Malformed`] when a filter is of another block or not the header's only commitment, or another one when
/// a call fails.
pub fn filters<T: Transport>(client: &mut Client<T>, blocks: &[BlockHash]) -> Result<Vec<Vec<u8>>, RpcError> {
    const METHOD: &str = "getcfilterv2";
    let params: Vec<_> = blocks.iter().map(|hash| [Text(*hash)]).collect();
    let replies: Vec<Filter> = client.call_many(METHOD, &params)?;
    let belongs = |(filter, asked): (Filter, &BlockHash)| {
        let found = filter.blockhash.0;
        if found != *asked {
            return Err(malformed(METHOD, format!("found the filter of {found}, expected that of {asked}")));
        }
        if filter.proofindex != 0 || filter.proofhashes.is_some_and(|hashes| !hashes.is_empty()) {
            let position = filter.proofindex;
            return Err(malformed(METHOD, format!("found commitment {position} of several, expected the only one")));
        }
        Ok(filter.data.0)
    };
    replies.into_iter().zip(blocks).map(belongs).collect()
}

/// A block.
///
/// # Errors
/// [`RpcError::Malformed`] when the reply is no block or another one, or another error when the call fails.
pub fn block<T: Transport>(client: &mut Client<T>, hash: &BlockHash) -> Result<Block, RpcError> {
    const METHOD: &str = "getblock";
    let reply: Hex = client.call(METHOD, (Text(*hash), false))?;
    let block = Block::decode(&reply.0).map_err(|error| malformed(METHOD, error.to_string()))?;
    let found = block.id();
    if found == *hash { Ok(block) } else { Err(malformed(METHOD, format!("found block {found}, expected {hash}"))) }
}

/// What a node did with a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It is in the node's mempool and on its way.
    Accepted,
    /// The node had it before, in the mempool or in a recent block.
    AlreadyKnown,
    /// It breaks a rule.
    Rejected {
        /// Which one, in dcrd's words.
        reason: String,
    },
}

/// Sends a transaction.
///
/// # Errors
/// [`RpcError::Malformed`] when the node answers with another id, or another one when the call fails.
pub fn send<T: Transport>(client: &mut Client<T>, tx: &Transaction) -> Result<Sent, RpcError> {
    const METHOD: &str = "sendrawtransaction";
    let id = tx.id();
    match client.call::<_, Text<TxId>>(METHOD, [Hex(tx.encode())]) {
        Ok(Text(found)) if found == id => Ok(Sent::Accepted),
        Ok(Text(found)) => Err(malformed(METHOD, format!("found transaction {found}, expected {id}"))),
        Err(RpcError::Refused { code: DUPLICATE, .. }) => Ok(Sent::AlreadyKnown),
        Err(RpcError::Refused { code: RULE_BROKEN, message, .. }) => {
            let reason = message.strip_prefix(&format!("rejected transaction {id}: ")).unwrap_or(&message);
            Ok(Sent::Rejected { reason: reason.into() })
        }
        Err(error) => Err(error),
    }
}

/// Tells for each transaction whether it is in the node's mempool, tickets that wait for their split included.
///
/// # Errors
/// [`RpcError::Malformed`] when the reply has another length, or another one when the call fails.
pub fn in_mempool<T: Transport>(client: &mut Client<T>, ids: &[TxId]) -> Result<Vec<bool>, RpcError> {
    const METHOD: &str = "existsmempooltxs";
    let params: Vec<_> = ids.iter().map(|id| Text(*id)).collect();
    let Hex(set) = client.call(METHOD, [params])?;
    bits(&set, ids.len()).ok_or_else(|| {
        malformed(METHOD, format!("found {} bytes, expected the bits of {} transactions", set.len(), ids.len()))
    })
}

/// The ticket price of the newest block and of the block after it.
///
/// # Errors
/// [`RpcError`] when the call fails.
pub fn stake_difficulty<T: Transport>(client: &mut Client<T>) -> Result<StakeDifficulty, RpcError> {
    client.call("getstakedifficulty", NONE)
}

/// The range of the ticket price in the next window.
///
/// # Errors
/// [`RpcError`] when the call fails.
pub fn stake_estimate<T: Transport>(client: &mut Client<T>) -> Result<StakeEstimate, RpcError> {
    client.call("estimatestakediff", NONE)
}

/// Asks for a notification of each new block.
///
/// # Errors
/// [`RpcError`] when the call fails.
pub fn subscribe_to_blocks<T: Transport>(client: &mut Client<T>) -> Result<(), RpcError> {
    client.call("notifyblocks", NONE)
}

/// The block of the main chain at a height; `None` above the tip.
///
/// # Errors
/// [`RpcError`] when the call fails.
pub fn block_hash<T: Transport>(client: &mut Client<T>, height: Height) -> Result<Option<BlockHash>, RpcError> {
    match client.call::<_, Text<BlockHash>>("getblockhash", [height.0]) {
        Ok(Text(hash)) => Ok(Some(hash)),
        Err(RpcError::Refused { code: OUT_OF_RANGE, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn malformed(method: &str, problem: String) -> RpcError {
    RpcError::Malformed { method: method.into(), problem }
}
