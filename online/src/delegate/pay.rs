//! The third step: one transaction pays the fees of all tickets that are ready, and each is handed over with its voting
//! key.

use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TxId;
use dcrcold_signer::tx::Transaction;

use super::fee_tx::build;
use super::{Delegate, DelegateError, Refusal};
use crate::vsp::{ErrorCode, FeePayment, Request, Timestamp, accepted};
use crate::wallet::vsp_tickets::{Fee, Payment, PaymentState, Step, VspState, VspTicket};

/// Tickets whose fees one transaction pays; it must stay small enough to be relayed.
const MOST_AT_ONCE: usize = 100;

impl Delegate<'_> {
    /// Writes down one transaction for all tickets whose fee is set.
    pub(super) fn pay(&mut self) -> Result<(), DelegateError> {
        let mut ready = Vec::new();
        for row in self.rows(|row| row.state == VspState::FeeSet)? {
            match row.fee.filter(|fee| !self.has_expired(fee)) {
                Some(fee) => ready.push((row, fee)),
                None => {
                    let new = VspTicket { state: VspState::Registered, fee: None, ..row.clone() };
                    self.save(&row, new.clone(), "fee address expired")?;
                    self.each(VspState::Registered, Self::ask_fee)?;
                    let rows = self.rows(|it| it.ticket == row.ticket && it.state == VspState::FeeSet)?;
                    ready.extend(rows.into_iter().filter_map(|row| row.fee.map(|fee| (row, fee))));
                }
            }
        }
        let mut unpaid = Vec::with_capacity(ready.len());
        for (row, fee) in ready {
            match self.wallet.standing_payment(&row)? {
                Some(payment) => self.pay_as_before(&row, &fee, payment)?,
                None => unpaid.push((row, fee)),
            }
        }
        for chunk in unpaid.chunks(MOST_AT_ONCE) {
            self.pay_for(chunk)?;
        }
        Ok(())
    }

    /// A transaction that pays for the ticket is mined, or may be since others depend on it: it has to do.
    fn pay_as_before(&mut self, row: &VspTicket, fee: &Fee, payment: TxId) -> Result<(), DelegateError> {
        let (tx, _) = self.wallet.payment(&payment)?;
        let script = fee.address.script();
        let outputs = tx.outputs.iter().filter(|output| output.script == script);
        let paid = outputs.filter_map(|output| output.value.amount().ok()).max().unwrap_or_default();
        if paid >= fee.amount {
            self.wallet.attach_payment(row, &payment, self.clock)?;
            return Ok(());
        }
        self.hold(std::slice::from_ref(row), &Refusal::FeeGrew { found: fee.amount, paid, payment })
    }

    /// Pays for as many of these tickets as the purse has coins for; the rest wait.
    fn pay_for(&mut self, ready: &[(VspTicket, Fee)]) -> Result<(), DelegateError> {
        let voter = self.keys.fingerprint();
        let change = self.wallet.free_purse_key(&voter)?;
        let Some(change) = change else { return Ok(()) };
        for count in (1..=ready.len()).rev() {
            let (now, later) = ready.split_at(count);
            let fees: Vec<_> = now.iter().map(|(_, fee)| *fee).collect();
            let (must, may) = self.wallet.fee_coins(&voter)?;
            let (tx, has_change) = match build(&fees, (&must, &may), change, self.keys) {
                Ok(built) => built,
                Err(DelegateError::Refused(short)) if count == 1 => return self.hold(&rows_of(ready), &short),
                Err(DelegateError::Refused(_)) => continue,
                Err(error) => return Err(error),
            };
            let change = has_change.then_some(change);
            let payment = Payment { vsp: self.vsp.address.clone(), voter, tx, change };
            self.wallet.write_payment(&payment, &rows_of(now), self.clock)?;
            if !later.is_empty() {
                let fees = Amount::checked_sum(later.iter().map(|(_, fee)| fee.amount)).unwrap_or_default();
                let left = self.wallet.purse()?.free;
                self.hold(&rows_of(later), &Refusal::PurseShort { needed: fees, found: left })?;
            }
            return Ok(());
        }
        Ok(())
    }

    /// Hands the fee transaction and the voting key to the VSP.
    pub(super) fn hand_over(&mut self, row: &VspTicket) -> Result<(), DelegateError> {
        let Some(payment) = row.payment else { return Ok(()) };
        let (fee_tx, state) = self.wallet.payment(&payment)?;
        if state == PaymentState::Replaced {
            return self.save(row, VspTicket { state: VspState::FeeFailed, ..row.clone() }, "fee's coins are spent");
        }
        self.hand(row, &fee_tx, true)
    }

    /// One attempt, and if the VSP wants the fee address renewed first, a second one.
    fn hand(&mut self, row: &VspTicket, fee_tx: &Transaction, may_renew: bool) -> Result<(), DelegateError> {
        let row = &self.timed(row)?;
        let request = self.fee_request(row, fee_tx)?;
        let Err(error) = self.exchange(row, &request).and_then(|response| Ok(accepted(&response, &request)?)) else {
            return self.save(row, VspTicket { state: VspState::FeePaid, ..row.clone() }, "fee paid");
        };
        match error.code() {
            // It has it from an attempt whose answer was lost.
            Some(ErrorCode::FeeAlreadyReceived) => {
                self.save(row, VspTicket { state: VspState::FeePaid, ..row.clone() }, "fee received before")
            }
            Some(ErrorCode::VspClosed) => self.take_back(row, error),
            Some(ErrorCode::BadSignature) => self.forgotten(row),
            Some(ErrorCode::FeeExpired | ErrorCode::FeeTooSmall | ErrorCode::UnknownTicket) if may_renew => {
                self.fee_again(row, fee_tx)
            }
            _ => Err(error),
        }
    }

    fn fee_request(&self, row: &VspTicket, fee_tx: &Transaction) -> Result<Request, DelegateError> {
        let voting_key = self.voting_key(row)?;
        let preferences = self.wanted(row)?;
        let payment = FeePayment { fee_tx, voting_key: &voting_key, preferences: &preferences };
        Ok(Request::pay_fee(row.last_time, row.ticket, &payment, &self.alt_sign(row)?))
    }

    /// The fee address has expired, or the VSP forgot it: the same transaction will do if it pays enough to the same
    /// address, and a new one is made only when nobody depends on the old one.
    fn fee_again(&mut self, row: &VspTicket, fee_tx: &Transaction) -> Result<(), DelegateError> {
        let fee = match self.fee_of(row) {
            Ok(fee) => fee,
            Err(error) if error.code() == Some(ErrorCode::FeeAlreadyReceived) => {
                return self.save(row, VspTicket { state: VspState::FeePaid, ..row.clone() }, "fee received before");
            }
            Err(error) => return Err(error),
        };
        let paid = row.fee.filter(|old| old.address == fee.address).map(|old| old.amount);
        let payment = row.payment.unwrap_or_else(|| fee_tx.id());
        if paid.is_some_and(|paid| paid >= fee.amount) {
            // What was paid stays; only the time is new.
            let kept = row.fee.map(|old| Fee { expires: fee.expires, ..old });
            self.save(row, VspTicket { fee: kept, ..row.clone() }, "fee address good again")?;
            let again = VspTicket { fee: kept, trouble: None, ..row.clone() };
            return self.hand(&again, fee_tx, false);
        }
        let shared = self.wallet.tickets_paid_by(&payment)?.iter().any(|other| {
            other.ticket != row.ticket && !matches!(other.state, VspState::FeeFailed | VspState::FeeWritten)
        });
        let (_, state) = self.wallet.payment(&payment)?;
        if shared || state == PaymentState::Mined {
            let paid = paid.unwrap_or_default();
            return Err(Refusal::FeeGrew { found: fee.amount, paid, payment }.into());
        }
        for other in self.wallet.tickets_paid_by(&payment)? {
            let step = Step::new("new fee transaction");
            self.wallet.detach_payment(&other, VspState::Registered, &step, self.clock)?;
        }
        Ok(())
    }

    /// A closed VSP takes no fee any more, but still says whether it has this one.
    fn take_back(&mut self, row: &VspTicket, closed: DelegateError) -> Result<(), DelegateError> {
        self.ask_status(row)?;
        let rows = self.wallet.tickets_with(&row.vsp)?;
        let Some(now) = rows.into_iter().find(|it| it.ticket == row.ticket) else { return Ok(()) };
        if now.state != VspState::FeeWritten {
            return Ok(());
        }
        let step = Step::with("fee taken back", "the VSP is closed and does not have it");
        self.wallet.detach_payment(&now, VspState::Registered, &step, self.clock)?;
        Err(closed)
    }

    /// Takes a time for a change that is above that of every change before, and writes it down.
    pub(super) fn timed(&mut self, row: &VspTicket) -> Result<VspTicket, DelegateError> {
        let now = self.clock.now().0;
        let time = now.max(row.last_time.0.saturating_add(1));
        let ahead = time - now;
        if ahead > MOST_AHEAD {
            return Err(Refusal::ClockBehind { seconds: ahead }.into());
        }
        let new = VspTicket { last_time: Timestamp(time), ..row.clone() };
        // Another process may have taken back, or made anew, what is about to be sent.
        let saved = self.wallet.save_vsp_ticket(row, &new, None, self.clock)?;
        if saved { Ok(new) } else { Err(Refusal::Elsewhere.into()) }
    }
}

fn rows_of(ready: &[(VspTicket, Fee)]) -> Vec<VspTicket> {
    ready.iter().map(|(row, _)| row.clone()).collect()
}

/// Seconds by which the time of a change may be ahead of the clock: a time far ahead would lock out every later change
/// that another device makes.
const MOST_AHEAD: i64 = 3600;
