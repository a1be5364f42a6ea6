//! Transfers: what online and offline side hand each other, as a file, as QR codes or over USB.
//!
//! A transfer is a container of 47 bytes and a body in deterministic CBOR. The bytes never change their meaning: a new
//! field is a new kind or a new container version, and a reader refuses what it does not know. Of the seven kinds the
//! first three, the requests, are read by the core, on every signer alike; they are only written here.

mod answer;
mod container;
mod content;
mod error;
mod hot_keys;
mod request;
mod voter;
mod watch;

pub use self::answer::{Answer, AnswerError};
pub use self::container::{Container, Kind, plain_form};
pub use self::content::{Content, Encode};
pub(crate) use self::content::{
    Fields, decode, exact, read_account, read_coin_type, read_generation, read_height, read_name,
};
pub use self::error::{BodyError, TransferError};
pub use self::hot_keys::{decode_hot_keys, open_hot_keys, seal_hot_keys};
pub use self::request::{InputRef, Purchase, Register, Send, Voting};
pub use self::watch::{Capacity, OwnVoter, WatchExport};
