//! Purchases in dcrwallet's own shape, where all tickets are funded from one address, against `golden_purchases.json`.
//!
//! The signer builds another shape; this holds its transactions, keys and signatures to what a wallet in use makes.
//! `DCRCOLD_PURCHASE_VECTORS` names a further file of the same form.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::{env, fs};

use common::{Vectors, array, hex, list, number, parsed, text};
use dcrcold_core::amount::{Amount, FeeRate, Height};
use dcrcold_core::fees::{KEY_HASH_SCRIPT, Outputs, TICKET_SIZE};
use dcrcold_core::hash::Hash160;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, Branch, CoinType, Index, KeyPath};
use dcrcold_core::script::{COMMITMENT_LIMITS, Commitment, Payee, Payment, StakeTag};
use dcrcold_signer::address::Address;
use dcrcold_signer::hd::{Derivation, ExtendedPrivateKey};
use dcrcold_signer::key::PrivateKey;
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::stake::vote::{Ballot, TICKET_INPUT, VoteBits, unsigned_vote};
use dcrcold_signer::tx::sigscript::check_input;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxIn, TxKind, TxOut, signature_hash, signature_script};
use dcrcold_signer::wif::Wif;
use serde_json::Value;

#[test]
fn purchases_of_dcrwallet_are_reproduced() {
    run(Vectors::load("golden_purchases.json"), Some(2));
}

#[test]
fn purchases_of_a_named_file_are_reproduced() {
    let Ok(path) = env::var("DCRCOLD_PURCHASE_VECTORS") else {
        println!("DCRCOLD_PURCHASE_VECTORS: not set, 0 cases");
        return;
    };
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    run(Vectors::parse(&path, &text), None);
}

fn run(mut vectors: Vectors, cases: Option<usize>) {
    let rows = list(vectors.get("purchases")).len();
    assert!(rows > 0, "a file without purchases");
    vectors.each("purchases", check_purchase);
    vectors.finish(cases.unwrap_or(rows));
}

/// What a row is about: its network, account key and fee rate.
struct Buyer {
    network: Network,
    account: ExtendedPrivateKey,
    rate: FeeRate,
}

impl Buyer {
    fn of(row: &Value) -> Self {
        let network = parsed(&row["net"]);
        let master = ExtendedPrivateKey::master(&hex(&row["seed"]), network, Derivation::Decred).unwrap();
        let account = master.account(account_path(network, text(&row["account_path"]))).unwrap();
        Self { network, account, rate: FeeRate::from_atoms_per_kb(number(&row["relay_fee_per_kb"])) }
    }

    fn key(&self, path: &Value) -> PrivateKey {
        self.account.address_key(key_path(text(path))).unwrap()
    }

    fn address(&self, hash: Hash160) -> String {
        Address::of_key_hash(self.network, hash).to_string()
    }

    /// The payee of an address in the row.
    fn payee(&self, address: &Value) -> Payee {
        Address::parse(text(address), self.network).unwrap().payee().unwrap()
    }
}

/// Reads `m/44'/coin'/account'`.
fn account_path(network: Network, path: &str) -> AccountPath {
    let numbers: Vec<u64> =
        path.split('/').skip(1).map(|step| step.strip_suffix('\'').unwrap().parse().unwrap()).collect();
    let [44, coin_type, account] = numbers[..] else { panic!("not an account path: {path}") };
    AccountPath { coin_type: CoinType::new(network, coin_type).unwrap(), account: Account::new(account).unwrap() }
}

/// Reads `branch/index`.
fn key_path(path: &str) -> KeyPath {
    let (branch, index) = path.split_once('/').unwrap();
    let branch = if branch == "0" { Branch::External } else { Branch::Internal };
    KeyPath { branch, index: Index::new(index.parse().unwrap()).unwrap() }
}

fn amount(value: &Value) -> Amount {
    Amount::from_atoms(number(value)).unwrap()
}

fn tagged(tag: StakeTag, payee: Payee) -> Payment {
    Payment { tag: Some(tag), payee }
}

/// Signs the input at `position`, which spends `spent`, after comparing the digest; checks the result as a node would.
fn sign(tx: &mut Transaction, position: usize, spent: &TxOut, key: &PrivateKey, digest: &Value) {
    let found = signature_hash(tx, position, &spent.script, 1).unwrap();
    assert_eq!(found.to_string(), text(digest));
    tx.inputs[position].signature_script = signature_script(&key.sign(&found), &key.public_key());
    check_input(tx, position, spent).unwrap();
}

fn check_purchase(row: &Value) {
    let buyer = Buyer::of(row);
    let split = check_split(&buyer, row);
    let voter = Wif::parse(text(&row["voting_key_wif"]), buyer.network).unwrap().ecdsa_key().unwrap();
    assert_eq!(buyer.address(voter.public_key().hash()), text(&row["voting_address"]));
    let tickets = list(&row["tickets"]);
    assert_eq!(tickets.len(), number::<usize>(&row["count"]));
    for (index, ticket) in tickets.iter().enumerate() {
        let bought = check_ticket(&buyer, row, &split, index, ticket);
        if let Some(vote) = ticket.get("vote_example") {
            check_vote(&bought, &voter, vote);
        }
    }
}

