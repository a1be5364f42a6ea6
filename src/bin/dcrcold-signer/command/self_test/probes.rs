//! What the self-test tries: one function for each thing, the same outside and inside.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::thread;

use dcrcold_signer::sandbox::{SandboxError, refuse_sockets};
use rustix::process::{
    DumpableBehavior, PidfdFlags, PidfdGetfdFlags, Resource, Rlimit, getpid, pidfd_getfd, pidfd_open,
    set_dumpable_behavior, setrlimit,
};
use rustix::thread::no_new_privs;

use super::sockets;

/// What came of it: what was done, or why not.
pub(super) type Tried = io::Result<&'static str>;

/// What has to come of it.
enum Expected {
    /// It works outside, and the box refuses it.
    Refused,
    /// The box refuses it; whoever started the program may have done so already.
    Limited,
    /// It works everywhere.
    Works,
}

/// Something to be tried.
pub(super) struct Probe {
    pub(super) name: &'static str,
    expected: Expected,
    attempt: fn() -> Tried,
}

impl Probe {
    pub(super) fn run(&self) -> Tried {
        (self.attempt)()
    }

    pub(super) fn holds(&self, outside: &Tried, inside: &Tried) -> bool {
        match self.expected {
            Expected::Refused => outside.is_ok() && is_refused(inside),
            Expected::Limited => is_refused(inside),
            Expected::Works => outside.is_ok() && inside.is_ok(),
        }
    }
}

/// A failure of another kind says nothing about the box.
pub(super) fn is_refused(tried: &Tried) -> bool {
    tried.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
}

/// All probes in the order of the table.
pub(super) fn probes() -> Vec<Probe> {
    use Expected::{Limited, Refused, Works};
    let probe = |name, expected, attempt| Probe { name, expected, attempt };
    vec![
        probe("open a socket", Refused, socket),
        probe("open a socket in a new thread", Refused, socket_in_thread),
        probe("open a pair of sockets", Refused, socket_pair),
        probe("take a descriptor of a process", Refused, descriptor),
        probe("show the memory to other processes", Refused, dumpable),
        probe("allow core dumps", Limited, core_dumps),
        probe("gain privileges by starting a program", Limited, privileges),
        probe("list a folder", Refused, folder),
        probe("read a file that was not named", Refused, foreign_file),
        probe("make a file where none was named", Refused, new_file),
        probe("read randomness as a file", Works, randomness),
    ]
}

/// The check of inherited descriptors, without a socket and with one. It is made before the box is closed.
pub(super) fn inherited_socket() -> (Tried, Tried) {
    let check = || match refuse_sockets() {
        Ok(()) => Ok("started"),
        Err(error @ SandboxError::Socket { .. }) => Err(io::Error::new(io::ErrorKind::PermissionDenied, error)),
        Err(error) => Err(io::Error::other(error)),
    };
    let without = check();
    let with = sockets::open().and_then(|_open| check());
    (without, with)
}

fn socket() -> Tried {
    sockets::open().map(|_| "opened")
}

fn socket_in_thread() -> Tried {
    let thread = thread::Builder::new().spawn(socket)?;
    thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread ended early")))
}

fn socket_pair() -> Tried {
    sockets::open_pair().map(|_| "opened")
}

fn descriptor() -> Tried {
    let process = pidfd_open(getpid(), PidfdFlags::empty())?;
    let standard_error = io::stderr().as_raw_fd();
    pidfd_getfd(process, standard_error, PidfdGetfdFlags::empty())?;
    Ok("taken")
}

fn dumpable() -> Tried {
    set_dumpable_behavior(DumpableBehavior::Dumpable)?;
    Ok("shown")
}

fn core_dumps() -> Tried {
    let a_page = Some(4096);
    setrlimit(Resource::Core, Rlimit { current: a_page, maximum: a_page })?;
    Ok("allowed")
}

fn privileges() -> Tried {
    if no_new_privs()? {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "renounced"));
    }
    Ok("possible")
}

fn folder() -> Tried {
    fs::read_dir("/").map(|_| "listed")
}

/// The program itself can be read by whoever could start it, and no command names it.
fn foreign_file() -> Tried {
    File::open(super::THIS_PROGRAM).map(|_| "read")
}

/// A file without a name, so that nothing is left behind.
fn new_file() -> Tried {
    tempfile::tempfile().map(|_| "made")
}

fn randomness() -> Tried {
    File::open("/dev/urandom")?.read_exact(&mut [0])?;
    Ok("read")
}
