//! The messages of the peer protocol, against dcrd's encoder, a session recorded with a real node, and chance.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "../common/mod.rs"]
mod common;
mod fields;
mod properties;
mod session;

use common::{Vectors, hex, number, text};
use dcrcold::chain::spv::wire::{Command, Decoder, EncodeError, FrameError, Message, PayloadError, ProtocolVersion};
use dcrcold::chain::spv::wire::{default_port, magic};
use dcrcold_core::net::Network;
use serde_json::Value;

/// Kinds of messages in the vectors that this side has no use for.
const SKIPPED: [&str; 3] = ["mempool", "getminings", "miningstate"];

fn network(row: &Value) -> Network {
    text(&row["net"]).to_lowercase().parse().unwrap()
}

fn version(row: &Value) -> ProtocolVersion {
    ProtocolVersion(number(&row["pver"]))
}

/// Reads one message, handed over in pieces of every size up to 40 bytes.
fn read(network: Network, version: ProtocolVersion, bytes: &[u8]) -> Result<Option<Message>, FrameError> {
    let whole = Decoder::new(network, version).next(&mut &*bytes);
    for size in 1..40 {
        let mut decoder = Decoder::new(network, version);
        let mut found = Ok(None);
        for mut piece in bytes.chunks(size) {
            found = decoder.next(&mut piece);
            if !matches!(found, Ok(None)) {
                break;
            }
        }
        assert_eq!(found, whole, "in pieces of {size} bytes");
    }
    whole
}

#[test]
fn messages_agree_with_dcrd() {
    let mut file = Vectors::load("p2p_messages.json");
    file.each("messages", check_message);
    file.each("invalid", check_invalid);
    file.one("max_payload", |versions| {
        let versions = versions.as_object().unwrap();
        versions.iter().map(|(version, limits)| check_limits(ProtocolVersion(version.parse().unwrap()), limits)).sum()
    });
    file.one("magic_bytes", |networks| {
        Network::ALL.iter().for_each(|network| assert_eq!(hex(&networks[network.name()]), magic(*network)));
        Network::ALL.len()
    });
    file.data_only("header_layout", 1);
    file.data_only("seeder", 1);
    file.finish(35 + 25 + LIMITS + 3);
}

/// The kinds of messages known here, at four versions.
const LIMITS: usize = 4 * Command::ALL.len();

fn check_message(row: &Value) {
    let bytes = [hex(&row["header"]), hex(&row["payload"])].concat();
    let (network, version) = (network(row), version(row));
    let found = read(network, version, &bytes).unwrap();
    if SKIPPED.contains(&text(&row["command"])) {
        assert_eq!(found, None);
        return;
    }
    let message = found.unwrap();
    assert_eq!(message.command().name(), text(&row["command"]));
    fields::check(&message, &row["fields"]);
    assert_eq!(message.encode(network, version).unwrap(), bytes);
}

/// Sees that what dcrd refuses is refused here for the same reason, or skipped.
fn check_invalid(row: &Value) {
    let bytes = hex(&row["message"]);
    let found = read(network(row), version(row), &bytes);
    let error = match (text(&row["error"]), found) {
        ("EOF" | "ErrUnknownCmd", found) => return assert_eq!(found, Ok(None)),
        (_, Ok(found)) => panic!("read {found:?}"),
        (_, Err(error)) => error,
    };
    let payload = match &error {
        FrameError::Payload { source, .. } => Some(source.to_string()),
        _ => None,
    };
    let says = |words: &str| payload.as_ref().is_some_and(|text| text.contains(words));
    let fits = match text(&row["error"]) {
        "ErrWrongNetwork" => matches!(error, FrameError::OtherNetwork { .. }),
        "ErrPayloadChecksum" => matches!(error, FrameError::Checksum { .. }),
        "ErrPayloadTooLarge" => matches!(error, FrameError::TooLong { .. } | FrameError::NotAtVersion { .. }),
        "ErrMsgInvalidForPVer" => matches!(error, FrameError::NotAtVersion { .. }),
        "ErrMalformedCmd" => matches!(error, FrameError::Name { .. }),
        "ErrHeaderContainsTxs" => {
            matches!(error, FrameError::Payload { source: PayloadError::HeaderWithTransactions { .. }, .. })
        }
        "ErrTooFewAddrs" => matches!(error, FrameError::Payload { source: PayloadError::Empty { .. }, .. }),
        "ErrNonCanonicalVarInt" => says("more bytes than it needs"),
        "ErrTrailingBytes" => says("bytes follow the end"),
        "ErrTooManyProofs"
        | "ErrTooManyVectors"
        | "ErrTooManyHeaders"
        | "ErrTooManyLocators"
        | "ErrTooManyCFilters"
        | "ErrTooManyBlocks"
        | "ErrUserAgentTooLong" => says("more than"),
        other => panic!("unknown kind {other}"),
    };
    assert!(fits, "{}: {error}", row["error"]);
}

fn check_limits(version: ProtocolVersion, limits: &Value) -> usize {
    for command in Command::ALL {
        let expected: usize = number(&limits[command.name()]);
        match command {
            // The table says 0 where a kind of message does not exist.
            Command::Addr | Command::AddrV2 if expected == 0 => assert!(!command.exists_at(version), "{command}"),
            _ => assert_eq!(command.most(), expected, "{command}"),
        }
        assert_eq!(Command::from_name(command.name()), Some(command));
    }
    Command::ALL.len()
}

#[test]
fn ports_are_those_of_dcrd() {
    let networks = Vectors::load("network_params.json");
    for network in Network::ALL {
        assert_eq!(default_port(network), number::<u16>(&networks.get(network.name())["p2p_port"]));
    }
}

#[test]
fn what_a_node_would_ban_for_is_not_written() {
    let version = ProtocolVersion::OURS;
    let write = |message: Message, version| message.encode(Network::Simnet, version).unwrap_err();
    assert!(matches!(write(Message::Inv(Vec::new()), version), EncodeError::Empty { .. }));
    assert!(matches!(write(Message::GetData(Vec::new()), version), EncodeError::Empty { .. }));
    assert!(matches!(write(Message::AddrV2(Vec::new()), version), EncodeError::Empty { .. }));
    let hash = dcrcold_core::hash::BlockHash::from_bytes([1; 32]);
    let batch = || Message::GetFilters(hash, hash);
    assert!(matches!(write(batch(), ProtocolVersion(10)), EncodeError::NotAtVersion { .. }));
    assert!(batch().encode(Network::Simnet, ProtocolVersion(11)).is_ok());
    let items = vec![dcrcold::chain::spv::wire::Inventory::Block(hash); 50_001];
    assert!(matches!(write(Message::GetData(items), version), EncodeError::TooMany { found: 50_001, .. }));
    let kinds = vec!["blöcke".to_owned()];
    assert!(matches!(write(Message::GetInitState(kinds), version), EncodeError::NotAscii { .. }));
}
