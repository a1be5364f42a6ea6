//! A device among hosts of every kind: whatever commands come in whatever order, a key signs nothing but parts of the
//! request whose pages were all shown and which was then approved by its id; replies are those of the model beside it.
#![no_main]

#[path = "device/keys.rs"]
mod keys;
#[path = "device/model.rs"]
mod model;
#[path = "../../firmware-proto/core/tests/parts/mod.rs"]
mod parts;
#[path = "device/person.rs"]
mod person;
#[path = "device/requests.rs"]
mod requests;
#[path = "device/script.rs"]
mod script;

use std::sync::LazyLock;

use dcrcold_core::apdu::{Command, Device, Failure, Mac, Platform, Reply, Status, VoterRecord};
use dcrcold_core::words::check_words;
use keys::HashKeys;
use libfuzzer_sys::fuzz_target;
use model::{Model, State};
use person::Person;
use script::{Act, Script};

static BODIES: LazyLock<Vec<(u8, Vec<u8>)>> = LazyLock::new(requests::bodies);

/// A device, its person and what both have to do.
struct World {
    device: Box<Device<24, 20>>,
    platform: Platform<HashKeys, Person>,
    model: Model,
}

impl World {
    /// Sends bytes and judges the reply.
    fn send(&mut self, bytes: &[u8]) {
        self.platform.user.begin();
        self.platform.os.failed.set(false);
        let mut reply = Reply::default();
        self.device.handle(&mut self.platform, bytes, &mut reply);
        assert!((2..=257).contains(&reply.as_bytes().len()));
        let outcome = reply.outcome();
        let signed = self.platform.os.signed.take();
        match Command::parse(bytes) {
            Err(failure) => assert_eq!(outcome, Err(failure)),
            Ok(command) if !self.model.takes(&command) => {
                assert_eq!(outcome, Err(Status::OutOfOrder.into()), "{command:?}");
                assert!(!self.platform.user.was_asked());
            }
            Ok(command) => self.judge(&command, &outcome, &signed),
        }
        if outcome.is_err() {
            assert!(signed.is_empty(), "signed, and not said so");
            self.model = Model::default();
        }
    }

    fn judge(&mut self, command: &Command<'_>, outcome: &Result<&[u8], Failure>, signed: &[keys::Signing]) {
        let failed = self.platform.os.failed.take();
        match outcome {
            Err(failure) if failed => assert_eq!(*failure, Status::Locked.into()),
            Err(Failure::Status(Status::Declined)) => assert!(self.platform.user.declined()),
            Err(failure) => {
                assert!(!self.platform.user.declined());
                self.model.refused(command, failure);
            }
            Ok(data) => {
                assert!(!failed && !self.platform.user.declined());
                if let Command::Approve(id) = command {
                    let pages = self.model.request().map_or(0, |request| request.pages().count());
                    self.platform.user.approved(pages, check_words(id));
                }
                if let Command::Signature(number) = command {
                    let (signing, expected) = self.model.signature(*number);
                    assert_eq!((signed, *data), ([signing].as_slice(), expected.as_slice()));
                } else {
                    assert!(signed.is_empty(), "signed by {command:?}");
                }
                self.model.done(command, data);
            }
        }
    }

    /// Streams a request or the beginning of it.
    fn stream(&mut self, request: &[u8], size: usize, most: usize) {
        let Some(commands) = dcrcold_core::apdu::chunks(request, size.max(1)) else { return };
        for command in commands.take(most) {
            self.send(command.write().as_bytes());
        }
    }

    fn act(&mut self, act: Act<'_>) {
        let command = |command: Command<'_>| command.write();
        match act {
            Act::Raw(bytes) => self.send(bytes),
            Act::Data { instruction, parameter, data } => {
                self.send(&[&[0xdc, instruction, parameter, 0, data.len() as u8], data].concat());
            }
            Act::Body { kind, body, size } => self.stream(&requests::contained(kind, body), size.into(), usize::MAX),
            Act::Request { number, change, size, most } => {
                let (kind, body) = &BODIES[usize::from(number) % BODIES.len()];
                let mut body = body.clone();
                if let Some((place, value)) = change {
                    let place = usize::from(place) % body.len();
                    body[place] = value;
                }
                self.stream(&requests::contained(*kind, &body), size.into(), most);
            }
            Act::Voter => {
                let record = requests::voter();
                let mac = mac_of(&record);
                self.send(command(Command::Voter { record, mac }).as_bytes());
            }
            Act::Register => self.send(command(Command::Register(requests::voter())).as_bytes()),
            Act::Account => self.send(command(Command::Account(requests::of())).as_bytes()),
            Act::Approve => {
                if let Some(id) = self.model.request().map(|request| *request.id()) {
                    self.send(command(Command::Approve(id)).as_bytes());
                }
            }
            Act::Signature(number) => self.send(command(Command::Signature(number)).as_bytes()),
            Act::Page(number) => self.send(command(Command::Page(number)).as_bytes()),
            Act::Abort => self.send(command(Command::Abort).as_bytes()),
            Act::Turns(turns) => self.platform.user.turns(turns),
            Act::Fault(uses) => self.platform.os.fails_in.set(Some(uses)),
        }
    }
}

/// The MAC that this device gives for a voter.
fn mac_of(record: &VoterRecord) -> Mac {
    let mut device = Box::<Device<24, 20>>::default();
    let mut reply = Reply::default();
    let command = Command::Register(*record).write();
    device.handle(&mut Platform::<HashKeys, Person>::default(), command.as_bytes(), &mut reply);
    *reply.outcome().expect("a voter that is registered").first_chunk().expect("a MAC")
}

fuzz_target!(|input: &[u8]| {
    let mut world = World { device: Box::default(), platform: Platform::default(), model: Model::default() };
    for act in Script(input).take(400) {
        world.act(act);
    }
    if let State::Approved(request) = &world.model.state {
        let count: u32 = request.counts().iter().sum();
        for number in 0..=count {
            world.send(Command::Signature(number as u8).write().as_bytes());
        }
    }
});
