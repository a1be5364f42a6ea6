//! The peers: who is connected, and what they have to tell.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;

use super::address::PeerAddress;
use super::discover::{Blame, Finder};
use super::error::Loss;
use super::peer::{Awaited, Connection, News, Outbox, PeerError, PeerId, SocksError, Surroundings, Timeouts};
use super::random;
use super::report::{Event, Report, Reporter};
use super::search::Listener;
use super::wire::{Inventory, Message};

/// Connections that are aimed at.
const TARGET: usize = 8;
/// Losses that are remembered.
const MOST_LOSSES: usize = 32;

/// A connected peer.
#[derive(Debug)]
struct Peer {
    id: PeerId,
    address: PeerAddress,
    connection: Connection,
    /// The last block that it said it has, once the handshake is done.
    height: Option<Height>,
}

/// All peers.
pub(super) struct Pool {
    pub(super) finder: Finder,
    peers: Vec<Peer>,
    next_id: u64,
    surroundings: Surroundings,
    events: Receiver<Event>,
    lost: VecDeque<Loss>,
    /// Whether a peer has told of a block that headers were not asked for yet.
    pub(super) new_block: bool,
    pub(super) searching: Listener,
}

impl Pool {
    pub(super) fn new(network: Network, finder: Finder, proxy: Option<SocketAddr>, timeouts: Timeouts) -> Self {
        let (sender, events) = channel();
        let (outbox, reports) = (Arc::new(Outbox::default()), Reporter(sender));
        let surroundings = Surroundings { network, timeouts, proxy, outbox, reports };
        let (peers, lost, searching): (_, _, Listener) = (Vec::new(), VecDeque::new(), Box::new(|_| {}));
        Self { finder, peers, next_id: 0, surroundings, events, lost, new_block: false, searching }
    }

    pub(super) const fn timeouts(&self) -> &Timeouts {
        &self.surroundings.timeouts
    }

    pub(super) fn outbox(&self) -> &Outbox {
        &self.surroundings.outbox
    }

    /// Peers that were given up, the latest last.
    pub(super) fn lost(&self) -> impl DoubleEndedIterator<Item = &Loss> {
        self.lost.iter()
    }

    /// The peers whose handshakes are done, in an order of chance; those last that are behind most others.
    pub(super) fn ready(&self) -> Vec<PeerId> {
        let usual = self.usual_height();
        let ranked = |peer: &Peer| Some((peer.height? < usual, random(), peer.id));
        let mut ready: Vec<_> = self.peers.iter().filter_map(ranked).collect();
        ready.sort_unstable();
        ready.into_iter().map(|(.., id)| id).collect()
    }

    /// Whether a peer says or has shown that it has the block at a height.
    pub(super) fn reaches(&self, id: PeerId, height: Height) -> bool {
        self.peer(id).is_some_and(|peer| peer.height >= Some(height))
    }

    pub(super) fn has(&self, id: PeerId) -> bool {
        self.peer(id).is_some()
    }

    fn peer(&self, id: PeerId) -> Option<&Peer> {
        self.peers.iter().find(|peer| peer.id == id)
    }

    /// Notes that a peer gave a right answer.
    pub(super) fn praise(&mut self, id: PeerId) {
        if let Some(address) = self.peer(id).map(|peer| peer.address) {
            self.finder.praise(&address);
        }
    }

    /// Notes that a peer gave right headers, and so has the block at a height.
    pub(super) fn has_block(&mut self, id: PeerId, height: Height) {
        let Some(peer) = self.peers.iter_mut().find(|peer| peer.id == id) else { return };
        peer.height = peer.height.max(Some(height));
        self.finder.praise(&peer.address);
    }

    /// Asks a peer; one that cannot be asked is given up.
    pub(super) fn ask(&mut self, id: PeerId, message: &Message, awaited: Awaited) -> bool {
        self.with(id, |peer| peer.connection.link.ask(message, awaited))
    }

    /// Sends to a peer; one that cannot be reached is given up.
    pub(super) fn send(&mut self, id: PeerId, message: &Message) -> bool {
        self.with(id, |peer| peer.connection.link.send(message))
    }

    fn with(&mut self, id: PeerId, act: impl FnOnce(&Peer) -> Result<(), PeerError>) -> bool {
        let Some(peer) = self.peer(id) else { return false };
        match act(peer) {
            Ok(()) => true,
            Err(error) => {
                self.give_up(id, error);
                false
            }
        }
    }

    /// Ends the connection to a peer that did nothing wrong, but may still answer what nobody waits for any more.
    pub(super) fn leave(&mut self, id: PeerId) {
        self.peers.retain(|peer| peer.id != id);
    }

