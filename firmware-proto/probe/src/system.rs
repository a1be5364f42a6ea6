//! Three system calls of Linux.

use core::arch::asm;
use core::fmt;

const EXIT: usize = 1;
const READ: usize = 3;
const WRITE: usize = 4;

fn call(number: usize, arguments: [usize; 3]) -> isize {
    let [first, second, third] = arguments;
    let result;
    // SAFETY: the callers pass memory of their own with its length. The number goes to r7, which is the compiler's.
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
        match usize::try_from(call(READ, [0, rest.as_mut_ptr().addr(), rest.len()])) {
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
        let written = call(WRITE, [1, text.as_ptr().addr(), text.len()]);
        if usize::try_from(written) == Ok(text.len()) { Ok(()) } else { Err(fmt::Error) }
    }
}

/// Ends the program.
pub fn exit(status: usize) -> ! {
    loop {
        call(EXIT, [status, 0, 0]);
    }
}
