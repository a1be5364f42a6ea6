//! Requests to a VSP and its responses, `vspd_exchange.json`: every byte is reproduced from the recorded keys.

#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::collections::BTreeMap;

use dcrcold::vsp::{
    Endpoint, ErrorCode, Evidence, FeeAddress, FeePayment, FeeState, Info, InfoError, Preferences, Refused, ReplyError,
    Request, ServerKey, ServerKeyError, ServerSignature, Signed, TicketStatus, Timestamp, accepted,
};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;
use dcrcold_signer::address::Address;
use dcrcold_signer::key::{MessageSignature, PrivateKey};
use dcrcold_signer::message;
use dcrcold_signer::rebuild::SignedRegistration;
use dcrcold_signer::tx::Transaction;
use dcrcold_signer::wif::Wif;
use serde_json::Value;

mod common;

use common::{Vectors, array, hex, list, number, text};

/// What the recording was made of.
struct World {
    ticket: Transaction,
    parent: Transaction,
    fee_tx: Transaction,
    cold: PrivateKey,
    alt_sign: PrivateKey,
    voting: PrivateKey,
    vsp: ServerKey,
}

impl World {
    fn new(vectors: &Vectors) -> Self {
        let keys = vectors.get("keys");
        let key = |name: &str| PrivateKey::from_bytes(&array(&keys[name]["privkey_hex"])).unwrap();
        let tx = |value: &Value| Transaction::decode(&hex(value)).unwrap();
        let ticket = vectors.get("ticket");
        Self {
            ticket: tx(&ticket["signed_hex"]),
            parent: tx(&ticket["parent_hex"]),
            fee_tx: tx(vectors.get("fee_tx_hex")),
            cold: key("cold_commitment"),
            alt_sign: key("altsign"),
            voting: key("voting"),
            vsp: text(vectors.get("vsp_pubkey_base64")).parse().unwrap(),
        }
    }

    fn address(key: &PrivateKey) -> Address {
        Address::of_key_hash(Network::Simnet, key.public_key().hash())
    }

    /// The request of a row, made from keys and transactions; only times and choices come from the recording.
    fn request(&self, row: &Value) -> Request {
        let body: Value = serde_json::from_str(text(&row["request_body"])).unwrap();
        let time = Timestamp(body["timestamp"].as_i64().unwrap_or_default());
        let ticket = self.ticket.id();
        let key = if text(&row["signed_by"]) == "cold" { &self.cold } else { &self.alt_sign };
        match Endpoint::from_name(text(&row["path"]).rsplit('/').next().unwrap()).unwrap() {
            Endpoint::SetAltSignAddress => {
                let [ticket_hex, parent_hex] =
                    [&self.ticket, &self.parent].map(|tx| base16ct::lower::encode_string(&tx.encode()));
                let address = Self::address(&self.alt_sign);
                let body = format!(
                    "{{\"timestamp\":{time},\"tickethash\":\"{ticket}\",\"tickethex\":\"{ticket_hex}\",\
                     \"parenthex\":\"{parent_hex}\",\"altsignaddress\":\"{address}\"}}"
                );
                let signature = message::sign(key, body.as_bytes());
                Request::registration(&SignedRegistration { ticket, body, signature })
            }
            Endpoint::FeeAddress => Request::fee_address(time, &self.ticket, &self.parent, key),
            Endpoint::PayFee => {
                let wrong = text(&row["name"]).contains("wrong key");
                let voting_key = Wif::new(Network::Simnet, if wrong { &self.cold } else { &self.voting });
                let payment =
                    FeePayment { fee_tx: &self.fee_tx, voting_key: &voting_key, preferences: &preferences(&body) };
                Request::pay_fee(time, ticket, &payment, key)
            }
            Endpoint::TicketStatus => Request::ticket_status(ticket, key),
            Endpoint::SetVoteChoices => Request::set_vote_choices(time, ticket, &preferences(&body), key),
        }
    }
}

fn preferences(body: &Value) -> Preferences {
    let agendas = body["votechoices"].as_object().unwrap().iter();
    let agendas = agendas.map(|(agenda, choice)| (agenda.parse().unwrap(), text(choice).parse().unwrap()));
    Preferences { agendas: agendas.collect(), ..Preferences::default() }
}

fn signature(row: &Value) -> ServerSignature {
    text(&row["vsp_server_signature"]).parse().unwrap()
}

