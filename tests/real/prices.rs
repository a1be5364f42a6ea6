//! The last blocks of price windows: what is bought in them, what is not sent any more, and what was foretold of the price.

use dcrcold::chain::{ChainSource, PriceWindow};
use dcrcold::prepare::{WINDOWS, expiry_after};
use dcrcold::wallet::purchase::{BuyOrder, Late, Lock, Prepared, PurchaseError};
use dcrcold::wallet::{Receive, SystemClock};
use dcrcold_core::amount::{Amount, FeeRate};
use dcrcold_core::fees::TICKET_SIZE;
use dcrcold_core::hash::{TransferId, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::policy::Limits;
use dcrcold_core::request::Funding;

use crate::cold::User;
use crate::order::order;
use crate::simnet::{Simnet, TICKETS_PER_BLOCK};

/// The seed of the account, whose coins nobody else spends.
const SEED: &str = "1a5b10c51a5b10c51a5b10c51a5b10c51a5b10c51a5b10c51a5b10c51a5b10c5";
const WINDOW: u32 = Network::Simnet.params().stake_difficulty_window;
/// Tickets of others in each block of a window.
const APPETITES: [u32; 6] = [20, 20, 5, 1, 5, 10];
/// The blocks of a window that pay coins to the account.
const COINS: usize = 3;
/// A signer whose owner takes any headroom.
const ANY_HEADROOM: Limits = Limits { headroom: u32::MAX, ..Limits::DEFAULT };

/// What became of the tickets of a window's end.
#[derive(Debug, Default)]
struct Ends {
    in_the_last_block: usize,
    /// Answers that were sent in the next window as they were.
    next_sent: usize,
    signed_again: usize,
    estimates: usize,
}

struct Buyer<'a> {
    simnet: &'a mut Simnet,
    user: User,
    ends: Ends,
}

pub fn the_last_blocks_of_a_window_keep_what_was_foretold(simnet: &mut Simnet) {
    let user = User::of_seed(&simnet.path().join("last-blocks"), &simnet.node, SEED);
    let mut buyer = Buyer { simnet, user, ends: Ends::default() };
    for (number, appetite) in APPETITES.into_iter().enumerate() {
        buyer.window(appetite, number % 2 == 1);
    }
    let (rounds, ends) = (APPETITES.len(), &buyer.ends);
    println!("last blocks: {rounds} windows, {ends:?}");
    assert_eq!((ends.in_the_last_block, ends.next_sent + ends.signed_again), (rounds * 2, rounds));
    assert!(ends.next_sent >= rounds / 2 && ends.signed_again > 0, "{ends:?}");
    assert_eq!(ends.estimates, rounds * (WINDOW as usize - COINS));
}

