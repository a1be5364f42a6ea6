//! Responses: what is read of them once their signature was checked.
//!
//! Members that a later VSP adds are passed over; those that are used must be there and mean something.
//! Source: vspd `types/types.go`. Amounts are in atoms, which vspd's `docs/api.md` has wrong.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::info::printable;
use super::preferences::{Preferences, StatedPolicy};
use super::request::{Request, Timestamp};
use super::server::Signed;
use dcrcold_signer::address::{Address, AddressError};

/// Why a signed response is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// Not the JSON of this response.
    #[error("response of the VSP cannot be read: {}", printable(&.0.to_string()))]
    Malformed(#[from] serde_json::Error),
    /// It answers other bytes than those that were sent.
    #[error("response of the VSP answers another request than the {sent} bytes that were sent")]
    OtherRequest {
        /// The length of the request.
        sent: usize,
    },
    /// A fee address that cannot be read, or is one of another network.
    #[error("fee address of the VSP: {0}")]
    Address(#[from] AddressError),
    /// A fee that is no amount.
    #[error("fee of the VSP is {found} atoms")]
    Amount {
        /// The number found.
        found: i64,
    },
    /// A state of the fee that this version does not know.
    #[error("state of the fee is \"{}\", expected none, received, broadcast, confirmed or error", printable(found))]
    FeeState {
        /// The word found.
        found: String,
    },
    /// A name, hash or number that means nothing.
    #[error("response of the VSP: {name} is \"{}\"", printable(found))]
    Value {
        /// The member.
        name: &'static str,
        /// What it is.
        found: String,
    },
}

/// Reads a response as JSON.
pub(super) fn read<T: DeserializeOwned>(response: &Signed) -> Result<T, ReplyError> {
    Ok(serde_json::from_slice(response.body())?)
}

#[derive(Deserialize)]
struct Echo {
    request: String,
}

/// Sees that a response repeats the request that was sent.
///
/// # Errors
/// [`ReplyError::Malformed`], [`ReplyError::OtherRequest`].
fn check_echo(response: &Signed, request: &Request) -> Result<(), ReplyError> {
    let Echo { request: echo } = read(response)?;
    let sent = request.body().as_bytes();
    match STANDARD.decode(echo) {
        Ok(echo) if echo == sent => Ok(()),
        _ => Err(ReplyError::OtherRequest { sent: sent.len() }),
    }
}

/// Takes the response of `setaltsignaddr`, `payfee` or `setvotechoices`, which says no more than that it was taken.
///
/// # Errors
/// As [`FeeAddress::read`].
pub fn accepted(response: &Signed, request: &Request) -> Result<(), ReplyError> {
    check_echo(response, request)
}

/// Where to pay the fee for a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeAddress {
    /// The address.
    pub address: Address,
    /// How much.
    pub amount: Amount,
    /// Until when.
    pub expires: Timestamp,
}

#[derive(Deserialize)]
struct FeeAddressBody {
    feeaddress: String,
    feeamount: i64,
    expiration: i64,
}

impl FeeAddress {
    /// Reads the response of `feeaddress`.
    ///
    /// # Errors
    /// [`ReplyError::OtherRequest`], [`ReplyError::Address`] for another network too, [`ReplyError::Amount`].
    pub fn read(response: &Signed, request: &Request, network: Network) -> Result<Self, ReplyError> {
        check_echo(response, request)?;
        let body: FeeAddressBody = read(response)?;
        let wrong = ReplyError::Amount { found: body.feeamount };
        let amount = u64::try_from(body.feeamount).ok().and_then(|atoms| Amount::from_atoms(atoms).ok());
        Ok(Self {
            address: Address::parse(&body.feeaddress, network)?,
            amount: amount.ok_or(wrong)?,
            expires: Timestamp(body.expiration),
        })
    }
}

/// How far the fee of a ticket has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FeeState {
    /// A fee address was given out.
    Unpaid,
    /// The VSP has the fee transaction and waits for the ticket to be mined deep enough.
    Received,
    /// The VSP has sent the fee transaction.
    Broadcast,
    /// The fee is mined, and the VSP votes: the only state that means that.
    Confirmed,
    /// The fee transaction failed; a new one must be paid.
    Failed,
}

impl FeeState {
    /// The word that vspd uses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unpaid => "none",
            Self::Received => "received",
            Self::Broadcast => "broadcast",
            Self::Confirmed => "confirmed",
            Self::Failed => "error",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Unpaid, Self::Received, Self::Broadcast, Self::Confirmed, Self::Failed];
        all.into_iter().find(|state| state.word() == word)
    }
}

/// What a VSP has of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketStatus {
    /// Whether the ticket is mined deep enough.
    pub ticket_confirmed: bool,
    /// How far its fee is.
    pub fee: FeeState,
    /// The fee transaction, once there is one.
    pub fee_tx: Option<TxId>,
    /// The key that signs for the ticket, if one was named.
    pub alt_sign: Option<Address>,
    /// What it will vote.
    pub preferences: Preferences<StatedPolicy>,
}

#[derive(Deserialize)]
struct TicketStatusBody {
    ticketconfirmed: bool,
    feetxstatus: String,
    feetxhash: String,
    altsignaddress: String,
    // Go writes a map that nobody made as null.
    votechoices: Option<BTreeMap<String, String>>,
    tspendpolicy: Option<BTreeMap<String, String>>,
    treasurypolicy: Option<BTreeMap<String, String>>,
}

impl TicketStatus {
    /// Reads the response of `ticketstatus`.
    ///
    /// # Errors
    /// [`ReplyError::OtherRequest`], [`ReplyError::FeeState`], [`ReplyError::Address`], [`ReplyError::Value`].
    pub fn read(response: &Signed, request: &Request, network: Network) -> Result<Self, ReplyError> {
        check_echo(response, request)?;
        let body: TicketStatusBody = read(response)?;
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let fee = FeeState::from_word(&body.feetxstatus);
        let fee_tx = given(&body.feetxhash).map(|text| parse("feetxhash", &text)).transpose()?;
        Ok(Self {
            ticket_confirmed: body.ticketconfirmed,
            fee: fee.ok_or(ReplyError::FeeState { found: body.feetxstatus })?,
            fee_tx,
            alt_sign: given(&body.altsignaddress).map(|text| Address::parse(&text, network)).transpose()?,
            preferences: Preferences {
                agendas: pairs("votechoices", body.votechoices, |word| parse("votechoices", word))?,
                treasury_keys: pairs("treasurypolicy", body.treasurypolicy, policy)?,
                treasury_spends: pairs("tspendpolicy", body.tspendpolicy, policy)?,
            },
        })
    }
}

fn parse<T: std::str::FromStr>(name: &'static str, text: &str) -> Result<T, ReplyError> {
    text.parse().map_err(|_| ReplyError::Value { name, found: text.to_owned() })
}

fn policy(word: &str) -> Result<StatedPolicy, ReplyError> {
    StatedPolicy::from_word(word).ok_or_else(|| ReplyError::Value { name: "policy", found: word.to_owned() })
}

fn pairs<K: std::str::FromStr + Ord, V>(
    name: &'static str,
    map: Option<BTreeMap<String, String>>,
    value: impl Fn(&str) -> Result<V, ReplyError>,
) -> Result<BTreeMap<K, V>, ReplyError> {
    map.unwrap_or_default().iter().map(|(key, word)| Ok((parse(name, key)?, value(word)?))).collect()
}