/// Builds and signs the split: equal outputs to one address, then change.
fn check_split(buyer: &Buyer, row: &Value) -> Transaction {
    let known = &row["split"];
    let price = amount(&row["ticket_price"]);
    let ticket_fee = buyer.rate.fee(TICKET_SIZE).unwrap();
    assert_eq!((TICKET_SIZE.0, ticket_fee), (number(&row["ticket_estimated_size"]), amount(&row["ticket_fee"])));
    let each = price.checked_add(ticket_fee).unwrap();
    let count = number::<u64>(&row["count"]);
    let utxos = list(&row["utxos"]);

    let funds = Amount::checked_sum(utxos.iter().map(|utxo| amount(&utxo["value"]))).unwrap();
    let left = each.checked_mul(count).and_then(|paid| funds.checked_sub(paid)).unwrap();
    let change = known["change"].as_u64().filter(|change| *change > 0).map(|_| amount(&known["change"]));
    // What is too little for an output of its own is left to the fee.
    let fee = left.checked_sub(change.unwrap_or(Amount::ZERO)).unwrap();
    assert_eq!(fee, amount(&known["fee"]));
    let paid = (0..count).fold(Outputs::default(), |outputs, _| outputs.with(KEY_HASH_SCRIPT));
    let size = |outputs: Outputs| outputs.size(u32::try_from(utxos.len()).unwrap());
    let (whole, bare) = (size(paid.with(KEY_HASH_SCRIPT)), size(paid));
    if change.is_some() {
        assert_eq!((whole.0, fee), (number(&known["estimated_size"]), buyer.rate.fee(whole).unwrap()));
    } else {
        assert!(known["estimated_size"] == whole.0 || known["estimated_size"] == bare.0);
        assert!(fee >= buyer.rate.fee(bare).unwrap());
    }

    let pay = |path: &Value, address: &Value, value| {
        let hash = buyer.key(path).public_key().hash();
        assert_eq!(buyer.address(hash), text(address));
        TxOut::new(value, Payment::to_key(hash).script().as_bytes())
    };
    let funding = pay(&known["output_key_path"], &known["output_address"], each);
    let mut outputs = vec![funding; usize::try_from(count).unwrap()];
    outputs.extend(change.map(|change| pay(&known["change_key_path"], &known["change_address"], change)));
    let inputs = utxos.iter().map(read_input).collect();
    let mut split = Transaction { version: 1, inputs, outputs, lock_time: 0, expiry: 0 };
    assert_eq!(split.encode(), hex(&known["unsigned"]));
    assert_eq!(split.id().to_string(), text(&known["txid"]));
    for (position, utxo) in utxos.iter().enumerate() {
        let spent = TxOut::new(amount(&utxo["value"]), &hex(&utxo["script"]));
        sign(&mut split, position, &spent, &buyer.key(&utxo["key_path"]), &known["sighashes"][position]);
    }
    assert_eq!(split.encode(), hex(&known["signed"]));
    assert_eq!(split.kind(), TxKind::Regular);
    split
}

fn read_input(utxo: &Value) -> TxIn {
    let tree = Tree::from_code(number(&utxo["tree"])).unwrap();
    let previous = OutPoint { id: parsed(&utxo["txid"]), index: number(&utxo["index"]), tree };
    TxIn::unsigned(previous, amount(&utxo["value"]).into())
}

/// Builds and signs the ticket over output `index` of the split.
fn check_ticket(buyer: &Buyer, row: &Value, split: &Transaction, index: usize, known: &Value) -> Ticket {
    let spent = &split.outputs[index];
    let contribution = spent.value.amount().unwrap();
    let previous = OutPoint { id: split.id(), index: u32::try_from(index).unwrap(), tree: Tree::Regular };
    let limits = u16::from_be_bytes(array(&known["fee_limits"]));
    assert_eq!(limits, COMMITMENT_LIMITS);
    let commitment = Commitment { payee: buyer.payee(&known["reward_address"]), amount: contribution, limits };
    assert_eq!(commitment.amount, amount(&known["commitment_amount"]));
    let voting = tagged(StakeTag::Submission, buyer.payee(&row["voting_address"]));
    let no_change = tagged(StakeTag::Change, Payee::KeyHash(Hash160::ZERO));
    let outputs = vec![
        TxOut::new(amount(&row["ticket_price"]), voting.script().as_bytes()),
        TxOut::new(Amount::ZERO, commitment.script().as_bytes()),
        TxOut::new(Amount::ZERO, no_change.script().as_bytes()),
    ];
    let inputs = vec![TxIn::unsigned(previous, spent.value)];
    let mut ticket = Transaction { version: 1, inputs, outputs, lock_time: 0, expiry: number(&row["expiry"]) };
    assert_eq!(ticket.encode(), hex(&known["unsigned"]));
    sign(&mut ticket, 0, spent, &buyer.key(&row["split"]["output_key_path"]), &known["sighash"]);
    assert_eq!(ticket.encode(), hex(&known["signed"]));
    assert_eq!(ticket.encode().len(), number::<usize>(&known["signed_size"]));
    assert_eq!(ticket.id().to_string(), text(&known["txid"]));
    assert_eq!(ticket.kind(), TxKind::Ticket);
    Ticket::read(&ticket).unwrap()
}

/// Builds and signs a vote of the ticket.
fn check_vote(ticket: &Ticket, voter: &PrivateKey, known: &Value) {
    let ballot = Ballot {
        block: parsed(&known["block_hash"]),
        height: Height(number(&known["block_height"])),
        bits: VoteBits::new(number(&known["vote_bits"]), number(&known["vote_version"])),
        treasury: Vec::new(),
    };
    let mut vote = unsigned_vote(ticket, &ballot, amount(&known["subsidy"])).unwrap();
    assert_eq!(vote.encode(), hex(&known["unsigned"]));
    let submission = tagged(StakeTag::Submission, ticket.voting);
    let spent = TxOut::new(ticket.price, submission.script().as_bytes());
    sign(&mut vote, TICKET_INPUT, &spent, voter, &known["sighash"]);
    assert_eq!(vote.encode(), hex(&known["signed"]));
    assert_eq!(vote.id().to_string(), text(&known["txid"]));
    assert_eq!(vote.kind(), TxKind::Vote);
}
