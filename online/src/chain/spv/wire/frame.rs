//! Messages in a stream of bytes: 24 bytes of header, then the payload.
//!
//! The reader takes bytes in any pieces, and no more memory than has arrived: what a header claims reserves nothing.
//! Messages with names that it does not know are skipped, since a later version may bring them.
//! Source: dcrd `wire/message.go`.

use blake256::blake256;
use dcrcold_core::net::Network;

use super::command::NAME_SIZE;
use super::{Command, EncodeError, FrameError, Message, ProtocolVersion};

/// The bytes in front of a payload.
pub(super) const HEADER_SIZE: usize = 24;
/// The longest payload of any message.
const MOST_PAYLOAD: usize = 32 << 20;
/// What is reserved for a payload before any of it has arrived.
const FIRST_RESERVE: usize = 1 << 16;

/// The four bytes that begin every message of a network.
#[must_use]
pub const fn magic(network: Network) -> [u8; 4] {
    match network {
        Network::Mainnet => [0xf9, 0x00, 0xb4, 0xd9],
        Network::Testnet3 => [0x75, 0xaa, 0x94, 0xb1],
        Network::Simnet => [0x16, 0x1c, 0x14, 0x12],
    }
}

/// The port on which nodes of a network listen for peers.
#[must_use]
pub const fn default_port(network: Network) -> u16 {
    match network {
        Network::Mainnet => 9108,
        Network::Testnet3 => 19108,
        Network::Simnet => 18555,
    }
}

impl Message {
    /// The message as bytes for peers that agreed on `version`.
    ///
    /// # Errors
    /// [`EncodeError`] for what a node would ban the sender for.
    pub fn encode(&self, network: Network, version: ProtocolVersion) -> Result<Vec<u8>, EncodeError> {
        let command = self.command();
        if !command.exists_at(version) {
            return Err(EncodeError::NotAtVersion { command, version });
        }
        let payload = self.payload()?;
        if payload.len() > command.most() {
            return Err(EncodeError::TooLong { command, found: payload.len(), most: command.most() });
        }
        Ok(frame(network, command.name(), &payload))
    }
}

/// A payload with the header of a message of this name, at most 12 ASCII characters.
#[must_use]
pub fn frame(network: Network, name: &str, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a payload is shorter than 32 MiB");
    let mut bytes = Vec::with_capacity(HEADER_SIZE + payload.len());
    bytes.extend(magic(network));
    bytes.extend(name.bytes().chain(std::iter::repeat(0)).take(NAME_SIZE));
    bytes.extend(length.to_le_bytes());
    bytes.extend(checksum(payload));
    bytes.extend(payload);
    bytes
}

fn checksum(payload: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..] = blake256(payload);
    [a, b, c, d]
}

/// Reads messages out of a stream of bytes.
#[derive(Debug)]
pub struct Decoder {
    network: Network,
    version: ProtocolVersion,
    state: State,
}

/// Where in a message the stream is.
#[derive(Debug)]
enum State {
    Header { bytes: [u8; HEADER_SIZE], filled: usize },
    Payload { command: Command, length: usize, checksum: [u8; 4], bytes: Vec<u8> },
    Skipped { left: usize },
}

impl State {
    const START: Self = Self::Header { bytes: [0; HEADER_SIZE], filled: 0 };
}

impl Decoder {
    /// Reads messages of `network` by peers that agreed on `version`.
    #[must_use]
    pub const fn new(network: Network, version: ProtocolVersion) -> Self {
        Self { network, version, state: State::START }
    }

    /// Says which version was agreed on.
    pub const fn set_version(&mut self, version: ProtocolVersion) {
        self.version = version;
    }

    /// Whether all bytes so far made whole messages.
    #[must_use]
    pub const fn is_between_messages(&self) -> bool {
        matches!(self.state, State::Header { filled: 0, .. })
    }

    /// The kind of message that has begun and is not whole yet.
    #[must_use]
    pub const fn underway(&self) -> Option<Command> {
        match self.state {
            State::Payload { command, .. } => Some(command),
            State::Header { .. } | State::Skipped { .. } => None,
        }
    }

    /// Takes bytes from the front of `input` until a message is whole; `None` when they do not suffice.
    ///
    /// # Errors
    /// [`FrameError`]; the stream is of no use any more.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<Message>, FrameError> {
        loop {
            match &mut self.state {
                State::Header { bytes, filled } => {
                    let taken = take(input, HEADER_SIZE - *filled);
                    bytes[*filled..*filled + taken.len()].copy_from_slice(taken);
                    *filled += taken.len();
                    if *filled < HEADER_SIZE {
                        return Ok(None);
                    }
                    let bytes = *bytes;
                    self.state = self.payload_after(&bytes)?;
                }
                State::Payload { command, length, checksum, bytes } => {
                    bytes.extend_from_slice(take(input, *length - bytes.len()));
                    if bytes.len() < *length {
                        return Ok(None);
                    }
                    let (command, found, bytes) = (*command, *checksum, std::mem::take(bytes));
                    self.state = State::START;
                    return finish(command, found, &bytes).map(Some);
                }
                State::Skipped { left } => {
                    *left -= take(input, *left).len();
                    if *left > 0 {
                        return Ok(None);
                    }
                    self.state = State::START;
                }
            }
        }
    }

    fn payload_after(&self, header: &[u8; HEADER_SIZE]) -> Result<State, FrameError> {
        let [m0, m1, m2, m3, name @ .., l0, l1, l2, l3, c0, c1, c2, c3] = *header;
        let (found, expected) = ([m0, m1, m2, m3], magic(self.network));
        if found != expected {
            return Err(FrameError::OtherNetwork { found, expected });
        }
        let name = read_name(&name).ok_or(FrameError::Name { found: name })?;
        let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        let command = Command::from_name(name);
        let most = command.map_or(MOST_PAYLOAD, Command::most);
        if length > most {
            return Err(FrameError::TooLong { name: name.to_owned(), found: length, most });
        }
        let Some(command) = command else { return Ok(State::Skipped { left: length }) };
        if !command.exists_at(self.version) {
            return Err(FrameError::NotAtVersion { command, version: self.version });
        }
        let bytes = Vec::with_capacity(length.min(FIRST_RESERVE));
        Ok(State::Payload { command, length, checksum: [c0, c1, c2, c3], bytes })
    }
}

fn finish(command: Command, found: [u8; 4], payload: &[u8]) -> Result<Message, FrameError> {
    let expected = checksum(payload);
    if found != expected {
        return Err(FrameError::Checksum { command, found, expected });
    }
    Message::decode(command, payload).map_err(|source| FrameError::Payload { command, source })
}

/// At most `most` bytes from the front of `input`.
fn take<'a>(input: &mut &'a [u8], most: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at(most.min(input.len()));
    *input = rest;
    taken
}

/// The name, unless it has other than printable characters, or anything after the first zero.
fn read_name(bytes: &[u8; NAME_SIZE]) -> Option<&str> {
    let length = bytes.iter().position(|byte| *byte == 0).unwrap_or(NAME_SIZE);
    let (name, rest) = bytes.split_at(length);
    let clean = name.iter().all(u8::is_ascii_graphic) && rest.iter().all(|byte| *byte == 0);
    std::str::from_utf8(name).ok().filter(|_| clean)
}