    /// Ends the connection to a peer, and keeps it away for a time that depends on what it did.
    pub(super) fn give_up(&mut self, id: PeerId, error: PeerError) {
        let Some(position) = self.peers.iter().position(|peer| peer.id == id) else { return };
        let peer = self.peers.swap_remove(position);
        match &error {
            error if error.is_offence() => self.finder.ban(&peer.address),
            // It may be a node that fetches the chain itself.
            PeerError::LowWork { .. } => self.finder.blame(&peer.address, Blame::Long),
            PeerError::Proxy(SocksError::Connect(_)) => self.finder.blame(&peer.address, Blame::Other),
            _ => self.finder.blame(&peer.address, Blame::Growing),
        }
        self.lost.push_back(Loss { address: peer.address, error: Arc::new(error), at: Instant::now() });
        if self.lost.len() > MOST_LOSSES {
            self.lost.pop_front();
        }
    }

    /// Whether somebody may be ready soon.
    pub(super) const fn is_connecting(&self) -> bool {
        !self.peers.is_empty()
    }

    pub(super) fn addresses(&self) -> Vec<PeerAddress> {
        self.peers.iter().map(|peer| peer.address).collect()
    }

    /// Connects to peers whose time has come, and has others looked for where there are too few.
    pub(super) fn connect(&mut self) {
        while self.peers.len() < TARGET
            && let Some(address) = self.finder.choose(&self.addresses())
        {
            self.next_id += 1;
            let id = PeerId(self.next_id);
            // Without threads there are no peers; whoever waits for them is told.
            let Ok(connection) = Connection::start(id, address, self.surroundings.clone()) else { break };
            self.peers.push(Peer { id, address, connection, height: None });
        }
        let is_alone = self.peers.iter().all(|peer| peer.height.is_none());
        self.finder.look(is_alone, &self.surroundings.reports);
    }

    /// Waits for a report until `until`, and connects to others meanwhile.
    pub(super) fn wait(&mut self, until: Instant) -> Option<Report> {
        loop {
            self.connect();
            let next = self.finder.next_due(&self.addresses()).filter(|_| self.peers.len() < TARGET);
            let until_next = next.map_or(until, |next| next.min(until));
            match self.events.recv_timeout(until_next.saturating_duration_since(Instant::now())) {
                Ok(event) => {
                    if let Some(report) = self.note(event) {
                        return Some(report);
                    }
                }
                Err(_) if Instant::now() >= until => return None,
                Err(_) => {}
            }
        }
    }

    /// Takes all reports that came since the last question was answered.
    pub(super) fn drain(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            self.note(event);
        }
        self.connect();
    }

    /// Notes what is told; reports of peers that were given up are nobody's.
    fn note(&mut self, event: Event) -> Option<Report> {
        let report = match event {
            Event::Peer(report) => report,
            Event::Seeder { seeder, found } => {
                self.finder.seeded(seeder, found);
                return None;
            }
        };
        let peer = self.peers.iter_mut().find(|peer| peer.id == report.from)?;
        match report.news {
            News::Ready { last_block } => {
                peer.height = Some(last_block);
                self.new_block = true;
                self.welcome(report.from);
                Some(Report { from: report.from, news: News::NewBlock })
            }
            News::NewBlock => {
                self.new_block = true;
                Some(report)
            }
            News::Lost(error) => {
                self.give_up(report.from, error);
                // That it is gone is seen by `has`.
                Some(Report { from: report.from, news: News::NewBlock })
            }
            News::Addresses(addresses) => {
                self.finder.told(addresses);
                None
            }
            News::Answer(_) | News::Took(_) => Some(report),
        }
    }

    /// Announces to a new peer what was sent before, and asks it for others where few are known.
    fn welcome(&mut self, id: PeerId) {
        let sent: Vec<_> = self.outbox().ids().into_iter().map(Inventory::Tx).collect();
        if !sent.is_empty() {
            self.send(id, &Message::Inv(sent));
        }
        if self.finder.wants_more() {
            self.with(id, |peer| peer.connection.link.ask_for_addresses());
        }
    }

    /// The last block by what most peers say; a single one may say anything.
    pub(super) fn usual_height(&self) -> Height {
        let mut heights: Vec<_> = self.peers.iter().filter_map(|peer| peer.height).collect();
        heights.sort_unstable();
        heights.get(heights.len() / 2).copied().unwrap_or_default()
    }

    /// Waits until all peers that were connected to are ready or gone, but no longer than `patience`.
    pub(super) fn await_others(&mut self, patience: Duration) {
        let until = Instant::now() + patience;
        while self.peers.iter().any(|peer| peer.height.is_none()) && self.wait(until).is_some() {}
    }
}
