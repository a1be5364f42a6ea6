//! The client of VSPs against a strict VSP over HTTP: what is believed, what is refused, and by which name.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use dcrcold::vsp::{
    ErrorCode, Evidence, FeeAddress, FeePayment, FeeState, InfoError, Preferences, Request, Signed, TicketStatus,
    Timestamp, accepted,
};
use dcrcold::vsp_client::{Exchange, HttpSettings, VspClient, VspError, fetch_list, parse_list};
use dcrcold::wallet::{Clock, UnixTime};
use dcrcold_core::net::Network;
use dcrcold_signer::address::Address;
use dcrcold_signer::key::PrivateKey;
use dcrcold_signer::message;
use dcrcold_signer::rebuild::SignedRegistration;
use dcrcold_signer::tx::{Transaction, TxOut};
use dcrcold_signer::wif::Wif;
use serde_json::json;

mod common;
mod vsp;

use common::{Vectors, array, hex};
use vsp::http::{Fault, TestVsp};
use vsp::node::{Rejected, TableNode};
use vsp::rules::Refusal;

const NETWORK: Network = Network::Simnet;

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> UnixTime {
        UnixTime(1_795_229_251)
    }
}

/// A ticket, its keys, a VSP whose node knows it, and a client that knows the VSP.
struct World {
    ticket: Transaction,
    parent: Transaction,
    cold: PrivateKey,
    alt_sign: PrivateKey,
    voting: Wif,
    vsp: TestVsp,
    node: Arc<Mutex<TableNode>>,
    client: VspClient,
}

fn quick() -> HttpSettings {
    HttpSettings { connect: Duration::from_secs(5), whole: Duration::from_secs(2), ..HttpSettings::default() }
}

impl World {
    fn new() -> Self {
        let vectors = Vectors::load("vspd_exchange.json");
        let key = |name: &str| PrivateKey::from_bytes(&array(&vectors.get("keys")[name]["privkey_hex"])).unwrap();
        let tx = |name: &str| Transaction::decode(&hex(&vectors.get("ticket")[name])).unwrap();
        let (ticket, parent) = (tx("signed_hex"), tx("parent_hex"));
        let mut node = TableNode::default();
        node.learn(&ticket, 1);
        node.learn(&parent, 2);
        node.votable.push(ticket.id());
        let node = Arc::new(Mutex::new(node));
        let vsp = TestVsp::start(1, NETWORK, Box::new(Arc::clone(&node)));
        let client = VspClient::new(vsp.address(), Some(vsp.key()), &quick());
        let voting = Wif::new(NETWORK, &key("voting"));
        Self { ticket, parent, cold: key("cold_commitment"), alt_sign: key("altsign"), voting, vsp, node, client }
    }

    fn send(&self, request: &Request) -> Result<Exchange, VspError> {
        self.client.send(request, &StoppedClock)
    }

    fn answer(&self, request: &Request) -> Result<Signed, VspError> {
        self.send(request)?.outcome
    }

    fn code(&self, request: &Request) -> Option<ErrorCode> {
        self.answer(request).unwrap_err().code()
    }

    fn registration(&self) -> Request {
        let prefix = base16ct::lower::encode_string(&self.ticket.encode_prefix());
        let (ticket, address) = (self.ticket.id(), Address::of_key_hash(NETWORK, self.alt_sign.public_key().hash()));
        let body = format!(
            "{{\"timestamp\":1,\"tickethash\":\"{ticket}\",\"tickethex\":\"{prefix}\",\"parenthex\":\"{prefix}\",\
             \"altsignaddress\":\"{address}\"}}"
        );
        let signature = message::sign(&self.cold, body.as_bytes());
        Request::registration(&SignedRegistration { ticket, body, signature })
    }

    fn ask_fee(&self, time: i64) -> Request {
        Request::fee_address(Timestamp(time), &self.ticket, &self.parent, &self.alt_sign)
    }

    fn status(&self) -> Request {
        Request::ticket_status(self.ticket.id(), &self.alt_sign)
    }

    fn choices(&self, time: i64, choice: &str) -> Request {
        let agendas = [("maxtreasuryspend".parse().unwrap(), choice.parse().unwrap())].into();
        let preferences = Preferences { agendas, ..Preferences::default() };
        Request::set_vote_choices(Timestamp(time), self.ticket.id(), &preferences, &self.alt_sign)
    }

    /// Registers, and asks where to pay.
    fn fee_address(&self) -> FeeAddress {
        let registration = self.registration();
        accepted(&self.answer(&registration).unwrap(), &registration).unwrap();
        let request = self.ask_fee(2);
        FeeAddress::read(&self.answer(&request).unwrap(), &request, NETWORK).unwrap()
    }

