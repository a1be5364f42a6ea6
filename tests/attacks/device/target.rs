//! A device whose person says yes to everything, and a host that sends what it likes.
#![allow(unreachable_pub, reason = "a part of the test")]

use dcrcold_core::apdu::{Command, Failure, Status, VoterRecord, chunks};
use dcrcold_core::hash::TransferId;
use dcrcold_core::request::HEADER_LENGTH;
use dcrcold_core::rule::Rule;
use dcrcold_signer::device::{ExtendedKey, Mac};
use dcrcold_signer::hd::ExtendedKeyData;
use dcrcold_signer::voter::VoterKeys;

use crate::device::InProcess;
use crate::device_case::Case;

/// A command that is not taken where it comes.
pub const OUT_OF_ORDER: Failure = Failure::Status(Status::OutOfOrder);

pub struct Target {
    pub device: InProcess,
    pub case: Case,
}

impl Target {
    pub fn of(case: Case) -> Self {
        Self { device: case.device(), case }
    }

    /// A plain send of two coins, without a voter.
    pub fn send() -> Self {
        Self::of(Case::named("two outputs and change"))
    }

    /// The largest purchase, with a voter of somebody else's seed.
    pub fn purchase() -> Self {
        Self::of(Case::large())
    }

    pub fn tell(&mut self, command: &Command<'_>) -> Result<Vec<u8>, Failure> {
        self.device.raw(command.write().as_bytes()).outcome().map(<[u8]>::to_vec)
    }

    /// The header of the request, and its body.
    pub fn parts(&self) -> ([u8; HEADER_LENGTH], Vec<u8>) {
        let (header, body) = self.case.request.split_first_chunk().unwrap();
        (*header, body.to_vec())
    }

    pub fn id(&self) -> TransferId {
        TransferId::from_bytes(self.case.request[15..HEADER_LENGTH].try_into().unwrap())
    }

    pub fn record(&self, voter: &VoterKeys) -> VoterRecord {
        let key = |account: &ExtendedKeyData| ExtendedKey {
            key: account.key().to_bytes(),
            chain_code: *account.chain_code(),
        };
        VoterRecord::new(self.case.of, voter.name.as_str(), voter.accounts.each_ref().map(key)).unwrap()
    }

    /// Registers a voter for the account of the case.
    pub fn register(&mut self, voter: &VoterKeys) -> Result<(VoterRecord, Mac), Failure> {
        let record = self.record(voter);
        let reply = self.tell(&Command::Register(record))?;
        Ok((record, reply[..16].try_into().unwrap()))
    }

    /// Names the voter of the case, if it has one.
    pub fn name_voter(&mut self) {
        if let Some(voter) = self.case.voters.first().cloned() {
            let (record, mac) = self.register(&voter).unwrap();
            self.tell(&Command::Voter { record, mac }).unwrap();
        }
    }

    /// Sends any request; the reply to its last piece.
    pub fn stream(&mut self, request: &[u8]) -> Result<Vec<u8>, Failure> {
        let mut last = Vec::new();
        for command in chunks(request, 255).unwrap() {
            last = self.tell(&command)?;
        }
        Ok(last)
    }

    /// Brings the request of the case to the device and has it approved.
    pub fn approve(&mut self) {
        self.name_voter();
        self.stream(&self.case.request.clone()).unwrap();
        self.tell(&Command::Approve(self.id())).unwrap();
    }

    /// All signatures, the last one not among them.
    pub fn signatures(&mut self) -> Vec<Vec<u8>> {
        (0..=u8::MAX).map_while(|number| self.tell(&Command::Signature(number)).ok()).collect()
    }

    /// How many signatures the device has made.
    pub fn signed(&self) -> u32 {
        self.device.platform.os.signed.get()
    }

    /// Sees that a command is not taken where it comes, that nothing was signed, and that the device has forgotten all.
    pub fn is_out_of_order(&mut self, command: &Command<'_>) {
        let signed = self.signed();
        assert_eq!(self.tell(command), Err(OUT_OF_ORDER));
        assert_eq!(self.signed(), signed);
        self.holds_nothing();
    }

    /// Sees that a command breaks a rule, that nothing was signed, and that the device has forgotten all.
    pub fn is_refused(&mut self, command: &Command<'_>, rule: Rule) {
        let signed = self.signed();
        match self.tell(command) {
            Err(Failure::Refused(refusal)) => assert_eq!(refusal.rule, rule),
            other => panic!("{other:?}, expected {rule}"),
        }
        assert_eq!(self.signed(), signed);
        self.holds_nothing();
    }

    /// Sees that there is neither a request nor a part of one. Every reply other than done ends all, so each question is
    /// the last one for what it asks about; there is nothing left to end.
    pub fn holds_nothing(&mut self) {
        let id = self.id();
        for command in [Command::Signature(0), Command::Page(0), Command::Approve(id), Command::Stream(&[0])] {
            assert_eq!(self.tell(&command), Err(OUT_OF_ORDER), "{command:?}");
        }
    }
}
