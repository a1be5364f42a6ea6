//! Daemons that answer wrongly, one fault each.

use std::cell::Cell;
use std::time::{Duration, Instant};

use dcrcold::chain::dcrd::{Client, MOST_OUTSTANDING, NONE, RpcError, Transport, methods};
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::tx::Transaction;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::fake::{Fake, Request, error, result};

fn client<F: FnMut(Request) -> Vec<String>>(answer: F) -> Client<Fake<F>> {
    Client::new(Fake::new(answer), Duration::from_millis(1))
}

/// A client of a daemon that answers every request with one result.
fn always(answer: &str) -> Client<Fake<impl FnMut(Request) -> Vec<String> + '_>> {
    client(move |request| vec![result(request.id, answer)])
}

fn block_hash(byte: u8) -> BlockHash {
    BlockHash::from_bytes([byte; 32])
}

fn problem<T: std::fmt::Debug>(outcome: Result<T, RpcError>) -> String {
    match outcome.unwrap_err() {
        RpcError::Malformed { problem, .. } => problem,
        other => panic!("found {other:?}, expected a malformed reply"),
    }
}

#[test]
fn a_reply_to_no_request_is_refused() {
    let mut client = client(|request| vec![result(request.id + 1, "1")]);
    assert_eq!(problem(client.call::<_, u32>("getblockcount", NONE)), "found id 2, expected an open one of 1 from 1");
}

#[test]
fn a_second_reply_to_one_request_is_refused() {
    let mut client = client(|request| vec![result(1, &request.id.to_string())]);
    let outcome = client.call_many::<_, u32>("getblockhash", &[[1], [2]]);
    assert_eq!(problem(outcome), "found id 1, expected an open one of 2 from 1");
}

#[test]
fn text_that_is_no_reply_is_refused() {
    for text in [
        "",
        "x",
        "[]",
        "{}",
        "7",
        "null",
        r#"{"id":1,"method":"x"}"#,
        r#"{"id":"1","result":1}"#,
        r#"{"id":1,"error":7}"#,
    ] {
        let mut client = client(|_| vec![text.to_owned()]);
        problem(client.call::<_, Value>("getinfo", NONE));
    }
}

