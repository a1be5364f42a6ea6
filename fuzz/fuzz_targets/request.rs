//! A request from the online side: the core's stream reader must say the same however the bytes are cut, and a device's
//! must take what a host's takes unless it is too large for it.
#![no_main]

use dcrcold_core::hash::TransferId;
use dcrcold_core::net::Network;
use dcrcold_core::request::RequestReader;
use dcrcold_core::rule::{Refusal, Rule};
use dcrcold_signer::transfer::{Container, Kind};
use libfuzzer_sys::fuzz_target;

/// Reads in pieces whose sizes are in `cuts`, over and over.
fn read<const I: usize, const T: usize>(mut bytes: &[u8], cuts: &[usize]) -> Result<TransferId, Refusal> {
    let mut reader = Box::<RequestReader<I, T>>::default();
    for cut in cuts.iter().cycle() {
        if bytes.is_empty() {
            break;
        }
        let (piece, rest) = bytes.split_at((*cut).clamp(1, bytes.len()));
        reader.push(piece)?;
        bytes = rest;
    }
    Ok(reader.finish()?.id)
}

// The first byte chooses kind and network, so that the header is right and the fuzzer can work on the body; a few inputs
// are taken as they are, header and all. The next four are the sizes of the pieces.
fuzz_target!(|input: &[u8]| {
    let Some(([choice, cuts @ ..], body)) = input.split_first_chunk::<5>() else { return };
    let kind = [Kind::Purchase, Kind::Send, Kind::Register][usize::from(choice % 3)];
    let network = [Network::Mainnet, Network::Testnet3, Network::Simnet][usize::from(choice / 3 % 3)];
    let bytes = match Container::new(kind, network, body.to_vec()) {
        Ok(container) if choice & 0xc0 != 0xc0 => container.encode(),
        _ => body.to_vec(),
    };
    let host = read::<256, 100>(&bytes, &[usize::MAX]);
    let device = read::<24, 20>(&bytes, &[usize::MAX]);
    let too_large = |refusal: &Refusal| matches!(refusal.rule, Rule::TooLarge | Rule::TicketsAboveLimit);
    assert!(device == host || device.as_ref().is_err_and(too_large), "{host:?} on a host, {device:?} on a device");
    for cuts in [&cuts.map(usize::from)[..], &[1]] {
        assert_eq!(read::<256, 100>(&bytes, cuts), host, "pieces of {cuts:?} bytes");
        assert_eq!(read::<24, 20>(&bytes, cuts), device, "pieces of {cuts:?} bytes");
    }
});
