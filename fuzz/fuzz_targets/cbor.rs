//! Deterministic CBOR: every head that reads writes the same bytes again.
#![no_main]

use dcrcold_core::cbor::{Head, Reader, Writer};
use dcrcold_signer::wire::Buffer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (mut reader, mut heads) = (Reader::new(bytes), Reader::new(bytes));
    let mut writer = Writer(Buffer(Vec::new()));
    while let Ok(head) = heads.head() {
        match head {
            Head::Bytes(_) => match reader.bytes() {
                Ok(string) => writer.bytes(string),
                Err(_) => break,
            },
            Head::Text(_) => match reader.text() {
                Ok(text) => writer.text(text),
                Err(_) => break,
            },
            _ => writer.head(reader.head().expect("it was read once")),
        };
        assert!(bytes.starts_with(&writer.0.0));
        heads = Reader::new(&bytes[writer.0.0.len()..]);
    }
});
