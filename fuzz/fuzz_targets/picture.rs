//! Pictures, films and frames of cameras, each of arbitrary bytes.
#![no_main]

use dcrcold_signer::scan::convert::{PixelFormat, luma};
use dcrcold_signer::scan::image::{MAX_PIXELS, Size};
use dcrcold_signer::scan::picture::decode;
use dcrcold_signer::scan::source::{Source, stream};
use libfuzzer_sys::fuzz_target;

fn drain(mut source: Box<dyn Source + '_>, bytes: usize) {
    // Every frame and every error takes at least a byte of what there is.
    for _ in 0..=bytes {
        match source.next() {
            Ok(Some(frame)) => assert!(frame.pixels().len() <= MAX_PIXELS),
            Ok(None) => return,
            Err(error) => drop(error.to_string()),
        }
    }
    panic!("a source without an end");
}

// The first byte says what the rest is.
fuzz_target!(|input: &[u8]| {
    let Some((kind, bytes)) = input.split_first() else { return };
    match kind % 6 {
        0 => drop(decode(bytes)),
        1 => {
            if let Ok(source) = stream(bytes) {
                drain(source, bytes.len());
            }
        }
        number => {
            let formats = [PixelFormat::Grey, PixelFormat::Yuyv, PixelFormat::Nv12, PixelFormat::Mjpeg];
            let format = formats[usize::from(number) - 2];
            let Some(([a, b, c, d], frame)) = bytes.split_first_chunk::<4>() else { return };
            let (width, height) = (u32::from(u16::from_le_bytes([*a, 0])), u32::from(*b));
            let Ok(size) = Size::new(width, height) else { return };
            let stride = usize::from(u16::from_le_bytes([*c, *d]));
            if let Ok(frame) = luma(format, size, stride, frame) {
                assert!(format == PixelFormat::Mjpeg || frame.size() == size);
            }
        }
    }
});
