//! The device's side: one command in, one reply out, and the state between them.

use core::fmt::Write as _;

use super::command::{Command, SpendingAccount};
use super::keys::{DeviceKeys, DeviceVoters};
use super::platform::{Os, Prompt, Turn, User};
use super::reply::{Failure, Reply};
use super::status::Status;
use super::voter::VoterRecord;
use super::{HIGHEST_KIND, MAJOR, MAX_DATA, MINOR, account_path, network_bit};
use crate::address::AddressOf;
use crate::hash::{Hash160, Sink, TransferId};
use crate::machine::{Approval, NoMemory, Reviewable, Session, Signature};
use crate::net::Network;
use crate::path::KeyPath;
use crate::policy::Limits;
use crate::request::{HEADER_LENGTH, Header};
use crate::rule::{Figure, Refusal, Rule};
use crate::script::Payee;

/// A device remembers no earlier requests, so it needs no room to list them.
const EARLIER: usize = 0;

/// A device with room for so many inputs and so many tickets.
///
/// Every reply other than done leaves it idle: whatever was begun has to begin again.
pub struct Device<const INPUTS: usize, const TICKETS: usize> {
    session: Session<INPUTS, TICKETS, EARLIER>,
    /// That the person approved the request of the session.
    approval: Option<Approval>,
    voter: Option<VoterRecord>,
    /// The account that the person let the host see since the start.
    opened: Option<SpendingAccount>,
}

impl<const INPUTS: usize, const TICKETS: usize> Default for Device<INPUTS, TICKETS> {
    fn default() -> Self {
        Self::new()
    }
}

/// The parts are never inlined, so that a command takes the stack that it needs and not that of the largest one.
impl<const INPUTS: usize, const TICKETS: usize> Device<INPUTS, TICKETS> {
    /// A device that has just started.
    #[must_use]
    pub const fn new() -> Self {
        Self { session: Session::new(), approval: None, voter: None, opened: None }
    }

    /// Does what a command says and writes the reply.
    pub fn handle<P: Os + User>(&mut self, platform: &mut P, command: &[u8], reply: &mut Reply) {
        reply.clear();
        let outcome = match &Command::parse(command) {
            Ok(command) => self.run(platform, command, reply),
            Err(failure) => Err(*failure),
        };
        if outcome.is_err() {
            self.forget();
        }
        reply.close(outcome);
    }

    fn forget(&mut self) {
        self.session.end();
        (self.approval, self.voter) = (None, None);
    }

    #[inline(never)]
    fn run<P: Os + User>(&mut self, platform: &mut P, command: &Command<'_>, reply: &mut Reply) -> Result<(), Failure> {
        match command {
            Command::Version => version(platform, reply, [INPUTS, TICKETS]),
            Command::Account(of) => self.account(platform, *of, reply)?,
            Command::Address { of, path } => self.address(platform, *of, *path, reply)?,
            Command::Register(record) => self.register(platform, record, reply)?,
            Command::Voter { record, mac } => {
                self.idle()?;
                record.verify(platform, mac)?;
                self.voter = Some(*record);
            }
            Command::Begin(header) => self.begin(platform, header)?,
            Command::Stream(bytes) => self.stream(platform, bytes, reply)?,
            Command::Approve(id) => self.approve(platform, id, reply)?,
            Command::Page(number) => self.page(*number, reply)?,
            Command::Signature(number) => self.signature(platform, *number, reply)?,
            Command::Abort => self.forget(),
        }
        Ok(())
    }

    const fn idle(&self) -> Result<(), Status> {
        if self.session.is_idle() { Ok(()) } else { Err(Status::OutOfOrder) }
    }

    #[inline(never)]
    fn account<P: Os + User>(
        &mut self,
        platform: &mut P,
        of: SpendingAccount,
        reply: &mut Reply,
    ) -> Result<(), Failure> {
        self.idle()?;
        serves(platform, of.network)?;
        let path = account_path(of.account.coin_type.number(), of.account.account.number());
        let [purpose, coin_type, _] = path;
        let key = platform.public_key(&path)?;
        let parent = Hash160::of(&platform.public_key(&[purpose, coin_type])?.key);
        if self.opened != Some(of) {
            ask(platform, &Prompt::Account(of))?;
            self.opened = Some(of);
        }
        let [p0, p1, p2, p3, ..] = *parent.as_bytes();
        reply.put(&key.key);
        reply.put(&key.chain_code);
        reply.put(&[p0, p1, p2, p3]);
        Ok(())
    }

    #[inline(never)]
    fn address<P: Os + User>(
        &self,
        platform: &mut P,
        of: SpendingAccount,
        path: KeyPath,
        reply: &mut Reply,
    ) -> Result<(), Failure> {
        self.idle()?;
        serves(platform, of.network)?;
        let key = DeviceKeys::of(platform, of.account).public_key(path)?;
        let address = AddressOf { network: of.network, payee: Payee::KeyHash(Hash160::of(&key)) };
        ask(platform, &Prompt::Address { address, of, path })?;
        reply.put(&address.characters());
        Ok(())
    }

    #[inline(never)]
    fn register<P: Os + User>(&self, platform: &mut P, record: &VoterRecord, reply: &mut Reply) -> Result<(), Failure> {
        self.idle()?;
        record.check(platform)?;
        let fingerprint = record.fingerprint();
        ask(platform, &Prompt::Voter { name: record.name(), fingerprint, of: record.of })?;
        reply.put(&record.mac(platform)?);
        reply.put(fingerprint.as_bytes());
        Ok(())
    }

