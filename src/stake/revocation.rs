//! Revocations: built as blocks build them, and read.
//!
//! Source: dcrd `blockchain/stake/staketx.go` (`CreateRevocationFromTicket`), DCP0009.

use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TxId;
use dcrcold_core::script::{Payee, Payment, StakeTag};

use super::payout::revocation_payouts;
use super::ticket::Ticket;
use crate::block::BlockHeader;
use crate::tx::check::{AUTO_REVOCATION_VERSION, RevocationError, check_revocation};
use crate::tx::{NotAnAmount, Transaction, TxIn, TxOut};

/// Builds the revocation of a ticket in the block after `previous`; it has no signature and no fee.
///
/// `None` when the shares of the ticket do not add up to anything that can be paid.
#[must_use]
pub fn automatic_revocation(ticket: &Ticket, previous: &BlockHeader) -> Option<Transaction> {
    let payouts = revocation_payouts(ticket.price, &ticket.contributions(), previous)?;
    let outputs = ticket.shares.iter().zip(payouts).map(|(share, amount)| {
        let payment = Payment { tag: Some(StakeTag::Revocation), payee: share.commitment.payee };
        TxOut::new(amount, payment.script().as_bytes())
    });
    Some(Transaction {
        version: AUTO_REVOCATION_VERSION,
        inputs: vec![TxIn::unsigned(ticket.submission(), ticket.price.into())],
        outputs: outputs.collect(),
        lock_time: 0,
        expiry: 0,
    })
}

/// A revocation, as its input and outputs say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The id of the transaction.
    pub id: TxId,
    /// The ticket revoked.
    pub ticket: TxId,
    /// Whom it pays.
    pub payouts: Vec<(Payee, Amount)>,
}

/// Why a transaction cannot be read as a revocation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadRevocationError {
    /// It does not have the form of one.
    #[error(transparent)]
    Form(#[from] RevocationError),
    /// A payout is no amount.
    #[error("output {index} of the revocation: {source}")]
    Value {
        /// The output.
        index: usize,
        /// The value found.
        source: NotAnAmount,
    },
}

impl Revocation {
    /// Reads a revocation of any version.
    ///
    /// # Errors
    /// [`ReadRevocationError`] when the form or an amount is not that of a revocation.
    pub fn read(tx: &Transaction) -> Result<Self, ReadRevocationError> {
        check_revocation(tx)?;
        let payouts = tx.outputs.iter().enumerate().map(|(index, output)| {
            let payment = Payment::recognise(&output.script).ok_or(RevocationError::BadOuts { index })?;
            let amount = output.value.amount().map_err(|source| ReadRevocationError::Value { index, source })?;
            Ok((payment.payee, amount))
        });
        let payouts = payouts.collect::<Result<_, ReadRevocationError>>()?;
        Ok(Self { id: tx.id(), ticket: tx.inputs[0].previous.id, payouts })
    }
}
