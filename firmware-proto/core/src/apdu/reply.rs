//! What a device answers: data, and a status word at the end.

use core::fmt;

use super::command::Fields;
use super::platform::Fault;
use super::status::Status;
use crate::amount::Height;
use crate::hash::{Fingerprint, Hash160, Sink, TransferId, copy};
use crate::machine::FinishError;
use crate::net::Network;
use crate::rule::{Figure, Part, Refusal, Rule};

/// The longest reply: 255 bytes of data and the status word.
pub const MAX_REPLY: usize = 257;
const MAX_CONTENT: usize = MAX_REPLY - 2;

/// A reply.
#[derive(Clone, Debug)]
pub struct Reply {
    bytes: [u8; MAX_REPLY],
    length: usize,
}

/// Why a command was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A status other than done.
    Status(Status),
    /// A rule is broken.
    Refused(Refusal),
    /// A status word that a later version of the device gives.
    Unknown(u16),
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for Status {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Locked => Self::Locked,
            Fault::Failed => Self::Failed,
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Status(fault.into())
    }
}

impl From<FinishError<Fault>> for Failure {
    fn from(error: FinishError<Fault>) -> Self {
        match error {
            FinishError::Refused(refusal) => Self::Refused(refusal),
            FinishError::Keys(fault) => fault.into(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "{status}"),
            Self::Refused(refusal) => write!(f, "{refusal}"),
            Self::Unknown(code) => write!(f, "the device answers {code:04x}, which this program does not know"),
        }
    }
}

impl core::error::Error for Failure {}

impl Default for Reply {
    fn default() -> Self {
        Self { bytes: [0; MAX_REPLY], length: 0 }
    }
}

impl Reply {
    /// Takes a reply as it came, status word last; `None` when it is too short or too long.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reply = Self { bytes: [0; MAX_REPLY], length: bytes.len() };
        copy(reply.bytes.get_mut(..bytes.len())?, bytes);
        (bytes.len() >= 2).then_some(reply)
    }

    /// Data and status word.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }

    /// The data of a command that was done.
    ///
    /// # Errors
    /// Why it was not.
    pub fn outcome(&self) -> Result<&[u8], Failure> {
        let (data, [high, low]) = self.as_bytes().split_last_chunk::<2>().ok_or(Failure::Unknown(0))?;
        let code = u16::from_be_bytes([*high, *low]);
        match Status::from_code(code) {
            Some(Status::Done) => Ok(data),
            Some(status) => Err(status.into()),
            None => Err(read_refusal(code, data).map_or(Failure::Unknown(code), Failure::Refused)),
        }
    }

    pub(super) fn clear(&mut self) {
        self.length = 0;
    }

    /// Ends the reply; a failure leaves nothing but itself.
    pub(super) fn close(&mut self, outcome: Result<(), Failure>) {
        let code = match outcome {
            Ok(()) => Status::Done.code(),
            Err(failure) => {
                self.clear();
                match failure {
                    Failure::Status(status) => status.code(),
                    Failure::Unknown(code) => code,
                    Failure::Refused(refusal) => {
                        write_refusal(&refusal, self);
                        Status::RULES | refusal.rule.code()
                    }
                }
            }
        };
        let end = self.length.saturating_add(2);
        if let Some(place) = self.bytes.get_mut(self.length..end) {
            copy(place, &code.to_be_bytes());
            self.length = end;
        }
    }
}

/// Data beyond 255 bytes are cut off; only the text of a page comes near.
impl Sink for Reply {
    fn put(&mut self, bytes: &[u8]) {
        let room = self.bytes.get_mut(self.length..MAX_CONTENT).unwrap_or(&mut []);
        let taken = room.iter_mut().zip(bytes).map(|(to, from)| *to = *from).count();
        self.length = self.length.saturating_add(taken);
    }
}

impl fmt::Write for Reply {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.put(text.as_bytes());
        Ok(())
    }
}

