//! The shared half of a connection: what may be written, and what is awaited.

use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::net::Network;

use super::super::wire::{Inventory, Message, ProtocolVersion};
use super::PeerError;

/// The one answer that a peer owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Awaited {
    /// Headers.
    Headers,
    /// Filters of successive blocks.
    Filters,
    /// A block, or word that it is not there.
    Block(BlockHash),
    /// A transaction, or word that it is not there.
    Tx(TxId),
}

impl Awaited {
    /// Whether `message` is the answer, or what is wrong with it.
    fn is(self, message: &Message) -> Result<(), PeerError> {
        let (fits, error) = match (self, message) {
            (Self::Headers, Message::Headers(_)) | (Self::Filters, Message::Filters(_)) => return Ok(()),
            (Self::Block(expected), Message::Block(block)) => {
                let found = block.id();
                (found == expected, PeerError::OtherBlock { found, expected })
            }
            (Self::Tx(expected), Message::Tx(tx)) => (tx.id() == expected, PeerError::OtherTransaction),
            (Self::Block(block), Message::NotFound(items)) => {
                (items[..] == [Inventory::Block(block)], unrequested(message))
            }
            (Self::Tx(id), Message::NotFound(items)) => (items[..] == [Inventory::Tx(id)], unrequested(message)),
            _ => (false, unrequested(message)),
        };
        if fits { Ok(()) } else { Err(error) }
    }
}

fn unrequested(message: &Message) -> PeerError {
    PeerError::Unrequested { found: message.command() }
}

/// A connection as both of its threads see it.
#[derive(Debug)]
pub(in super::super) struct Link {
    network: Network,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    stream: Option<TcpStream>,
    version: ProtocolVersion,
    awaited: Option<Awaited>,
    closed: bool,
    /// Whether a new block was reported since headers were last asked for.
    told: bool,
}

impl Link {
    pub(super) const fn new(network: Network) -> Self {
        let state = State { stream: None, version: ProtocolVersion::OURS, awaited: None, closed: false, told: false };
        Self { network, state: Mutex::new(state) }
    }

    /// Takes the stream to write to, unless the connection was given up meanwhile.
    pub(super) fn open(&self, stream: TcpStream) -> Result<(), PeerError> {
        let mut state = self.lock();
        if state.closed {
            return Err(PeerError::Closed);
        }
        state.stream = Some(stream);
        Ok(())
    }

    pub(super) fn agree_on(&self, version: ProtocolVersion) {
        self.lock().version = version;
    }

    /// Sends a message.
    pub(in super::super) fn send(&self, message: &Message) -> Result<(), PeerError> {
        self.write(&mut self.lock(), message)
    }

    /// Asks a question; the answer is reported.
    pub(in super::super) fn ask(&self, message: &Message, awaited: Awaited) -> Result<(), PeerError> {
        let mut state = self.lock();
        state.awaited = Some(awaited);
        state.told &= awaited != Awaited::Headers;
        self.write(&mut state, message)
    }

    fn write(&self, state: &mut State, message: &Message) -> Result<(), PeerError> {
        let bytes = message.encode(self.network, state.version)?;
        let stream = state.stream.as_mut().ok_or(PeerError::Closed)?;
        stream.write_all(&bytes).map_err(PeerError::Disconnected)
    }

    /// Whether a new block is news; it is once, until headers are asked for.
    pub(super) fn is_news(&self) -> bool {
        !std::mem::replace(&mut self.lock().told, true)
    }

    /// Sees that `message` is what the peer owes; it owes nothing then.
    pub(super) fn settle(&self, message: &Message) -> Result<(), PeerError> {
        let awaited = self.lock().awaited.take();
        awaited.ok_or_else(|| unrequested(message))?.is(message)
    }

    /// Ends the connection; the thread that reads notices.
    pub(in super::super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        if let Some(stream) = state.stream.take() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
