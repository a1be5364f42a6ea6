//! Three system calls of Linux.

use core::arch::asm;
use core::fmt;

const EXIT: usize = 1;
const READ: usize = 3;
const WRITE: usize = 4;

/// Asks Linux for something.
///
/// # Safety
/// Where an argument is the address of memory, so many bytes as another one says belong to the caller, who may write to
/// them if the system does.
unsafe fn call(number: usize, arguments: [usize; 3]) -> isize {
    let [first, second, third] = arguments;
    let result;
    // SAFETY: the memory is the caller's. The number goes to r7, which is the compiler's.
    unsafe {
        asm!("push {{r7}}", "mov r7, {number}", "svc 0", "pop {{r7}}", number = in(reg) number,
            inlateout("r0") first => result, in("r1") second, in("r2") third);
    }
    result
}

/// Fills a buffer from the standard input; false when that ends before.
pub fn read(bytes: &mut [u8]) -> bool {
    let mut done = 0;
    while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
        // SAFETY: so many bytes of the buffer are not filled yet.
        let count = unsafe { call(READ, [0, rest.as_mut_ptr().expose_provenance(), rest.len()]) };
        match usize::try_from(count) {
            Ok(count @ 1..) => done = done.saturating_add(count),
            _ => return false,
        }
    }
    true
}

/// The standard output.
pub struct Console;

impl fmt::Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // SAFETY: the text has so many bytes, and they are only read.
        let written = unsafe { call(WRITE, [1, text.as_ptr().expose_provenance(), text.len()]) };
        if usize::try_from(written) == Ok(text.len()) { Ok(()) } else { Err(fmt::Error) }
    }
}

/// Ends the program.
pub fn exit(status: usize) -> ! {
    loop {
        // SAFETY: no argument is an address.
        unsafe { call(EXIT, [status, 0, 0]) };
    }
}
