//! The vectors that `tests/qr/model.py` made from docs/qr.md.

use dcrcold_signer::qr::{Assembly, Frame, Stream, StreamId, SymbolId};
use dcrcold_signer::transfer::Container;
use serde_json::Value;

use crate::common::{Vectors, hex, list, number, text};

/// The bytes of the transfer that a row names.
fn transfer(transfers: &[Vec<u8>], row: &Value) -> Vec<u8> {
    transfers[number::<usize>(&row["transfer"])].clone()
}

#[test]
fn symbols_frames_and_streams_are_those_of_the_model() {
    let mut vectors = Vectors::load("qr.json");
    // Both are inside every symbol and frame below, and are there for who writes another implementation.
    vectors.data_only("products", 5);
    vectors.data_only("coefficients", 12);
    let transfers: Vec<Vec<u8>> = list(vectors.get("transfers")).iter().map(hex).collect();
    vectors.data_only("transfers", transfers.len());
    vectors.each("symbols", |row| {
        let stream = Stream::new(transfer(&transfers, row)).unwrap();
        let symbol = stream.symbol(SymbolId::new(number(&row["symbol"])).unwrap());
        assert_eq!(symbol.to_vec(), hex(&row["bytes"]));
    });
    vectors.each("frames", |row| a_frame_is_written_and_read(row, transfer(&transfers, row)));
    vectors.each("wholes", |row| {
        let transfer = transfer(&transfers, row);
        let (frame, _) = Stream::new(transfer.clone()).unwrap().whole().unwrap();
        assert_eq!(frame.text(), text(&row["text"]));
        assert_eq!(Frame::parse(text(&row["text"]).as_bytes()).unwrap(), Frame::Whole(transfer));
    });
    vectors.each("streams", |row| a_stream_is_put_together(row, &transfer(&transfers, row)));
    vectors.finish(50 + 40 + 7 + 10);
}

fn a_frame_is_written_and_read(row: &Value, transfer: Vec<u8>) {
    let length = transfer.len();
    let stream = Stream::new(transfer).unwrap();
    let (first, size): (u32, usize) = (number(&row["first"]), number(&row["symbols"]));
    let Frame::Part(part) = Frame::parse(text(&row["text"]).as_bytes()).unwrap() else {
        panic!("a part was written");
    };
    assert_eq!((part.stream(), part.length()), (stream.id(), length));
    let symbols: Vec<_> = part.symbols().map(|(id, symbol)| (id.to_u32(), *symbol)).collect();
    let expected: Vec<_> = (first..).take(size).map(|n| (n, stream.symbol(SymbolId::new(n).unwrap()))).collect();
    assert_eq!(symbols, expected);
    assert_eq!(Frame::Part(part).text(), text(&row["text"]));
}

fn a_stream_is_put_together(row: &Value, expected: &[u8]) {
    let mut assembly: Option<Assembly> = None;
    for frame in list(&row["frames"]) {
        let Frame::Part(part) = Frame::parse(text(frame).as_bytes()).unwrap() else { panic!("a part was written") };
        assembly.get_or_insert_with(|| Assembly::new(&part)).take(&part).unwrap();
    }
    let assembly = assembly.unwrap();
    assert_eq!(assembly.stream(), StreamId::of(expected));
    assert_eq!(assembly.stream().to_string(), text(&row["stream"]));
    let transfer = assembly.transfer().expect("enough frames").unwrap();
    assert_eq!(transfer, Container::parse(expected).unwrap());
}
