//! Secrets lie in pages that are never written to the swap space.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::fs;
use std::hint::black_box;

use dcrcold_signer::cli::SecretFile;
use dcrcold_signer::seed::Seed;
use dcrcold_signer::swap::{Swapping, bytes, lock_stack, text};

/// Whether the kernel says that the page of an address is locked.
fn is_locked(address: usize) -> bool {
    let maps = fs::read_to_string("/proc/self/smaps").unwrap();
    let mut inside = false;
    for line in maps.lines() {
        if let Some(flags) = line.strip_prefix("VmFlags: ") {
            if inside {
                return flags.split(' ').any(|flag| flag == "lo");
            }
        } else if let Some((start, end)) = line.split(' ').next().and_then(|range| range.split_once('-')) {
            let [start, end] = [start, end].map(|it| usize::from_str_radix(it, 16).unwrap());
            inside = (start..end).contains(&address);
        }
    }
    panic!("no map has the address {address:x}")
}

#[test]
fn secrets_lie_in_locked_pages() {
    let unlocked = vec![0u8; 1 << 16];
    assert!(!is_locked(unlocked.as_ptr().addr() + (1 << 15)));
    let (bytes, text) = (bytes(5000), text(100));
    assert!(is_locked(bytes.as_ptr().addr()) && is_locked(bytes.as_ptr().addr() + 4999));
    assert!(is_locked(text.as_ptr().addr()));
    assert_eq!((bytes.len(), text.len(), bytes.capacity()), (0, 0, 5000));
    let seed = Seed::from_bytes(&[1; 64]).unwrap();
    assert!(is_locked(seed.as_bytes().as_ptr().addr()) && is_locked(seed.to_words().as_ptr().addr()));
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "a secret\n").unwrap();
    let secret = SecretFile::open(file.path().to_owned()).line().unwrap();
    assert!(is_locked(secret.as_ptr().addr()));
}

#[test]
fn the_stack_below_is_locked() {
    assert!(matches!(lock_stack(), Swapping::Never));
    let local = black_box(0u8);
    assert!(is_locked((&raw const local).addr()));
    fn deep() -> bool {
        let room = black_box([0u8; 1 << 19]);
        is_locked(room.as_ptr().addr())
    }
    assert!(deep());
}
