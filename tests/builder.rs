//! Whole purchases, sends and registrations, every byte, made by an independent model; and requests to be refused.
//!
//! `DCRCOLD_BUILDER_VECTORS=FILE` runs any other file of this form instead.

mod common;
#[path = "common/signer.rs"]
mod signer;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{Vectors, hex, list, number, parsed, text};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TransferId;
use dcrcold_core::machine::{FinishError, NoMemory, Receiver, Reviewable, Signature, Work};
use dcrcold_core::policy::{Limits, Refusal};
use dcrcold_signer::rebuild::{KnownVoters, WatchKeys, complete, rebuild};
use dcrcold_signer::transfer::{Answer, Container, Content, Encode};
use dcrcold_signer::voter::VoterKeys;
use dcrcold_signer::wire::Buffer;
use serde_json::Value;
use signer::TestSigner;

type Reviewed = Reviewable<256, 100>;

/// Sizes of the pieces in which requests are handed to the machine.
const PIECES: [usize; 4] = [1, 7, 64, usize::MAX];

fn written(write: impl FnOnce(&mut Buffer)) -> String {
    let mut buffer = Buffer(Vec::new());
    write(&mut buffer);
    base16ct::lower::encode_string(&buffer.0)
}

fn load() -> (Vectors, bool) {
    match std::env::var_os("DCRCOLD_BUILDER_VECTORS") {
        Some(file) => {
            let text = std::fs::read_to_string(&file).expect("the file named by DCRCOLD_BUILDER_VECTORS can be read");
            (Vectors::parse("DCRCOLD_BUILDER_VECTORS", &text), true)
        }
        None => (Vectors::load("builder.json"), false),
    }
}

fn review(request: &[u8], piece: usize, signer: &mut TestSigner) -> Result<Reviewed, Refusal> {
    let mut receiver = Receiver::<256, 100>::default();
    for piece in request.chunks(piece.min(request.len().max(1))) {
        receiver.push(piece)?;
    }
    match receiver.finish(&mut signer.keys, &mut signer.voters, &mut NoMemory, &Limits::DEFAULT) {
        Ok(reviewable) => Ok(reviewable),
        Err(FinishError::Refused(refusal)) => Err(refusal),
        Err(FinishError::Keys(error)) => panic!("keys: {error}"),
    }
}

fn check_review(case: &Value, reviewable: &Reviewed) {
    let transfer = &case["transfer"];
    assert_eq!(reviewable.id().to_string(), text(&transfer["id"]), "id");
    let words: Vec<_> = list(&transfer["check_words"]).iter().map(text).collect();
    assert_eq!(reviewable.check_words().as_slice(), words, "check words");
    let result = &case["result"];
    match reviewable.work() {
        Work::Purchase(purchase) => {
            assert_eq!(purchase.ticket_fee().atoms(), number::<u64>(&result["ticket_fee"]), "ticket fee");
            if let Some(split) = purchase.split() {
                assert_eq!(written(|sink| purchase.write_split(sink)), text(&result["split_prefix"]), "split prefix");
                assert_eq!(split.id.to_string(), text(&result["split_txid"]), "split id");
                assert_eq!(split.remainder.fee.atoms(), number::<u64>(&result["split_fee"]), "split fee");
                let change = split.remainder.change.map_or(0, Amount::atoms);
                assert_eq!(change, number::<u64>(&result["change"]), "change");
            } else {
                assert!(result["split_prefix"].is_null(), "there is a split");
            }
            for (ticket, prefix) in (0..).zip(list(&result["ticket_prefixes"])) {
                assert_eq!(written(|sink| purchase.write_ticket(ticket, sink)), text(prefix), "ticket prefix");
            }
            let ids = (0..purchase.request().tickets).filter_map(|ticket| purchase.ticket_id(ticket));
            let ids: Vec<_> = ids.map(|id| id.to_string()).collect();
            assert_eq!(ids, list(&result["ticket_txids"]).iter().map(text).collect::<Vec<_>>(), "ticket ids");
        }
        Work::Send(send) => {
            assert_eq!(written(|sink| send.write(sink)), text(&result["prefix"]), "prefix");
            assert_eq!(send.id().to_string(), text(&result["txid"]), "id");
            assert_eq!(send.remainder().fee.atoms(), number::<u64>(&result["fee"]), "fee");
            let change = send.remainder().change.map_or(0, Amount::atoms);
            assert_eq!(change, number::<u64>(&result["change"]), "change");
        }
        Work::Register(_) => {}
    }
    let registrations = result["registrations"].as_array().map_or(&[][..], Vec::as_slice);
    assert_eq!(reviewable.counts()[2] as usize, registrations.len(), "number of messages");
    for (ticket, registration) in (0..).zip(registrations) {
        let mut body = Buffer(Vec::new());
        reviewable.write_registration(ticket, &mut body);
        assert_eq!(String::from_utf8(body.0).expect("ASCII"), text(&registration["body"]), "registration body");
    }
}

