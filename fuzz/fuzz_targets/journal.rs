//! A journal, as a file of arbitrary bytes and as records that were sealed with the right key.
#![no_main]

use std::fs;
use std::path::PathBuf;

use dcrcold_core::net::Network;
use dcrcold_core::path::CoinType;
use dcrcold_signer::hd::Derivation;
use dcrcold_signer::journal::{Journal, JournalKey, Record, START, seal};
use dcrcold_signer::seed::Seed;
use libfuzzer_sys::fuzz_target;

fn key() -> JournalKey {
    let seed = Seed::from_bytes(&[7; 32]).expect("32 bytes");
    JournalKey::derive(&seed, Network::Mainnet, Derivation::Decred, CoinType::standard(Network::Mainnet))
}

fn read(bytes: &[u8]) -> Journal {
    // In memory where there is such a place.
    let folder = ["/dev/shm", "/tmp"].into_iter().map(PathBuf::from).find(|folder| folder.is_dir()).expect("a folder");
    let path = folder.join(format!("dcrcold-fuzz-{}.journal", std::process::id()));
    fs::write(&path, bytes).expect("a file can be written");
    let journal = Journal::read(path.clone(), key()).expect("a file that can be read");
    fs::remove_file(path).expect("a file that was made");
    journal
}

// The first byte says whether the rest is the file or the content of a record, and where that is cut or damaged.
fuzz_target!(|input: &[u8]| {
    let Some((damage, bytes)) = input.split_first() else { return };
    if *damage == 0 {
        assert_eq!(read(bytes).entries().len(), 0, "nobody else has the key");
        return;
    }
    let Ok(record) = Record::decode(bytes) else { return };
    assert_eq!(record.encode(), bytes);
    let (first, head) = seal(&record, 1, &[0; 16], &[1; 24], &key());
    let (second, _) = seal(&record, 2, &head.tag, &[2; 24], &key());
    let mut file = [&START[..], &first, &second].concat();
    let journal = read(&file);
    assert_eq!((journal.entries().len(), journal.flaw()), (2, None));
    assert!(journal.entries().iter().all(|entry| entry.record == record));
    let place = START.len() + usize::from(*damage) % (file.len() - START.len());
    file[place] ^= 1;
    let journal = read(&file);
    assert!(journal.entries().len() < 2 && journal.flaw().is_some(), "byte {place} was altered");
    file.truncate(place);
    assert!(read(&file).entries().len() < 2, "cut at byte {place}");
});
