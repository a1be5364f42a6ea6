//! The filter of system calls as the kernel gets it, evaluated for every number: what it refuses is the list, and nothing else.
//!
//! Source: Linux `net/core/filter.c`, `kernel/seccomp.c`, `include/uapi/linux/{bpf_common,seccomp,audit}.h`.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::collections::BTreeMap;

use dcrcold_signer::sandbox::{BpfProgram, Condition, RefusedCall, programs, refused_calls};

/// How the kernel names the processor that a call is made for.
const OWN: u32 = if cfg!(target_arch = "x86_64") { 0xc000_003e } else { 0xc000_00b7 };
/// The 32-bit calls of this processor, and others.
const OTHERS: [u32; 6] = [0x4000_0003, 0x4000_0028, 0xc000_00f3, 0x8000_0015, 0, u32::MAX];
const X32_BIT: u32 = 0x4000_0000;
/// Numbers up to here are looked at one by one.
const NUMBERS: u32 = 600;
const ALLOW: u32 = 0x7fff_0000;
const EPERM: u32 = 0x0005_0001;
const ENOSYS: u32 = 0x0005_0026;
const KILL_PROCESS: u32 = 0x8000_0000;

/// Numbers that are not taken from the crate that the filter takes them from: Linux `syscall_64.tbl`, and
/// `include/uapi/asm-generic/unistd.h`.
const X86_64: &str = "socket 41 connect 42 accept 43 sendto 44 recvfrom 45 sendmsg 46 recvmsg 47 shutdown 48 bind 49 listen 50
    getsockname 51 getpeername 52 socketpair 53 setsockopt 54 getsockopt 55 accept4 288 recvmmsg 299 sendmmsg 307 fork 57
    vfork 58 execve 59 execveat 322 ptrace 101 process_vm_readv 310 process_vm_writev 311 pidfd_open 434 pidfd_getfd 438 bpf 321
    perf_event_open 298 userfaultfd 323 io_uring_setup 425 io_uring_enter 426 io_uring_register 427 keyctl 250 unshare 272
    setns 308 mount 165 seccomp 317 init_module 175 kexec_load 246 setrlimit 160 fchmodat 268 fchmodat2 452 personality 135
    msgsnd 69 msgrcv 70 msgctl 71 semop 65 semctl 66 semtimedop 220 shmctl 31 mq_unlink 241";
const AARCH64: &str = "socket 198 socketpair 199 bind 200 listen 201 accept 202 connect 203 getsockname 204 getpeername 205 sendto 206
    recvfrom 207 setsockopt 208 getsockopt 209 shutdown 210 sendmsg 211 recvmsg 212 accept4 242 recvmmsg 243 sendmmsg 269
    execve 221 execveat 281 ptrace 117 process_vm_readv 270 process_vm_writev 271 pidfd_open 434 pidfd_getfd 438 bpf 280
    perf_event_open 241 userfaultfd 282 io_uring_setup 425 io_uring_enter 426 io_uring_register 427 keyctl 219 unshare 97
    setns 268 mount 40 seccomp 277 init_module 105 kexec_load 104 setrlimit 164 fchmodat 53 fchmodat2 452 personality 92
    msgctl 187 msgrcv 188 msgsnd 189 semctl 191 semtimedop 192 semop 193 shmctl 195 mq_unlink 181";

/// What the kernel shows to a filter.
#[derive(Clone, Copy)]
struct Call {
    number: u32,
    processor: u32,
    arguments: [u64; 6],
}

impl Call {
    /// The word at an offset of `struct seccomp_data`.
    fn word(&self, at: u32) -> u32 {
        let low = |value: u64| u32::try_from(value & 0xffff_ffff).unwrap();
        match at {
            0 => self.number,
            4 => self.processor,
            8 | 12 => 0,
            16..64 if at.is_multiple_of(4) => {
                let argument = self.arguments[(at as usize - 16) / 8];
                if at.is_multiple_of(8) { low(argument) } else { low(argument >> 32) }
            }
            _ => panic!("a word at {at}"),
        }
    }

    /// The answer of both programs: the kernel takes the one that is lower as a signed action.
    fn answer(&self, programs: &[BpfProgram]) -> u32 {
        programs.iter().map(|program| evaluate(program, self)).min_by_key(|answer| answer.cast_signed()).unwrap()
    }
}

/// Runs a program as the kernel does; an instruction that no filter here has a use for is a failure.
fn evaluate(program: &BpfProgram, call: &Call) -> u32 {
    let (mut accumulator, mut at) = (0, 0);
    loop {
        let step = &program[at];
        at += 1;
        let mut branch = |taken: bool| at += usize::from(if taken { step.jt } else { step.jf });
        match step.code {
            0x20 => accumulator = call.word(step.k),
            0x54 => accumulator &= step.k,
            0x05 => at += step.k as usize,
            0x15 => branch(accumulator == step.k),
            0x25 => branch(accumulator > step.k),
            0x35 => branch(accumulator >= step.k),
            0x45 => branch(accumulator & step.k != 0),
            0x06 => return step.k,
            other => panic!("instruction {other:#x}"),
        }
    }
}

