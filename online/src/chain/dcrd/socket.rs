//! One websocket over TLS over TCP.
//!
//! Source: dcrd `internal/rpcserver/rpcserver.go` (`/ws`), RFC 6455.

use std::time::{Duration, Instant};

use tungstenite::{Bytes, Message, Utf8Bytes, WebSocket};
use zeroize::Zeroizing;

use super::error::RpcError;
use super::opening;
use super::settings::Settings;
use super::stream::{Secured, certificate_refused, is_timeout};
use super::transport::Transport;

/// A connection to a daemon.
pub struct Socket {
    websocket: WebSocket<Secured>,
    address: String,
    login: String,
    patience: Duration,
}

impl Socket {
    /// Connects, checks the certificate and logs in.
    ///
    /// # Errors
    /// [`RpcError`] naming the step that failed: address, certificate, TLS, login or websocket.
    pub fn open(settings: &Settings) -> Result<Self, RpcError> {
        let websocket = opening::open(settings)?;
        let (address, login) = (settings.address(), settings.login.to_string());
        Ok(Self { websocket, address, login, patience: settings.timeouts.reply })
    }

    /// Says what ended the connection.
    fn broken(&self, error: tungstenite::Error) -> RpcError {
        let malformed = |problem: String| RpcError::Malformed { method: "websocket".into(), problem };
        match error {
            tungstenite::Error::Capacity(problem) => malformed(problem.to_string()),
            tungstenite::Error::Utf8(problem) => malformed(problem),
            tungstenite::Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => {
                self.lost("closed by the server")
            }
            tungstenite::Error::Protocol(problem) => malformed(problem.to_string()),
            tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed => {
                self.lost("closed by the server")
            }
            tungstenite::Error::Io(error) if certificate_refused(&error) => {
                RpcError::LoginRefused { address: self.address.clone(), login: self.login.clone() }
            }
            other => self.lost(&other.to_string()),
        }
    }

    fn lost(&self, reason: &str) -> RpcError {
        RpcError::Disconnected { address: self.address.clone(), reason: reason.into() }
    }

    fn set_deadline(&mut self, until: Instant) {
        self.websocket.get_mut().set_deadline(until);
    }
}

impl Transport for Socket {
    fn address(&self) -> &str {
        &self.address
    }

    fn send(&mut self, text: Zeroizing<String>) -> Result<(), RpcError> {
        self.set_deadline(Instant::now() + self.patience);
        // The library drops what it was given, and so wipes it; its own copy is masked with random bytes.
        let text = Utf8Bytes::try_from(Bytes::from_owner(text)).expect("a string is UTF-8");
        self.websocket.send(Message::Text(text)).map_err(|error| self.broken(error))
    }

    fn receive(&mut self, until: Instant) -> Result<Option<String>, RpcError> {
        self.set_deadline(until);
        loop {
            match self.websocket.read() {
                Ok(Message::Text(text)) => return Ok(Some(text.as_str().to_owned())),
                Ok(Message::Binary(bytes)) => {
                    let problem = format!("found {} bytes, expected text", bytes.len());
                    return Err(RpcError::Malformed { method: "websocket".into(), problem });
                }
                Ok(_) => {}
                Err(tungstenite::Error::Io(error)) if is_timeout(&error) => return Ok(None),
                Err(error) => return Err(self.broken(error)),
            }
        }
    }
}
