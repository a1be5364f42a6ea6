//! One websocket over TLS over TCP.
//!
//! Source: dcrd `internal/rpcserver/rpcserver.go` (`/ws`), RFC 6455.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::ServerName;
use rustls::{AlertDescription, ClientConnection, Stream};
use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::HandshakeError;
use tungstenite::handshake::client::Request;
use tungstenite::http::header::{AUTHORIZATION, HeaderValue};
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Message, WebSocket};
use zeroize::Zeroizing;

use super::error::RpcError;
use super::settings::{Login, Settings};
use super::tls::{self, PinMismatch};
use super::transport::Transport;

/// The largest message taken. A block of the greatest size is 2.6 MB in hexadecimal, all live tickets of mainnet 3 MB.
const LARGEST_MESSAGE: usize = 16 << 20;

/// A connection to a daemon.
pub struct Socket {
    websocket: WebSocket<Secured>,
    address: String,
    patience: Duration,
}

impl Socket {
    /// Connects, checks the certificate and logs in.
    ///
    /// # Errors
    /// [`RpcError`] naming the step that failed: address, certificate, TLS, login or websocket.
    pub fn open(settings: &Settings) -> Result<Self, RpcError> {
        let steps = Opening { settings, address: settings.address() };
        let tcp = steps.tcp()?;
        let stream = steps.tls(tcp)?;
        let websocket = steps.websocket(stream)?;
        Ok(Self { websocket, address: steps.address, patience: settings.timeouts.reply })
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
                RpcError::LoginRefused { address: self.address.clone(), login: "by client certificate".into() }
            }
            other => self.lost(&other.to_string()),
        }
    }

    fn lost(&self, reason: &str) -> RpcError {
        RpcError::Disconnected { address: self.address.clone(), reason: reason.into() }
    }

    fn set_deadline(&mut self, until: Instant) {
        self.websocket.get_mut().tcp.until = until;
    }
}

impl Transport for Socket {
    fn address(&self) -> &str {
        &self.address
    }

    fn send(&mut self, text: &str) -> Result<(), RpcError> {
        self.set_deadline(Instant::now() + self.patience);
        self.websocket.send(Message::text(text)).map_err(|error| self.broken(error))
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
                    return Ok(Deadlined { tcp, until });
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
        let mut secured = Secured { tls, tcp };
        secured.shake_hands().map_err(|error| self.handshake_failed(&error, "the TLS handshake"))?;
        Ok(secured)
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

/// TLS over TCP, which hears the server out: one that refuses a client says why and hangs up, and what the client was
/// about to write fails before it reads the reason.
struct Secured {
    tls: ClientConnection,
    tcp: Deadlined,
}

impl Secured {
    fn shake_hands(&mut self) -> io::Result<()> {
        while self.tls.is_handshaking() {
            if let Err(error) = self.tls.complete_io(&mut self.tcp) {
                return Err(self.last_words(error));
            }
        }
        Ok(())
    }

    /// Prefers what the server said to the error of a connection that it closed.
    fn last_words(&mut self, error: io::Error) -> io::Error {
        if !matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) {
            return error;
        }
        while matches!(self.tls.read_tls(&mut self.tcp), Ok(1..)) {
            if let Err(said) = self.tls.process_new_packets() {
                return io::Error::new(io::ErrorKind::InvalidData, said);
            }
        }
        error
    }
}

impl Read for Secured {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Stream::new(&mut self.tls, &mut self.tcp).read(buffer)
    }
}

impl Write for Secured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = Stream::new(&mut self.tls, &mut self.tcp).write(bytes);
        written.map_err(|error| self.last_words(error))
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = Stream::new(&mut self.tls, &mut self.tcp).flush();
        flushed.map_err(|error| self.last_words(error))
    }
}

/// A TCP stream on which no reading or writing lasts longer than until a set moment, however slowly bytes trickle in.
struct Deadlined {
    tcp: TcpStream,
    until: Instant,
}

impl Deadlined {
    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(Some(left)) }
    }
}

impl Read for Deadlined {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.tcp.set_read_timeout(self.left()?)?;
        self.tcp.read(buffer)
    }
}

impl Write for Deadlined {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tcp.set_write_timeout(self.left()?)?;
        self.tcp.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// Tells whether the server wants a client certificate, or another one. With TLS 1.3 it says so after the handshake.
fn certificate_refused(error: &io::Error) -> bool {
    let Some(rustls::Error::AlertReceived(alert)) = tls_error(error) else { return false };
    matches!(
        alert,
        AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::AccessDenied
    )
}
