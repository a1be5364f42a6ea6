#!/usr/bin/env python3
"""Loads system call filters into this process, for tests of the box around dcrcold-signer.

    dcrcold-signer --json self-test | filter.py try   tries every call that the printed filter refuses, without and with it
    filter.py without CALL ERRNO PROGRAM [ARGUMENT...]   starts a program on a kernel that answers CALL with ERRNO
"""

import ctypes
import errno
import json
import os
import platform
import signal
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, FILTER_MODE = 22, 38, 2
X32_BIT = 0x40000000
# The calls of this test itself: number of clone, clone3, mmap, prctl, prlimit64, ioctl, kill.
NUMBERS = {
    "x86_64": {"clone": 56, "clone3": 435, "mmap": 9, "prctl": 157, "prlimit64": 302, "ioctl": 16, "kill": 62},
    "aarch64": {"clone": 220, "clone3": 435, "mmap": 222, "prctl": 167, "prlimit64": 261, "ioctl": 29, "kill": 129},
}[platform.machine()]
RETURN_ALLOW, RETURN_ERRNO = 0x7FFF0000, 0x00050000
# What a process can ask for without harm: refused by the kernel, but not for want of permission.
HARMLESS = {
    *("socket", "socketpair", "connect", "sendto", "recvmsg", "execve", "ptrace", "process_vm_readv", "pidfd_getfd"),
    *("io_uring_setup", "bpf", "perf_event_open", "userfaultfd", "keyctl", "unshare"),
}


class Step(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint)]


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.POINTER(Step))]


def load(steps):
    array = (Step * len(steps))(*[Step(*step) for step in steps])
    program = Program(len(steps), array)
    for arguments in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, FILTER_MODE, ctypes.byref(program), 0, 0)):
        if LIBC.prctl(*arguments) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


def call(number, *arguments):
    """Makes a system call and returns the name of its error, or "done"."""
    ctypes.set_errno(0)
    arguments = [ctypes.c_long(argument) for argument in arguments]
    result = LIBC.syscall(ctypes.c_long(number), *arguments)
    return "done" if result != -1 else errno.errorcode[ctypes.get_errno()]


def in_child(number, *arguments):
    """The same in a process of its own, for calls that start or end one."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        result = call(number, *arguments)
        os.write(writer, result.encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as answers:
        return answers.read()


def try_all(report):
    calls = [call for call in report["refused_calls"] if call["always"]]
    nonsense = [-1] * 6
    wrong = []

    def expect(what, found, *wanted):
        if found not in wanted:
            wrong.append(f"{what}: {found}, expected {' or '.join(wanted)}")

    at_times = {
        "another process": ("clone", signal.SIGCHLD, 0, 0, 0, 0),
        "executable memory": ("mmap", 0, 4096, 5, 0x22, -1, 0),
        "memory to be dumped": ("prctl", 4, 1, 0, 0, 0),
        "a limit for all time": ("prlimit64", 0, 4, ctypes.addressof((ctypes.c_ulong * 2)(0, 0)), 0),
        "a key typed for the person": ("ioctl", 0, 0x5412, 0),
        "a signal to another process": ("kill", os.getppid(), 0),
        "a process past the filter": ("clone3", 0, 0),
    }
    allowed = {
        "memory": ("mmap", 0, 4096, 3, 0x22, -1, 0),
        "a question for a limit": ("prlimit64", 0, 4, 0, ctypes.addressof((ctypes.c_ulong * 2)())),
        "a question of the terminal": ("ioctl", -1, 0x5413, 0),
    }
    # Without the filter first.
    harmless = [call for call in calls if call["name"] in HARMLESS]
    through = [one["name"] for one in harmless if call(one["number"], *nonsense) != "EPERM"]
    # Some systems refuse some of them already; where none gets through, the test shows nothing.
    for name in ("socket", "execve"):
        expect(f"{name}, without the filter", str(name in through), "True")
    outside = {what: in_child(NUMBERS[name], *arguments) for what, (name, *arguments) in at_times.items()}
    for what in ("another process", "executable memory", "memory to be dumped", "a limit for all time"):
        # A new process says it too.
        expect(f"{what}, without the filter", outside[what][:4], "done")

    for program in report["filter"]:
        load(program)
    for one in calls:
        expect(one["name"], call(one["number"], *nonsense), "EPERM")
        if platform.machine() == "x86_64":
            expect(f"x32 {one['name']}", call(one["number"] | X32_BIT, *nonsense), "EPERM")
    for what, (name, *arguments) in at_times.items():
        expect(what, call(NUMBERS[name], *arguments), "ENOSYS" if name == "clone3" else "EPERM")
    for what, (name, *arguments) in allowed.items():
        expect(what, call(NUMBERS[name], *arguments), "done", "EBADF")
    # Numbers of x32 alone, among them its execve and ptrace, and what a later kernel may have.
    if platform.machine() == "x86_64":
        for number in range(512, 548):
            expect(f"x32 number {number}", call(number | X32_BIT, *nonsense), "EPERM")
    for number in (463, 469, 511, 520, 547, 100_000):
        expect(f"number {number}", call(number, *nonsense), "ENOSYS")
    print(f"{len(calls)} calls refused always, {len(at_times)} at times, let through without the filter: {' '.join(through)}")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def without(number, error, program):
    answer = RETURN_ERRNO | error
    load([(0x20, 0, 0, 0), (0x15, 0, 1, number), (6, 0, 0, answer), (6, 0, 0, RETURN_ALLOW)])
    os.execv(program[0], program)


if sys.argv[1] == "try":
    sys.exit(try_all(json.load(sys.stdin)))
without(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
