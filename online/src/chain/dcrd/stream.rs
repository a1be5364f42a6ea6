//! The encrypted stream under a websocket.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustls::{AlertDescription, ClientConnection, Stream};

/// TLS over TCP, which hears the server out: one that refuses a client says why and hangs up, and what the client was
/// about to write fails before it reads the reason.
pub(super) struct Secured {
    tls: ClientConnection,
    tcp: Deadlined,
}

impl Secured {
    /// Does the TLS handshake.
    pub(super) fn shake_hands(tls: ClientConnection, tcp: Deadlined) -> io::Result<Self> {
        let mut secured = Self { tls, tcp };
        while secured.tls.is_handshaking() {
            if let Err(error) = secured.tls.complete_io(&mut secured.tcp) {
                return Err(secured.last_words(error));
            }
        }
        Ok(secured)
    }

    /// Sets the moment until which reading and writing may last.
    pub(super) fn set_deadline(&mut self, until: Instant) {
        self.tcp.until = until;
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
pub(super) struct Deadlined {
    tcp: TcpStream,
    until: Instant,
}

impl Deadlined {
    /// Takes a stream and the moment.
    pub(super) fn new(tcp: TcpStream, until: Instant) -> Self {
        Self { tcp, until }
    }

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

/// Tells whether the moment passed.
pub(super) fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// The TLS library's own error inside of one of input and output.
pub(super) fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// Tells whether the server wants a client certificate, or another one. With TLS 1.3 it says so after the handshake.
pub(super) fn certificate_refused(error: &io::Error) -> bool {
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
