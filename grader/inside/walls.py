"""What Linux offers to wall a process in: namespaces, capabilities, limits, a syscall filter."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import json
import os
import resource
import signal
import socket
import sys
from functools import cache
from typing import Any

INSIDE = __file__.startswith("/course/")  # this path exists in the sandbox only

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID = 0x20000, 0x8000000, 0x10000000, 0x20000000
MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER = 1, 4, 24, 36
LAST_CAPABILITY = 40
CAPABILITY_VERSION_3 = 0x20080522
NOBODY = 65_534
# Each of a child's folders may hold so many: the kernel keeps a kilobyte even for an empty file.
MOST_FILES = 10_000
# The watching process ends a submission long before it has so many times more processes.
FORKS_AHEAD = 4
# With 0 no file is written either, but a program of root's that takes dumps would still be run.
NO_DUMPS = 1
FIRST_TO_END = "1000"  # Such a process is the first to end where the machine has no memory left.
EVENTS_BYTES = 4096  # A cgroup's file of events has fewer.
NICER = 10  # The watching process is to get its turn beside many busy ones.

# Nothing that a notebook needs. What the kernel keeps for most of these is counted by no limit:
# memory files, shared memory, semaphores, message queues, watches, rings of asynchronous I/O,
# rules, programs. The machine's log, and writing everybody's files to disk, are no one's business.
FORBIDDEN_SYSCALLS = (
    *("memfd_create", "memfd_secret", "shmget", "userfaultfd", "ptrace", "process_vm_readv"),
    *("process_vm_writev", "mount", "umount2", "pivot_root", "chroot", "unshare", "setns"),
    *("bpf", "perf_event_open", "keyctl", "add_key", "request_key", "open_by_handle_at"),
    *("io_uring_setup", "move_mount", "open_tree", "fsopen", "mknod", "mknodat"),
    *("semget", "msgget", "mq_open", "io_setup", "inotify_init", "inotify_init1"),
    *("fanotify_init", "flock", "landlock_create_ruleset", "seccomp", "modify_ldt", "syslog"),
    *("sync", "syncfs", "open_tree_attr", "mount_setattr", "fsmount", "fsconfig", "fspick"),
    *("pidfd_getfd", "kcmp", "quotactl"),
)
# Locks on Python's own files, leases and notes of their use would reach other submissions.
F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW = 36, 37, 38
LOCKS = (
    *(fcntl.F_GETLK, fcntl.F_SETLK, fcntl.F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW),
    *(fcntl.F_SETLEASE, fcntl.F_GETLEASE, fcntl.F_NOTIFY),
)
PR_SET_SECCOMP = 22
# No limit counts what waits in a socket: leave its buffer small. Nor the programs that filter it.
BUFFERS_AND_FILTERS = (socket.SO_SNDBUF, socket.SO_RCVBUF, 26, 50, 51, 52)  # SO_ATTACH_…
AN_INT = 0xFFFFFFFF  # what the kernel looks at of an int: the rest could hide its value

libc = ctypes.CDLL(None, use_errno=True)


def become_nobody() -> None:
    """Give root up: the kernel exempts root from the limit on processes, in a namespace too."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    libc.prctl(PR_SET_DUMPABLE, 1)  # or /proc/self belongs to root and no uid_map can be written


def wall_in(answer_fd: int, limits: dict[str, int]) -> None:
    """Turn the calling, just forked process into one that can do nothing but compute and answer."""
    mapped = _mapped_bytes()  # /proc is gone later
    if INSIDE:
        _end_first()
        _new_namespaces(limits["tmp_bytes"])
        _drop_capabilities()
    os.setsid()  # signals to a group cross pid namespaces
    os.nice(NICER)
    _close_all_but(answer_fd)
    _set_limits(limits, mapped)
    if INSIDE:
        _syscall_filter().load()


def warm_up() -> None:
    """Do once what need not be done in each child."""
    # Each child has this limit, and who waits for it; one that is 0 already cannot be raised.
    most = NO_DUMPS if resource.getrlimit(resource.RLIMIT_CORE)[1] else 0
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    if INSIDE:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1)  # so that whatever a child leaves can be waited for
        _syscall_filter()


def kill_everything_else() -> None:
    """Kill all processes but this one and pid 1 of the sandbox, and wait until they are gone.

    What is left of one submission would be counted with the next one.
    """
    if INSIDE:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def others() -> list[int]:
    """All processes of the sandbox but this one and pid 1."""
    found = map(int, filter(str.isdigit, os.listdir("/proc")))
    return [pid for pid in found if pid not in (1, os.getpid())]


def too_much(processes: int, memory: int | None) -> str:
    """What the submission at work has too much of: "processes", "memory", or "" for nothing.

    Args:
        processes: how many it may have.
        memory: how many bytes; None where it is not to be asked for.
    """
    pids, used = others(), 0
    if len(pids) > processes:
        return "processes"
    if memory is not None and sum(map(_resident, pids)) > memory:
        for pid in pids:  # costly: asked for only if need be, and not while processes multiply
            used += memory_of(pid)
            if used > memory:
                return "memory"
            if len(others()) > processes:
                return "processes"
    return ""


