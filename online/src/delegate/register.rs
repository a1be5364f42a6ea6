//! The first step: the VSP learns which key deals for the ticket.

use super::{Delegate, DelegateError, Refusal};
use crate::vsp::{ErrorCode, Request, TicketStatus, accepted};
use crate::wallet::vsp_tickets::{VspState, VspTicket};

impl Delegate<'_> {
    /// Sends the message that the cold side signed.
    pub(super) fn register(&mut self, row: &VspTicket) -> Result<(), DelegateError> {
        let registration = self.wallet.registration(&row.ticket, &row.voter)?.filter(|it| it.index == row.index);
        let registration = registration.ok_or(Refusal::NotRegistered)?;
        let request = Request::registration(&registration.signed);
        match self.exchange(row, &request) {
            Ok(response) => accepted(&response, &request)?,
            // A VSP takes the message once only: it may have been ours, before a crash.
            Err(error) if error.code() == Some(ErrorCode::BadRequest) && !error.may_pass() => {
                return self.registered_before(row, error);
            }
            Err(error) => return Err(error),
        }
        self.save(row, VspTicket { state: VspState::Registered, ..row.clone() }, "registered")
    }

    /// Asks with the key that should be registered: who else would be answered?
    fn registered_before(&mut self, row: &VspTicket, refused: DelegateError) -> Result<(), DelegateError> {
        let request = Request::ticket_status(row.ticket, &self.alt_sign(row)?);
        match self.exchange(row, &request) {
            Ok(response) => {
                let status = TicketStatus::read(&response, &request, self.wallet.network())?;
                self.take_over(row, &status)
            }
            // The signature was right, and nobody asked for a fee address yet.
            Err(error) if error.code() == Some(ErrorCode::UnknownTicket) => {
                let new = VspTicket { state: VspState::Registered, ..row.clone() };
                self.save(row, new, "registered before")
            }
            Err(error) if error.code() == Some(ErrorCode::BadSignature) => {
                let exists = refused.to_string().contains("exists");
                Err(if exists { Refusal::OtherKeyRegistered.into() } else { refused })
            }
            Err(error) => Err(error),
        }
    }
}
