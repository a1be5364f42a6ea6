//! The replies and notifications that this program reads, as dcrd sends them.
//!
//! Source: dcrd `rpc/jsonrpc/types/chainsvrresults.go`, `chainsvrwsntfns.go`.

use std::collections::BTreeMap;

use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::net::Network;
use serde::Deserialize;

use super::value::{Dcr, Hex, Text};

/// `getbestblock`: the newest block of the main chain.
#[derive(Debug, Deserialize)]
pub struct BestBlock {
    /// Its hash.
    pub hash: Text<BlockHash>,
    /// Its height.
    pub height: u32,
}

/// `getheaders`: serialised headers in ascending order.
#[derive(Debug, Deserialize)]
pub struct Headers {
    /// 180 bytes each, at most 2,000.
    pub headers: Vec<Hex>,
}

/// `getcfilterv2`: the filter of a block and the proof that its header commits to it.
#[derive(Debug, Deserialize)]
pub struct Filter {
    /// The block's hash.
    pub blockhash: Text<BlockHash>,
    /// The filter, empty for a block without scripts.
    pub data: Hex,
    /// Position of the filter among the header's commitments, 0.
    pub proofindex: u32,
    /// Hashes that lead from the filter to the root, none as long as it is the only commitment.
    pub proofhashes: Option<Vec<Text<BlockHash>>>,
}

/// `gettxout`: an output that is not spent.
#[derive(Debug, Deserialize)]
pub struct Output {
    /// The newest block of the main chain.
    pub bestblock: Text<BlockHash>,
    /// Blocks from its own to that one, both counted.
    pub confirmations: u32,
    /// Its script.
    #[serde(rename = "scriptPubKey")]
    pub script: OutputScript,
}

/// The script of an output.
#[derive(Debug, Deserialize)]
pub struct OutputScript {
    /// The bytes.
    pub hex: Hex,
}

/// `livetickets`: the tickets in the lottery.
#[derive(Debug, Deserialize)]
pub struct LiveTickets {
    /// Their ids.
    pub tickets: Vec<Text<TxId>>,
}

/// `getstakedifficulty`: ticket prices.
#[derive(Debug, Deserialize)]
pub struct StakeDifficulty {
    /// The price in the newest block.
    pub current: Dcr,
    /// The price in the block after it.
    pub next: Dcr,
}

/// `estimatestakediff`: ticket prices in the next window.
#[derive(Debug, Deserialize)]
pub struct StakeEstimate {
    /// If no more tickets are bought in this one.
    pub min: Dcr,
    /// If as many tickets are bought as fit.
    pub max: Dcr,
    /// If tickets are bought as in the window so far.
    pub expected: Dcr,
}

/// `version`: programs and interfaces by name.
pub type Versions = BTreeMap<String, Version>;

/// A version number.
#[derive(Debug, Deserialize)]
pub struct Version {
    /// The number as text.
    pub versionstring: String,
    /// Its first part, which grows with incompatible changes.
    pub major: u32,
    /// Its second part.
    pub minor: u32,
    /// Its third part.
    pub patch: u32,
}

/// The notification `blockconnected`: a block joined the main chain.
#[derive(Debug, Deserialize)]
pub struct BlockConnected(
    /// The block's header.
    pub Hex,
    /// Transactions that pass the client's filter, none without a filter.
    pub Vec<Hex>,
);

/// The notification `winningtickets`: the tickets that may vote on a block.
#[derive(Debug, Deserialize)]
pub struct WinningTickets(
    /// The block to vote on.
    pub Text<BlockHash>,
    /// Its height.
    pub u32,
    /// The tickets by position, `"0"` to `"4"`.
    pub BTreeMap<String, Text<TxId>>,
);

/// The number with which messages of a network begin, the reply to `getcurrentnet`; dcrd `wire/protocol.go`.
#[must_use]
pub const fn magic(network: Network) -> u32 {
    match network {
        Network::Mainnet => 0xd9b4_00f9,
        Network::Testnet3 => 0xb194_aa75,
        Network::Simnet => 0x1214_1c16,
    }
}
