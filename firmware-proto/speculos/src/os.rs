//! The calls of the operating system: the only unsafe code of this program.
//!
//! Numbers and arguments are those of API level 26, as in Ledger's `bolos_syscalls.h`.
#![allow(unsafe_code, reason = "calls into the operating system")]

use core::arch::global_asm;
use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicBool, Ordering};

use zeroize::{Zeroize as _, Zeroizing};

/// What a word of the stack says that was never used. tests/speculos counts them.
#[rustfmt::skip]
macro_rules! paint { () => { "0x5ac0ffee" }; }

// The program begins with its first byte. Speculos finds the calls by the symbol and by the comparison after `svc`; the
// second register comes back as the number of an exception.
global_asm!(
    ".section .boot, \"ax\"",
    ".thumb_func",
    ".global _start",
    "_start:",
    "ldr r0, =_stack",
    "ldr r1, =_estack",
    concat!("ldr r2, =", paint!()),
    "1: str r2, [r0]",
    "adds r0, #4",
    "cmp r0, r1",
    "blo 1b",
    "b {run}",
    ".ltorg",
    ".section .text.svc, \"ax\"",
    ".thumb_func",
    ".global SVC_Call",
    "SVC_Call:",
    "svc 1",
    "cmp r1, #0",
    "bne 1f",
    "bx lr",
    "1: mvn r0, #0",
    "bx lr",
    run = sym crate::run,
);

unsafe extern "C" {
    fn SVC_Call(number: u32, arguments: *const usize) -> i32;
}

const OS_IO_INIT: u32 = 0x0100_0084;
const OS_IO_START: u32 = 0x0100_0085;
const OS_IO_TX_CMD: u32 = 0x0400_0088;
const OS_IO_RX_EVT: u32 = 0x0300_0089;
const OS_PERSO_DERIVE_NODE_WITH_SEED_KEY: u32 = 0x0800_00a6;
const OS_GLOBAL_PIN_IS_VALIDATED: u32 = 0x0000_00a0;
const OS_SCHED_EXIT: u32 = 0x0100_009a;
const NBGL_FRONT_DRAW_RECT: u32 = 0x01fa_0000;
const NBGL_FRONT_DRAW_IMG: u32 = 0x04fa_0002;
const NBGL_FRONT_REFRESH_AREA: u32 = 0x03fa_0003;

/// Calls the operating system; -1 when it threw an exception.
fn call(number: u32, arguments: &[usize]) -> i32 {
    // SAFETY: every caller in this file passes as many arguments as the call takes, and pointers to values that outlive
    // it with the lengths that the call uses.
    unsafe { SVC_Call(number, arguments.as_ptr()) }
}

/// Which device this is a program for; Speculos reads these sections instead of command line arguments.
macro_rules! note {
    ($name:ident, $section:literal, $text:expr) => {
        #[used]
        #[unsafe(link_section = $section)]
        static $name: [u8; $text.len()] = *$text;
    };
}

note!(TARGET, "ledger.target", b"nanos2");
note!(API_LEVEL, "ledger.api_level", b"26");
note!(APP_NAME, "ledger.app_name", b"Decred Staking");
note!(APP_VERSION, "ledger.app_version", b"0.1.0");
note!(SDK_GRAPHICS, "ledger.sdk_graphics", b"nbgl");

/// Format 1, name, version, no flags; done.
pub(crate) const WHICH_PROGRAM_REPLY: &[u8] = b"\x01\x0eDecred Staking\x050.1.0\x01\x00\x90\x00";

/// A static that is handed out once, so that it can be changed.
pub(crate) struct Singleton<T> {
    taken: AtomicBool,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: `take` hands the value out once, and there is one thread.
unsafe impl<T> Sync for Singleton<T> {}

impl<T> Singleton<T> {
    pub(crate) const fn new() -> Self {
        Self { taken: AtomicBool::new(false), value: UnsafeCell::new(MaybeUninit::uninit()) }
    }

