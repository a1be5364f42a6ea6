//! A memory of all requests that the run approved, made of the records that a journal would hold.

use dcrcold_core::hash::{Fingerprint, TransferId};
use dcrcold_core::machine::{Counter, Earlier, Mark, Memory, Outpoint, Recall};
use dcrcold_core::path::Index;
use dcrcold_signer::journal::Record;
use dcrcold_signer::rebuild::HostReviewable;

/// More would make every review long.
const MOST: usize = 32;

/// The latest requests that were approved.
#[derive(Default)]
pub struct Approved(Vec<Record>);

impl Approved {
    /// Forgets the oldest request when there are many. Not between two reviews of the same request: they would differ.
    pub fn make_room(&mut self) {
        if self.0.len() == MOST {
            self.0.remove(0);
        }
    }

    /// Writes a request down, through the bytes of a record.
    pub fn remember(&mut self, request: &HostReviewable) {
        let record = Record::of(request);
        let again = Record::decode(&record.encode()).expect("what a record writes reads");
        assert_eq!(again, record);
        if self.0.iter().all(|known| known.request.request != *request.id()) {
            self.0.push(again);
        }
    }

    /// Whether another request spends one of these coins.
    pub fn spent(&self, coins: &[Outpoint], but: &TransferId) -> bool {
        let others = self.0.iter().filter(|record| record.request.request != *but);
        others.into_iter().any(|record| coins.iter().any(|coin| record.spends(coin)))
    }

    fn latest(&self, but: &TransferId, number: u32, meets: impl Fn(&Record) -> bool) -> Option<Earlier> {
        let others = self.0.iter().rev().filter(|record| record.request.request != *but && meets(record));
        others.map(|record| record.request).nth(number as usize)
    }
}

impl Memory for Approved {
    fn recall(&mut self) -> Recall {
        Recall::Whole
    }

    fn mark(&mut self, _: Counter) -> Mark {
        Mark::Unknown
    }

    fn spent_by(&mut self, coin: &Outpoint, but: &TransferId, number: u32) -> Option<Earlier> {
        self.latest(but, number, |record| record.spends(coin))
    }

    fn named_by(&mut self, voter: &Fingerprint, index: Index, but: &TransferId, number: u32) -> Option<Earlier> {
        self.latest(but, number, |record| record.names(voter, index))
    }
}
