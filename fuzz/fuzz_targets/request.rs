//! A request from the online side: the core's stream reader must say the same however the bytes are cut.
#![no_main]

use dcrcold_core::hash::TransferId;
use dcrcold_core::net::Network;
use dcrcold_core::request::RequestReader;
use dcrcold_core::rule::Refusal;
use dcrcold_signer::transfer::{Container, Kind};
use libfuzzer_sys::fuzz_target;

fn read(bytes: &[u8], piece: usize) -> Result<TransferId, Refusal> {
    let mut reader = RequestReader::<24, 20>::default();
    for piece in bytes.chunks(piece) {
        reader.push(piece)?;
    }
    Ok(reader.finish()?.id)
}

// The first byte chooses kind and network, so that the header is right and the fuzzer can work on the body; a few inputs
// are taken as they are, header and all.
fuzz_target!(|input: &[u8]| {
    let Some((choice, body)) = input.split_first() else { return };
    let kind = [Kind::Purchase, Kind::Send, Kind::Register][usize::from(choice % 3)];
    let network = [Network::Mainnet, Network::Testnet3, Network::Simnet][usize::from(choice / 3 % 3)];
    let bytes = match Container::new(kind, network, body.to_vec()) {
        Ok(container) if choice & 0xc0 != 0xc0 => container.encode(),
        _ => body.to_vec(),
    };
    let whole = read(&bytes, bytes.len().max(1));
    for piece in [1, 2, 7, 64] {
        assert_eq!(read(&bytes, piece), whole, "pieces of {piece} bytes");
    }
});
