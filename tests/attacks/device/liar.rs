//! A device, or whoever sits between it and the host, that answers what is not true.
#![allow(unreachable_pub, reason = "a part of the test")]

use dcrcold_core::apdu::{Command, Status};
use dcrcold_signer::device::{Apdu, DeviceError, Exchange, Lie, RegisteredVoter, Reply, Session};
use dcrcold_signer::transfer::Answer;

use crate::device::{InProcess, Unplugged};
use crate::device_case::{Case, Failed};

/// The instructions, as commands write them.
pub const VERSION: u8 = 0;
pub const ACCOUNT: u8 = 1;
pub const ADDRESS: u8 = 2;
pub const REGISTER: u8 = 3;
pub const VOTER: u8 = 4;
pub const BEGIN: u8 = 5;
pub const STREAM: u8 = 6;
pub const APPROVE: u8 = 7;
pub const PAGE: u8 = 8;
pub const SIGNATURE: u8 = 9;
pub const ABORT: u8 = 10;

/// What a liar makes of a reply: the command, and data with status word.
pub type Twist<'a> = Box<dyn FnMut(&[u8], &mut Vec<u8>) + 'a>;

/// A device with somebody in between.
pub struct Liar<'a> {
    device: &'a mut InProcess,
    twist: Twist<'a>,
    /// How many commands the host sent.
    commands: &'a mut u32,
}

impl Exchange for Liar<'_> {
    type Error = Unplugged;

    fn exchange(&mut self, command: &Apdu) -> Result<Reply, Unplugged> {
        *self.commands += 1;
        let reply = self.device.exchange(command)?;
        let mut bytes = reply.as_bytes().to_vec();
        (self.twist)(command.as_bytes(), &mut bytes);
        Ok(Reply::from_bytes(&bytes).unwrap())
    }
}

/// More than any honest session takes.
const MOST_COMMANDS: u32 = 100;

pub struct World {
    pub case: Case,
    pub device: InProcess,
    pub voter: Option<RegisteredVoter>,
}

impl World {
    pub fn of(case: Case) -> Self {
        let mut device = case.device();
        let voter = case.register(&mut device);
        Self { case, device, voter }
    }

    pub fn send() -> Self {
        Self::of(Case::named("two outputs and change"))
    }

    pub fn purchase() -> Self {
        Self::of(Case::large())
    }

    /// Opens a session with the liar and does something in it. Afterwards the device holds nothing, whatever happened.
    pub fn with<T>(
        &mut self,
        twist: impl FnMut(&[u8], &mut Vec<u8>),
        act: impl FnOnce(&mut Session<Liar<'_>>, &Case, Option<&RegisteredVoter>) -> Result<T, Failed>,
    ) -> Result<T, Failed> {
        let mut commands = 0;
        let liar = Liar { device: &mut self.device, twist: Box::new(twist), commands: &mut commands };
        let result = Session::open(liar).and_then(|mut session| act(&mut session, &self.case, self.voter.as_ref()));
        assert!(commands <= MOST_COMMANDS, "the host asks for ever");
        let stream = self.device.raw(Command::Stream(&[0]).write().as_bytes());
        assert_eq!(stream.as_bytes(), Status::OutOfOrder.code().to_be_bytes(), "something is left on the device");
        result
    }

    pub fn sign(&mut self, twist: impl FnMut(&[u8], &mut Vec<u8>)) -> Result<Answer, Failed> {
        self.with(twist, |session, case, voter| session.sign(&case.checked(), voter, &mut |_| {}))
    }

    /// Sees that a signing session with the liar ends in this lie; and that it would have ended well without.
    pub fn lies(mut self, twist: impl FnMut(&[u8], &mut Vec<u8>), expected: impl FnOnce(&Lie) -> bool) {
        assert!(self.sign(|_, _| ()).is_ok(), "an honest device");
        match self.sign(twist) {
            Err(DeviceError::Lie(lie)) => assert!(expected(&lie), "{lie}"),
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("believed"),
        }
    }
}

/// Changes the data of the replies to one instruction.
pub fn data(instruction: u8, mut change: impl FnMut(&mut Vec<u8>)) -> impl FnMut(&[u8], &mut Vec<u8>) {
    move |command, reply| {
        if command[1] == instruction && reply.ends_with(&[0x90, 0x00]) {
            reply.truncate(reply.len() - 2);
            change(reply);
            reply.extend([0x90, 0x00]);
        }
    }
}
