//! Blocks that are fixed for good: the first of each network, and a late one that every node assumes valid.

use dcrcold_core::amount::Height;
use dcrcold_core::hash::BlockHash;
use dcrcold_core::net::Network;

use super::BlockId;
use super::work::Work;

/// The hash of a network's genesis block, dcrd `chaincfg/genesis.go`.
#[must_use]
pub fn genesis_hash(network: Network) -> BlockHash {
    let hash = match network {
        Network::Mainnet => "298e5cc3d985bfe7f81dc135f360abe089edd4396b86d2de66b0cef42b21d980",
        Network::Testnet3 => "a649dce53918caf422e9c711c858837e08d626ecfcd198969b24f7b634a49bac",
        Network::Simnet => "6bef82c645999585f7255cb02672921ac2f5492820090cd635fe3a59d16b4f87",
    };
    hash.parse().expect("these are hashes")
}

/// A block that the main chain of a network must hold, if one is fixed; dcrd `chaincfg`, `AssumeValid`.
///
/// Headers before DCP0011 are cheap to make up. This hash fixes all of them.
#[must_use]
pub fn assumed_valid(network: Network) -> Option<BlockId> {
    let (height, hash) = match network {
        Network::Mainnet => (1_026_597, "458d6a8e11c916d4149ca8bc5c7aaaaf16cc61971b0c20764c07edf85df44eb6"),
        Network::Testnet3 => (1_780_540, "e5d29f04aa33d19dfe4935ca2e70d8f640a7263b653f57ce600b6829d6f2cf48"),
        Network::Simnet => return None,
    };
    Some(BlockId { hash: hash.parse().expect("these are hashes"), height: Height(height) })
}

/// The work that the main chain of a network has at least, dcrd `chaincfg`, `MinKnownChainWork`; no chain with less is
/// believed.
#[must_use]
pub fn minimum_work(network: Network) -> Work {
    match network {
        Network::Mainnet => Work::from_u128(0x0024_3868_232c_14b8_2246_43b6),
        Network::Testnet3 => Work::from_u128(0xf377_240e_1461_95df),
        Network::Simnet => Work::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_has_a_genesis_block() {
        for network in Network::ALL {
            assert!(genesis_hash(network).to_string().len() == 64);
            assert_eq!(assumed_valid(network).is_none(), network == Network::Simnet);
        }
    }
}
