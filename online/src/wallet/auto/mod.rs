//! Requests that are prepared by a rule while nobody is there: the rule, and what came of it.
//!
//! What is prepared is written down in the same commit as the rule's say on it, so that a price window has one request
//! or none, whoever is killed when, and however many are at it.

mod outcome;
mod rule;
mod store;

use std::path::PathBuf;

use dcrcold_core::amount::{Amount, FeeRate, Height};
use dcrcold_core::hash::TransferId;
use dcrcold_core::net::Network;
use dcrcold_core::request::{Funding, Label};
use rusqlite::Connection;

use super::coins::unspent;
use super::purchase::{BuyOrder, Lock, Made, Prepared, PurchaseError, PurchaseState};
use super::{Clock, UnixTime, Wallet, WalletError, chain_store, db};
use crate::chain::PriceWindow;
use crate::chain::window::blocks_needed;
use crate::prepare::PrepareError;
use outcome::Reader;

pub use outcome::Outcome;
pub use rule::{Breach, Rule, Window};

/// A request that was prepared by the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutoRequest {
    /// The request.
    pub id: TransferId,
    /// The price window that it was prepared in.
    pub window: Window,
    /// How far it came.
    pub state: PurchaseState,
    /// How many tickets.
    pub tickets: u32,
    /// What each locks.
    pub amount: Amount,
    /// The tickets can be in blocks below this height only.
    pub expiry: Height,
    /// When it was prepared.
    pub created: UnixTime,
    /// When it came as far as it is.
    pub changed: UnixTime,
    /// Where the request belongs.
    pub file: PathBuf,
    /// Whether it was there once.
    pub written: bool,
    /// Whether somebody was told.
    pub told: bool,
    /// How often telling failed.
    pub failures: u32,
}

impl AutoRequest {
    /// The last block after which an answer may still be sent: the split and the tickets have room before they expire.
    #[must_use]
    pub fn deadline(&self, network: Network) -> Height {
        let blocks = blocks_needed(network, self.tickets, Funding::Split);
        Height(self.expiry.0.saturating_sub(blocks.saturating_add(1)))
    }

    /// Whether it waits for a signature.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.state == PurchaseState::Prepared
    }
}

/// What the wallet says to the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The price window of the next block.
    pub window: Window,
    /// Whether it had its request.
    pub had_request: bool,
    /// Tickets prepared by the rule that are in this window's blocks or may still get there.
    pub tickets: u32,
    /// What can be spent now.
    pub spendable: Amount,
}

