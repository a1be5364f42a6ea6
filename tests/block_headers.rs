//! Block headers against `block_headers.json`.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{Vectors, hex, text};
use dcrcold_signer::block::BlockHeader;
use dcrcold_signer::wire::WireError;

#[test]
fn headers_have_the_known_fields_and_ids() {
    let mut vectors = Vectors::load("block_headers.json");
    vectors.each("headers", |row| {
        let bytes = hex(&row["header"]);
        let header = BlockHeader::decode(&bytes).unwrap();
        assert_eq!(header.encode().as_slice(), bytes);
        assert_eq!(header.id().to_string(), text(&row["hash"]));
        assert_eq!(header.previous.to_string(), text(&row["prev"]));
        assert_eq!(header.version, row["version"]);
        assert_eq!(header.vote_bits, row["votebits"]);
        assert_eq!(header.voters, row["voters"]);
        assert_eq!(header.fresh_stake, row["fresh_stake"]);
        assert_eq!(header.revocations, row["revocations"]);
        assert_eq!(header.pool_size, row["pool_size"]);
        assert_eq!(header.bits.0, row["bits"]);
        assert_eq!(header.sbits.0, row["sbits"]);
        assert_eq!(header.height.0, row["height"]);
        assert_eq!(header.size.0, row["size"]);
        assert_eq!(header.timestamp, row["timestamp"]);
        assert_eq!(header.stake_version, row["stake_version"]);
    });
    vectors.finish(5);
}

#[test]
fn headers_are_exactly_180_bytes() {
    let vectors = Vectors::load("block_headers.json");
    let mut bytes = hex(&vectors.get("headers")[0]["header"]);
    bytes.push(0);
    assert!(matches!(BlockHeader::decode(&bytes), Err(WireError::Trailing { offset: 180, left: 1, .. })));
    bytes.truncate(179);
    assert!(matches!(BlockHeader::decode(&bytes), Err(WireError::Truncated { needed: 180, left: 179, .. })));
}