/// Whether a call of the list is refused with these arguments.
fn refuses(condition: Condition, arguments: &[u64; 6]) -> bool {
    let low = |argument: u8| u32::try_from(arguments[usize::from(argument)] & 0xffff_ffff).unwrap();
    match condition {
        Condition::Always => true,
        Condition::Is { argument, value } => low(argument) == value,
        Condition::IsNot { argument, value } => low(argument) != value,
        Condition::Given { argument } => arguments[usize::from(argument)] != 0,
        Condition::Has { argument, bit } => low(argument) & bit == bit,
        Condition::Lacks { argument, bit } => low(argument) & bit == 0,
    }
}

/// Arguments on both sides of every condition: each value alone, in all places, with and without an upper half.
fn arguments(calls: &[RefusedCall]) -> Vec<[u64; 6]> {
    let values = calls.iter().filter_map(|call| match call.condition {
        Condition::Is { value, .. } | Condition::IsNot { value, .. } => Some(value),
        Condition::Has { bit, .. } | Condition::Lacks { bit, .. } => Some(bit),
        Condition::Always | Condition::Given { .. } => None,
    });
    let values = values.flat_map(|value| [value, !value, value.wrapping_add(1)]).chain([0, u32::MAX]);
    let mut all: Vec<_> = values.flat_map(|value| [u64::from(value), u64::from(value) | 1 << 32]).collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter().map(|value| [value; 6]).collect()
}

#[test]
fn the_filter_refuses_the_list_and_nothing_else() {
    let (programs, process) = (programs().unwrap(), std::process::id());
    let calls = refused_calls(process);
    let mut list = BTreeMap::<u32, Vec<Condition>>::new();
    for call in &calls {
        list.entry(u32::try_from(call.number).unwrap()).or_default().push(call.condition);
    }
    let clone3 = u32::try_from(libc::SYS_clone3).unwrap();
    let (mut cases, mut passed, mut at_times) = (0, 0, 0);
    for number in 0..=NUMBERS {
        let (mut refused, mut allowed) = (false, false);
        for arguments in arguments(&calls) {
            let answer = Call { number, processor: OWN, arguments }.answer(&programs);
            let listed = list.get(&number).is_some_and(|list| list.iter().any(|one| refuses(*one, &arguments)));
            let expected = match number {
                _ if listed => EPERM,
                463.. => ENOSYS,
                _ if number == clone3 => ENOSYS,
                _ => ALLOW,
            };
            assert_eq!(answer, expected, "number {number}, arguments {arguments:x?}");
            (refused, allowed) = (refused || answer != ALLOW, allowed || answer == ALLOW);
            cases += 1;
        }
        passed += usize::from(allowed && !refused);
        at_times += usize::from(allowed && refused);
    }
    println!("filter, numbers 0 to {NUMBERS}: {cases} cases, {passed} calls pass, {at_times} by their arguments");
    assert!(passed > 200 && at_times > 8, "a filter that lets nothing through would show nothing");
}

#[test]
fn numbers_of_x32_and_of_other_processors_pass_never() {
    let (programs, mut cases) = (programs().unwrap(), 0);
    for arguments in [[0; 6], [u64::MAX; 6]] {
        for low in (0..=NUMBERS).chain([0x3fff_ffff, 0xbfff_ffff]) {
            let call = Call { number: low | X32_BIT, processor: OWN, arguments };
            assert_eq!(call.answer(&programs), EPERM, "x32 {low}");
            cases += 1;
            for processor in OTHERS {
                let answer = Call { number: low, processor, arguments }.answer(&programs);
                assert_eq!(answer, KILL_PROCESS, "number {low} of processor {processor:#x}");
                cases += 1;
            }
        }
    }
    println!("filter, x32 and other processors: {cases} cases");
    assert_eq!(cases, 2 * 603 * 7);
}

#[test]
fn the_numbers_are_those_of_the_kernel() {
    let table = if cfg!(target_arch = "x86_64") { X86_64 } else { AARCH64 };
    let (programs, calls, mut cases) = (programs().unwrap(), refused_calls(std::process::id()), 0);
    for pair in table.split_whitespace().collect::<Vec<_>>().chunks(2) {
        let (name, number): (_, u32) = (pair[0], pair[1].parse().unwrap());
        let call = calls.iter().find(|call| call.name == name).unwrap_or_else(|| panic!("{name} is not on the list"));
        assert_eq!((call.number, call.condition), (number.into(), Condition::Always), "{name}");
        assert_eq!(Call { number, processor: OWN, arguments: [0; 6] }.answer(&programs), EPERM, "{name}");
        cases += 1;
    }
    println!("numbers of the kernel: {cases} cases");
    assert!(cases > 40, "{cases}");
}
