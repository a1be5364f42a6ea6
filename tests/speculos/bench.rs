//! A device in Speculos and its twin in process: whatever is sent goes to both, and both must answer the same.

use dcrcold_core::apdu::{Apdu, Command, Failure, Reply, VoterRecord, chunks};
use dcrcold_core::hash::TransferId;

use crate::emulator::{Button, Emulator, Tools};
use crate::screen::Screen;
use crate::twin::Twin;

/// Both devices.
pub struct Bench {
    pub emulator: Emulator,
    twin: Twin,
    /// How many replies were compared.
    pub compared: usize,
}

/// What a person does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// Reads everything and says yes.
    Approves,
    /// Reads so many screens and says no at the next one.
    DeclinesAt(usize),
}

/// What somebody saw before answering.
pub struct Seen {
    /// The screens in order.
    pub screens: Vec<Screen>,
    /// The same as pictures.
    pub pictures: Vec<Vec<u8>>,
    /// What the host got.
    pub reply: Result<Vec<u8>, Failure>,
}

fn outcome(reply: &Reply) -> Result<Vec<u8>, Failure> {
    reply.outcome().map(<[u8]>::to_vec)
}

impl Bench {
    pub fn start(tools: &Tools, seed: &[u8]) -> Self {
        Self { emulator: Emulator::start(tools, seed), twin: Twin::new(seed), compared: 0 }
    }

    /// Both replies, which are one.
    fn compare(&mut self, command: &[u8], declines: bool) -> (Reply, Vec<String>) {
        let reply = self.emulator.reply();
        let (expected, prompts) = self.twin.answer(command, declines);
        assert_eq!(reply.as_bytes(), expected.as_bytes(), "reply to {command:02x?}");
        self.compared += 1;
        (reply, prompts)
    }

    /// Sends bytes that ask nobody.
    pub fn raw(&mut self, command: &[u8]) -> Result<Vec<u8>, Failure> {
        self.emulator.send(command);
        let (reply, screens) = self.compare(command, false);
        assert!(screens.is_empty(), "somebody was asked");
        outcome(&reply)
    }

    /// Sends a command that asks nobody.
    pub fn send(&mut self, command: &Command<'_>) -> Result<Vec<u8>, Failure> {
        self.raw(command.write().as_bytes())
    }

    /// Sends a command that asks, and answers as the person does.
    pub fn ask(&mut self, command: &Command<'_>, person: Person) -> Seen {
        let command: Apdu = command.write();
        self.emulator.forget_screens();
        self.emulator.send(command.as_bytes());
        let mut screens = vec![self.emulator.next_screen()];
        let mut pictures = vec![self.emulator.picture()];
        let last = loop {
            let screen = screens.last().unwrap();
            let (number, asks) = (screens.len() - 1, screen.asks());
            if person == Person::DeclinesAt(number) {
                break self.emulator.press(Button::Both);
            }
            if asks {
                break self.emulator.press(Button::Right);
            }
            assert!(number < 200, "the review does not end: {screen:?}");
            screens.push(self.emulator.press(Button::Right));
            pictures.push(self.emulator.picture());
        };
        assert!(last.is_home());
        let (reply, expected) = self.compare(command.as_bytes(), person != Person::Approves);
        if person == Person::Approves {
            let drawn: Vec<_> = screens.iter().map(Screen::drawn).collect();
            assert_eq!(drawn, expected);
        }
        Seen { screens, pictures, reply: outcome(&reply) }
    }

    /// Registers a voter and names it for the next request.
    pub fn name_voter(&mut self, record: VoterRecord) {
        let reply = self.ask(&Command::Register(record), Person::Approves).reply.unwrap();
        self.name_known_voter(record, &reply);
    }

    /// Names a voter that was registered.
    pub fn name_known_voter(&mut self, record: VoterRecord, reply: &[u8]) {
        let mac = *reply.first_chunk().unwrap();
        assert_eq!(reply[16..], *record.fingerprint().as_bytes());
        assert_eq!(self.send(&Command::Voter { record, mac }), Ok(vec![]));
    }

    /// Streams a request; what the last piece was answered.
    pub fn stream(&mut self, request: &[u8], size: usize) -> Result<Vec<u8>, Failure> {
        let mut last = Vec::new();
        for command in chunks(request, size).unwrap() {
            assert!(last.is_empty(), "only the last piece is answered");
            last = self.send(&command)?;
        }
        Ok(last)
    }

    /// Has the request at hand approved, or not.
    pub fn review(&mut self, id: &TransferId, person: Person) -> Seen {
        self.ask(&Command::Approve(*id), person)
    }

    /// All signatures of the approved request.
    pub fn signatures(&mut self, counts: &[u8]) -> Vec<Vec<u8>> {
        (0..counts.iter().sum()).map(|number| self.send(&Command::Signature(number)).unwrap()).collect()
    }
}
