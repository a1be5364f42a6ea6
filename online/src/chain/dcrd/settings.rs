//! Where a daemon is and how to log in.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use super::tls::{ClientIdentity, PinnedCertificate};

/// All that is needed to reach a daemon.
#[derive(Debug)]
pub struct Settings {
    /// Name or IP address of the machine.
    pub host: String,
    /// Port of the RPC server.
    pub port: u16,
    /// The certificate that the server must show.
    pub certificate: PinnedCertificate,
    /// How to log in.
    pub login: Login,
    /// How long to wait.
    pub timeouts: Timeouts,
}

impl Settings {
    /// Host and port in one text, an IPv6 address in brackets.
    #[must_use]
    pub fn address(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

/// How a client shows who it is. Prints without the secret.
pub enum Login {
    /// User name and password, dcrd's `authtype=basic`.
    Password {
        /// The user, dcrd's `rpcuser` or `rpclimituser`.
        user: String,
        /// The password.
        password: Zeroizing<String>,
    },
    /// A TLS client certificate, dcrd's `authtype=clientcert`.
    Certificate(ClientIdentity),
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password { user, .. } => write!(f, "of user {user:?}"),
            Self::Certificate(_) => f.write_str("by client certificate"),
        }
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({self})")
    }
}

/// How long to wait for a daemon.
#[derive(Clone, Debug)]
pub struct Timeouts {
    /// For each of the steps TCP, and TLS with websocket.
    pub connect: Duration,
    /// For each reply.
    pub reply: Duration,
    /// Before each new attempt on a connection that broke; after the last one the error stands.
    pub reconnect: Vec<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        let reconnect = [200, 500, 1000, 2000, 4000].map(Duration::from_millis).to_vec();
        Self { connect: Duration::from_secs(10), reply: Duration::from_secs(30), reconnect }
    }
}
