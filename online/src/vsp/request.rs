//! Requests: bodies to the byte, and the owner's signature over them.
//!
//! Members stand in the order of vspd's own types, without spaces. A VSP checks the signature over the bytes as they
//! arrive, so that nobody writes a body twice. Source: vspd `types/types.go`, `client/client.go`.

use std::collections::BTreeMap;
use std::fmt;

use dcrcold_core::hash::TxId;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::preferences::Preferences;
use dcrcold_signer::key::{MessageSignature, PrivateKey};
use dcrcold_signer::message;
use dcrcold_signer::rebuild::SignedRegistration;
use dcrcold_signer::tx::Transaction;
use dcrcold_signer::wif::Wif;

/// Seconds since 1970. A VSP takes any but 0, and compares it for `setvotechoices` only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What is asked of a VSP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// Names the key that signs for a ticket from now on.
    SetAltSignAddress,
    /// Asks where to pay the fee, and how much.
    FeeAddress,
    /// Hands over the fee and the voting key.
    PayFee,
    /// Asks how far it is.
    TicketStatus,
    /// Changes what is voted.
    SetVoteChoices,
}

impl Endpoint {
    /// All endpoints that take a signed request.
    pub const ALL: [Self; 5] =
        [Self::SetAltSignAddress, Self::FeeAddress, Self::PayFee, Self::TicketStatus, Self::SetVoteChoices];

    /// The last part of its path.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SetAltSignAddress => "setaltsignaddr",
            Self::FeeAddress => "feeaddress",
            Self::PayFee => "payfee",
            Self::TicketStatus => "ticketstatus",
            Self::SetVoteChoices => "setvotechoices",
        }
    }

    /// The endpoint with a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| endpoint.name() == name)
    }

    /// The path on the VSP's host.
    #[must_use]
    pub fn path(self) -> String {
        format!("/api/v3/{}", self.name())
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A signed request. Its body may hold a voting key, so it is wiped from memory when dropped and never printed.
pub struct Request {
    endpoint: Endpoint,
    ticket: TxId,
    body: Zeroizing<String>,
    signature: MessageSignature,
}

/// What `payfee` takes beside ticket and time.
pub struct FeePayment<'a> {
    /// A transaction with one output that pays the whole fee to the fee address; need not be mined.
    pub fee_tx: &'a Transaction,
    /// The ticket's voting key.
    pub voting_key: &'a Wif,
    /// What to vote. A VSP drops what it does not know without a word: ask for the status afterwards.
    pub preferences: &'a Preferences,
}

impl Request {
    /// `setaltsignaddr`, as the cold side signed it together with the ticket.
    #[must_use]
    pub fn registration(signed: &SignedRegistration) -> Self {
        let body = Zeroizing::new(signed.body.clone());
        Self { endpoint: Endpoint::SetAltSignAddress, ticket: signed.ticket, body, signature: signed.signature }
    }

    /// `feeaddress`. With the whole ticket and parent a VSP can send both, should its node not know them yet.
    #[must_use]
    pub fn fee_address(time: Timestamp, ticket: &Transaction, parent: &Transaction, key: &PrivateKey) -> Self {
        let id = ticket.id();
        let [ticket_hex, parent_hex] = [hex(ticket), hex(parent)];
        let body =
            FeeAddressBody { timestamp: time, tickethash: Text(&id), tickethex: &ticket_hex, parenthex: &parent_hex };
        Self::sign(Endpoint::FeeAddress, id, &body, key)
    }

    /// `payfee`.
    #[must_use]
    pub fn pay_fee(time: Timestamp, ticket: TxId, payment: &FeePayment<'_>, key: &PrivateKey) -> Self {
        let (fee_tx, voting_key) = (hex(payment.fee_tx), payment.voting_key.to_text());

        let body = PayFeeBody {
            timestamp: time,
            tickethash: Text(&ticket),
            feetx: &fee_tx,
            votingkey: &voting_key,
            preferences: Preference::of(payment.preferences),
        };
        Self::sign(Endpoint::PayFee, ticket, &body, key)
    }

