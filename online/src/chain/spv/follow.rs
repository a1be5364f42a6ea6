//! Following the best chain: one peer is asked for headers until it has no more, then all others whether they know better.

use std::collections::HashMap;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use dcrcold_core::hash::BlockHash;
use dcrcold_signer::block::BlockHeader;

use super::Spv;
use super::error::SpvError;
use super::headers::RefusedHeaders;
use super::peer::{Awaited, News, PeerError, PeerId};
use super::wire::{Command, GetHeaders, Message, ProtocolVersion};
use crate::chain::MOST_HEADERS;

impl Spv {
    /// Brings the headers up to what the peers know.
    ///
    /// # Errors
    /// [`SpvError`] when no peer is left whose chain is long enough.
    pub(super) fn follow(&mut self) -> Result<(), SpvError> {
        self.pool.drain();
        let mut until = Instant::now() + self.pool.timeouts().patience;
        loop {
            self.pool.await_peer()?;
            self.pool.new_block = false;
            let Some(first) = self.pool.ready().first().copied() else { continue };
            let before = self.headers.tip();
            if !self.follow_peers(&[first])? {
                if self.headers.tip() != before {
                    until = Instant::now() + self.pool.timeouts().patience;
                } else if Instant::now() >= until {
                    return Err(SpvError::NoProgress { lost: self.pool.lost().cloned().collect() });
                }
                continue;
            }
            let others: Vec<_> = self.pool.ready().into_iter().filter(|id| *id != first).collect();
            self.follow_peers(&others)?;
            if self.headers.is_settled() {
                return Ok(());
            }
            // Nobody who is there has a chain with enough work.
            let (found, expected) = (self.headers.work(), self.headers.least_work());
            for id in self.pool.ready() {
                self.pool.give_up(id, PeerError::LowWork { found, expected });
            }
            self.headers.clear()?;
        }
    }

    /// Takes the headers of these peers until none of them has more; says whether any has told all.
    fn follow_peers(&mut self, peers: &[PeerId]) -> Result<bool, SpvError> {
        let (mut asked, mut told) = (HashMap::new(), false);
        for id in peers {
            self.ask_for_headers(*id, &mut asked)?;
        }
        while let Some(deadline) = asked.values().min().copied() {
            if let Some(report) = self.pool.wait(deadline)
                && let News::Answer(Message::Headers(headers)) = report.news
                && asked.remove(&report.from).is_some()
                && self.take_headers(report.from, &headers)?
            {
                if headers.len() == MOST_HEADERS {
                    self.ask_for_headers(report.from, &mut asked)?;
                } else {
                    told = true;
                }
            }
            self.give_up_late(&asked);
            asked.retain(|id, _| self.pool.has(*id));
        }
        Ok(told)
    }

    fn ask_for_headers(&mut self, id: PeerId, asked: &mut HashMap<PeerId, Instant>) -> Result<(), SpvError> {
        let locators = self.headers.locators()?;
        let stop = BlockHash::from_bytes([0; 32]);
        let question = Message::GetHeaders(GetHeaders { protocol: ProtocolVersion::OURS, locators, stop });
        if self.pool.ask(id, &question, Awaited::Headers) {
            asked.insert(id, Instant::now() + self.pool.timeouts().answer);
        }
        Ok(())
    }

    fn give_up_late(&mut self, asked: &HashMap<PeerId, Instant>) {
        let (now, after) = (Instant::now(), self.pool.timeouts().answer);
        for (id, _) in asked.iter().filter(|(_, deadline)| **deadline <= now) {
            self.pool.give_up(*id, PeerError::Stalled { question: Command::GetHeaders, after });
        }
    }

    /// Takes headers in; says whether they are in order.
    fn take_headers(&mut self, from: PeerId, headers: &[BlockHeader]) -> Result<bool, SpvError> {
        match self.headers.add(headers, now()) {
            Ok(_) => {
                if let Some(last) = headers.last() {
                    self.pool.has_block(from, last.height);
                }
                let tip = self.headers.tip();
                (self.progress)(tip.height);
                Ok(true)
            }
            Err(RefusedHeaders::Store(error)) => Err(error.into()),
            Err(error) => {
                self.pool.give_up(from, PeerError::Headers(error));
                Ok(false)
            }
        }
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
