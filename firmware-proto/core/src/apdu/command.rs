//! Commands: read from bytes on a device, written as bytes on a host.

use super::instruction::Instruction;
use super::reply::Failure;
use super::status::Status;
use super::voter::{MAC_LENGTH, Mac, VoterRecord};
use super::{CLA, MAX_DATA};
use crate::hash::{Sink, TransferId, copy};
use crate::net::Network;
use crate::path::{Account, AccountPath, Branch, CoinType, Index, KeyPath};
use crate::request::HEADER_LENGTH;
use crate::rule::{Figure, Refusal, Rule};

/// Class, instruction, two parameters, length of the data.
const HEAD: usize = 5;

/// Network, coin type, account.
const ACCOUNT: usize = 9;
/// Branch and index.
const PATH: usize = 5;

/// A spending account on a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpendingAccount {
    /// The network.
    pub network: Network,
    /// The account.
    pub account: AccountPath,
}

impl SpendingAccount {
    pub(super) fn write(&self, sink: &mut impl Sink) {
        sink.put(&[self.network.code()]);
        sink.put(&self.account.coin_type.number().to_le_bytes());
        sink.put(&self.account.account.number().to_le_bytes());
    }

    pub(super) fn read(fields: &mut Fields<'_>) -> Result<Self, Failure> {
        let (code, coin_type, account) = (fields.byte()?, fields.number()?, fields.number()?);
        let number = |rule, figure| Refusal::new(rule).found(figure);
        let network = Network::from_code(code).ok_or(number(Rule::NetworkMismatch, Figure::Number(u64::from(code))))?;
        let coin_type =
            CoinType::new(network, coin_type).ok_or(number(Rule::NetworkCoinMismatch, Figure::CoinType(coin_type)))?;
        let account = Account::new(account).ok_or(number(Rule::AccountOutOfRange, Figure::Account(account)))?;
        Ok(Self { network, account: AccountPath { coin_type, account } })
    }
}

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command<'a> {
    /// Which versions and sizes the device has.
    Version,
    /// Gives the public key of a spending account.
    Account(SpendingAccount),
    /// Shows an address.
    Address {
        /// The account.
        of: SpendingAccount,
        /// The key below it.
        path: KeyPath,
    },
    /// Shows a voter and gives a MAC for it.
    Register(VoterRecord),
    /// Names the voter of the next request.
    Voter {
        /// The voter as it was registered.
        record: VoterRecord,
        /// What the device gave for it.
        mac: Mac,
    },
    /// Begins a request with its container's header.
    Begin(&'a [u8; HEADER_LENGTH]),
    /// The next bytes of the request's body, never none.
    Stream(&'a [u8]),
    /// Shows the request with this id and asks the person.
    Approve(TransferId),
    /// A page of the review, for the host to read.
    Page(u8),
    /// A signature of the approved request.
    Signature(u8),
    /// Forgets the request.
    Abort,
}

/// A command as bytes.
#[derive(Clone, Debug)]
pub struct Apdu {
    bytes: [u8; HEAD + MAX_DATA],
    length: usize,
}

impl Apdu {
    /// Takes bytes that are no command of this protocol, such as those that ask which app is open; `None` if there are
    /// more than a short APDU has.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut apdu = Self { bytes: [0; HEAD + MAX_DATA], length: bytes.len() };
        copy(apdu.bytes.get_mut(..bytes.len())?, bytes);
        Some(apdu)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }
}

/// No command has more data than there is room for; a longer slice of a stream is cut by [`Command::write`].
impl Sink for Apdu {
    fn put(&mut self, bytes: &[u8]) {
        let room = self.bytes.get_mut(self.length..).unwrap_or(&mut []);
        let taken = room.iter_mut().zip(bytes).map(|(to, from)| *to = *from).count();
        self.length = self.length.saturating_add(taken);
    }
}

