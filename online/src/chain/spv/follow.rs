//! Following the best chain: one peer is asked for headers until it has no more, then all others whether they know better.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use dcrcold_core::amount::Height;
use dcrcold_core::hash::BlockHash;
use dcrcold_signer::block::BlockHeader;

use super::error::SpvError;
use super::headers::RefusedHeaders;
use super::peer::{Awaited, News, PeerError, PeerId};
use super::wire::{Command, GetHeaders, Message, ProtocolVersion};
use super::{Fetched, Spv};
use crate::chain::{BlockId, MOST_HEADERS};

/// How long the first peer waits for others, so that it alone does not say what the best chain is.
const COMPANY: Duration = Duration::from_secs(2);

/// The part of the time for an answer after which a peer is slow: 190 MB from one that takes all of it would take hours.
const SLOW: u32 = 6;

/// What a peer was asked for: the headers after `tip`, until `deadline`.
struct Asked {
    since: Instant,
    deadline: Instant,
    tip: BlockId,
}

/// What became of the headers of a peer.
enum Taken {
    InOrder,
    /// They branch off too far below headers that prove too little; those are forgotten.
    BeginAnew,
    /// The peer is given up.
    Refused,
}

impl Spv {
    /// Brings the headers up to what the peers know.
    ///
    /// # Errors
    /// [`SpvError`] when no peer is left whose chain is long enough.
    pub(super) fn follow(&mut self) -> Result<(), SpvError> {
        let followed = self.follow_best();
        (self.progress)(None);
        followed
    }

    fn follow_best(&mut self) -> Result<(), SpvError> {
        self.pool.drain();
        let mut until = Instant::now() + self.pool.timeouts().patience;
        let mut slow = HashSet::new();
        loop {
            self.pool.await_peer()?;
            if !std::mem::replace(&mut self.has_company, true) {
                self.pool.await_others(COMPANY);
            }
            self.pool.new_block = false;
            let ready = self.pool.ready();
            let Some(first) = ready.iter().find(|id| !slow.contains(*id)).or(ready.first()).copied() else { continue };
            let before = self.headers.tip();
            let impatient = ready.iter().any(|id| *id != first && !slow.contains(id));
            if !self.follow_peers(&[first], impatient)? {
                slow.insert(first);
                if self.headers.tip() != before {
                    until = Instant::now() + self.pool.timeouts().patience;
                } else if Instant::now() >= until {
                    return Err(self.pool.no_progress());
                }
                continue;
            }
            let (reached, low_work) = (self.headers.tip(), self.low_work());
            let others: Vec<_> = self.pool.ready().into_iter().filter(|id| *id != first).collect();
            self.follow_peers(&others, false)?;
            if self.headers.is_settled() {
                return Ok(());
            }
            self.pool.give_up(first, low_work);
            // The others may know better, but not from here: this may be a branch that they left long ago.
            if self.headers.tip() == reached {
                self.headers.clear()?;
            }
        }
    }

    const fn low_work(&self) -> PeerError {
        PeerError::LowWork { found: self.headers.work(), expected: self.headers.least_work() }
    }

    /// Takes the headers of these peers until none of them has more; says whether any has told all. One that is slow is
    /// not asked for more where that matters.
    fn follow_peers(&mut self, peers: &[PeerId], impatient: bool) -> Result<bool, SpvError> {
        let mut asked = HashMap::new();
        for id in peers {
            self.ask_for_headers(*id, &mut asked)?;
        }
        let told = self.take_answers(&mut asked, impatient);
        // They may answer yet, and must not be asked anything else before.
        asked.keys().for_each(|id| self.pool.leave(*id));
        told
    }

    fn take_answers(&mut self, asked: &mut HashMap<PeerId, Asked>, impatient: bool) -> Result<bool, SpvError> {
        let (mut told, mut begun_anew) = (false, false);
        while let Some(deadline) = asked.values().map(|asked| asked.deadline).min() {
            if let Some(report) = self.pool.wait(deadline)
                && let News::Answer(Message::Headers(headers)) = report.news
                && let Some(Asked { tip, since, .. }) = asked.remove(&report.from)
            {
                let is_slow = since.elapsed() > self.pool.timeouts().answer / SLOW;
                match self.take_headers(report.from, &headers, begun_anew)? {
                    Taken::Refused => {}
                    Taken::BeginAnew => {
                        begun_anew = true;
                        self.ask_for_headers(report.from, asked)?;
                    }
                    // The same question would get the same answer.
                    Taken::InOrder if headers.len() < MOST_HEADERS || self.headers.tip() == tip => told = true,
                    Taken::InOrder if impatient && is_slow => {}
                    Taken::InOrder => self.ask_for_headers(report.from, asked)?,
                }
            }
            self.give_up_late(asked);
            asked.retain(|id, _| self.pool.has(*id));
        }
        Ok(told)
    }

    fn ask_for_headers(&mut self, id: PeerId, asked: &mut HashMap<PeerId, Asked>) -> Result<(), SpvError> {
        let locators = self.headers.locators()?;
        let stop = BlockHash::from_bytes([0; 32]);
        let question = Message::GetHeaders(GetHeaders { protocol: ProtocolVersion::OURS, locators, stop });
        if self.pool.ask(id, &question, Awaited::Headers) {
            let since = Instant::now();
            asked.insert(id, Asked { since, deadline: since + self.pool.timeouts().answer, tip: self.headers.tip() });
        }
        Ok(())
    }

    fn give_up_late(&mut self, asked: &HashMap<PeerId, Asked>) {
        let (now, after) = (Instant::now(), self.pool.timeouts().answer);
        for (id, _) in asked.iter().filter(|(_, asked)| asked.deadline <= now) {
            self.pool.give_up(*id, PeerError::Stalled { question: Command::GetHeaders, after });
        }
    }

    /// Takes headers in.
    fn take_headers(&mut self, from: PeerId, headers: &[BlockHeader], begun_anew: bool) -> Result<Taken, SpvError> {
        match self.headers.add(headers, now()) {
            Ok(_) => {
                self.pool.has_block(from, headers.last().map_or(Height(0), |last| last.height));
                let height = self.headers.tip().height;
                (self.progress)(Some(Fetched { height, of: self.pool.usual_height().max(height) }));
                Ok(Taken::InOrder)
            }
            Err(RefusedHeaders::Store(error)) => Err(error.into()),
            // What is here may be the beginning of a chain that somebody else made up.
            Err(RefusedHeaders::TooDeep { .. }) if !self.headers.is_settled() && !begun_anew => {
                self.headers.clear()?;
                Ok(Taken::BeginAnew)
            }
            Err(error) => {
                self.pool.give_up(from, PeerError::Headers(error));
                Ok(Taken::Refused)
            }
        }
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
