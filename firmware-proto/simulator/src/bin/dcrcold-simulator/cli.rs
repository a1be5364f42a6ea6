//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use dcrcold_simulator::{Model, NAMED};

/// A device in software, for tests only
///
/// Its seed is one that everybody knows, or one that you give away, and it serves testnet3 and simnet only. Programs talk
/// to it over TCP on this machine, in the way they talk to Speculos.
#[derive(Debug, Parser)]
#[command(name = "dcrcold-simulator", version)]
pub(crate) struct Cli {
    /// One of the public test seeds
    #[arg(long, value_name = "NAME", default_value = NAMED[0].0, value_parser = NAMED.map(|(name, _)| name))]
    pub(crate) seed: String,
    /// A file with 12 to 24 words of BIP-39 instead; never the words of a wallet that is used
    #[arg(long, value_name = "FILE", conflicts_with = "seed")]
    pub(crate) seed_file: Option<PathBuf>,
    /// Where programs connect, on this machine only; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9999")]
    pub(crate) listen: SocketAddr,
    /// A file that says what the person at the device does, instead of the keyboard
    ///
    /// Each line deals with one thing that is asked, the last one with all that follow. `approve` says yes everywhere,
    /// `decline at 3` no at the third page, `back at 2` goes back there, `wait 500 ms at 4` takes time; commas join them.
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,
    /// A file to which all screens are written that are shown
    #[arg(long, value_name = "FILE")]
    pub(crate) screens: Option<PathBuf>,
    /// Whose screen is drawn
    #[arg(long, value_enum, default_value_t = Device::Nano)]
    pub(crate) model: Device,
    /// Process id of the program that started this one and takes it down with itself
    #[arg(long, value_name = "PID", hide = true)]
    pub(crate) die_with: Option<u32>,
}

/// Whose screen is drawn.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Device {
    /// Two buttons, 16 characters in 8 rows
    Nano,
    /// A touch screen, 32 characters in 20 rows
    Touch,
}

impl From<Device> for Model {
    fn from(device: Device) -> Self {
        match device {
            Device::Nano => Self::Nano,
            Device::Touch => Self::Touch,
        }
    }
}
