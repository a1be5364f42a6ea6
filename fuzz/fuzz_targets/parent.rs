//! A parent transaction: where both take it, the core's stream reader and the library's decoder must see the same in it.
//! The core leaves the inputs of parents unread.
#![no_main]

use dcrcold_core::parent::ParentReader;
use dcrcold_core::script::Payment;
use dcrcold_signer::tx::Transaction;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((piece, bytes)) = input.split_first() else { return };
    let mut reader = ParentReader::default();
    let mut outputs = Vec::new();
    let read = bytes.chunks(usize::from(*piece).max(1)).try_for_each(|piece| {
        reader.push(piece, |output| {
            outputs.push(*output);
            Ok(())
        })
    });
    let Ok(id) = read.and_then(|()| reader.finish()) else { return };
    let Ok(transaction) = Transaction::decode_prefix(bytes) else { return };
    assert_eq!(transaction.id(), id);
    assert_eq!(transaction.outputs.len(), outputs.len());
    for (expected, found) in transaction.outputs.iter().zip(outputs) {
        assert_eq!(expected.value.amount().ok(), Some(found.value));
        assert_eq!(expected.script_version, found.script_version);
        assert_eq!(Payment::recognise(&expected.script), found.payment);
    }
});
