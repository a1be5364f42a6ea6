//! Reads back what would be signed, with the decoder of the root library, and looks for every part of it in the pages.

use dcrcold_core::amount::{Amount, FeeRate, Size};
use dcrcold_core::fees::DUST;
use dcrcold_core::hash::Hash160;
use dcrcold_core::machine::Work;
use dcrcold_core::path::KeyPath;
use dcrcold_core::request::{Recipient, Rest, Voting};
use dcrcold_core::script::{Payee, Payment};
use dcrcold_signer::address::Address;
use dcrcold_signer::hd::ExtendedKeyData;
use dcrcold_signer::rebuild::{HostReviewable, remainder};
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::tx::{Transaction, TxOut};

/// The pages of a review as a person reads them.
pub struct Shown(Vec<(String, String)>);

impl Shown {
    pub fn of(request: &HostReviewable) -> Self {
        let pages = request.pages().map(|page| (page.label.to_owned(), page.value.to_string()));
        let pages: Vec<_> = pages.collect();
        for (label, text) in &pages {
            assert!(text.lines().chain([label.as_str()]).all(|line| line.len() <= 64), "{label}: {text}");
        }
        Self(pages)
    }

    /// Sees that one page says all of these.
    fn says(&self, label: &str, parts: &[&dyn ToString]) {
        let parts: Vec<_> = parts.iter().map(|part| part.to_string()).collect();
        let found = self.0.iter().any(|(page, text)| page == label && parts.iter().all(|part| text.contains(part)));
        assert!(found, "no page {label:?} says {parts:?}");
    }

    fn has(&self, label: &str) -> bool {
        self.0.iter().any(|(page, _)| page == label)
    }
}

fn amount(output: &TxOut) -> Amount {
    output.value.amount().expect("an amount that can exist")
}

fn sum<'a>(outputs: impl IntoIterator<Item = &'a TxOut>) -> Amount {
    Amount::checked_sum(outputs.into_iter().map(amount)).expect("a sum that can exist")
}

fn payee(output: &TxOut) -> Payee {
    let payment = Payment::recognise(&output.script).expect("a payment");
    assert_eq!(payment.tag, None);
    payment.payee
}

fn own(account: &ExtendedKeyData, path: KeyPath) -> Payee {
    Payee::KeyHash(account.address_hash(path).expect("a key that exists"))
}

/// Holds the unsigned transactions of a request against its pages.
pub fn check(request: &HostReviewable, built: &[Transaction], account: &ExtendedKeyData) {
    let shown = Shown::of(request);
    shown.says("Network", &[&request.network()]);
    match request.work() {
        Work::Purchase(_) => check_purchase(request, built, account, &shown),
        Work::Send(_) => check_send(request, built, account, &shown),
        Work::Register(_) => {
            assert!(built.is_empty() && shown.has("Money moved"));
            for number in 0..request.counts()[2] {
                shown.says("Ticket", &[&request.registration(number).expect("a message").ticket]);
            }
        }
    }
}

/// What a split and a send have in common: nothing is lost, and the rest is a fee or returns.
fn check_funding(
    request: &HostReviewable,
    tx: &Transaction,
    account: &ExtendedKeyData,
    change: KeyPath,
    shown: &Shown,
) {
    let rest = remainder(request).expect("a transaction that has a fee");
    assert_eq!(sum(&tx.outputs).checked_add(rest.fee), Some(request.spent()));
    shown.says("Spent in all", &[&request.spent(), &tx.inputs.len()]);
    assert!(tx.outputs.iter().all(|output| amount(output) >= DUST));
    if let Some(value) = rest.change {
        let last = tx.outputs.last().expect("the change");
        assert_eq!((amount(last), payee(last)), (value, own(account, change)));
        let number = request.account().account;
        shown.says("Change returns", &[&value, &format!("your account {number}, address {change}")]);
    } else {
        shown.says("Change returns", &[&"nothing"]);
    }
}

