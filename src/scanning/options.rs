//! Where the codes come from, as a command line says it.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Input;
use crate::cli::{Failure, STDIO};

/// Where the codes come from. Without an option it is a camera.
#[derive(Clone, Debug, Args)]
#[group(id = "codes", multiple = false)]
pub struct SourceArgs {
    /// Take pictures with a camera, /dev/video2 for example; without a name, the first one for visible light
    #[arg(long, value_name = "DEVICE", num_args = 0..=1, require_equals = true)]
    camera: Option<Option<PathBuf>>,
    /// Read pictures from a file, a folder, or standard input for -: Y4M, PNG or JPEG
    ///
    /// With ffmpeg: `ffmpeg -i film.mp4 -f yuv4mpegpipe -pix_fmt gray - | ... --frames -`.
    #[arg(long, value_name = "FILE")]
    frames: Option<PathBuf>,
    /// Read the text of each code from a line that is typed, pasted, or sent by a hand scanner
    #[arg(long)]
    text: bool,
}

impl SourceArgs {
    /// Whether one of the options was given.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        self.camera.is_some() || self.frames.is_some() || self.text
    }

    /// The file or folder that is read, if it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.frames.as_deref().filter(|path| path.as_os_str() != STDIO)
    }

    /// Standard input, if that is read.
    #[must_use]
    pub fn stdin(&self) -> Option<&Path> {
        let frames = self.frames.as_deref().filter(|path| path.as_os_str() == STDIO);
        frames.or_else(|| self.text.then_some(Path::new(STDIO)))
    }

    /// Opens a camera; files are opened when the scan begins.
    ///
    /// A program that closes a box around itself does so between the two: nothing of a camera's pictures is looked at here,
    /// and the device needs no rule afterwards.
    ///
    /// # Errors
    /// There is no camera, or it cannot be used.
    pub fn prepare(&self) -> Result<Input, Failure> {
        match &self.frames {
            _ if self.text => Ok(Input::Text),
            Some(path) => Ok(Input::Frames(path.clone())),
            None => Input::camera(self.camera.as_ref().and_then(Option::as_deref)),
        }
    }
}
