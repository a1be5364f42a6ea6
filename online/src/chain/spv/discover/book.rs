//! Addresses of peers: how it went with each, and who is banned until when.
//!
//! Nobody fills the book: it is bounded as a whole and for each network of addresses, and an address that was of use is
//! not dropped for one that is only said to be.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use dcrcold_core::net::Network;

use super::super::address::PeerAddress;
use super::super::random;
use super::place::{Group, banned_as, is_of_use};

/// The most addresses.
pub(super) const MOST: usize = 1024;
/// The most bans.
pub(super) const MOST_BANS: usize = 1024;
/// The most addresses of one network.
const MOST_OF_GROUP: usize = 8;
/// How long an offence keeps a peer away.
pub(super) const BAN: u64 = 24 * 60 * 60;
/// Failures in a row after which an address is dropped that was not of use lately.
const MOST_FAILURES: u32 = 5;
/// What is lately, in seconds.
const LATELY: u64 = 30 * 24 * 60 * 60;
/// The longest pause before a peer is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(90);

/// What a failure means for the next try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Blame {
    /// The pause grows with each failure.
    Growing,
    /// The longest pause at once.
    Long,
    /// Somebody else is to blame: a pause, and nothing is counted.
    Other,
}

/// What is known of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// When it was last of use, in seconds since 1970; 0 for never.
    pub(super) good: u64,
    /// Failures since.
    pub(super) failures: u32,
    /// When it last failed in this run.
    failed: Option<Instant>,
    /// Before when it is not tried again.
    not_before: Option<Instant>,
}

impl Entry {
    pub(super) const fn new(good: u64, failures: u32) -> Self {
        Self { good, failures, failed: None, not_before: None }
    }
}

/// Addresses of peers.
#[derive(Debug)]
pub(in super::super) struct Book {
    network: Network,
    /// Whether a person chose the peers: none is added or dropped then, and all may be of one network.
    chosen: bool,
    /// Whether onion services are reached; those that are known are kept for another time where they are not.
    has_tor: bool,
    pub(super) entries: HashMap<PeerAddress, Entry>,
    /// Until when, in seconds since 1970.
    pub(super) bans: HashMap<PeerAddress, u64>,
}

impl Book {
    /// The peers that a person chose.
    pub(super) fn of(network: Network, peers: &[PeerAddress]) -> Self {
        let entries = peers.iter().map(|address| (*address, Entry::new(0, 0))).collect();
        Self { network, chosen: true, has_tor: true, entries, bans: HashMap::new() }
    }

    /// A book for peers that are found.
    pub(super) fn empty(network: Network) -> Self {
        Self { network, chosen: false, has_tor: false, entries: HashMap::new(), bans: HashMap::new() }
    }

    /// Says whether onion services are reached. Those that a person chose are tried in any case.
    pub(super) const fn set_tor(&mut self, has_tor: bool) {
        self.has_tor = has_tor || self.chosen;
    }

    pub(super) const fn network(&self) -> Network {
        self.network
    }

    /// Whether no address is known.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The addresses that may be tried, now or after a pause.
    pub(super) fn usable(&self, now: u64) -> usize {
        self.entries.keys().filter(|address| self.is_reached(address) && !self.is_banned(address, now)).count()
    }

    /// Adds addresses that somebody else told, as far as they can be peers and there is room.
    pub(super) fn add(&mut self, addresses: impl IntoIterator<Item = PeerAddress>, now: u64) {
        for address in addresses {
            let fits = is_of_use(&address, self.network) && self.is_reached(&address) && !self.is_banned(&address, now);
            if !self.chosen && fits && !self.entries.contains_key(&address) && self.has_room(&address) {
                self.entries.insert(address, Entry::new(0, 0));
            }
        }
    }

    /// Sees that there is room for an address, for which one may have to go that is only said to be a peer.
    fn has_room(&mut self, address: &PeerAddress) -> bool {
        let group = Group::of(address);
        if self.entries.keys().filter(|known| Group::of(known) == group).count() >= MOST_OF_GROUP {
            return false;
        }
        if self.entries.len() < MOST {
            return true;
        }
        let never = self.entries.iter().filter(|(_, entry)| entry.good == 0 && entry.failures > 0);
        let worst = never.max_by_key(|(_, entry)| entry.failures).map(|(address, _)| *address);
        worst.is_some_and(|worst| self.entries.remove(&worst).is_some())
    }

    const fn is_reached(&self, address: &PeerAddress) -> bool {
        self.has_tor || !address.is_onion()
    }

    pub(super) fn is_banned(&self, address: &PeerAddress, now: u64) -> bool {
        self.bans.get(&banned_as(address)).is_some_and(|until| now < *until)
    }