#[test]
fn a_result_of_another_type_is_refused() {
    assert!(problem(always("\"1\"").call::<_, u32>("getblockcount", NONE)).contains("invalid type"));
    problem(methods::best_block(&mut always(r#"{"hash":"00","height":1}"#)));
    problem(methods::stake_difficulty(&mut always(r#"{"current":-1,"next":1}"#)));
}

#[test]
fn silence_times_out() {
    let error = client(|_| Vec::new()).call::<_, u32>("getblockcount", NONE).unwrap_err();
    assert_eq!(error.to_string(), "no reply to getblockcount from fake:1 within 0 s");
}

#[test]
fn replies_may_come_in_any_order() {
    let mut held = Vec::new();
    let mut client = client(|request| {
        held.push(result(request.id, &request.params[0].to_string()));
        if held.len() == 10 { held.drain(..).rev().collect() } else { Vec::new() }
    });
    let params: Vec<_> = (0..20).map(|number| [number]).collect();
    // Ten are answered at once, backwards, then the next ten.
    assert_eq!(client.call_many::<_, u32>("echo", &params).unwrap(), (0..20).collect::<Vec<_>>());
}

#[test]
fn no_more_requests_are_under_way_than_dcrd_bears() {
    /// Answers only when somebody waits.
    struct Lazy<'a> {
        open: Vec<u64>,
        most: &'a Cell<usize>,
    }
    impl Transport for Lazy<'_> {
        fn address(&self) -> &str {
            "lazy:1"
        }
        fn send(&mut self, text: Zeroizing<String>) -> Result<(), RpcError> {
            let request: Request = serde_json::from_str(&text).unwrap();
            self.open.push(request.id);
            self.most.set(self.most.get().max(self.open.len()));
            Ok(())
        }
        fn receive(&mut self, _until: Instant) -> Result<Option<String>, RpcError> {
            Ok(self.open.pop().map(|id| result(id, "null")))
        }
    }
    let most = Cell::new(0);
    let mut client = Client::new(Lazy { open: Vec::new(), most: &most }, Duration::from_millis(1));
    assert_eq!(client.call_many::<_, ()>("ping", &[NONE; 1000]).unwrap().len(), 1000);
    assert_eq!(most.get(), MOST_OUTSTANDING);
}

#[test]
fn after_an_error_the_other_replies_are_taken_and_the_client_goes_on() {
    let asked = Cell::new(0);
    let mut client = client(|request| {
        asked.set(asked.get() + 1);
        let refused = request.params[0] == 3;
        vec![if refused { error(request.id, r#"{"code":-5,"message":"no"}"#) } else { result(request.id, "1") }]
    });
    let params: Vec<_> = (0..200).map(|number| [number]).collect();
    let error = client.call_many::<_, u32>("getthing", &params).unwrap_err();
    assert_eq!(error.to_string(), "getthing: no (code -5)");
    assert!(asked.get() <= MOST_OUTSTANDING + 4, "{} requests were sent", asked.get());
    assert_eq!(client.call::<_, u32>("getthing", [9]).unwrap(), 1);
}

#[test]
fn notifications_between_replies_are_kept_in_order() {
    let mut client = client(|request| {
        let notify = |number| format!(r#"{{"jsonrpc":"1.0","method":"n{number}","params":[{number}],"id":null}}"#);
        vec![notify(1), notify(2), result(request.id, "7"), notify(3)]
    });
    assert_eq!(client.call::<_, u32>("x", NONE).unwrap(), 7);
    for number in 1..=3 {
        let notification = client.notification(Instant::now()).unwrap().unwrap();
        assert_eq!((notification.method.clone(), notification.read().unwrap()), (format!("n{number}"), [number]));
    }
    assert!(client.notification(Instant::now()).unwrap().is_none());
}

#[test]
fn headers_that_do_not_follow_one_another_are_refused() {
    let header = "00".repeat(180);
    let two = format!(r#"{{"headers":["{header}","{header}"]}}"#);
    assert!(
        problem(methods::headers(&mut always(&two), &[block_hash(1)])).starts_with("found a header on top of 0000")
    );
    let short = format!(r#"{{"headers":["{}"]}}"#, &header[2..]);
    problem(methods::headers(&mut always(&short), &[block_hash(1)]));
}

#[test]
fn the_filter_of_another_block_is_refused() {
    let reply = |hash: BlockHash, index, hashes| {
        format!(r#"{{"blockhash":"{hash}","data":"","proofindex":{index},"proofhashes":{hashes}}}"#)
    };
    let ask = |reply: String| methods::filters(&mut always(&reply), &[block_hash(1)]);
    assert_eq!(ask(reply(block_hash(1), 0, "null".to_owned())).unwrap(), [Vec::<u8>::new()]);
    assert!(problem(ask(reply(block_hash(2), 0, "null".to_owned()))).contains("expected that of 0101"));
    assert!(problem(ask(reply(block_hash(1), 1, "null".to_owned()))).contains("expected the only one"));
    let proof = format!(r#"["{}"]"#, block_hash(3));
    assert!(problem(ask(reply(block_hash(1), 0, proof))).contains("expected the only one"));
}

#[test]
fn another_block_is_refused() {
    let genesis = format!("\"{}0000\"", "00".repeat(180));
    assert!(problem(methods::block(&mut always(&genesis), &block_hash(1))).contains("expected 0101"));
    problem(methods::block(&mut always("\"00\""), &block_hash(1)));
    problem(methods::block(&mut always("\"0\""), &block_hash(1)));
}

#[test]
fn another_transaction_id_is_refused() {
    let tx = Transaction { version: 1, inputs: Vec::new(), outputs: Vec::new(), lock_time: 0, expiry: 0 };
    let reply = format!("\"{}\"", TxId::from_bytes([5; 32]));
    assert!(problem(methods::send(&mut always(&reply), &tx)).contains(&tx.id().to_string()));
}

#[test]
fn a_set_of_bits_of_another_length_is_refused() {
    let ids = [TxId::from_bytes([5; 32]); 9];
    assert!(problem(methods::in_mempool(&mut always("\"00\""), &ids)).contains("bits of 9 transactions"));
    assert!(methods::in_mempool(&mut always("\"0001\""), &ids).unwrap()[8]);
}

#[test]
fn an_unknown_network_is_named_by_its_magic_number() {
    let error = methods::check_network(&mut always("3652452601"), Network::Testnet3).unwrap_err();
    assert_eq!(error.to_string(), "fake:1 is on another network: found mainnet, expected testnet3");
    let error = methods::check_network(&mut always("1"), Network::Testnet3).unwrap_err();
    assert_eq!(error.to_string(), "fake:1 is on another network: found magic number 00000001, expected testnet3");
}
