//! The device core as an app for Ledger devices: docs/ledger.md.

#![no_std]
#![no_main]

mod home;
mod keys;
mod person;
mod screen;
mod sheet;
mod signature;

use dcrcold_core::apdu::{Device, Reply};
use ledger_device_sdk::io::{self, ApduHeader, Comm, Event, init_comm};

use home::Home;
use person::Platform;

ledger_device_sdk::set_panic!(ledger_device_sdk::exiting_panic);
ledger_device_sdk::define_comm!(COMM);

/// Class, instruction, two parameters, the length of the data, and the most data.
const COMMAND: usize = 5 + 255;

/// A command as it came.
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
    fn read(command: &io::Command<'_>) -> Result<Self, io::Reply> {
        let Head(head) = command.decode()?;
        let data = command.get_data();
        let mut raw = Self { bytes: [0; COMMAND], length: 5 + data.len() };
        // The SDK takes lengths of two bytes as well; this protocol does not.
        let (Ok(length), Some(place)) = (u8::try_from(data.len()), raw.bytes.get_mut(5..raw.length)) else {
            return Err(io::Reply(WRONG_LENGTH));
        };
        place.copy_from_slice(data);
        raw.bytes[..5].copy_from_slice(&[head.cla, head.ins, head.p1, head.p2, length]);
        Ok(raw)
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// [`dcrcold_core::apdu::Status::Length`] as the SDK sends it.
const WRONG_LENGTH: u16 = 0x6700;

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
        match command {
            Ok(command) => {
                home.before(command.as_bytes());
                device.handle(&mut platform, command.as_bytes(), &mut reply);
                answer(platform.comm, &reply);
                home.after(command.as_bytes(), reply.outcome(), platform.was_shown());
            }
            Err(refused) => send(platform.comm, &[], refused),
        }
    }
}

fn answer(comm: &mut Comm, reply: &Reply) {
    if let Some((data, status)) = reply.as_bytes().split_last_chunk() {
        send(comm, data, io::Reply(u16::from_be_bytes(*status)));
    }
}

/// A reply that cannot be sent has nobody to read it: the host is gone, and the next one begins with an abort.
fn send(comm: &mut Comm, data: &[u8], status: io::Reply) {
    let _ = comm.send(data, status);
}
