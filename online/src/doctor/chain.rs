//! The source of blocks against the wallet and the clock.

use super::finding::{Kind, Report};
use crate::chain::{BlockId, ChainError, ChainSource};
use crate::plural::count;
use crate::wallet::{Clock, UnixTime, Wallet, WalletError};

/// How old the last block may be, in minutes: on mainnet, one in a hundred thousand takes so long.
const OLD: i64 = 60;
/// How far blocks may be ahead of the clock, in minutes; beyond it they are refused.
const AHEAD: i64 = 120;

/// Looks at the source, and where it is against the wallet.
///
/// # Errors
/// When the copy of the wallet cannot be read; what is wrong with the source is a finding.
pub fn examine(
    wallet: &Wallet,
    source: &mut dyn ChainSource,
    clock: &dyn Clock,
    report: &mut Report,
) -> Result<(), WalletError> {
    match ask(wallet, source)? {
        Ok(found) => {
            report.examined(format_args!("the chain, at block {}", found.tip.height));
            found.times(clock.now(), report);
            found.heights(report);
        }
        Err(error) => {
            let reason = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            report.found(
                Kind::SourceUnreachable,
                format_args!("the chain cannot be asked: {reason}"),
                "try again later",
            );
        }
    }
    Ok(())
}

struct Found {
    tip: BlockId,
    time: UnixTime,
    wallet: Option<BlockId>,
    searched: u32,
    /// Whether the source has the wallet's last block.
    knows: bool,
}

fn ask(wallet: &Wallet, source: &mut dyn ChainSource) -> Result<Result<Found, ChainError>, WalletError> {
    let (last, searched) = (wallet.tip()?, wallet.height()?.0);
    let mut look = || {
        let tip = source.tip()?;
        let time = source.block(&tip.hash)?.header.timestamp;
        let mut knows = true;
        if let Some(last) = last.filter(|last| *last != tip && last.height <= tip.height) {
            let next = source.headers_after(&[last.hash])?;
            knows = next.first().is_some_and(|next| next.previous == last.hash);
        }
        Ok(Found { tip, time: UnixTime(time.into()), wallet: last, searched, knows })
    };
    Ok(look())
}

impl Found {
    fn times(&self, now: UnixTime, report: &mut Report) {
        let minutes = (now.0 - self.time.0).div_euclid(60);
        if minutes > OLD {
            let sentence = format!("the last block, {}, is {} old", self.tip.height, span(minutes));
            let hint = "is the node in step with the network, and is the clock of this computer right?";
            report.found(Kind::TipOld, sentence, hint);
        } else if minutes < -AHEAD {
            let sentence = format!("the last block, {}, is {} ahead of the clock", self.tip.height, span(-minutes));
            report.found(Kind::ClockBehind, sentence, "set the clock of this computer: such blocks are refused");
        }
    }

    fn heights(&self, report: &mut Report) {
        let Some(last) = self.wallet else {
            return report.found(Kind::WalletBehind, "the wallet has not followed the chain yet", "run: dcrcold sync");
        };
        if self.tip.height < last.height {
            let sentence = format!("the source is at block {}, the wallet at {}", self.tip.height, last.height);
            let hint = "wait until the source has caught up, or choose another one with --source";
            report.found(Kind::SourceBehind, sentence, hint);
        } else if !self.knows {
            let sentence = format!("the chain has another block than the wallet's last one, {}", last.height);
            report.found(Kind::BlocksReplaced, sentence, "run: dcrcold sync, which takes such blocks back");
        } else if self.searched < self.tip.height.0 {
            let blocks = count(self.tip.height.0 - self.searched, "block");
            let sentence = format!("the wallet has not searched the last {blocks} yet");
            report.found(Kind::WalletBehind, sentence, "run: dcrcold sync");
        }
    }
}

fn span(minutes: i64) -> String {
    match minutes {
        0..=119 => format!("{minutes} minutes"),
        120..=2_879 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1_440),
    }
}
