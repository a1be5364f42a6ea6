//! A device behind TCP, as Speculos and the simulator are: commands and replies in Speculos' framing, on this computer
//! only.
//!
//! Length of the command, 4 bytes big endian, and the command; back the length of the data without the status word, 4
//! bytes big endian, data, status word. Source: Speculos 0.27 `speculos/mcu/apdu.py`.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use dcrcold_signer::device::{Apdu, Exchange, Reply, patience};

/// How long to wait for somebody to listen.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a command may take to leave.
const SEND: Duration = Duration::from_secs(10);
/// The most data of a reply.
const MAX_DATA: usize = 255;
const STATUS_WORD: usize = 2;

/// A device that listens on this computer.
#[derive(Debug)]
pub struct DeviceTcp {
    /// Gone after the first failure: nobody knows then which reply would be the next one.
    stream: Option<TcpStream>,
    patience: fn(&Apdu) -> Duration,
}

/// Why nothing comes from a device. What passed is no part of it: it would say what somebody owns.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The address is that of another computer, and the way there is not protected.
    #[error("{address} is not an address of this computer")]
    NotLoopback {
        /// The address.
        address: SocketAddr,
    },
    /// Nobody listens there.
    #[error("no device at {address}")]
    Connect {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The other end is gone.
    #[error("it was unplugged or closed")]
    Lost,
    /// There was no reply in time.
    #[error("no answer in {} s", after.as_secs())]
    Timeout {
        /// How long was waited.
        after: Duration,
    },
    /// A reply that is longer than any can be.
    #[error("a reply of {found} bytes was announced, at most {MAX_DATA} expected")]
    TooLong {
        /// The length that was announced.
        found: u32,
    },
    /// Something came that nobody asked for.
    #[error("it says something that nobody asked for")]
    Unasked,
    /// The connection failed in another way.
    #[error(transparent)]
    Io(io::Error),
}

impl DeviceTcp {
    /// Connects to a device.
    ///
    /// # Errors
    /// [`LinkError::NotLoopback`], [`LinkError::Connect`].
    pub fn connect(address: SocketAddr) -> Result<Self, LinkError> {
        if !address.ip().is_loopback() {
            return Err(LinkError::NotLoopback { address });
        }
        let connected = TcpStream::connect_timeout(&address, CONNECT).and_then(|stream| {
            stream.set_nodelay(true)?;
            Ok(stream)
        });
        let stream = connected.map_err(|source| LinkError::Connect { address, source })?;
        Ok(Self { stream: Some(stream), patience })
    }

    /// The same, with another idea of how long a device may take for a command.
    #[must_use]
    pub fn with_patience(self, patience: fn(&Apdu) -> Duration) -> Self {
        Self { patience, ..self }
    }
}

impl Exchange for DeviceTcp {
    type Error = LinkError;

    fn exchange(&mut self, command: &Apdu) -> Result<Reply, LinkError> {
        // Put back only when all went well.
        let mut stream = self.stream.take().ok_or(LinkError::Lost)?;
        let after = (self.patience)(command);
        quiet(&stream)?;
        within(SEND, send(&mut stream, command.as_bytes(), SEND))?;
        let reply = within(after, receive(&mut stream, Instant::now() + after))?;
        self.stream = Some(stream);
        Ok(reply)
    }
}

/// Names the whole time that was waited: who gave up knows only what was left of it.
fn within<T>(after: Duration, result: Result<T, LinkError>) -> Result<T, LinkError> {
    result.map_err(|error| match error {
        LinkError::Timeout { .. } => LinkError::Timeout { after },
        other => other,
    })
}

/// Sees that nothing is there before anything is asked.
fn quiet(stream: &TcpStream) -> Result<(), LinkError> {
    stream.set_nonblocking(true).map_err(LinkError::Io)?;
    let found = stream.peek(&mut [0]);
    stream.set_nonblocking(false).map_err(LinkError::Io)?;
    match found {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
        Err(error) => Err(broken(error)),
        Ok(0) => Err(LinkError::Lost),
        Ok(_) => Err(LinkError::Unasked),
    }
}

fn send(stream: &mut TcpStream, command: &[u8], after: Duration) -> Result<(), LinkError> {
    stream.set_write_timeout(Some(after)).map_err(LinkError::Io)?;
    let length = u32::try_from(command.len()).unwrap_or(u32::MAX);
    // In one piece, so that it is one packet.
    let packet = [length.to_be_bytes().as_slice(), command].concat();
    stream.write_all(&packet).map_err(broken)
}

fn receive(stream: &mut TcpStream, deadline: Instant) -> Result<Reply, LinkError> {
    let mut length = [0; 4];
    read_exact(stream, &mut length, deadline)?;
    let found = u32::from_be_bytes(length);
    let data = usize::try_from(found).ok().filter(|length| *length <= MAX_DATA).ok_or(LinkError::TooLong { found })?;
    let mut reply = [0; MAX_DATA + STATUS_WORD];
    let reply = &mut reply[..data + STATUS_WORD];
    read_exact(stream, reply, deadline)?;
    Reply::from_bytes(reply).ok_or(LinkError::TooLong { found })
}

/// Fills `bytes` until a moment, however slowly they drip.
fn read_exact(stream: &mut TcpStream, mut bytes: &mut [u8], deadline: Instant) -> Result<(), LinkError> {
    while !bytes.is_empty() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(LinkError::Timeout { after: left });
        }
        stream.set_read_timeout(Some(left)).map_err(LinkError::Io)?;
        match stream.read(bytes) {
            Ok(0) => return Err(LinkError::Lost),
            Ok(read) => bytes = &mut bytes[read..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(broken(error)),
        }
    }
    Ok(())
}

fn broken(error: io::Error) -> LinkError {
    use ErrorKind as E;
    match error.kind() {
        E::WouldBlock | E::TimedOut => LinkError::Timeout { after: Duration::ZERO },
        E::BrokenPipe | E::ConnectionReset | E::ConnectionAborted | E::UnexpectedEof => LinkError::Lost,
        _ => LinkError::Io(error),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_command_that_does_not_leave_is_given_up_after_the_time_that_is_named() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        // Nobody reads, and the two ends keep some megabytes for each other.
        let endless = vec![0; 1 << 26];
        let error = within(SEND, send(&mut stream, &endless, Duration::from_millis(50))).unwrap_err();
        assert_eq!(error.to_string(), "no answer in 10 s");
    }
}
