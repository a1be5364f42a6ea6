//! Inherited descriptors: a socket that is open already needs no system call that the filter could refuse.

use std::fs;
use std::io;
use std::path::Path;

use rustix::fs::getxattr;

use super::SandboxError;

/// Where the kernel lists the descriptors of the process that asks.
const LIST: &str = "/proc/self/fd";
/// The last of the three standard descriptors.
const STANDARD_ERROR: u32 = 2;

/// Refuses to go on with an open socket. Standard input, output and error may be sockets of this machine (`AF_UNIX`):
/// supervisors collect output that way, and with the filter loaded such a socket is no more than a pipe.
///
/// # Errors
/// [`SandboxError::Socket`], [`SandboxError::Descriptors`].
pub fn refuse_sockets() -> Result<(), SandboxError> {
    for entry in fs::read_dir(LIST).map_err(SandboxError::Descriptors)? {
        let entry = entry.map_err(SandboxError::Descriptors)?;
        let number = entry.file_name().to_str().and_then(|name| name.parse().ok());
        let number: u32 = number.ok_or_else(|| SandboxError::Descriptors(io::ErrorKind::InvalidData.into()))?;
        if !is_socket(&entry.path())? {
            continue;
        }
        let protocol = protocol(&entry.path());
        if number > STANDARD_ERROR || !protocol.starts_with("UNIX") {
            return Err(SandboxError::Socket { number, protocol });
        }
    }
    Ok(())
}

/// The link of a descriptor is `socket:[INODE]` for sockets, and a path, which starts with a slash, for files.
fn is_socket(descriptor: &Path) -> Result<bool, SandboxError> {
    match fs::read_link(descriptor) {
        Ok(target) => Ok(target.as_os_str().as_encoded_bytes().starts_with(b"socket:")),
        // The descriptor that listed the folder is gone by now.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(SandboxError::Descriptors(error)),
    }
}

/// The name of a socket's protocol, by the attribute that `lsof` reads: asking the socket itself would be a socket call.
/// A socket that does not say is none that may stay.
fn protocol(descriptor: &Path) -> String {
    let mut name = [0; 32];
    match getxattr(descriptor, "system.sockprotoname", &mut name[..]) {
        Ok(length) => String::from_utf8_lossy(&name[..length]).trim_end_matches('\0').to_owned(),
        Err(_) => "of unknown protocol".to_owned(),
    }
}
