//! Every recorded reply of dcrd and dcrwallet, read by the client.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dcrcold::chain::dcrd::methods::{self, Sent};
use dcrcold::chain::dcrd::reply::{BlockConnected, WinningTickets};
use dcrcold::chain::dcrd::{Client, NONE, RpcError, Transport};
use dcrcold_core::amount::Height;
use dcrcold_core::hash::{BlockHash, TreeHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::block::BlockHeader;
use dcrcold_signer::tx::Transaction;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::fake::{Exchange, Fake};

const PATIENCE: Duration = Duration::from_secs(1);

/// What the vectors hold: exchanges of dcrd, of these read as the type the program uses, exchanges of dcrwallet, frames.
const DCRD_EXCHANGES: usize = 143;
const DCRD_TYPED: usize = 30;
const DCRWALLET_EXCHANGES: usize = 91;
const WEBSOCKET_FRAMES: usize = 32;

#[test]
fn every_reply_of_dcrd_is_read() {
    let mut typed = 0;
    let mut counted = 0;
    for (file, exchanges) in recorded("dcrd") {
        for exchange in &exchanges {
            typed += usize::from(read_typed(&file, exchange));
            read_untyped(exchange);
        }
        counted += exchanges.len();
    }
    println!("rpc/dcrd: {counted} cases, {typed} of them typed");
    assert_eq!((counted, typed), (DCRD_EXCHANGES, DCRD_TYPED));
}

#[test]
fn every_reply_of_dcrwallet_is_read() {
    let mut counted = 0;
    for (_, exchanges) in recorded("dcrwallet") {
        exchanges.iter().for_each(read_untyped);
        counted += exchanges.len();
    }
    println!("rpc/dcrwallet: {counted} cases");
    assert_eq!(counted, DCRWALLET_EXCHANGES);
}

/// All files of a folder but the recording of frames, which is no list of exchanges.
pub(crate) fn recorded(daemon: &str) -> BTreeMap<String, Vec<Exchange>> {
    let files = fs::read_dir(folder().join(daemon)).unwrap().map(|entry| entry.unwrap().path());
    let exchanges = files.filter(|path| !path.ends_with("_websocket.json")).map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        let exchanges = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), exchanges)
    });
    exchanges.collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/rpc")
}

/// Sends the recorded request, and takes the reply byte for byte or as the error it is.
fn read_untyped(exchange: &Exchange) {
    if exchange.http_status == Some(401) {
        // The websocket test logs in with a wrong password.
        assert_eq!(exchange.http_body.as_deref(), Some("401 Unauthorized.\n"), "{}", exchange.name);
        return;
    }
    if exchange.request_body.is_some() {
        return read_odd(exchange);
    }
    let mut client = Client::new(exchange.daemon(), PATIENCE);
    let outcome = client.call::<_, Box<RawValue>>(&exchange.method, exchange.params());
    match outcome {
        Ok(result) => assert_eq!(result.get(), exchange.result.as_ref().unwrap().get(), "{}", exchange.name),
        Err(RpcError::Refused { method, code, message }) => {
            let expected = exchange.error();
            assert_eq!((method, code, message), (exchange.method.clone(), expected.code, expected.message));
        }
        Err(other) => panic!("{}: {other}", exchange.name),
    }
}

/// Takes a recorded HTTP body for the reply to request 1. Only errors that carry that number are answers.
fn read_odd(exchange: &Exchange) {
    let body = exchange.http_body.clone().unwrap();
    let mut client = Client::new(Fake::new(|_| vec![body.clone()]), PATIENCE);
    let outcome = client.call::<_, Value>("getblockcount", NONE);
    let numbered = serde_json::from_str::<Value>(&body).is_ok_and(|body| body["id"] == 1);
    match outcome {
        Err(RpcError::Refused { code: -8, .. }) if numbered => {}
        Err(RpcError::Malformed { .. }) if !numbered => {}
        other => panic!("{}: {other:?}", exchange.name),
    }
}

