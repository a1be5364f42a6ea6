//! Reads a request as a stream: the container's header here, what follows it in `body`.

use super::Request;
use super::header::{HEADER_LENGTH, Header};
use super::landing::Landing;
use crate::rule::{Refusal, Rule};

mod body;
mod draft;
mod row;
mod values;

use body::BodyReader;

/// Takes the bytes of a request in pieces of any size, container first, and reads what it asks for; nothing of it is
/// compared with keys or limits.
pub struct RequestReader<const INPUTS: usize, const TICKETS: usize>(Reader<INPUTS, TICKETS, Request<INPUTS, TICKETS>>);

impl<const INPUTS: usize, const TICKETS: usize> Default for RequestReader<INPUTS, TICKETS> {
    fn default() -> Self {
        Self(Reader::new(Request::BLANK))
    }
}

impl<const INPUTS: usize, const TICKETS: usize> RequestReader<INPUTS, TICKETS> {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// The first rule that the bytes break. It is the answer to everything from then on: whoever goes on after a refusal
    /// must not get a request of which some bytes were skipped.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.0.push(bytes)
    }

    /// Ends the request.
    ///
    /// # Errors
    /// What [`Self::push`] refused, or the rules about the whole: something is missing, or the id belongs to another body.
    pub fn finish(mut self) -> Result<Request<INPUTS, TICKETS>, Refusal> {
        self.0.close()?;
        Ok(self.0.into_landing())
    }
}

/// Reads a request into a place of its owner's.
pub(crate) struct Reader<const INPUTS: usize, const TICKETS: usize, L> {
    raw_header: [u8; HEADER_LENGTH],
    header_bytes: usize,
    refused: Option<Refusal>,
    body: BodyReader<INPUTS, TICKETS, L>,
}

impl<const INPUTS: usize, const TICKETS: usize, L> Reader<INPUTS, TICKETS, L> {
    pub(crate) const fn new(landing: L) -> Self {
        Self { raw_header: [0; HEADER_LENGTH], header_bytes: 0, refused: None, body: BodyReader::new(landing) }
    }

    /// Where the request is.
    pub(crate) const fn landing(&self) -> &L {
        self.body.landing()
    }

    pub(crate) const fn landing_mut(&mut self) -> &mut L {
        self.body.landing_mut()
    }

    pub(crate) fn into_landing(self) -> L {
        self.body.into_landing()
    }

    const fn has_header(&self) -> bool {
        self.header_bytes == HEADER_LENGTH
    }

    /// The header, and how many bytes of the body are still to come.
    pub(crate) const fn header(&self) -> Option<(&Header, usize)> {
        if self.has_header() { Some(self.body.header()) } else { None }
    }

    /// Expects another request.
    pub(crate) const fn restart(&mut self) {
        self.header_bytes = 0;
        self.refused = None;
    }
}

impl<const INPUTS: usize, const TICKETS: usize, L: Landing<INPUTS, TICKETS>> Reader<INPUTS, TICKETS, L> {
    /// Takes the next bytes, or refuses them with all that follow.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        if let Some(refusal) = self.refused {
            return Err(refusal);
        }
        self.take(bytes).inspect_err(|refusal| self.refused = Some(*refusal))
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let mut rest = bytes;
        while !self.has_header() {
            let Some((byte, tail)) = rest.split_first() else { return Ok(()) };
            rest = tail;
            if let Some(place) = self.raw_header.get_mut(self.header_bytes) {
                *place = *byte;
            }
            self.header_bytes = self.header_bytes.saturating_add(1);
            if self.has_header() {
                self.body.start(Header::parse(&self.raw_header)?);
            }
        }
        self.body.push(rest)
    }

    /// Ends the request: it is whole, and the id is that of its bytes.
    pub(crate) fn close(&mut self) -> Result<(), Refusal> {
        if let Some(refusal) = self.refused {
            return Err(refusal);
        }
        if self.has_header() { self.body.close() } else { Err(Rule::NotCanonical.into()) }
    }
}