/// Rebuilds the request with public keys only and completes it with the recorded answer.
fn check_completion(case: &Value, signer: &TestSigner) {
    let account = *signer.keys.public().node();
    let voters: Vec<VoterKeys> = signer.voters.public().into_iter().collect();
    let mut keys = WatchKeys::new(signer.keys.network(), signer.keys.path(), &account);
    let mut known = KnownVoters::new(signer.keys.network(), &account, &voters);
    let request = hex(&case["transfer"]["request"]);
    let request = rebuild(&request, &mut keys, &mut known, &Limits::DEFAULT).expect("public keys are enough");
    let bytes = hex(&case["transfer"]["answer"]);
    let container = Container::parse(&bytes).expect("the recorded answer is a transfer");
    let answer = Answer::from_container(&container).expect("the recorded answer reads");
    assert_eq!(answer.to_container(container.network()).expect("it fits").encode(), bytes, "answer file");
    let completed = complete(&request, &answer, &account).expect("every recorded signature is right");
    let result = &case["result"];
    let signed = if result["signed"].is_null() { &result["split_signed"] } else { &result["signed"] };
    let funding = completed.funding.map(|tx| base16ct::lower::encode_string(&tx.encode()));
    assert_eq!(funding.as_deref(), signed.as_str(), "signed split or send");
    let tickets: Vec<_> = completed.tickets.iter().map(|tx| base16ct::lower::encode_string(&tx.encode())).collect();
    let wanted = result["tickets_signed"].as_array().map_or(&[][..], Vec::as_slice);
    assert_eq!(tickets, wanted.iter().map(text).collect::<Vec<_>>(), "signed tickets");
}

fn check_signatures(case: &Value, reviewable: Reviewed, signer: &mut TestSigner) -> usize {
    let id: TransferId = parsed(&case["transfer"]["id"]);
    let mut approved = reviewable.approve(&id).expect("the id of the request approves it");
    let mut signatures = [Vec::new(), Vec::new(), Vec::new()];
    let encode = base16ct::lower::encode_string;
    while let Some(signature) = approved.next(&mut signer.keys).expect("the test keys sign") {
        match signature {
            Signature::Input(bytes) => signatures[0].push(encode(&bytes)),
            Signature::Ticket(bytes) => signatures[1].push(encode(&bytes)),
            Signature::Message(bytes) => signatures[2].push(STANDARD.encode(bytes)),
        }
    }
    let result = &case["result"];
    let wanted = |value: &Value| {
        value.as_array().map_or_else(Vec::new, |rows| rows.iter().map(text).map(String::from).collect())
    };
    let inputs = if result["signatures"].is_null() { &result["split_signatures"] } else { &result["signatures"] };
    assert_eq!(signatures[0], wanted(inputs), "input signatures");
    assert_eq!(signatures[1], wanted(&result["ticket_signatures"]), "ticket signatures");
    let messages = result["registrations"].as_array().map_or(&[][..], Vec::as_slice);
    let messages: Vec<_> = messages.iter().map(|row| text(&row["signature"]).to_owned()).collect();
    assert_eq!(signatures[2], messages, "message signatures");
    signatures.iter().map(Vec::len).sum()
}

#[test]
fn every_request_is_built_and_signed_byte_for_byte() {
    let (mut vectors, foreign) = load();
    let mut signatures = 0;
    let cases = list(vectors.get("cases")).len();
    vectors.each("cases", |case| {
        println!("  {}", text(&case["name"]));
        let mut signer = TestSigner::of(case);
        let request = hex(&case["transfer"]["request"]);
        for piece in PIECES {
            let reviewable = review(&request, piece, &mut signer).unwrap_or_else(|refusal| panic!("{refusal}"));
            check_review(case, &reviewable);
            assert!(reviewable.pages().count() > 5, "a review has pages");
            if piece == usize::MAX {
                signatures += check_signatures(case, reviewable, &mut signer);
                check_completion(case, &signer);
            }
        }
    });
    vectors.elsewhere("refused");
    println!("{signatures} signatures compared");
    vectors.finish(if foreign { cases } else { 15 });
}

#[test]
fn every_bad_request_is_refused_by_the_rule_it_names() {
    let (mut vectors, foreign) = load();
    let mut rows = 0;
    vectors.one("refused", |refused| {
        for row in list(&refused["cases"]) {
            let (rule, why) = (text(&row["rule"]), text(&row["why"]));
            let request = hex(&row["request"]);
            for piece in PIECES {
                let Err(refusal) = review(&request, piece, &mut TestSigner::of(refused)) else {
                    panic!("{why}: accepted");
                };
                assert_eq!(refusal.rule.name(), rule, "{why}: {refusal}");
            }
            rows += 1;
        }
        rows
    });
    vectors.elsewhere("cases");
    vectors.finish(if foreign { rows } else { 53 });
}
