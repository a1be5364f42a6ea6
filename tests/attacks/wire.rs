//! The same attacks on a device, which knows nothing but what commands bring: no key store, no journal, no settings.
#![allow(unreachable_pub, reason = "a part of the test")]

use std::fs::OpenOptions;
use std::io::Write;
use std::thread;

use dcrcold_core::apdu::{Command, Failure, Status, VoterRecord};
use dcrcold_core::policy::{Limits, Rule};
use dcrcold_core::request::HEADER_LENGTH;
use dcrcold_signer::device::{
    CheckedRequest, DeviceError, ExtendedKey, Mac, RegisteredVoter, Session, SpendingAccount, Watched,
};
use dcrcold_signer::rebuild::RebuildError;
use dcrcold_signer::transfer::Answer;
use dcrcold_signer::voter::VoterKeys;

use crate::cold::{Cold, NETWORK};
use crate::device::{InProcess, Software};

/// The file in which the attacks that reach a device write their names, for whoever counts them.
pub const REACH: &str = "DCRCOLD_ATTACKS_REACH";
/// Sizes of the pieces in which requests go over.
const PIECES: [usize; 2] = [255, 13];

/// What a device makes of a request.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// It breaks a rule.
    Refused(Rule),
    /// The commands that would carry it are not taken, or its end never comes.
    OutOfOrder,
    /// All signatures, each with the byte for its kind in front.
    Signed(Vec<Vec<u8>>),
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::Refused(refusal.rule),
            Failure::Status(Status::OutOfOrder | Status::Length) => Self::OutOfOrder,
            other => panic!("{other}"),
        }
    }
}

/// A device with the seed of the victim, whose person says yes to everything, and a host that does what it likes.
pub struct Attacked<'a> {
    cold: &'a Cold,
    device: InProcess,
}

impl<'a> Attacked<'a> {
    pub fn new(cold: &'a Cold) -> Self {
        let master = cold.contents.master().expect("a seed that gives keys");
        Self { cold, device: InProcess::new(Software::of(master, b"the key for marks")) }
    }

    fn of(&self) -> SpendingAccount {
        SpendingAccount { network: NETWORK, account: self.cold.path() }
    }

    fn send(&mut self, command: &Command<'_>) -> Result<Vec<u8>, Failure> {
        self.device.raw(command.write().as_bytes()).outcome().map(<[u8]>::to_vec)
    }

