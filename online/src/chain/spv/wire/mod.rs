//! The peer protocol as bytes: every message that a light client sends or takes.
//!
//! A node bans whoever sends a malformed message for a day, so nothing is written that the version agreed on does not
//! have, and no list too long or empty. What is read has its limits checked before memory is taken, and must be read to
//! the last byte.
//!
//! New messages come with a higher protocol version: add the command with the version that brings it, and raise
//! [`ProtocolVersion::OURS`]. Names that are not known are skipped.
//! Source: dcrd `wire`.

mod address;
mod command;
mod error;
mod filters;
mod frame;
mod inventory;
mod message;
mod state;
mod version;

pub use address::{Host, KnownPeer};
pub use command::Command;
pub use error::{EncodeError, FrameError, PayloadError};
pub use filters::BlockFilter;
pub use frame::{Decoder, default_port, frame, magic};
pub use inventory::Inventory;
pub use message::{GetHeaders, Message};
pub use state::InitState;
pub use version::{Endpoint, Services, Version};

use std::fmt;

/// A version of the peer protocol. Both sides use the lower one of theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProtocolVersion(pub u32);

impl ProtocolVersion {
    /// From here on, filters come in batches.
    pub const BATCHED_FILTERS: Self = Self(11);
    /// From here on, addresses of peers have another form.
    pub const ADDRESSES_V2: Self = Self(12);
    /// What this side speaks.
    pub const OURS: Self = Self(12);
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
