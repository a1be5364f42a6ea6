//! The first block of each network.
//!
//! Source: dcrd `chaincfg/genesis.go`.

use dcrcold_core::amount::{Height, Size};
use dcrcold_core::hash::{BlockHash, TreeHash};
use dcrcold_core::net::Network;

use super::merkle::EMPTY_ROOT;
use super::{BlockHeader, CompactTarget};
use crate::tx::RawValue;

/// What the genesis headers differ in; everything else is zero.
struct Genesis {
    version: i32,
    merkle_root: [u8; 32],
    bits: u32,
    sbits: i64,
    timestamp: u32,
    nonce: u32,
    stake_version: u32,
}

const MAINNET: Genesis = Genesis {
    version: 1,
    merkle_root: [
        0x0d, 0xc1, 0x01, 0xdf, 0xc3, 0xc6, 0xa2, 0xeb, 0x10, 0xca, 0x0c, 0x53, 0x74, 0xe1, 0x0d, 0x28, 0xfe, 0xb5,
        0x3f, 0x7e, 0xab, 0xcc, 0x85, 0x05, 0x11, 0xce, 0xad, 0xb9, 0x91, 0x74, 0xaa, 0x66,
    ],
    bits: 0x1b01_ffff,
    sbits: 200_000_000,
    timestamp: 1_454_954_400,
    nonce: 0,
    stake_version: 0,
};

const TESTNET3: Genesis = Genesis {
    version: 6,
    merkle_root: [
        0x2c, 0x0a, 0xd6, 0x03, 0xd4, 0x4a, 0x16, 0x69, 0x8a, 0xc9, 0x51, 0xfa, 0x22, 0xaa, 0xb5, 0xe7, 0xb3, 0x02,
        0x93, 0xfa, 0x1d, 0x0a, 0xc7, 0x25, 0x60, 0xcd, 0xfc, 0xc9, 0xea, 0xbc, 0xdf, 0xe7,
    ],
    bits: 0x1e00_ffff,
    sbits: 20_000_000,
    timestamp: 1_533_513_600,
    nonce: 414_098_458,
    stake_version: 6,
};

const SIMNET: Genesis = Genesis {
    version: 1,
    merkle_root: [
        0x92, 0x56, 0x29, 0xc5, 0x58, 0x2b, 0xbf, 0xc3, 0x60, 0x9d, 0x71, 0xa2, 0xf4, 0xa8, 0x87, 0x44, 0x3c, 0x80,
        0xd5, 0x4a, 0x1f, 0xe3, 0x1e, 0x95, 0xe9, 0x5d, 0x42, 0xf3, 0xe2, 0x88, 0x94, 0x5c,
    ],
    bits: 0x207f_ffff,
    sbits: 0,
    timestamp: 1_401_292_357,
    nonce: 0,
    stake_version: 0,
};

/// The header of the genesis block. It commits to no filter.
#[must_use]
pub fn header(network: Network) -> BlockHeader {
    let genesis = match network {
        Network::Mainnet => MAINNET,
        Network::Testnet3 => TESTNET3,
        Network::Simnet => SIMNET,
    };
    BlockHeader {
        version: genesis.version,
        previous: BlockHash::from_bytes([0; 32]),
        merkle_root: TreeHash::from_bytes(genesis.merkle_root),
        stake_root: EMPTY_ROOT,
        vote_bits: 0,
        final_state: [0; 6],
        voters: 0,
        fresh_stake: 0,
        revocations: 0,
        pool_size: 0,
        bits: CompactTarget(genesis.bits),
        sbits: RawValue(genesis.sbits),
        height: Height(0),
        size: Size(0),
        timestamp: genesis.timestamp,
        nonce: genesis.nonce,
        extra_data: [0; 32],
        stake_version: genesis.stake_version,
    }
}
