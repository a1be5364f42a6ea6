//! Making a request: choosing coins and indexes, and locking them.

use dcrcold_core::amount::Amount;
use dcrcold_core::fees::TICKET_SIZE;
use dcrcold_core::hash::{Fingerprint, TransferId};
use dcrcold_core::net::Network;
use dcrcold_core::path::Index;
use dcrcold_core::purchase::reward_index;
use dcrcold_core::request::{Claim, Purse};
use dcrcold_signer::percent::Percent;
use dcrcold_signer::rebuild::{remainder, transactions};
use dcrcold_signer::transfer::{Encode, Purchase, Voting};
use dcrcold_signer::tx::Transaction;
use dcrcold_signer::voter::VoterKeys;
use rusqlite::Connection;

use super::super::{Clock, CoinId, Wallet, WalletError, db, voters, vsps, watch};
use super::account::{self, Account, Free, first_internal, outpoints, prefix, spendable};
use super::store::{self, NewRequest};
use super::top_up::top_up;
use super::{BuyOrder, Lock, Prepared, PurchaseError, RequestKind};
use crate::chain::PriceWindow;
use crate::prepare::{self, Order, Spendable, WINDOWS, expiry_after};
use crate::vsp::VspAddress;

/// What a new purchase uses of the account and of a voter.
pub(super) struct Reserved {
    first_internal: Index,
    last_internal: Index,
    pub(super) voter: Fingerprint,
    first_voter: Index,
    purse: Option<Purse>,
    vsp: Option<VspAddress>,
}

/// A request that is finished and not written down yet.
pub(in crate::wallet) struct Made {
    pub(in crate::wallet) prepared: Prepared,
    pub(in crate::wallet) request: Purchase,
    /// What it leads to, unsigned: the split if there is one, then the tickets.
    pub(in crate::wallet) transactions: Vec<Transaction>,
}

/// A request that is not written down yet.
pub(super) struct Draft {
    pub(super) made: Made,
    reserved: Reserved,
    pub(super) chosen: Vec<Spendable>,
}

impl Wallet {
    /// Makes a request and locks its coins; `price` belongs to the block that the wallet stands at.
    ///
    /// # Errors
    /// [`PurchaseError`]; then nothing is locked.
    pub fn prepare(
        &mut self,
        order: &BuyOrder,
        price: &PriceWindow,
        clock: &dyn Clock,
    ) -> Result<Prepared, PurchaseError> {
        self.prepare_if(order, price, clock, |_, _| Ok(()))
    }

    /// The same, where `agree` has the last word and sees the wallet as it is before anything is locked; what it writes
    /// down is kept with the request or not at all.
    pub(in crate::wallet) fn prepare_if(
        &mut self,
        order: &BuyOrder,
        price: &PriceWindow,
        clock: &dyn Clock,
        agree: impl FnOnce(&Connection, &Made) -> Result<(), PurchaseError>,
    ) -> Result<Prepared, PurchaseError> {
        self.takes_so_many(order.tickets)?;
        let voter = self.find_voter(order.voter)?;
        let (account, keys) = (Account { network: self.network(), export: &self.export }, &self.keys);
        let tx = db::begin(&mut self.db)?;
        let draft = account.draft(&tx, order, price, &voter, &Free { from: &order.from, instead_of: None }, &[])?;
        agree(&tx, &draft.made)?;
        draft.keep(&tx, order, None, clock)?;
        watch::extend(&tx, keys, false)?;
        tx.commit().map_err(WalletError::from)?;
        Ok(draft.made.prepared)
    }

    /// Sees that the signer takes so many tickets at once.
    pub(super) fn takes_so_many(&self, tickets: u32) -> Result<(), PurchaseError> {
        let most = self.export.capacity.tickets;
        if tickets > most { Err(PurchaseError::TooManyTickets { found: tickets, most }) } else { Ok(()) }
    }
}

impl Draft {
    /// Writes it down, which locks its coins.
    pub(super) fn keep(
        &self,
        db: &Connection,
        order: &BuyOrder,
        replaces: Option<TransferId>,
        clock: &dyn Clock,
    ) -> Result<(), PurchaseError> {
        let request = NewRequest { replaces, ..self.reserved.request(&self.made.prepared, order) };
        Ok(store::insert(db, &request, &outpoints(&self.chosen), clock)?)
    }
}

