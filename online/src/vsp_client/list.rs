//! The public list of VSPs.
//!
//! It tells who is there, not whom to trust: it has no keys, and its figures are each VSP's own word.
//! Source: dcrwebapi `docs/api.md`.

use std::collections::BTreeMap;

use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;
use dcrcold_signer::percent::Percent;
use serde::Deserialize;
use serde_json::{Number, Value};

use crate::http::HttpSettings;
use crate::vsp::{Timestamp, VspAddress, fee_of};

/// Where the list is kept.
pub const LIST_URL: &str = "https://api.decred.org/?c=vsp";
/// The longest list.
const LONGEST_LIST: u64 = 1 << 20;

/// A VSP of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Where it is.
    pub address: VspAddress,
    /// Its network.
    pub network: Network,
    /// When the list last heard from it.
    pub updated: Timestamp,
    /// Its fee.
    pub fee: Percent,
    /// Whether it takes no new tickets.
    pub closed: bool,
    /// Tickets that it will vote.
    pub voting: u64,
    /// Tickets that it voted.
    pub voted: u64,
    /// Tickets that were called and not voted.
    pub missed: u64,
    /// The version of its software.
    pub version: String,
    /// The height of its node.
    pub height: Height,
}

#[derive(Deserialize)]
struct Row {
    network: String,
    lastupdated: i64,
    feepercentage: Number,
    closed: bool,
    voting: u64,
    voted: u64,
    missed: u64,
    #[serde(default)]
    vspdversion: String,
    #[serde(default)]
    blockheight: u32,
}

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// It cannot be fetched.
    #[error("the list of VSPs cannot be fetched: {0}")]
    Unreachable(Box<ureq::Error>),
    /// It is something else.
    #[error("the list of VSPs cannot be read: {0}")]
    Malformed(#[from] serde_json::Error),
}

/// Fetches the list's bytes, to be kept and read.
///
/// # Errors
/// [`ListError::Unreachable`].
pub fn fetch_list(url: &str, settings: &HttpSettings) -> Result<Vec<u8>, ListError> {
    let failed = |error| ListError::Unreachable(Box::new(error));
    let mut response = settings.agent().get(url).call().map_err(failed)?;
    if response.status() != 200 {
        return Err(failed(ureq::Error::StatusCode(response.status().as_u16())));
    }
    response.body_mut().with_config().limit(LONGEST_LIST).read_to_vec().map_err(failed)
}

/// Reads the VSPs of a network, those with the fewest tickets first, for many small ones keep voting in many hands.
/// What cannot be read is left out.
///
/// # Errors
/// [`ListError::Malformed`].
pub fn parse_list(bytes: &[u8], network: Network) -> Result<Vec<Listed>, ListError> {
    let rows: BTreeMap<String, Value> = serde_json::from_slice(bytes)?;
    let mut listed: Vec<_> = rows.into_iter().filter_map(|(host, row)| read(&host, row)).collect();
    listed.retain(|vsp| vsp.network == network);
    listed.sort_by(|one, other| (one.voting, &one.address).cmp(&(other.voting, &other.address)));
    Ok(listed)
}

fn read(host: &str, row: Value) -> Option<Listed> {
    let row: Row = serde_json::from_value(row).ok()?;
    let network = match row.network.as_str() {
        "testnet" => Network::Testnet3,
        name => name.parse().ok()?,
    };
    Some(Listed {
        address: host.parse().ok()?,
        network,
        updated: Timestamp(row.lastupdated),
        fee: fee_of(&row.feepercentage)?,
        closed: row.closed,
        voting: row.voting,
        voted: row.voted,
        missed: row.missed,
        version: crate::vsp::printable(&row.vspdversion),
        height: Height(row.blockheight),
    })
}
