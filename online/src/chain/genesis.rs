//! The first block of each network.

use dcrcold_core::hash::BlockHash;
use dcrcold_core::net::Network;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_has_a_genesis_block() {
        for network in Network::ALL {
            assert!(genesis_hash(network).to_string().len() == 64);
        }
    }
}
