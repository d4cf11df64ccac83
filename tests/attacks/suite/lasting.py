"""Staying behind: processes, files and messages for the submissions that come later."""

from __future__ import annotations

from .base import ANY, MARK, TIMEOUT, Attack, extra_cell, files, looting
from .tools import ESCAPE, LIBC, PIPE

# A program that lives on, with the attack's name in its command line.
STAY = """
import os, signal, sys, time

def stay(name):
    os.execv("/bin/sh", ["/bin/sh", "-c", "trap '' 1 2 3 15; while :; do sleep 1; done",
                         "MARK-" + name])
""".replace("MARK", MARK)

KEYS = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
SESSION, USER = -3, -4
ADD_KEY, KEYCTL = (248, 250) if os.uname().machine == "x86_64" else (217, 219)
"""


def _stays(name: str, tries: str, source: str, allowed: frozenset[str] = ANY) -> Attack:
    return Attack(
        name, tries, files(extra_cell(f"{STAY}NAME = {name!r}\n{source}")), allowed=allowed
    )


def _leaves(name: str, tries: str, source: str) -> Attack:
    return Attack(name, tries, files(extra_cell(ESCAPE + STAY + LIBC + source)), allowed=ANY)


ATTACKS = [
    _stays(
        "stays-daemon",
        "leaves a process behind that has forked twice and left its session",
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        stay(NAME)\n"
        "    os._exit(0)",
    ),
    _stays(
        "stays-shell",
        "leaves processes behind by the shell: nohup, setsid, &",
        "os.system(f\"nohup setsid sh -c 'while :; do sleep 1; done' {'" + MARK + "-' + NAME} "
        '>/dev/null 2>&1 &")',
    ),
    _stays(
        "stays-and-exits",
        "leaves a process behind and ends Python at once",
        "if os.fork() == 0:\n    os.setsid()\n    stay(NAME)\nos._exit(0)",
    ),
    _stays(
        "stays-in-namespace",
        "leaves a process behind in a pid namespace of its own",
        "import ctypes\nlibc = ctypes.CDLL(None)\nif os.fork() == 0:\n"
        "    libc.unshare(0x30000000)\n    if os.fork() == 0:\n        stay(NAME)\n"
        "    os._exit(0)",
    ),
    _stays(
        "stays-unkillable",
        "asks the kernel not to end it with its parent, then loops past the time limit",
        "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.prctl(1, 0, 0, 0, 0)\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
        "if os.fork() == 0:\n    libc.prctl(1, 0, 0, 0, 0)\n    stay(NAME)\n"
        "while True:\n    time.sleep(1)",
        TIMEOUT,
    ),
    _stays(
        "stays-threads",
        "leaves threads and exit hooks behind that write on every descriptor",
        PIPE + "import atexit, threading\n"
        "def go_on():\n    while True:\n        send({'cell': 10**6}); time.sleep(0.01)\n"
        "for _ in range(5):\n    threading.Thread(target=go_on, daemon=True).start()\n"
        "atexit.register(go_on)\nsys.exitfunc = go_on",
    ),
    _leaves(
        "leaves-files",
        "leaves files for later submissions in every temporary folder",
        """
for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run", "/dev/mqueue", "/scratch", "/dev"):
    for name in (f"{MARK}-left", "torch.py", "sitecustomize.py"):
        try:
            with open(f"{folder}/{name}", "w") as file:
                file.write("# " + MARK)
        except OSError:
            pass
""",
    ),
    _leaves(
        "leaves-ipc",
        "leaves shared memory, semaphores, message queues and keys for later submissions",
        KEYS
        + """
segment = libc.shmget(0x1EA2, 4096, 0o1666)
queue = libc.msgget(0x1EA2, 0o1666)
semaphore = libc.semget(0x1EA2, 1, 0o1666)
from multiprocessing import shared_memory
try:
    shared_memory.SharedMemory(name=MARK, create=True, size=4096)
except OSError as error:
    print(error)
for ring in (SESSION, USER, -5):
    key = libc.syscall(ADD_KEY, b"user", MARK.encode(), b"left", ctypes.c_size_t(4), ring)
    if key > 0:
        libc.syscall(KEYCTL, 5, ctypes.c_long(key), ctypes.c_long(0x3F3F3F3F))
print(segment, queue, semaphore)
""",
    ),
    *(
        Attack(
            f"finds-leftovers-{number}",
            "looks for anything that an earlier submission left for it",
            looting(
                ESCAPE
                + STAY
                + KEYS
                + f"""
from pathlib import Path
import time
time.sleep({number})
found = [str(path) for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run", "/scratch", "/dev", ".")
         for path in Path(folder).glob(MARK + "-left") if path.exists()]
found += [process.name for process in Path("/proc").glob("[0-9]*")
          if MARK.encode() in (process / "cmdline").read_bytes()]
for kind, got in (("segment", libc.shmget(0x1EA2, 4096, 0)), ("queue", libc.msgget(0x1EA2, 0))):
    if got >= 0:
        found.append(kind)
for ring in (SESSION, USER, -5):
    if libc.syscall(KEYCTL, 10, ctypes.c_long(ring), b"user", MARK.encode(), 0) > 0:
        found.append("key in ring %d" % ring)
if os.path.exists("/dev/shm/" + MARK):
    found.append("shared memory")
loot = (ESC + "found " + ", ".join(found)) if found else "found nothing"
"""
            ),
        )
        for number in (1, 2, 3)
    ),
]
