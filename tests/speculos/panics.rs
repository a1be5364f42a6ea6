//! A program with a panic of its own, which scripts/panic-callers has to find. scripts/speculos builds it.
#![no_std]
#![no_main]

use core::panic::PanicInfo;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// Stops when `number` is not below 3.
#[unsafe(no_mangle)]
pub extern "C" fn _start(number: usize) -> u8 {
    [7, 1, 4][number]
}
