//! The device core as a program for Speculos: the keys, the screen and the buttons of the emulated operating system,
//! without any SDK. It runs nowhere else; docs/ledger.md says what it shows and what it does not.
#![no_std]
#![no_main]

mod buttons;
mod keys;
mod os;
mod person;
mod screen;

use core::panic::PanicInfo;

use dcrcold_core::apdu::{Device, Reply};

use os::{Event, Packet, Singleton};
use person::Platform;

/// As many inputs and tickets as a Ledger has room for.
type Ledger = Device<24, 20>;

static DEVICE: Singleton<Ledger> = Singleton::new();
static PACKET: Singleton<Packet> = Singleton::new();
static PLATFORM: Singleton<Platform> = Singleton::new();
static REPLY: Singleton<Reply> = Singleton::new();

/// What the operating system of a real device answers for every program: which one is open.
const WHICH_PROGRAM: [u8; 5] = [0xb0, 0x01, 0, 0, 0];

/// Called once, by the first instructions in os.rs.
fn run() -> ! {
    os::start();
    let (Some(device), Some(packet), Some(platform), Some(reply)) =
        (DEVICE.take(Ledger::new), PACKET.take(Packet::new), PLATFORM.take(Platform::new), REPLY.take(Reply::default))
    else {
        os::exit()
    };
    screen::home();
    loop {
        let Event::Command { channel, bytes } = os::receive(packet) else { continue };
        if bytes == WHICH_PROGRAM {
            os::answer(channel, os::WHICH_PROGRAM_REPLY);
            continue;
        }
        device.handle(platform, bytes, reply);
        if platform.asked() {
            screen::home();
        }
        os::answer(channel, reply.as_bytes());
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    os::exit()
}
