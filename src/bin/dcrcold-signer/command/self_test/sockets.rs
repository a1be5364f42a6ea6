//! Sockets that the self-test tries to open. Nothing here, or anywhere else in this program, could use one: the gate
//! `offline-symbols` knows this file by name, and the functions that it may import.
#![expect(clippy::disallowed_types, reason = "to show that no socket can be opened, somebody has to try")]

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;

/// Opens a socket that is connected to nothing. The filter does not look at the kind of socket, nor does it here matter.
pub(super) fn open() -> io::Result<OwnedFd> {
    UnixDatagram::unbound().map(OwnedFd::from)
}

/// Opens two sockets that are connected to each other.
pub(super) fn open_pair() -> io::Result<[OwnedFd; 2]> {
    UnixDatagram::pair().map(|(one, other)| [one.into(), other.into()])
}
