//! A session that was recorded with a real node.

use std::collections::HashMap;

use dcrcold::chain::genesis::genesis_hash;
use dcrcold::chain::spv::wire::{Command, Message, ProtocolVersion, frame};
use dcrcold_core::hash::BlockHash;
use dcrcold_core::net::Network;
use dcrcold_signer::block::{BlockHeader, commitment};
use serde_json::Value;

use crate::common::{Vectors, hex, text};

/// What the client of the recording announced.
const VERSION: ProtocolVersion = ProtocolVersion(11);

/// What the recording has in the place of a long message that was there before.
const REPEATED: &str = "(same as the first headers message)";

fn message(row: &Value) -> Option<Message> {
    let (name, payload) = (text(&row["command"]), &row["payload"]);
    if text(payload) == REPEATED {
        return None;
    }
    let payload = hex(payload);
    let bytes = frame(Network::Simnet, name, &payload);
    let message = crate::read(Network::Simnet, VERSION, &bytes).unwrap();
    match &message {
        Some(message) => assert_eq!(message.encode(Network::Simnet, VERSION).unwrap(), bytes),
        None => assert_eq!(Command::from_name(name), None, "{name}"),
    }
    message
}

#[test]
fn every_message_of_a_recorded_session_is_read_and_written_again() {
    let mut file = Vectors::load("p2p_session.json");
    let mut headers: HashMap<BlockHash, BlockHeader> = HashMap::new();
    let mut proven = 0;
    let mut blocks = 0;
    for part in ["queries", "publisher", "watcher"] {
        file.each(part, |row| match message(row) {
            Some(Message::Headers(found)) => headers.extend(found.into_iter().map(|header| (header.id(), header))),
            // The header of the genesis block commits to nothing.
            Some(Message::Filters(filters)) => {
                for filter in filters.iter().filter(|filter| filter.block != genesis_hash(Network::Simnet)) {
                    let header = &headers[&filter.block];
                    commitment::check_proof(Network::Simnet, header, &filter.bytes, filter.index, &filter.proof)
                        .unwrap();
                    proven += 1;
                }
            }
            Some(Message::Block(block)) => {
                assert_eq!(headers[&block.id()], block.header);
                block.check_merkle(Network::Simnet).unwrap();
                blocks += 1;
            }
            _ => {}
        });
    }
    println!("filters proven by their headers: {proven}, blocks held against theirs: {blocks}");
    assert!(proven >= 41 && blocks >= 2, "{proven} {blocks}");
    file.finish(32 + 24 + 14);
}