/// Reads the replies that the program itself uses; tells whether `exchange` is one of them.
fn read_typed(file: &str, exchange: &Exchange) -> bool {
    let mut client = Client::new(exchange.daemon(), PATIENCE);
    let params = exchange.params();
    match (file, exchange.name.as_str()) {
        ("getbestblock", "ok") => {
            let best = methods::best_block(&mut client).unwrap();
            assert_eq!((best.hash.0, best.height), (newest(), 200));
        }
        ("getheaders", _) => {
            let headers = methods::headers(&mut client, &[hash(&params[0][0])]).unwrap();
            assert_eq!(headers.iter().map(|header| header.height.0).collect::<Vec<_>>(), [199, 200]);
            assert_eq!(headers[1].id(), newest());
        }
        ("getcfilterv2", "ok") => {
            let filters = methods::filters(&mut client, &[hash(&params[0])]).unwrap();
            assert_eq!(filter_root(&filters[0]), recorded_block().header.stake_root);
        }
        ("getcfilterv2", _) => {
            let error = methods::filters(&mut client, &[hash(&params[0])]).unwrap_err();
            assert!(matches!(error, RpcError::Refused { code: -5, .. }), "{error}");
        }
        ("getblock", "raw") => {
            let block = methods::block(&mut client, &hash(&params[0])).unwrap();
            block.check_merkle(Network::Simnet).unwrap();
            assert_eq!((block.header.height.0, block.stake_transactions.len()), (200, 11));
        }
        ("existsmempooltxs", name) => {
            let ids: Vec<TxId> = params[0].as_array().unwrap().iter().map(|id| text(id).parse().unwrap()).collect();
            let present = methods::in_mempool(&mut client, &ids).unwrap();
            assert_eq!(present, [name == "bitset", false]);
        }
        ("getstakedifficulty", _) => {
            let price = methods::stake_difficulty(&mut client).unwrap();
            assert_eq!((price.current.0.atoms(), price.next.0.atoms()), (20_000, 20_000));
        }
        ("estimatestakediff", "ok") => {
            let price = methods::stake_estimate(&mut client).unwrap();
            let atoms = [price.min, price.expected, price.max].map(|price| price.0.atoms());
            assert_eq!(atoms, [20_000, 20_000, 28_850]);
        }
        ("getblockhash", name) => {
            let height = Height(u32::try_from(params[0].as_u64().unwrap()).unwrap());
            let found = methods::block_hash(&mut client, height).unwrap();
            assert_eq!(found, (name == "ok").then(newest));
        }
        ("getcurrentnet", _) => read_network(exchange),
        ("version", _) => read_version(exchange),
        ("sendrawtransaction", name) => return read_sent(name, exchange),
        _ => return false,
    }
    true
}

fn read_network(exchange: &Exchange) {
    methods::check_network(&mut Client::new(exchange.daemon(), PATIENCE), Network::Simnet).unwrap();
    let error = methods::check_network(&mut Client::new(exchange.daemon(), PATIENCE), Network::Mainnet).unwrap_err();
    assert_eq!(error.to_string(), "fake:1 is on another network: found simnet, expected mainnet");
}

fn read_version(exchange: &Exchange) {
    methods::check_version(&mut Client::new(exchange.daemon(), PATIENCE), ("dcrdjsonrpcapi", 8)).unwrap();
    let mut client = Client::new(exchange.daemon(), PATIENCE);
    let error = methods::check_version(&mut client, ("dcrdjsonrpcapi", 9)).unwrap_err();
    let found = "found dcrd 2.1.6+release.local, dcrdjsonrpcapi 8.3.0, expected dcrdjsonrpcapi 9.x";
    assert_eq!(error.to_string(), format!("fake:1 has another interface: {found}"));
}

/// Sends the recorded transaction; those that are no transaction at all are left to the untyped reading.
fn read_sent(name: &str, exchange: &Exchange) -> bool {
    let Ok(bytes) = base16ct::mixed::decode_vec(text(&exchange.params()[0])) else { return false };
    let Ok(tx) = Transaction::decode(&bytes) else { return false };
    if exchange.params().as_array().unwrap().len() > 1 {
        return false;
    }
    let sent = methods::send(&mut Client::new(exchange.daemon(), PATIENCE), &tx).unwrap();
    let known = name.contains("duplicate") || name.contains("already mined");
    match sent {
        Sent::Accepted => assert!(name.contains("success"), "{name}"),
        Sent::AlreadyKnown => assert!(known, "{name}"),
        Sent::Rejected { reason } => {
            assert!(!known && !name.contains("success"), "{name}: {reason}");
            assert_eq!(exchange.error().message, format!("rejected transaction {}: {reason}", tx.id()));
        }
    }
    true
}

