//! Reads back what would be signed and adds it up.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a test stops at what it did not expect")]

use dcrcold_core::amount::{Amount, FeeRate, Size};
use dcrcold_core::fees::DUST;
use dcrcold_core::hash::{SIGHASH_ALL, SignatureHash};
use dcrcold_core::machine::{NoMemory, Reviewable, Step, Work};
use dcrcold_core::path::{KeyPath, VoterAccount};
use dcrcold_core::policy::Limits;
use dcrcold_core::purchase::{self, Split};
use dcrcold_core::request::{Recipient, Rest};
use dcrcold_core::script::{Payee, Payment};
use dcrcold_signer::address::Address;
use dcrcold_signer::rebuild::complete;
use dcrcold_signer::signer::review;
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::transfer::{Purchase, Send, Voting};
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxOut, signature_hash};
use dcrcold_signer::wire::Buffer;

use crate::coins::{Coin, Coins};
use crate::cold::{Cold, NETWORK, PRICE, atoms};

fn read_back(write: impl FnOnce(&mut Buffer)) -> Transaction {
    let mut buffer = Buffer(Vec::new());
    write(&mut buffer);
    Transaction::decode_prefix(&buffer.0).unwrap()
}

fn sum(outputs: &[TxOut]) -> u64 {
    outputs.iter().map(|output| output.value.amount().unwrap().atoms()).sum()
}

fn pays(output: &TxOut, payee: Payee, amount: Amount) {
    let script = Payment { tag: None, payee }.script();
    assert_eq!((output.value.amount().unwrap(), &output.script[..]), (amount, script.as_bytes()));
}

/// What is the same for a split and for a send: everything that goes in comes out or is a fee within the limits.
fn check_spend(tx: &Transaction, coins: &Coins, fee: Amount, rate: FeeRate, limits: &Limits) {
    let spent: u64 =
        tx.inputs.iter().map(|input| coins.of(&input.previous).output.value.amount().unwrap().atoms()).sum();
    assert_eq!(tx.inputs.len(), coins.inputs.len());
    assert_eq!(sum(&tx.outputs) + fee.atoms(), spent, "nothing is lost");
    assert!(fee <= limits.fee && rate <= limits.fee_rate && rate >= FeeRate::RELAY_MINIMUM);
    assert!(tx.outputs.iter().all(|output| output.value.amount().unwrap() >= DUST), "nodes relay every output");
    assert_eq!((tx.version, tx.lock_time, tx.expiry), (1, 0, 0));
}

/// The digests that would be signed are those of the transactions, input by input.
fn check_digests<const I: usize, const T: usize>(reviewable: &Reviewable<I, T>, expected: &[(KeyPath, SignatureHash)]) {
    let steps = (0..).map_while(|number| reviewable.step(number)).filter_map(|step| match step {
        Step::Input { path, digest } | Step::Ticket { path, digest } => Some((path, digest)),
        Step::Message { .. } => None,
    });
    assert_eq!(steps.collect::<Vec<_>>(), expected);
}

fn digests(tx: &Transaction, spent: &[Coin]) -> Vec<(KeyPath, SignatureHash)> {
    let digest = |(position, coin): (usize, &Coin)| {
        (coin.path, signature_hash(tx, position, &coin.output.script, SIGHASH_ALL).unwrap())
    };
    spent.iter().enumerate().map(digest).collect()
}

fn spent_by(tx: &Transaction, coins: &Coins) -> Vec<Coin> {
    tx.inputs.iter().map(|input| coins.of(&input.previous).clone()).collect()
}

fn shown<const I: usize, const T: usize>(reviewable: &Reviewable<I, T>, value: &str) {
    assert!(reviewable.pages().any(|page| page.value.to_string().contains(value)), "{value} is not shown");
}

/// A purchase that was accepted, and what it was asked with.
struct Bought<'a, const I: usize, const T: usize> {
    cold: &'a Cold,
    request: &'a Purchase,
    coins: &'a Coins,
    limits: &'a Limits,
    reviewable: &'a Reviewable<I, T>,
    work: &'a purchase::Purchase<I, T>,
}

