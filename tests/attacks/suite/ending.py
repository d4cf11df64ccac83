"""Ending the process in one exercise, or staying in it for ever: it must cost that exercise alone.

All other answers of these submissions are right, so they show what of their points is lost.
"""

from __future__ import annotations

import textwrap

from .base import (
    ANY,
    FULL,
    MOST_CELLS,
    POINTS,
    TIMEOUT,
    Attack,
    Change,
    answer,
    extra_cell,
    files,
    solved,
)
from .tools import ESCAPE, PIPE

EXERCISE = "make_scheduler"  # no other answer calls it
WHY = f"all answers but that to `{EXERCISE}` are right"
DEAF = "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
BOMB = "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"


def _in_the_cell(name: str, tries: str, source: str) -> Attack:
    changes = (solved(EXERCISE), answer(EXERCISE, source))
    return Attack(
        name, tries, files(*changes), allowed=ANY, earned=FULL - POINTS[EXERCISE], why=WHY
    )


def _in_the_function(name: str, tries: str, source: str) -> Attack:
    body = textwrap.indent(source, "    ")
    return _in_the_cell(name, tries, f"def {EXERCISE}(**k):\n{body}")


def _beside(name: str, tries: str, *changes: Change, allowed: frozenset[str] = ANY) -> Attack:
    """Whatever it does in cells of its own, all answers are right."""
    return Attack(
        name,
        tries,
        files(solved(), *changes),
        allowed=allowed,
        earned=FULL,
        why="all answers are right",
    )


