//! What the split of a purchase pays to the purse, so that VSP fees need no funding of their own.

use dcrcold_core::amount::{Amount, FeeRate};
use dcrcold_core::fees::{DUST, KEY_HASH_SCRIPT, Outputs};
use dcrcold_core::hash::{Fingerprint, TransferId};
use dcrcold_core::net::Network;
use dcrcold_core::path::Index;
use dcrcold_core::request::{Funding, Purse};
use rusqlite::{Connection, params};

use super::super::db::column::Column;
use super::super::vsps::{KnownVsp, expected_fee};
use super::super::{WalletError, chain_store, purse};
use super::prepare::Reserved;
use super::{BuyOrder, PurchaseError};
use crate::chain::PriceWindow;
use crate::prepare::PrepareError;

/// Percent that fees may rise between the purchase and their payment.
const MARGIN: u64 = 10;

/// What the fees of a purchase take beyond what is in the purse and not needed for other tickets.
pub(super) fn top_up(
    db: &Connection,
    network: Network,
    reserved: &Reserved,
    order: &BuyOrder,
    vsp: &KnownVsp,
    price: &PriceWindow,
    instead_of: Option<&TransferId>,
) -> Result<Option<Purse>, PurchaseError> {
    if order.funding == Funding::Direct {
        return Ok(None);
    }
    let price_then = price.next.max(price.current);
    let overflow = || PrepareError::Overflow { tickets: order.tickets, amount: price_then };
    let fee = expected_fee(network, price.tip.height, price_then, vsp.fee).ok_or_else(overflow)?;
    let raised = fee.checked_mul(100 + MARGIN).and_then(|fee| Amount::from_atoms(fee.atoms().div_ceil(100)).ok());
    let tickets = order.tickets.saturating_add(unpaid_tickets(db, &reserved.voter, instead_of)?);
    let fees = raised.and_then(|fee| fee.checked_mul(tickets.into())).ok_or_else(overflow)?;

    let free = purse::free(db, &reserved.voter)?;
    let (coming, more) = coming(db, &reserved.voter, instead_of)?;
    let inputs = u32::try_from(free.len()).unwrap_or(u32::MAX).saturating_add(more).saturating_add(1);
    let outputs = (0..=tickets).fold(Outputs::default(), |sum, _| sum.with(KEY_HASH_SCRIPT));
    let own_fee = FeeRate::RELAY_MINIMUM.fee(outputs.size(inputs)).ok_or_else(overflow)?;
    let needed = fees.checked_add(own_fee).ok_or_else(overflow)?;
    let have = Amount::checked_sum(free.iter().map(|coin| coin.value).chain([coming]));
    let missing = needed.checked_sub(have.unwrap_or_default()).filter(|missing| *missing > Amount::ZERO);
    let Some(missing) = missing else { return Ok(None) };
    let index = purse::next_top_up(db, &reserved.voter)?;
    let index = Index::new(index.into()).ok_or(PurchaseError::NoIndexLeft)?;
    Ok(Some(Purse { amount: missing.max(DUST), index }))
}

/// Tickets meant for a VSP whose fee is not in a transaction yet; those that expired unsent count no more.
fn unpaid_tickets(db: &Connection, voter: &Fingerprint, instead_of: Option<&TransferId>) -> Result<u32, WalletError> {
    let sql = "SELECT COUNT(*) FROM purchases JOIN purchase_txs ON purchase_txs.purchase = purchases.id
        LEFT JOIN txs ON txs.id = purchase_txs.tx
        WHERE purchases.voter = ?1 AND purchases.vsp IS NOT NULL AND purchases.state <> 0 AND purchase_txs.position > 0
        AND (txs.id IS NOT NULL OR (purchases.state <= 2 AND purchases.expiry > ?2 AND purchases.id IS NOT ?3
            AND NOT EXISTS (SELECT 1 FROM purchases newer WHERE newer.replaces = purchases.id AND newer.state <> 0)))
        AND NOT EXISTS (SELECT 1 FROM vsp_tickets WHERE vsp_tickets.ticket = purchase_txs.tx AND vsp_tickets.state BETWEEN 3 AND 6)
        AND NOT EXISTS (SELECT 1 FROM spends WHERE spends.tx = purchase_txs.tx)";
    let tip = chain_store::scanned(db)?;
    let row = params![Column(*voter), Column(tip), instead_of.map(|id| Column(*id))];
    Ok(db.prepare_cached(sql)?.query_row(row, |row| row.get(0))?)
}

/// Top-ups of purchases that may still be sent: their sum and their number. Whoever sent one, it is in the purse then.
fn coming(db: &Connection, voter: &Fingerprint, instead_of: Option<&TransferId>) -> Result<(Amount, u32), WalletError> {
    let sql = "SELECT IFNULL(SUM(purse_atoms), 0), COUNT(*) FROM purchases
        WHERE voter = ?1 AND purse_atoms IS NOT NULL AND state IN (1, 2) AND expiry > ?2 AND id IS NOT ?3
        AND NOT EXISTS (SELECT 1 FROM purchases newer WHERE newer.replaces = purchases.id AND newer.state <> 0)
        AND NOT EXISTS (SELECT 1 FROM purchase_txs split JOIN txs ON txs.id = split.tx
            WHERE split.purchase = purchases.id AND split.position = 0)";
    let tip = chain_store::scanned(db)?;
    let mut query = db.prepare_cached(sql)?;
    let row = params![Column(*voter), Column(tip), instead_of.map(|id| Column(*id))];
    Ok(query.query_row(row, |row| Ok((row.get::<_, Column<_>>(0)?.0, row.get(1)?)))?)
}