    /// An address to connect to, beside those that are `taken`: one that was of use as often as any other, and none of a
    /// network that is taken already, unless a person chose it.
    pub(in super::super) fn choose(&self, taken: &[PeerAddress], now: u64) -> Option<PeerAddress> {
        let ready = Instant::now();
        let open = self.open(taken, now);
        let due = open.filter(|(_, entry)| entry.not_before.is_none_or(|at| at <= ready));
        let (good, other): (Vec<_>, Vec<_>) = due.partition(|(_, entry)| entry.good > 0);
        let first = if good.is_empty() || (!other.is_empty() && random().is_multiple_of(2)) { other } else { good };
        let place = usize::try_from(random() % (first.len().max(1) as u64)).unwrap_or_default();
        first.get(place).map(|(address, _)| **address)
    }

    /// When the next address may be tried that may not be now.
    pub(in super::super) fn next_due(&self, taken: &[PeerAddress], now: u64) -> Option<Instant> {
        self.open(taken, now).filter_map(|(_, entry)| entry.not_before).filter(|at| *at > Instant::now()).min()
    }

    /// Whether an address may be tried before `until`.
    pub(in super::super) fn has_hope(&self, until: Instant, now: u64) -> bool {
        self.open(&[], now).any(|(_, entry)| entry.not_before.is_none_or(|at| at < until))
    }

    /// Whether every address that may be tried has failed since then.
    pub(super) fn has_failed(&self, since: Instant, now: u64) -> bool {
        self.open(&[], now).all(|(_, entry)| entry.failed.is_some_and(|failed| failed >= since))
    }