    /// A fee transaction; nobody here looks at where its coins come from.
    fn fee_tx(fee: &FeeAddress, short_by: u64) -> Transaction {
        let vectors = Vectors::load("vspd_exchange.json");
        let mut tx = Transaction::decode(&hex(vectors.get("fee_tx_hex"))).unwrap();
        let value = dcrcold_core::amount::Amount::from_atoms(fee.amount.atoms() - short_by).unwrap();
        tx.outputs = vec![TxOut::new(value, &fee.address.script())];
        tx
    }

    fn pay(&self, fee: &FeeAddress, short_by: u64) -> Request {
        let fee_tx = Self::fee_tx(fee, short_by);
        let preferences = Preferences::default();
        let payment = FeePayment { fee_tx: &fee_tx, voting_key: &self.voting, preferences: &preferences };
        Request::pay_fee(Timestamp(3), self.ticket.id(), &payment, &self.alt_sign)
    }

    /// Asks once more where to pay.
    fn fee_address_again(&self) -> FeeAddress {
        let request = self.ask_fee(2);
        FeeAddress::read(&self.answer(&request).unwrap(), &request, NETWORK).unwrap()
    }

    /// Does something to the VSP's node.
    fn table(&self, work: impl FnOnce(&mut TableNode)) {
        self.vsp.rules(|_| work(&mut self.node.lock().unwrap()));
    }

    /// Adds blocks, one by one.
    fn blocks(&self, blocks: u32) {
        for _ in 0..blocks {
            self.table(|node| node.bury(1));
            self.vsp.rules(vsp::rules::Rules::new_block);
        }
    }

    fn fee_state(&self) -> TicketStatus {
        let request = self.status();
        TicketStatus::read(&self.answer(&request).unwrap(), &request, NETWORK).unwrap()
    }
}

#[test]
fn a_ticket_goes_from_registration_to_a_confirmed_fee() {
    let world = World::new();
    let fee = world.fee_address();
    // 899 atoms is what a real vspd asks for at a price of 20,000 atoms and 3 percent.
    assert_eq!(fee.amount.atoms(), 899);
    assert_eq!(world.fee_state().fee, FeeState::Unpaid);
    let payment = world.pay(&fee, 0);
    accepted(&world.answer(&payment).unwrap(), &payment).unwrap();
    let status = world.fee_state();
    assert_eq!((status.fee, status.ticket_confirmed), (FeeState::Received, false));
    assert_eq!(status.fee_tx, Some(World::fee_tx(&fee, 0).id()));
    for (blocks, expected) in [(4, FeeState::Received), (1, FeeState::Broadcast), (5, FeeState::Broadcast)] {
        world.blocks(blocks);
        assert_eq!(world.fee_state().fee, expected, "{blocks}");
    }
    world.blocks(1);
    let status = world.fee_state();
    assert_eq!((status.fee, status.ticket_confirmed), (FeeState::Confirmed, true));
    let choices = world.choices(10, "no");
    accepted(&world.answer(&choices).unwrap(), &choices).unwrap();
    assert_eq!(world.fee_state().preferences.agendas.len(), 1);
}

