//! Why there is no camera, in words.

use std::io;
use std::path::{Path, PathBuf};

/// Why there is no camera.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CameraError {
    /// No node is one of a camera for visible light.
    #[error("no camera was found")]
    None,
    /// Nodes exist, and each is of no use.
    #[error("no camera was found: {}", passed.join(", "))]
    NoneOfUse {
        /// What each of them is.
        passed: Vec<String>,
    },
    /// The node does not exist.
    #[error("there is no camera {}", path.display())]
    Missing {
        /// The node.
        path: PathBuf,
    },
    /// The node is of something else.
    #[error("{} is no camera", path.display())]
    NoCamera {
        /// The node.
        path: PathBuf,
    },
    /// Another program has it.
    #[error("camera {} is in use by another program", path.display())]
    Busy {
        /// The node.
        path: PathBuf,
    },
    /// The user may not.
    #[error("camera {} may not be used", path.display())]
    Forbidden {
        /// The node.
        path: PathBuf,
    },
    /// It has none of the formats that are read here.
    #[error("camera {} has none of the formats YUYV, GREY, NV12 and MJPEG", path.display())]
    NoFormat {
        /// The node.
        path: PathBuf,
    },
    /// What its driver says is not understood.
    #[error("what camera {} says is not understood", path.display())]
    NotUnderstood {
        /// The node.
        path: PathBuf,
    },
    /// The system says no.
    #[error("cannot use camera {}: {source}", path.display())]
    Io {
        /// The node.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl CameraError {
    pub(super) fn of(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.raw_os_error() {
            Some(libc::ENOENT | libc::ENXIO | libc::ENODEV) => Self::Missing { path },
            Some(libc::EBUSY) => Self::Busy { path },
            Some(libc::EACCES | libc::EPERM) => Self::Forbidden { path },
            Some(libc::ENOTTY | libc::EINVAL) => Self::NoCamera { path },
            _ => Self::Io { path, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_told_in_words() {
        let told = |errno| CameraError::of(Path::new("/dev/video0"), io::Error::from_raw_os_error(errno)).to_string();
        for (errno, expected) in [
            (libc::ENOENT, "there is no camera /dev/video0"),
            (libc::ENODEV, "there is no camera /dev/video0"),
            (libc::EBUSY, "camera /dev/video0 is in use by another program"),
            (libc::EACCES, "camera /dev/video0 may not be used"),
            (libc::ENOTTY, "/dev/video0 is no camera"),
        ] {
            assert_eq!(told(errno), expected);
        }
        assert!(told(libc::EIO).starts_with("cannot use camera /dev/video0: "));
    }
}
