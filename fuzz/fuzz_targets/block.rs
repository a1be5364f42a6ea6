//! A block from the network.
#![no_main]

use dcrcold_core::net::Network;
use dcrcold_signer::block::{Block, BlockHeader};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(block) = Block::decode(bytes) {
        assert_eq!(block.encode(), bytes);
        let _ = block.check_merkle(Network::Mainnet);
    }
    if let Ok(header) = BlockHeader::decode(bytes) {
        assert_eq!(header.encode(), bytes);
    }
});
