//! Taking the answer and sending what it completes: the payment, or the split and then the tickets.

use dcrcold_core::hash::{TransferId, TxId};
use dcrcold_signer::rebuild::{Completed, KnownVoters, NO_LIMITS, WatchKeys, complete, rebuild};
use dcrcold_signer::transfer::{Answer, Container, Content};
use rusqlite::Connection;

use super::super::watch::Watch;
use super::super::{Clock, Wallet, WalletError, db};
use super::super::{record, registrations};
use super::store::{self, StoredTx};
use super::{PurchaseError, PurchaseState, RequestKind};
use crate::chain::{ChainError, ChainSource};

/// What was sent of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// The request.
    pub id: TransferId,
    /// The payment, if it is one.
    pub payment: Option<TxId>,
    /// The split, if there is one.
    pub split: Option<TxId>,
    /// The tickets.
    pub tickets: Vec<TxId>,
    /// How many of these the network had already.
    pub known_before: usize,
}

impl Submitted {
    /// How many transactions of it the network has.
    fn count(&self) -> usize {
        usize::from(self.payment.is_some()) + usize::from(self.split.is_some()) + self.tickets.len()
    }
}

impl Wallet {
    /// Verifies an answer and keeps it, all of it or nothing; nothing is sent.
    ///
    /// # Errors
    /// [`PurchaseError`]: an answer for another request, a missing or wrong signature, a request not made here.
    pub fn accept(&mut self, answer: &Container, clock: &dyn Clock) -> Result<TransferId, PurchaseError> {
        let (found, expected) = (answer.network(), self.network());
        if found != expected {
            return Err(PurchaseError::OtherNetwork { found, expected });
        }
        let signatures = Answer::from_container(answer)?;
        let id = signatures.request;
        let request = store::request(&self.db, &id)?.ok_or(PurchaseError::UnknownRequest { id })?;
        let completed = self.complete(&request, &signatures)?;
        let tx = db::begin(&mut self.db)?;
        match store::state(&tx, &id)? {
            Some(PurchaseState::Prepared) => {
                store::step(&tx, &id, "answered", None, clock)?;
                if let Some((voter, first)) = store::voter(&tx, &id)? {
                    registrations::put(&tx, &voter, first, &completed.registrations)?;
                }
                store::put_answer(&tx, &id, &answer.encode(), &stored(store::kind(&tx, &id)?, completed))?;
                store::set_state(&tx, &id, PurchaseState::Answered)?;
            }
            Some(PurchaseState::Cancelled) => return Err(PurchaseError::Cancelled { id }),
            // Signatures are the same for ever, so the answer that is kept is this one.
            _ => {}
        }
        tx.commit().map_err(WalletError::from)?;
        Ok(id)
    }

    /// The answer to a request that was accepted before.
    ///
    /// # Errors
    /// [`PurchaseError::UnknownRequest`], [`PurchaseError::NotAnswered`].
    pub fn kept_answer(&self, id: &TransferId) -> Result<Container, PurchaseError> {
        store::state(&self.db, id)?.ok_or(PurchaseError::UnknownRequest { id: *id })?;
        let answer = store::answer(&self.db, id)?.ok_or(PurchaseError::NotAnswered { id: *id })?;
        Ok(Container::parse(&answer)?)
    }

    /// Completes a request, plain container first, with its answer; keeps and sends nothing.
    ///
    /// The request need not have been made here, as long as it is for this account and its voter is known.
    ///
    /// # Errors
    /// As [`Self::accept`].
    pub fn completed(&self, request: &[u8], answer: &Container) -> Result<Completed, PurchaseError> {
        self.complete(request, &Answer::from_container(answer)?)
    }

    fn complete(&self, request: &[u8], answer: &Answer) -> Result<Completed, PurchaseError> {
        let (network, account) = (self.network(), &self.export.key);
        let voters = self.voters()?;
        let mut keys = WatchKeys::new(network, self.export.account, account);
        let reviewable = rebuild(request, &mut keys, &mut KnownVoters::new(network, account, &voters), &NO_LIMITS)?;
        Ok(complete(&reviewable, answer, account)?)
    }

