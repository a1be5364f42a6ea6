//! What the process can say of itself: no core dumps, nobody may look at its memory, no way to more rights.

use std::io;

use rustix::io::Errno;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use rustix::thread::set_no_new_privs;

use super::SandboxError;

/// Sets all limits.
pub(super) fn set() -> Result<(), SandboxError> {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    // The size limit does not hold for core dumps that the kernel hands to a program; not being dumpable does. That also
    // keeps other processes of the same user from attaching to this one.
    step("forbid core dumps", setrlimit(Resource::Core, none))?;
    step("hide the memory from other processes", set_dumpable_behavior(DumpableBehavior::NotDumpable))?;
    step("renounce new privileges", set_no_new_privs(true))
}

fn step(action: &'static str, result: Result<(), Errno>) -> Result<(), SandboxError> {
    result.map_err(|errno| SandboxError::Limit { action, source: io::Error::from(errno) })
}
