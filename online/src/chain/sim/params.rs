//! The rules of simnet that only a full node needs; the rest is in the core's table of networks.
//!
//! Source: dcrd `chaincfg/simnetparams.go`, `internal/blockchain/validate.go`, `internal/mempool/policy.go`.

use dcrcold_core::net::{Network, Params};

/// What the core knows about simnet.
pub(super) static SIMNET: &Params = Network::Simnet.params();

/// The version of blocks, the newest that dcrd knows on test networks.
pub(super) const BLOCK_VERSION: i32 = 12;
/// The vote version of the network's own stakers.
pub(super) const VOTE_VERSION: u32 = 12;
/// The version of coinbase and treasury base since DCP0006, and the highest of all transactions.
pub(super) const TREASURY_VERSION: u16 = 3;
/// The version of automatic revocations, DCP0009; from it on, sequence numbers may lock an input.
pub(super) const REVOCATION_VERSION: u16 = 2;
/// The signature script of the input of a vote that spends nothing.
pub(super) const STAKEBASE_SCRIPT: [u8; 2] = [0, 0];

/// The largest block, in bytes.
pub(super) const MAX_BLOCK_SIZE: u32 = 1_310_720;
/// The largest transaction, in bytes.
pub(super) const MAX_TX_SIZE: usize = 1_000_000;
/// The most signature operations of a block.
pub(super) const MAX_BLOCK_SIGOPS: usize = 5_000;

/// Blocks in a window that decides on the stake version.
pub(super) const STAKE_VERSION_INTERVAL: u32 = 112;
/// The votes that make a block valid, of the five called.
pub(super) const MAJORITY: u16 = 3;
/// Blocks whose times make the median that a new block must exceed.
pub(super) const MEDIAN_BLOCKS: usize = 11;

/// Below this, a lock time is a height.
pub(super) const LOCK_TIME_THRESHOLD: u32 = 500_000_000;
/// The bit of a sequence number that says it locks nothing.
pub(super) const SEQUENCE_UNLOCKED: u32 = 1 << 31;

/// How many times the least fee is called a mistake.
pub(super) const HIGH_FEE_FACTOR: u64 = 10_000;
/// The largest transaction that nodes relay, in bytes.
pub(super) const MAX_STANDARD_SIZE: usize = 100_000;
/// The longest signature script that nodes relay.
pub(super) const MAX_STANDARD_SIGNATURE_SCRIPT: usize = 1_650;
/// The most signature operations of a transaction in the mempool.
pub(super) const MAX_TX_SIGOPS: usize = MAX_BLOCK_SIGOPS / 5;
/// The most outputs that only carry data, in a payment.
pub(super) const MAX_NULL_DATA: usize = 4;
/// Votes by one ticket that the mempool holds at most.
pub(super) const MAX_VOTES_OF_TICKET: usize = 5;
/// Blocks after which the mempool forgets a ticket.
pub(super) const TICKET_AGE: u32 = 288;
/// Blocks after which the mempool forgets a vote.
pub(super) const VOTE_AGE: u32 = 10;
/// How far back a block may lie that a new vote votes on.
pub(super) const MAX_VOTE_AGE: u32 = 16;
