//! Making a request: choosing coins and indexes, and locking them.

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::fees::TICKET_SIZE;
use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Branch, Index};
use dcrcold_core::policy::Limits;
use dcrcold_core::purchase::reward_index;
use dcrcold_core::request::Claim;
use dcrcold_core::script::StakeTag;
use dcrcold_signer::percent::Percent;
use dcrcold_signer::rebuild::{KnownVoters, NO_LIMITS, RebuildError, WatchKeys, rebuild, remainder, transactions};
use dcrcold_signer::transfer::{Encode, Purchase, Voting, WatchExport};
use dcrcold_signer::tx::Transaction;
use dcrcold_signer::voter::VoterKeys;
use rusqlite::{Connection, OptionalExtension};

use super::super::coins::{Coin, CoinState, unspent};
use super::super::db::column::Column;
use super::super::{Clock, GAP_LIMIT, Wallet, WalletError, chain_store, db, voters, vsps, watch};
use super::store::{self, Reserved};
use super::top_up::top_up;
use super::{BuyOrder, Lock, Prepared, PurchaseError};
use crate::chain::PriceWindow;
use crate::prepare::{self, Order, Spendable, default_expiry};

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
        let most = self.export.capacity.tickets;
        if order.tickets > most {
            return Err(PurchaseError::TooManyTickets { found: order.tickets, most });
        }
        let voter = self.find_voter(order.voter)?;
        let (account, keys) = (Account { network: self.network(), export: &self.export }, &self.keys);
        let tx = db::begin(&mut self.db)?;
        let claim = claim(&tx, price)?;
        let mut reserved = Reserved::next(&tx, account.network, &voter, order)?;
        if let Some(address) = order.vsp.as_ref() {
            let vsp = vsps::find(&tx, address)?.ok_or_else(|| PurchaseError::UnknownVsp { vsp: address.clone() })?;
            reserved.purse = top_up(&tx, account.network, &reserved, order, &vsp, price)?;
            reserved.vsp = Some(vsp.address);
        }
        let coins: Vec<_> = unspent(&tx)?.into_iter().filter(|coin| is_input(coin, claim.tip)).collect();
        let spendable: Vec<_> = coins.iter().map(Spendable::from).collect();
        let most_inputs = usize::try_from(account.export.capacity.inputs).unwrap_or(usize::MAX);
        let parameters = account.parameters(order, price.next, claim, &reserved);
        let (request, chosen) = prepare::purchase(parameters, &spendable, most_inputs, |id| prefix(&tx, id))?;
        let prepared = account.rebuild(&request, voter)?;
        let chosen: Vec<_> = coins.into_iter().filter(|coin| chosen.contains(&Spendable::from(coin))).collect();
        store::insert(&tx, &prepared, &reserved, &chosen, clock)?;
        watch::extend(&tx, keys, false)?;
        tx.commit().map_err(WalletError::from)?;
        Ok(prepared)
    }
}

/// The account that requests are made for.
struct Account<'a> {
    network: Network,
    export: &'a WatchExport,
}

impl Account<'_> {
    fn parameters(&self, order: &BuyOrder, price: Amount, claim: Claim, reserved: &Reserved) -> Order {
        Order {
            account: self.export.account,
            tickets: order.tickets,
            amount: amount(order.lock, price),
            fee_rate: order.fee_rate,
            first_internal: reserved.first_internal,
            voting: Voting::Voter { fingerprint: reserved.voter, first: reserved.first_voter },
            purse: reserved.purse,
            expiry: order.expiry.unwrap_or_else(|| default_expiry(self.network, claim.tip)),
            claim,
            label: order.label,
            funding: order.funding,
        }
    }

    /// Runs the request through the same core as the signer will, to know now what it leads to.
    fn rebuild(&self, request: &Purchase, voter: VoterKeys) -> Result<Prepared, PurchaseError> {
        let bytes = request.to_container(self.network)?.encode();
        let known = [voter];
        let check = |limits: &Limits| {
            let mut keys = WatchKeys::new(self.network, self.export.account, &self.export.key);
            rebuild(&bytes, &mut keys, &mut KnownVoters::new(self.network, &self.export.key, &known), limits)
        };
        let reviewable = check(&NO_LIMITS)?;
        let beyond_default_limits = match check(&Limits::DEFAULT) {
            Err(RebuildError::Refused(refusal)) => Some(refusal),
            _ => None,
        };
        let mut ids: Vec<_> = transactions(&reviewable)?.iter().map(Transaction::id).collect();
        let rest = remainder(&reviewable);
        let split = rest.is_some().then(|| ids.remove(0));
        Ok(Prepared {
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
            beyond_default_limits,
            request: bytes.clone(),
        })
    }
}

