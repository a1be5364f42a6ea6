//! One VSP behind its address and key.

use ureq::Agent;

use super::error::VspError;
use crate::http::HttpSettings;
use crate::vsp::{
    Evidence, Info, InfoError, Refused, Request, ServerKey, ServerSignature, Signed, Timestamp, VspAddress,
};
use crate::wallet::Clock;

/// The header with the owner's signature.
const CLIENT_SIGNATURE: &str = "VSP-Client-Signature";
/// The header with the VSP's signature.
const SERVER_SIGNATURE: &str = "VSP-Server-Signature";
/// The longest answer: base64 of the longest request that a VSP reads, 1 MiB, and what stands beside it.
const LONGEST_ANSWER: u64 = 3 << 19;

/// A VSP whose key is known, or is about to be.
#[derive(Clone, Debug)]
pub struct VspClient {
    agent: Agent,
    address: VspAddress,
    key: Option<ServerKey>,
    over_proxy: bool,
}

/// A signed exchange: what came back, and how to prove it.
pub struct Exchange {
    /// The response, or a signed refusal.
    pub outcome: Result<Signed, VspError>,
    /// The whole exchange.
    pub evidence: Evidence,
}

/// An answer as it came.
struct Answer {
    status: u16,
    signature: Option<String>,
    body: Vec<u8>,
}

impl VspClient {
    /// Takes the address of a VSP, and its key if it is known already.
    #[must_use]
    pub fn new(address: VspAddress, key: Option<ServerKey>, settings: &HttpSettings) -> Self {
        Self { agent: settings.agent(), address, key, over_proxy: settings.proxy.is_some() }
    }

    /// Where the VSP is.
    #[must_use]
    pub const fn address(&self) -> &VspAddress {
        &self.address
    }

    /// Asks the VSP for its description; its key must be the one that is known, if one is.
    ///
    /// # Errors
    /// [`VspError`].
    pub fn info(&self) -> Result<Info, VspError> {
        self.check_way()?;
        let url = format!("{}/api/v3/vspinfo", self.address);
        let answer = self.read(self.agent.get(&url).call())?;
        let signature = self.signature(&answer)?;
        if answer.status != 200 {
            return Err(VspError::Unsigned { vsp: self.address.clone(), status: answer.status });
        }
        let info = Info::check(&answer.body, &signature, self.key.as_ref());
        info.map_err(|source| VspError::Info { vsp: self.address.clone(), source })
    }

    /// Sends a request and checks who answered it. The answer may be a refusal; it is kept as evidence all the same.
    ///
    /// # Errors
    /// [`VspError`] when there is no signed answer.
    pub fn send(&self, request: &Request, clock: &dyn Clock) -> Result<Exchange, VspError> {
        let Some(key) = &self.key else { return Err(self.no_key()) };
        self.check_way()?;
        let url = format!("{}{}", self.address, request.endpoint().path());
        let call = self.agent.post(&url).content_type("application/json");
        let call = call.header(CLIENT_SIGNATURE, request.signature().to_string());
        let answer = self.read(call.send(request.body()))?;
        let signature = self.signature(&answer)?;
        let signed = Signed::check(key, &answer.body, &signature)
            .map_err(|source| VspError::Signature { vsp: self.address.clone(), source })?;
        let received = (Timestamp(clock.now().0), answer.status);
        let evidence = Evidence::new(self.address.as_str(), key, request, received, &signed, &signature);
        let outcome = self.outcome(request, answer.status, signed);
        Ok(Exchange { outcome, evidence })
    }

    fn outcome(&self, request: &Request, status: u16, signed: Signed) -> Result<Signed, VspError> {
        if status == 200 {
            return Ok(signed);
        }
        let (vsp, endpoint) = (self.address.clone(), request.endpoint());
        match Refused::read(&signed) {
            Ok(refused) => Err(VspError::Refused { vsp, endpoint, refused }),
            Err(source) => Err(VspError::Reply { vsp, endpoint, source }),
        }
    }

    fn read(&self, result: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Answer, VspError> {
        let failed = |source| match source {
            ureq::Error::BodyExceedsLimit(most) => VspError::TooLong { vsp: self.address.clone(), most },
            source => VspError::Unreachable { vsp: self.address.clone(), source: Box::new(source) },
        };
        let mut response = result.map_err(failed)?;
        let header = response.headers().get(SERVER_SIGNATURE);
        let signature = header.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = response.body_mut().with_config().limit(LONGEST_ANSWER).read_to_vec().map_err(failed)?;
        Ok(Answer { status: response.status().as_u16(), signature, body })
    }

    fn signature(&self, answer: &Answer) -> Result<ServerSignature, VspError> {
        let unsigned = || VspError::Unsigned { vsp: self.address.clone(), status: answer.status };
        let text = answer.signature.as_deref().ok_or_else(unsigned)?;
        text.parse().map_err(|source| VspError::Signature { vsp: self.address.clone(), source })
    }

    /// The name of an onion service is no business of those who look names up.
    fn check_way(&self) -> Result<(), VspError> {
        if self.address.is_onion() && !self.over_proxy {
            return Err(VspError::OnlyOverTor { vsp: self.address.clone() });
        }
        Ok(())
    }

    /// There is nothing to check an answer with before the VSP was asked for its description.
    fn no_key(&self) -> VspError {
        VspError::Info { vsp: self.address.clone(), source: InfoError::Unknown }
    }
}
