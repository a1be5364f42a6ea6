//! The system calls that the offline program does without.
//!
//! A list of what is refused, and not of what is allowed: which harmless calls a C library makes changes from one of
//! its versions to the next, and a signer that stops half-way through writing a key store is worse than a call that
//! gives nothing away. [`FIRST_UNKNOWN`] closes the list at its open end.

use libc::c_long;

/// The first number that this list does not look at. From here on (Linux 6.13) calls are answered as by a kernel that
/// does not have them, which libraries know how to live with. Linux gives new numbers upwards and to all processors
/// alike.
pub(super) const FIRST_UNKNOWN: u32 = 463;
/// The bit of the x32 numbers: the calls of an x86-64 processor a second time, some with numbers of their own.
pub(super) const X32_BIT: u32 = 0x4000_0000;

/// A system call that the filter refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedCall {
    /// The name without a prefix.
    pub name: &'static str,
    /// The number on this processor.
    pub number: i64,
    /// When it is refused.
    pub condition: Condition,
}

/// When a system call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Always.
    Always,
    /// When an argument has this low half.
    Is {
        /// The number of the argument, from 0.
        argument: u8,
        /// The value.
        value: u32,
    },
    /// When an argument has another low half.
    IsNot {
        /// The number of the argument, from 0.
        argument: u8,
        /// The value.
        value: u32,
    },
    /// When an argument points somewhere.
    Given {
        /// The number of the argument, from 0.
        argument: u8,
    },
    /// When an argument has this bit.
    Has {
        /// The number of the argument, from 0.
        argument: u8,
        /// The bit.
        bit: u32,
    },
    /// When an argument does not have this bit.
    Lacks {
        /// The number of the argument, from 0.
        argument: u8,
        /// The bit.
        bit: u32,
    },
}

type Calls = &'static [(&'static str, c_long)];

macro_rules! calls {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name)),*] };
}

/// No socket, and nothing to be done with one that was inherited but read and write.
const SOCKETS: Calls = calls![
    SYS_socket SYS_socketpair SYS_connect SYS_bind SYS_listen SYS_accept SYS_accept4 SYS_shutdown SYS_getsockname
    SYS_getpeername SYS_getsockopt SYS_setsockopt SYS_sendto SYS_sendmsg SYS_sendmmsg SYS_recvfrom SYS_recvmsg
    SYS_recvmmsg
];

/// No other program. `clone` is left for threads; `clone3` hides its flags from filters. A process of another personality
/// can execute whatever memory it can read, so that no refusal of executable memory would help.
const PROGRAMS: Calls = calls![SYS_execve SYS_execveat SYS_personality];

/// No look into other processes, nor anything out of their hands. What they share is found by a number that can be guessed.
const PROCESSES: Calls = calls![
    SYS_ptrace SYS_process_vm_readv SYS_process_vm_writev SYS_process_madvise SYS_kcmp SYS_pidfd_open SYS_pidfd_getfd
    SYS_pidfd_send_signal SYS_rt_sigqueueinfo SYS_rt_tgsigqueueinfo SYS_mq_open SYS_mq_unlink SYS_msgget SYS_msgsnd
    SYS_msgrcv SYS_msgctl SYS_semget SYS_semop SYS_semtimedop SYS_semctl SYS_shmget SYS_shmat SYS_shmctl
];

/// Nothing that runs calls past the filter, and no part of the kernel that has been a way into it.
const KERNEL: Calls = calls![
    SYS_io_uring_setup SYS_io_uring_enter SYS_io_uring_register SYS_bpf SYS_perf_event_open SYS_userfaultfd SYS_keyctl
    SYS_add_key SYS_request_key SYS_fanotify_init SYS_fanotify_mark SYS_quotactl SYS_quotactl_fd SYS_seccomp
];

/// No other view of the file system.
const NAMESPACES: Calls = calls![
    SYS_unshare SYS_setns SYS_mount SYS_umount2 SYS_pivot_root SYS_chroot SYS_open_tree SYS_move_mount SYS_fsopen
    SYS_fsconfig SYS_fsmount SYS_fspick SYS_mount_setattr SYS_open_by_handle_at
];

