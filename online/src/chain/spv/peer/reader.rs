//! Messages from a socket, with deadlines.

use std::io::{self, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use dcrcold_core::net::Network;

use super::super::wire::{Decoder, Message, ProtocolVersion};
use super::{Link, PeerError};

/// The bytes that are read at once.
const BUFFER: usize = 1 << 14;

/// Reads messages from a socket.
pub(super) struct Reader {
    stream: TcpStream,
    decoder: Decoder,
    buffer: Box<[u8; BUFFER]>,
    filled: usize,
    used: usize,
}

impl Reader {
    pub(super) fn new(stream: TcpStream, network: Network) -> Self {
        let decoder = Decoder::new(network, ProtocolVersion::OURS);
        Self { stream, decoder, buffer: Box::new([0; BUFFER]), filled: 0, used: 0 }
    }

    pub(super) const fn agree_on(&mut self, version: ProtocolVersion) {
        self.decoder.set_version(version);
    }

    /// The next message; `None` when none is whole at `until`. One that nobody asked for is not read to its end.
    pub(super) fn next(&mut self, until: Instant, link: &Link) -> Result<Option<Message>, PeerError> {
        loop {
            let mut input = &self.buffer[self.used..self.filled];
            let message = self.decoder.next(&mut input)?;
            self.used = self.filled - input.len();
            if message.is_some() {
                return Ok(message);
            }
            if let Some(found) = self.decoder.underway().filter(|command| !link.expects(*command)) {
                return Err(PeerError::Unrequested { found });
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            self.fill(left)?;
        }
    }

    fn fill(&mut self, patience: Duration) -> Result<(), PeerError> {
        self.stream.set_read_timeout(Some(patience)).map_err(PeerError::Disconnected)?;
        match self.stream.read(self.buffer.as_mut_slice()) {
            Ok(0) => Err(PeerError::Closed),
            Ok(count) => {
                (self.used, self.filled) = (0, count);
                Ok(())
            }
            Err(error) if is_passing(&error) => Ok(()),
            Err(error) => Err(PeerError::Disconnected(error)),
        }
    }
}

/// Whether there was nothing to read, or a signal came.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}
