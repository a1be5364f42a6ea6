//! A request signed by a device: sent, compared, approved, and every signature verified.

use dcrcold_core::apdu::{Command, Exchange, Failure, Instruction, chunks};
use dcrcold_core::hash::TransferId;
use dcrcold_core::review::Page;
use dcrcold_core::rule::Rule;

use super::error::{DeviceError, Lie};
use super::request::{CheckedRequest, RegisteredVoter};
use super::session::{Progress, Question, Session};
use crate::key::{MessageSignature, Signature};
use crate::transfer::Answer;

/// Signatures are numbered in one byte.
const MOST_SIGNATURES: u32 = 256;
/// The most text of a page that fits a reply, after topic and origin.
const PAGE_TEXT: usize = 253;

impl<E: Exchange> Session<E>
where
    E::Error: std::error::Error + 'static,
{
    /// Has a request signed: everything of it, or nothing.
    ///
    /// `voter` is the record of the voter that the request names, from an earlier [`Session::register`]. Whatever
    /// interrupts this, the same request can be begun again and gets the same answer.
    ///
    /// # Errors
    /// [`DeviceError`]; [`DeviceError::VoterNotRegistered`] when the voter has to be registered first. Signatures that
    /// came before the failure are dropped.
    pub fn sign(
        &mut self,
        request: &CheckedRequest<'_>,
        voter: Option<&RegisteredVoter>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Answer, DeviceError<E::Error>> {
        self.takes(request)?;
        let answer = self.begin(request, voter, progress).and_then(|()| self.finish(request, progress));
        if self.holds() {
            // An answer that is here and right is not given up because the device is gone meanwhile.
            let _ = self.abort();
        }
        answer
    }

    /// Whether the device has room for a request.
    fn takes(&self, request: &CheckedRequest<'_>) -> Result<(), DeviceError<E::Error>> {
        self.serves(request.watched.of())?;
        let most = self.capabilities().capacity;
        let (kind, inputs, tickets) = request.size();
        if kind.code() > most.highest_kind {
            return Err(DeviceError::NotTaken { kind });
        }
        let pairs = [
            ("inputs", inputs, most.inputs),
            ("tickets or outputs", tickets, most.tickets),
            ("signatures", request.review.counts().iter().sum(), MOST_SIGNATURES),
        ];
        match pairs.into_iter().find(|(_, found, most)| found > most) {
            Some((what, found, most)) => Err(DeviceError::TooLarge { what, found, most }),
            None => Ok(()),
        }
    }

    /// Brings the request to the device and compares what the device makes of it.
    fn begin(
        &mut self,
        request: &CheckedRequest<'_>,
        voter: Option<&RegisteredVoter>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), DeviceError<E::Error>> {
        self.name_voter(request, voter)?;
        let last = self.stream(request, progress)?;
        let (id, pages) = last.split_first_chunk::<32>().expect("32 of 33 bytes");
        let (found, expected) = (TransferId::from_bytes(*id), *request.review.id());
        if found != expected {
            return Err(Lie::OtherRequest { found, expected }.into());
        }
        let found = pages.first().map_or(0, |pages| u32::from(*pages));
        let expected = request.review.pages().map(|_| 1).sum();
        if found != expected {
            return Err(Lie::PageCount { found, expected }.into());
        }
        (0..).zip(request.review.pages()).try_for_each(|(number, page)| self.compare_page(number, &page))
    }

    fn name_voter(
        &mut self,
        request: &CheckedRequest<'_>,
        voter: Option<&RegisteredVoter>,
    ) -> Result<(), DeviceError<E::Error>> {
        let Some(fingerprint) = request.voter() else { return Ok(()) };
        let unknown = || DeviceError::VoterNotRegistered { fingerprint };
        let fits = |voter: &&RegisteredVoter| {
            voter.record.fingerprint() == fingerprint && voter.record.of == request.watched.of()
        };
        let RegisteredVoter { record, mac } = *voter.filter(fits).ok_or_else(unknown)?;
        match self.hold(&Command::Voter { record, mac }) {
            Err(DeviceError::Refused(refusal)) if refusal.rule == Rule::VoterUnknown => Err(unknown()),
            other => other,
        }
    }

    /// Sends the request in pieces; the reply to the last one.
    fn stream(
        &mut self,
        request: &CheckedRequest<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<[u8; 33], DeviceError<E::Error>> {
        let pieces = chunks(request.bytes, self.capabilities().chunk());
        let mut pieces = pieces.ok_or(Failure::Refused(Rule::NotCanonical.into()))?.peekable();
        let (mut bytes, of) = (0, request.bytes.len());
        while let Some(piece) = pieces.next() {
            if pieces.peek().is_none() {
                return self.exact(&piece);
            }
            self.hold(&piece)?;
            bytes += piece.write().as_bytes().len();
            progress(Progress::Sent { bytes: bytes.min(of), of });
        }
        Err(Failure::Refused(Rule::NotCanonical.into()).into())
    }

    /// Compares a page with the one that the same core makes here.
    fn compare_page(&mut self, number: u32, page: &Page<'_>) -> Result<(), DeviceError<E::Error>> {
        let lie = Lie::OtherPage { number };
        let place = u8::try_from(number).map_err(|_| lie.clone())?;
        let reply = self.ask(&Command::Page(place))?;
        let text = page.to_string();
        let text = text.as_bytes().get(..PAGE_TEXT).unwrap_or(text.as_bytes());
        let [topic_found, origin_found, text_found @ ..] = reply.outcome()? else { return Err(lie.into()) };
        let same = [*topic_found, *origin_found] == [page.topic.code(), page.origin.code()] && text == text_found;
        if same { Ok(()) } else { Err(lie.into()) }
    }

    /// Has the request approved and takes all signatures.
    fn finish(
        &mut self,
        request: &CheckedRequest<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Answer, DeviceError<E::Error>> {
        let (id, expected) = (*request.review.id(), request.review.counts());
        let pages = request.review.pages().map(|_| 1).sum();
        progress(Progress::Look(Question::Review { pages, words: request.review.check_words() }));
        let found = self.exact::<3>(&Command::Approve(id))?.map(u32::from);
        if found != expected {
            return Err(Lie::Counts { found, expected }.into());
        }
        let mut answer = Answer { request: id, inputs: Vec::new(), tickets: Vec::new(), messages: Vec::new() };
        let of = expected.iter().sum();
        let kinds = (0_u8..).zip(expected).flat_map(|(kind, count)| (0..count).map(move |_| kind));
        for (number, kind) in (0..=u8::MAX).zip(kinds) {
            self.signature(number, kind, &mut answer)?;
            progress(Progress::Signed { signatures: u32::from(number) + 1, of });
        }
        answer.verify(&request.review, request.watched.key).map_err(Lie::WrongSignature)?;
        Ok(answer)
    }

    fn signature(&mut self, number: u8, kind: u8, answer: &mut Answer) -> Result<(), DeviceError<E::Error>> {
        let reply = self.ask(&Command::Signature(number))?;
        let data = reply.outcome()?;
        let expected = if kind == 2 { 66 } else { 65 };
        let length = Lie::Length { command: Instruction::Signature.name(), found: data.len(), expected };
        let (found, signature) = data.split_first().ok_or(length.clone())?;
        if *found != kind {
            return Err(Lie::OtherKind { number: number.into(), found: *found, expected: kind }.into());
        }
        match (kind, <[u8; 64]>::try_from(signature), <[u8; 65]>::try_from(signature)) {
            (0, Ok(signature), _) => answer.inputs.push(Signature::from_bytes(signature)),
            (1, Ok(signature), _) => answer.tickets.push(Signature::from_bytes(signature)),
            (2, _, Ok(signature)) => answer.messages.push(MessageSignature::from_bytes(signature)),
            _ => return Err(length.into()),
        }
        Ok(())
    }
}
