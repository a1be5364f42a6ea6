//! What a voter asks of dcrd.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use dcrcold::chain::dcrd::{Client, RpcError, methods};
use dcrcold::chain::{BlockId, LiveTicket, Winners};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::script::Payment;
use dcrcold_signer::tx::{OutPoint, Transaction, TxIn};

use crate::fake::{Fake, Request, error, result};
use crate::replies::recorded;

const PATIENCE: Duration = Duration::from_secs(1);

/// A notification of these tickets for a block.
fn winning(block: BlockHash, height: u32, tickets: usize) -> String {
    let ids: Vec<_> = (0..tickets).map(|at| format!(r#""{at}":"{}""#, ticket(u8::try_from(at).unwrap()))).collect();
    let tickets = ids.join(",");
    format!(r#"{{"jsonrpc":"1.0","method":"winningtickets","params":["{block}",{height},{{{tickets}}}],"id":null}}"#)
}

fn ticket(number: u8) -> TxId {
    TxId::from_bytes([number; 32])
}

#[test]
fn calls_are_subscribed_to_once_and_told_again_at_first() {
    let block = BlockId { hash: BlockHash::from_bytes([9; 32]), height: Height(200) };
    let competing = BlockId { hash: BlockHash::from_bytes([8; 32]), ..block };
    let asked = RefCell::new(Vec::new());
    let answer = |request: Request| {
        asked.borrow_mut().push(request.method.clone());
        let mut texts = vec![result(request.id, "null")];
        if request.method == "rebroadcastwinners" {
            texts.extend([winning(block.hash, 200, 5), winning(competing.hash, 200, 3)]);
        }
        texts
    };
    let mut client = Client::new(Fake::new(answer), PATIENCE);
    let tickets = |count| (0..count).map(ticket).collect();
    let expected = [Winners { block, tickets: tickets(5) }, Winners { block: competing, tickets: tickets(3) }];
    assert_eq!(methods::calls(&mut client, Instant::now()).unwrap(), expected);
    assert!(methods::calls(&mut client, Instant::now()).unwrap().is_empty());
    assert_eq!(*asked.borrow(), ["notifyblocks", "notifywinningtickets", "rebroadcastwinners"]);
}

#[test]
fn calls_that_cannot_be_are_malformed() {
    let hash = BlockHash::from_bytes([9; 32]);
    let odd = r#"{"jsonrpc":"1.0","method":"winningtickets","params":["00",1,{}],"id":null}"#.to_owned();
    for (text, expected) in [(winning(hash, 200, 6), "found 6 tickets, expected 5 at most"), (odd, "found \"00\"")] {
        let answer = |request: Request| vec![result(request.id, "null"), text.clone()];
        let error = methods::calls(&mut Client::new(Fake::new(answer), PATIENCE), Instant::now()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

/// The limited user is let in and then refused.
#[test]
fn a_user_without_the_right_is_told_apart() {
    let refuse = r#"{"code":-32603,"message":"limited user not authorized for this method"}"#;
    let answer = |request: Request| match request.method.as_str() {
        "notifywinningtickets" => vec![error(request.id, refuse)],
        _ => vec![result(request.id, "null")],
    };
    let error = methods::calls(&mut Client::new(Fake::new(answer), PATIENCE), Instant::now()).unwrap_err();
    assert!(matches!(&error, RpcError::Refused { method, .. } if method == "notifywinningtickets"), "{error}");
}

#[test]
fn live_tickets_come_with_script_and_height() {
    let recorded = recorded("dcrd");
    let text = |file: &str, name: &str| {
        let exchange = recorded[file].iter().find(|exchange| exchange.name == name).unwrap();
        exchange.result.as_ref().unwrap().get().to_owned()
    };
    let (output, block) = (text("gettxout", "ticket output 0, tree 1"), text("getblock", "raw"));
    let (there, gone) = (ticket(1), ticket(2));
    let answer = |request: Request| {
        let value = match request.method.as_str() {
            "livetickets" => format!(r#"{{"tickets":["{there}","{gone}"]}}"#),
            "gettxout" if request.params[0] == there.to_string() => output.clone(),
            "gettxout" => "null".to_owned(),
            "getblock" => block.clone(),
            other => panic!("{other}"),
        };
        vec![result(request.id, &value)]
    };
    let script = base16ct::lower::decode_vec("ba76a914812d43f20829ab32cb10353936e802555ae7cead88ac").unwrap();
    let voting = Payment::recognise(&script).unwrap().payee;
    let live = methods::live_tickets(&mut Client::new(Fake::new(answer), PATIENCE)).unwrap();
    assert_eq!(live, [LiveTicket { id: there, voting, height: Height(200) }]);
    // More confirmations than there are blocks.
    let older = output.replace("\"confirmations\":1,", "\"confirmations\":202,");
    let older = older.replace("\"confirmations\": 1,", "\"confirmations\": 202,");
    assert_ne!(older, output);
    let answer = |request: Request| {
        let value = match request.method.as_str() {
            "livetickets" => format!(r#"{{"tickets":["{there}"]}}"#),
            "gettxout" => older.clone(),
            _ => block.clone(),
        };
        vec![result(request.id, &value)]
    };
    let error = methods::live_tickets(&mut Client::new(Fake::new(answer), PATIENCE)).unwrap_err();
    assert!(matches!(&error, RpcError::Malformed { method, .. } if method == "gettxout"), "{error}");
}

#[test]
fn treasury_spends_are_those_that_were_listed() {
    let input = TxIn::unsigned(OutPoint::NONE, Amount::ZERO.into());
    let tx = Transaction { version: 3, inputs: vec![input], outputs: Vec::new(), lock_time: 0, expiry: 0 };
    let hex = base16ct::lower::encode_string(&tx.encode());
    let spends = |listed: TxId| {
        let answer = |request: Request| match request.method.as_str() {
            "getrawmempool" => {
                assert_eq!(request.params, serde_json::json!([false, "tspend"]));
                vec![result(request.id, &format!(r#"["{listed}"]"#))]
            }
            _ => vec![result(request.id, &format!(r#""{hex}""#))],
        };
        methods::treasury_spends(&mut Client::new(Fake::new(answer), PATIENCE))
    };
    assert_eq!(spends(tx.id()).unwrap(), std::slice::from_ref(&tx));
    let error = spends(ticket(1)).unwrap_err();
    assert!(error.to_string().contains(&format!("found transaction {}", tx.id())), "{error}");
}
