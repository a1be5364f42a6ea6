//! Where peers are found: in the book of earlier runs, by seeders, and by asking peers.
//!
//! Peers are taken from distinct networks, so that whoever has many addresses in one is one peer at most. Whoever names
//! peers names all: nothing is looked for then.

mod book;
mod file;
mod place;
mod seeders;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use dcrcold_core::net::Network;

pub use file::{BookError, examine};
pub use seeders::{SeederError, seeders};

pub(super) use book::{Blame, Book};

use super::StartError;
use super::address::PeerAddress;
use super::peer::Timeouts;
use super::report::Reporter;

/// Addresses below which seeders are asked, when the program starts.
const FEW: usize = 24;
/// Addresses below which peers are asked for more.
const ENOUGH: usize = 256;
/// The most addresses that are taken of one peer.
const MOST_OF_PEER: usize = 64;
/// How often an address that fails at once is tried before all is given up.
const ROUNDS: u32 = 2;
/// The shortest pause between two rounds of questions to seeders.
const SEEDER_PAUSE: Duration = Duration::from_secs(300);

/// Where to look for peers that nobody named.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// Addresses of seeders, each `https://HOST`.
    pub seeders: Vec<String>,
    /// The file that keeps addresses and bans.
    pub book: Option<PathBuf>,
}

impl Discovery {
    /// Decred's own seeders.
    #[must_use]
    pub fn of(network: Network, book: Option<PathBuf>) -> Self {
        Self { seeders: seeders(network).iter().map(|seeder| (*seeder).to_owned()).collect(), book }
    }
}

/// A seeder that was of no use.
#[derive(Clone, Debug)]
pub struct SeederLoss {
    /// The seeder.
    pub seeder: String,
    /// Why.
    pub error: Arc<SeederError>,
}

impl std::fmt::Display for SeederLoss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.seeder, self.error)
    }
}

/// Finds peers.
pub(super) struct Finder {
    pub(super) book: Book,
    /// Where to look; nowhere if a person named the peers.
    discovery: Option<Discovery>,
    proxy: Option<SocketAddr>,
    retry: Duration,
    /// How long the book may show what it is worth.
    trial: Duration,
    started: Instant,
    /// Seeders that did not answer yet.
    asked: usize,
    last_asked: Option<Instant>,
    lost: Vec<SeederLoss>,
}

impl Finder {
    /// Peers that a person named, or if there are none and there is a place to look, peers that are found.
    ///
    /// # Errors
    /// [`StartError::Book`] when the book is there and cannot be read.
    pub(super) fn new(
        network: Network,
        peers: &[PeerAddress],
        discovery: Option<Discovery>,
        proxy: Option<SocketAddr>,
        timeouts: &Timeouts,
    ) -> Result<Self, StartError> {
        let discovery = discovery.filter(|_| peers.is_empty());
        let mut book = match &discovery {
            None => Book::of(network, peers),
            Some(Discovery { book: None, .. }) => Book::empty(network),
            Some(Discovery { book: Some(path), .. }) => file::read(path, network, now()).map_err(StartError::Book)?,
        };
        book.set_tor(proxy.is_some());
        let (retry, trial, started) = (timeouts.retry, timeouts.connect, Instant::now());
        Ok(Self { book, discovery, proxy, retry, trial, started, asked: 0, last_asked: None, lost: Vec::new() })
    }

    /// The next peer to connect to.
    pub(super) fn choose(&self, taken: &[PeerAddress]) -> Option<PeerAddress> {
        self.book.choose(taken, now())
    }

    pub(super) fn next_due(&self, taken: &[PeerAddress]) -> Option<Instant> {
        self.book.next_due(taken, now())
    }

    /// Whether a peer may be there before `until`: not when every address has failed `since` then, and the first of them
    /// once more.
    pub(super) fn has_hope(&self, since: Instant, until: Instant) -> bool {
        let will_look = self.last_asked.is_none() && self.discovery.is_some();
        let untried = since.elapsed() < self.retry.saturating_mul(ROUNDS) || !self.book.has_failed(since, now());
        self.asked > 0 || will_look || (untried && self.book.has_hope(until, now()))
    }

    /// How many seeders did not answer yet.
    pub(super) const fn asked(&self) -> usize {
        self.asked
    }

    /// Whether there is nobody to ask, and nowhere to look.
    pub(super) fn knows_nobody(&self) -> bool {
        self.book.is_empty() && self.discovery.as_ref().is_none_or(|discovery| discovery.seeders.is_empty())
    }

    /// The seeders that were of no use when they were last asked.
    pub(super) fn lost(&self) -> &[SeederLoss] {
        &self.lost
    }

    /// Asks the seeders, each in a thread of its own, if too few addresses are known, or none of them leads to a peer.
    pub(super) fn look(&mut self, is_alone: bool, reports: &Reporter) {
        let Some(discovery) = &self.discovery else { return };
        let hungry = match self.last_asked {
            None => {
                let failed = self.started.elapsed() >= self.trial || self.book.has_failed(self.started, now());
                self.book.usable(now()) < FEW || (is_alone && failed)
            }
            Some(last) => is_alone && last.elapsed() >= SEEDER_PAUSE,
        };
        if !hungry || self.asked > 0 {
            return;
        }
        self.last_asked = Some(Instant::now());
        self.lost.clear();
        for seeder in discovery.seeders.clone() {
            let (network, proxy, reports) = (self.book.network(), self.proxy, reports.clone());
            let ask = move || {
                let found = seeders::ask(&seeder, network, proxy);
                reports.of_seeder(seeder, found);
            };
            // Without threads there are no peers either.
            self.asked += usize::from(std::thread::Builder::new().name("seeder".to_owned()).spawn(ask).is_ok());
        }
    }

    /// Takes the answer of a seeder.
    pub(super) fn seeded(&mut self, seeder: String, found: Result<Vec<SocketAddr>, SeederError>) {
        self.asked = self.asked.saturating_sub(1);
        match found {
            Ok(addresses) => self.book.add(addresses.into_iter().map(Into::into), now()),
            Err(error) => self.lost.push(SeederLoss { seeder, error: Arc::new(error) }),
        }
        if self.asked == 0 {
            self.save();
        }
    }

    /// Whether a new peer is to be asked for others.
    pub(super) fn wants_more(&self) -> bool {
        self.discovery.is_some() && self.book.usable(now()) < ENOUGH
    }

    /// Takes addresses that a peer told.
    pub(super) fn told(&mut self, addresses: Vec<PeerAddress>) {
        self.book.add(addresses.into_iter().take(MOST_OF_PEER), now());
    }

    /// Notes that a peer gave a right answer.
    pub(super) fn praise(&mut self, address: &PeerAddress) {
        self.book.praise(address, now());
    }

    /// Notes that a peer failed.
    pub(super) fn blame(&mut self, address: &PeerAddress, blame: Blame) {
        self.book.blame(address, now(), self.retry, blame);
    }

    /// Keeps a peer away for a day, also from the next run if it was found.
    pub(super) fn ban(&mut self, address: &PeerAddress) {
        self.book.ban(address, now());
        self.save();
    }

    /// Writes the book. It is of use, and not needed: when there is no room for it, all goes on.
    fn save(&mut self) {
        if let Some(Discovery { book: Some(path), .. }) = &self.discovery {
            let _ = file::write(path, &mut self.book, now());
        }
    }
}

impl Drop for Finder {
    fn drop(&mut self) {
        self.save();
    }
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
