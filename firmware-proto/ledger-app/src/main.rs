//! The device core as an app for Ledger devices: docs/ledger.md.

#![no_std]
#![no_main]

mod frame;
mod home;
mod keys;
mod person;
mod receive;
mod screen;
mod sheet;
mod signature;

use dcrcold_core::apdu::{Device, Reply};
use ledger_device_sdk::io::{self, ApduHeader, Comm, Event, init_comm};

use frame::HEAD;
use home::Home;
use person::Platform;

ledger_device_sdk::set_panic!(ledger_device_sdk::exiting_panic);
ledger_device_sdk::define_comm!(COMM);

/// The most data of a command, after its head.
const COMMAND: usize = HEAD + 255;

/// A command as it came, or bytes that the core refuses as it would refuse what came.
struct Raw {
    bytes: [u8; COMMAND],
    length: usize,
}

/// The head of a command, whatever it says: the core judges it.
struct Head(ApduHeader);

impl TryFrom<ApduHeader> for Head {
    type Error = io::Reply;

    fn try_from(header: ApduHeader) -> Result<Self, io::Reply> {
        Ok(Self(header))
    }
}

impl Raw {
    fn read(command: &io::Command<'_>) -> Self {
        let mut raw = Self { bytes: [0; COMMAND], length: 0 };
        let data = command.get_data();
        if let (Ok(Head(head)), Some(length)) = (command.decode(), receive::last().length_byte(data)) {
            raw.put(&[head.cla, head.ins, head.p1, head.p2, length]);
            raw.put(data);
        }
        raw
    }

    fn put(&mut self, bytes: &[u8]) {
        let end = self.length.saturating_add(bytes.len());
        if let Some(place) = self.bytes.get_mut(self.length..end) {
            place.copy_from_slice(bytes);
            self.length = end;
        }
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }
}

/// Where the SDK's C code goes on.
#[unsafe(no_mangle)]
extern "C" fn sample_main() {
    let comm = init_comm(&COMM);
    let mut home = Home::new();
    let mut device = Device::<24, 20>::new();
    let mut platform = Platform::new(comm);
    let mut reply = Reply::default();
    home.show();
    loop {
        let command = match platform.comm.next_event() {
            Event::Command(command) => Raw::read(&command),
            Event::Ticker => {
                home.tick();
                continue;
            }
            _ => continue,
        };
        home.before(command.as_bytes());
        device.handle(&mut platform, command.as_bytes(), &mut reply);
        answer(platform.comm, &reply);
        home.after(command.as_bytes(), reply.outcome(), platform.was_shown());
    }
}

/// A reply that cannot be sent has nobody to read it: the host is gone, and the next one begins with an abort.
fn answer(comm: &mut Comm, reply: &Reply) {
    if let Some((data, status)) = reply.as_bytes().split_last_chunk() {
        let _ = comm.send(data, io::Reply(u16::from_be_bytes(*status)));
    }
}
