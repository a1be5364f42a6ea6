//! One connection to a peer: a thread that reads for as long as it lives and answers what nodes want answered.
//!
//! A peer owes at most one answer at a time, and what nobody asked for ends the connection, so that a peer takes no more
//! memory than one message of the kind that it was asked for.
//! Source: dcrd `peer/peer.go`.

mod error;
mod link;
mod outbox;
mod reader;
mod socks;
mod talk;

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use dcrcold_core::amount::Height;
use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;

pub use error::PeerError;
pub(super) use link::{Awaited, Link};
pub(super) use outbox::Outbox;
pub use socks::SocksError;

use super::address::PeerAddress;
use super::report::Reporter;
use super::wire::Message;

/// How long to wait for a peer.
#[derive(Clone, Debug)]
pub struct Timeouts {
    /// For the connection.
    pub connect: Duration,
    /// For the handshake after it.
    pub handshake: Duration,
    /// For the answer to a question.
    pub answer: Duration,
    /// From one ping to the next.
    pub ping: Duration,
    /// For the answer to a ping.
    pub pong: Duration,
    /// Until a peer that was lost is tried again; longer each time.
    pub retry: Duration,
    /// Without any progress, until a call gives up.
    pub patience: Duration,
    /// Without any peer, until it is told that this takes long.
    pub quiet: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            handshake: Duration::from_secs(10),
            answer: Duration::from_secs(30),
            ping: Duration::from_secs(60),
            pong: Duration::from_secs(30),
            retry: Duration::from_secs(5),
            patience: Duration::from_secs(60),
            quiet: Duration::from_secs(3),
        }
    }
}

/// A number by which a connection is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct PeerId(pub(super) u64);

/// What a connection has to tell.
#[derive(Debug)]
pub(super) enum News {
    /// The handshake is done.
    Ready {
        /// The last block that the peer said it has.
        last_block: Height,
    },
    /// The answer to the question.
    Answer(Message),
    /// Addresses of other peers, which were asked for.
    Addresses(Vec<PeerAddress>),
    /// The peer has a new block.
    NewBlock,
    /// The peer took a transaction that was announced.
    Took(TxId),
    /// It is over.
    Lost(PeerError),
}

/// What every connection needs.
#[derive(Clone, Debug)]
pub(super) struct Surroundings {
    pub(super) network: Network,
    pub(super) timeouts: Timeouts,
    /// The SOCKS5 proxy over which all connections go, if there is one.
    pub(super) proxy: Option<SocketAddr>,
    pub(super) outbox: Arc<Outbox>,
    pub(super) reports: Reporter,
}

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) link: Arc<Link>,
    thread: Option<JoinHandle<()>>,
}

impl Connection {
    /// Connects in a thread of its own, which reports.
    pub(super) fn start(id: PeerId, address: PeerAddress, surroundings: Surroundings) -> std::io::Result<Self> {
        let link = Arc::new(Link::new(surroundings.network));
        let shared = Arc::clone(&link);
        let run = move || {
            let reports = surroundings.reports.clone();
            let error = talk::run(id, address, &surroundings, &shared);
            shared.close();
            reports.of_peer(id, News::Lost(error));
        };
        let thread = std::thread::Builder::new().name(format!("peer {address}")).spawn(run)?;
        Ok(Self { link, thread: Some(thread) })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.link.close();
        // A thread that still connects ends by itself.
        if let Some(thread) = self.thread.take().filter(JoinHandle::is_finished) {
            let _ = thread.join();
        }
    }
}