/// Writes part, what was found, what was expected; the rule is in the status word.
fn write_refusal(refusal: &Refusal, sink: &mut impl Sink) {
    let (code, number) = match refusal.part {
        Part::Request => (0, 0),
        Part::Input(number) => (1, number),
        Part::Parent(number) => (2, number),
        Part::Output(number) => (3, number),
        Part::Ticket(number) => (4, number),
        Part::AddressIndex => (5, 0),
        Part::VoterIndex => (6, 0),
        Part::PurseIndex => (7, 0),
        Part::Byte(number) => (8, number),
    };
    sink.put(&[code]);
    sink.put(&number.to_le_bytes());
    write_figure(&refusal.found, sink);
    write_figure(&refusal.expected, sink);
}

fn write_figure(figure: &Figure, sink: &mut impl Sink) {
    let mut number = |code, number: u64| {
        sink.put(&[code, 8]);
        sink.put(&number.to_le_bytes());
    };
    match figure {
        Figure::None => sink.put(&[0, 0]),
        Figure::Number(value) => number(1, *value),
        Figure::Atoms(atoms) => number(2, *atoms),
        Figure::Rate(rate) => number(3, *rate),
        Figure::Height(height) => number(4, height.0.into()),
        Figure::Network(network) => sink.put(&[5, 1, network.code()]),
        Figure::Hash(hash) => put_string(sink, 6, hash.as_bytes()),
        Figure::ScriptHash(hash) => put_string(sink, 7, hash.as_bytes()),
        Figure::Id(id) => put_string(sink, 8, id.as_bytes()),
        Figure::Voter(fingerprint) => put_string(sink, 9, fingerprint.as_bytes()),
        Figure::Account(account) => number(10, *account),
        Figure::CoinType(coin_type) => number(11, *coin_type),
        Figure::Key(key) => number(12, *key),
    }
}

fn put_string(sink: &mut impl Sink, code: u8, bytes: &[u8]) {
    sink.put(&[code, u8::try_from(bytes.len()).unwrap_or_default()]);
    sink.put(bytes);
}

fn read_refusal(code: u16, data: &[u8]) -> Option<Refusal> {
    let rule = Rule::ALL.iter().copied().find(|rule| Status::RULES | rule.code() == code)?;
    let mut fields = Fields::new(data);
    let part = fields.byte().ok()?;
    let number = u32::from_le_bytes(*fields.take().ok()?);
    let part = match part {
        1 => Part::Input(number),
        2 => Part::Parent(number),
        3 => Part::Output(number),
        4 => Part::Ticket(number),
        5 => Part::AddressIndex,
        6 => Part::VoterIndex,
        7 => Part::PurseIndex,
        8 => Part::Byte(number),
        _ => Part::Request,
    };
    let (found, expected) = (read_figure(&mut fields)?, read_figure(&mut fields)?);
    Some(Refusal::new(rule).at(part).found(found).expected(expected))
}

/// Figures of later versions say nothing here; their length tells where they end.
fn read_figure(fields: &mut Fields<'_>) -> Option<Figure> {
    let code = fields.byte().ok()?;
    let length = usize::from(fields.byte().ok()?);
    let bytes = fields.slice(length).ok()?;
    let number = || bytes.try_into().ok().map(u64::from_le_bytes);
    Some(match code {
        1 => Figure::Number(number()?),
        2 => Figure::Atoms(number()?),
        3 => Figure::Rate(number()?),
        4 => Figure::Height(Height(number()?.try_into().ok()?)),
        5 => Figure::Network(Network::from_code(*bytes.first()?)?),
        6 => Figure::Hash(Hash160::from_bytes(bytes.try_into().ok()?)),
        7 => Figure::ScriptHash(Hash160::from_bytes(bytes.try_into().ok()?)),
        8 => Figure::Id(TransferId::from_bytes(bytes.try_into().ok()?)),
        9 => Figure::Voter(Fingerprint::from_bytes(bytes.try_into().ok()?)),
        10 => Figure::Account(number()?),
        11 => Figure::CoinType(number()?),
        12 => Figure::Key(number()?),
        _ => Figure::None,
    })
}
