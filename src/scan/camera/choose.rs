//! Which camera, and which of its frames.

use std::path::{Path, PathBuf};

use super::CameraError;
use crate::scan::convert::PixelFormat;

/// The size that is asked for: enough for a code of version 20 that fills half of it, and quick to search.
const WANTED: (u32, u32) = (1280, 720);
/// Frames a second that keep up with codes that change eight times.
const ENOUGH: u32 = 15;
/// No more pixels are asked for: searching them takes longer than a code stands.
const MOST_PIXELS: u64 = 1920 * 1080;

/// What a node of the system is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A camera.
    Camera {
        /// Its name, as its maker says.
        name: String,
        /// What it sees.
        sees: Sees,
    },
    /// The second node of a camera that tells of frames, a codec, a receiver for television.
    NoCamera,
    /// It cannot be looked at.
    Refused(CameraErrorKind),
}

/// Why a node cannot be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CameraErrorKind {
    /// The user may not.
    Forbidden,
    /// Anything else.
    Other,
}

/// What a camera sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sees {
    /// Visible light.
    Light,
    /// Infrared light, in which a screen is black.
    Infrared,
    /// Nothing in a format that is read here.
    Unknown,
}

/// Frames that a camera offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// How pixels are written.
    pub format: PixelFormat,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Frames a second, rounded down; 0 when the camera does not say.
    pub rate: u32,
}

impl Sees {
    /// Says what a camera sees by its name and its formats: one that has no colour at all is for faces in the dark.
    #[must_use]
    pub fn of(name: &str, formats: &[[u8; 4]]) -> Self {
        let grey = |format: &[u8; 4]| matches!(format, b"GREY" | b"Y8  " | b"Y10 " | b"Y12 " | b"Y16 " | b"Y8I ");
        let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).map(str::to_ascii_lowercase);
        let named = words.into_iter().any(|word| matches!(&*word, "ir" | "infrared" | "depth"));
        match formats.iter().any(|format| format_of(*format).is_some()) {
            false => Self::Unknown,
            true if named || formats.iter().all(grey) => Self::Infrared,
            true => Self::Light,
        }
    }
}

/// The format with a code, if it is read here.
pub(super) const fn format_of(code: [u8; 4]) -> Option<PixelFormat> {
    match &code {
        b"YUYV" => Some(PixelFormat::Yuyv),
        b"GREY" => Some(PixelFormat::Grey),
        b"NV12" => Some(PixelFormat::Nv12),
        b"MJPG" | b"JPEG" => Some(PixelFormat::Mjpeg),
        _ => None,
    }
}

/// Which formats are taken first where nothing else counts: those that cost nothing and lose nothing.
const fn rank(format: PixelFormat) -> u8 {
    match format {
        PixelFormat::Yuyv => 0,
        PixelFormat::Grey => 1,
        PixelFormat::Nv12 => 2,
        PixelFormat::Mjpeg => 3,
    }
}

/// The best of what a camera offers: quick enough before near to the wanted size before plain before compressed.
pub(super) fn best(offers: &[Offer]) -> Option<Offer> {
    let pixels = |offer: &Offer| u64::from(offer.width) * u64::from(offer.height);
    let wanted = u64::from(WANTED.0) * u64::from(WANTED.1);
    let fits = offers.iter().filter(|offer| (1..=MOST_PIXELS).contains(&pixels(offer)));
    let cost = |offer: &&Offer| {
        let slow = offer.rate != 0 && offer.rate < ENOUGH;
        (slow, pixels(offer).abs_diff(wanted), rank(offer.format))
    };
    fits.min_by_key(cost).copied()
}