    /// Sends the transactions of an answered request that the network does not have yet.
    ///
    /// The split is not sent any more when its tickets could not follow. Calling it again sends what is missing.
    ///
    /// # Errors
    /// [`PurchaseError::NotAnswered`], [`PurchaseError::Cancelled`], [`PurchaseError::Replaced`],
    /// [`PurchaseError::PriceRose`], [`PurchaseError::PriceUnsettled`], [`PurchaseError::Expired`],
    /// [`PurchaseError::CoinGone`], [`PurchaseError::Rejected`], [`PurchaseError::Unseen`], or why the chain cannot be
    /// asked.
    pub fn send(
        &mut self,
        id: &TransferId,
        source: &mut dyn ChainSource,
        clock: &dyn Clock,
    ) -> Result<Submitted, PurchaseError> {
        sendable(&self.db, id)?;
        let signed = store::signed(&self.db, id)?;
        self.take_back_unsent(id, &signed, source, clock)?;
        if sendable(&self.db, id)? == PurchaseState::Answered {
            self.check_terms(id, &signed, source)?;
        }
        let mut submitted = Submitted { id: *id, payment: None, split: None, tickets: Vec::new(), known_before: 0 };
        for stored in &signed {
            let known = self.send_one(id, stored, &submitted, source, clock)?;
            submitted.known_before += usize::from(known);
            match (stored.position, stored.kind) {
                (0, RequestKind::Purchase) => submitted.split = Some(stored.tx.id()),
                (0, RequestKind::Payment) => submitted.payment = Some(stored.tx.id()),
                _ => submitted.tickets.push(stored.tx.id()),
            }
        }
        let tx = db::begin(&mut self.db)?;
        if store::state(&tx, id)? != Some(PurchaseState::TicketsSent) {
            store::step(&tx, id, "tickets sent", None, clock)?;
            store::set_state(&tx, id, PurchaseState::TicketsSent)?;
        }
        tx.commit().map_err(WalletError::from)?;
        Ok(submitted)
    }

    /// Sends one transaction, written down first; says whether the network had it already.
    fn send_one(
        &mut self,
        id: &TransferId,
        stored: &StoredTx,
        before: &Submitted,
        source: &mut dyn ChainSource,
        clock: &dyn Clock,
    ) -> Result<bool, PurchaseError> {
        let tx_id = stored.tx.id();
        if let Some(Some(_)) = store::mined_height(&self.db, &tx_id)? {
            return Ok(true);
        }
        self.note_sending(id, stored, clock)?;
        match source.send(&stored.tx) {
            Ok(_) => Ok(false),
            Err(ChainError::AlreadyKnown) => Ok(true),
            // It may be mined yet, so it stays noted, and `Self::rebroadcast` sends it again.
            Err(ChainError::Unseen { of }) => {
                store::step(&self.db, id, &stored.unseen(), Some(&tx_id.to_string()), clock)?;
                Err(PurchaseError::Unseen { what: stored.name(), id: tx_id, of, sent: before.count() })
            }
            Err(ChainError::Rejected { reason }) => {
                self.note_rejection(id, stored, &reason, clock)?;
                let sent = before.count();
                Err(PurchaseError::Rejected { what: stored.name(), id: tx_id, reason, sent })
            }
            Err(error) => Err(error.into()),
        }
    }

    fn note_sending(&mut self, id: &TransferId, stored: &StoredTx, clock: &dyn Clock) -> Result<(), PurchaseError> {
        let network = self.network();
        let tx = db::begin(&mut self.db)?;
        // Another process may have given the request up since it was looked at.
        if sendable(&tx, id)? == PurchaseState::Answered {
            store::set_state(&tx, id, PurchaseState::SplitSent)?;
        }
        // Noted beside what spends its coin, it would count as money that is not there; not every source refuses it.
        if let Some(coin) = store::taken_coin(&tx, &stored.tx)? {
            return Err(PurchaseError::CoinGone { coin });
        }
        store::step(&tx, id, &stored.sending(), Some(&stored.tx.id().to_string()), clock)?;
        record::own(&tx, network, &Watch::load(&tx)?, &stored.tx)?;
        Ok(tx.commit().map_err(WalletError::from)?)
    }

    /// A transaction that was always refused spends nothing, and one whose coins are gone never will; a refused split
    /// leaves the purchase as it was before. What the network took once, and refuses to take again, stays noted.
    fn note_rejection(
        &mut self,
        id: &TransferId,
        stored: &StoredTx,
        reason: &str,
        clock: &dyn Clock,
    ) -> Result<(), PurchaseError> {
        let tx = db::begin(&mut self.db)?;
        let (sending, refused) = (stored.sending(), stored.refused());
        store::step(&tx, id, &refused, Some(reason), clock)?;
        let always = store::times(&tx, id, &refused)? >= store::times(&tx, id, &sending)?;
        if always || store::lost_coin(&tx, id)?.is_some() {
            record::forget(&tx, &stored.tx.id())?;
        }
        store::stands_unsent(&tx, id)?;
        Ok(tx.commit().map_err(WalletError::from)?)
    }
}

fn stored(kind: RequestKind, completed: Completed) -> Vec<StoredTx> {
    let funding = completed.funding.into_iter().map(|tx| StoredTx { kind, position: 0, tx });
    let tickets = (1..).zip(completed.tickets).map(|(position, tx)| StoredTx { kind, position, tx });
    funding.chain(tickets).collect()
}

/// How far a purchase came whose transactions may be sent.
pub(super) fn sendable(db: &Connection, id: &TransferId) -> Result<PurchaseState, PurchaseError> {
    match store::state(db, id)? {
        None => Err(PurchaseError::UnknownRequest { id: *id }),
        Some(PurchaseState::Cancelled) => Err(PurchaseError::Cancelled { id: *id }),
        Some(PurchaseState::Prepared) => Err(PurchaseError::NotAnswered { id: *id }),
        Some(state) => match store::replaced_by(db, id)? {
            Some(by) => Err(PurchaseError::Replaced { id: *id, by }),
            None => Ok(state),
        },
    }
}
