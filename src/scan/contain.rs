//! Panics of other people's code, kept where they happen.
//!
//! The library that looks for codes indexes and unwraps, and pictures are anybody's. Its panic would end a program in
//! whose memory a transfer is half received; as it holds no state from one picture to the next, a picture at which it
//! panics can count as one without a code. docs/adr/0013-rxing-in-parts.md has the case.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

// Where a panic ends the process nothing could be contained.
const _: () = assert!(cfg!(panic = "unwind"), "a picture must not end the program");

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread runs code whose panics are caught, so that there is nothing to report or to clean up.
///
/// For hooks, which run before anybody catches.
#[must_use]
pub fn is_contained() -> bool {
    CONTAINED.get()
}

/// Runs code that may panic; nothing when it did.
///
/// What the code can change is to be thrown away or written anew by the caller, whatever state a panic left it in.
pub(super) fn contain<T>(code: impl FnOnce() -> T) -> Option<T> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |what| {
            if !is_contained() {
                report(what);
            }
        }));
    });
    let before = CONTAINED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(code));
    CONTAINED.set(before);
    result.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_where_it_happens() {
        assert_eq!(contain(|| 7), Some(7));
        assert!(!is_contained());
        let empty: [u8; 0] = [];
        assert_eq!(contain(|| std::hint::black_box(&empty[..])[3]), None);
        assert!(!is_contained(), "panics of other code are reported again");
        assert_eq!(contain(|| (contain(|| panic!("inner")), is_contained())), Some((None::<()>, true)));
    }
}