    fn open<'a>(&'a self, taken: &'a [PeerAddress], now: u64) -> impl Iterator<Item = (&'a PeerAddress, &'a Entry)> {
        let groups: HashSet<_> = taken.iter().map(Group::of).collect();
        self.entries.iter().filter(move |(address, _)| {
            let free = if self.chosen { !taken.contains(address) } else { !groups.contains(&Group::of(address)) };
            free && self.is_reached(address) && !self.is_banned(address, now)
        })
    }

    /// Notes that a peer gave a right answer.
    pub(in super::super) fn praise(&mut self, address: &PeerAddress, now: u64) {
        if let Some(entry) = self.entries.get_mut(address) {
            (entry.good, entry.failures) = (now, 0);
        }
    }

    /// Notes that a peer failed.
    pub(in super::super) fn blame(&mut self, address: &PeerAddress, now: u64, retry: Duration, blame: Blame) {
        let Some(entry) = self.entries.get_mut(address) else { return };
        let failed = Instant::now();
        entry.failures = entry.failures.saturating_add(u32::from(blame != Blame::Other));
        let pause = match blame {
            Blame::Growing => retry.saturating_mul(entry.failures).min(LONGEST_PAUSE),
            Blame::Long => LONGEST_PAUSE,
            Blame::Other => retry,
        };
        (entry.failed, entry.not_before) = (Some(failed), failed.checked_add(pause));
        if !self.chosen && entry.good.saturating_add(LATELY) < now && entry.failures >= MOST_FAILURES {
            self.entries.remove(address);
        }
    }

    /// Keeps a peer away for a day.
    pub(in super::super) fn ban(&mut self, address: &PeerAddress, now: u64) {
        self.bans.retain(|_, until| now < *until);
        if self.bans.len() >= MOST_BANS
            && let Some(first) = self.bans.iter().min_by_key(|(_, until)| **until).map(|(address, _)| *address)
        {
            self.bans.remove(&first);
        }
        self.bans.insert(banned_as(address), now.saturating_add(BAN));
        if !self.chosen {
            self.entries.remove(address);
        }
    }

    /// Takes over what another program wrote meanwhile: its bans, and addresses as far as there is room.
    pub(super) fn merge(&mut self, other: Self) {
        for (address, until) in other.bans {
            let ours = self.bans.entry(address).or_default();
            *ours = until.max(*ours);
        }
        for (address, entry) in other.entries {
            if entry.good > 0 && !self.entries.contains_key(&address) && self.has_room(&address) {
                self.entries.insert(address, entry);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::wire::Host;
    use super::*;

    const NOW: u64 = 1_790_000_000;

    fn address(text: &str) -> PeerAddress {
        text.parse().unwrap()
    }

    #[test]
    fn nobody_fills_the_book() {
        let mut book = Book::empty(Network::Mainnet);
        book.add((1..=255).map(|last| PeerAddress::from(std::net::SocketAddr::from(([8, 8, 8, last], 9108)))), NOW);
        assert_eq!(book.usable(NOW), MOST_OF_GROUP);
        let many = (1..=9)
            .flat_map(|a| (0..=255).map(move |b| PeerAddress::from(std::net::SocketAddr::from(([a, b, 1, 1], 9108)))));
        book.add(many, NOW);
        assert_eq!(book.usable(NOW), MOST);
        // One that was never of use goes for another one; one that was does not.
        let (failed, good) = (address("8.8.8.1:9108"), address("8.8.8.2:9108"));
        assert!(book.entries.contains_key(&failed) && book.entries.contains_key(&good));
        book.praise(&good, NOW);
        book.blame(&good, NOW, Duration::from_secs(1), Blame::Growing);
        book.blame(&failed, NOW, Duration::from_secs(1), Blame::Growing);
        book.add([address("20.1.1.1:9108"), address("21.1.1.1:9108")], NOW);
        assert!(!book.entries.contains_key(&failed) && book.entries.contains_key(&good));
        assert!(book.entries.contains_key(&address("20.1.1.1:9108")));
        assert_eq!(book.usable(NOW), MOST);
    }

    #[test]
    fn peers_are_chosen_from_distinct_networks() {
        let mut book = Book::empty(Network::Mainnet);
        book.add(["8.8.1.1:1", "8.8.2.2:1", "9.9.1.1:1", "[2a00:1450::1]:1", "[2a00:1450:9::1]:1"].map(address), NOW);
        let mut taken = Vec::new();
        while let Some(next) = book.choose(&taken, NOW) {
            taken.push(next);
        }
        assert_eq!(taken.len(), 3, "{taken:?}");
        // A person may name several of one network.
        let peers = ["8.8.1.1:1", "8.8.2.2:1"].map(address);
        assert!(Book::of(Network::Mainnet, &peers).choose(&peers[..1], NOW) == Some(peers[1]));
    }

    #[test]
    fn onion_services_are_kept_where_tor_is_and_left_in_peace_elsewhere() {
        let onion = |first| PeerAddress { host: Host::Onion([first; 32]), port: 9108 };
        let mut book = Book::empty(Network::Mainnet);
        book.add([onion(1)], NOW);
        assert!(book.is_empty(), "nobody could reach it");
        book.set_tor(true);
        book.add((0..=255).map(onion), NOW);
        assert_eq!(book.usable(NOW), 4 * MOST_OF_GROUP, "they cost nothing, so few are kept");
        let mut taken = Vec::new();
        while let Some(next) = book.choose(&taken, NOW) {
            taken.push(next);
        }
        assert_eq!(taken.len(), 4, "and half of the peers at most are such");
        book.set_tor(false);
        assert_eq!((book.choose(&[], NOW), book.usable(NOW), book.is_empty()), (None, 0, false));
    }

    #[test]
    fn a_ban_is_for_the_computer_and_ends() {
        let mut book = Book::empty(Network::Mainnet);
        let (liar, again) = (address("8.8.1.1:1"), address("8.8.1.1:2"));
        book.add([liar], NOW);
        book.ban(&liar, NOW);
        book.add([liar, again], NOW + BAN - 1);
        assert!(book.is_empty());
        book.add([liar, again], NOW + BAN);
        assert_eq!(book.usable(NOW + BAN), 2);
    }

    #[test]
    fn who_fails_is_tried_later_and_at_last_dropped() {
        let mut book = Book::empty(Network::Mainnet);
        let peer = address("8.8.1.1:1");
        book.add([peer], NOW);
        for failures in 1..=MOST_FAILURES {
            assert!(!book.is_empty());
            book.blame(&peer, NOW, Duration::from_secs(10), Blame::Growing);
            assert_eq!(book.choose(&[], NOW), None);
            let left = book.next_due(&[], NOW).map(|at| at.saturating_duration_since(Instant::now()).as_secs_f64());
            assert_eq!(left.map(f64::ceil), (failures < MOST_FAILURES).then(|| f64::from(10 * failures)));
        }
        assert!(book.is_empty());
    }

    #[test]
    fn what_the_proxy_does_is_not_counted_against_the_peer() {
        let mut book = Book::empty(Network::Mainnet);
        let peer = address("8.8.1.1:1");
        book.add([peer], NOW);
        let begun = Instant::now();
        for _ in 0..2 * MOST_FAILURES {
            book.blame(&peer, NOW, Duration::from_secs(10), Blame::Other);
            assert_eq!(book.choose(&[], NOW), None);
        }
        assert!(book.has_failed(begun, NOW));
        assert_eq!(book.entries[&peer].failures, 0);
    }
}