/// The filter's hash is the only header commitment.
fn filter_root(filter: &[u8]) -> TreeHash {
    TreeHash::from_bytes(blake256::blake256(filter))
}

fn recorded_block() -> dcrcold_signer::block::Block {
    let exchanges = &recorded("dcrd")["getblock"];
    let raw = exchanges.iter().find(|exchange| exchange.name == "raw").unwrap();
    methods::block(&mut Client::new(raw.daemon(), PATIENCE), &newest()).unwrap()
}

fn newest() -> BlockHash {
    "4148a608412870657aacb4956e2ae482a9545cf0d523223aa8b3546b758e9f2d".parse().unwrap()
}

fn hash(value: &Value) -> BlockHash {
    text(value).parse().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// One recorded message.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Frame {
    Send(String),
    Recv(String),
}

/// A recorded connection: what the client sends must be the next text sent, it receives the next text received.
struct Recording {
    frames: VecDeque<Frame>,
    sent: u64,
}

impl Transport for Recording {
    fn address(&self) -> &str {
        "recording:1"
    }

    fn send(&mut self, text: Zeroizing<String>) -> Result<(), RpcError> {
        let position = self.frames.iter().position(|frame| matches!(frame, Frame::Send(_)));
        let Some(Frame::Send(expected)) = self.frames.remove(position.expect("a recorded request")) else { panic!() };
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(read(&text), read(&expected));
        self.sent += 1;
        Ok(())
    }

    /// Replies to what was not asked yet are still to come, and so is all that follows them.
    fn receive(&mut self, _until: Instant) -> Result<Option<String>, RpcError> {
        let Some(position) = self.frames.iter().position(|frame| matches!(frame, Frame::Recv(_))) else {
            return Ok(None);
        };
        let Frame::Recv(text) = &self.frames[position] else { panic!() };
        let id = serde_json::from_str::<Value>(text).unwrap()["id"].as_u64();
        if id.is_some_and(|id| id > self.sent) {
            return Ok(None);
        }
        let Some(Frame::Recv(text)) = self.frames.remove(position) else { panic!() };
        Ok(Some(text))
    }
}

#[test]
fn a_recorded_websocket_is_replayed() {
    let recorded = fs::read_to_string(folder().join("dcrd/_websocket.json")).unwrap();
    let frames: VecDeque<Frame> = serde_json::from_str(&recorded).unwrap();
    let count = frames.len();
    let sent = frames.iter().filter_map(|frame| if let Frame::Send(text) = frame { Some(text) } else { None });
    let calls: Vec<Value> = sent.map(|text| serde_json::from_str(text).unwrap()).collect();
    let mut client = Client::new(Recording { frames, sent: 0 }, PATIENCE);
    let mut seen = BTreeMap::new();
    for call in calls {
        let _: Value = client.call(text(&call["method"]), &call["params"]).unwrap();
        if call["method"] == "loadtxfilter" {
            take_notifications(&mut client, &mut seen);
        }
    }
    take_notifications(&mut client, &mut seen);
    println!("rpc/dcrd/_websocket.json: {count} frames");
    assert_eq!(count, WEBSOCKET_FRAMES);
    let expected =
        [("blockconnected", 1), ("newtickets", 1), ("relevanttxaccepted", 1), ("txaccepted", 9), ("winningtickets", 2)];
    assert_eq!(seen, expected.map(|(method, count)| (method.to_owned(), count)).into());
}

fn take_notifications(client: &mut Client<Recording>, seen: &mut BTreeMap<String, usize>) {
    let block: BlockHash = "0be83c7bfa0b3ab140b403e7173b46b5c8119a18ff7953acfa5f33a934849a28".parse().unwrap();
    while let Some(notification) = client.notification(Instant::now()).unwrap() {
        match notification.method.as_str() {
            "blockconnected" => {
                let BlockConnected(header, transactions) = notification.read().unwrap();
                let header = BlockHeader::decode(&header.0).unwrap();
                assert_eq!((header.id(), header.height.0), (block, 202));
                assert!(matches!(&transactions[..], [tx] if Transaction::decode(&tx.0).is_ok()));
            }
            "winningtickets" => {
                let WinningTickets(hash, height, tickets) = notification.read().unwrap();
                assert_eq!((hash.0, height, tickets.len()), (block, 202, 5));
            }
            _ => {}
        }
        *seen.entry(notification.method).or_default() += 1;
    }
}
