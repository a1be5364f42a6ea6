//! Files and secrets that a command reads, each once.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use dcrcold_core::request::{HEADER_LENGTH, MAX_BODY};
use dcrcold_signer::file;
use zeroize::Zeroizing;

use crate::failure::{Failure, Status};

/// The largest transfer file: a deflated body that did not get shorter is a little longer than a plain one.
const MAX_TRANSFER: usize = HEADER_LENGTH + MAX_BODY as usize + (1 << 10);
/// The largest file with a secret in it.
const MAX_SECRET: usize = 4096;

/// Whether a path stands for standard input or output.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Sees that at most one of the files is standard input: two could not tell where one ends.
pub(crate) fn one_stdin<'a>(files: impl IntoIterator<Item = Option<&'a Path>>) -> Result<(), Failure> {
    let count = files.into_iter().flatten().filter(|path| is_stdin(path)).count();
    if count > 1 {
        let failure = Failure::new(Status::Usage, "standard input is named twice, expected once at most");
        return Err(failure.hint("put one of the two into a file"));
    }
    Ok(())
}

/// Reads a transfer file whole.
pub(crate) fn transfer(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = if is_stdin(path) {
        file::read_from(io::stdin().lock(), Path::new("standard input"), MAX_TRANSFER)?
    } else {
        file::read(path, MAX_TRANSFER)?
    };
    Ok(bytes)
}

/// Reads a secret: the text without the line end behind it.
pub(crate) fn secret(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let (read, name) = if is_stdin(path) {
        (fill(io::stdin().lock()), "standard input".into())
    } else {
        (File::open(path).and_then(fill), path.display().to_string())
    };
    let failed = |error| Failure::new(Status::Failed, format!("cannot read {name}: {error}"));
    let (bytes, length) = read.map_err(failed)?;
    let malformed = |what: &str| Failure::new(Status::Malformed, format!("{name} {what}"));
    if length > MAX_SECRET {
        return Err(malformed("is too long for a secret"));
    }
    let text = str::from_utf8(&bytes[..length]).map_err(|_| malformed("is not UTF-8 text"))?;
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    Ok(Zeroizing::new(text.to_owned()))
}

/// Reads into room that does not move, so that no copy is left behind.
fn fill(mut from: impl Read) -> io::Result<(Zeroizing<Vec<u8>>, usize)> {
    let mut bytes = Zeroizing::new(vec![0; MAX_SECRET + 1]);
    let mut length = 0;
    loop {
        match from.read(&mut bytes[length..]) {
            Ok(0) => return Ok((bytes, length)),
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