impl<'a> Command<'a> {
    /// Reads a command.
    ///
    /// # Errors
    /// The status or the rule that refuses it.
    #[inline(never)]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Failure> {
        let ([class, code, p1, p2, length], data) = bytes.split_first_chunk::<HEAD>().ok_or(Status::Length)?;
        if *class != CLA {
            return Err(Status::Class.into());
        }
        let instruction = Instruction::from_code(*code).ok_or(Status::Instruction)?;
        if *p2 != 0 || (*p1 != 0 && !instruction.is_numbered()) {
            return Err(Status::Parameters.into());
        }
        if usize::from(*length) != data.len() || !Self::is_length(instruction, data) {
            return Err(Status::Length.into());
        }
        let mut fields = Fields::new(data);
        let command = Self::read(instruction, *p1, &mut fields)?;
        fields.end()?;
        Ok(command)
    }

    /// Whether there are as many data as the instruction has, whatever they mean.
    fn is_length(instruction: Instruction, data: &[u8]) -> bool {
        let record = data.get(ACCOUNT).map(|name| VoterRecord::length(*name));
        match instruction {
            Instruction::Account => data.len() == ACCOUNT,
            Instruction::Address => data.len() == ACCOUNT.saturating_add(PATH),
            Instruction::Register => record == Some(data.len()),
            Instruction::Voter => record.map(|length| length.saturating_add(MAC_LENGTH)) == Some(data.len()),
            Instruction::Begin => data.len() == HEADER_LENGTH,
            Instruction::Stream => !data.is_empty(),
            Instruction::Approve => data.len() == size_of::<TransferId>(),
            Instruction::Version | Instruction::Page | Instruction::Signature | Instruction::Abort => data.is_empty(),
        }
    }

    fn read(instruction: Instruction, p1: u8, fields: &mut Fields<'a>) -> Result<Self, Failure> {
        Ok(match instruction {
            Instruction::Version => Self::Version,
            Instruction::Account => Self::Account(SpendingAccount::read(fields)?),
            Instruction::Address => Self::Address { of: SpendingAccount::read(fields)?, path: read_path(fields)? },
            Instruction::Register => Self::Register(VoterRecord::read(fields)?),
            Instruction::Voter => Self::Voter { record: VoterRecord::read(fields)?, mac: *fields.take()? },
            Instruction::Begin => Self::Begin(fields.take()?),
            Instruction::Stream => Self::Stream(fields.rest()?),
            Instruction::Approve => Self::Approve(TransferId::from_bytes(*fields.take()?)),
            Instruction::Page => Self::Page(p1),
            Instruction::Signature => Self::Signature(p1),
            Instruction::Abort => Self::Abort,
        })
    }

    /// What it does.
    #[must_use]
    pub const fn instruction(&self) -> Instruction {
        match self {
            Self::Version => Instruction::Version,
            Self::Account(_) => Instruction::Account,
            Self::Address { .. } => Instruction::Address,
            Self::Register(_) => Instruction::Register,
            Self::Voter { .. } => Instruction::Voter,
            Self::Begin(_) => Instruction::Begin,
            Self::Stream(_) => Instruction::Stream,
            Self::Approve(_) => Instruction::Approve,
            Self::Page(_) => Instruction::Page,
            Self::Signature(_) => Instruction::Signature,
            Self::Abort => Instruction::Abort,
        }
    }

    /// Writes the command.
    #[must_use]
    pub fn write(&self) -> Apdu {
        let mut apdu = Apdu { bytes: [0; HEAD + MAX_DATA], length: 0 };
        let p1 = if let Self::Page(number) | Self::Signature(number) = self { *number } else { 0 };
        apdu.put(&[CLA, self.instruction().code(), p1, 0, 0]);
        match self {
            Self::Version | Self::Page(_) | Self::Signature(_) | Self::Abort => {}
            Self::Account(of) => of.write(&mut apdu),
            Self::Address { of, path } => {
                of.write(&mut apdu);
                apdu.put(&[if path.branch == Branch::External { 0 } else { 1 }]);
                apdu.put(&path.index.number().to_le_bytes());
            }
            Self::Register(record) => record.write(&mut apdu),
            Self::Voter { record, mac } => {
                record.write(&mut apdu);
                apdu.put(mac);
            }
            Self::Begin(header) => apdu.put(*header),
            Self::Stream(bytes) => apdu.put(bytes),
            Self::Approve(id) => apdu.put(id.as_bytes()),
        }
        let data = apdu.length.saturating_sub(HEAD);
        if let Some(length) = apdu.bytes.get_mut(HEAD.saturating_sub(1)) {
            *length = u8::try_from(data).unwrap_or(u8::MAX);
        }
        apdu
    }
}

fn read_path(fields: &mut Fields<'_>) -> Result<KeyPath, Failure> {
    let (branch, index) = (u64::from(fields.byte()?), fields.number()?);
    let refuse = |number| Refusal::new(Rule::IndexOutOfRange).found(Figure::Number(number));
    let branch = Branch::new(branch).ok_or(refuse(branch))?;
    let index = Index::new(index).ok_or(refuse(index))?;
    Ok(KeyPath { branch, index })
}

/// The commands that carry a request, container and all, in pieces of at most `size` bytes; `None` when the request is
/// shorter than its header or pieces have no size that fits.
pub fn chunks(request: &[u8], size: usize) -> Option<impl Iterator<Item = Command<'_>>> {
    let (header, body) = request.split_first_chunk::<HEADER_LENGTH>()?;
    let fits = (1..=MAX_DATA).contains(&size);
    fits.then(|| [Command::Begin(header)].into_iter().chain(body.chunks(size).map(Command::Stream)))
}

/// Reads fields one after the other.
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn take<const N: usize>(&mut self) -> Result<&'a [u8; N], Status> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Status::Length)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn slice(&mut self, length: usize) -> Result<&'a [u8], Status> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Status::Length)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Status> {
        let [byte] = *self.take()?;
        Ok(byte)
    }

    fn number(&mut self) -> Result<u64, Status> {
        Ok(u32::from_le_bytes(*self.take()?).into())
    }

    fn rest(&mut self) -> Result<&'a [u8], Status> {
        if self.0.is_empty() { Err(Status::Length) } else { self.slice(self.0.len()) }
    }

    fn end(&self) -> Result<(), Status> {
        if self.0.is_empty() { Ok(()) } else { Err(Status::Length) }
    }
}
