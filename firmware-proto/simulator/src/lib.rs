//! A device in software: the core's [`Device`](dcrcold_core::apdu::Device) with the keys of a test seed and a person that
//! a script stands for, in process or behind Speculos' TCP framing.
//!
//! Beside it [`camera`], which takes pictures of codes.
//!
//! This is the one package that holds private keys and opens a socket, so its keys are worth nothing: a [`TestSeed`] is
//! public or a throw-away, and nothing of the mainnet is served, by network or by path.

pub mod camera;
mod device;
mod display;
mod keyboard;
mod keys;
mod person;
mod seeds;
mod serve;
mod transcript;

pub use device::Simulator;
pub use display::{Model, Recorded};
pub use keyboard::Keyboard;
pub use keys::{COIN_TYPE, SoftwareKeys};
pub use person::{Answer, Person, Script, ScriptError};
pub use seeds::{NAMED, SeedFileError, TestSeed};
pub use serve::{ServeError, Server};
pub use transcript::{Recorder, TranscriptError, replay};