impl Wallet {
    /// The rule, if one is set.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn rule(&self) -> Result<Option<Rule>, WalletError> {
        store::rule(&self.db)
    }

    /// Sets the rule, or takes it away; what was prepared stays.
    ///
    /// # Errors
    /// When the wallet file cannot be written, or the folder's name is not text.
    pub fn set_rule(&mut self, rule: Option<&Rule>, clock: &dyn Clock) -> Result<(), WalletError> {
        let tx = db::begin(&mut self.db)?;
        store::set_rule(&tx, rule, clock)?;
        Ok(tx.commit()?)
    }

    /// What was prepared by the rule, the newest first.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn auto_requests(&self) -> Result<Vec<AutoRequest>, WalletError> {
        store::requests(&self.db)
    }

    /// How the wallet stands at the last block searched.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn standing(&self) -> Result<Standing, WalletError> {
        let tip = chain_store::scanned(&self.db)?;
        let window = Window::after(self.network(), tip);
        let coins = unspent(&self.db)?;
        let spendable = coins.iter().filter(|coin| coin.is_input(tip)).map(|coin| coin.value);
        let too_much = || WalletError::Damaged { what: "its coins are worth more than all that can exist".into() };
        Ok(Standing {
            window,
            had_request: store::had_request(&self.db, window)?,
            tickets: store::tickets_in(&self.db, window.start(self.network()), tip)?,
            spendable: Amount::checked_sum(spendable).ok_or_else(too_much)?,
        })
    }

    /// Prepares as many tickets as the rule allows, at most `most`, and writes down where the request belongs.
    ///
    /// The finished request is held against the rule once more before anything is locked: by what its transactions do.
    ///
    /// # Errors
    /// [`PurchaseError::ByRule`] when the rule does not allow a single ticket, and all others of [`Self::prepare`].
    pub fn prepare_by_rule(
        &mut self,
        rule: &Rule,
        most: u32,
        price: &PriceWindow,
        clock: &dyn Clock,
    ) -> Result<Prepared, PurchaseError> {
        let mut tickets = most.min(rule.tickets).min(self.export.capacity.tickets).max(1);
        loop {
            match self.prepare_tickets(rule, tickets, price, clock) {
                Err(
                    PurchaseError::Prepare(PrepareError::Short { .. })
                    | PurchaseError::ByRule(Breach::Keep { .. } | Breach::Fees { .. } | Breach::Tickets { .. }),
                ) if tickets > 1 => tickets -= 1,
                result => return result,
            }
        }
    }

    fn prepare_tickets(
        &mut self,
        rule: &Rule,
        tickets: u32,
        price: &PriceWindow,
        clock: &dyn Clock,
    ) -> Result<Prepared, PurchaseError> {
        let network = self.network();
        let amount = rule.locks(price.next);
        let amount = amount.ok_or(Breach::Price { ticket: 1, found: price.next, most: rule.max_price })?;
        let window = Window::after(network, price.tip.height);
        let order = BuyOrder {
            tickets,
            lock: Lock::Amount(amount),
            fee_rate: FeeRate::RELAY_MINIMUM,
            voter: rule.voter,
            expiry: None,
            label: Label::new(format!("auto, price window {window}").as_bytes()),
            funding: Funding::Split,
            vsp: rule.vsp.clone(),
            from: Vec::new(),
        };
        let (voter, account) = (self.find_voter(rule.voter)?, self.keys.account.clone());
        let reader = Reader { account: &account, voter: &voter, tip: price.tip.height };
        self.prepare_if(&order, price, clock, |db, made| {
            if store::had_request(db, window)? {
                return Err(Breach::SecondInWindow { window }.into());
            }
            let bought = store::tickets_in(db, window.start(network), price.tip.height)?;
            rule.check(&reader.read(db, made)?, rule.tickets.saturating_sub(bought))?;
            Ok(put(db, rule, window, made)?)
        })
    }

    /// Says that the file of a request was in its place.
    ///
    /// # Errors
    /// When the wallet file cannot be written.
    pub fn auto_written(&mut self, id: &TransferId) -> Result<(), WalletError> {
        store::mark(&self.db, id, "written = 1")
    }

    /// Says that somebody was told of a request, or that telling failed.
    ///
    /// # Errors
    /// When the wallet file cannot be written.
    pub fn auto_told(&mut self, id: &TransferId, done: bool) -> Result<(), WalletError> {
        store::mark(&self.db, id, if done { "told = 1" } else { "failures = failures + 1" })
    }

    /// Gives up the requests that nobody answered and whose tickets can no longer be mined: their deadline passed, or
    /// the price is above what they lock, and they would expire before it can fall.
    ///
    /// # Errors
    /// When the wallet file cannot be written.
    pub fn lapse(&mut self, price: &PriceWindow, clock: &dyn Clock) -> Result<Vec<AutoRequest>, PurchaseError> {
        let network = self.network();
        let end = Window(Window::after(network, price.tip.height).0.saturating_add(1)).start(network);
        let of_no_use = |request: &AutoRequest| {
            let too_late = price.tip.height > request.deadline(network);
            request.is_due() && (too_late || price.next > request.amount && request.expiry <= end)
        };
        let lapsed: Vec<_> = self.auto_requests()?.into_iter().filter(of_no_use).collect();
        let mut given_up = Vec::with_capacity(lapsed.len());
        for request in lapsed {
            if self.cancel_unanswered(&request.id, clock)? {
                given_up.push(AutoRequest { state: PurchaseState::Cancelled, ..request });
            }
        }
        Ok(given_up)
    }
}

fn put(db: &Connection, rule: &Rule, window: Window, made: &Made) -> Result<(), WalletError> {
    let id = made.prepared.id.to_string();
    let file = rule.folder.join(format!("window-{window}-{}.request", &id[..12]));
    store::put(db, &made.prepared.id, window, &file)
}
