//! Runs the device core on an emulated small processor and measures what it takes.
//!
//! It reads a tape from its standard input (`firmware-proto/core/tests/device/tapes.rs` records them): commands, what the
//! keys of the operating system answered meanwhile, and replies. Every reply has to be the recorded one. The stack below
//! each command is painted before it and looked at afterwards. The program is bare, but for three system calls of Linux
//! that qemu's user mode has: read, write, exit.
#![no_std]
#![no_main]

mod stack;
mod system;
mod tape;

use core::fmt::{self, Write as _};

use dcrcold_core::apdu::{Device, Instruction, Reply};

use system::{Console, exit};
use tape::{Kind, Record, Tape};

/// The sizes that a Ledger has.
type Small = Device<24, 20>;

/// A place for each instruction, and the last one for bytes that are none.
const PLACES: usize = Instruction::ALL.len() + 1;

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    exit(usize::from(run().is_err()))
}

fn run() -> fmt::Result {
    let (mut device, mut reply) = (Small::new(), Reply::default());
    let (mut command, mut expected) = (Record::default(), Record::default());
    let mut tape = Tape::default();
    let mut deepest = [0; PLACES];
    let mut commands = 0_u32;
    while command.read(Kind::Command) {
        let bytes = stack::measure(|| device.handle(&mut tape, command.as_bytes(), &mut reply));
        let instruction = Instruction::of(command.as_bytes());
        if let Some(place) = deepest.get_mut(instruction.map_or(PLACES - 1, |known| known.code().into())) {
            *place = bytes.max(*place);
        }
        if !expected.read(Kind::Reply) || expected.as_bytes() != reply.as_bytes() || tape.is_torn() {
            writeln!(Console, "command {commands} is answered otherwise than recorded")?;
            return Err(fmt::Error);
        }
        commands = commands.saturating_add(1);
    }
    writeln!(Console, "commands {commands}")?;
    writeln!(Console, "static {} {}", size_of::<Small>(), size_of::<Reply>())?;
    let names = Instruction::ALL.iter().map(|instruction| instruction.name()).chain(["none"]);
    for (name, bytes) in names.zip(deepest).filter(|(_, bytes)| *bytes > 0) {
        writeln!(Console, "stack {bytes} {name}")?;
    }
    if commands > 0 { Ok(()) } else { Err(fmt::Error) }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    exit(101)
}
