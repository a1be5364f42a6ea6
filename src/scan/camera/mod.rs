//! Cameras of Linux (V4L2): which one, with which frames, and the frames as pictures.
//!
//! What a driver says and delivers is asked for through [`Node`] and [`Delivers`], so that all that is decided here is
//! decided in tests too. The kernel's side of both is in one file that no test without a camera runs.

mod choose;
mod error;
mod v4l2;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use self::choose::CameraErrorKind;
use super::contain::contain;
use super::convert::{PixelFormat, luma};
use super::image::{Luma, Size};
use super::source::{Source, SourceError};

pub use self::choose::{Node, Offer, Sees};
pub use self::error::CameraError;

/// How long a frame may take. The first one of a camera takes longest.
const PATIENCE: Duration = Duration::from_secs(1);
/// Where the nodes of cameras are.
const NODES: &str = "/dev";

/// Something that delivers frames.
pub trait Delivers {
    /// Waits for a frame and says whether one is there.
    ///
    /// # Errors
    /// The camera is gone, or a signal came, as for [`Delivers::take`].
    fn wait(&mut self, most: Duration) -> io::Result<bool>;

    /// Hands the bytes of a frame over, if they are in order.
    ///
    /// # Errors
    /// The camera is gone.
    fn take(&mut self, frame: &mut dyn FnMut(&[u8])) -> io::Result<()>;
}

/// How the bytes of a camera's frames lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// How its pixels are written.
    pub format: PixelFormat,
    /// How many there are.
    pub size: Size,
    /// Bytes from one row to the next; 0 when rows have no fixed length.
    pub stride: usize,
}

/// The frames of a camera as pictures.
pub struct Frames<C> {
    camera: C,
    layout: Layout,
}

impl<C: Delivers> Frames<C> {
    /// Takes a camera that runs.
    pub const fn new(camera: C, layout: Layout) -> Self {
        Self { camera, layout }
    }
}

impl<C: Delivers> Source for Frames<C> {
    fn next(&mut self) -> Result<Option<Luma>, SourceError> {
        let until = Instant::now() + PATIENCE;
        if !again(|| self.camera.wait(until.saturating_duration_since(Instant::now())))? {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the camera delivers nothing").into());
        }
        let Layout { format, size, stride } = self.layout;
        let mut picture = None;
        again(|| self.camera.take(&mut |frame| picture = Some(luma(format, size, stride, frame))))?;
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the camera calls its frame damaged");
        Ok(Some(picture.ok_or_else(damaged)??))
    }
}

/// Calls again what a signal interrupted. A camera whose library panics is one that is gone.
fn again<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match contain(&mut call).unwrap_or_else(|| Err(io::Error::other("the camera is not understood"))) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Opens a camera and starts it: the named one, else the first for visible light.
///
/// # Errors
/// There is none, or it cannot be used.
pub fn open(named: Option<&Path>) -> Result<Box<dyn Source + Send>, CameraError> {
    match named {
        Some(path) => start(path, v4l2::start),
        None => choose::first(
            nodes(Path::new(NODES)).into_iter(),
            |path| look(path, v4l2::look),
            |path| start(path, v4l2::start),
        ),
    }
}

/// Looks at a node. One at which the library panics keeps nobody from the others.
fn look(path: &Path, look: impl Fn(&Path) -> Node) -> Node {
    contain(|| look(path)).unwrap_or(Node::Refused(CameraErrorKind::Other))
}

/// Starts a camera. One at which the library panics is told as one.
fn start<C: Delivers + Send + 'static>(
    path: &Path,
    start: impl Fn(&Path) -> Result<Frames<C>, CameraError>,
) -> Result<Box<dyn Source + Send>, CameraError> {
    let not_understood = || CameraError::NotUnderstood { path: path.to_owned() };
    Ok(Box::new(contain(|| start(path)).ok_or_else(not_understood)??))
}

