//! What a device has to answer, from docs/ledger-protocol.md section 3 and the machine alone.

use dcrcold_core::apdu::{Command, Failure, Status, VoterRecord};
use dcrcold_core::hash::{MessageHash, SignatureHash, TransferId};
use dcrcold_core::machine::{FinishError, NoMemory, Receiver, Reviewable, Step};
use dcrcold_core::net::Network;
use dcrcold_core::path::KeyPath;
use dcrcold_core::policy::Limits;
use dcrcold_core::request::{HEADER_LENGTH, Header};
use dcrcold_core::rule::Refusal;

use crate::keys::{Reference, Signing, below, path, signature};

pub type Checked = Box<Reviewable<24, 20>>;

#[derive(Default)]
pub enum State {
    #[default]
    Idle,
    Receiving(Vec<u8>),
    Checked(Checked),
    Approved(Checked),
}

#[derive(Default)]
pub struct Model {
    pub state: State,
    pub voter: Option<VoterRecord>,
}

/// The request that these bytes are, when it is one.
fn read(bytes: &[u8], voter: Option<VoterRecord>) -> Result<Checked, Refusal> {
    let mut receiver = Box::<Receiver<24, 20>>::default();
    receiver.push(bytes)?;
    let network = Network::from_code(bytes[9]).expect("was read");
    let mut keys = Reference { network, voter, account: None };
    let mut voters = Reference { network, voter, account: None };
    match receiver.finish(&mut keys, &mut voters, &mut NoMemory, &Limits::DEFAULT) {
        Ok(request) => Ok(Box::new(request)),
        Err(FinishError::Refused(refusal)) => Err(refusal),
        Err(FinishError::Keys(())) => panic!("hashes do not fail"),
    }
}

impl Model {
    /// Whether the command is taken in this state.
    pub fn takes(&self, command: &Command<'_>) -> bool {
        match (command, &self.state) {
            (Command::Version | Command::Abort, _)
            | (Command::Stream(_), State::Receiving(_))
            | (Command::Approve(_), State::Checked(_))
            | (Command::Page(_), State::Checked(_) | State::Approved(_))
            | (Command::Signature(_), State::Approved(_)) => true,
            (Command::Stream(_) | Command::Approve(_) | Command::Page(_) | Command::Signature(_), _) => false,
            (_, state) => matches!(state, State::Idle),
        }
    }

    /// The request at hand.
    pub fn request(&self) -> Option<&Checked> {
        match &self.state {
            State::Checked(request) | State::Approved(request) => Some(request),
            State::Idle | State::Receiving(_) => None,
        }
    }

    /// Follows a command that was done.
    pub fn done(&mut self, command: &Command<'_>, data: &[u8]) {
        match command {
            Command::Abort => *self = Self::default(),
            Command::Voter { record, .. } => self.voter = Some(*record),
            Command::Begin(header) => self.state = State::Receiving(header.to_vec()),
            Command::Stream(bytes) => self.streamed(bytes, data),
            Command::Approve(id) => self.approved(id, data),
            Command::Page(number) => {
                let page = self.request().and_then(|request| request.page((*number).into())).expect("a page");
                assert_eq!(&data[2..], &page.to_string().as_bytes()[..(data.len() - 2)]);
            }
            _ => {}
        }
    }

    fn streamed(&mut self, bytes: &[u8], data: &[u8]) {
        let State::Receiving(all) = &mut self.state else { panic!("was not taken") };
        all.extend(bytes);
        let header = Header::parse(all.first_chunk().expect("a header")).expect("was begun");
        if all.len() < HEADER_LENGTH + header.length as usize {
            return assert!(data.is_empty());
        }
        let request = read(all, self.voter).unwrap_or_else(|refusal| panic!("taken against {refusal}"));
        assert_eq!(data, [request.id().as_bytes().as_slice(), &[request.pages().count() as u8]].concat());
        assert_eq!(*request.id(), header.id);
        self.state = State::Checked(request);
    }

    fn approved(&mut self, id: &TransferId, data: &[u8]) {
        let State::Checked(request) = std::mem::take(&mut self.state) else { panic!("was not taken") };
        assert_eq!(id, request.id());
        assert_eq!(data, request.counts().map(|count| count as u8));
        self.state = State::Approved(request);
    }

    /// What the key has signed and the device has replied when it was asked for a signature and gave it.
    pub fn signature(&self, number: u8) -> (Signing, Vec<u8>) {
        let State::Approved(request) = &self.state else { panic!("signed without approval") };
        let (kind, to, digest) = match request.step(number.into()).expect("a signature that exists") {
            Step::Input { path, digest } => (0, path, *SignatureHash::as_bytes(&digest)),
            Step::Ticket { path, digest } => (1, path, *SignatureHash::as_bytes(&digest)),
            Step::Message { path, digest } => (2, path, *MessageHash::as_bytes(&digest)),
        };
        let whole = path(request.account(), &below(KeyPath { branch: to.branch, index: to.index }));
        let made = signature(&whole, &digest);
        let code = if kind == 2 { vec![31 + made.recovery] } else { vec![] };
        ((whole, digest), [&[kind], code.as_slice(), &made.compact].concat())
    }

    /// Sees that a refusal of the last bytes is the machine's.
    pub fn refused(&self, command: &Command<'_>, failure: &Failure) {
        if let (Command::Stream(bytes), State::Receiving(all), Failure::Refused(refusal)) =
            (command, &self.state, failure)
        {
            let whole = [all.as_slice(), bytes].concat();
            assert_eq!(read(&whole, self.voter).map(|_| ()), Err(*refusal));
        }
        assert_ne!(*failure, Failure::Status(Status::OutOfOrder), "taken in this state");
    }
}
