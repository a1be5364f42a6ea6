//! The peers: who is connected, who is tried again when, who is banned.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;

use super::error::{Loss, SpvError};
use super::peer::{Awaited, Connection, News, Outbox, PeerError, PeerId, Report, Surroundings, Timeouts};
use super::wire::Message;

/// Connections that are aimed at.
const TARGET: usize = 8;
/// How long an offence keeps a peer away.
const BAN: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest pause before a peer is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(90);
/// Losses that are remembered.
const MOST_LOSSES: usize = 32;

/// An address and how it went with it.
#[derive(Debug)]
struct Candidate {
    address: SocketAddr,
    failures: u32,
    not_before: Instant,
}

/// A connected peer.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) id: PeerId,
    address: SocketAddr,
    connection: Connection,
    /// The last block that it is known to have, once the handshake is done.
    pub(super) height: Option<Height>,
}

/// All peers.
pub(super) struct Pool {
    candidates: Vec<Candidate>,
    peers: Vec<Peer>,
    next_id: u64,
    surroundings: Surroundings,
    reports: Receiver<Report>,
    lost: VecDeque<Loss>,
    /// Whether a peer has told of a block that headers were not asked for yet.
    pub(super) new_block: bool,
}

impl Pool {
    pub(super) fn new(network: Network, addresses: &[SocketAddr], timeouts: Timeouts) -> Self {
        let (sender, reports) = channel();
        let now = Instant::now();
        let candidates =
            addresses.iter().map(|address| Candidate { address: *address, failures: 0, not_before: now }).collect();
        let surroundings = Surroundings { network, timeouts, outbox: Arc::new(Outbox::default()), reports: sender };
        let lost = VecDeque::new();
        Self { candidates, peers: Vec::new(), next_id: 0, surroundings, reports, lost, new_block: false }
    }

    pub(super) const fn timeouts(&self) -> &Timeouts {
        &self.surroundings.timeouts
    }

    pub(super) fn outbox(&self) -> &Outbox {
        &self.surroundings.outbox
    }

    /// Peers that were given up, the latest last.
    pub(super) fn lost(&self) -> impl Iterator<Item = &Loss> {
        self.lost.iter()
    }

    /// The peers whose handshakes are done, the one with the highest block first.
    pub(super) fn ready(&self) -> Vec<PeerId> {
        let mut ready: Vec<_> = self.peers.iter().filter_map(|peer| Some((peer.height?, peer.id))).collect();
        ready.sort_by(|a, b| b.cmp(a));
        ready.into_iter().map(|(_, id)| id).collect()
    }

    pub(super) fn has(&self, id: PeerId) -> bool {
        self.peer(id).is_some()
    }

    pub(super) fn peer(&self, id: PeerId) -> Option<&Peer> {
        self.peers.iter().find(|peer| peer.id == id)
    }

    /// Notes that a peer gave a right answer, and so has the block at a height.
    pub(super) fn has_block(&mut self, id: PeerId, height: Height) {
        let Some(peer) = self.peers.iter_mut().find(|peer| peer.id == id) else { return };
        peer.height = peer.height.max(Some(height));
        let candidate = self.candidates.iter_mut().find(|candidate| candidate.address == peer.address);
        candidate.into_iter().for_each(|candidate| candidate.failures = 0);
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

    /// Ends the connection to a peer, and keeps it away for a time that depends on what it did.
    pub(super) fn give_up(&mut self, id: PeerId, error: PeerError) {
        let Some(position) = self.peers.iter().position(|peer| peer.id == id) else { return };
        let peer = self.peers.swap_remove(position);
        if let Some(candidate) = self.candidates.iter_mut().find(|candidate| candidate.address == peer.address) {
            candidate.failures = candidate.failures.saturating_add(1);
            let pause = self.surroundings.timeouts.retry.saturating_mul(candidate.failures).min(LONGEST_PAUSE);
            candidate.not_before = Instant::now()
                + match error {
                    // It may be a node that fetches the chain itself.
                    PeerError::LowWork { .. } => LONGEST_PAUSE,
                    _ if error.is_offence() => BAN,
                    _ => pause,
                };
        }
        self.lost.push_back(Loss { address: peer.address, error: Arc::new(error) });
        if self.lost.len() > MOST_LOSSES {
            self.lost.pop_front();
        }
    }

    /// Connects to candidates whose time has come.
    pub(super) fn connect(&mut self) {
        let now = Instant::now();
        let free = |address: &SocketAddr, peers: &[Peer]| peers.iter().all(|peer| peer.address != *address);
        for position in 0..self.candidates.len() {
            let Candidate { address, not_before, .. } = self.candidates[position];
            if self.peers.len() >= TARGET || now < not_before || !free(&address, &self.peers) {
                continue;
            }
            self.next_id += 1;
            let id = PeerId(self.next_id);
            // Without threads there are no peers; whoever waits for them is told.
            if let Ok(connection) = Connection::start(id, address, self.surroundings.clone()) {
                self.peers.push(Peer { id, address, connection, height: None });
            }
        }
    }

    /// Waits for a report until `until`, and connects to others meanwhile.
    pub(super) fn wait(&mut self, until: Instant) -> Option<Report> {
        loop {
            self.connect();
            let next =
                self.candidates.iter().map(|candidate| candidate.not_before).filter(|at| *at > Instant::now()).min();
            let until_next = next.map_or(until, |next| next.min(until));
            match self.reports.recv_timeout(until_next.saturating_duration_since(Instant::now())) {
                Ok(report) => {
                    if let Some(report) = self.note(report) {
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
        while let Ok(report) = self.reports.try_recv() {
            self.note(report);
        }
        self.connect();
    }

    /// Notes what a report says about the peer itself; reports of peers that were given up are nobody's.
    fn note(&mut self, report: Report) -> Option<Report> {
        let peer = self.peers.iter_mut().find(|peer| peer.id == report.from)?;
        match report.news {
            News::Ready { last_block } => {
                peer.height = Some(last_block);
                self.new_block = true;
                Some(report)
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
            News::Answer(_) | News::Took(_) => Some(report),
        }
    }

    /// Waits until a peer is ready.
    ///
    /// # Errors
    /// [`SpvError`] when there is none, or all that are known may not be tried for longer than this may take.
    pub(super) fn await_peer(&mut self) -> Result<(), SpvError> {
        let until = Instant::now() + self.timeouts().patience;
        self.connect();
        while self.ready().is_empty() {
            self.check_hope(until)?;
            self.wait(until.min(Instant::now() + Duration::from_millis(250)));
        }
        Ok(())
    }

    /// Fails when no peer can be ready before `until`.
    pub(super) fn check_hope(&self, until: Instant) -> Result<(), SpvError> {
        if self.candidates.is_empty() {
            return Err(SpvError::NoneKnown);
        }
        let hope = !self.peers.is_empty() || self.candidates.iter().any(|candidate| candidate.not_before < until);
        if hope && Instant::now() < until {
            return Ok(());
        }
        Err(SpvError::NoneLeft { lost: self.lost.iter().cloned().collect() })
    }
}