fn check_send(request: &HostReviewable, built: &[Transaction], account: &ExtendedKeyData, shown: &Shown) {
    let (Work::Send(send), [tx]) = (request.work(), built) else { panic!("one transaction") };
    assert_eq!(tx.id(), *send.id());
    shown.says("Fee", &[&send.remainder().fee, &send.request().fee_rate]);
    let change = match send.request().rest {
        Rest::Change(index) => KeyPath::internal(index),
        Rest::Sweep => KeyPath::internal(dcrcold_core::path::Index::FIRST),
    };
    check_funding(request, tx, account, change, shown);
    let asked = send.request().outputs.as_slice();
    assert_eq!(tx.outputs.len(), asked.len() + usize::from(send.remainder().change.is_some()));
    for (output, asked) in tx.outputs.iter().zip(asked) {
        let address = Address::of_payee(request.network(), &payee(output));
        match asked.recipient {
            Recipient::Address(expected) => {
                assert_eq!(payee(output), expected);
                shown.says("Pay", &[&amount(output), &address]);
            }
            Recipient::Purse { index, .. } => {
                shown.says("The voter's purse gets", &[&amount(output), &address, &format!("purse key {index}")]);
            }
        }
    }
}

fn check_purchase(request: &HostReviewable, built: &[Transaction], account: &ExtendedKeyData, shown: &Shown) {
    let Work::Purchase(purchase) = request.work() else { panic!("a purchase") };
    let asked = purchase.request();
    let tickets = match purchase.split() {
        Some(split) => {
            let (tx, tickets) = built.split_first().expect("the split");
            assert_eq!(tx.id(), split.id);
            shown.says("Fee of the split transaction", &[&split.remainder.fee, &asked.fee_rate]);
            check_funding(request, tx, account, KeyPath::internal(asked.first_internal), shown);
            if let Some(purse) = asked.purse {
                let output = &tx.outputs[asked.tickets as usize];
                let address = Address::of_payee(request.network(), &payee(output));
                assert_eq!(amount(output), purse.amount);
                shown.says("The voter's purse gets", &[&purse.amount, &address]);
            }
            for (number, (output, ticket)) in (0..).zip(tx.outputs.iter().zip(tickets)) {
                let previous = ticket.inputs[0].previous;
                assert_eq!((previous.id, previous.index), (split.id, number));
                let path = KeyPath::internal(asked.first_internal.plus(1 + 2 * number).expect("in range"));
                assert_eq!(payee(output), own(account, path));
                assert_eq!(Some(amount(output)), amount(&ticket.outputs[0]).checked_add(purchase.ticket_fee()));
            }
            tickets
        }
        None => built,
    };
    assert_eq!(tickets.len(), asked.tickets as usize);
    let locked = sum(tickets.iter().map(|ticket| &ticket.outputs[0]));
    shown.says(if purchase.split().is_some() { "Tickets lock" } else { "Tickets lock together" }, &[&locked]);
    shown.says("Buy", &[&format!("{} ticket", asked.tickets)]);
    shown.says("Ticket fees", &[&purchase.ticket_fee()]);
    shown.says("Tickets can be mined", &[&format!("before block {}", asked.expiry)]);
    for (number, tx) in (0..).zip(tickets) {
        check_ticket(request, number, tx, account, shown);
    }
}

fn check_ticket(request: &HostReviewable, number: u32, tx: &Transaction, account: &ExtendedKeyData, shown: &Shown) {
    let Work::Purchase(purchase) = request.work() else { panic!("a purchase") };
    let asked = purchase.request();
    assert_eq!((Some(tx.id()), tx.expiry), (purchase.ticket_id(number), asked.expiry.0));
    let ticket = Ticket::read(tx).expect("what is bought is a ticket");
    let [share] = ticket.shares.as_slice() else { panic!("one share") };
    assert_eq!(share.commitment.payee, own(account, purchase.reward_path(number).expect("a path")));
    assert_eq!(Some(share.commitment.amount), ticket.price.checked_add(purchase.ticket_fee()));
    assert_eq!((share.change, ticket.voting.is_script()), (Amount::ZERO, false));
    match &asked.voting {
        Voting::Foreign(hashes) => {
            let hash: Hash160 = hashes.as_slice()[number as usize];
            assert_eq!(ticket.voting, Payee::KeyHash(hash));
            let address = Address::of_payee(request.network(), &ticket.voting);
            shown.says("Voting rights go to the address", &[&address]);
        }
        Voting::Voter { fingerprint, .. } => shown.says("Voter", &[&fingerprint]),
    }
}

/// Sees that nodes relay what was signed: the fee was worked out before the size was known.
pub fn relayed(tx: &Transaction, spent: Amount, rate: FeeRate) {
    let size = Size(u32::try_from(tx.encode().len()).expect("a short transaction"));
    let least = rate.fee(size).expect("an amount that can exist");
    let fee = spent.checked_sub(sum(&tx.outputs)).expect("no more comes out than goes in");
    assert!(fee >= least, "fee of {fee}, but {least} for {size:?}");
}
