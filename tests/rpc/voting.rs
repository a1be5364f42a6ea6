//! What a voter asks of dcrd.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use dcrcold::chain::dcrd::{Client, MOST_OUTSTANDING, RpcError, Transport, methods};
use dcrcold::chain::{BlockId, LiveTicket, Winners};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::script::Payment;
use dcrcold_signer::tx::{OutPoint, Transaction, TxIn};

use zeroize::Zeroizing;

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

/// A block that holds a treasury spend takes it out of the mempool between two calls.
#[test]
fn a_treasury_spend_that_is_mined_meanwhile_hides_no_other() {
    let input = TxIn::unsigned(OutPoint::NONE, Amount::ZERO.into());
    let tx = Transaction { version: 3, inputs: vec![input], outputs: Vec::new(), lock_time: 0, expiry: 0 };
    let (hex, left, mined) = (base16ct::lower::encode_string(&tx.encode()), tx.id(), ticket(9));
    for times in [1, 2] {
        let lists = Cell::new(0);
        let answer = |request: Request| match request.method.as_str() {
            "getrawmempool" => {
                lists.set(lists.get() + 1);
                let gone = if lists.get() <= times { format!(r#""{mined}","#) } else { String::new() };
                vec![result(request.id, &format!(r#"[{gone}"{left}"]"#))]
            }
            _ if request.params[0] == mined.to_string() => {
                vec![error(request.id, r#"{"code":-5,"message":"no information available"}"#)]
            }
            _ => vec![result(request.id, &format!(r#""{hex}""#))],
        };
        let found = methods::treasury_spends(&mut Client::new(Fake::new(answer), PATIENCE));
        assert_eq!((found.ok(), lists.get()), ((times == 1).then(|| vec![tx.clone()]), 2));
    }
}

/// Makes one call with secrets in it and looks at the text as it leaves.
struct OneText;

impl Transport for OneText {
    fn address(&self) -> &str {
        "one:1"
    }

    fn send(&mut self, text: Zeroizing<String>) -> Result<(), RpcError> {
        // A text that grew left copies behind, which nobody wipes.
        assert_eq!(text.capacity(), text.len(), "{}", *text);
        Ok(())
    }

    fn receive(&mut self, _until: Instant) -> Result<Option<String>, RpcError> {
        Ok(None)
    }
}

#[test]
fn a_request_is_written_in_one_place_of_its_size() {
    let lengths = [0, 1, 53, 127, 128, 129, 1000, 65_536];
    for length in lengths {
        let key = "\u{e4}\"".repeat(length);
        let mut client = Client::new(OneText, PATIENCE);
        let sent = client.call::<_, ()>("importprivkey", (key, "imported", false));
        assert!(matches!(sent, Err(RpcError::Timeout { .. })));
    }
    println!("requests: {} lengths", lengths.len());
}

/// Whoever never falls silent.
struct Flood<'a>(&'a Cell<usize>);

impl Transport for Flood<'_> {
    fn address(&self) -> &str {
        "flood:1"
    }

    fn send(&mut self, _text: Zeroizing<String>) -> Result<(), RpcError> {
        Ok(())
    }

    fn receive(&mut self, _until: Instant) -> Result<Option<String>, RpcError> {
        self.0.set(self.0.get() + 1);
        let told = self.0.get();
        assert!(told < 10_000, "somebody listens for ever");
        Ok(Some(if told <= 3 {
            result(told.try_into().unwrap(), "null")
        } else {
            winning(BlockHash::from_bytes([9; 32]), 200, 5)
        }))
    }
}

#[test]
fn a_flood_of_calls_is_not_listened_to_for_ever() {
    let told = Cell::new(0);
    let mut client = Client::new(Flood(&told), PATIENCE);
    let calls: Vec<usize> =
        (0..3).map(|_| methods::calls(&mut client, Instant::now() + PATIENCE).unwrap().len()).collect();
    println!("flood: {} notifications read in three turns, calls {calls:?}", told.get() - 3);
    assert_eq!((calls, told.get()), (vec![64; 3], 3 + 3 * 64));
}

/// As many live tickets as mainnet aims at: 8192 times 5.
const LIVE: usize = 40_960;

/// Answers only when somebody waits, and counts.
struct Mainnet {
    open: Vec<Request>,
    counts: BTreeMap<String, usize>,
    most_open: usize,
    sent: usize,
    received: usize,
    output: String,
    block: String,
}

struct Counted<'a>(&'a mut Mainnet);

impl Transport for Counted<'_> {
    fn address(&self) -> &str {
        "mainnet:1"
    }

    fn send(&mut self, text: Zeroizing<String>) -> Result<(), RpcError> {
        let request: Request = serde_json::from_str(&text).unwrap();
        *self.0.counts.entry(request.method.clone()).or_default() += 1;
        self.0.sent += text.len();
        self.0.open.push(request);
        self.0.most_open = self.0.most_open.max(self.0.open.len());
        Ok(())
    }

    fn receive(&mut self, _until: Instant) -> Result<Option<String>, RpcError> {
        let Some(Request { id, method, .. }) = self.0.open.pop() else { return Ok(None) };
        let reply = match method.as_str() {
            "livetickets" => {
                let ids: Vec<_> = (0..LIVE).map(|number| format!("\"{number:064x}\"")).collect();
                result(id, &format!(r#"{{"tickets":[{}]}}"#, ids.join(",")))
            }
            "gettxout" => result(id, &self.0.output),
            _ => result(id, &self.0.block),
        };
        self.0.received += reply.len();
        Ok(Some(reply))
    }
}

/// What a voter asks when it begins on mainnet: one call for each live ticket, many of them under way at once.
#[test]
fn live_tickets_of_mainnet_are_asked_for_many_at_once() {
    let recorded = recorded("dcrd");
    let text = |file: &str, name: &str| {
        let exchange = recorded[file].iter().find(|exchange| exchange.name == name).unwrap();
        exchange.result.as_ref().unwrap().get().to_owned()
    };
    let (output, block) = (text("gettxout", "ticket output 0, tree 1"), text("getblock", "raw"));
    let counts = BTreeMap::new();
    let mut daemon = Mainnet { open: Vec::new(), counts, most_open: 0, sent: 0, received: 0, output, block };
    let live = methods::live_tickets(&mut Client::new(Counted(&mut daemon), PATIENCE)).unwrap();
    println!(
        "live tickets: {} found, calls {:?}, {} under way at most, {} bytes sent, {} received, {} bytes kept",
        live.len(),
        daemon.counts,
        daemon.most_open,
        daemon.sent,
        daemon.received,
        live.len() * size_of::<LiveTicket>(),
    );
    let expected = [("getblock", 1), ("gettxout", LIVE), ("livetickets", 1)];
    assert_eq!(daemon.counts.iter().map(|(method, count)| (method.as_str(), *count)).collect::<Vec<_>>(), expected);
    assert_eq!((live.len(), daemon.most_open), (LIVE, MOST_OUTSTANDING));
}
