//! The methods of dcrd that this program calls. All but [`calls`] are open to the limited RPC user.
//!
//! Each checks that the reply belongs to the question, as far as the reply can tell.
//! Source: dcrd `internal/rpcserver/rpcserver.go`.

use std::collections::HashMap;
use std::time::Instant;

use dcrcold_core::amount::Height;
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::script::Payment;
use dcrcold_signer::block::{Block, BlockHeader};
use dcrcold_signer::tx::{Transaction, Tree};

use super::client::{Client, NONE, Notification};
use super::error::RpcError;
use super::reply::{
    BestBlock, Filter, Headers, LiveTickets, Output, StakeDifficulty, StakeEstimate, Versions, WinningTickets, magic,
};
use super::transport::Transport;
use super::value::{Hex, Text, bits};
use crate::chain::{BlockId, LiveTicket, Winners};

/// The interface of dcrd that this program was written for: its name in `version` and the first part of its number.
pub const DCRD_INTERFACE: (&str, u32) = ("dcrdjsonrpcapi", 8);

/// Headers that one reply can bring, dcrd `wire/msgheaders.go`.
const MOST_HEADERS: usize = 2000;

/// The notification of tickets that may vote on a block.
const WINNING_TICKETS: &str = "winningtickets";

/// Tickets called for one block, on every network.
const MOST_WINNERS: usize = 5;

/// Notifications taken at once, so that whoever floods with them is not listened to for ever.
const MOST_NEWS: usize = 64;

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

/// Waits until `until` for news of the chain, and takes the blocks that tickets are called to vote on.
///
/// On a new connection dcrd is asked to tell those at the height of the tip again. Needs the full RPC user.
///
/// # Errors
/// [`RpcError::Malformed`] for more tickets than vote on a block, or another one when a call fails.
pub fn calls<T: Transport>(client: &mut Client<T>, until: Instant) -> Result<Vec<Winners>, RpcError> {
    client.subscribe(&["notifyblocks", "notifywinningtickets", "rebroadcastwinners"])?;
    let mut found = Vec::new();
    let mut pause = until;
    for _ in 0..MOST_NEWS {
        let Some(notification) = client.notification(pause)? else { break };
        // What is there already is taken along.
        pause = Instant::now();
        if notification.method == WINNING_TICKETS {
            found.push(winners(&notification)?);
        }
    }
    Ok(found)
}

fn winners(notification: &Notification) -> Result<Winners, RpcError> {
    let WinningTickets(Text(hash), height, tickets) = notification.read()?;
    if tickets.len() > MOST_WINNERS {
        let problem = format!("found {} tickets, expected {MOST_WINNERS} at most", tickets.len());
        return Err(malformed(WINNING_TICKETS, problem));
    }
    let block = BlockId { hash, height: Height(height) };
    Ok(Winners { block, tickets: tickets.into_values().map(|Text(id)| id).collect() })
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

/// The live tickets: each is an output that is not spent. A ticket that votes meanwhile is left out.
///
/// # Errors
/// [`RpcError::Malformed`] when an output is older than the chain, or another error when a call fails.
pub fn live_tickets<T: Transport>(client: &mut Client<T>) -> Result<Vec<LiveTicket>, RpcError> {
    const METHOD: &str = "gettxout";
    let LiveTickets { tickets } = client.call("livetickets", NONE)?;
    let params: Vec<_> = tickets.iter().map(|id| (*id, 0, Tree::Stake.code(), false)).collect();
    let outputs: Vec<Option<Output>> = client.call_many(METHOD, &params)?;
    let mut heights: HashMap<BlockHash, u32> = HashMap::new();
    let mut live = Vec::with_capacity(tickets.len());
    for (Text(id), output) in tickets.into_iter().zip(outputs) {
        let Some(Output { bestblock: Text(best), confirmations, script }) = output else { continue };
        let tip = match heights.get(&best) {
            Some(height) => *height,
            None => *heights.entry(best).or_insert(block(client, &best)?.header.height.0),
        };
        let height = tip.checked_add(1).and_then(|above| above.checked_sub(confirmations)).map(Height);
        let height = height.ok_or_else(|| {
            malformed(METHOD, format!("found {confirmations} confirmations of ticket {id} at height {tip}"))
        })?;
        let Some(payment) = Payment::recognise(&script.hex.0) else { continue };
        live.push(LiveTicket { id, voting: payment.payee, height });
    }
    Ok(live)
}

/// The treasury spends in the node's mempool. If one is mined meanwhile they are listed again, once.
///
/// # Errors
/// [`RpcError::Malformed`] when a reply is no transaction or another one, or another error when a call fails.
pub fn treasury_spends<T: Transport>(client: &mut Client<T>) -> Result<Vec<Transaction>, RpcError> {
    const METHOD: &str = "getrawtransaction";
    let mut listed = || -> Result<_, RpcError> {
        let ids: Vec<Text<TxId>> = client.call("getrawmempool", (false, "tspend"))?;
        let params: Vec<_> = ids.iter().map(|id| [*id]).collect();
        Ok(client.call_many::<_, Hex>(METHOD, &params).map(|replies| (ids, replies)))
    };
    let (ids, replies) = match listed()? {
        Err(RpcError::Refused { .. }) => listed()??,
        outcome => outcome?,
    };
    let read = |(Hex(bytes), Text(expected)): (Hex, &Text<TxId>)| {
        let tx = Transaction::decode(&bytes).map_err(|error| malformed(METHOD, error.to_string()))?;
        let found = tx.id();
        if found == *expected {
            Ok(tx)
        } else {
            Err(malformed(METHOD, format!("found transaction {found}, expected {expected}", expected = *expected)))
        }
    };
    replies.into_iter().zip(&ids).map(read).collect()
}

fn malformed(method: &str, problem: String) -> RpcError {
    RpcError::Malformed { method: method.into(), problem }
}
