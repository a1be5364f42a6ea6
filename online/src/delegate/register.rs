//! The first step: the VSP learns which key deals for the ticket.

use dcrcold_core::path::{Index, VoterAccount};
use dcrcold_signer::key::PrivateKey;

use super::{Delegate, DelegateError, Refusal};
use crate::vsp::{ErrorCode, Request, TicketStatus, accepted};
use crate::wallet::vsp_tickets::{VspState, VspTicket};

/// How far around the key that was taken another one is looked for: a wallet made anew takes the first one that nothing
/// on the chain uses.
const BELOW: u32 = 100;
const ABOVE: u32 = 20;

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
            Err(error) if error.code() == Some(ErrorCode::BadSignature) && refused.to_string().contains("exists") => {
                self.find_registered(row)
            }
            Err(error) if error.code() == Some(ErrorCode::BadSignature) => Err(refused),
            Err(error) => Err(error),
        }
    }

    /// Looks which other key of ours the VSP deals with: a wallet file that was made anew does not know, and took the
    /// next one. A ticket of another voter may have been registered with that voter's own key, too.
    fn find_registered(&mut self, row: &VspTicket) -> Result<(), DelegateError> {
        let (owner, index) = self.owner(row)?;
        if owner == row.voter {
            return Err(Refusal::OtherKeyRegistered.into());
        }
        let owners = self.hot(&owner).map(|hot| hot.key(VoterAccount::AltSign, index)).transpose()?;
        if let Some(key) = owners
            && self.is_known_to(row, &key)?
        {
            return Err(Refusal::OwnerRegistered { voter: owner }.into());
        }
        let near = row.index.number();
        let near = near.saturating_sub(BELOW)..=near.saturating_add(ABOVE);
        for index in near.map_while(|number| Index::new(number.into())).filter(|index| *index != row.index) {
            let found = VspTicket { index, ..row.clone() };
            if self.is_known_to(row, &self.alt_sign(&found)?)? {
                self.save(
                    row,
                    VspTicket { state: VspState::Registered, ..found },
                    "registered before, with another key",
                )?;
                return Ok(());
            }
        }
        Err(Refusal::OtherKeyRegistered.into())
    }

    /// Whether the VSP answers to a key. Neither answer is worth keeping: the one that counts is asked for again.
    fn is_known_to(&self, row: &VspTicket, key: &PrivateKey) -> Result<bool, DelegateError> {
        let request = Request::ticket_status(row.ticket, key);
        match self.client.send(&request, self.clock)?.outcome.map_err(DelegateError::from) {
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some(ErrorCode::UnknownTicket) => Ok(true),
            Err(error) if error.code() == Some(ErrorCode::BadSignature) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