    /// The value, the first time.
    #[allow(clippy::mut_from_ref, reason = "it is handed out once")]
    pub(crate) fn take(&'static self, value: impl FnOnce() -> T) -> Option<&'static mut T> {
        let first = !self.taken.swap(true, Ordering::Relaxed);
        // SAFETY: nobody else has it.
        first.then(|| unsafe { &mut *self.value.get() }.write(value()))
    }
}

/// Starts the USB stack.
pub(crate) fn start() {
    // `os_io_init_t`: everything is 0 but the USB classes, of which one is HID.
    let mut init = [0_u8; 64];
    if let Some(classes) = init.get_mut(24) {
        *classes = 1;
    }
    call(OS_IO_INIT, &[init.as_ptr() as usize]);
    call(OS_IO_START, &[0]);
}

/// Ends the program.
pub(crate) fn exit() -> ! {
    call(OS_SCHED_EXIT, &[1]);
    loop {
        // The call does not return.
        core::hint::spin_loop();
    }
}

/// Room for the longest packet: its kind, and a command of 260 bytes or an event.
pub(crate) struct Packet([u8; 273]);

impl Packet {
    pub(crate) const fn new() -> Self {
        Self([0; 273])
    }
}

/// What happened.
pub(crate) enum Event<'a> {
    /// A command came in on a channel; it is answered there.
    Command { channel: u8, bytes: &'a [u8] },
    /// These buttons are down now: 1 the left one, 2 the right one.
    Buttons(u8),
    /// Something else.
    Other,
}

/// Waits for the next event.
pub(crate) fn receive(packet: &mut Packet) -> Event<'_> {
    let Packet(buffer) = packet;
    let length = call(OS_IO_RX_EVT, &[buffer.as_mut_ptr() as usize, buffer.len(), 0, 1]);
    let received = usize::try_from(length).ok().and_then(|length| buffer.get(..length)).unwrap_or_default();
    match received {
        // Packet types 1 and 2 are events, the higher ones commands.
        [1 | 2, 0x05, _, _, buttons, ..] => Event::Buttons(buttons >> 1),
        [channel, bytes @ ..] if *channel >= 0x10 => Event::Command { channel: *channel, bytes },
        _ => Event::Other,
    }
}

/// Answers a command.
pub(crate) fn answer(channel: u8, bytes: &[u8]) {
    call(OS_IO_TX_CMD, &[channel.into(), bytes.as_ptr() as usize, bytes.len(), 0]);
}

/// Whether the PIN was entered.
pub(crate) fn is_unlocked() -> bool {
    const BOLOS_TRUE: i32 = 0xaa;
    call(OS_GLOBAL_PIN_IS_VALIDATED, &[]) == BOLOS_TRUE
}

/// A private key and its chain code.
pub(crate) struct Node {
    pub(crate) key: Zeroizing<[u8; 32]>,
    pub(crate) chain_code: [u8; 32],
}

/// Derives a private key of the secp256k1 curve, BIP-32.
pub(crate) fn derive(path: &[u32]) -> Option<Node> {
    const HDW_NORMAL: usize = 0;
    const CX_CURVE_256K1: usize = 0x21;
    // The call writes 64 bytes for some curves.
    let (mut key, mut chain_code) = (Zeroizing::new([0_u8; 64]), [0_u8; 32]);
    let (to, code) = (key.as_mut_ptr() as usize, chain_code.as_mut_ptr() as usize);
    let path = [HDW_NORMAL, CX_CURVE_256K1, path.as_ptr() as usize, path.len(), to, code, 0, 0];
    let result = call(OS_PERSO_DERIVE_NODE_WITH_SEED_KEY, &path);
    (result == 0).then(|| Node { key: first_half(&key), chain_code })
}

/// Derives a symmetric key, SLIP-21, from a label of one zero byte and a name.
pub(crate) fn derive_symmetric(label: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    const HDW_SLIP21: usize = 2;
    let mut key = Zeroizing::new([0_u8; 64]);
    let to = key.as_mut_ptr() as usize;
    let path = [HDW_SLIP21, 0, label.as_ptr() as usize, label.len(), to, 0, 0, 0];
    let result = call(OS_PERSO_DERIVE_NODE_WITH_SEED_KEY, &path);
    (result == 0).then(|| first_half(&key))
}

fn first_half(key: &[u8; 64]) -> Zeroizing<[u8; 32]> {
    let mut half = Zeroizing::new([0; 32]);
    half.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    half
}

/// `nbgl_area_t`: left, top, width, height, background (0 black, 3 white), bits a pixel (0 for one).
fn area(top: u8, height: u8, background: u8) -> [u8; 10] {
    [0, 0, top, 0, 128, 0, height, 0, background, 0]
}

/// Makes the screen black. It is shown by [`refresh`].
pub(crate) fn clear() {
    call(NBGL_FRONT_DRAW_RECT, &[area(0, 64, 0).as_ptr() as usize]);
}

/// Draws a stripe of 8 pixels' height over the whole width: a byte a column, the rightmost one first, its highest bit on
/// top.
pub(crate) fn draw(top: u8, columns: &[u8; 128]) {
    const WHITE_ON_BLACK: usize = 3;
    let area = area(top, 8, 0);
    call(NBGL_FRONT_DRAW_IMG, &[area.as_ptr() as usize, columns.as_ptr() as usize, 0, WHITE_ON_BLACK]);
}

/// Shows what was drawn.
pub(crate) fn refresh() {
    const WITH_PIPELINE: usize = 2;
    call(NBGL_FRONT_REFRESH_AREA, &[area(0, 64, 0).as_ptr() as usize, WITH_PIPELINE]);
}

/// Tells Speculos what a stripe of the screen says; for a test, which reads texts more easily than pictures.
pub(crate) fn tell(top: u8, text: &[u8; 16]) {
    const NBGL_SEND_SPECULOS_TEXT_LINE: u8 = 0x5a;
    const SEPH: usize = 1;
    let length = text.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last.saturating_add(1));
    let place = [0, 0, 0, top, 0, 128, 0, 8];
    let size = length.saturating_add(place.len());
    let mut packet = [0_u8; 3 + 16 + 8];
    let head = [NBGL_SEND_SPECULOS_TEXT_LINE, 0, u8::try_from(size).unwrap_or_default()];
    let bytes = head.iter().chain(text.iter().take(length)).chain(&place);
    packet.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    call(OS_IO_TX_CMD, &[SEPH, packet.as_ptr() as usize, size.saturating_add(3), 0]);
    packet.zeroize();
}
