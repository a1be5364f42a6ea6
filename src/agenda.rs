//! From which block on a network applies the rules that stakeholders voted in.
//!
//! Source: the Decred change proposals; dcrd `chaincfg`, which forces every agenda on simnet from the start.

use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;

/// A voted rule change that what this project computes depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agenda {
    /// DCP0005: the header commits to both trees by one root, and to the block's filter.
    HeaderCommitments,
    /// DCP0009: blocks revoke missed and expired tickets themselves, without a fee.
    AutoRevocations,
    /// DCP0010: a tenth of the subsidy for work, eight tenths for votes.
    SubsidySplit,
    /// DCP0011: proof of work by BLAKE3, its target after every block.
    Blake3Pow,
    /// DCP0012: one hundredth of the subsidy for work, 89 for votes.
    SubsidySplitRound2,
}

impl Agenda {
    /// The first block under the changed rule.
    #[must_use]
    pub const fn first_block(self, network: Network) -> Height {
        Height(match (network, self) {
            (Network::Mainnet, Self::HeaderCommitments) => 431_488,
            (Network::Mainnet, Self::AutoRevocations | Self::SubsidySplit) => 657_280,
            (Network::Mainnet, Self::Blake3Pow | Self::SubsidySplitRound2) => 794_368,
            (Network::Testnet3, Self::HeaderCommitments) => 323_328,
            (Network::Testnet3, Self::AutoRevocations | Self::SubsidySplit) => 877_728,
            (Network::Testnet3, Self::Blake3Pow | Self::SubsidySplitRound2) => 1_170_048,
            (Network::Simnet, _) => 1,
        })
    }

    /// Whether the block at `height` is under the changed rule.
    #[must_use]
    pub const fn is_active(self, network: Network, height: Height) -> bool {
        height.0 >= self.first_block(network).0
    }
}
