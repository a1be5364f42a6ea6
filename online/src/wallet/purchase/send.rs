//! Taking the answer and sending what it completes: the split, then the tickets.

use dcrcold_core::hash::{TransferId, TxId};
use dcrcold_signer::rebuild::{Completed, KnownVoters, WatchKeys, complete, rebuild};
use dcrcold_signer::transfer::{Answer, Container, Content};
use dcrcold_signer::tx::Transaction;

use super::super::record;
use super::super::watch::Watch;
use super::super::{Clock, Wallet, WalletError, chain_store, db};
use super::prepare::earliest_ticket;
use super::store::{self, StoredTx};
use super::{NO_LIMITS, PurchaseError, PurchaseState};
use crate::chain::{ChainError, ChainSource};

/// What was sent of a purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// The request.
    pub id: TransferId,
    /// The split, if there is one.
    pub split: Option<TxId>,
    /// The tickets.
    pub tickets: Vec<TxId>,
    /// How many of these the network had already.
    pub known_before: usize,
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
                store::put_answer(&tx, &id, &answer.encode(), &stored(completed))?;
                store::set_state(&tx, &id, PurchaseState::Answered)?;
            }
            Some(PurchaseState::Cancelled) => return Err(PurchaseError::Cancelled { id }),
            // Signatures are the same for ever, so the answer that is kept is this one.
            _ => {}
        }
        tx.commit().map_err(WalletError::from)?;
        Ok(id)
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

    /// Sends the transactions of an answered purchase that the network does not have yet.
    ///
    /// The split is not sent any more when its tickets could not follow. Calling it again sends what is missing.
    ///
    /// # Errors
    /// [`PurchaseError::PriceRose`], [`PurchaseError::Expired`], [`PurchaseError::CoinGone`],
    /// [`PurchaseError::Rejected`], or why the chain cannot be asked.
    pub fn send(
        &mut self,
        id: &TransferId,
        source: &mut dyn ChainSource,
        clock: &dyn Clock,
    ) -> Result<Submitted, PurchaseError> {
        let state = store::state(&self.db, id)?.ok_or(PurchaseError::UnknownRequest { id: *id })?;
        if state == PurchaseState::Cancelled {
            return Err(PurchaseError::Cancelled { id: *id });
        }
        let signed = store::signed(&self.db, id)?;
        if state == PurchaseState::Answered {
            self.check_terms(id, &signed, source)?;
        }
        let mut submitted = Submitted { id: *id, split: None, tickets: Vec::new(), known_before: 0 };
        for stored in &signed {
            let known = self.send_one(id, stored, &submitted, source, clock)?;
            submitted.known_before += usize::from(known);
            match stored.position {
                0 => submitted.split = Some(stored.tx.id()),
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

    /// Checks what would leave the money in a split without tickets.
    fn check_terms(
        &self,
        id: &TransferId,
        signed: &[StoredTx],
        source: &mut dyn ChainSource,
    ) -> Result<(), PurchaseError> {
        if let Some(coin) = store::lost_coin(&self.db, id)? {
            return Err(PurchaseError::CoinGone { coin });
        }
        let (amount, expiry) = store::terms(&self.db, id)?;
        let window = source.price()?;
        if window.next > amount {
            return Err(PurchaseError::PriceRose { price: window.next, amount });
        }
        let direct = signed.first().is_none_or(|first| first.position > 0);
        let earliest = earliest_ticket(window.tip.height, direct);
        if expiry <= earliest { Err(PurchaseError::Expired { expiry, earliest }) } else { Ok(()) }
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
        let (tx_id, what) = (stored.tx.id(), name(stored.position));
        if let Some(Some(_)) = store::mined_height(&self.db, &tx_id)? {
            return Ok(true);
        }
        self.note_sending(id, stored, &what, clock)?;
        match source.send(&stored.tx) {
            Ok(_) => Ok(false),
            Err(ChainError::AlreadyKnown) => Ok(true),
            Err(ChainError::Rejected { reason }) => {
                self.note_rejection(id, stored, &what, &reason, clock)?;
                let sent = usize::from(before.split.is_some()) + before.tickets.len();
                Err(PurchaseError::Rejected { what, id: tx_id, reason, sent })
            }
            Err(error) => Err(error.into()),
        }
    }

    fn note_sending(
        &mut self,
        id: &TransferId,
        stored: &StoredTx,
        what: &str,
        clock: &dyn Clock,
    ) -> Result<(), PurchaseError> {
        let network = self.network();
        let tx = db::begin(&mut self.db)?;
        store::step(&tx, id, &format!("sending {what}"), Some(&stored.tx.id().to_string()), clock)?;
        if store::state(&tx, id)? == Some(PurchaseState::Answered) {
            store::set_state(&tx, id, PurchaseState::SplitSent)?;
        }
        record::own(&tx, network, &Watch::load(&tx)?, &stored.tx)?;
        Ok(tx.commit().map_err(WalletError::from)?)
    }

    /// A refused transaction spends nothing; a refused split leaves the purchase as it was before.
    fn note_rejection(
        &mut self,
        id: &TransferId,
        stored: &StoredTx,
        what: &str,
        reason: &str,
        clock: &dyn Clock,
    ) -> Result<(), PurchaseError> {
        let tx = db::begin(&mut self.db)?;
        store::step(&tx, id, &format!("{what} refused"), Some(reason), clock)?;
        record::forget(&tx, &stored.tx.id())?;
        let nothing_sent = store::signed(&tx, id)?
            .iter()
            .map(|stored| store::mined_height(&tx, &stored.tx.id()))
            .collect::<Result<Vec<_>, _>>()?
            .iter()
            .all(Option::is_none);
        if nothing_sent {
            store::set_state(&tx, id, PurchaseState::Answered)?;
        }
        Ok(tx.commit().map_err(WalletError::from)?)
    }

    /// Sends once more what waits to be mined and is in no mempool, and forgets tickets that expired meanwhile.
    ///
    /// Returns how many transactions were sent. What the network refuses now stays noted: it may take it later.
    ///
    /// # Errors
    /// When the chain cannot be asked or the wallet file cannot be written.
    pub fn rebroadcast(&mut self, source: &mut dyn ChainSource) -> Result<usize, PurchaseError> {
        self.forget_expired()?;
        let waiting = record::waiting(&self.db)?;
        let ids: Vec<_> = waiting.iter().map(Transaction::id).collect();
        if ids.is_empty() {
            return Ok(0);
        }
        let known = source.in_mempool(&ids)?;
        let mut sent = 0;
        for (tx, _) in waiting.iter().zip(known).filter(|(_, known)| !known) {
            match source.send(tx) {
                Ok(_) => sent += 1,
                Err(ChainError::AlreadyKnown | ChainError::Rejected { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(sent)
    }

    fn forget_expired(&mut self) -> Result<(), WalletError> {
        let tx = db::begin(&mut self.db)?;
        let tip = chain_store::scanned(&tx)?;
        for waiting in record::waiting(&tx)? {
            if waiting.expiry != 0 && waiting.expiry <= tip.0.saturating_add(1) {
                record::forget(&tx, &waiting.id())?;
            }
        }
        Ok(tx.commit()?)
    }
}

fn stored(completed: Completed) -> Vec<StoredTx> {
    let split = completed.funding.into_iter().map(|tx| StoredTx { position: 0, tx });
    let tickets = (1..).zip(completed.tickets).map(|(position, tx)| StoredTx { position, tx });
    split.chain(tickets).collect()
}

/// What people call a transaction of a purchase.
fn name(position: u32) -> String {
    if position == 0 { "the split".to_owned() } else { format!("ticket {position}") }
}
