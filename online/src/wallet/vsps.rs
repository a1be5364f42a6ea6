//! The VSPs that a person decided to deal with, and what they may ask for.

use dcrcold_core::amount::{Amount, FeeRate, Height, Size};
use dcrcold_core::net::Network;
use dcrcold_signer::percent::Percent;
use dcrcold_signer::stake::subsidy::SubsidySplit;
use dcrcold_signer::stake::vsp_fee::{FeeBasis, vsp_fee};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::db::column::Column;
use super::{Clock, Wallet, WalletError, db};
use crate::vsp::{ServerKey, VspAddress};

/// A VSP whose key is pinned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownVsp {
    /// Where it is.
    pub address: VspAddress,
    /// Its key.
    pub key: ServerKey,
    /// The fee that was accepted.
    pub fee: Percent,
    /// Whether purchases are meant for it unless another one is named.
    pub chosen: bool,
}

const COLUMNS: &str = "SELECT address, key, fee, chosen FROM vsps";

impl Wallet {
    /// The VSPs that are known, the chosen one first.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn vsps(&self) -> Result<Vec<KnownVsp>, WalletError> {
        let mut query = self.db.prepare_cached(&format!("{COLUMNS} ORDER BY chosen DESC, address"))?;
        let vsps = query.query_map([], read)?;
        Ok(vsps.collect::<Result<_, _>>()?)
    }

    /// A VSP that is known.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn vsp(&self, address: &VspAddress) -> Result<Option<KnownVsp>, WalletError> {
        find(&self.db, address)
    }

    /// The VSP that purchases are meant for unless another one is named.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn chosen_vsp(&self) -> Result<Option<KnownVsp>, WalletError> {
        Ok(self.vsps()?.into_iter().find(|vsp| vsp.chosen))
    }

    /// Chooses a VSP, pins its key and accepts its fee.
    ///
    /// # Errors
    /// [`WalletError::VspKeyChanged`] when it was pinned with another key.
    pub fn use_vsp(
        &mut self,
        address: &VspAddress,
        key: &ServerKey,
        fee: Percent,
        clock: &dyn Clock,
    ) -> Result<KnownVsp, WalletError> {
        let tx = db::begin(&mut self.db)?;
        if let Some(known) = find(&tx, address)?.filter(|known| known.key != *key) {
            return Err(WalletError::VspKeyChanged { vsp: address.clone(), known: known.key, found: *key });
        }
        tx.execute("UPDATE vsps SET chosen = 0", [])?;
        let sql = "INSERT INTO vsps (address, key, fee, chosen, added) VALUES (?1, ?2, ?3, 1, ?4)
            ON CONFLICT (address) DO UPDATE SET fee = excluded.fee, chosen = 1";
        tx.execute(sql, params![Column(address.clone()), Column(*key), fee.hundredths(), clock.now().0])?;
        tx.commit()?;
        Ok(KnownVsp { address: address.clone(), key: *key, fee, chosen: true })
    }
}

/// A VSP that is known.
pub(crate) fn find(db: &Connection, address: &VspAddress) -> Result<Option<KnownVsp>, WalletError> {
    let mut query = db.prepare_cached(&format!("{COLUMNS} WHERE address = ?1"))?;
    Ok(query.query_row([Column(address.clone())], read).optional()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<KnownVsp> {
    let (Column(address), Column(key)) = (row.get(0)?, row.get(1)?);
    let fee = Percent::from_hundredths(row.get(2)?);
    Ok(KnownVsp { address, key, fee, chosen: row.get(3)? })
}

/// What a VSP with this percentage asks for one ticket at a height and a ticket price.
///
/// `None` above 21,000,000 DCR. Source: vspd `internal/webapi/getfeeaddress.go`, which takes a relay fee of 10,000
/// atoms for the ticket's.
#[must_use]
pub fn expected_fee(network: Network, height: Height, price: Amount, percent: Percent) -> Option<Amount> {
    let ticket_fee = FeeRate::RELAY_MINIMUM.fee(Size(1000))?;
    let basis = FeeBasis { price, ticket_fee, height, split: SubsidySplit::of_block(network, height) };
    vsp_fee(network, &basis, percent)
}
