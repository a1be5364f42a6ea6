//! The text of a code: what is taken as a frame has one text only.
#![no_main]

use dcrcold_signer::qr::{Assembly, Frame};
use dcrcold_signer::transfer::Container;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let Ok(frame) = Frame::parse(text) else { return };
    assert_eq!(frame.text().as_bytes(), text);
    match &frame {
        Frame::Whole(transfer) => drop(Container::parse(transfer)),
        Frame::Part(part) => {
            let mut assembly = Assembly::new(part);
            let _ = assembly.take(part);
            let _ = assembly.transfer();
        }
    }
});
