//! Compares the wallet with dcrwallet while tickets are bought, and accounts for every atom at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use dcrcold::chain::dcrd::value::Dcr;
use dcrcold::wallet::{Ticket, TicketState};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::BlockHash;
use serde::Deserialize;

use super::{MATURITY, Run, WATCHED, atoms};

/// So many of a hundred tickets may expire or be missed.
const MOST_UNVOTED_PERCENT: usize = 1;

/// What dcrwallet says of an account.
#[derive(Debug, PartialEq, Deserialize)]
struct Watched {
    immaturestakegeneration: Dcr,
    lockedbytickets: Dcr,
    spendable: Dcr,
    unconfirmed: Dcr,
    total: Dcr,
}

#[derive(Deserialize)]
struct Balances {
    balances: Vec<Watched>,
}

impl Run<'_> {
    /// Compares what the wallet and dcrwallet say of the same account, once dcrwallet has heard of all votes.
    pub(super) fn compare(&mut self, when: &str) {
        self.user.sync();
        self.simnet.follow();
        self.simnet.await_votes();
        let tip = self.simnet.tip();
        self.watching.follow(&tip);
        let expected = self.as_dcrwallet_counts(tip.hash.0);
        let begin = Instant::now();
        loop {
            let found: Balances = self.watching.call("getbalance", (WATCHED, 1));
            let found = &found.balances[0];
            if *found == expected {
                return;
            }
            assert!(begin.elapsed() < Duration::from_secs(10), "{when}: found {found:?}, expected {expected:?}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// What the wallet knows, added up as dcrwallet does: what stakes paid matures one block later, votes in the
    /// mempool count as if they were mined, and a ticket locks its fee too.
    fn as_dcrwallet_counts(&mut self, tip: BlockHash) -> Watched {
        let height = self.user.wallet.height().unwrap();
        let (mut spendable, mut immature, mut unconfirmed) = (0, 0, 0);
        for coin in self.user.wallet.coins().unwrap() {
            let waits = coin.spendable_at().map(|at| at.0 + u32::from(coin.maturity == MATURITY));
            let sum = match waits {
                None => &mut unconfirmed,
                Some(at) if at > height.0 + 1 => &mut immature,
                Some(_) => &mut spendable,
            };
            *sum += coin.value.atoms();
        }
        let votes = self.simnet.votes_on(tip);
        let mut locked = 0;
        for ticket in self.user.wallet.tickets().unwrap().iter().filter(|ticket| ticket.ending.is_none()) {
            match votes.iter().find(|vote| vote.ticket == ticket.id) {
                Some(vote) => immature += vote.payouts[0].1.atoms(),
                None => locked += ticket.committed.atoms(),
            }
        }
        let dcr = |sum| Dcr(atoms(sum));
        Watched {
            immaturestakegeneration: dcr(immature),
            lockedbytickets: dcr(locked),
            spendable: dcr(spendable),
            unconfirmed: dcr(unconfirmed),
            total: dcr(immature + locked + spendable + unconfirmed),
        }
    }

    /// Accounts for every ticket and every atom.
    pub(super) fn settle(&mut self) {
        let tickets = self.user.wallet.tickets().unwrap();
        let ids = |tickets: &[Ticket]| tickets.iter().map(|ticket| ticket.id).collect::<BTreeSet<_>>();
        assert_eq!(ids(&tickets), self.tickets.iter().copied().collect());
        self.check_endings(&tickets);
        let sum = |pick: fn(&Ticket) -> Amount| Amount::checked_sum(tickets.iter().map(pick)).unwrap();
        let spent = self.split_fees.checked_add(sum(|ticket| ticket.committed)).unwrap();
        let earned = sum(|ticket| ticket.ending.map(|ending| ending.paid).unwrap_or_default());
        let expected = self.funded.checked_add(earned).and_then(|sum| sum.checked_sub(spent)).unwrap();
        let balance = self.user.wallet.balance().unwrap();
        assert_eq!((balance.total(), balance.spendable), (expected, expected));
        let shown = self.user.online(&["balance"]);
        assert_eq!(shown["spendable"], expected.atoms(), "{shown}");
    }

    /// All voted and were rewarded but the one whose key was withheld, and perhaps a few that were never called.
    fn check_endings(&self, tickets: &[Ticket]) {
        let mut endings: BTreeMap<&str, usize> = BTreeMap::new();
        for ticket in tickets {
            let ending = ticket.ending.expect("every ticket came to an end");
            *endings.entry(ending.how.name()).or_default() += 1;
            match ending.how {
                TicketState::Voted => assert!(ending.paid > ticket.price, "{ticket:?}"),
                _ => assert_eq!(ending.paid, ticket.price, "{ticket:?}"),
            }
            assert!(self.withheld != Some(ticket.id) || ending.how != TicketState::Voted, "{ticket:?}");
        }
        println!("endings: {endings:?}");
        let unvoted = tickets.len() - endings.get(TicketState::Voted.name()).copied().unwrap_or_default();
        assert!(unvoted * 100 <= tickets.len().max(100) * MOST_UNVOTED_PERCENT, "{endings:?}");
    }
}
