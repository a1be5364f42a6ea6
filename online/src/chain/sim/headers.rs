//! The headers of the main chain, and what they fix about the next one.
//!
//! Source: dcrd `internal/blockchain/difficulty.go`, `stakeversion.go`, `blockindex.go`.

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::BlockHash;
use dcrcold_core::net::Network;
use dcrcold_signer::block::{BlockHeader, CompactTarget};
use dcrcold_signer::stake::difficulty::{StakeHeader, next_price};

use super::params::{MEDIAN_BLOCKS, SIMNET, STAKE_VERSION_INTERVAL};
use crate::chain::work::WorkRules;

/// A header of the main chain with what is asked of it again and again.
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// The id of the block.
    pub(super) id: BlockHash,
    /// The header.
    pub(super) header: BlockHeader,
    /// The versions of the votes in the block.
    pub(super) vote_versions: Vec<u32>,
}

/// The headers of the main chain from the genesis block on.
#[derive(Clone, Debug)]
pub(super) struct Headers {
    links: Vec<Link>,
}

impl Headers {
    /// The chain of the genesis block alone.
    pub(super) fn new(genesis: Link) -> Self {
        Self { links: vec![genesis] }
    }

    /// The last header.
    pub(super) fn tip(&self) -> &Link {
        self.links.last().expect("the genesis block is never taken away")
    }

    /// The header at a height.
    pub(super) fn at(&self, height: Height) -> Option<&Link> {
        self.links.get(usize::try_from(height.0).ok()?)
    }

    /// All headers, lowest first.
    pub(super) fn all(&self) -> &[Link] {
        &self.links
    }

    /// Adds the header after the tip.
    pub(super) fn push(&mut self, link: Link) {
        self.links.push(link);
    }

    /// Takes the tip away, but never the genesis block.
    pub(super) fn pop(&mut self) -> Option<Link> {
        if self.links.len() > 1 { self.links.pop() } else { None }
    }

    /// The height of the next block.
    pub(super) fn next_height(&self) -> Height {
        Height(self.tip().header.height.0 + 1)
    }

    /// The median time of the last blocks, which the next one must exceed.
    pub(super) fn median_time(&self) -> u32 {
        let mut times: Vec<u32> =
            self.links.iter().rev().take(MEDIAN_BLOCKS).map(|link| link.header.timestamp).collect();
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    }

    /// The target of the next block.
    pub(super) fn next_bits(&self) -> CompactTarget {
        let rules = WorkRules::of(Network::Simnet);
        let Some(anchor) = self.at(Height(rules.anchor_height)) else { return rules.start };
        let tip = &self.tip().header;
        let seconds = i64::from(tip.timestamp) - i64::from(anchor.header.timestamp);
        rules.next_bits(tip.height.0 - rules.anchor_height, seconds)
    }

    /// The ticket price of the next block.
    pub(super) fn next_price(&self) -> Amount {
        next_price(Network::Simnet, self.tip().header.height, |height| self.stake_header(height))
            .expect("the chain has all its headers, and their pools are counted")
    }

    /// What of a header the ticket price depends on.
    pub(super) fn stake_header(&self, height: Height) -> Option<StakeHeader> {
        StakeHeader::try_from(&self.at(height)?.header).ok()
    }

    /// The tickets of the main chain that are not live yet.
    pub(super) fn immature_tickets(&self) -> u32 {
        let blocks = usize::try_from(SIMNET.ticket_maturity).unwrap_or_default();
        self.links.iter().rev().take(blocks).map(|link| u32::from(link.header.fresh_stake)).sum()
    }

    /// The stake version of the next block: what three quarters of the votes in a past window agreed on.
    pub(super) fn next_stake_version(&self) -> u32 {
        let Some((version, window_end)) = self.voter_version() else { return 0 };
        if self.majority(self.window_before(window_end), |found| found >= version) {
            let prior = self.prior_version(window_end).unwrap_or_default();
            return version.max(prior);
        }
        version
    }

    /// The vote version that a majority of votes had in the latest window that has one, and the window's last height.
    fn voter_version(&self) -> Option<(u32, u32)> {
        let mut end = self.window_before(self.tip().header.height.0)?;
        while end >= SIMNET.stake_validation_height {
            let votes = || self.window(end).iter().flat_map(|link| &link.vote_versions);
            let needed = votes().count() * 3 / 4;
            let agreed = votes().find(|version| votes().filter(|other| other == version).count() >= needed);
            if let Some(version) = agreed {
                return Some((*version, end));
            }
            end = end.checked_sub(STAKE_VERSION_INTERVAL)?;
        }
        None
    }

    /// The stake version that a majority of headers had in the window before the one that ends at `height`.
    fn prior_version(&self, height: u32) -> Option<u32> {
        let end = self.window_before(height)?;
        let versions = || self.window(end).iter().map(|link| link.header.stake_version);
        versions().find(|version| self.majority(Some(end), |found| found == *version))
    }

    /// Whether three quarters of the headers in the window ending at `end` have a version that `fits`; without a
    /// window, whether 0 does.
    fn majority(&self, end: Option<u32>, fits: impl Fn(u32) -> bool) -> bool {
        let Some(end) = end else { return fits(0) };
        let found = self.window(end).iter().filter(|link| fits(link.header.stake_version)).count();
        found >= usize::try_from(STAKE_VERSION_INTERVAL * 3 / 4).unwrap_or(usize::MAX)
    }

    /// The last height of the window before the one that holds the block after `height`.
    fn window_before(&self, height: u32) -> Option<u32> {
        let next = height + 1;
        if next < SIMNET.stake_validation_height + STAKE_VERSION_INTERVAL {
            return None;
        }
        let offset = SIMNET.stake_validation_height % STAKE_VERSION_INTERVAL;
        let adjusted = next - offset - 1;
        Some(adjusted - (adjusted + 1) % STAKE_VERSION_INTERVAL + offset)
    }

    /// The headers of the window that ends at `end`.
    fn window(&self, end: u32) -> &[Link] {
        let end = usize::try_from(end).unwrap_or_default() + 1;
        let interval = usize::try_from(STAKE_VERSION_INTERVAL).unwrap_or_default();
        self.links.get(end.saturating_sub(interval)..end).unwrap_or_default()
    }
}