/// Every code that a VSP gives for what is asked of it, from its rules and not from a fault.
#[test]
fn refusals_have_their_codes() {
    use ErrorCode as Code;
    let mut seen = Vec::new();
    let mut expect = |found: Option<Code>, expected: Code| {
        assert_eq!(found, Some(expected));
        seen.push(expected.number());
    };
    let world = World::new();
    expect(world.code(&world.status()), Code::BadSignature);
    expect(world.code(&Request::ticket_status(world.ticket.id(), &world.cold)), Code::UnknownTicket);
    expect(world.code(&Request::ticket_status(world.parent.id(), &world.cold)), Code::InvalidTicket);
    let unknown = World::fee_tx(&world.fee_address(), 0).id();
    expect(world.code(&Request::ticket_status(unknown, &world.cold)), Code::InternalError);
    expect(world.code(&world.registration()), Code::BadRequest);
    expect(world.code(&world.choices(5, "yes")), Code::FeeNotReceived);
    let fee = world.fee_address_again();
    expect(world.code(&world.pay(&fee, 1)), Code::FeeTooSmall);
    let elsewhere = FeeAddress { address: Address::of_key_hash(NETWORK, world.cold.public_key().hash()), ..fee };
    expect(world.code(&world.pay(&elsewhere, 0)), Code::InvalidFeeTx);
    let wrong = World { voting: Wif::new(NETWORK, &world.cold), ..World::new() };
    let fee_there = wrong.fee_address();
    expect(wrong.code(&wrong.pay(&fee_there, 0)), Code::InvalidPrivKey);
    world.vsp.rules(|rules| rules.now += 3601);
    expect(world.code(&world.pay(&fee, 0)), Code::FeeExpired);
    let fee = world.fee_address_again();
    world.answer(&world.pay(&fee, 0)).unwrap();
    expect(world.code(&world.pay(&fee, 0)), Code::FeeAlreadyReceived);
    expect(world.code(&world.ask_fee(9)), Code::FeeAlreadyReceived);
    expect(world.code(&world.choices(3, "yes")), Code::InvalidTimestamp);
    expect(world.code(&world.choices(4, "perhaps")), Code::InvalidVoteChoices);
    world.table(|node| node.votable.clear());
    expect(world.code(&world.choices(4, "yes")), Code::TicketCannotVote);
    world.vsp.rules(|rules| rules.closed = true);
    expect(world.code(&world.ask_fee(9)), Code::VspClosed);

    for (rejected, expected) in [
        (Rejected::Invalid, Code::CannotBroadcastFee),
        (Rejected::UnknownOutputs, Code::CannotBroadcastFeeUnknownOutputs),
    ] {
        let world = World::new();
        let fee = world.fee_address();
        world.blocks(5);
        world.table(|node| node.refuses = Some(rejected));
        expect(world.code(&world.pay(&fee, 0)), expected);
    }
    let world = World::new();
    world.table(|node| {
        node.known.remove(&world.ticket.id());
        node.refuses = Some(Rejected::UnknownOutputs);
    });
    expect(world.code(&world.ask_fee(2)), Code::CannotBroadcastTicket);
    seen.sort_unstable();
    seen.dedup();
    println!("refusals: {} codes of {}", seen.len(), Code::KNOWN.len());
    assert_eq!(seen.len(), Code::KNOWN.len());
}

/// What a dishonest or broken VSP answers to a fee request, and what is made of it.
#[test]
fn lies_about_the_fee_are_refused_by_name() {
    let lies = [
        ("a fee below zero", Fault::Lie("feeamount", json!(-1)), "fee of the VSP is -1 atoms"),
        (
            "a fee beyond all coins",
            Fault::Lie("feeamount", json!(i64::MAX)),
            "fee of the VSP is 9223372036854775807 atoms",
        ),
        ("a fee that is no number", Fault::Lie("feeamount", json!("899")), "cannot be read"),
        (
            "an address of mainnet",
            Fault::Lie("feeaddress", json!("DsUZxxoHJSty8DCfwfartwTYbuhmVct7tJu")),
            "fee address",
        ),
        ("an address that is none", Fault::Lie("feeaddress", json!("free")), "fee address"),
        ("no address", Fault::Lie("feeaddress", json!(null)), "cannot be read"),
        ("the answer to something else", Fault::WrongEcho, "answers another request"),
        ("the answer before this one", Fault::Replay, "answers another request"),
    ];
    let count = lies.len();
    for (name, fault, expected) in lies {
        let world = World::new();
        let registration = world.registration();
        world.answer(&registration).unwrap();
        world.vsp.fault("feeaddress", fault);
        let request = world.ask_fee(2);
        let error = FeeAddress::read(&world.answer(&request).unwrap(), &request, NETWORK).unwrap_err().to_string();
        assert!(error.contains(expected), "{name}: {error}");
        assert_eq!(world.vsp.served("payfee"), 0);
    }
    println!("lies about the fee: {count} cases");
}

#[test]
fn answers_that_are_not_the_vsps_are_not_believed() {
    let faults = [
        ("no answer", Fault::Hangup, "cannot be reached", true),
        ("an answer that is lost", Fault::LostAnswer, "cannot be reached", true),
        ("silence", Fault::Silence(Duration::from_secs(3)), "cannot be reached", true),
        ("a slow drip", Fault::Drip(Duration::from_millis(50)), "cannot be reached", true),
        ("half an answer", Fault::Truncated, "cannot be reached", true),
        ("too long an answer", Fault::Oversized(4 << 20), "is longer than", false),
        ("an error of a proxy", Fault::Plain(502), "status 502 and no signature", true),
        ("a page of a proxy", Fault::Plain(403), "status 403 and no signature", false),
        ("a redirection", Fault::Redirect("http://127.0.0.1:9/".to_owned()), "status 307 and no signature", false),
        ("an altered answer", Fault::Altered, "not signed with the key", false),
        ("an unsigned answer", Fault::Unsigned, "status 200 and no signature", false),
        ("an answer signed by another", Fault::OtherKey, "not signed with the key", false),
    ];
    let count = faults.len();
    for (name, fault, expected, temporary) in faults {
        let world = World::new();
        world.vsp.fault("setaltsignaddr", fault);
        let error = world.send(&world.registration()).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains(expected), "{name}: {error}");
        assert_eq!(error.is_temporary(), temporary, "{name}");
    }
    println!("answers that are not the VSP's: {count} cases");
}