    /// The voter whose fingerprint is in the request, wherever.
    fn voter(&self, request: &[u8]) -> Option<&'a VoterKeys> {
        let named = |voter: &&VoterKeys| {
            let fingerprint = voter.fingerprint(NETWORK);
            request.windows(16).any(|bytes| bytes == fingerprint.as_bytes())
        };
        self.cold.contents.voters().iter().find(named)
    }

    fn register(&mut self, voter: &VoterKeys) -> Result<(VoterRecord, Mac), Failure> {
        let key = |account: &dcrcold_signer::hd::ExtendedKeyData| ExtendedKey {
            key: account.key().to_bytes(),
            chain_code: *account.chain_code(),
        };
        let accounts = voter.accounts.each_ref().map(key);
        let record = VoterRecord::new(self.of(), voter.name.as_str(), accounts).expect("a short name");
        let reply = self.send(&Command::Register(record))?;
        Ok((record, reply[..16].try_into().expect("16 bytes")))
    }

    /// Sends everything, has it approved, and takes all signatures that there are.
    fn offer(&mut self, request: &[u8], voter: Option<(VoterRecord, Mac)>, piece: usize) -> Result<End, Failure> {
        self.send(&Command::Abort)?;
        let Some((header, body)) = request.split_first_chunk::<HEADER_LENGTH>() else { return Ok(End::OutOfOrder) };
        if let Some((record, mac)) = voter {
            self.send(&Command::Voter { record, mac })?;
        }
        let mut last = self.send(&Command::Begin(header))?;
        for piece in body.chunks(piece) {
            last = self.send(&Command::Stream(piece))?;
        }
        let id = last.get(..32).or(header.get(15..)).expect("a header has 47 bytes");
        let id = dcrcold_core::hash::TransferId::from_bytes(id.try_into().expect("32 bytes"));
        let counts = self.send(&Command::Approve(id))?;
        let all = counts.iter().sum();
        let signatures: Result<Vec<_>, _> = (0..all).map(|number| self.send(&Command::Signature(number))).collect();
        assert!(self.send(&Command::Signature(all)).is_err(), "one signature more than was announced");
        Ok(End::Signed(signatures?))
    }

    /// What becomes of a request, however it is cut into pieces.
    fn end(&mut self, request: &[u8]) -> End {
        let voter = match self.voter(request).map(|voter| self.register(voter)).transpose() {
            Ok(voter) => voter,
            Err(failure) => return failure.into(),
        };
        let [large, small] = PIECES.map(|piece| self.offer(request, voter, piece).unwrap_or_else(End::from));
        assert_eq!(large, small, "pieces of another size");
        if !matches!(large, End::Signed(_)) {
            assert_eq!(self.device.platform.os.signed.get(), 0, "something was signed");
        }
        large
    }

    /// The same through a host's session, which gives up before the device is asked when it can.
    fn session(&mut self, request: &[u8]) -> Result<Answer, Rule> {
        let (of, voters) = (self.of(), self.cold.contents.voters());
        let watched = Watched { network: of.network, account: of.account, key: &self.cold.account, voters };
        let request = CheckedRequest::read(request, watched).map_err(|error| match error {
            RebuildError::Refused(refusal) => refusal.rule,
            other => panic!("{other}"),
        })?;
        let voter = voters.iter().find(|voter| Some(voter.fingerprint(NETWORK)) == request.voter());
        let refused = |error| match error {
            DeviceError::Refused(refusal) => refusal.rule,
            // What a device has no room for is not sent.
            DeviceError::TooLarge { .. } => Rule::TooLarge,
            other => panic!("{other}"),
        };
        let mut session = Session::open(&mut self.device).expect("a device that works");
        let registered: Option<RegisteredVoter> =
            voter.map(|voter| session.register(of, voter, &mut |_| {})).transpose().map_err(refused)?;
        session.sign(&request, registered.as_ref(), &mut |_| {}).map_err(refused)
    }

    /// Sees that a device signs what the signer signs, the same bytes.
    pub fn signs(&mut self, request: &[u8], answer: &Answer) {
        let kind = |kind: u8, bytes: &[u8]| [&[kind], bytes].concat();
        let inputs = answer.inputs.iter().map(|signature| kind(0, signature.as_bytes()));
        let tickets = answer.tickets.iter().map(|signature| kind(1, signature.as_bytes()));
        let messages = answer.messages.iter().map(|signature| kind(2, signature.as_bytes()));
        assert_eq!(self.end(request), End::Signed(inputs.chain(tickets).chain(messages).collect()));
        assert_eq!(self.session(request).as_ref(), Ok(answer));
    }

    /// Sees that a device does not sign what the signer refuses, or says what a device lacks for it.
    pub fn refuses(&mut self, request: &[u8], rule: Rule) {
        let how = match self.end(request) {
            End::Refused(found) if found == rule => "stopped by the same rule",
            // A device has every account of its seed, on every network; the coins are not those of this one.
            End::Refused(Rule::InputNotOurs | Rule::CommitmentNotOurs)
                if matches!(rule, Rule::AccountUnknown | Rule::NetworkMismatch) =>
            {
                "stopped by another rule"
            }
            // The limits of the key store were raised for this attack, those of a device are what they are.
            End::Refused(Rule::AmountAboveLimit) if rule == Rule::AmountOverflow => "stopped by another rule",
            // What comes before or after a whole request is no request.
            End::OutOfOrder if matches!(rule, Rule::NotCanonical | Rule::TooLarge) => {
                "stopped by the order of commands"
            }
            End::Signed(_) if rule == Rule::IndexTooFar => "not stopped: a device remembers no request",
            End::Signed(_) if *self.cold.contents.limits() != Limits::DEFAULT => {
                "not stopped: a device has no settings"
            }
            other => panic!("{other:?} on a device, expected {rule}"),
        };
        if !how.starts_with("not stopped") {
            assert!(self.session(request).is_err(), "signed in a session");
            assert_eq!(self.device.platform.os.signed.get(), 0, "something was signed in a session");
        }
        reached(how);
    }

    /// Sees that a device does not sign what is too large for it.
    pub fn refuses_for_its_size(&mut self, request: &[u8]) {
        let end = self.end(request);
        assert!(matches!(end, End::Refused(_) | End::OutOfOrder), "{end:?}");
        reached("stopped for its size");
    }
}

/// Writes down that the attack at work reached a device.
fn reached(how: &str) {
    if let Some(path) = std::env::var_os(REACH) {
        let mut file = OpenOptions::new().append(true).create(true).open(path).expect("a file to count in");
        let line = format!("{}\t{how}\n", thread::current().name().expect("a test has a name"));
        file.write_all(line.as_bytes()).expect("a file to count in");
    }
}
