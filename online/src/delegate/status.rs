//! The fourth step: whether the VSP votes. A fee that was taken proves nothing; `confirmed` does.

use super::{Delegate, DelegateError, Refusal};
use crate::vsp::{ErrorCode, FeeState, Request, TicketStatus};
use crate::wallet::vsp_tickets::{PaymentState, Step, VspState, VspTicket};

/// The step by which a fee transaction that failed is handed over again.
const AGAIN: &str = "fee handed over again";

impl Delegate<'_> {
    /// Asks how far the fee is.
    pub(super) fn ask_status(&mut self, row: &VspTicket) -> Result<(), DelegateError> {
        let request = Request::ticket_status(row.ticket, &self.alt_sign(row)?);
        match self.exchange(row, &request) {
            Ok(response) => {
                let status = TicketStatus::read(&response, &request, self.wallet.network())?;
                self.take_over(row, &status)
            }
            // It dropped a ticket that its node lost, with all that it knew of it.
            Err(error) if matches!(error.code(), Some(ErrorCode::UnknownTicket | ErrorCode::BadSignature)) => {
                self.forgotten(row)
            }
            Err(error) => Err(error),
        }
    }

    /// The ticket begins anew with a VSP that knows nothing of it any more.
    pub(super) fn forgotten(&mut self, row: &VspTicket) -> Result<(), DelegateError> {
        let quiet = VspTicket { trouble: None, ..row.clone() };
        self.wallet.save_vsp_ticket(row, &quiet, None, self.clock)?;
        self.wallet.detach_payment(&quiet, VspState::Wanted, &Step::new("forgotten by the VSP"), self.clock)?;
        Ok(())
    }

    /// Takes over what the VSP says.
    pub(super) fn take_over(&mut self, row: &VspTicket, status: &TicketStatus) -> Result<(), DelegateError> {
        let state = match status.fee {
            FeeState::Confirmed => VspState::Confirmed,
            FeeState::Received | FeeState::Broadcast => VspState::FeePaid,
            FeeState::Unpaid if row.payment.is_some() => VspState::FeeWritten,
            FeeState::Failed if row.payment.is_some() => VspState::FeeFailed,
            FeeState::Unpaid | FeeState::Failed => VspState::Registered,
        };
        let voting = Some(super::choices::as_json(&status.preferences));
        let new = VspTicket { state, reported: Some(status.fee), voting, trouble: None, ..row.clone() };
        let changed = new.state != row.state || new.reported != row.reported;
        let step = Step::with("the VSP says", status.fee.word());
        self.wallet.save_vsp_ticket(row, &new, changed.then_some(&step), self.clock)?;
        Ok(())
    }

    /// Hands fee transactions that failed over again when their time has come, unless they are to be given up.
    pub(super) fn try_failed_again(&mut self) -> Result<(), DelegateError> {
        for row in self.rows(|row| row.state == VspState::FeeFailed && row.trouble.is_some())? {
            if !self.is_over(&row)? {
                self.save(&row, VspTicket { state: VspState::FeeWritten, ..row.clone() }, AGAIN)?;
            }
        }
        Ok(())
    }

    /// What becomes of fee transactions that failed: one that others depend on, or that is mined, is handed over again,
    /// later and later; else it is given up, its coins are free, and the next one spends them too.
    pub(super) fn mend_failed(&mut self) -> Result<(), DelegateError> {
        let failed = self.rows(|row| row.state == VspState::FeeFailed)?;
        let over = failed.iter().map(|row| self.is_over(row)).collect::<Result<Vec<_>, _>>()?;
        for (row, over) in failed.iter().zip(over) {
            let Some(payment) = row.payment else { continue };
            if over {
                for failed in self.wallet.tickets_paid_by(&payment)? {
                    let quiet = VspTicket { trouble: None, ..failed };
                    let step = Step::new("fee given up");
                    self.wallet.detach_payment(&quiet, VspState::Wanted, &step, self.clock)?;
                }
            } else if row.trouble.is_none() {
                // A VSP takes it each time, and each time calls it failed: what was taken does not end the count.
                let steps = self.wallet.vsp_steps(&row.ticket)?;
                let before = steps.iter().filter(|(step, ..)| step == AGAIN).count();
                let failures = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
                self.note_after(row, Refusal::FeeFailed { payment }.into(), failures)?;
            }
        }
        Ok(())
    }

    /// Whether nothing depends on the fee transaction of a ticket any more.
    fn is_over(&self, row: &VspTicket) -> Result<bool, DelegateError> {
        let Some(payment) = row.payment else { return Ok(false) };
        let (_, state) = self.wallet.payment(&payment)?;
        let rows = self.wallet.tickets_paid_by(&payment)?;
        Ok(state != PaymentState::Mined && rows.iter().all(|row| row.state == VspState::FeeFailed))
    }
}
