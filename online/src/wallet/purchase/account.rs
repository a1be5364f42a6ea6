//! What every request is made of: the account, the coins that can be spent, the block that it refers to.

use std::collections::HashSet;

use dcrcold_core::amount::Height;
use dcrcold_core::hash::{TransferId, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Branch, Index};
use dcrcold_core::policy::Limits;
use dcrcold_core::request::Claim;
use dcrcold_core::rule::{Refusal, Rule};
use dcrcold_core::script::StakeTag;
use dcrcold_signer::rebuild::{HostReviewable, KnownVoters, NO_LIMITS, RebuildError, WatchKeys, rebuild};
use dcrcold_signer::transfer::WatchExport;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree};
use dcrcold_signer::voter::VoterKeys;
use rusqlite::{Connection, OptionalExtension};

use super::super::coins::{Coin, CoinState, unspent};
use super::super::db::column::Column;
use super::super::notes::path_of;
use super::super::{CoinId, CoinsOf, GAP_LIMIT, WalletError, chain_store, watch};
use super::PurchaseError;
use crate::chain::BlockId;
use crate::prepare::Spendable;

/// The account that requests are made for.
pub(super) struct Account<'a> {
    pub(super) network: Network,
    pub(super) export: &'a WatchExport,
}

/// A request as the signer will see it.
pub(super) struct Checked {
    pub(super) request: Box<HostReviewable>,
    /// Why a signer with the limits of a new one would refuse: every limit that would have to be raised.
    pub(super) beyond_default_limits: Vec<Refusal>,
}

impl Account<'_> {
    /// Runs the request through the same core as the signer will, to know now what it leads to.
    pub(super) fn check(&self, bytes: &[u8], voters: &[VoterKeys]) -> Result<Checked, PurchaseError> {
        let check = |limits: &Limits| {
            let mut keys = WatchKeys::new(self.network, self.export.account, &self.export.key);
            rebuild(bytes, &mut keys, &mut KnownVoters::new(self.network, &self.export.key, voters), limits)
        };
        let request = check(&NO_LIMITS)?;
        let (mut limits, mut beyond_default_limits) = (Limits::DEFAULT, Vec::new());
        while let Err(RebuildError::Refused(refusal)) = check(&limits) {
            beyond_default_limits.push(refusal);
            if !lift(&mut limits, refusal.rule) {
                break;
            }
        }
        Ok(Checked { request, beyond_default_limits })
    }

    /// How many inputs the signer takes.
    pub(super) fn most_inputs(&self) -> usize {
        usize::try_from(self.export.capacity.inputs).unwrap_or(usize::MAX)
    }
}

/// Takes a limit away, unless it is away already.
fn lift(limits: &mut Limits, rule: Rule) -> bool {
    let before = *limits;
    match rule {
        Rule::AmountAboveLimit => limits.ticket = NO_LIMITS.ticket,
        Rule::TicketsAboveLimit => limits.tickets = NO_LIMITS.tickets,
        Rule::TotalAboveLimit => limits.total = NO_LIMITS.total,
        Rule::HeadroomAboveLimit => limits.headroom = NO_LIMITS.headroom,
        Rule::FeeAboveLimit => (limits.fee, limits.fee_rate) = (NO_LIMITS.fee, NO_LIMITS.fee_rate),
        Rule::PurseAboveLimit => limits.purse = NO_LIMITS.purse,
        Rule::ExpiryTooFar => limits.expiry_distance = NO_LIMITS.expiry_distance,
        _ => {}
    }
    *limits != before
}

/// Which coins a request may take.
#[derive(Clone, Copy)]
pub(super) struct Free<'a> {
    /// These alone, if any are named.
    pub(super) from: &'a [CoinsOf],
    /// Those of this request too, whose place it takes.
    pub(super) instead_of: Option<&'a TransferId>,
}