def ended_for_memory(events: int | None) -> int:
    """How many processes of this sandbox the kernel has ended because memory was used up.

    Args:
        events: descriptor of the file of its cgroup that counts them; None where it has none.
    """
    if events is None:
        return 0
    words = os.pread(events, EVENTS_BYTES, 0).split()
    return int(words[words.index(b"oom_kill") + 1]) if b"oom_kill" in words else 0


def memory_of(pid: int) -> int:
    """Bytes of memory that a process uses; its part only of pages that it shares."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/smaps_rollup") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:")) * 1024
    return _resident(pid)  # smaps is unreadable (non-dumpable): count shared pages in full


def _resident(pid: int) -> int:
    """Bytes of memory that a process uses, those included that it shares."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
    return 0


def _end_first() -> None:
    """Let the kernel, when it has no memory left, end this process and its children first."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write(FIRST_TO_END)


def _check(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def _new_namespaces(tmp_bytes: int) -> None:
    """Users, processes, mounts and ipc of its own; a private /scratch; no /proc."""
    uid, gid = os.getuid(), os.getgid()
    flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC
    _check(libc.unshare(flags), "unshare")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {uid} 1"),
        ("gid_map", f"{gid} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    _enter_new_pids()
    options = f"size={tmp_bytes},nr_inodes={MOST_FILES},mode=700".encode()
    for place in (b"/scratch", b"/dev/shm"):
        _check(libc.mount(b"tmpfs", place, b"tmpfs", MS_NOSUID | MS_NODEV, options), "mount")
    hidden = MS_NOSUID | MS_NODEV | MS_NOEXEC
    if libc.mount(b"proc", b"/proc", b"proc", hidden, None) != 0:  # refused in most containers
        _check(libc.mount(b"tmpfs", b"/proc", b"tmpfs", hidden, b"size=4k,mode=555"), "mount")
    os.chdir("/scratch")


def _enter_new_pids() -> None:
    """Fork into the new pid namespace; this process waits and ends as the child does."""
    child = os.fork()
    if child == 0:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        return
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(max(code, 0))


def _drop_capabilities() -> None:
    for capability in range(LAST_CAPABILITY + 1):
        libc.prctl(PR_CAPBSET_DROP, capability)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    _check(libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")
    libc.prctl(PR_SET_DUMPABLE, 1)


@cache
def _syscall_filter() -> Any:
    """Made once, in the warm process; each child loads it."""
    import pyseccomp

    refused = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in FORBIDDEN_SYSCALLS:
        with contextlib.suppress(OSError):  # unknown to this libseccomp, hence to its kernel
            refused.add_rule(pyseccomp.ERRNO(errno.EPERM), name)
    for name, argument in (
        ("clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER)),
        ("socket", pyseccomp.Arg(0, pyseccomp.NE, socket.AF_UNIX)),
        ("socketpair", pyseccomp.Arg(0, pyseccomp.NE, socket.AF_UNIX)),
        ("setrlimit", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, AN_INT, resource.RLIMIT_CORE)),
        ("prctl", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, AN_INT, PR_SET_SECCOMP)),
        *(
            ("setsockopt", pyseccomp.Arg(2, pyseccomp.MASKED_EQ, AN_INT, option))
            for option in BUFFERS_AND_FILTERS
        ),
        *(("fcntl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, AN_INT, lock)) for lock in LOCKS),
    ):
        refused.add_rule(pyseccomp.ERRNO(errno.EPERM), name, argument)
    some = pyseccomp.Arg(2, pyseccomp.NE, 0)
    core = pyseccomp.Arg(1, pyseccomp.MASKED_EQ, AN_INT, resource.RLIMIT_CORE)
    refused.add_rule(pyseccomp.ERRNO(errno.EPERM), "prlimit64", core, some)
    refused.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")  # its flags cannot be looked at
    return refused


def _mapped_bytes() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def _set_limits(limits: dict[str, int], mapped: int) -> None:
    for kind, value in (
        (resource.RLIMIT_AS, mapped + limits["memory_bytes"]),
        (resource.RLIMIT_FSIZE, limits["file_bytes"]),
        (resource.RLIMIT_NOFILE, limits["open_files"]),
        (resource.RLIMIT_CPU, limits["seconds"]),
    ):
        resource.setrlimit(kind, (value, value))
    if INSIDE:  # elsewhere all processes of the user would count
        most = FORKS_AHEAD * limits["processes"]
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


def _close_all_but(kept: int) -> None:
    silent = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(silent, standard)
    os.closerange(3, kept)
    os.closerange(kept + 1, 65_536)


def _try() -> None:
    """Wall this process in and end: `python -m inside.walls LIMITS`, with the limits as JSON."""
    complaints = os.dup(2)
    try:
        become_nobody()
        wall_in(complaints, json.loads(sys.argv[1]))
    except Exception as error:
        os.write(complaints, str(error).encode())
        os._exit(1)


if __name__ == "__main__":
    _try()
