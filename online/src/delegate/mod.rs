//! Hands tickets to a VSP: from the cold side's message to a fee that is mined, and what is to be voted.
//!
//! Each step is written down before it is done and can be done again: after a crash anywhere the next run goes on, and
//! asks for nothing twice that was granted. Nothing is paid before all that the VSP says was held against what was
//! agreed: its key, its percentage, the fee of each ticket. The fee transaction is never sent by us: a VSP sends it when
//! the ticket is mined deep enough, so that a ticket that never comes about costs nothing.

mod choices;
mod error;
mod evidence;
mod fee;
mod fee_tx;
mod pay;
mod register;
mod status;

use dcrcold_core::amount::Amount;
use dcrcold_core::path::VoterAccount;
use dcrcold_signer::key::PrivateKey;
use dcrcold_signer::wif::Wif;

use crate::chain::PriceWindow;
use crate::voter::HotVoter;
use crate::vsp::{Info, Request, Signed};
use crate::vsp_client::{Retry, VspClient};
use crate::wallet::vsp_tickets::{Step, Trouble, VspState, VspTicket};
use crate::wallet::{Clock, KnownVsp, UnixTime, Wallet};

pub use error::{DelegateError, Refusal};
pub use evidence::{EvidenceFile, complete as complete_evidence};

/// What a VSP may ask for, and how patient to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The highest fee for one ticket, whatever the percentage makes of it.
    pub most: Amount,
    /// When to try again what failed for a while.
    pub retry: Retry,
    /// Leave alone what is to be tried again later, or needs a person.
    pub wait: bool,
}

/// Works on the tickets of one voter with one VSP.
pub struct Delegate<'a> {
    /// The wallet.
    pub wallet: &'a mut Wallet,
    /// The voter's hot keys.
    pub keys: &'a HotVoter,
    /// The VSP.
    pub client: &'a VspClient,
    /// What was agreed with it.
    pub vsp: KnownVsp,
    /// What it may ask for.
    pub terms: Terms,
    /// The ticket price now.
    pub price: PriceWindow,
    /// Tells the time.
    pub clock: &'a dyn Clock,
}

/// What is done with one ticket in one step.
type Work<'a> = fn(&mut Delegate<'a>, &VspTicket) -> Result<(), DelegateError>;

impl<'a> Delegate<'a> {
    /// Takes every ticket as far as it can go now. What holds one up is noted with it, and does not hold up others.
    ///
    /// # Errors
    /// [`DelegateError`] when nothing can be done at all: no VSP, another key than the pinned one, no wallet.
    pub fn advance(&mut self) -> Result<(), DelegateError> {
        self.wallet.drop_ended(self.clock)?;
        if self.rows(|row| !row.state.is_settled())?.is_empty() && self.undecided()?.is_empty() {
            return Ok(());
        }
        let info = self.client.info()?;
        let objection = self.objection(&info);
        match objection {
            Some(refusal) => self.hold_unpaid(&refusal)?,
            None => {
                self.each(VspState::Wanted, Self::register)?;
                self.each(VspState::Registered, Self::ask_fee)?;
                self.pay()?;
            }
        }
        self.each(VspState::FeeWritten, Self::hand_over)?;
        self.each(VspState::FeePaid, Self::ask_status)?;
        self.mend_failed()?;
        self.decide()
    }

    /// Why nothing new is begun with the VSP, if so.
    fn objection(&self, info: &Info) -> Option<Refusal> {
        if info.network != self.wallet.network() {
            return Some(Refusal::OtherNetwork { found: info.network, expected: self.wallet.network() });
        }
        if let Some(message) = &info.closed {
            return Some(Refusal::Closed { message: message.clone() });
        }
        (info.fee > self.vsp.fee).then_some(Refusal::FeeRaised { found: info.fee, accepted: self.vsp.fee })
    }

