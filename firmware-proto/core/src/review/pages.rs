//! Which pages there are, and in which order.

use super::{Origin, Page, Topic, Value, warnings};
use crate::address::AddressOf;
use crate::amount::Amount;
use crate::machine::{Reviewable, Work};
use crate::path::{Account, Index, KeyPath};
use crate::policy::Warning;
use crate::purchase::{Purchase, reward_index, total};
use crate::register::Register;
use crate::request::{Funding, Recipient, Rest, Spending, Voting};
use crate::script::Payee;
use crate::send::Send;

/// Counts pages until the wanted one comes.
pub(super) struct Finder<'a> {
    topic: Topic,
    left: u32,
    page: Option<Page<'a>>,
}

impl<'a> Finder<'a> {
    /// The pages from here on are about something else.
    const fn turn_to(&mut self, topic: Topic) {
        self.topic = topic;
    }

    fn add(&mut self, label: &'static str, value: Value<'a>) {
        self.put(label, value, Origin::Checked);
    }

    pub(super) fn warn(&mut self, warning: Warning, label: &'static str, value: Value<'a>) {
        self.put(label, value, Origin::Warned(warning));
    }

    fn claim(&mut self, label: &'static str, value: Value<'a>) {
        self.put(label, value, Origin::Claimed);
    }

    fn put(&mut self, label: &'static str, value: Value<'a>, origin: Origin) {
        if self.page.is_none() {
            match self.left.checked_sub(1) {
                Some(left) => self.left = left,
                None => self.page = Some(Page { topic: self.topic, label, value, origin }),
            }
        }
    }
}

pub(super) fn page<const I: usize, const T: usize, const E: usize>(
    reviewable: &Reviewable<I, T, E>,
    number: u32,
) -> Option<Page<'_>> {
    let mut pages = Finder { topic: Topic::Warnings, left: number, page: None };
    warnings::add(&mut pages, reviewable);
    pages.turn_to(Topic::Request);
    pages.add("Network", Value::Network(reviewable.network()));
    match reviewable.work() {
        Work::Purchase(purchase) => purchase_pages(&mut pages, reviewable, purchase),
        Work::Send(send) => send_pages(&mut pages, reviewable, send),
        Work::Register(register) => register_pages(&mut pages, reviewable, register),
    }
    let claim = reviewable.claim();
    pages.turn_to(Topic::Claims);
    pages.claim("Height of the chain", Value::Height(claim.tip));
    pages.claim("Time of the chain", Value::Time(claim.time));
    if let Some(price) = claim.price {
        pages.claim("Price of a ticket", Value::Amount(price));
    }
    if let Some(label) = reviewable.label() {
        pages.claim("Label", Value::Quoted(label));
    }
    pages.page
}

fn purchase_pages<'a, const I: usize, const T: usize, const E: usize>(
    pages: &mut Finder<'a>,
    reviewable: &'a Reviewable<I, T, E>,
    purchase: &'a Purchase<I, T>,
) {
    let request = purchase.request();
    pages.add("Buy", Value::Tickets(request.tickets));
    match request.funding {
        Funding::Split => pages.add("Tickets lock", Value::Times { count: request.tickets, each: request.amount }),
        Funding::Direct => {
            for locked in (0..request.tickets).filter_map(|number| purchase.locked(number)) {
                pages.add("A coin becomes a ticket that locks", Value::Amount(locked));
            }
            pages.add("Each ticket locks at least", Value::Amount(request.amount));
            pages.add("Tickets lock together", Value::Amount(purchase.locked_total().unwrap_or_default()));
        }
    }
    purchase_costs(pages, purchase);
    purchase_returns(pages, reviewable, purchase);
    pages.turn_to(Topic::Voting);
    voting(pages, reviewable, purchase);
    pages.turn_to(Topic::Expiry);
    let blocks = request.expiry.above(reviewable.claim().tip).unwrap_or_default();
    let network = reviewable.network();
    pages.add("Tickets can be mined", Value::Expiry { height: request.expiry, blocks, network });
}

fn purchase_costs<'a, const I: usize, const T: usize>(pages: &mut Finder<'a>, purchase: &'a Purchase<I, T>) {
    let request = purchase.request();
    let rate = request.fee_rate;
    pages.turn_to(Topic::Cost);
    pages.add("Ticket fees", Value::Fees { count: request.tickets, each: purchase.ticket_fee(), rate });
    if let Some(split) = purchase.split() {
        let each = split.remainder.fee;
        pages.add("Fee of the split transaction", Value::Fees { count: 1, each, rate });
    }
    pages.add("Spent in all", spent(&request.spending));
}

fn spent<const I: usize>(spending: &Spending<I>) -> Value<'static> {
    Value::Coins { count: spending.inputs.count(), total: total(spending).unwrap_or_default() }
}

