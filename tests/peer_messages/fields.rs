//! The fields of messages as the vectors name them.

use std::fmt::Display;
use std::net::IpAddr;

use dcrcold::chain::spv::wire::{Endpoint, Host, Inventory, Message, Services};
use dcrcold_signer::tx::Transaction;
use serde_json::Value;

use crate::common::{hex, list, number, parsed, text};

/// Compares every field of a message with what the vectors say.
pub(crate) fn check(message: &Message, fields: &Value) {
    match message {
        Message::Version(version) => {
            assert_eq!(version.protocol.0, number::<u32>(&fields["protocol_version"]));
            assert_eq!(version.services, Services(number(&fields["services"])));
            assert_eq!(version.time, number::<i64>(&fields["timestamp"]));
            assert_eq!(version.nonce, number::<u64>(&fields["nonce"]));
            assert_eq!(version.user_agent, text(&fields["user_agent"]));
            assert_eq!(version.last_block.0, number::<u32>(&fields["last_block"]));
            assert_eq!(version.relay, fields["relay_tx"].as_bool().unwrap());
            endpoint(&version.you, &fields["addr_you"]);
            endpoint(&version.me, &fields["addr_me"]);
        }
        Message::Verack | Message::SendHeaders | Message::GetAddr => assert!(fields.as_object().unwrap().is_empty()),
        Message::Ping(nonce) | Message::Pong(nonce) => assert_eq!(format!("{nonce:016x}"), text(&fields["nonce_hex"])),
        Message::FeeFilter(fee) => assert_eq!(fee.0, number::<i64>(&fields["min_fee"])),
        Message::GetHeaders(question) => {
            assert_eq!(question.protocol.0, number::<u32>(&fields["protocol_version"]));
            same(&question.locators, &fields["locators"]);
            assert_eq!(question.stop, parsed(&fields["hash_stop"]));
        }
        Message::Headers(headers) => {
            assert_eq!(headers.len(), list(&fields["headers"]).len());
            for (header, row) in headers.iter().zip(list(&fields["headers"])) {
                assert_eq!(header.id(), parsed(&row["hash"]));
                assert_eq!(header.encode().as_slice(), hex(&row["header"]));
            }
        }
        Message::Inv(items) | Message::GetData(items) | Message::NotFound(items) => {
            let rows: Vec<_> = list(&fields["inventory"]).iter().map(item).collect();
            assert_eq!(*items, rows);
        }
        Message::Tx(tx) => {
            assert_eq!(tx.id(), parsed(&fields["txid"]));
            assert_eq!(tx.expiry, number::<u32>(&fields["expiry"]));
        }
        Message::Block(block) => {
            assert_eq!(block.id(), parsed(&fields["hash"]));
            assert_eq!(block.header.height.0, number::<u32>(&fields["height"]));
            let ids = |txs: &[Transaction]| txs.iter().map(Transaction::id).collect::<Vec<_>>();
            same(&ids(&block.transactions), &fields["txids"]);
            same(&ids(&block.stake_transactions), &fields["stake_txids"]);
        }
        other => check_rest(other, fields),
    }
}

fn check_rest(message: &Message, fields: &Value) {
    match message {
        Message::GetFilter(block) => assert_eq!(*block, parsed(&fields["block_hash"])),
        Message::Filter(filter) => filter_fields(filter, fields),
        Message::GetFilters(first, last) => {
            assert_eq!((*first, *last), (parsed(&fields["start_hash"]), parsed(&fields["end_hash"])));
        }
        Message::Filters(filters) => {
            let rows = list(&fields["filters"]);
            assert_eq!(filters.len(), rows.len());
            filters.iter().zip(rows).for_each(|(filter, row)| filter_fields(filter, row));
        }
        Message::GetInitState(kinds) => same(kinds, &fields["types"]),
        Message::InitState(state) => {
            same(&state.blocks, &fields["block_hashes"]);
            same(&state.votes, &fields["vote_hashes"]);
            same(&state.treasury_spends, &fields["tspend_hashes"]);
        }
        Message::Addr(peers) => {
            assert_eq!(peers.len(), list(&fields["addrs"]).len());
            for ((time, peer), row) in peers.iter().zip(list(&fields["addrs"])) {
                assert_eq!(*time, number::<u32>(&row["timestamp"]));
                endpoint(peer, row);
            }
        }
        Message::AddrV2(peers) => {
            assert_eq!(peers.len(), list(&fields["addrs"]).len());
            for (peer, row) in peers.iter().zip(list(&fields["addrs"])) {
                let (kind, bytes) = match peer.host {
                    Host::Ip(IpAddr::V4(ip)) => (1, ip.octets().to_vec()),
                    Host::Ip(IpAddr::V6(ip)) => (2, ip.octets().to_vec()),
                    Host::Onion(key) => (3, key.to_vec()),
                };
                assert_eq!((kind, bytes), (number::<u8>(&row["type"]), hex(&row["addr"])));
                assert_eq!(peer.port, number::<u16>(&row["port"]));
                assert_eq!(peer.time, number::<u64>(&row["timestamp"]));
                assert_eq!(peer.services, Services(number(&row["services"])));
            }
        }
        other => panic!("no fields for {other:?}"),
    }
}

fn filter_fields(filter: &dcrcold::chain::spv::wire::BlockFilter, row: &Value) {
    assert_eq!(filter.block, parsed(&row["block_hash"]));
    assert_eq!(filter.bytes, hex(&row["filter"]));
    assert_eq!(filter.index, number::<u32>(&row["proof_index"]));
    same(&filter.proof, &row["proof_hashes"]);
}

fn endpoint(found: &Endpoint, row: &Value) {
    assert_eq!(found.address.ip().to_string(), text(&row["ip"]));
    assert_eq!(found.address.port(), number::<u16>(&row["port"]));
    assert_eq!(found.services, Services(number(&row["services"])));
}

fn item(row: &Value) -> Inventory {
    match number::<u32>(&row["type"]) {
        1 => Inventory::Tx(parsed(&row["hash"])),
        2 => Inventory::Block(parsed(&row["hash"])),
        kind => {
            let mut hash: [u8; 32] = hex(&row["hash"]).try_into().unwrap();
            hash.reverse();
            Inventory::Other { kind, hash }
        }
    }
}

/// Compares values with a list of their texts; no list is an empty one.
fn same<T: Display>(found: &[T], rows: &Value) {
    let found: Vec<_> = found.iter().map(T::to_string).collect();
    let rows: Vec<_> = rows.as_array().into_iter().flatten().map(|row| text(row).to_owned()).collect();
    assert_eq!(found, rows);
}
