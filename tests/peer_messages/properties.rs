//! What holds for every message: what was written reads back, and nothing near it does.

use std::net::{IpAddr, SocketAddr};

use dcrcold::chain::spv::wire::{
    BlockFilter, Decoder, Endpoint, FrameError, GetHeaders, Host, InitState, Inventory, KnownPeer, Message,
    ProtocolVersion, Services, Version,
};
use dcrcold_core::amount::Height;
use dcrcold_core::hash::{BlockHash, TreeHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::block::{BlockHeader, HEADER_SIZE};
use dcrcold_signer::tx::RawValue;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

const NETWORK: Network = Network::Testnet3;

fn hash() -> impl Strategy<Value = [u8; 32]> {
    any::<[u8; 32]>()
}

fn block() -> impl Strategy<Value = BlockHash> {
    hash().prop_map(BlockHash::from_bytes)
}

fn header() -> impl Strategy<Value = BlockHeader> {
    vec(any::<u8>(), HEADER_SIZE).prop_map(|bytes| BlockHeader::decode(&bytes).unwrap())
}

fn item() -> impl Strategy<Value = Inventory> {
    prop_oneof![
        hash().prop_map(|hash| Inventory::Tx(TxId::from_bytes(hash))),
        block().prop_map(Inventory::Block),
        (3_u32.., hash()).prop_map(|(kind, hash)| Inventory::Other { kind, hash }),
    ]
}

fn items() -> impl Strategy<Value = Vec<Inventory>> {
    vec(item(), 1..300)
}

fn endpoint() -> impl Strategy<Value = Endpoint> {
    (any::<u64>(), any::<[u8; 16]>(), any::<[u8; 4]>(), any::<bool>(), any::<u16>()).prop_map(
        |(services, six, four, old, port)| {
            let ip = if old { IpAddr::from(four) } else { IpAddr::from(six).to_canonical() };
            Endpoint { services: Services(services), address: SocketAddr::new(ip, port) }
        },
    )
}

fn peer() -> impl Strategy<Value = KnownPeer> {
    let host = prop_oneof![
        any::<[u8; 4]>().prop_map(|ip| Host::Ip(ip.into())),
        any::<[u8; 16]>().prop_map(|ip| Host::Ip(ip.into())),
        hash().prop_map(Host::Onion),
    ];
    (any::<u64>(), any::<u64>(), host, any::<u16>()).prop_map(|(time, services, host, port)| KnownPeer {
        time,
        services: Services(services),
        host,
        port,
    })
}

fn version() -> impl Strategy<Value = Version> {
    let numbers = (any::<u32>(), any::<u64>(), any::<i64>(), any::<u64>(), 0..=i32::MAX.cast_unsigned(), any::<bool>());
    (numbers, endpoint(), endpoint(), "[ -~]{0,256}").prop_map(|(numbers, you, me, user_agent)| {
        let (protocol, services, time, nonce, last_block, relay) = numbers;
        Version {
            protocol: ProtocolVersion(protocol),
            services: Services(services),
            time,
            you,
            me,
            nonce,
            user_agent,
            last_block: Height(last_block),
            relay,
        }
    })
}

fn filter() -> impl Strategy<Value = BlockFilter> {
    (block(), vec(any::<u8>(), 0..400), any::<u32>(), vec(hash().prop_map(TreeHash::from_bytes), 0..=32))
        .prop_map(|(block, bytes, index, proof)| BlockFilter { block, bytes, index, proof })
}

fn init_state() -> impl Strategy<Value = InitState> {
    let ids = |most: usize| vec(hash().prop_map(TxId::from_bytes), 0..=most);
    (vec(block(), 0..=8), ids(40), ids(7)).prop_map(|(blocks, votes, treasury_spends)| InitState {
        blocks,
        votes,
        treasury_spends,
    })
}

/// Any message but blocks and transactions, which have properties of their own, and the old form of addresses.
fn message() -> impl Strategy<Value = Message> {
    let question = (any::<u32>(), vec(block(), 0..=500), block()).prop_map(|(protocol, locators, stop)| GetHeaders {
        protocol: ProtocolVersion(protocol),
        locators,
        stop,
    });
    prop_oneof![
        version().prop_map(|version| Message::Version(Box::new(version))),
        Just(Message::Verack),
        Just(Message::SendHeaders),
        Just(Message::GetAddr),
        any::<u64>().prop_map(Message::Ping),
        any::<u64>().prop_map(Message::Pong),
        vec(peer(), 1..100).prop_map(Message::AddrV2),
        question.prop_map(Message::GetHeaders),
        vec(header(), 0..50).prop_map(Message::Headers),
        items().prop_map(Message::Inv),
        items().prop_map(Message::GetData),
        items().prop_map(Message::NotFound),
        block().prop_map(Message::GetFilter),
        filter().prop_map(Message::Filter),
        (block(), block()).prop_map(|(first, last)| Message::GetFilters(first, last)),
        vec(filter(), 0..=20).prop_map(Message::Filters),
        vec("[ -~]{0,32}", 0..=32).prop_map(Message::GetInitState),
        init_state().prop_map(Message::InitState),
        any::<i64>().prop_map(|fee| Message::FeeFilter(RawValue(fee))),
    ]
}

/// Tries a property on so many values and prints how many there were.
fn holds<S: Strategy>(what: &str, cases: u32, values: S, property: impl Fn(S::Value)) {
    let cases = std::env::var("PROPTEST_CASES").map_or(cases, |cases| cases.parse().unwrap());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let ran = std::cell::Cell::new(0);
    let result = runner.run(&values, |value| {
        ran.set(ran.get() + 1);
        property(value);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{what}: {error}"));
    println!("{what}: {} cases", ran.get());
    assert!(ran.get() >= cases);
}

#[test]
fn what_is_written_reads_back() {
    let version = ProtocolVersion::OURS;
    holds("messages written and read", 600, (message(), message()), |(first, second)| {
        let bytes = [first.encode(NETWORK, version).unwrap(), second.encode(NETWORK, version).unwrap()].concat();
        let (mut decoder, mut input) = (Decoder::new(NETWORK, version), &bytes[..]);
        assert_eq!(decoder.next(&mut input).unwrap(), Some(first));
        assert!(decoder.is_between_messages());
        assert_eq!(decoder.next(&mut input).unwrap(), Some(second));
        assert!(input.is_empty() && decoder.is_between_messages());
    });
}

#[test]
fn addresses_of_the_old_form_read_back() {
    let version = ProtocolVersion::BATCHED_FILTERS;
    holds("old addresses written and read", 200, vec((any::<u32>(), endpoint()), 1..100), |peers| {
        let message = Message::Addr(peers);
        let bytes = message.encode(NETWORK, version).unwrap();
        assert_eq!(Decoder::new(NETWORK, version).next(&mut &*bytes).unwrap(), Some(message));
    });
}

#[test]
fn a_changed_bit_is_noticed() {
    let version = ProtocolVersion::OURS;
    holds("changed bits", 600, (message(), any::<usize>(), 0..8_u32), |(message, position, bit)| {
        let mut bytes = message.encode(NETWORK, version).unwrap();
        let position = position % bytes.len();
        bytes[position] ^= 1 << bit;
        let found = Decoder::new(NETWORK, version).next(&mut &*bytes);
        match found {
            // Another name may be one that is skipped; another length may want more bytes.
            Ok(found) => assert!(found.is_none() && (4..20).contains(&position), "byte {position}: {found:?}"),
            Err(FrameError::Checksum { .. }) => assert!(position >= 4),
            Err(_) => assert!(position < 24, "byte {position}"),
        }
    });
}

#[test]
fn a_message_that_is_cut_waits_for_the_rest() {
    let version = ProtocolVersion::OURS;
    holds("cut messages", 300, (message(), any::<usize>()), |(message, position)| {
        let bytes = message.encode(NETWORK, version).unwrap();
        let (mut front, mut back) = bytes.split_at(position % bytes.len());
        let mut decoder = Decoder::new(NETWORK, version);
        assert_eq!(decoder.next(&mut front), Ok(None));
        assert_eq!(decoder.next(&mut back).unwrap(), Some(message));
    });
}