#[test]
fn requests_are_reproduced_and_responses_read() {
    let mut vectors = Vectors::load("vspd_exchange.json");
    let world = World::new(&vectors);
    let mut seen = BTreeMap::<_, usize>::new();
    vectors.each("exchanges", |row| {
        let response = text(&row["response_body"]).as_bytes();
        let signed = Signed::check(&world.vsp, response, &signature(row)).unwrap();
        if row["request_body"].is_null() {
            let info = Info::check(response, &signature(row), Some(&world.vsp)).unwrap();
            assert_eq!((info.network, info.fee.hundredths(), info.height.0), (Network::Simnet, 300, 156));
            assert_eq!((info.version.as_str(), info.closed, info.wallets_online), ("1.5.0-pre", None, 1));
            return;
        }
        let request = world.request(row);
        assert_eq!(request.body(), text(&row["request_body"]));
        assert_eq!(request.signature().to_string(), text(&row["vsp_client_signature"]));
        assert_eq!(request.endpoint().path(), text(&row["path"]));
        check_response(&request, row, &signed);
        *seen.entry(request.endpoint().name()).or_default() += 1;
    });
    let expected =
        [("feeaddress", 1), ("payfee", 2), ("setaltsignaddr", 2), ("setvotechoices", 2), ("ticketstatus", 3)];
    assert_eq!(seen, expected.into());
    vectors.one("keys", |keys| keys_are_derived(keys, &world));
    for (key, rows) in [("fee_tx_hex", 1), ("network", 1), ("source", 1), ("message_digest_rule", 1), ("vote", 1)] {
        vectors.data_only(key, rows);
    }
    vectors.one("ticket", |ticket| {
        assert_eq!(world.ticket.id().to_string(), text(&ticket["hash"]));
        assert_eq!(world.parent.id().to_string(), text(&ticket["parent_hash"]));
        1
    });
    vectors.data_only("vsp_pubkey_base64", 1);
    vectors.finish(11 + 3 + 1);
}

fn keys_are_derived(keys: &Value, world: &World) -> usize {
    for (name, key) in [("altsign", &world.alt_sign), ("cold_commitment", &world.cold), ("voting", &world.voting)] {
        assert_eq!(World::address(key).to_string(), text(&keys[name]["address"]));
        assert_eq!(*Wif::new(Network::Simnet, key).to_text(), text(&keys[name]["wif"]));
    }
    keys.as_object().unwrap().len()
}

fn check_response(request: &Request, row: &Value, signed: &Signed) {
    if number::<u16>(&row["http_status"]) != 200 {
        let refused = Refused::read(signed).unwrap();
        let name = text(&row["name"]);
        let expected = match name {
            "setaltsignaddr twice" => ErrorCode::BadRequest,
            "payfee wrong key" => ErrorCode::InvalidPrivKey,
            "setvotechoices replay" => ErrorCode::InvalidTimestamp,
            other => panic!("{other}"),
        };
        assert_eq!(refused.code, expected, "{name}");
        assert!(accepted(signed, request).is_err());
        return;
    }
    match request.endpoint() {
        Endpoint::FeeAddress => {
            let fee = FeeAddress::read(signed, request, Network::Simnet).unwrap();
            assert_eq!(fee.address.to_string(), "SsirXSeC9r3iXSsSbK2YFobUAYsSt1k4Umi");
            assert_eq!((fee.amount, fee.expires), (Amount::from_atoms(1636).unwrap(), Timestamp(1_795_232_851)));
            let other = FeeAddress::read(signed, request, Network::Mainnet);
            assert!(matches!(other, Err(ReplyError::Address(_))), "{other:?}");
        }
        Endpoint::TicketStatus => {
            let status = TicketStatus::read(signed, request, Network::Simnet).unwrap();
            let state = text(&row["name"]).rsplit(' ').next().and_then(FeeState::from_word).unwrap();
            assert_eq!((status.fee, status.ticket_confirmed), (state, state != FeeState::Received));
            assert_eq!(status.alt_sign.unwrap().to_string(), "Ssek91CthpAoBWAnyZ23WKhJpAguU2x94cf");
            assert_eq!(status.preferences.agendas.len(), 1);
            assert!(status.fee_tx.is_some());
        }
        Endpoint::SetAltSignAddress | Endpoint::PayFee | Endpoint::SetVoteChoices => {
            accepted(signed, request).unwrap();
        }
    }
}

