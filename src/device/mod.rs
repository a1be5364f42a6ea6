//! A session with a device that holds the keys: a host of docs/ledger-protocol.md.
//!
//! [`Exchange`] is the only way to the device, so that USB, Speculos and tests differ in nothing else. Nothing that comes
//! back is taken at its word: the host runs the same request through the same core with public keys, and compares id,
//! pages, counts, addresses, fingerprints and every signature with its own. A device that answers something else is
//! named as [`Lie`], and nothing of what it said is used.

mod app;
mod capabilities;
mod error;
mod request;
mod session;
mod sign;
mod stock;

pub use dcrcold_core::apdu::{Apdu, Exchange, ExtendedKey, Mac, Reply, SpendingAccount, VoterRecord};

pub use self::app::AppName;
pub use self::capabilities::Capabilities;
pub use self::error::{DeviceError, Lie};
pub use self::request::{CheckedRequest, RegisteredVoter, Watched, coin_type};
pub use self::session::{DeviceAccount, Progress, Question, Session, patience};
pub use self::stock::{NotByStock, StockApp, is_stock};
