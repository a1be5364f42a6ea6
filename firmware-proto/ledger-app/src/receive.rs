//! Between the SDK and the operating system: tells what each frame was before the SDK has read it.
//!
//! The SDK takes APDUs without a length byte, and those of extended length, for short ones, and answers other wrong
//! lengths by itself, so that the core would not hear of them and an approval would outlive them.

use core::ffi::{c_int, c_uchar, c_uint, c_ushort};
use core::slice;
use core::sync::atomic::{AtomicU8, Ordering};

use ledger_device_sdk::sys;

use crate::frame::Frame;

/// What the last event was; no frame is as good as a whole one.
static LAST: AtomicU8 = AtomicU8::new(Frame::Whole as u8);

/// What the last frame was.
pub fn last() -> Frame {
    Frame::from_number(LAST.load(Ordering::Relaxed))
}

unsafe extern "C" {
    /// The function itself: build.rs has the linker call it so.
    fn __real_os_io_rx_evt(buffer: *mut c_uchar, room: c_ushort, timeout: *mut c_uint, check: bool) -> c_int;
}

/// Called wherever the SDK calls `os_io_rx_evt`: waits for an event and writes its kind and its bytes.
///
/// # Safety
/// The buffer has the room that is said, and was written before.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_os_io_rx_evt(
    buffer: *mut c_uchar,
    room: c_ushort,
    timeout: *mut c_uint,
    check: bool,
) -> c_int {
    // SAFETY: the arguments are the caller's.
    let status = unsafe { __real_os_io_rx_evt(buffer, room, timeout, check) };
    LAST.store(Frame::Whole as u8, Ordering::Relaxed);
    let Ok(length @ 1..) = usize::try_from(status) else { return status };
    // SAFETY: the caller's buffer, which nobody else has while this runs.
    let bytes = unsafe { slice::from_raw_parts_mut(buffer, room.into()) };
    passed_on(bytes, length).and_then(|length| c_int::try_from(length).ok()).unwrap_or(status)
}

/// The new length of an event whose frame is no command.
fn passed_on(event: &mut [u8], length: usize) -> Option<usize> {
    let (kind, buffer) = event.split_first_mut()?;
    if !is_apdu(*kind) {
        return None;
    }
    let length = length.checked_sub(1)?;
    let frame = Frame::of(buffer.get(..length)?);
    LAST.store(frame as u8, Ordering::Relaxed);
    frame.make_passable(buffer, length).checked_add(1)
}

const fn is_apdu(kind: u8) -> bool {
    matches!(
        kind,
        sys::OS_IO_PACKET_TYPE_RAW_APDU
            | sys::OS_IO_PACKET_TYPE_USB_HID_APDU
            | sys::OS_IO_PACKET_TYPE_USB_WEBUSB_APDU
            | sys::OS_IO_PACKET_TYPE_BLE_APDU
    )
}