    fn hold_unpaid(&mut self, refusal: &Refusal) -> Result<(), DelegateError> {
        for row in self.rows(|row| row.state.is_unpaid())? {
            self.note(&row, refusal.to_string(), refusal.may_pass())?;
        }
        Ok(())
    }

    /// The tickets of this voter with this VSP that are worked on now.
    fn rows(&self, wanted: impl Fn(&VspTicket) -> bool) -> Result<Vec<VspTicket>, DelegateError> {
        let (voter, now) = (self.keys.fingerprint(), self.clock.now());
        let mut rows = self.wallet.tickets_with(&self.vsp.address)?;
        let due = |row: &VspTicket| match &row.trouble {
            // Where a fee was taken only the choices can need a person, and the fee is followed all the same.
            Some(trouble) if self.terms.wait => trouble.retry_at.map_or(row.state == VspState::FeePaid, |at| at <= now),
            _ => true,
        };
        rows.retain(|row| row.voter == voter && wanted(row) && due(row));
        Ok(rows)
    }

    /// Does a step for all tickets in a state; what fails is noted with the ticket.
    fn each(&mut self, state: VspState, work: Work<'a>) -> Result<(), DelegateError> {
        for row in self.rows(|row| row.state == state)? {
            match work(self, &row) {
                Ok(()) => {}
                Err(error) if error.is_fatal() => return Err(error),
                Err(error) => self.note(&row, error.to_string(), error.may_pass())?,
            }
        }
        Ok(())
    }

    /// Notes why a ticket does not go on.
    fn note(&mut self, row: &VspTicket, reason: String, may_pass: bool) -> Result<(), DelegateError> {
        // What the step before the failure changed stays.
        let Some(old) = self.wallet.tickets_with(&row.vsp)?.into_iter().find(|it| it.ticket == row.ticket) else {
            return Ok(());
        };
        let failures = row.trouble.as_ref().map_or(0, |trouble| trouble.failures).saturating_add(1);
        // Any number spreads the retries of many wallets; that of the ticket is at hand.
        let [a, b, c, d, ..] = *row.ticket.as_bytes();
        let wait = self.terms.retry.wait(failures, u32::from_le_bytes([a, b, c, d]).rotate_left(failures % 32));
        let at = self.clock.now().0.saturating_add(i64::try_from(wait.as_secs()).unwrap_or(i64::MAX));
        let detail = reason.clone();
        let trouble = Trouble { reason, failures, retry_at: may_pass.then_some(UnixTime(at)) };
        let new = VspTicket { trouble: Some(trouble), ..old.clone() };
        self.wallet.save_vsp_ticket(&old, &new, Some(&Step::with("held up", &detail)), self.clock)?;
        Ok(())
    }

    /// Writes a step down, does it, and keeps the exchange; the answer may be a signed refusal.
    fn exchange(&mut self, row: &VspTicket, request: &Request) -> Result<Signed, DelegateError> {
        let name = format!("asking {}", request.endpoint());
        self.wallet.vsp_step(row, &Step::new(&name), self.clock)?;
        let exchange = self.client.send(request, self.clock)?;
        let voting_key = Wif::new(self.wallet.network(), &self.keys.key(VoterAccount::Voting, row.index)?);
        self.wallet.keep_exchange(row, &evidence::without_key(&exchange.evidence, &voting_key))?;
        Ok(exchange.outcome?)
    }

    /// Changes a row that nothing holds up any more.
    fn save(&mut self, old: &VspTicket, new: VspTicket, step: &str) -> Result<(), DelegateError> {
        let new = VspTicket { trouble: None, ..new };
        self.wallet.save_vsp_ticket(old, &new, Some(&Step::new(step)), self.clock)?;
        Ok(())
    }

    /// The key that deals with the VSP for a ticket.
    fn alt_sign(&self, row: &VspTicket) -> Result<PrivateKey, DelegateError> {
        Ok(self.keys.key(VoterAccount::AltSign, row.index)?)
    }
}
