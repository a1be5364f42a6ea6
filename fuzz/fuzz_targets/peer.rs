//! Bytes from a peer: messages are read or refused however they are cut, and written again to the byte.
#![no_main]

// The online package brings SQLite and TLS along; the messages need neither.
#[path = "../../online/src/chain/spv"]
#[allow(dead_code, unused_imports, reason = "only the reader and the writer are of interest")]
mod spv {
    pub mod wire;
}

use dcrcold_core::net::Network;
use libfuzzer_sys::fuzz_target;
use spv::wire::{Command, Decoder, FrameError, Message, ProtocolVersion, frame};

const NETWORK: Network = Network::Mainnet;

fuzz_target!(|input: &[u8]| {
    let [choice, version, size, rest @ ..] = input else { return };
    let version = ProtocolVersion(u32::from(9 + version % 4));
    // A whole stream, or the inside of one message with the right checksum.
    let command = Command::ALL.get(usize::from(*choice)).filter(|command| rest.len() <= command.most());
    let bytes = command.map_or_else(|| rest.to_vec(), |command| frame(NETWORK, command.name(), rest));
    let whole = read_all(version, &bytes, bytes.len().max(1));
    assert_eq!(read_all(version, &bytes, usize::from(*size) + 1), whole);
    for message in &whole.0 {
        let Ok(again) = message.encode(NETWORK, version) else { continue };
        assert_eq!(Decoder::new(NETWORK, version).next(&mut &*again), Ok(Some(message.clone())));
        if command.is_some() && whole.0.len() == 1 {
            assert_eq!(again, bytes);
        }
    }
});

/// All messages up to the first error, from bytes that come in pieces.
fn read_all(version: ProtocolVersion, bytes: &[u8], size: usize) -> (Vec<Message>, Option<FrameError>) {
    let (mut decoder, mut messages) = (Decoder::new(NETWORK, version), Vec::new());
    for mut piece in bytes.chunks(size) {
        loop {
            match decoder.next(&mut piece) {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => return (messages, Some(error)),
            }
        }
    }
    (messages, None)
}