/// The nodes of video devices in a folder, in the order of their numbers.
fn nodes(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let number = |path: &Path| path.file_name()?.to_str()?.strip_prefix("video")?.parse::<u32>().ok();
    let mut nodes: Vec<_> = entries.filter_map(|entry| Some((number(&entry.path())?, entry.path()))).collect();
    nodes.sort();
    nodes.into_iter().map(|(_, path)| path).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// A camera of which each answer is written down: nothing comes, a damaged frame, a frame.
    struct Double(VecDeque<Option<Option<Vec<u8>>>>);

    /// A camera whose every second call a signal interrupts, and whose library panics at the third frame.
    struct Disturbed {
        calls: u32,
        frames: u32,
    }

    impl Disturbed {
        fn call(&mut self) -> io::Result<()> {
            self.calls += 1;
            if self.calls % 2 == 1 { Err(io::Error::from_raw_os_error(libc::EINTR)) } else { Ok(()) }
        }
    }

    impl Delivers for Disturbed {
        fn wait(&mut self, most: Duration) -> io::Result<bool> {
            assert!(most <= PATIENCE);
            self.call().map(|()| true)
        }

        fn take(&mut self, frame: &mut dyn FnMut(&[u8])) -> io::Result<()> {
            self.call()?;
            self.frames += 1;
            assert!(self.frames != 3, "as the library says");
            frame(&[10, 128, 20, 128]);
            Ok(())
        }
    }

    #[test]
    fn a_signal_costs_no_frame_and_a_panic_costs_one() {
        let layout = Layout { format: PixelFormat::Yuyv, size: Size::new(2, 1).unwrap(), stride: 4 };
        let mut frames = Frames::new(Disturbed { calls: 0, frames: 0 }, layout);
        for number in 1..=4 {
            match frames.next() {
                Ok(picture) => assert!(number != 3 && picture.unwrap().into_pixels() == [10, 20]),
                Err(error) => assert_eq!(
                    (number, error.to_string()),
                    (3, "cannot read frames: the camera is not understood".into())
                ),
            }
        }
    }

    #[test]
    fn a_camera_that_is_not_understood_is_named_and_keeps_nobody_from_the_others() {
        let panics = |_: &Path| -> Node { panic!("as the library says") };
        assert_eq!(look(Path::new("/dev/video0"), panics), Node::Refused(CameraErrorKind::Other));
        assert_eq!(look(Path::new("/dev/video1"), |_| Node::NoCamera), Node::NoCamera);
        let panics = |_: &Path| -> Result<Frames<Double>, CameraError> { panic!("as the library says") };
        let error = start(Path::new("/dev/video0"), panics).err().unwrap();
        assert_eq!(error.to_string(), "what camera /dev/video0 says is not understood");
    }

    impl Delivers for Double {
        fn wait(&mut self, most: Duration) -> io::Result<bool> {
            assert!(most <= PATIENCE);
            match self.0.front() {
                Some(None) => {
                    self.0.pop_front();
                    Ok(false)
                }
                Some(Some(_)) => Ok(true),
                None => Err(io::Error::from_raw_os_error(libc::ENODEV)),
            }
        }

        fn take(&mut self, frame: &mut dyn FnMut(&[u8])) -> io::Result<()> {
            if let Some(bytes) = self.0.pop_front().flatten().flatten() {
                frame(&bytes);
            }
            Ok(())
        }
    }

    #[test]
    fn frames_become_pictures_and_a_bad_one_is_not_the_end() {
        let layout = Layout { format: PixelFormat::Yuyv, size: Size::new(2, 1).unwrap(), stride: 4 };
        let good = vec![10, 128, 20, 128];
        let answers = [None, Some(Some(good.clone())), Some(None), Some(Some(vec![1])), Some(Some(good))];
        let mut frames = Frames::new(Double(answers.into()), layout);
        let told = |result: Result<Option<Luma>, SourceError>| result.map(|picture| picture.unwrap().into_pixels());
        assert!(
            matches!(told(frames.next()), Err(SourceError::Read(error)) if error.kind() == io::ErrorKind::TimedOut)
        );
        assert_eq!(told(frames.next()).unwrap(), [10, 20]);
        assert!(matches!(told(frames.next()), Err(SourceError::Read(_))));
        assert!(matches!(told(frames.next()), Err(SourceError::Image(_))));
        assert_eq!(told(frames.next()).unwrap(), [10, 20]);
        assert!(matches!(told(frames.next()), Err(SourceError::Read(_))), "it was pulled out");
    }

    #[test]
    fn nodes_come_in_the_order_of_their_numbers() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["video10", "video2", "video", "videox", "video-1", "v4l-subdev0", "media0", "video0"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let found = nodes(folder.path());
        let names: Vec<_> = found.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["video0", "video2", "video10"]);
        assert!(nodes(Path::new("/nowhere")).is_empty());
    }
}
