//! Frames of a transfer among forged ones with right check sums: the transfer comes out, or an error does.
#![no_main]

use std::sync::LazyLock;

use dcrcold_core::net::Network;
use dcrcold_signer::qr::{Assembly, Frame, Part, SYMBOL_LENGTH, Stream, StreamError, SymbolId, Taken};
use dcrcold_signer::transfer::{Container, Kind};
use libfuzzer_sys::fuzz_target;

/// Two transfers, of 12 and of 4 symbols.
static STREAMS: LazyLock<[(Container, Stream); 2]> = LazyLock::new(|| {
    [950, 300].map(|length: u32| {
        let body = (0..length - 47).map(|n| (n * n / 7).to_le_bytes()[0]).collect();
        let container = Container::new(Kind::Answer, Network::Simnet, body).expect("a short body");
        let stream = Stream::new(container.encode()).expect("a short transfer");
        (container, stream)
    })
});

/// Bytes as the text of a frame, with the check sum that they have.
fn text(bytes: &[u8]) -> Vec<u8> {
    let mut text = b"DCR1/".to_vec();
    for pair in [bytes, &crc32fast::hash(bytes).to_le_bytes()].concat().chunks(2) {
        let mut value = pair.iter().fold(0_usize, |value, byte| value << 8 | usize::from(*byte));
        for _ in 0..=pair.len() {
            text.push(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"[value % 45]);
            value /= 45;
        }
    }
    text
}

fn genuine(stream: &Stream, number: u32, symbols: u8) -> Part {
    let first = SymbolId::new(number % (1 << 24)).expect("below the bound");
    stream.parts_from(first).next_with(1 + usize::from(symbols % 20))
}

/// A frame with anything in it but a type and a check sum.
fn forged(head: [u8; 10], symbols: u8, filler: u8) -> Option<Part> {
    let body = vec![filler; SYMBOL_LENGTH * usize::from(symbols % 20)];
    match Frame::parse(&text(&[&[0x10], &head[..], &body].concat())) {
        Ok(Frame::Part(part)) => Some(part),
        _ => None,
    }
}

/// A genuine frame of which one byte is another.
fn damaged(part: Part, place: u8, byte: u8) -> Option<Part> {
    let head = |part: &Part| [&part.stream().as_bytes()[..], &part.length().to_le_bytes()[..3]].concat();
    let (first, _) = part.symbols().next()?;
    let symbols: Vec<u8> = part.symbols().flat_map(|(_, symbol)| *symbol).collect();
    let mut bytes = [&[0x10][..], &head(&part), &first.to_u32().to_le_bytes()[..3], &symbols].concat();
    *bytes.get_mut(usize::from(place))? ^= byte;
    match Frame::parse(&text(&bytes)) {
        Ok(Frame::Part(part)) => Some(part),
        _ => None,
    }
}

/// The next frame that the input asks for, and whether it is what it says.
fn next(input: &mut &[u8]) -> Option<(Option<Part>, bool)> {
    let (act, rest) = input.split_first()?;
    *input = rest;
    let (of, numbers) = (usize::from(act & 1), input.split_first_chunk::<5>());
    let ([a, b, c, d, e], rest) = numbers?;
    *input = rest;
    let stream = &STREAMS[of].1;
    let number = u32::from_le_bytes([*a, *b, if act & 2 == 0 { 0 } else { *c }, 0]);
    Some(match act >> 2 & 3 {
        0 | 1 => (Some(genuine(stream, number, *d)), true),
        2 => (damaged(genuine(stream, number, *d), *e, *c | 1), false),
        _ => {
            let [s, t, u, v] = *stream.id().as_bytes();
            let length = if act & 16 == 0 { stream.source_symbols() * SYMBOL_LENGTH } else { usize::from(*d) << 11 };
            let [l, m, n, ..] = length.to_le_bytes();
            (forged([s, t, u, v, l, m, n, *a, *b, *c], *d, *e), false)
        }
    })
}

fuzz_target!(|input: &[u8]| {
    let (mut input, mut assembly, mut honest) = (input, None::<Assembly>, true);
    // Enough for both transfers, however much is lost.
    for _ in 0..64 {
        let Some((part, is_genuine)) = next(&mut input) else { break };
        let Some(part) = part else { continue };
        let assembly = assembly.get_or_insert_with(|| Assembly::new(&part));
        let before = assembly.progress();
        let taken = assembly.take(&part);
        let after = assembly.progress();
        assert!(before.symbols <= after.symbols && after.symbols <= after.needed && before.needed == after.needed);
        match taken {
            Ok(Taken::New) => assert!(after.symbols > before.symbols),
            Ok(_) => assert_eq!(after, before),
            Err(StreamError::Contradiction { .. }) => {}
            Err(error) => panic!("{error}"),
        }
        honest &= is_genuine || taken == Ok(Taken::OtherStream);
        let failed = taken.is_err();
        assert!(!(honest && failed), "genuine frames contradict each other");
        assert_eq!(assembly.transfer().is_some(), after.is_complete());
        match assembly.transfer() {
            Some(Ok(container)) => {
                assert!(!failed && STREAMS.iter().any(|(of, stream)| {
                    stream.id() == assembly.stream() && of == &container
                }));
            }
            Some(Err(error)) => assert!(!honest, "{error}"),
            None => {}
        }
    }
});
