//! From an address to a websocket, step by step.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::ClientConnection;
use rustls::pki_types::ServerName;
use tungstenite::WebSocket;
use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::HandshakeError;
use tungstenite::handshake::client::Request;
use tungstenite::http::header::{AUTHORIZATION, HeaderValue};
use tungstenite::protocol::WebSocketConfig;
use zeroize::Zeroizing;

use super::error::RpcError;
use super::settings::{Login, Settings};
use super::stream::{Deadlined, Secured, certificate_refused, is_timeout, tls_error};
use super::tls::{self, PinMismatch};

/// The largest message taken. A block of the greatest size is 2.6 MB in hexadecimal, all live tickets of mainnet 3 MB.
const LARGEST_MESSAGE: usize = 16 << 20;

/// Connects, checks the certificate, logs in and asks for the websocket.
pub(super) fn open(settings: &Settings) -> Result<WebSocket<Secured>, RpcError> {
    let steps = Opening { settings, address: settings.address() };
    steps.websocket(steps.tls(steps.tcp()?)?)
}

/// The steps from an address to a websocket.
struct Opening<'a> {
    settings: &'a Settings,
    address: String,
}

impl Opening<'_> {
    fn tcp(&self) -> Result<Deadlined, RpcError> {
        let failed = |source| RpcError::Connect { address: self.address.clone(), source };
        let until = Instant::now() + self.settings.timeouts.connect;
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in (self.settings.host.as_str(), self.settings.port).to_socket_addrs().map_err(failed)? {
            match TcpStream::connect_timeout(&address, self.settings.timeouts.connect) {
                Ok(tcp) => {
                    tcp.set_nodelay(true).map_err(failed)?;
                    return Ok(Deadlined::new(tcp, until));
                }
                Err(error) => last = error,
            }
        }
        Err(failed(last))
    }

    fn tls(&self, tcp: Deadlined) -> Result<Secured, RpcError> {
        let identity = match &self.settings.login {
            Login::Certificate(identity) => Some(identity),
            Login::Password { .. } => None,
        };
        let tls_failed = |source| self.tls_failed(source);
        let config = tls::client_config(&self.settings.certificate, identity).map_err(tls_failed)?;
        let name = ServerName::try_from(self.settings.host.clone()).map_err(|_| RpcError::Connect {
            address: self.address.clone(),
            source: io::Error::new(io::ErrorKind::InvalidInput, "not a host name"),
        })?;
        let tls = ClientConnection::new(Arc::new(config), name).map_err(tls_failed)?;
        Secured::shake_hands(tls, tcp).map_err(|error| self.handshake_failed(&error, "the TLS handshake"))
    }

    fn websocket(&self, stream: Secured) -> Result<WebSocket<Secured>, RpcError> {
        let config =
            WebSocketConfig::default().max_message_size(Some(LARGEST_MESSAGE)).max_frame_size(Some(LARGEST_MESSAGE));
        match tungstenite::client::client_with_config(self.request()?, stream, Some(config)) {
            Ok((websocket, _)) => Ok(websocket),
            Err(HandshakeError::Interrupted(_)) => Err(self.timeout("the websocket handshake")),
            Err(HandshakeError::Failure(error)) => Err(self.websocket_failed(error)),
        }
    }

    /// The request that asks for the websocket, with the login.
    fn request(&self) -> Result<Request, RpcError> {
        let unusable = |_| RpcError::Connect {
            address: self.address.clone(),
            source: io::Error::new(io::ErrorKind::InvalidInput, "not a host name"),
        };
        let mut request = format!("wss://{}/ws", self.address).into_client_request().map_err(unusable)?;
        if let Login::Password { user, password } = &self.settings.login {
            let login = Zeroizing::new(format!("{user}:{}", password.as_str()));
            let header = Zeroizing::new(format!("Basic {}", STANDARD.encode(login.as_bytes())));
            let mut value = HeaderValue::from_str(&header).expect("base64 has no control characters");
            value.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        Ok(request)
    }

    fn websocket_failed(&self, error: tungstenite::Error) -> RpcError {
        match error {
            tungstenite::Error::Http(response) => match response.status().as_u16() {
                401 | 403 => self.login_refused(),
                status => RpcError::NoWebsocket { address: self.address.clone(), status },
            },
            tungstenite::Error::Io(error) => self.handshake_failed(&error, "the websocket handshake"),
            tungstenite::Error::Protocol(tungstenite::error::ProtocolError::HandshakeIncomplete) => {
                RpcError::ClosedUnanswered { address: self.address.clone() }
            }
            other => RpcError::Malformed { method: "websocket".into(), problem: other.to_string() },
        }
    }

    fn handshake_failed(&self, error: &io::Error, step: &str) -> RpcError {
        if is_timeout(error) {
            return self.timeout(step);
        }
        if certificate_refused(error) {
            return self.login_refused();
        }
        match tls_error(error) {
            Some(source) => self.tls_failed(source.clone()),
            None => RpcError::Disconnected { address: self.address.clone(), reason: format!("{step}: {error}") },
        }
    }

    fn tls_failed(&self, source: rustls::Error) -> RpcError {
        let address = self.address.clone();
        match PinMismatch::inside(&source) {
            Some(PinMismatch { found, expected }) => {
                RpcError::CertificateDiffers { address, found: *found, expected: *expected }
            }
            None => RpcError::Tls { address, source: Box::new(source) },
        }
    }

    fn login_refused(&self) -> RpcError {
        RpcError::LoginRefused { address: self.address.clone(), login: self.settings.login.to_string() }
    }

    fn timeout(&self, step: &str) -> RpcError {
        let after = self.settings.timeouts.connect;
        RpcError::Timeout { address: self.address.clone(), method: step.into(), after }
    }
}
