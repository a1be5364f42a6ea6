//! What can go wrong between this program and a Decred daemon.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use dcrcold_core::hash::BlockHash;
use dcrcold_core::net::Network;
use thiserror::Error;

use super::tls::CertificateDigest;

/// The error number of a block, filter or transaction that the daemon does not have.
const BLOCK_NOT_FOUND: i64 = -5;

/// Why a call to a daemon gave no result.
///
/// Each case that a person can repair is told apart: the address, the certificate, the login, the network.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RpcError {
    /// Nobody answers at the address.
    #[error("cannot connect to {address}: {source}")]
    Connect {
        /// Host and port.
        address: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The server shows another certificate than the one it is pinned to.
    #[error("the certificate of {address} is not the pinned one: found SHA-256 {found}, expected {expected}")]
    CertificateDiffers {
        /// Host and port.
        address: String,
        /// The certificate that the server showed.
        found: CertificateDigest,
        /// The certificate that was expected.
        expected: CertificateDigest,
    },
    /// The server speaks no TLS, or not one that both sides know.
    #[error("no TLS connection with {address}: {source}")]
    Tls {
        /// Host and port.
        address: String,
        /// What the TLS library said.
        source: Box<rustls::Error>,
    },
    /// User, password or client certificate are wrong.
    #[error("{address} refuses the login {login}")]
    LoginRefused {
        /// Host and port.
        address: String,
        /// Who tried to log in, without the secret.
        login: String,
    },
    /// The server answers HTTP, but opens no websocket.
    #[error("{address} opens no websocket: HTTP status {status}, expected 101")]
    NoWebsocket {
        /// Host and port.
        address: String,
        /// The status found.
        status: u16,
    },
    /// The server closed the new connection without an answer.
    #[error("{address} closed the connection before its first answer: login of the wrong kind, or too many clients")]
    ClosedUnanswered {
        /// Host and port.
        address: String,
    },
    /// The daemon runs on another network.
    #[error("{address} is on another network: found {found}, expected {expected}")]
    OtherNetwork {
        /// Host and port.
        address: String,
        /// The network found, by name or magic number.
        found: String,
        /// The network expected.
        expected: Network,
    },
    /// The daemon is another program, or its interface is too old or too new.
    #[error("{address} has another interface: found {found}, expected {expected}")]
    OtherVersion {
        /// Host and port.
        address: String,
        /// Program and version found.
        found: String,
        /// Program and version expected.
        expected: String,
    },
    /// The daemon answered with an error.
    #[error("{method}: {message} (code {code})")]
    Refused {
        /// The method called.
        method: String,
        /// The error's number, stable across versions, dcrd `dcrjson/jsonrpcerr.go`.
        code: i64,
        /// The error's text.
        message: String,
    },
    /// The reply is not what the method returns.
    #[error("malformed reply to {method}: {problem}")]
    Malformed {
        /// The method called, or `websocket` outside of any call.
        method: String,
        /// What was found and what was expected.
        problem: String,
    },
    /// No reply came in time.
    #[error("no reply to {method} from {address} within {} s", after.as_secs())]
    Timeout {
        /// Host and port.
        address: String,
        /// The method called, or the step of the connection.
        method: String,
        /// How long was waited.
        after: Duration,
    },
    /// The connection broke.
    #[error("lost the connection to {address}: {reason}")]
    Disconnected {
        /// Host and port.
        address: String,
        /// What ended it.
        reason: String,
    },
}

impl RpcError {
    /// Tells whether a new connection may help: the daemon is being restarted, or the network had a hiccup.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Connect { source, .. } => source.kind() != io::ErrorKind::InvalidInput,
            Self::Disconnected { .. } | Self::ClosedUnanswered { .. } => true,
            _ => false,
        }
    }

    /// The block that the daemon does not know, if that is what it says.
    pub(super) fn unknown_block(&self) -> Option<BlockHash> {
        match self {
            Self::Refused { code: BLOCK_NOT_FOUND, message, .. } => {
                message.strip_prefix("Block not found: ")?.parse().ok()
            }
            _ => None,
        }
    }

    /// Tells whether the connection is still in step: the daemon said no, and nothing worse happened.
    pub(super) fn is_answer(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

/// Why it is not known how to reach a daemon.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A file that was named cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file holds no certificate or no private key.
    #[error("{} holds no {expected} in PEM form", path.display())]
    NotPem {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        expected: &'static str,
    },
    /// No user name and password were given, and none are configured.
    #[error("no login for {daemon}: found none in {}", searched(looked_in))]
    NoLogin {
        /// The daemon.
        daemon: &'static str,
        /// The files looked at.
        looked_in: Vec<PathBuf>,
    },
    /// A configuration value cannot be used.
    #[error("{option} is {found:?}, expected {expected}")]
    BadValue {
        /// The option and its file.
        option: String,
        /// The value found.
        found: String,
        /// What would do.
        expected: &'static str,
    },
    /// Certificate and private key do not make a client certificate.
    #[error("{} is no client certificate for {}: {source}", certificate.display(), key.display())]
    ClientCertificate {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What the TLS library said.
        source: Box<rustls::Error>,
    },
}

/// Lists files for a person.
fn searched(paths: &[PathBuf]) -> String {
    let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    names.join(", ")
}
