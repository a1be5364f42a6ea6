//! The chain as dcrd tells it: JSON-RPC over one websocket, on TLS with a pinned certificate.
//!
//! Run by every command that needs the chain, against the user's own node. The limited RPC user suffices. What the node
//! says is believed only as far as it cannot be checked: filters and blocks are checked against the headers.

mod client;
mod conf;
pub mod discover;
mod error;
pub mod methods;
mod opening;
pub mod reply;
mod session;
mod settings;
mod socket;
mod source;
mod stream;
mod tls;
mod transport;
pub mod value;

pub use client::{Client, MOST_OUTSTANDING, NONE, Notification};
pub use error::{RpcError, SettingsError};
pub use session::Session;
pub use settings::{Login, Settings, Timeouts};
pub use socket::Socket;
pub use source::Dcrd;
pub use tls::{CertificateDigest, ClientIdentity, PinnedCertificate};
pub use transport::Transport;
