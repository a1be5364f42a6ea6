//! The forms that make a transaction a ticket, a vote, a revocation or one of the treasury.
//!
//! A transaction that has such a form is one, and belongs to the stake tree; a broken ticket is merely a regular
//! transaction that is invalid. Whether amounts and outputs spent are right is another question.
//! Source: dcrd `blockchain/stake/staketx.go`, `treasury.go`.

mod revocation;
mod ticket;
mod treasury;
mod vote;

use dcrcold_core::script::{Payment, StakeTag};

pub use revocation::{AUTO_REVOCATION_VERSION, RevocationError, check_revocation};
pub use ticket::{TicketError, check_ticket};
pub use treasury::{is_treasury_add, is_treasury_base, is_treasury_spend, treasury_spend_key};
pub use vote::{TreasuryChoice, TreasuryVote, VoteError, check_vote};

use super::script::instructions;
use super::{OutPoint, Transaction, TxOut, opcode};

/// The most commitments of a ticket, and so the most inputs.
pub const MAX_COMMITMENTS: usize = 64;

/// The version of transactions that concern the treasury.
pub const TREASURY_VERSION: u16 = 3;

/// The most bytes that data pushed in stake transactions may have.
const MAX_DATA: usize = 256;

/// What a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TxKind {
    /// None of the others: it pays.
    Regular,
    /// Creates the coins of a block.
    Coinbase,
    /// Buys a ticket (SStx).
    Ticket,
    /// Votes with a ticket (SSGen).
    Vote,
    /// Returns the coins of a ticket that did not vote (SSRtx).
    Revocation,
    /// Gives coins to the treasury.
    TreasuryAdd,
    /// Takes coins from the treasury.
    TreasurySpend,
    /// Creates the coins of the treasury.
    TreasuryBase,
}

impl Transaction {
    /// What the transaction is, by its form alone.
    ///
    /// A treasury spend is recognised by its signature script; everything else by the prefix.
    #[must_use]
    pub fn kind(&self) -> TxKind {
        if check_ticket(self).is_ok() {
            TxKind::Ticket
        } else if check_vote(self).is_ok() {
            TxKind::Vote
        } else if check_revocation(self).is_ok() {
            TxKind::Revocation
        } else if is_treasury_add(self) {
            TxKind::TreasuryAdd
        } else if is_treasury_spend(self) {
            TxKind::TreasurySpend
        } else if is_treasury_base(self) {
            TxKind::TreasuryBase
        } else if matches!(self.inputs.as_slice(), [input] if spends_nothing(&input.previous)) {
            TxKind::Coinbase
        } else {
            TxKind::Regular
        }
    }
}

/// Whether an outpoint is the one of a coinbase; its tree is not looked at.
fn spends_nothing(outpoint: &OutPoint) -> bool {
    outpoint.id == OutPoint::NONE.id && outpoint.index == OutPoint::NONE.index
}

/// Whether an output pays a key hash or script hash behind the stake opcode `tag`.
fn is_tagged(output: &TxOut, tag: StakeTag) -> bool {
    output.script_version == 0 && Payment::recognise(&output.script).is_some_and(|payment| payment.tag == Some(tag))
}

/// Whether an output is `OP_RETURN` alone or with one push, in whatever form, of at most 256 bytes.
fn is_null_data(output: &TxOut) -> bool {
    let [opcode::OP_RETURN, rest @ ..] = output.script.as_slice() else { return false };
    let mut parts = instructions(rest);
    match (parts.next(), parts.next()) {
        (None, _) => true,
        (Some(Ok(push)), None) => {
            let pushes = push.opcode.0 <= opcode::OP_PUSHDATA4 || push.small_integer().is_some();
            pushes && push.data.len() <= MAX_DATA
        }
        _ => false,
    }
}

/// The data of an output that is `OP_RETURN` and a direct push of `least` to 75 bytes.
fn direct_push(output: &TxOut, least: u8) -> Option<&[u8]> {
    let [opcode::OP_RETURN, length, data @ ..] = output.script.as_slice() else { return None };
    let direct = (least..=opcode::OP_DATA_75).contains(length) && data.len() == usize::from(*length);
    direct.then_some(data)
}
