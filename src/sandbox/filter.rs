//! The filter of system calls (seccomp): two programs that the kernel runs before each call. The stricter answer counts.

use std::collections::BTreeMap;
use std::env::consts::ARCH;

pub use seccompiler::BpfProgram;
use seccompiler::{
    BackendError, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter_all_threads, sock_filter,
};

use super::SandboxError;
use super::calls::{Condition, FIRST_UNKNOWN, RefusedCall, X32_BIT, refused_calls};

/// The answer to a refused call. Killing the process would hide which call it was, could cut a write in two, and would
/// give whoever has taken the process over nothing less: either way the call does not happen.
const REFUSED: SeccompAction = SeccompAction::Errno(libc::EPERM.cast_unsigned());
/// The answer of a kernel that does not have the call: libraries then do without.
const UNKNOWN: SeccompAction = SeccompAction::Errno(libc::ENOSYS.cast_unsigned());

/// Loads both programs. The list comes last, since it refuses to load another one.
pub(super) fn load() -> Result<(), SandboxError> {
    for program in programs()? {
        apply_filter_all_threads(&program)?;
    }
    Ok(())
}

/// The programs for this process, in the order in which they are loaded.
///
/// # Errors
/// [`SandboxError::Architecture`], [`SandboxError::Filter`].
pub fn programs() -> Result<[BpfProgram; 2], SandboxError> {
    Ok([bounds(), list(&refused_calls(std::process::id()))?])
}

/// Refuses the calls of the list, and ends a process that makes calls as another kind of processor: their numbers
/// mean something else.
fn list(calls: &[RefusedCall]) -> Result<BpfProgram, SandboxError> {
    let processor = TargetArch::try_from(ARCH).map_err(|_| SandboxError::Architecture(ARCH))?;
    let mut rules = BTreeMap::<_, Vec<_>>::new();
    for call in calls {
        let chain = rules.entry(call.number).or_default();
        if let Some(condition) = condition(call.condition).map_err(seccompiler::Error::from)? {
            chain.push(SeccompRule::new(vec![condition]).map_err(seccompiler::Error::from)?);
        }
    }
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, REFUSED, processor);
    Ok(filter.and_then(BpfProgram::try_from).map_err(seccompiler::Error::from)?)
}

fn condition(condition: Condition) -> Result<Option<SeccompCondition>, BackendError> {
    use SeccompCmpArgLen::{Dword, Qword};
    let (argument, length, test, value) = match condition {
        Condition::Always => return Ok(None),
        Condition::Is { argument, value } => (argument, Dword, SeccompCmpOp::Eq, value.into()),
        Condition::IsNot { argument, value } => (argument, Dword, SeccompCmpOp::Ne, value.into()),
        Condition::Given { argument } => (argument, Qword, SeccompCmpOp::Ne, 0),
        Condition::Has { argument, bit } => (argument, Dword, SeccompCmpOp::MaskedEq(bit.into()), bit.into()),
        Condition::Lacks { argument, bit } => (argument, Dword, SeccompCmpOp::MaskedEq(bit.into()), 0),
    };
    SeccompCondition::new(argument, length, test, value).map(Some)
}

/// Instructions of the kernel's filter language; Linux `include/uapi/linux/bpf_common.h`.
const LOAD: u16 = 0x20;
const JUMP_IF_EQUAL: u16 = 0x15;
const JUMP_IF_AT_LEAST: u16 = 0x35;
const RETURN: u16 = 0x06;
/// Where the number of the call lies; Linux `struct seccomp_data`.
const NUMBER: u32 = 0;

/// Refuses whole ranges of numbers, for which a list by single numbers has no words.
fn bounds() -> BpfProgram {
    let clone3 = u32::try_from(libc::SYS_clone3).expect("numbers of system calls are small");
    let step = |code, k, jt| sock_filter { code, jt, jf: 0, k };
    let answer = |action: SeccompAction| step(RETURN, action.into(), 0);
    vec![
        step(LOAD, NUMBER, 0),
        step(JUMP_IF_AT_LEAST, X32_BIT, 3),
        step(JUMP_IF_AT_LEAST, FIRST_UNKNOWN, 3),
        // Its flags lie in memory where no filter can see them; libraries take `clone` instead.
        step(JUMP_IF_EQUAL, clone3, 2),
        answer(SeccompAction::Allow),
        answer(REFUSED),
        answer(UNKNOWN),
    ]
}
