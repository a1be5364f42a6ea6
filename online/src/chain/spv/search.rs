//! Waiting for a peer, and telling how that goes.

use std::fmt;
use std::time::{Duration, Instant};

use super::address::PeerAddress;
use super::discover::SeederLoss;
use super::error::{Loss, SpvError};
use super::peer::{PeerError, SocksError};
use super::pool::Pool;

/// The longest wait without telling how it goes.
const TICK: Duration = Duration::from_millis(250);

/// Who is told how the search for a peer goes, and with `None` that it is over.
pub(super) type Listener = Box<dyn FnMut(Option<&Search>)>;

/// How the search for a peer goes.
#[derive(Clone, Debug)]
pub struct Search {
    /// The peers that are being connected to.
    pub connecting: Vec<PeerAddress>,
    /// The seeders that did not answer yet.
    pub asked: usize,
    /// The addresses that failed last, each with its last failure.
    pub lost: Vec<Loss>,
    /// The seeders that were of no use.
    pub seeders: Vec<SeederLoss>,
    /// Whether it takes longer than usual.
    pub is_late: bool,
}

impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "looking for a peer: {} being connected to, {} failed", self.connecting.len(), self.lost.len())?;
        if self.asked > 0 { write!(f, ", {} seeders asked", self.asked) } else { Ok(()) }
    }
}

impl Pool {
    /// Waits until a peer is ready.
    ///
    /// # Errors
    /// [`SpvError`] when all addresses have failed, or no peer was ready for as long as this may take.
    pub(super) fn await_peer(&mut self) -> Result<(), SpvError> {
        self.connect();
        if !self.ready().is_empty() {
            return Ok(());
        }
        let found = self.search(Instant::now());
        (self.searching)(None);
        found
    }

    fn search(&mut self, since: Instant) -> Result<(), SpvError> {
        let until = since + self.timeouts().patience;
        while self.ready().is_empty() {
            self.check_hope(since, until)?;
            let search = Search {
                connecting: self.addresses(),
                asked: self.finder.asked(),
                lost: last_of_each(self.lost()),
                seeders: self.finder.lost().to_vec(),
                is_late: since.elapsed() >= self.timeouts().quiet,
            };
            (self.searching)(Some(&search));
            self.wait(until.min(Instant::now() + TICK));
        }
        Ok(())
    }

    /// Fails when no peer can be ready before `until`, or all were tried in vain `since` then.
    fn check_hope(&self, since: Instant, until: Instant) -> Result<(), SpvError> {
        let hope = self.is_connecting() || self.finder.has_hope(since, until);
        // All ways lead over the proxy.
        let last = self.lost().next_back().filter(|last| last.at >= since);
        let barred = last.is_some_and(|last| matches!(*last.error, PeerError::Proxy(SocksError::Connect(_))));
        if hope && !barred && Instant::now() < until {
            return Ok(());
        }
        let seeders = self.finder.lost().to_vec();
        let lost = last_of_each(self.lost());
        if !lost.is_empty() {
            return Err(SpvError::NoneLeft { lost, seeders });
        }
        if self.finder.knows_nobody() {
            return Err(SpvError::NoneKnown);
        }
        Err(SpvError::NoneFound { lost: seeders })
    }

    /// Why nobody gets on.
    pub(super) fn no_progress(&self) -> SpvError {
        SpvError::NoProgress { lost: last_of_each(self.lost()) }
    }
}

/// The last failure of each address, the latest last.
fn last_of_each<'a>(losses: impl DoubleEndedIterator<Item = &'a Loss>) -> Vec<Loss> {
    let mut last: Vec<Loss> = Vec::new();
    for loss in losses.rev() {
        if last.iter().all(|known| known.address != loss.address) {
            last.push(loss.clone());
        }
    }
    last.reverse();
    last
}