/// Starts the first camera for visible light that can be. When there is none, what can be helped is told, or else all others are.
pub(super) fn first<T>(
    nodes: impl Iterator<Item = PathBuf>,
    look: impl Fn(&Path) -> Node,
    start: impl Fn(&Path) -> Result<T, CameraError>,
) -> Result<T, CameraError> {
    let (mut passed, mut failed) = (Vec::new(), None);
    for path in nodes {
        let why = match look(&path) {
            Node::Camera { sees: Sees::Light, .. } => match start(&path) {
                Ok(started) => return Ok(started),
                Err(error) => {
                    failed.get_or_insert(error);
                    continue;
                }
            },
            Node::Camera { name, sees: Sees::Infrared } => format!("{name} sees infrared light"),
            Node::Camera { name, sees: Sees::Unknown } => format!("{name} has no format that is read"),
            Node::NoCamera => continue,
            Node::Refused(CameraErrorKind::Forbidden) => {
                failed.get_or_insert(CameraError::Forbidden { path });
                continue;
            }
            Node::Refused(CameraErrorKind::Other) => "cannot be looked at".to_owned(),
        };
        passed.push(format!("{} {why}", path.display()));
    }
    let nothing = || if passed.is_empty() { CameraError::None } else { CameraError::NoneOfUse { passed } };
    Err(failed.unwrap_or_else(nothing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use PixelFormat::{Grey, Mjpeg, Nv12, Yuyv};

    fn offer(format: PixelFormat, (width, height): (u32, u32), rate: u32) -> Offer {
        Offer { format, width, height, rate }
    }

    const HD: (u32, u32) = (1280, 720);
    const VGA: (u32, u32) = (640, 480);
    const FULL: (u32, u32) = (1920, 1080);

    #[test]
    fn the_best_frames_are_taken() {
        let cases = [
            // On USB 2, plain pictures of this size come ten times a second, and compressed ones in time.
            (vec![offer(Yuyv, HD, 10), offer(Mjpeg, HD, 30), offer(Yuyv, VGA, 30)], offer(Mjpeg, HD, 30)),
            (vec![offer(Mjpeg, HD, 30), offer(Yuyv, HD, 30)], offer(Yuyv, HD, 30)),
            (vec![offer(Mjpeg, HD, 30), offer(Nv12, HD, 30), offer(Grey, HD, 30)], offer(Grey, HD, 30)),
            (vec![offer(Yuyv, HD, 10), offer(Yuyv, VGA, 30)], offer(Yuyv, VGA, 30)),
            (vec![offer(Yuyv, HD, 5), offer(Mjpeg, FULL, 5)], offer(Yuyv, HD, 5)),
            (vec![offer(Mjpeg, FULL, 30), offer(Mjpeg, VGA, 30)], offer(Mjpeg, VGA, 30)),
            (vec![offer(Mjpeg, (4096, 2160), 30), offer(Mjpeg, FULL, 30)], offer(Mjpeg, FULL, 30)),
            // Who does not say how quick it is may be.
            (vec![offer(Nv12, HD, 0), offer(Nv12, VGA, 30)], offer(Nv12, HD, 0)),
        ];
        for (offers, expected) in &cases {
            assert_eq!(best(offers), Some(*expected), "{offers:?}");
            let backwards: Vec<_> = offers.iter().rev().copied().collect();
            assert_eq!(best(&backwards), Some(*expected), "{offers:?}");
        }
        assert_eq!(best(&[]), None);
        assert_eq!(best(&[offer(Yuyv, (0, 0), 30), offer(Yuyv, (u32::MAX, u32::MAX), 30)]), None);
        println!("offers: {} cases", cases.len());
        assert_eq!(cases.len(), 8);
    }

    #[test]
    fn infrared_cameras_are_told_apart() {
        let cases = [
            ("Integrated Camera: Integrated C", &[*b"YUYV", *b"MJPG"][..], Sees::Light),
            ("Integrated Camera: Integrated I", &[*b"GREY"], Sees::Infrared),
            ("Logitech BRIO IR", &[*b"YUYV"], Sees::Infrared),
            ("HD Webcam (IR)", &[*b"MJPG"], Sees::Infrared),
            ("Intel RealSense Depth", &[*b"YUYV", *b"Z16 "], Sees::Infrared),
            ("Mirage", &[*b"YUYV"], Sees::Light),
            ("unicam", &[*b"pRAA", *b"BA81"], Sees::Unknown),
            ("nothing", &[], Sees::Unknown),
        ];
        for (name, formats, expected) in cases {
            assert_eq!(Sees::of(name, formats), expected, "{name}");
        }
        println!("cameras: {} cases", cases.len());
        assert_eq!(cases.len(), 8);
    }

    #[test]
    fn the_first_camera_for_visible_light_is_taken() {
        let camera = |sees| Node::Camera { name: "Camera".to_owned(), sees };
        let choice = |nodes: &[Node]| choice(nodes, &[]);
        let found = choice(&[Node::NoCamera, camera(Sees::Infrared), camera(Sees::Unknown), camera(Sees::Light)]);
        assert_eq!(found.unwrap(), PathBuf::from("/dev/video3"));
        assert_eq!(choice(&[Node::NoCamera, Node::NoCamera]).unwrap_err().to_string(), "no camera was found");
        let error =
            choice(&[camera(Sees::Infrared), Node::NoCamera, Node::Refused(CameraErrorKind::Other)]).unwrap_err();
        let expected = "no camera was found: /dev/video0 Camera sees infrared light, /dev/video2 cannot be looked at";
        assert_eq!(error.to_string(), expected);
        let forbidden = Node::Refused(CameraErrorKind::Forbidden);
        let error = choice(&[Node::NoCamera, forbidden.clone(), camera(Sees::Infrared)]).unwrap_err();
        assert_eq!(error.to_string(), "camera /dev/video1 may not be used");
        let found = choice(&[forbidden, Node::Refused(CameraErrorKind::Other), camera(Sees::Light)]);
        assert_eq!(found.unwrap(), PathBuf::from("/dev/video2"), "one that is no use is not the end");
    }

    /// What is taken of nodes with these numbers, of which the busy ones cannot be started.
    fn choice(nodes: &[Node], busy: &[&str]) -> Result<PathBuf, CameraError> {
        let paths: Vec<_> = (0..nodes.len()).map(|number| PathBuf::from(format!("/dev/video{number}"))).collect();
        let look = |path: &Path| nodes[paths.iter().position(|known| known == path).unwrap()].clone();
        let start = |path: &Path| match busy.contains(&path.to_str().unwrap()) {
            true => Err(CameraError::Busy { path: path.to_owned() }),
            false => Ok(path.to_owned()),
        };
        first(paths.iter().cloned(), look, start)
    }

    #[test]
    fn a_camera_that_cannot_be_started_leaves_the_turn_to_the_next_one() {
        let camera = Node::Camera { name: "Camera".to_owned(), sees: Sees::Light };
        let both = [camera.clone(), camera];
        assert_eq!(choice(&both, &["/dev/video0"]).unwrap(), PathBuf::from("/dev/video1"));
        let error = choice(&both, &["/dev/video0", "/dev/video1"]).unwrap_err();
        assert_eq!(error.to_string(), "camera /dev/video0 is in use by another program");
    }
}
