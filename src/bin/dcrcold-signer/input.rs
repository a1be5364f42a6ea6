//! Transfer files that a command reads, each once.

use std::io;
use std::path::Path;

use dcrcold_core::request::{HEADER_LENGTH, MAX_BODY};
use dcrcold_signer::cli::{Failure, FailureKind, STDIO};
use dcrcold_signer::file;

/// The largest transfer file: a deflated body that did not get shorter is a little longer than a plain one.
const MAX_TRANSFER: usize = HEADER_LENGTH + MAX_BODY as usize + (1 << 10);

/// Whether a path stands for standard input or output.
pub(crate) fn is_stdio(path: &Path) -> bool {
    path.as_os_str() == STDIO
}

/// Sees that at most one of the files is standard input: two could not tell where one ends.
pub(crate) fn one_stdin<'a>(files: impl IntoIterator<Item = Option<&'a Path>>) -> Result<(), Failure> {
    let count = files.into_iter().flatten().filter(|path| is_stdio(path)).count();
    if count > 1 {
        let failure = Failure::new(FailureKind::Usage, "standard input is named twice, expected once at most");
        return Err(failure.hint("put one of the two into a file"));
    }
    Ok(())
}

/// Reads a transfer file whole.
pub(crate) fn transfer(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = if is_stdio(path) {
        file::read_from(io::stdin().lock(), Path::new("standard input"), MAX_TRANSFER)?
    } else {
        file::read(path, MAX_TRANSFER)?
    };
    Ok(bytes)
}