#[test]
fn another_key_is_refused_before_anything_is_asked() {
    let world = World::new();
    assert_eq!(world.client.info().unwrap().key, world.vsp.key());
    world.vsp.change_key(2);
    let error = world.client.info().unwrap_err();
    assert!(matches!(error, VspError::Info { source: InfoError::OtherKey { .. }, .. }), "{error}");
    let error = world.send(&world.registration()).map(|_| ()).unwrap_err();
    assert!(matches!(error, VspError::Signature { .. }), "{error}");
    let stranger = VspClient::new(world.vsp.address(), None, &quick());
    let error = stranger.send(&world.registration(), &StoppedClock).map(|_| ()).unwrap_err();
    assert!(matches!(error, VspError::Info { source: InfoError::Unknown, .. }), "{error}");
    assert_eq!(stranger.info().unwrap().key, world.vsp.key());
}

#[test]
fn a_ticket_that_the_vsp_does_not_know_yet_is_no_final_answer() {
    let world = World::new();
    // The registration has no signed transactions, so that a node that lacks the ticket cannot get it from there.
    world.table(|node| node.known.clear());
    let error = world.send(&world.registration()).unwrap().outcome.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::BadRequest));
    assert!(error.is_temporary(), "{error}");
    world.vsp.fault("feeaddress", Fault::Refuses(Refusal(2, 400, "vsp is closed")));
    assert!(!world.answer(&world.ask_fee(2)).unwrap_err().is_temporary());
}

#[test]
fn refusals_are_evidence_too() {
    let world = World::new();
    let registration = world.registration();
    let first = world.send(&registration).unwrap().evidence;
    let second = world.send(&registration).unwrap();
    assert!(second.outcome.is_err());
    let signers = [Address::of_key_hash(NETWORK, world.cold.public_key().hash())];
    for evidence in [first, second.evidence] {
        evidence.check(&signers).unwrap();
        let text = serde_json::to_string(&evidence).unwrap();
        serde_json::from_str::<Evidence>(&text).unwrap().check(&signers).unwrap();
    }
}

/// The public list over HTTP: what cannot be read, or belongs elsewhere, is left out; small VSPs come first.
#[test]
fn the_public_list_is_fetched_and_sorted() {
    let row = |network: &str, voting: u32| {
        json!({ "network": network, "launched": 1, "lastupdated": 2, "apiversions": [3], "feepercentage": 1.25,
            "closed": false, "voting": voting, "voted": 5, "missed": 1, "expired": 0, "vspdversion": "1.4.0\u{1b}[2J",
            "blockheight": 9, "estimatednetworkproportion": 0.1 })
    };
    let list = json!({
        "large.example.com": row("mainnet", 900),
        "small.example.com": row("mainnet", 3),
        "test.example.com": row("testnet", 1),
        "damaged.example.com": { "network": "mainnet" },
        "not a host": row("mainnet", 2),
    });
    let url = serve_once(200, list.to_string());
    let bytes = fetch_list(&url, &quick()).unwrap();
    let listed = parse_list(&bytes, Network::Mainnet).unwrap();
    let hosts: Vec<_> = listed.iter().map(|vsp| vsp.address.host()).collect();
    assert_eq!(hosts, ["small.example.com", "large.example.com"]);
    assert_eq!((listed[0].fee.hundredths(), listed[0].version.as_str()), (125, "1.4.0?[2J"));
    assert_eq!(parse_list(&bytes, Network::Testnet3).unwrap().len(), 1);

    for (status, body, expected) in [
        (200, " ".repeat(2 << 20), "cannot be fetched"),
        (500, list.to_string(), "cannot be fetched"),
        (200, "[1]".to_owned(), "cannot be read"),
    ] {
        let fetched = fetch_list(&serve_once(status, body), &quick());
        let error = fetched.and_then(|bytes| parse_list(&bytes, Network::Mainnet)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

/// Answers one request with a body.
fn serve_once(status: u16, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/?c=vsp", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept()?;
        let mut head = [0; 4096];
        let _ = stream.read(&mut head)?;
        let length = body.len();
        let head = format!("HTTP/1.1 {status} Status\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat())
    });
    url
}
