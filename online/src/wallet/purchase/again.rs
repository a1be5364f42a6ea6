//! Requests that take the place of an earlier one: signed again for another price, or to make its signatures worthless.
//!
//! They spend what the earlier one would still spend, so that only one of both can happen.

use dcrcold_core::amount::{Amount, FeeRate};
use dcrcold_core::fees::TICKET_SIZE;
use dcrcold_core::hash::TransferId;
use dcrcold_core::request::Funding;
use dcrcold_core::rule::Rule;
use dcrcold_signer::voter::VoterKeys;
use rusqlite::Connection;

use super::super::{Clock, CoinId, CoinsOf, Wallet, WalletError, db, record, watch};
use super::account::{Account, Free};
use super::late::Late;
use super::left::Left;
use super::pay::{PreparedSend, SendOrder, SendRest};
use super::prepare::Draft;
use super::{BuyOrder, Lock, Prepared, PurchaseError, PurchaseState, RequestKind, store};
use crate::chain::{ChainSource, PriceWindow};
use crate::prepare::PrepareError;

impl Wallet {
    /// Makes a request for the tickets of an earlier one that are not mined, over the coins which that one would spend.
    ///
    /// Where each of these is enough for a ticket and not far too much, it becomes one as it is, without another split;
    /// else they are split anew, with further coins if they do not suffice. `tickets` is how many there are to be; none
    /// means all that are missing. Voter and label are those of the earlier request unless `order` names others; its
    /// number of tickets, funding and coins do not count.
    ///
    /// # Errors
    /// [`PurchaseError`]: as of [`Self::prepare`], [`PurchaseError::Waits`] when something of the request waits to be
    /// mined, [`PurchaseError::StillFits`] when it can be sent as it is; then everything is as it was.
    pub fn prepare_again(
        &mut self,
        id: &TransferId,
        tickets: Option<u32>,
        order: &BuyOrder,
        price: &PriceWindow,
        source: &mut dyn ChainSource,
        clock: &dyn Clock,
    ) -> Result<Prepared, PurchaseError> {
        let left = self.left_for_another(id, price, source)?;
        if left.kind != RequestKind::Purchase {
            return Err(PurchaseError::NotAPurchase { id: *id });
        }
        let before = store::voter(&self.db, id)?.map(|(voter, _)| voter);
        let order = BuyOrder {
            tickets: tickets.unwrap_or(left.tickets_missing()),
            voter: order.voter.or(before),
            label: order.label.or(store::label(&self.db, id)?),
            ..order.clone()
        };
        self.takes_so_many(order.tickets)?;
        let voter = self.find_voter(order.voter)?;
        let (account, keys) = (Account { network: self.network(), export: &self.export }, &self.keys);
        let tx = db::begin(&mut self.db)?;
        left.take_over(&tx, id)?;
        let (draft, order) = account.draft_again(&tx, (id, &left), &order, price, &voter)?;
        draft.keep(&tx, &order, Some(*id), clock)?;
        watch::extend(&tx, keys, false)?;
        tx.commit().map_err(WalletError::from)?;
        Ok(draft.made.prepared)
    }

    /// Makes a request that spends the coins of an earlier one back to the account: once it is mined, the signatures of the
    /// earlier one are worth nothing.
    ///
    /// # Errors
    /// [`PurchaseError`]: as of [`Self::prepare_send`], [`PurchaseError::Waits`] when something of the request waits to be
    /// mined, [`PurchaseError::Worthless`] when other transactions have spent all its coins; then everything is as it was.
    pub fn prepare_return(
        &mut self,
        id: &TransferId,
        fee_rate: FeeRate,
        source: &mut dyn ChainSource,
        clock: &dyn Clock,
    ) -> Result<PreparedSend, PurchaseError> {
        let left = Left::of(&self.db, id)?;
        match self.late_for(id, &left, &source.price()?, source)? {
            Late::Done => return Err(PurchaseError::Done { id: *id }),
            Late::Waits { tx } => return Err(PurchaseError::Waits { tx, until: None }),
            Late::TicketWaits { ticket, until } => {
                return Err(PurchaseError::Waits { tx: ticket, until: Some(until) });
            }
            _ => {}
        }
        // Without coins that are named, the order would be for all that there are.
        if left.coins.is_empty() {
            return Err(PurchaseError::Worthless { id: *id });
        }
        let order =
            SendOrder { paid: Vec::new(), rest: SendRest::Return, fee_rate, label: None, from: coins(&left.coins) };
        let (account, keys) = (Account { network: self.network(), export: &self.export }, &self.keys);
        order.fits(&account)?;
        let tx = db::begin(&mut self.db)?;
        left.take_over(&tx, id)?;
        let prepared = account.prepare_send(&tx, &order, Some(*id), clock)?;
        watch::extend(&tx, keys, false)?;
        tx.commit().map_err(WalletError::from)?;
        Ok(prepared)
    }

