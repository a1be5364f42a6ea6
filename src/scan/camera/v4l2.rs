//! The kernel's side of cameras. Nothing is decided here, since no test without a camera comes here.

use std::fs;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::time::Duration;

use linuxvideo::format::{FrameIntervals, FrameSizes, PixFormat, PixelFormat as Code};
use linuxvideo::stream::ReadStream;
use linuxvideo::{BufType, CapabilityFlags, Device};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::choose::{CameraErrorKind, best, format_of};
use super::{CameraError, Delivers, Frames, Layout, Node, Offer, Sees};
use crate::scan::contain::contain;
use crate::scan::image::Size;

/// A camera that runs.
pub(super) struct Running(ReadStream);

/// Opens a node, if it is one of a video device at all.
fn device(path: &Path) -> Result<Device, CameraError> {
    let failed = |error| CameraError::of(path, error);
    // Opening a pipe would wait for its writer, and some devices do something when they are opened.
    if !fs::metadata(path).map_err(failed)?.file_type().is_char_device() {
        return Err(CameraError::NoCamera { path: path.to_owned() });
    }
    Device::open(path).map_err(failed)
}

fn captures(device: &Device) -> io::Result<bool> {
    let found = device.capabilities()?.device_capabilities();
    Ok(found.contains(CapabilityFlags::VIDEO_CAPTURE | CapabilityFlags::STREAMING))
}

fn codes(device: &Device) -> Vec<Code> {
    device.formats(BufType::VIDEO_CAPTURE).filter_map(Result::ok).map(|format| format.pixel_format()).collect()
}

/// Says what a node is.
pub(super) fn look(path: &Path) -> Node {
    let device = match device(path) {
        Ok(device) => device,
        Err(CameraError::NoCamera { .. } | CameraError::Missing { .. }) => return Node::NoCamera,
        Err(CameraError::Forbidden { .. }) => return Node::Refused(CameraErrorKind::Forbidden),
        Err(_) => return Node::Refused(CameraErrorKind::Other),
    };
    match (captures(&device), device.capabilities()) {
        (Ok(true), Ok(capabilities)) => {
            let formats: Vec<_> = codes(&device).into_iter().map(Code::as_fourcc).collect();
            // The library stops at a name that was cut within a character.
            let name = contain(|| capabilities.card().to_owned()).unwrap_or_default();
            Node::Camera { sees: Sees::of(&name, &formats), name }
        }
        (Ok(_), Ok(_)) => Node::NoCamera,
        _ => Node::Refused(CameraErrorKind::Other),
    }
}

/// Starts a camera with the best of its frames.
pub(super) fn start(path: &Path) -> Result<Frames<Running>, CameraError> {
    let failed = |error| CameraError::of(path, error);
    let device = device(path)?;
    if !captures(&device).map_err(failed)? {
        return Err(CameraError::NoCamera { path: path.to_owned() });
    }
    let no_format = || CameraError::NoFormat { path: path.to_owned() };
    // The library stops at some answers of a driver that it does not expect.
    let (code, offer) = contain(|| chosen(&device)).flatten().ok_or_else(no_format)?;
    let running = device.video_capture(PixFormat::new(offer.width, offer.height, code)).map_err(failed)?;
    // A driver gives what it likes.
    let found = running.format();
    let format = format_of(found.pixel_format().as_fourcc()).ok_or_else(no_format)?;
    let size = Size::new(found.width(), found.height()).map_err(|_| no_format())?;
    let stride = usize::try_from(found.bytes_per_line()).unwrap_or(usize::MAX);
    let stream = running.into_stream().map_err(failed)?;
    Ok(Frames::new(Running(stream), Layout { format, size, stride }))
}

fn chosen(device: &Device) -> Option<(Code, Offer)> {
    let mut offers = Vec::new();
    for code in codes(device) {
        let Some(format) = format_of(code.as_fourcc()) else { continue };
        for (width, height) in sizes(device, code) {
            offers.push((code, Offer { format, width, height, rate: rate(device, code, width, height) }));
        }
    }
    let best = best(&offers.iter().map(|(_, offer)| *offer).collect::<Vec<_>>())?;
    offers.into_iter().find(|(_, offer)| *offer == best)
}

fn sizes(device: &Device, code: Code) -> Vec<(u32, u32)> {
    match device.frame_sizes(code) {
        Ok(FrameSizes::Discrete(sizes)) => sizes.iter().map(|size| (size.width(), size.height())).collect(),
        Ok(FrameSizes::Stepwise(sizes) | FrameSizes::Continuous(sizes)) => {
            vec![(1280.clamp(sizes.min_width(), sizes.max_width()), 720.clamp(sizes.min_height(), sizes.max_height()))]
        }
        // Who does not say is asked for the usual one, and answers with what it has.
        Err(_) => vec![(1280, 720)],
    }
}

fn rate(device: &Device, code: Code, width: u32, height: u32) -> u32 {
    let intervals = device.frame_intervals(code, width, height);
    intervals
        .map(|intervals: FrameIntervals| intervals.min())
        .map_or(0, |shortest| shortest.denominator().checked_div(shortest.numerator()).unwrap_or(0))
}

impl Delivers for Running {
    fn wait(&mut self, most: Duration) -> io::Result<bool> {
        let most = Timespec { tv_sec: most.as_secs().cast_signed(), tv_nsec: most.subsec_nanos().into() };
        Ok(poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&most))? > 0)
    }

    fn take(&mut self, frame: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        self.0.dequeue(|view| {
            if !view.is_error() {
                frame(&view);
            }
            Ok(())
        })
    }
}