/// Nothing that only an administrator may do: the program may have been started by one.
const ADMINISTRATION: Calls = calls![
    SYS_init_module SYS_finit_module SYS_delete_module SYS_kexec_load SYS_reboot SYS_swapon SYS_swapoff SYS_acct
    SYS_syslog SYS_sethostname SYS_setdomainname SYS_settimeofday SYS_clock_settime SYS_clock_adjtime SYS_adjtimex
];

/// No change of what files belong to and who may use them: rules for files do not cover it.
const ATTRIBUTES: Calls = calls![
    SYS_fchmodat SYS_fchown SYS_fchownat SYS_setxattr SYS_lsetxattr SYS_fsetxattr SYS_removexattr SYS_lremovexattr
    SYS_fremovexattr
];

#[cfg(target_arch = "x86_64")]
const OF_THIS_PROCESSOR: Calls = calls![
    SYS_fork SYS_vfork SYS_chmod SYS_chown SYS_lchown SYS_iopl SYS_ioperm SYS_modify_ldt SYS_kexec_file_load SYS_uselib
];
#[cfg(not(target_arch = "x86_64"))]
const OF_THIS_PROCESSOR: Calls = &[];

/// All refused calls; `process` is the number of the process that they are refused to.
#[must_use]
pub fn refused_calls(process: u32) -> Vec<RefusedCall> {
    let groups = [SOCKETS, PROGRAMS, PROCESSES, KERNEL, NAMESPACES, ADMINISTRATION, ATTRIBUTES, OF_THIS_PROCESSOR];
    let always = groups.into_iter().flatten().map(|&(name, number)| refused(name, number, Condition::Always));
    always.chain(refused_at_times(process)).collect()
}

fn refused_at_times(process: u32) -> Vec<RefusedCall> {
    let own = Condition::IsNot { argument: 0, value: process };
    let is = |argument, value| Condition::Is { argument, value };
    let executable = Condition::Has { argument: 2, bit: bits(libc::PROT_EXEC) };
    vec![
        // Threads are no harm; a process is.
        refused("SYS_clone", libc::SYS_clone, Condition::Lacks { argument: 0, bit: bits(libc::CLONE_THREAD) }),
        // Signals to itself end a program that has gone wrong.
        refused("SYS_kill", libc::SYS_kill, own),
        refused("SYS_tkill", libc::SYS_tkill, own),
        refused("SYS_tgkill", libc::SYS_tgkill, own),
        refused("SYS_fchmodat2", FCHMODAT2, Condition::Always),
        // What was limited stays limited. Asking for a limit is harmless.
        refused("SYS_setrlimit", libc::SYS_setrlimit, Condition::Always),
        refused("SYS_prlimit64", libc::SYS_prlimit64, Condition::Given { argument: 2 }),
        refused("SYS_prctl", libc::SYS_prctl, is(0, bits(libc::PR_SET_DUMPABLE))),
        refused("SYS_prctl", libc::SYS_prctl, is(0, bits(libc::PR_SET_PTRACER))),
        refused("SYS_prctl", libc::SYS_prctl, is(0, bits(libc::PR_SET_SECCOMP))),
        // These two type on the terminal for the person: the shell would run it when the program has ended.
        refused("SYS_ioctl", libc::SYS_ioctl, is(1, TIOCSTI)),
        refused("SYS_ioctl", libc::SYS_ioctl, is(1, TIOCLINUX)),
        // All code is there by now.
        refused("SYS_mmap", libc::SYS_mmap, executable),
        refused("SYS_mprotect", libc::SYS_mprotect, executable),
        refused("SYS_pkey_mprotect", libc::SYS_pkey_mprotect, executable),
    ]
}

/// The same number on all processors, which `libc` does not have for all.
const FCHMODAT2: c_long = 452;
/// Linux `include/uapi/asm-generic/ioctls.h`.
const TIOCSTI: u32 = 0x5412;
/// Linux `include/uapi/asm-generic/ioctls.h`; its subcode 3 pastes.
const TIOCLINUX: u32 = 0x541c;

const fn bits(value: libc::c_int) -> u32 {
    value.cast_unsigned()
}

fn refused(name: &'static str, number: c_long, condition: Condition) -> RefusedCall {
    RefusedCall { name: name.strip_prefix("SYS_").unwrap_or(name), number, condition }
}