impl<const I: usize, const T: usize> Bought<'_, I, T> {
    /// The split pays the keys of the tickets, the purse and the change, and nobody else; what the tickets may spend.
    fn check_split(&self, split: &Split) -> (Transaction, Vec<Coin>) {
        let first = self.request.first_internal;
        let tx = read_back(|sink| self.work.write_split(sink));
        check_spend(&tx, self.coins, split.remainder.fee, self.request.fee_rate, self.limits);
        assert_eq!(tx.id(), split.id);
        let mut outputs = Vec::new();
        let mut rest = tx.outputs.iter();
        for number in 0..self.request.tickets {
            let path = KeyPath::internal(first.plus(1 + 2 * number).unwrap());
            let output = rest.next().unwrap();
            let amount = self.request.amount.checked_add(self.work.ticket_fee()).unwrap();
            pays(output, Payee::KeyHash(self.cold.hash(path)), amount);
            outputs.push(Coin { output: output.clone(), path });
        }
        if let Some(purse) = self.request.purse {
            assert!(purse.amount <= self.limits.purse);
            let key = self.cold.voter().hash(VoterAccount::Purse, purse.index).unwrap();
            pays(rest.next().unwrap(), Payee::KeyHash(key), purse.amount);
            shown(self.reviewable, &purse.amount.to_string());
        }
        if let Some(change) = split.remainder.change {
            pays(rest.next().unwrap(), Payee::KeyHash(self.cold.hash(KeyPath::internal(first))), change);
            shown(self.reviewable, &change.to_string());
        }
        assert!(rest.next().is_none(), "an output that nobody asked for");
        shown(self.reviewable, &split.remainder.fee.to_string());
        (tx, outputs)
    }

    /// The coin that a ticket takes, and the key that gets it back.
    fn ends_of(&self, tx: &Transaction, number: u32, outputs: &[Coin]) -> (Coin, KeyPath) {
        let (first, previous) = (self.request.first_internal, tx.inputs[0].previous);
        let (spent, reward) = match self.work.split() {
            Some(split) => {
                assert_eq!(previous, OutPoint { id: split.id, index: number, tree: Tree::Regular });
                (outputs[usize::try_from(number).unwrap()].clone(), first.plus(2 + 2 * number).unwrap())
            }
            None => (self.coins.of(&previous).clone(), first.plus(number).unwrap()),
        };
        (spent, KeyPath::internal(reward))
    }

    /// A ticket locks what was asked for, for the right voter and the own key; how much that is.
    fn check_ticket(&self, tx: &Transaction, number: u32, spent: &TxOut, reward: KeyPath) -> u64 {
        let voting = match &self.request.voting {
            Voting::Voter { first, .. } => {
                self.cold.voter().hash(VoterAccount::Voting, first.plus(number).unwrap()).unwrap()
            }
            Voting::Foreign(hashes) => hashes[usize::try_from(number).unwrap()],
        };
        let ticket = Ticket::read(tx).unwrap();
        let value = spent.value.amount().unwrap();
        let fee = value.checked_sub(ticket.price).unwrap();
        assert!(fee <= self.limits.fee && ticket.price <= self.limits.ticket);
        assert_eq!((ticket.voting, ticket.shares.len()), (Payee::KeyHash(voting), 1));
        let share = &ticket.shares[0];
        assert_eq!(share.commitment.payee, Payee::KeyHash(self.cold.hash(reward)));
        assert_eq!((share.commitment.amount, share.change), (value, Amount::ZERO));
        let price = ticket.price.atoms();
        assert!(price >= self.request.amount.atoms() && tx.expiry == self.request.expiry.0);
        assert!(u128::from(price) * 10_000 <= u128::from(PRICE.atoms()) * u128::from(10_000 + self.limits.headroom));
        shown(self.reviewable, &ticket.price.to_string());
        price
    }
}

