//! The box that the offline program closes around itself before it reads what another machine wrote.
//!
//! Whoever takes the process over by a hostile file finds a process that cannot open a socket, start a program, look
//! into another process or touch a file that the command line did not name. Two walls that know nothing of each other
//! stand for that: a filter of system calls (seccomp), without which nothing runs, and rules for files (Landlock), whose
//! absence is told. Neither can be taken down again from inside. `docs/sandbox.md` has the reasons.

mod calls;
mod descriptors;
mod files;
mod filter;
mod limits;

use std::io;

pub use calls::{Condition, RefusedCall, refused_calls};
pub use descriptors::refuse_sockets;
pub use files::{FileRules, Grants};
pub use filter::{BpfProgram, programs};

/// Closes the box, for ever. To be called before the first thread starts.
///
/// # Errors
/// [`SandboxError`]: the program has to end then. Missing rules for files are no error but a [`FileRules::Missing`].
pub fn enter(grants: &Grants) -> Result<FileRules, SandboxError> {
    refuse_sockets()?;
    // The filter last: it refuses what the other two need.
    limits::set()?;
    let rules = grants.enforce();
    filter::load()?;
    Ok(rules)
}

impl From<seccompiler::Error> for SandboxError {
    fn from(error: seccompiler::Error) -> Self {
        Self::Filter(match error {
            seccompiler::Error::Prctl(source) | seccompiler::Error::Seccomp(source) => source,
            other => io::Error::other(other),
        })
    }
}

/// Why the box cannot be closed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The open descriptors cannot be listed, so that one of them may be a socket.
    #[error("cannot list the open descriptors in /proc/self/fd")]
    Descriptors(#[source] io::Error),
    /// The program that started this one left a socket open.
    #[error("descriptor {number} is a socket ({protocol}), expected none")]
    Socket {
        /// The number of the descriptor.
        number: u32,
        /// The protocol as the kernel calls it.
        protocol: String,
    },
    /// The kernel does not let go of a right.
    #[error("cannot {action}")]
    Limit {
        /// What was tried.
        action: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// There is no filter for this processor.
    #[error("there is no system call filter for {0}, expected x86_64 or aarch64")]
    Architecture(&'static str),
    /// The filter cannot be made, or the kernel does not take it.
    #[error("cannot load the system call filter")]
    Filter(#[source] io::Error),
}