fn change(change: Option<Amount>, account: Account, path: KeyPath) -> Value<'static> {
    change.map_or(Value::Text("nothing, the rest is fee"), |amount| Value::ToOwn { amount, account, path })
}

fn purchase_returns<'a, const I: usize, const T: usize, const E: usize>(
    pages: &mut Finder<'a>,
    reviewable: &'a Reviewable<I, T, E>,
    purchase: &'a Purchase<I, T>,
) {
    let request = purchase.request();
    let account = reviewable.account().account;
    pages.turn_to(Topic::Returns);
    if let Some(split) = purchase.split() {
        let path = KeyPath::internal(request.first_internal);
        pages.add("Change returns", change(split.remainder.change, account, path));
    }
    let index = |number| reward_index(request.funding, request.first_internal, number);
    let last = request.tickets.saturating_sub(1);
    if let (Some(first), Some(last)) = (index(0), index(last)) {
        let step = if request.funding == Funding::Split { 2 } else { 1 };
        pages.add("Rewards return to", Value::OwnKeys { account, first, last, step });
    }
}

fn voting<'a, const I: usize, const T: usize, const E: usize>(
    pages: &mut Finder<'a>,
    reviewable: &'a Reviewable<I, T, E>,
    purchase: &'a Purchase<I, T>,
) {
    let request = purchase.request();
    match &request.voting {
        Voting::Voter { fingerprint, first } => {
            if let Some(name) = reviewable.voter() {
                pages.add("Voter", Value::Voter { name, fingerprint: *fingerprint });
            }
            let last = last_index(*first, request.tickets);
            pages.add("Voting rights go to the voter's", Value::VoterKeys { first: *first, last });
            pages.add("VSP registration", Value::Messages { count: request.tickets, first: *first });
        }
        Voting::Foreign(hashes) => {
            for hash in hashes.as_slice() {
                let address = AddressOf { network: reviewable.network(), payee: Payee::KeyHash(*hash) };
                pages.add("Voting rights go to the address", Value::Address(address));
            }
            pages.add("VSP registration", Value::Text("none: no registered voter"));
        }
    }
    if let (Some(purse), Some(key)) = (request.purse, purchase.purse_key) {
        let address = AddressOf { network: reviewable.network(), payee: Payee::KeyHash(key) };
        pages.add("The voter's purse gets", Value::ToPurse { amount: purse.amount, index: purse.index, address });
    }
}

fn last_index(first: Index, count: u32) -> Index {
    first.plus(count.saturating_sub(1)).unwrap_or(first)
}

fn send_pages<'a, const I: usize, const T: usize, const E: usize>(
    pages: &mut Finder<'a>,
    reviewable: &'a Reviewable<I, T, E>,
    send: &'a Send<I, T>,
) {
    let request = send.request();
    let network = reviewable.network();
    for (output, paid) in request.outputs.as_slice().iter().zip(send.paid()) {
        let address = AddressOf { network, payee: paid.payee };
        match output.recipient {
            Recipient::Address(_) => pages.add("Pay", Value::ToAddress { amount: paid.amount, address }),
            Recipient::Purse { fingerprint, index } => {
                if let Some(name) = reviewable.voter() {
                    pages.add("Voter", Value::Voter { name, fingerprint });
                }
                pages.add("The voter's purse gets", Value::ToPurse { amount: paid.amount, index, address });
            }
        }
    }
    let remainder = send.remainder();
    pages.turn_to(Topic::Cost);
    pages.add("Fee", Value::Fees { count: 1, each: remainder.fee, rate: request.fee_rate });
    pages.add("Spent in all", spent(&request.spending));
    pages.turn_to(Topic::Returns);
    match request.rest {
        Rest::Change(index) => {
            let account = reviewable.account().account;
            pages.add("Change returns", change(remainder.change, account, KeyPath::internal(index)));
        }
        Rest::Sweep => pages.add("Change returns", Value::Text("nothing, all is swept")),
    }
}

fn register_pages<'a, const I: usize, const T: usize, const E: usize>(
    pages: &mut Finder<'a>,
    reviewable: &'a Reviewable<I, T, E>,
    register: &'a Register<T>,
) {
    let request = register.request();
    let count = request.tickets.count();
    pages.add("Register", Value::Tickets(count));
    for (number, ticket) in (0_u32..).zip(register.tickets()) {
        if let Some(id) = register.ticket_id(number) {
            pages.add("Ticket", Value::Ticket { id, locks: ticket.amount });
        }
    }
    pages.turn_to(Topic::Cost);
    pages.add("Money moved", Value::Text("none"));
    pages.turn_to(Topic::Voting);
    if let Some(name) = reviewable.voter() {
        pages.add("Voter", Value::Voter { name, fingerprint: request.fingerprint });
    }
    pages.add("VSP registration", Value::Messages { count, first: request.first });
}