    /// `ticketstatus`.
    #[must_use]
    pub fn ticket_status(ticket: TxId, key: &PrivateKey) -> Self {
        Self::sign(Endpoint::TicketStatus, ticket, &TicketStatusBody { tickethash: Text(&ticket) }, key)
    }

    /// `setvotechoices`. Its time must be above that of every change before it, and a time far ahead would lock every
    /// later change out.
    #[must_use]
    pub fn set_vote_choices(time: Timestamp, ticket: TxId, preferences: &Preferences, key: &PrivateKey) -> Self {
        let body =
            VoteChoicesBody { timestamp: time, tickethash: Text(&ticket), preferences: Preference::of(preferences) };
        Self::sign(Endpoint::SetVoteChoices, ticket, &body, key)
    }

    fn sign(endpoint: Endpoint, ticket: TxId, body: &impl Serialize, key: &PrivateKey) -> Self {
        let body = Zeroizing::new(serde_json::to_string(body).expect("texts, numbers and maps of texts"));
        let signature = message::sign(key, body.as_bytes());
        Self { endpoint, ticket, body, signature }
    }

    /// What is asked.
    #[must_use]
    pub const fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// The ticket it is about.
    #[must_use]
    pub const fn ticket(&self) -> &TxId {
        &self.ticket
    }

    /// The body, exactly the bytes that were signed.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The value of the header `VSP-Client-Signature`.
    #[must_use]
    pub const fn signature(&self) -> &MessageSignature {
        &self.signature
    }
}

#[derive(Serialize)]
struct FeeAddressBody<'a> {
    timestamp: Timestamp,
    tickethash: Text<'a, TxId>,
    tickethex: &'a str,
    parenthex: &'a str,
}

#[derive(Serialize)]
struct PayFeeBody<'a> {
    timestamp: Timestamp,
    tickethash: Text<'a, TxId>,
    feetx: &'a str,
    votingkey: &'a str,
    #[serde(flatten)]
    preferences: Preference<'a>,
}

#[derive(Serialize)]
struct TicketStatusBody<'a> {
    tickethash: Text<'a, TxId>,
}

#[derive(Serialize)]
struct VoteChoicesBody<'a> {
    timestamp: Timestamp,
    tickethash: Text<'a, TxId>,
    #[serde(flatten)]
    preferences: Preference<'a>,
}

/// The three maps, which a VSP wants even when they are empty.
#[derive(Serialize)]
struct Preference<'a> {
    votechoices: Words<'a, super::AgendaId, super::ChoiceId>,
    tspendpolicy: Words<'a, TxId, super::TreasuryPolicy>,
    treasurypolicy: Words<'a, super::TreasuryKey, super::TreasuryPolicy>,
}

impl<'a> Preference<'a> {
    const fn of(preferences: &'a Preferences) -> Self {
        Self {
            votechoices: Words(&preferences.agendas),
            tspendpolicy: Words(&preferences.treasury_spends),
            treasurypolicy: Words(&preferences.treasury_keys),
        }
    }
}

/// Something written as its text.
struct Text<'a, T>(&'a T);

impl<T: fmt::Display> Serialize for Text<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

/// A map written as texts, sorted by them, as Go writes maps.
struct Words<'a, K, V>(&'a BTreeMap<K, V>);

impl<K: fmt::Display, V: fmt::Display> Serialize for Words<'_, K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sorted: BTreeMap<_, _> = self.0.iter().map(|(key, value)| (key.to_string(), value)).collect();
        let mut map = serializer.serialize_map(Some(sorted.len()))?;
        for (key, value) in &sorted {
            map.serialize_entry(key, &Text(*value))?;
        }
        map.end()
    }
}

fn hex(tx: &Transaction) -> String {
    base16ct::lower::encode_string(&tx.encode())
}