/// The coins that a request may spend when `tip` is the last block.
pub(super) fn spendable(
    db: &Connection,
    network: Network,
    tip: Height,
    free: &Free<'_>,
) -> Result<Vec<Spendable>, PurchaseError> {
    let mut coins = unspent(db)?;
    let is_named = |coin: &Coin| free.from.contains(&CoinsOf::Coin(coin.outpoint.into()));
    for coin in coins.iter_mut().filter(|coin| coin.locked_by.as_ref() == free.instead_of) {
        coin.locked_by = None;
    }
    if !free.from.is_empty() {
        let mut named = HashSet::new();
        for source in free.from {
            named.extend(named_by(db, network, tip, &coins, source)?);
        }
        coins.retain(|coin| named.contains(&CoinId::from(coin.outpoint)));
    }
    let inputs = coins.iter().filter(|coin| coin.is_input(tip));
    Ok(inputs.map(|coin| Spendable { named: is_named(coin), ..coin.into() }).collect())
}

/// The coins that somebody named, each of which can be spent.
fn named_by(
    db: &Connection,
    network: Network,
    tip: Height,
    coins: &[Coin],
    source: &CoinsOf,
) -> Result<Vec<CoinId>, PurchaseError> {
    match source {
        CoinsOf::Coin(id) => {
            let coin = coins.iter().find(|coin| CoinId::from(coin.outpoint) == *id);
            let coin = coin.ok_or(WalletError::UnknownCoin { coin: *id })?;
            match coin.state(tip) {
                CoinState::Spendable if !coin.is_input(tip) => Err(PurchaseError::FromTreasury { coin: *id }),
                CoinState::Spendable => Ok(vec![*id]),
                state => Err(PurchaseError::NotSpendable { coin: *id, state }),
            }
        }
        CoinsOf::Address(address) => {
            let path = path_of(db, address, network)?;
            let there = coins.iter().filter(|coin| coin.path == path && coin.is_input(tip));
            let found: Vec<_> = there.map(|coin| coin.outpoint.into()).collect();
            if found.is_empty() { Err(PurchaseError::NothingThere { address: *address }) } else { Ok(found) }
        }
    }
}

impl From<&Coin> for Spendable {
    fn from(coin: &Coin) -> Self {
        let returned = matches!(coin.tag, Some(StakeTag::Vote | StakeTag::Revocation));
        let (parent, output) = (coin.outpoint.id, coin.outpoint.index);
        Self { parent, output, value: coin.value, path: coin.path, returned, named: false }
    }
}

/// The first internal index that neither the chain nor another request uses, but none farther from those used on the
/// chain than a restore looks: the requests in between may never be carried out.
pub(super) fn first_internal(db: &Connection) -> Result<Index, PurchaseError> {
    let (free, unused) = (watch::first_free(db, Branch::Internal)?, watch::first_unused(db, Branch::Internal)?);
    let first = free.min(unused.saturating_add(GAP_LIMIT - 1));
    Index::new(first.into()).ok_or(PurchaseError::NoIndexLeft)
}

/// The last block, when all blocks up to it were searched, as a request tells it; without a price.
pub(super) fn claim(db: &Connection) -> Result<(BlockId, Claim), PurchaseError> {
    let tip = chain_store::tip(db)?.ok_or(PurchaseError::NotSynced)?;
    let scanned = chain_store::scanned(db)?;
    if scanned != tip.height {
        return Err(PurchaseError::Behind { wallet: scanned, chain: tip.height });
    }
    let header = chain_store::header_at(db, tip.height)?.ok_or(PurchaseError::NotSynced)?;
    Ok((tip, Claim { tip: tip.height, time: header.timestamp, price: None }))
}

/// The prefix serialisation of a stored transaction.
pub(super) fn prefix(db: &Connection, id: &TxId) -> Option<Vec<u8>> {
    let mut query = db.prepare_cached("SELECT raw FROM txs WHERE id = ?1").ok()?;
    let raw: Option<Vec<u8>> = query.query_row([Column(*id)], |row| row.get(0)).optional().ok()?;
    Transaction::decode(&raw?).ok().map(|tx| tx.encode_prefix())
}

/// Which outputs the chosen coins are; their tree does not tell coins apart.
pub(super) fn outpoints(coins: &[Spendable]) -> Vec<OutPoint> {
    let outpoint = |coin: &Spendable| OutPoint { id: coin.parent, index: coin.output, tree: Tree::Regular };
    coins.iter().map(outpoint).collect()
}