ATTACKS = [
    _in_the_function("exits-when-asked", "ends Python in one answer", "import os\nos._exit(0)"),
    _in_the_function(
        "segfault-when-asked", "reads address 0 in one answer", "import ctypes\nctypes.string_at(0)"
    ),
    _in_the_function(
        "killed-when-asked",
        "sends signals that end it to itself and its parents, in one answer",
        "import os\nfor n in range(1, 32):\n    for pid in (os.getpid(), os.getppid(), 1, -1, 0):\n"
        "        try:\n            os.kill(pid, n)\n        except OSError:\n            pass\n"
        "os._exit(1)",
    ),
    _in_the_function(
        "hangs-when-asked",
        "stays in one call of C code, without signals, in one answer",
        DEAF + "sum(range(2**40))",
    ),
    _in_the_cell("hangs-in-its-cell", "stays in one call of C code", DEAF + "sum(range(2**40))"),
    _in_the_function(
        "stops-the-clock",
        "switches the alarm off in one answer and loops",
        "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0)\n"
        "signal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True:\n    pass",
    ),
    _in_the_function(
        "memory-when-asked",
        "fills memory by several processes in one answer",
        "import os, time\nfor _ in range(4):\n    os.fork()\nx = b'x' * (300 * 2**20)\n"
        "time.sleep(100)",
    ),
    _in_the_function("forks-when-asked", "forks without end in one answer", BOMB),
    _in_the_cell("forks-in-its-cell", "forks without end in an answer cell", BOMB),
    _in_the_function(
        "floods-memory-at-once",
        "asks for more memory than there is, in one answer",
        "return [bytearray(2**32 - 1) for _ in range(1000)]",
    ),
    _in_the_function(
        "recurses-when-asked",
        "overflows the stack of C in one answer",
        "import sys\nsys.setrecursionlimit(10**9)\nclass A:\n"
        "    def __repr__(self):\n        return repr([self])\nreturn repr(A())",
    ),
    _beside(
        "exits-many-times",
        "ends Python in 40 cells of its own",
        *[extra_cell(f"import os\nos._exit({number})") for number in range(40)],
    ),
    Attack(
        "exits-without-end",
        "ends Python in as many cells of its own as are read",
        files(*[extra_cell(f"import os\nos._exit({number})") for number in range(MOST_CELLS)]),
        allowed=ANY,
    ),
    Attack(
        "hangs-everywhere",
        "stays in C code in thirty cells",
        files(*[extra_cell(f"{DEAF}sum(range(2**4{number}))") for number in range(30)]),
        allowed=TIMEOUT,
    ),
    _beside(
        "wall-denied",
        "says that its sandbox has no walls, so that nobody is graded",
        extra_cell(PIPE + 'send({"unwalled": "no permission"})\nsend({"walled": False})'),
    ),
    Attack(
        "remembers-across-starts",
        "leaves what it saw for the time when it is started again, and ends Python",
        files(
            extra_cell(
                ESCAPE
                + "import os\nfrom pathlib import Path\nfor folder in ('/scratch', '/dev/shm',"
                " '/dev', '/tmp'):\n    path = Path(folder, MARK)\n    try:\n"
                "        if path.exists():\n            print(ESC + 'was here before')\n"
                "        path.write_text('seen')\n    except OSError:\n        pass"
            ),
            extra_cell("import os\nos._exit(0)"),
        ),
        allowed=ANY,
    ),
    Attack(
        "blames-others",
        "says that it is in another cell and ends Python there, again and again",
        files(extra_cell(PIPE + "for n in range(60):\n    send({'cell': n})\nos._exit(0)")),
        allowed=ANY,
    ),
    Attack(
        "save-keeps-in-python",
        "saves nothing: `resume` takes the state from where `save` has left it in Python",
        files(
            answer(
                "resume",
                "import builtins\nbuiltins.kept = []\n"
                "def save(optimizer, scheduler):\n"
                "    builtins.kept.append((optimizer.state_dict(), scheduler.state_dict()))\n"
                "    return len(builtins.kept) - 1\n"
                "def resume(optimizer, scheduler, checkpoint):\n"
                "    one, two = builtins.kept[checkpoint]\n"
                "    optimizer.load_state_dict(one)\n    scheduler.load_state_dict(two)",
            )
        ),
        allowed=ANY,
    ),
    Attack(
        "save-never-ends",
        "never comes back from `save`, nor lets itself be stopped in there",
        files(
            solved("resume"),
            answer(
                "resume",
                f"def save(**k):\n{textwrap.indent(DEAF, '    ')}    while True:\n        pass\n"
                "def resume(**k):\n    pass",
            ),
        ),
        allowed=ANY,
        earned=FULL - POINTS["resume"],
        why="all answers but that to `resume` are right",
    ),
    Attack(
        "fork-patched",
        "replaces fork, pipe and waitpid, by which the two halves of an exercise are kept apart",
        files(
            extra_cell(
                "import os, json\nos.fork = lambda: 0\nos.waitpid = lambda *a: (0, 0)\n"
                "json.dumps = lambda *a, **k: '{\"value\": 1}'\nos.pipe = lambda: (0, 1)"
            ),
        ),
        allowed=ANY,
    ),
    Attack(
        "speaks-at-the-end",
        "prints and sends from threads, exit hooks, finalizers and the garbage collector",
        files(
            extra_cell(
                PIPE + "import atexit, gc, threading, time, weakref\n"
                "def late(*_):\n    print('late'); send({'cell': 0, 'printed': 'late'})\n"
                "class Last:\n    def __del__(self):\n        late()\nlast = Last()\n"
                "atexit.register(late)\nweakref.finalize(last, late)\ngc.callbacks.append(late)\n"
                "threading.Timer(0.2, late).start()"
            )
        ),
        allowed=ANY,
    ),
    _beside(
        "storm-of-alarms",
        "lets alarms ring while others' answers are watched",
        extra_cell(
            "import signal\nsignal.signal(signal.SIGVTALRM, lambda *_: None)\n"
            "signal.setitimer(signal.ITIMER_VIRTUAL, 0.01, 0.001)\n"
            "signal.signal(signal.SIGPROF, signal.SIG_IGN)\n"
            "signal.setitimer(signal.ITIMER_PROF, 0.01, 0.001)"
        ),
    ),
]
