//! A signed exchange with a VSP, kept so that a third party can tell who promised what.
//!
//! The request shows, by the ticket owner's signature, what was asked; the response shows, by the VSP's, what it said
//! and to which request. Source: vspd `docs/two-way-accountability.md`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dcrcold_core::hash::TxId;
use serde::{Deserialize, Serialize};

use super::address::{VspAddress, VspAddressError};
use super::request::{Endpoint, Request, Timestamp};
use super::server::{ServerKey, ServerKeyError, ServerSignature, ServerSignatureError, Signed};
use dcrcold_signer::address::Address;
use dcrcold_signer::key::MessageSignature;
use dcrcold_signer::message::{self, MessageError};

/// One signed exchange, as it is written to a file.
///
/// Its request is a voting key's envelope when it is a `payfee`: whoever gets it can vote the ticket.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The address of the VSP.
    pub vsp: String,
    /// Its key, base64.
    pub vsp_key: String,
    /// The ticket.
    pub ticket: String,
    /// The name of the endpoint.
    pub endpoint: String,
    /// The owner's clock when the response came, in seconds since 1970.
    pub received: i64,
    /// The HTTP status.
    pub status: u16,
    /// The request as it was sent.
    pub request: String,
    /// `VSP-Client-Signature`.
    pub client_signature: String,
    /// The response as it came.
    pub response: String,
    /// `VSP-Server-Signature`.
    pub server_signature: String,
}

impl Evidence {
    /// Writes down an exchange whose response was checked.
    #[must_use]
    pub fn new(
        vsp: &str,
        key: &ServerKey,
        request: &Request,
        (received, status): (Timestamp, u16),
        response: &Signed,
        signature: &ServerSignature,
    ) -> Self {
        Self {
            vsp: vsp.to_owned(),
            vsp_key: key.to_string(),
            ticket: request.ticket().to_string(),
            endpoint: request.endpoint().name().to_owned(),
            received: received.0,
            status,
            request: request.body().to_owned(),
            client_signature: request.signature().to_string(),
            response: String::from_utf8_lossy(response.body()).into_owned(),
            server_signature: signature.to_string(),
        }
    }

    /// Checks both signatures, as a third party does that trusts neither side; `signers` may sign for the ticket: the
    /// address that its commitment pays, and the one that was named with `setaltsignaddr`. Whose the key is that the VSP
    /// signed with, and where it was, no signature says.
    ///
    /// # Errors
    /// [`EvidenceError`].
    pub fn check(&self, signers: &[Address]) -> Result<(), EvidenceError> {
        self.vsp.parse::<VspAddress>()?;
        let key: ServerKey = self.vsp_key.parse()?;
        Signed::check(&key, self.response.as_bytes(), &self.server_signature.parse()?)?;
        Endpoint::from_name(&self.endpoint).ok_or(EvidenceError::Endpoint)?;
        let signature = MessageSignature::from_base64(&self.client_signature).ok_or(EvidenceError::ClientSignature)?;
        let mut verdict = Err(EvidenceError::NoSigner);
        for signer in signers {
            verdict = message::verify(signer, self.request.as_bytes(), &signature).map_err(EvidenceError::Signer);
            if verdict.is_ok() {
                break;
            }
        }
        verdict?;
        self.check_ticket()?;
        if self.answers_itself() { Ok(()) } else { Err(EvidenceError::OtherRequest) }
    }

    fn check_ticket(&self) -> Result<(), EvidenceError> {
        let named = serde_json::from_str::<serde_json::Value>(&self.request)?;
        let ticket: Option<TxId> = named["tickethash"].as_str().and_then(|text| text.parse().ok());
        if ticket.is_some() && ticket == self.ticket.parse().ok() { Ok(()) } else { Err(EvidenceError::OtherTicket) }
    }

    /// Whether the response repeats the request; one that refuses does not.
    fn answers_itself(&self) -> bool {
        let Ok(response) = serde_json::from_str::<serde_json::Value>(&self.response) else { return false };
        match response["request"].as_str() {
            Some(echo) => STANDARD.decode(echo).is_ok_and(|echo| echo == self.request.as_bytes()),
            None => self.status != 200 && response["code"].is_i64(),
        }
    }
}

/// Why an exchange proves nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// The address of the VSP, which nobody signed.
    #[error(transparent)]
    Vsp(#[from] VspAddressError),
    /// The VSP's key.
    #[error(transparent)]
    Key(#[from] ServerKeyError),
    /// The VSP's signature.
    #[error(transparent)]
    Server(#[from] ServerSignatureError),
    /// The request is not JSON.
    #[error("request cannot be read: {0}")]
    Request(#[from] serde_json::Error),
    /// Not a base64 signature.
    #[error("signature of the owner is not the base64 form of 65 bytes")]
    ClientSignature,
    /// Nobody to compare the owner's signature with.
    #[error("no address is known that may sign for the ticket")]
    NoSigner,
    /// The owner's signature.
    #[error("signature of the owner: {0}")]
    Signer(MessageError),
    /// No endpoint of a VSP.
    #[error("endpoint is none of a VSP's")]
    Endpoint,
    /// About another ticket than it says.
    #[error("request is about another ticket")]
    OtherTicket,
    /// The response belongs to another request.
    #[error("response answers another request")]
    OtherRequest,
}
