//! The three Decred networks: their codes, coin types and stake rules.
//!
//! Source: dcrd `chaincfg/mainnetparams.go`, `testnetparams.go`, `simnetparams.go`.

use core::fmt;
use core::str::FromStr;

use crate::amount::Amount;

/// A Decred network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Network {
    /// The network whose coins have value.
    Mainnet,
    /// The public test network, version 3.
    Testnet3,
    /// A private simulation network.
    Simnet,
}

impl Network {
    /// All networks, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::Mainnet, Self::Testnet3, Self::Simnet];

    /// The code of the network in files: 0, 1, 2.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Mainnet => 0,
            Self::Testnet3 => 1,
            Self::Simnet => 2,
        }
    }

    /// The network with a code, if there is one.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Mainnet),
            1 => Some(Self::Testnet3),
            2 => Some(Self::Simnet),
            _ => None,
        }
    }

    /// The name dcrd gives the network: `mainnet`, `testnet3`, `simnet`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mainnet => "mainnet",
            Self::Testnet3 => "testnet3",
            Self::Simnet => "simnet",
        }
    }

    /// What the network fixes: address prefixes, coin types, stake rules.
    #[must_use]
    pub const fn params(self) -> &'static Params {
        match self {
            Self::Mainnet => &MAINNET,
            Self::Testnet3 => &TESTNET3,
            Self::Simnet => &SIMNET,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads the name of a network; `testnet` is taken for `testnet3`.
impl FromStr for Network {
    type Err = UnknownNetwork;

    fn from_str(text: &str) -> Result<Self, UnknownNetwork> {
        let text = if text == "testnet" { "testnet3" } else { text };
        Self::ALL.into_iter().find(|network| network.name() == text).ok_or(UnknownNetwork)
    }
}

/// A name that no network has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownNetwork;

impl fmt::Display for UnknownNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not one of the networks mainnet, testnet3, simnet")
    }
}

impl core::error::Error for UnknownNetwork {}

/// Two version bytes in front of an encoded address or key.
pub type Prefix = [u8; 2];

/// What a network fixes.
#[derive(Debug)]
pub struct Params {
    /// The BIP-44 coin types that belong to the network: SLIP-44 first, then the legacy one.
    pub coin_types: [u32; 2],
    /// Prefix of a public key address.
    pub public_key: Prefix,
    /// Prefix of a public key hash address with ECDSA.
    pub key_hash: Prefix,
    /// Prefix of a public key hash address with Ed25519.
    pub key_hash_ed25519: Prefix,
    /// Prefix of a public key hash address with Schnorr.
    pub key_hash_schnorr: Prefix,
    /// Prefix of a script hash address.
    pub script_hash: Prefix,
    /// Prefix of a private key in wallet import format.
    pub wif: Prefix,
    /// Version of an extended private key.
    pub extended_private: [u8; 4],
    /// Version of an extended public key.
    pub extended_public: [u8; 4],
    /// The stake difficulty never falls below this.
    pub minimum_stake_difficulty: Amount,
    /// Live tickets aimed at, divided by the tickets per block.
    pub ticket_pool_size: u32,
    /// Tickets that vote in a block.
    pub tickets_per_block: u32,
    /// Blocks from a ticket's block until it is live.
    pub ticket_maturity: u32,
    /// Blocks a ticket stays live before it is revoked.
    pub ticket_expiry: u32,
    /// Blocks before a coinbase, vote or revocation output can be spent.
    pub coinbase_maturity: u32,
    /// Blocks before the change of a ticket can be spent.
    pub ticket_change_maturity: u32,
    /// Blocks between two changes of the stake difficulty.
    pub stake_difficulty_window: u32,
    /// Tickets that fit into one block.
    pub max_tickets_per_block: u32,
    /// First block that may hold tickets.
    pub stake_enabled_height: u32,
    /// First block that needs votes.
    pub stake_validation_height: u32,
    /// Seconds between blocks, as aimed at.
    pub target_block_seconds: u32,
    /// Subsidy of block 2, in atoms.
    pub base_subsidy: u64,
    /// Blocks between two reductions of the subsidy by 100/101.
    pub subsidy_reduction_interval: u32,
    /// Subsidy of block 1, in atoms.
    pub block_one_subsidy: u64,
    /// Port of dcrd's JSON-RPC server.
    pub dcrd_rpc_port: u16,
    /// Port of dcrwallet's JSON-RPC server.
    pub dcrwallet_rpc_port: u16,
}

