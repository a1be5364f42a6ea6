//! Keeps secrets out of the swap space: the pages that they lie in are locked in memory.
//!
//! Pages stay locked until the process ends. Locks do not nest, so letting go of one secret would let go of its
//! neighbours on the same page too; and a signer does not live long.

use std::hint::black_box;
use std::{fs, io, mem};

use zeroize::Zeroizing;

/// How much of the stack is locked: more than any command uses while it holds keys.
const STACK: usize = 1 << 20;
/// Where Linux lists the swap space, below a line of headings.
const SWAPS: &str = "/proc/swaps";

/// What happens to secrets when memory gets short.
#[derive(Debug)]
pub enum Swapping {
    /// They stay in memory, because they are locked or because there is no swap space.
    Never,
    /// They may be written to the swap space.
    Possible {
        /// Why they are not locked.
        reason: io::Error,
    },
}

/// Locks the part of the stack that the callers of this function will use. To be called early, from `main`.
#[must_use]
pub fn lock_stack() -> Swapping {
    match lock_room_on_stack() {
        Ok(()) => Swapping::Never,
        Err(_) if fs::read_to_string(SWAPS).is_ok_and(|swaps| swaps.lines().count() < 2) => Swapping::Never,
        Err(reason) => Swapping::Possible { reason },
    }
}

/// Pages below the caller's: those of everything that it calls later.
#[inline(never)]
fn lock_room_on_stack() -> io::Result<()> {
    let room = [0u8; STACK];
    lock(black_box(&room))
}

/// Locks the pages of a buffer that must not move or grow afterwards. Where the system refuses, [`lock_stack`] has told.
pub fn keep<T>(buffer: &[T]) {
    let _ = lock(buffer);
}

fn lock<T>(buffer: &[T]) -> io::Result<()> {
    if buffer.is_empty() {
        return Ok(());
    }
    // Never given back: see the head of this file.
    Ok(region::lock(buffer.as_ptr(), size_of_val(buffer)).map(mem::forget)?)
}

/// Locked room for so many bytes, none of them used yet; wiped when dropped.
#[must_use]
pub fn bytes(room: usize) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(vec![0; room]);
    keep(&bytes);
    bytes.clear();
    bytes
}

/// Locked room for a text of so many bytes, none of them used yet; wiped when dropped.
#[must_use]
pub fn text(room: usize) -> Zeroizing<String> {
    let bytes = mem::take(&mut *bytes(room));
    Zeroizing::new(String::from_utf8(bytes).expect("no bytes are a text"))
}
