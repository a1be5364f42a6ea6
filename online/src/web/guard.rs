//! Who may ask: a page of this server, opened by somebody who has the link.
//!
//! Other pages in the same browser, other programs and other users of this computer can all reach the port. The link holds
//! a secret that the page sends with each question as a header line, which no page of another origin can do. The secret
//! stands in the link's fragment, which a browser sends nowhere: not in a request, not in `Referer`.

use std::net::SocketAddr;

use subtle::ConstantTimeEq;

use super::http::{Head, Method, Response, Status};

/// Bytes of the secret.
const SECRET: usize = 16;

/// What a question is measured by.
pub(super) struct Guard {
    secret: String,
    host: String,
    origin: String,
}

impl Guard {
    /// A guard with a new secret.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(super) fn new(address: SocketAddr) -> Result<Self, getrandom::Error> {
        let mut secret = [0; SECRET];
        getrandom::fill(&mut secret)?;
        Ok(Self {
            secret: base16ct::lower::encode_string(&secret),
            host: address.to_string(),
            origin: format!("http://{address}"),
        })
    }

    /// The link that opens the page.
    pub(super) fn link(&self) -> String {
        format!("{}/#secret={}", self.origin, self.secret)
    }

    /// Looks at where a question comes from.
    ///
    /// # Errors
    /// The answer to a question from elsewhere.
    pub(super) fn admit(&self, head: &Head) -> Result<(), Response> {
        // A name that an attacker's name server points to 127.0.0.1 is another host: DNS rebinding.
        if head.host.as_ref() != Some(&self.host) {
            let message = format!("this is {}, opened by its number and by no name", self.host);
            return Err(Response::refusal(Status::Misdirected, &message));
        }
        let foreign = Err(Response::refusal(Status::Forbidden, "the question comes from another page"));
        match &head.origin {
            Some(origin) if *origin != self.origin => return foreign,
            None if head.method == Method::Post => return foreign,
            _ => {}
        }
        match head.fetch_site.as_deref() {
            None | Some("same-origin") => Ok(()),
            // A link that was typed, pasted or kept.
            Some("none") if head.method == Method::Get => Ok(()),
            Some(_) => foreign,
        }
    }

    /// Sees that whoever asks has the link.
    ///
    /// # Errors
    /// The answer to those without.
    pub(super) fn admit_holder(&self, head: &Head) -> Result<(), Response> {
        let found = head.authorization.as_deref().and_then(|text| text.strip_prefix("Bearer ")).unwrap_or_default();
        if bool::from(found.as_bytes().ct_eq(self.secret.as_bytes())) {
            return Ok(());
        }
        let message = "open the link that dcrcold printed: this page does not have its secret";
        Err(Response::refusal(Status::Unauthorized, message))
    }
}
