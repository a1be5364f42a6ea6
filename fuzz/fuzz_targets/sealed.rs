//! A sealed file, up to the point where a passphrase is needed.
#![no_main]

use dcrcold_signer::sealed::Sealed;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(sealed) = Sealed::parse(bytes) {
        assert!((8..=1024).contains(&sealed.kdf().memory_mib()));
        assert!((1..=10).contains(&sealed.kdf().passes()));
    }
});