#[test]
fn responses_to_other_requests_are_refused() {
    let vectors = Vectors::load("vspd_exchange.json");
    let world = World::new(&vectors);
    let rows: Vec<_> = list(vectors.get("exchanges")).iter().filter(|row| !row["request_body"].is_null()).collect();
    let mut ran = 0;
    for asked in &rows {
        for answered in rows.iter().filter(|row| row["request_body"] != asked["request_body"]) {
            let body = text(&answered["response_body"]).as_bytes();
            let signed = Signed::check(&world.vsp, body, &signature(answered)).unwrap();
            let error = accepted(&signed, &world.request(asked)).unwrap_err();
            let repeats = number::<u16>(&answered["http_status"]) == 200;
            let expected = matches!(error, ReplyError::OtherRequest { .. });
            assert_eq!(expected, repeats, "{error}");
            ran += 1;
        }
    }
    println!("responses to other requests: {ran} cases");
    assert_eq!(ran, 80);
}

#[test]
fn no_byte_of_a_response_can_be_changed() {
    let vectors = Vectors::load("vspd_exchange.json");
    let world = World::new(&vectors);
    let row = &list(vectors.get("exchanges"))[0];
    let body = text(&row["response_body"]).as_bytes();
    for place in 0..body.len() {
        let mut changed = body.to_vec();
        changed[place] ^= 1;
        assert!(Signed::check(&world.vsp, &changed, &signature(row)).is_err());
        assert!(Info::check(&changed, &signature(row), None).is_err());
    }
    println!("changed bytes: {} cases", body.len());
    assert!(body.len() > 300);
}

#[test]
fn another_key_is_another_vsp() {
    let vectors = Vectors::load("vspd_exchange.json");
    let row = &list(vectors.get("exchanges"))[0];
    let other: ServerKey = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=".parse().unwrap();
    let error = Info::check(text(&row["response_body"]).as_bytes(), &signature(row), Some(&other)).unwrap_err();
    assert!(matches!(error, InfoError::OtherKey { .. }), "{error}");
}

#[test]
fn keys_that_prove_nothing_are_refused() {
    use base64::Engine as _;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let cases = [
        (encode(&neutral), ServerKeyError::SmallOrder),
        (encode(&[0; 32]), ServerKeyError::SmallOrder),
        (encode(&[2; 31]), ServerKeyError::Length { found: 31 }),
        (encode(&[2; 32]), ServerKeyError::NotAPoint),
        ("no key".to_owned(), ServerKeyError::NotBase64),
    ];
    for (text, expected) in &cases {
        assert_eq!(text.parse::<ServerKey>().unwrap_err(), *expected, "{text}");
    }
    println!("keys refused: {} cases", cases.len());
}

/// The evidence of a row.
fn evidence(vectors: &Vectors, world: &World, row: &Value) -> Evidence {
    let request = world.request(row);
    let body = text(&row["response_body"]).as_bytes();
    let signed = Signed::check(&world.vsp, body, &signature(row)).unwrap();
    let status = number(&row["http_status"]);
    assert_eq!(text(vectors.get("network")), "simnet");
    Evidence::new("http://127.0.0.1", &world.vsp, &request, (Timestamp(1), status), &signed, &signature(row))
}

#[test]
fn evidence_holds_and_no_part_of_it_can_be_exchanged() {
    let vectors = Vectors::load("vspd_exchange.json");
    let world = World::new(&vectors);
    let signers = [World::address(&world.cold), World::address(&world.alt_sign)];
    let rows = list(vectors.get("exchanges")).iter().filter(|row| !row["request_body"].is_null());
    let all: Vec<_> = rows.map(|row| evidence(&vectors, &world, row)).collect();
    let (mut held, mut broken) = (0, 0);
    for one in &all {
        one.check(&signers).unwrap();
        let again: Evidence = serde_json::from_str(&serde_json::to_string(one).unwrap()).unwrap();
        again.check(&signers).unwrap();
        held += 1;
        assert!(one.check(&[World::address(&world.voting)]).is_err());
        assert!(one.check(&[]).is_err());
        let other_ticket = Evidence { ticket: TxId::from_bytes([7; 32]).to_string(), ..one.clone() };
        let other_signature =
            Evidence { client_signature: MessageSignature::from_bytes([27; 65]).to_string(), ..one.clone() };
        let mut changed = vec![other_ticket, other_signature];
        for other in all.iter().filter(|other| other.request != one.request) {
            changed.push(Evidence { request: other.request.clone(), ..one.clone() });
            // A refusal does not say what it refuses.
            if other.status == 200 {
                let (response, server_signature) = (other.response.clone(), other.server_signature.clone());
                changed.push(Evidence { response, server_signature, ..one.clone() });
            }
        }
        for evidence in changed {
            assert!(evidence.check(&signers).is_err());
            broken += 1;
        }
    }
    println!("evidence: {held} cases that hold, {broken} that do not");
    assert_eq!((held, broken), (10, 155));
}