    #[inline(never)]
    fn begin(&mut self, os: &impl Os, bytes: &[u8; HEADER_LENGTH]) -> Result<(), Failure> {
        self.idle()?;
        let header = Header::parse(bytes)?;
        serves(os, header.network)?;
        if header.length == 0 {
            return Err(Refusal::from(Rule::NotCanonical).into());
        }
        Ok(self.session.begin().push(bytes)?)
    }

    #[inline(never)]
    fn stream(&mut self, os: &impl Os, bytes: &[u8], reply: &mut Reply) -> Result<(), Failure> {
        let mut receiving = self.session.receiving().ok_or(Status::OutOfOrder)?;
        receiving.push(bytes)?;
        let Some((header, 0)) = receiving.header() else { return Ok(()) };
        let network = header.network;
        self.check(os, network, reply)
    }

    #[inline(never)]
    fn check(&mut self, os: &impl Os, network: Network, reply: &mut Reply) -> Result<(), Failure> {
        let receiving = self.session.receiving().ok_or(Status::OutOfOrder)?;
        let mut voters = DeviceVoters::new(os, network, self.voter.as_ref());
        let checked = receiving.check(&mut DeviceKeys::new(os), &mut voters, &mut NoMemory, &Limits::DEFAULT)?;
        let pages = u8::try_from(checked.pages().count()).map_err(|_| Rule::TooLarge).map_err(Refusal::from)?;
        reply.put(checked.id().as_bytes());
        reply.put(&[pages]);
        Ok(())
    }

    #[inline(never)]
    fn approve(&mut self, user: &mut impl User, id: &TransferId, reply: &mut Reply) -> Result<(), Failure> {
        let request = self.session.reviewable().filter(|_| self.approval.is_none()).ok_or(Status::OutOfOrder)?;
        let other = Refusal::new(Rule::IdMismatch).found(Figure::Id(*id)).expected(Figure::Id(*request.id()));
        let given = request.approval(id).map_err(|_| other)?;
        review(request, user)?;
        self.approval = Some(given);
        reply.put(&request.counts().map(|count| u8::try_from(count).unwrap_or(u8::MAX)));
        Ok(())
    }

    #[inline(never)]
    fn page(&self, number: u8, reply: &mut Reply) -> Result<(), Failure> {
        let request = self.session.reviewable().ok_or(Status::OutOfOrder)?;
        let page = request.page(number.into()).ok_or(Status::Parameters)?;
        reply.put(&[page.topic.code(), page.origin.code()]);
        write!(reply, "{page}").map_err(|_| Status::Failed)?;
        Ok(())
    }

    #[inline(never)]
    fn signature(&self, os: &impl Os, number: u8, reply: &mut Reply) -> Result<(), Failure> {
        let request = self.session.reviewable().ok_or(Status::OutOfOrder)?;
        let approval = self.approval.as_ref().ok_or(Status::OutOfOrder)?;
        let mut keys = DeviceKeys::of(os, request.account());
        match request.signature(approval, number.into(), &mut keys)?.ok_or(Status::Parameters)? {
            Signature::Input(bytes) => put_signature(reply, 0, &bytes),
            Signature::Ticket(bytes) => put_signature(reply, 1, &bytes),
            Signature::Message(bytes) => put_signature(reply, 2, &bytes),
        }
        Ok(())
    }
}

fn put_signature(reply: &mut Reply, kind: u8, bytes: &[u8]) {
    reply.put(&[kind]);
    reply.put(bytes);
}

fn version(os: &impl Os, reply: &mut Reply, sizes: [usize; 2]) {
    let served = Network::ALL.into_iter().filter(|network| os.serves(*network));
    let networks = served.fold(0, |bits, network| bits | network_bit(network));
    let [inputs, tickets] = sizes.map(|size| u16::try_from(size).unwrap_or(u16::MAX).to_le_bytes());
    reply.put(&[MAJOR, MINOR]);
    reply.put(&inputs);
    reply.put(&tickets);
    reply.put(&[HIGHEST_KIND, networks, u8::try_from(MAX_DATA).unwrap_or(u8::MAX)]);
}

fn serves(os: &impl Os, network: Network) -> Result<(), Refusal> {
    let refusal = Refusal::new(Rule::NetworkMismatch).found(Figure::Network(network));
    if os.serves(network) { Ok(()) } else { Err(refusal) }
}

/// Asks until the answer is yes or no.
fn ask(user: &mut impl User, prompt: &Prompt<'_>) -> Result<(), Failure> {
    loop {
        match user.ask(prompt)? {
            Turn::Next => return Ok(()),
            Turn::Back => {}
            Turn::Decline => return Err(Status::Declined.into()),
        }
    }
}

/// Shows every page, then asks: there is no way to yes but through all of them.
fn review<const INPUTS: usize, const TICKETS: usize>(
    checked: &Reviewable<INPUTS, TICKETS, EARLIER>,
    user: &mut impl User,
) -> Result<(), Failure> {
    let count = u32::try_from(checked.pages().count()).unwrap_or(u32::MAX);
    let words = checked.check_words();
    let mut number = 0_u32;
    loop {
        let page = checked.page(number);
        let prompt = page.map_or(Prompt::Approve { words }, |page| Prompt::Page { page, number, count });
        match user.ask(&prompt)? {
            Turn::Next if page.is_none() => return Ok(()),
            Turn::Next => number = number.saturating_add(1),
            Turn::Back => number = number.saturating_sub(1),
            Turn::Decline => return Err(Status::Declined.into()),
        }
    }
}

/// What a Ledger keeps between two commands.
const DEVICE_STATE: usize = 6 * 1024;
const _: () = assert!(size_of::<Device<24, 20>>() <= DEVICE_STATE);
