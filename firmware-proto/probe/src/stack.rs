//! How much stack a call takes.

use core::arch::asm;
use core::ptr;

/// Bytes below the stack pointer that are painted: much more than may be taken.
const PAINTED: usize = 64 * 1024;
const PAINT: u32 = 0xa5a5_5a5a;

fn pointer() -> *mut u32 {
    let pointer: *mut u32;
    // SAFETY: reads a register.
    unsafe { asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags)) };
    pointer
}

/// Calls `work` and returns how many bytes of stack it wrote to.
#[inline(never)]
pub fn measure(work: impl FnOnce()) -> usize {
    let top = pointer();
    let words = PAINTED / size_of::<u32>();
    for depth in 1..=words {
        // SAFETY: below the stack pointer lies what is left of the stack, megabytes of it, and nothing is in use there.
        unsafe { ptr::write_volatile(top.wrapping_sub(depth), PAINT) };
    }
    call(work);
    let untouched = (1..=words).rev().take_while(|depth| {
        // SAFETY: was written above.
        unsafe { ptr::read_volatile(top.wrapping_sub(*depth)) == PAINT }
    });
    PAINTED.saturating_sub(untouched.count().saturating_mul(size_of::<u32>()))
}

#[inline(never)]
fn call(work: impl FnOnce()) {
    work();
}
