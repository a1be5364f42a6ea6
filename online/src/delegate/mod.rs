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
mod keys;
mod pay;
mod register;
mod status;
mod sweep;

use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TxId;

use crate::chain::PriceWindow;
use crate::voter::HotVoter;
use crate::vsp::{Info, Request, Signed};
use crate::vsp_client::{Retry, VspClient};
use crate::wallet::vsp_tickets::{Step, Trouble, VspState, VspTicket};
use crate::wallet::{Clock, KnownVsp, UnixTime, VotingKeys, Wallet};

pub use error::{DelegateError, Refusal};
pub use evidence::{EvidenceFile, complete as complete_evidence};
pub use sweep::{Emptied, Kept, Sweep, SweepError, empty_purse};

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

/// A ticket that does not go on now, and why.
#[derive(Debug)]
pub struct Held {
    /// The ticket.
    pub ticket: TxId,
    /// What was noted with it.
    pub error: DelegateError,
}

/// Works on the tickets that one voter deals for, with one VSP.
pub struct Delegate<'a> {
    /// The wallet.
    pub wallet: &'a mut Wallet,
    /// The hot keys of the voter: its alt-sign keys deal with the VSP, its purse pays.
    pub keys: &'a HotVoter,
    /// Hot keys of other voters, which vote with some of the tickets.
    pub others: &'a [HotVoter],
    /// Which voter each ticket belongs to.
    pub voting: &'a VotingKeys,
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
    /// The tickets that were held up, in the order in which that was found.
    pub held: Vec<Held>,
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
            Some(refusal) => {
                let rows = self.rows(|row| row.state.is_unpaid())?;
                self.hold(&rows, &refusal)?;
            }
            None => {
                self.each(VspState::Wanted, Self::register)?;
                self.each(VspState::Registered, Self::ask_fee)?;
                self.pay()?;
            }
        }
        self.try_failed_again()?;
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

    fn hold(&mut self, rows: &[VspTicket], refusal: &Refusal) -> Result<(), DelegateError> {
        rows.iter().try_for_each(|row| self.note(row, refusal.clone().into()))
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
            if let Err(error) = work(self, &row) {
                self.note(&row, error)?;
            }
        }
        Ok(())
    }

    /// Notes why a ticket does not go on.
    ///
    /// # Errors
    /// The error itself when no ticket can go on.
    fn note(&mut self, row: &VspTicket, error: DelegateError) -> Result<(), DelegateError> {
        let failures = row.trouble.as_ref().map_or(0, |trouble| trouble.failures).saturating_add(1);
        self.note_after(row, error, failures)
    }

    /// Notes why a ticket does not go on after so many failures in a row.
    fn note_after(&mut self, row: &VspTicket, error: DelegateError, failures: u32) -> Result<(), DelegateError> {
        if error.is_fatal() {
            return Err(error);
        }
        // What the step before the failure changed stays.
        let Some(old) = self.wallet.tickets_with(&row.vsp)?.into_iter().find(|it| it.ticket == row.ticket) else {
            return Ok(());
        };
        // Any number spreads the retries of many wallets; that of the ticket is at hand.
        let [a, b, c, d, ..] = *row.ticket.as_bytes();
        let wait = self.terms.retry.wait(failures, u32::from_le_bytes([a, b, c, d]).rotate_left(failures % 32));
        let at = self.clock.now().0.saturating_add(i64::try_from(wait.as_secs()).unwrap_or(i64::MAX));
        let reason = error.to_string();
        let step = Step::with("held up", &reason);
        let retry_at = error.may_pass().then_some(UnixTime(at));
        let trouble = Trouble { reason: reason.clone(), failures, retry_at };
        let new = VspTicket { trouble: Some(trouble), ..old.clone() };
        self.wallet.save_vsp_ticket(&old, &new, Some(&step), self.clock)?;
        self.held.push(Held { ticket: row.ticket, error });
        Ok(())
    }

    /// Writes a step down, does it, and keeps the exchange; the answer may be a signed refusal.
    fn exchange(&mut self, row: &VspTicket, request: &Request) -> Result<Signed, DelegateError> {
        // Without it nobody could see it in an answer, where it must not be kept.
        let voting_key = self.voting_key(row)?;
        let name = format!("asking {}", request.endpoint());
        self.wallet.vsp_step(row, &Step::new(&name), self.clock)?;
        let exchange = self.client.send(request, self.clock)?;
        self.wallet.keep_exchange(row, &evidence::without_key(&exchange.evidence, &voting_key))?;
        Ok(exchange.outcome?)
    }

    /// Changes a row that nothing holds up any more.
    fn save(&mut self, old: &VspTicket, new: VspTicket, step: &str) -> Result<(), DelegateError> {
        let new = VspTicket { trouble: None, ..new };
        self.wallet.save_vsp_ticket(old, &new, Some(&Step::new(step)), self.clock)?;
        Ok(())
    }
}