pub fn check_purchase<const I: usize, const T: usize>(
    cold: &Cold,
    request: &Purchase,
    coins: &Coins,
    limits: &Limits,
    reviewable: &Reviewable<I, T>,
) {
    let Work::Purchase(work) = reviewable.work() else { panic!("a purchase") };
    let bought = Bought { cold, request, coins, limits, reviewable, work };
    let (mut expected, mut outputs) = (Vec::new(), Vec::new());
    if let Some(split) = work.split() {
        let (tx, made) = bought.check_split(split);
        expected.extend(digests(&tx, &spent_by(&tx, coins)));
        outputs = made;
    }
    let mut locked = 0;
    for number in 0..request.tickets {
        let tx = read_back(|sink| work.write_ticket(number, sink));
        let (spent, reward) = bought.ends_of(&tx, number, &outputs);
        locked += bought.check_ticket(&tx, number, &spent.output, reward);
        expected.extend(digests(&tx, &[spent]));
    }
    assert!(locked <= limits.total.atoms() && request.tickets <= limits.tickets);
    shown(reviewable, &atoms(locked).to_string());
    check_digests(reviewable, &expected);
}

pub fn check_send<const I: usize, const T: usize>(
    cold: &Cold,
    request: &Send,
    coins: &Coins,
    limits: &Limits,
    reviewable: &Reviewable<I, T>,
) {
    let Work::Send(send) = reviewable.work() else { panic!("a send") };
    let tx = read_back(|sink| send.write(sink));
    assert_eq!(tx.id(), *send.id());
    check_spend(&tx, coins, send.remainder().fee, request.fee_rate, limits);
    for (output, asked) in tx.outputs.iter().zip(&request.outputs) {
        let payee = match asked.recipient {
            Recipient::Address(payee) => payee,
            Recipient::Purse { index, .. } => Payee::KeyHash(cold.voter().hash(VoterAccount::Purse, index).unwrap()),
        };
        let amount = output.value.amount().unwrap();
        assert!(asked.amount == amount || asked.amount == Amount::ZERO);
        pays(output, payee, amount);
        let address = Address::of_payee(NETWORK, &payee).to_string();
        let page = reviewable.pages().map(|page| page.value.to_string());
        assert!(page.into_iter().any(|page| page.contains(&address) && page.contains(&amount.to_string())));
    }
    match (request.rest, &tx.outputs[request.outputs.len()..]) {
        (_, []) => assert!(send.remainder().change.is_none()),
        (Rest::Change(index), [change]) => {
            let change_amount = send.remainder().change.unwrap();
            pays(change, Payee::KeyHash(cold.hash(KeyPath::internal(index))), change_amount);
            shown(reviewable, &change_amount.to_string());
        }
        _ => panic!("outputs that nobody asked for"),
    }
    shown(reviewable, &send.remainder().fee.to_string());
    check_digests(reviewable, &digests(&tx, &spent_by(&tx, coins)));
}

/// Signs with the keys of the store, puts the signatures in and holds the finished sizes against the fees.
pub fn check_signed(cold: &Cold, request: &[u8], rate: FeeRate, fees: &[Amount]) {
    let reviewed = review(request, &cold.contents, &mut NoMemory).unwrap();
    let (id, rebuilt) = (*reviewed.request().id(), reviewed.request().clone());
    let answer = reviewed.approve(&id).unwrap().sign(&mut NoMemory).unwrap();
    let completed = complete(&rebuilt, &answer, &cold.account).unwrap();
    for (tx, fee) in completed.funding.iter().chain(&completed.tickets).zip(fees) {
        let least = rate.fee(Size(u32::try_from(tx.encode().len()).unwrap())).unwrap();
        assert!(*fee >= least, "fee of {fee}, but nodes relay from {least} on");
        assert!(tx.inputs.iter().all(|input| !input.signature_script.is_empty()));
    }
}
