//! The shared half of a connection: what may be written, and what is awaited.

use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::net::Network;

use super::super::wire::{Command, Inventory, Message, ProtocolVersion};
use super::PeerError;

/// The most messages that wait for a slow peer.
const MOST_WAITING: usize = 64;

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
    /// Whether the answer may be a message of this kind.
    const fn may_be(self, command: Command) -> bool {
        match self {
            Self::Headers => matches!(command, Command::Headers),
            Self::Filters => matches!(command, Command::Filters),
            Self::Block(_) => matches!(command, Command::Block | Command::NotFound),
            Self::Tx(_) => matches!(command, Command::Tx | Command::NotFound),
        }
    }

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
    /// To end the connection by.
    stream: Option<TcpStream>,
    /// To the thread that writes: whoever sends waits for nobody.
    outgoing: Option<SyncSender<Vec<u8>>>,
    version: ProtocolVersion,
    awaited: Option<Awaited>,
    /// Whether addresses of peers were asked for.
    wants_addresses: bool,
    closed: bool,
    /// Whether a new block was reported since headers were last asked for.
    told: bool,
}

impl Link {
    pub(super) const fn new(network: Network) -> Self {
        let state = State {
            stream: None,
            outgoing: None,
            version: ProtocolVersion::OURS,
            awaited: None,
            wants_addresses: false,
            closed: false,
            told: false,
        };
        Self { network, state: Mutex::new(state) }
    }

    /// Takes the stream to write to, unless the connection was given up meanwhile.
    pub(super) fn open(&self, stream: &TcpStream) -> Result<(), PeerError> {
        let copy = || stream.try_clone().map_err(PeerError::Connect);
        let (to_close, to_write) = (copy()?, copy()?);
        let (outgoing, waiting) = sync_channel(MOST_WAITING);
        let mut state = self.lock();
        if state.closed {
            return Err(PeerError::Closed);
        }
        let writer = std::thread::Builder::new().name("writer".to_owned());
        writer.spawn(move || write(to_write, &waiting)).map_err(PeerError::Connect)?;
        (state.stream, state.outgoing) = (Some(to_close), Some(outgoing));
        Ok(())
    }

    pub(super) fn agree_on(&self, version: ProtocolVersion) {
        self.lock().version = version;
    }

    /// Sends a message.
    pub(in super::super) fn send(&self, message: &Message) -> Result<(), PeerError> {
        self.queue(&self.lock(), message)
    }

    /// Asks for addresses of other peers; they are reported.
    pub(in super::super) fn ask_for_addresses(&self) -> Result<(), PeerError> {
        let mut state = self.lock();
        state.wants_addresses = true;
        self.queue(&state, &Message::GetAddr)
    }

    /// Whether addresses of other peers were asked for, which they are once.
    pub(super) fn wants_addresses(&self) -> bool {
        std::mem::take(&mut self.lock().wants_addresses)
    }

    /// Asks a question; the answer is reported.
    pub(in super::super) fn ask(&self, message: &Message, awaited: Awaited) -> Result<(), PeerError> {
        let mut state = self.lock();
        state.awaited = Some(awaited);
        state.told &= awaited != Awaited::Headers;
        self.queue(&state, message)
    }

    fn queue(&self, state: &State, message: &Message) -> Result<(), PeerError> {
        let bytes = message.encode(self.network, state.version)?;
        state.outgoing.as_ref().ok_or(PeerError::Closed)?.try_send(bytes).map_err(|error| match error {
            TrySendError::Full(_) => PeerError::Clogged { waiting: MOST_WAITING },
            TrySendError::Disconnected(_) => PeerError::Closed,
        })
    }

    /// Whether a message of this kind may come, so that it is worth reading.
    pub(super) fn expects(&self, command: Command) -> bool {
        match command {
            Command::Headers | Command::Filters | Command::Block | Command::Tx | Command::NotFound => {
                self.lock().awaited.is_some_and(|awaited| awaited.may_be(command))
            }
            Command::Filter | Command::InitState => false,
            _ => true,
        }
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
        state.outgoing = None;
        if let Some(stream) = state.stream.take() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes what is sent, until there is nobody to send or to take it. Whoever reads notices.
fn write(mut stream: TcpStream, waiting: &Receiver<Vec<u8>>) {
    while let Ok(bytes) = waiting.recv() {
        if stream.write_all(&bytes).is_err() {
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
    }
}