impl Reserved {
    /// The first indexes that nothing uses: neither the chain nor another request.
    fn next(db: &Connection, network: Network, voter: &VoterKeys, order: &BuyOrder) -> Result<Self, PurchaseError> {
        let index = |number: u32| Index::new(number.into()).ok_or(PurchaseError::NoIndexLeft);
        let fingerprint = voter.fingerprint(network);
        let first_internal = index(first_internal(db)?)?;
        let first_voter = index(voters::first_free(db, voter, fingerprint)?)?;
        let last = order.tickets.checked_sub(1);
        let last = last.map_or(Some(first_internal), |last| reward_index(order.funding, first_internal, last));
        let last_internal = last.ok_or(PurchaseError::NoIndexLeft)?;
        Ok(Self { first_internal, last_internal, voter: fingerprint, first_voter, purse: None, vsp: None })
    }
}

impl From<&Coin> for Spendable {
    fn from(coin: &Coin) -> Self {
        let returned = matches!(coin.tag, Some(StakeTag::Vote | StakeTag::Revocation));
        let (parent, output) = (coin.outpoint.id, coin.outpoint.index);
        Self { parent, output, value: coin.value, path: coin.path, returned }
    }
}

/// Whether a request may spend a coin now. No signer takes payouts of the treasury, which tickets cannot spend.
fn is_input(coin: &Coin, tip: Height) -> bool {
    coin.state(tip) == CoinState::Spendable && coin.tag != Some(StakeTag::Treasury)
}

/// The first internal index that neither the chain nor another request uses, but none farther from those used on the
/// chain than a restore looks: the requests in between may never be carried out.
fn first_internal(db: &Connection) -> Result<u32, WalletError> {
    let (free, unused) = (watch::first_free(db, Branch::Internal)?, watch::first_unused(db, Branch::Internal)?);
    Ok(free.min(unused.saturating_add(GAP_LIMIT - 1)))
}

/// What is said of the chain in the request: the block that the wallet and the price agree on.
fn claim(db: &Connection, price: &PriceWindow) -> Result<Claim, PurchaseError> {
    let tip = chain_store::tip(db)?.ok_or(PurchaseError::NotSynced)?;
    let scanned = chain_store::scanned(db)?;
    if tip != price.tip || scanned != tip.height {
        return Err(PurchaseError::Behind { wallet: scanned, chain: price.tip.height });
    }
    let header = chain_store::header_at(db, tip.height)?.ok_or(PurchaseError::NotSynced)?;
    Ok(Claim { tip: tip.height, time: header.timestamp, price: Some(price.next) })
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

/// The prefix serialisation of a stored transaction.
fn prefix(db: &Connection, id: &TxId) -> Option<Vec<u8>> {
    let mut query = db.prepare_cached("SELECT raw FROM txs WHERE id = ?1").ok()?;
    let raw: Option<Vec<u8>> = query.query_row([Column(*id)], |row| row.get(0)).optional().ok()?;
    Transaction::decode(&raw?).ok().map(|tx| tx.encode_prefix())
}