impl Buyer<'_> {
    fn price(&mut self) -> PriceWindow {
        self.user.sync();
        self.user.source.price().unwrap()
    }

    fn mine(&mut self, tickets: u32) {
        self.simnet.mine_with_tickets(tickets);
        self.user.sync();
    }

    /// Pays a coin to the account, and mines it.
    fn fund(&mut self, value: Amount, tickets: u32) {
        let (_, address) = self.user.wallet.receive(Receive::New, &SystemClock).unwrap();
        self.simnet.pay(&address.to_string(), value);
        self.mine(tickets);
    }

    /// A signed purchase of one ticket.
    fn signed(&mut self, order: &BuyOrder) -> Prepared {
        let price = self.price();
        let prepared = self.user.wallet.prepare(order, &price, &SystemClock).unwrap();
        self.take(&prepared);
        prepared
    }

    fn take(&mut self, prepared: &Prepared) {
        let answer = self.user.sign_within(&ANY_HEADROOM, &prepared.request, &prepared.id);
        self.user.wallet.accept(&answer, &SystemClock).unwrap();
    }

    fn send(&mut self, id: &TransferId) -> Result<Vec<TxId>, PurchaseError> {
        Ok(self.user.wallet.send(id, &mut self.user.source, &SystemClock)?.tickets)
    }

    /// The block of a ticket that is mined, which is voted from now on.
    fn mined(&mut self, ticket: &TxId) -> u32 {
        let height = self.user.wallet.block_of(ticket).unwrap().expect("the ticket is mined").height.0;
        let (wif, block, hex) = self.user.hand_over(ticket);
        let _: () = self.simnet.wallet.call("importprivkey", (wif, "imported", false));
        let _: () = self.simnet.wallet.call("addtransaction", (block, hex));
        height
    }

    /// Goes through a window, in whose blocks others buy so many tickets, and buys at its end. An answer that comes too late
    /// then has headroom for any price of the next window, or none.
    fn window(&mut self, appetite: u32, headroom: bool) {
        while self.price().blocks_left != WINDOW {
            self.mine(TICKETS_PER_BLOCK);
        }
        let now = self.price().next;
        self.fund_window(now, appetite);
        let mut foretold = Vec::new();
        while self.price().blocks_left > 2 {
            foretold.push(self.price());
            self.mine(appetite);
        }
        let at_the_price = BuyOrder { lock: Lock::Amount(now), ..order(1) };

        // With two blocks left the split is in the last but one, and the ticket in the last.
        let price = self.price();
        let last = price.ends().0 - 1;
        let expiry = expiry_after(Network::Simnet, price.tip.height, WINDOWS);
        let deadline = price.deadline(Network::Simnet, now, expiry, 2);
        // A price that cannot rise leaves the next window, too.
        let windows = u32::from(price.estimate.max <= now);
        assert_eq!(deadline.sure.map(|height| height.0), Some(last - 1 + windows * WINDOW));
        let split = self.signed(&at_the_price);
        let locked = if headroom { price.estimate.max } else { now };
        let late = self.signed(&BuyOrder { lock: Lock::Amount(locked), ..order(1) });
        let tickets = self.send(&split.id).unwrap();
        foretold.push(price);
        self.mine(appetite.min(10));

        // With one block left a split is too late, unless no price is too high for its ticket.
        let price = self.price();
        assert_eq!(price.blocks_left, 1);
        self.in_the_last_block(&late, &price, headroom);
        // A ticket without a split is not.
        let direct = self.signed(&BuyOrder { funding: Funding::Direct, ..at_the_price.clone() });
        let direct = self.send(&direct.id).unwrap();
        foretold.push(price);
        self.mine(appetite.min(10));
        for ticket in tickets.iter().chain(&direct) {
            assert_eq!(self.mined(ticket), last, "in the last block of the window");
            self.ends.in_the_last_block += 1;
        }
        self.compare(&foretold);
        self.late(&late);
    }

    /// One coin that becomes a ticket as it is, and two that are split, one of them for a higher price.
    fn fund_window(&mut self, price: Amount, appetite: u32) {
        let fee = FeeRate::RELAY_MINIMUM.fee(TICKET_SIZE).unwrap();
        let much = price.checked_mul(4).unwrap();
        let coins: [Amount; COINS] = [price.checked_add(fee).unwrap(), much, much];
        coins.into_iter().for_each(|coin| self.fund(coin, appetite));
    }

    /// An answer is sent only when its ticket fits whatever the price becomes.
    fn in_the_last_block(&mut self, late: &Prepared, price: &PriceWindow, headroom: bool) {
        if price.estimate.max <= late.amount {
            let told = self.user.wallet.late(&late.id, &mut self.user.source).unwrap();
            assert_eq!(told, Late::Fits, "{price:?}");
        } else {
            let error = self.send(&late.id).unwrap_err();
            let named = matches!(error, PurchaseError::PriceUnsettled { .. } | PurchaseError::PriceRose { .. });
            assert!(named && !headroom, "{price:?}: {error}");
        }
    }

    /// What is exact now lies in the range that was foretold, and is what the next block wants.
    fn compare(&mut self, foretold: &[PriceWindow]) {
        let price = self.price();
        assert_eq!(price.blocks_left, WINDOW, "the window is over");
        for window in foretold {
            let estimate = &window.estimate;
            assert!((estimate.min..=estimate.max).contains(&price.next), "{window:?}, and it is {}", price.next);
            self.ends.estimates += 1;
        }
        let last = foretold.last().unwrap();
        println!("price {}, foretold {:?} one block before, {} after", last.next, last.estimate, price.next);
        self.mine(0);
        let header = self.simnet.tip_header();
        let wanted = i64::try_from(price.next.atoms()).unwrap();
        assert_eq!(header.sbits.0, wanted, "the first block of the next window has the foretold price");
    }

    /// The answer that was too late is sent when it fits, and signed again when it does not.
    fn late(&mut self, late: &Prepared) {
        let price = self.price();
        let prepared = if price.next <= late.amount {
            assert_eq!(self.user.wallet.late(&late.id, &mut self.user.source).unwrap(), Late::Fits);
            self.ends.next_sent += 1;
            late.clone()
        } else {
            let told = self.user.wallet.late(&late.id, &mut self.user.source).unwrap();
            assert!(matches!(told, Late::NewSplit { tickets: 1, .. }), "{told:?}");
            let wallet = &mut self.user.wallet;
            let again = wallet.prepare_again(&late.id, None, &order(0), &price, &mut self.user.source, &SystemClock);
            let again = again.unwrap();
            self.take(&again);
            self.ends.signed_again += 1;
            again
        };
        let tickets = self.send(&prepared.id).unwrap();
        self.mine(TICKETS_PER_BLOCK);
        self.mine(TICKETS_PER_BLOCK);
        let _ = self.mined(&tickets[0]);
    }
}
