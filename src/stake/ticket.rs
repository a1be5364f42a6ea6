//! Tickets read: who votes, who is paid, what it cost.

use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TxId;
use dcrcold_core::script::{Commitment, Payee, Payment};

use crate::tx::check::{TicketError, check_ticket};
use crate::tx::{NotAnAmount, OutPoint, Transaction, Tree, TxOut};

/// A ticket, as its outputs say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The id of the transaction.
    pub id: TxId,
    /// What is locked until the vote.
    pub price: Amount,
    /// Who may vote.
    pub voting: Payee,
    /// What was contributed, one share for each input.
    pub shares: Vec<Share>,
}

/// One input's part of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Who is paid by the vote or revocation, and what was contributed.
    pub commitment: Commitment,
    /// The change.
    pub change: Amount,
    /// Who receives the change.
    pub change_payee: Payee,
}

/// Why a transaction cannot be read as a ticket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadTicketError {
    /// It does not have the form of one.
    #[error(transparent)]
    Form(#[from] TicketError),
    /// An output has a value that is no amount.
    #[error("output {index} of the ticket: {source}")]
    Value {
        /// The output.
        index: usize,
        /// The value found.
        source: NotAnAmount,
    },
    /// A commitment is for more coins than exist.
    #[error("commitment in output {index} of the ticket is for more than 21,000,000 DCR")]
    Commitment {
        /// The output.
        index: usize,
    },
}

impl Ticket {
    /// Reads a ticket.
    ///
    /// # Errors
    /// [`ReadTicketError`] when the form or an amount is not that of a ticket.
    pub fn read(tx: &Transaction) -> Result<Self, ReadTicketError> {
        check_ticket(tx)?;
        let (submission, pairs) = tx.outputs.split_first().ok_or(TicketError::NoOutputs)?;
        let voting = payee(0, submission)?;
        let shares = pairs.as_chunks::<2>().0.iter().enumerate();
        let shares = shares.map(|(input, pair)| read_share(Self::commitment_output(input), pair));
        Ok(Self { id: tx.id(), price: value(0, submission)?, voting, shares: shares.collect::<Result<_, _>>()? })
    }

    /// The position of the commitment that belongs to an input.
    const fn commitment_output(input: usize) -> usize {
        2 * input + 1
    }

    /// The output that a vote or revocation spends.
    #[must_use]
    pub const fn submission(&self) -> OutPoint {
        OutPoint { id: self.id, index: 0, tree: Tree::Stake }
    }

    /// What was contributed by each input.
    #[must_use]
    pub fn contributions(&self) -> Vec<Amount> {
        self.shares.iter().map(|share| share.commitment.amount).collect()
    }

    /// The fee: contributions less price; `None` when they do not cover it.
    #[must_use]
    pub fn fee(&self) -> Option<Amount> {
        Amount::checked_sum(self.contributions())?.checked_sub(self.price)
    }
}

fn read_share(index: usize, [commitment, change]: &[TxOut; 2]) -> Result<Share, ReadTicketError> {
    let commitment = Commitment::recognise(&commitment.script).ok_or(ReadTicketError::Commitment { index })?;
    Ok(Share { commitment, change: value(index + 1, change)?, change_payee: payee(index + 1, change)? })
}

fn value(index: usize, output: &TxOut) -> Result<Amount, ReadTicketError> {
    output.value.amount().map_err(|source| ReadTicketError::Value { index, source })
}

fn payee(index: usize, output: &TxOut) -> Result<Payee, ReadTicketError> {
    let payment = Payment::recognise(&output.script);
    Ok(payment.ok_or(TicketError::InvalidOutputs { index, expected: "a payment" })?.payee)
}

/// The fee limits of a commitment: what a vote or a revocation may pay less than the exact share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeLimits(pub u16);

impl FeeLimits {
    const VOTE_FLAG: u16 = 0x0040;
    const REVOCATION_FLAG: u16 = 0x4000;
    const EXPONENT: u16 = 0x3f;

    /// The exponent of 2 that bounds the atoms a vote may take as fee; `None` when it may take none.
    ///
    /// 63 stands for everything. Whoever holds the voting key decides, so wallets allow none.
    #[must_use]
    pub const fn vote(self) -> Option<u8> {
        Self::limit(self.0, self.0 & Self::VOTE_FLAG != 0)
    }

    /// The exponent of 2 that bounds the atoms a revocation may take as fee; without effect since DCP0009.
    #[must_use]
    pub const fn revocation(self) -> Option<u8> {
        Self::limit(self.0 >> 8, self.0 & Self::REVOCATION_FLAG != 0)
    }

    const fn limit(bits: u16, flag: bool) -> Option<u8> {
        let [exponent, _] = (bits & Self::EXPONENT).to_le_bytes();
        if flag { Some(exponent) } else { None }
    }
}
