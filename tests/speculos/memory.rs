//! The emulated device's memory, seen from outside: how much of the stack was ever used, and what is left in it. The program itself has no
//! command for it; it paints the stack when it starts.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::Command;

use crate::emulator::Emulator;

/// What a word says that was never used; as in firmware-proto/speculos/src/os.rs.
const PAINT: [u8; 4] = 0x5ac0_ffee_u32.to_le_bytes();

/// The memory after a test.
pub struct Memory {
    /// Code and constants.
    flash: u64,
    /// Statics.
    statics: u64,
    /// What is left of the memory for the stack.
    stack: u64,
    /// So much of it was used.
    used: u64,
    /// All of it, statics and stack.
    bytes: Vec<u8>,
}

impl Memory {
    /// Reads it.
    pub fn read(emulator: &Emulator, elf: &Path) -> Self {
        let symbols = symbols(elf);
        let [start, bottom, top] = ["RAM", "_stack", "_estack"].map(|name| symbols[name]);
        let ram = ram(emulator, &symbols, elf);
        let stack = &ram[usize::try_from(bottom - start).unwrap()..];
        assert_eq!(stack[..4], PAINT, "the stack grew into the statics");
        let untouched = stack.chunks_exact(4).take_while(|word| *word == PAINT).count() * 4;
        Self {
            flash: section(elf, ".text"),
            statics: bottom - start,
            stack: top - bottom,
            used: top - bottom - untouched as u64,
            bytes: ram,
        }
    }

    /// Every 32 bytes of it that stand together, as they are and the other way round, as a processor keeps a number.
    pub fn secrets(&self) -> HashSet<[u8; 32]> {
        let windows = self.bytes.windows(32).map(|window| <[u8; 32]>::try_from(window).unwrap());
        windows.flat_map(|window| [window, reversed(window)]).collect()
    }

    /// How much of the stack was used.
    pub fn stack_used(&self) -> u64 {
        self.used
    }

    /// How much of the stack was never used.
    pub fn stack_left(&self) -> u64 {
        self.stack - self.used
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { flash, statics, stack, used, .. } = self;
        write!(f, "flash {flash} B, statics {statics} B, stack {used} B used of {stack} B")
    }
}

fn reversed(mut bytes: [u8; 32]) -> [u8; 32] {
    bytes.reverse();
    bytes
}

/// The memory of the emulated device, found by its distance from the code: the processor maps the program's file there.
fn ram(emulator: &Emulator, symbols: &BTreeMap<String, u64>, elf: &Path) -> Vec<u8> {
    let process = child_of(emulator.process());
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let elf = fs::canonicalize(elf).unwrap();
    let from = |line: &str| u64::from_str_radix(line.split('-').next()?, 16).ok();
    let code = maps.lines().filter(|line| line.ends_with(elf.to_str().unwrap())).filter_map(from).min();
    let [code_at, ram_at, top] = ["_start", "RAM", "_estack"].map(|name| symbols[name]);
    let place = code.expect("the program is mapped") + ram_at - (code_at & !1);
    let mut bytes = vec![0; usize::try_from(top - ram_at).unwrap()];
    File::open(format!("/proc/{process}/mem")).unwrap().read_exact_at(&mut bytes, place).unwrap();
    bytes
}

/// The process that a process started: the emulated processor.
fn child_of(parent: u32) -> u32 {
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let child = |process: &u32| {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        status.lines().any(|line| line.strip_prefix("PPid:").is_some_and(|id| id.trim() == parent.to_string()))
    };
    processes.into_iter().find(child).expect("an emulated processor")
}

fn tool(name: &str, argument: &str, elf: &Path) -> String {
    let output = Command::new(name).arg(argument).arg(elf).output().unwrap();
    assert!(output.status.success(), "{name} {argument}");
    String::from_utf8(output.stdout).unwrap()
}

fn symbols(elf: &Path) -> BTreeMap<String, u64> {
    let listing = tool("nm", "-P", elf);
    let symbol = |line: &str| {
        let mut fields = line.split_whitespace();
        let (name, _, value) = (fields.next()?, fields.next()?, fields.next()?);
        Some((name.to_owned(), u64::from_str_radix(value, 16).ok()?))
    };
    listing.lines().filter_map(symbol).collect()
}

fn section(elf: &Path, name: &str) -> u64 {
    let listing = tool("readelf", "-SW", elf);
    let line =
        listing.lines().find_map(|line| line.split_once(']').filter(|(_, rest)| rest.trim_start().starts_with(name)));
    let size = line.and_then(|(_, rest)| rest.split_whitespace().nth(4)).unwrap();
    u64::from_str_radix(size, 16).unwrap()
}