    /// What is left of a purchase whose tickets have to be signed again.
    fn left_for_another(
        &self,
        id: &TransferId,
        price: &PriceWindow,
        source: &mut dyn ChainSource,
    ) -> Result<Left, PurchaseError> {
        let left = Left::of(&self.db, id)?;
        if left.state == PurchaseState::Cancelled {
            return Err(PurchaseError::Cancelled { id: *id });
        }
        match self.late_for(id, &left, price, source)? {
            Late::Done => Err(PurchaseError::Done { id: *id }),
            Late::Waits { tx } => Err(PurchaseError::Waits { tx, until: None }),
            Late::TicketWaits { ticket, until } => Err(PurchaseError::Waits { tx: ticket, until: Some(until) }),
            // What nobody has signed can be made anew for any reason.
            _ if left.state == PurchaseState::Prepared => Ok(left),
            Late::Fits => Err(PurchaseError::StillFits { id: *id }),
            Late::Unsettled(why) => Err(why.into()),
            Late::SignAgain { .. } | Late::NewSplit { .. } => Ok(left),
        }
    }
}

impl Left {
    /// Forgets what was noted of the request and is not in any mempool, so that its coins can be spent otherwise.
    fn take_over(&self, db: &Connection, id: &TransferId) -> Result<(), PurchaseError> {
        // Another process may have sent something since the mempool was asked.
        if store::steps(db, id)? != self.steps || store::replaced_by(db, id)?.is_some() {
            return Err(PurchaseError::Busy { id: *id });
        }
        for part in self.parts.iter().filter(|part| !part.mined) {
            record::forget(db, &part.tx)?;
        }
        if self.state > PurchaseState::Answered {
            store::stands_unsent(db, id)?;
        }
        Ok(())
    }
}

impl Account<'_> {
    /// The request, and the order as it was carried out.
    fn draft_again(
        &self,
        db: &Connection,
        (id, left): (&TransferId, &Left),
        order: &BuyOrder,
        price: &PriceWindow,
        voter: &VoterKeys,
    ) -> Result<(Draft, BuyOrder), PurchaseError> {
        let own = BuyOrder { from: coins(&left.coins), ..order.clone() };
        let free = Free { from: &own.from, instead_of: Some(id) };
        if !left.split_to_come() && order.tickets == left.tickets_missing() {
            let amount = left.least_coin(db)?.checked_sub(ticket_fee(order.fee_rate)).unwrap_or_default();
            let direct = BuyOrder { lock: Lock::Amount(amount), funding: Funding::Direct, ..own.clone() };
            if amount >= price.next
                && let Ok(draft) = self.draft(db, &direct, price, voter, &free, &[])
                && draft.made.prepared.beyond_default_limits.iter().all(|it| it.rule != Rule::HeadroomAboveLimit)
            {
                return Ok((draft, direct));
            }
        }
        let split = BuyOrder { funding: Funding::Split, ..own.clone() };
        match self.draft(db, &split, price, voter, &free, &[]) {
            Err(PurchaseError::Prepare(PrepareError::Short { .. })) => {}
            result => return result.map(|draft| (draft, split)),
        }
        let all = Free { from: &[], instead_of: Some(id) };
        let draft = self.draft(db, &split, price, voter, &all, &left.coins)?;
        // Without any of them, both requests could happen.
        let spends_one = draft.chosen.iter().any(|coin| left.coins.contains(&CoinId::from(coin)));
        if spends_one { Ok((draft, split)) } else { Err(PurchaseError::CoinsLeftOut { id: *id }) }
    }
}

fn ticket_fee(fee_rate: FeeRate) -> Amount {
    fee_rate.fee(TICKET_SIZE).unwrap_or_default()
}

fn coins(ids: &[CoinId]) -> Vec<CoinsOf> {
    ids.iter().map(|id| CoinsOf::Coin(*id)).collect()
}