static MAINNET: Params = Params {
    coin_types: [42, 20],
    public_key: [0x13, 0x86],
    key_hash: [0x07, 0x3f],
    key_hash_ed25519: [0x07, 0x1f],
    key_hash_schnorr: [0x07, 0x01],
    script_hash: [0x07, 0x1a],
    wif: [0x22, 0xde],
    extended_private: [0x02, 0xfd, 0xa4, 0xe8],
    extended_public: [0x02, 0xfd, 0xa9, 0x26],
    minimum_stake_difficulty: Amount::constant::<200_000_000>(),
    ticket_pool_size: 8192,
    tickets_per_block: 5,
    ticket_maturity: 256,
    ticket_expiry: 40_960,
    coinbase_maturity: 256,
    ticket_change_maturity: 1,
    stake_difficulty_window: 144,
    max_tickets_per_block: 20,
    stake_enabled_height: 512,
    stake_validation_height: 4096,
    target_block_seconds: 300,
    base_subsidy: 3_119_582_664,
    subsidy_reduction_interval: 6144,
    block_one_subsidy: 168_000_000_000_000,
    dcrd_rpc_port: 9109,
    dcrwallet_rpc_port: 9110,
};

static TESTNET3: Params = Params {
    coin_types: [1, 11],
    public_key: [0x28, 0xf7],
    key_hash: [0x0f, 0x21],
    key_hash_ed25519: [0x0f, 0x01],
    key_hash_schnorr: [0x0e, 0xe3],
    script_hash: [0x0e, 0xfc],
    wif: [0x23, 0x0e],
    extended_private: [0x04, 0x35, 0x83, 0x97],
    extended_public: [0x04, 0x35, 0x87, 0xd1],
    minimum_stake_difficulty: Amount::constant::<20_000_000>(),
    ticket_pool_size: 1024,
    tickets_per_block: 5,
    ticket_maturity: 16,
    ticket_expiry: 6144,
    coinbase_maturity: 16,
    ticket_change_maturity: 1,
    stake_difficulty_window: 144,
    max_tickets_per_block: 20,
    stake_enabled_height: 32,
    stake_validation_height: 768,
    target_block_seconds: 120,
    base_subsidy: 2_500_000_000,
    subsidy_reduction_interval: 2048,
    block_one_subsidy: 10_000_000_000_000,
    dcrd_rpc_port: 19109,
    dcrwallet_rpc_port: 19110,
};

static SIMNET: Params = Params {
    coin_types: [1, 115],
    public_key: [0x27, 0x6f],
    key_hash: [0x0e, 0x91],
    key_hash_ed25519: [0x0e, 0x71],
    key_hash_schnorr: [0x0e, 0x53],
    script_hash: [0x0e, 0x6c],
    wif: [0x23, 0x07],
    extended_private: [0x04, 0x20, 0xb9, 0x03],
    extended_public: [0x04, 0x20, 0xbd, 0x3d],
    minimum_stake_difficulty: Amount::constant::<20_000>(),
    ticket_pool_size: 64,
    tickets_per_block: 5,
    ticket_maturity: 16,
    ticket_expiry: 384,
    coinbase_maturity: 16,
    ticket_change_maturity: 1,
    stake_difficulty_window: 8,
    max_tickets_per_block: 20,
    stake_enabled_height: 32,
    stake_validation_height: 144,
    target_block_seconds: 1,
    base_subsidy: 50_000_000_000,
    subsidy_reduction_interval: 128,
    block_one_subsidy: 30_000_000_000_000,
    dcrd_rpc_port: 19556,
    dcrwallet_rpc_port: 19557,
};