impl Account<'_> {
    /// Chooses coins and indexes, and looks what they lead to; nothing is written down. Coins of `first` are taken before
    /// others.
    pub(super) fn draft(
        &self,
        db: &Connection,
        order: &BuyOrder,
        price: &PriceWindow,
        voter: &VoterKeys,
        free: &Free<'_>,
        first: &[CoinId],
    ) -> Result<Draft, PurchaseError> {
        let claim = claim(db, price)?;
        let mut reserved = Reserved::next(db, self.network, voter, order)?;
        if let Some(address) = order.vsp.as_ref() {
            let vsp = vsps::find(db, address)?.ok_or_else(|| PurchaseError::UnknownVsp { vsp: address.clone() })?;
            reserved.purse = top_up(db, self.network, &reserved, order, &vsp, price, free.instead_of)?;
            reserved.vsp = Some(vsp.address);
        }
        let mut coins = spendable(db, self.network, claim.tip, free)?;
        for coin in coins.iter_mut().filter(|coin| first.contains(&CoinId::from(&**coin))) {
            coin.returned = true;
        }
        let parameters = self.parameters(order, price.next, claim, &reserved);
        let (request, chosen) = prepare::purchase(parameters, &coins, self.most_inputs(), |id| prefix(db, id))?;
        Ok(Draft { made: self.rebuild(request, voter.clone())?, reserved, chosen })
    }

    fn parameters(&self, order: &BuyOrder, price: Amount, claim: Claim, reserved: &Reserved) -> Order {
        Order {
            account: self.export.account,
            tickets: order.tickets,
            amount: amount(order.lock, price),
            fee_rate: order.fee_rate,
            first_internal: reserved.first_internal,
            voting: Voting::Voter { fingerprint: reserved.voter, first: reserved.first_voter },
            purse: reserved.purse,
            expiry: order.expiry.unwrap_or_else(|| expiry_after(self.network, claim.tip, WINDOWS)),
            claim,
            label: order.label,
            funding: order.funding,
        }
    }

    /// Runs the request through the same core as the signer will, to know now what it leads to.
    fn rebuild(&self, request: Purchase, voter: VoterKeys) -> Result<Made, PurchaseError> {
        let bytes = request.to_container(self.network)?.encode();
        let checked = self.check(&bytes, &[voter])?;
        let reviewable = checked.request;
        let transactions = transactions(&reviewable)?;
        let mut ids: Vec<_> = transactions.iter().map(Transaction::id).collect();
        let rest = remainder(&reviewable);
        let split = rest.is_some().then(|| ids.remove(0));
        let prepared = Prepared {
            id: *reviewable.id(),
            amount: request.amount,
            ticket_fee: request.fee_rate.fee(TICKET_SIZE).unwrap_or_default(),
            split_fee: rest.map(|rest| rest.fee),
            change: rest.and_then(|rest| rest.change),
            purse: request.purse,
            inputs: request.inputs.len(),
            expiry: request.expiry,
            split,
            tickets: ids,
            beyond_default_limits: checked.beyond_default_limits,
            request: bytes,
        };
        Ok(Made { prepared, request, transactions })
    }
}

impl Reserved {
    /// The first indexes that nothing uses: neither the chain nor another request.
    fn next(db: &Connection, network: Network, voter: &VoterKeys, order: &BuyOrder) -> Result<Self, PurchaseError> {
        let index = |number: u32| Index::new(number.into()).ok_or(PurchaseError::NoIndexLeft);
        let fingerprint = voter.fingerprint(network);
        let first_internal = first_internal(db)?;
        let first_voter = index(voters::first_free(db, voter, fingerprint)?)?;
        let last = order.tickets.checked_sub(1);
        let last = last.map_or(Some(first_internal), |last| reward_index(order.funding, first_internal, last));
        let last_internal = last.ok_or(PurchaseError::NoIndexLeft)?;
        Ok(Self { first_internal, last_internal, voter: fingerprint, first_voter, purse: None, vsp: None })
    }

    /// The request that uses it.
    fn request<'a>(&'a self, prepared: &'a Prepared, order: &'a BuyOrder) -> NewRequest<'a> {
        NewRequest {
            id: prepared.id,
            kind: RequestKind::Purchase,
            request: &prepared.request,
            label: order.label.as_ref(),
            amount: prepared.amount,
            expiry: prepared.expiry,
            internal: Some((self.first_internal, self.last_internal)),
            voter: Some((self.voter, self.first_voter)),
            purse: self.purse,
            vsp: self.vsp.as_ref(),
            funding: prepared.split,
            tickets: &prepared.tickets,
            replaces: None,
        }
    }
}

/// What is said of the chain in the request: the block that the wallet and the price agree on.
fn claim(db: &Connection, price: &PriceWindow) -> Result<Claim, PurchaseError> {
    let (tip, claim) = account::claim(db)?;
    if tip != price.tip {
        return Err(PurchaseError::Behind { wallet: tip.height, chain: price.tip.height });
    }
    Ok(Claim { price: Some(price.next), ..claim })
}

fn amount(lock: Lock, price: Amount) -> Amount {
    const WHOLE: u128 = Percent::WHOLE.hundredths() as u128;
    match lock {
        Lock::Amount(amount) => amount,
        Lock::PricePlus(headroom) => {
            let raised = u128::from(price.atoms()) * (WHOLE + u128::from(headroom.hundredths())) / WHOLE;
            // More than all coins that exist cannot be bought for anyway, and the coins say so.
            u64::try_from(raised).ok().and_then(|atoms| Amount::from_atoms(atoms).ok()).unwrap_or(price)
        }
    }
}
