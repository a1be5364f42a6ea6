//! What the signer's memory says, as pages.

use core::fmt;

use super::Value;
use super::pages::Finder;
use super::value::{InCommon, plural};
use crate::amount::Amount;
use crate::hash::TransferId;
use crate::machine::{Met, Recall, Reviewable};
use crate::path::{Branch, Index};
use crate::policy::{Part, Warning};

/// Adds a page for everything that a person has to decide about.
pub(super) fn add<const I: usize, const T: usize, const E: usize>(
    pages: &mut Finder<'_>,
    reviewable: &Reviewable<I, T, E>,
) {
    let past = reviewable.past();
    match past.recall() {
        Recall::Whole => {}
        Recall::Empty => {
            let text = "what these keys signed before is not known here, as after a\n\
                restore: coins and voter keys signed before are not noticed";
            pages.warn(Warning::MemoryEmpty, "Warning: nothing is remembered", Value::Text(text));
        }
        Recall::Incomplete => {
            let text = "requests that this signer approved are missing from its\n\
                memory: coins and voter keys signed before may go unnoticed";
            pages.warn(Warning::MemoryIncomplete, "Warning: memory is incomplete", Value::Text(text));
        }
    }
    for unmarked in past.unmarked() {
        let value = Value::Unmarked { part: unmarked.part, index: unmarked.index };
        pages.warn(Warning::IndexUnmarked, "Warning: a high index", value);
    }
    let ours = reviewable.spent();
    let mut met = |warning, label, what, met: &Met<E>, more| {
        for shared in met.listed() {
            let (request, theirs) = (shared.earlier.request, shared.earlier.spent);
            pages.warn(warning, label, Value::Before { what, count: shared.count, request, theirs, ours });
        }
        if met.more() {
            pages.warn(warning, label, Value::Text(more));
        }
    };
    met(
        Warning::OutpointSignedBefore,
        "Warning: coins signed before",
        InCommon::Coins,
        past.coins(),
        "more requests than are listed here spend coins of this one",
    );
    met(
        Warning::VoterIndexUsedBefore,
        "Warning: voter keys named before",
        InCommon::VoterKeys,
        past.voter_keys(),
        "more requests than are listed here name the same voter keys",
    );
}

/// Prints an earlier request.
pub(super) fn before(
    f: &mut fmt::Formatter<'_>,
    what: InCommon,
    count: u32,
    request: &TransferId,
    [theirs, ours]: [Amount; 2],
) -> fmt::Result {
    let verb = if count == 1 { "is" } else { "are" };
    match what {
        InCommon::Coins => {
            writeln!(f, "{count} coin{} of this request {verb} spent by another one too:", plural(count))?;
        }
        InCommon::VoterKeys => {
            writeln!(f, "{count} voter key{} of this request {verb} named by another one too:", plural(count))?;
        }
    }
    write!(f, "{request}\nthat one spends {theirs}\nthis one spends {ours}\n")?;
    f.write_str(match what {
        InCommon::Coins => "only one of them can happen",
        InCommon::VoterKeys => "a key is meant for one ticket only",
    })
}

/// Prints an index that could not be compared.
pub(super) fn unmarked(f: &mut fmt::Formatter<'_>, part: Part, index: Index) -> fmt::Result {
    match part {
        Part::AddressIndex => write!(f, "money returns from your address {}/{index} on", Branch::Internal.number())?,
        Part::VoterIndex => write!(f, "tickets are voted from the voter's key {index} on")?,
        _ => write!(f, "the purse is paid at its key {index}")?,
    }
    f.write_str("\nhow many were used before is not known here: compare this\nwith your wallet; beyond a gap of 20 a restore does not look")
}
