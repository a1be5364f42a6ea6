//! The methods that only somebody who votes calls.

use std::collections::HashMap;
use std::time::Instant;

use dcrcold_core::amount::Height;
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::script::Payment;
use dcrcold_signer::tx::{Transaction, Tree};

use super::super::client::{Client, NONE, Notification};
use super::super::error::RpcError;
use super::super::reply::{LiveTickets, Output, WinningTickets};
use super::super::transport::Transport;
use super::super::value::{Hex, Text};
use super::{block, malformed};
use crate::chain::{BlockId, LiveTicket, Winners};

/// The notification of tickets that may vote on a block.
const WINNING_TICKETS: &str = "winningtickets";

/// Tickets called for one block, on every network.
const MOST_WINNERS: usize = 5;

/// Notifications taken at once, so that whoever floods with them is not listened to for ever.
const MOST_NEWS: usize = 64;

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
