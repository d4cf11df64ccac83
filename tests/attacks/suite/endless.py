"""Code that does not come to an end, or ends Python, and floods of output."""

from __future__ import annotations

from .base import (
    ANY,
    TIMEOUT,
    Attack,
    Change,
    answer,
    every_answer,
    extra_cell,
    files,
    in_a_cell,
)


def _answers(name: str, tries: str, *changes: Change, allowed: frozenset[str] = ANY) -> Attack:
    return Attack(name, tries, files(*changes), allowed=allowed)


ATTACKS = [
    in_a_cell(
        "endless-cell",
        "loops for ever in a cell",
        "while True:\n    pass",
        frozenset({"graded", "timeout"}),
    ),
    in_a_cell(
        "endless-stubborn",
        "loops for ever and catches everything that is raised to stop it",
        "while True:\n    try:\n        while True:\n            pass\n"
        "    except BaseException:\n        pass",
        TIMEOUT,
    ),
    in_a_cell(
        "endless-deaf",
        "blocks and ignores every signal and stops the timers before it loops",
        "import signal\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
        "for n in range(1, 65):\n    try:\n        signal.signal(n, signal.SIG_IGN)\n"
        "    except (OSError, ValueError):\n        pass\n"
        "signal.setitimer(signal.ITIMER_REAL, 0)\nwhile True:\n    pass",
        TIMEOUT,
    ),
    in_a_cell(
        "endless-in-c",
        "stays in one call of C code that no exception interrupts",
        "import ctypes\nlibc = ctypes.PyDLL(None)\nwhile True:\n    libc.sleep(1000)",
        frozenset({"graded", "timeout"}),
    ),
    _answers(
        "endless-answers",
        "loops for ever in every answer",
        every_answer("def NAME(**k):\n    while True:\n        pass"),
        allowed=frozenset({"graded", "timeout"}),
    ),
    _answers(
        "slow-answers",
        "sleeps in every answer, each time a little less than the limit",
        every_answer("import time\ndef NAME(**k):\n    time.sleep(4)"),
        allowed=frozenset({"graded", "timeout"}),
    ),
    _answers(
        "endless-generator",
        "returns generators and iterators that never end",
        every_answer("import itertools\nNAME = lambda **k: itertools.count()"),
    ),
    _answers(
        "input-waits",
        "waits for somebody to type",
        extra_cell("input('your name? ')"),
        extra_cell("import sys\nsys.stdin.read(); open('/dev/tty').read()"),
    ),
    in_a_cell(
        "sys-exit",
        "ends Python by sys.exit while it is imported",
        "import sys, atexit\natexit.register(print)\nsys.exit(0)",
    ),
    in_a_cell(
        "os-exit", "ends Python by os._exit(0)", "import os\nos._exit(0)", frozenset({"crashed"})
    ),
    in_a_cell("abort", "ends Python by os.abort", "import os\nos.abort()", frozenset({"crashed"})),
    in_a_cell(
        "segfault", "reads address 0", "import ctypes\nctypes.string_at(0)", frozenset({"crashed"})
    ),
    in_a_cell(
        "stack-overflow",
        "overflows the stack of C",
        "import sys\nsys.setrecursionlimit(10**9)\ndef f(): return f()\nf()\n"
        "class A:\n    def __repr__(self): return repr([self])\nrepr(A())",
        frozenset({"crashed", "graded", "memory"}),
    ),
    in_a_cell(
        "stops-itself",
        "stops itself by SIGSTOP, in a child that holds everything",
        "import os, signal\nif os.fork():\n    os.kill(os.getpid(), signal.SIGSTOP)\n"
        "    os.wait()\nelse:\n    os.kill(os.getpid(), signal.SIGSTOP)",
        ANY,
    ),
    in_a_cell(
        "signal-storm",
        "lets signals arrive all the time",
        "import os, signal\nsignal.setitimer(signal.ITIMER_REAL, 0.001, 0.0001)\n"
        "if os.fork() == 0:\n    while True:\n        os.kill(os.getppid(), signal.SIGALRM)",
    ),
    in_a_cell(
        "prints-much",
        "prints 40 MB in one cell and a thousand pictures",
        "print('x' * 40_000_000)\nimport os\nos.write(1, b'y' * 1_000_000)\n"
        "from IPython.display import display, Image\n"
        "for _ in range(1000):\n    display(Image(data=b'\\x89PNG' + b'x' * 20_000, format='png'))",
    ),
    _answers(
        "prints-in-answer",
        "prints 100 MB inside of every answer",
        every_answer("def NAME(**k):\n    print('x' * 3_000_000)"),
    ),
    _answers(
        "returns-much",
        "returns ten million numbers and very long texts",
        answer("step_lr", "_text = 'x' * 10**8\nstep_lr = lambda **k: _text"),
        answer("step_lr_trace", "_trace = [0.1] * 10**7\nstep_lr_trace = lambda **k: _trace"),
        answer("drop_epochs", "drop_epochs = lambda **k: torch.zeros(1).expand(10**12)"),
        answer("chained_trace", "chained_trace = lambda **k: {n: n for n in range(10**6)}"),
        answer("design_schedule", "design_schedule = lambda **k: (10**100_000, 10**300)"),
        answer("group_traces", "group_traces = lambda **k: ['x' * 90_000] * 90_000"),
    ),
    _answers(
        "returns-deep",
        "returns lists and dicts that are nested 100,000 deep",
        every_answer(
            "def NAME(**k):\n    value = []\n    for _ in range(100_000):\n"
            "        value = [value]\n    return value"
        ),
    ),
    _answers(
        "long-error",
        "raises an error with a message of 100 MB, from 1,000 frames",
        every_answer(
            "_message = 'x' * 10**8\ndef NAME(**k):\n    def down(n):\n"
            "        return down(n - 1) if n else 1 / 0\n    try:\n"
            "        down(900)\n    except Exception as e:\n"
            "        raise ValueError(_message) from e"
        ),
    ),
    _answers(
        "garbage",
        "switches off the garbage collector and makes cycles, seeds and threads",
        extra_cell(
            "import gc, random, sys, torch\ngc.disable(); gc.freeze(); sys.setswitchinterval(100)\n"
            "random.seed(0); torch.manual_seed(0)\ntorch.set_num_threads(64)\n"
            "for _ in range(10**6):\n    a = []; a.append(a)"
        ),
    ),
]
