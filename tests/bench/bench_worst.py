"""What one submission can make the trusted side do, at worst: CPU seconds and memory of the worker.

`python tests/bench/bench_worst.py [NAME…]`. Each submission is graded, judged and rendered in a
worker of its own that has graded right and wrong answers before: what it keeps for all that follow
is made then. The memory is what the worker grew by. Exits 1 where a bound is broken.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "attacks"))
from suite import ATTACKS, burdening
from suite.base import FILE, LESSON, every_answer, extra_cell, handed_in, solved
from suite.tools import FORGE, PIPE

from grader.batch.outcomes import grade_task
from grader.batch.records import Task
from grader.submission.limits import Limits
from grader.submission.sandbox import Sandbox

MOST_SECONDS, MOST_MIB = 3.0, 500
NAMED = (
    *("prints-newlines", "slow-to-colour", "long-diagnosis", "bomb-of-cells", "bomb-of-metadata"),
    *("exits-without-end", "pipe-newlines", "pipe-braces", "pipe-words", "pipe-one-line"),
    *("observed-lists", "forged-collisions", "forged-many-keys", "deep-objects", "long-error"),
    *("forged-depth-487", "forged-deep-value", "tracing", "returns-much", "returns-deep"),
    *(attack.name for attack in burdening.ATTACKS),
)
WRONG = every_answer("NAME = lambda *args, **named: 0.0")


def forged(observation: str) -> bytes:
    """Sends, for each exercise, one observation that is as large as is read."""
    source = f"""
for number, cell in enumerate(job()):
    if "exercise" in cell:
        count = len(codec.loads(cell["cases"]))
        send({{"cell": number, "observed": "[" + ",".join([{observation}] * count) + "]"}})
"""
    return handed_in(extra_cell(FORGE + source))


def repeated(message: str) -> bytes:
    """Sends a message until it is stopped."""
    return handed_in(extra_cell(f"{PIPE}while True: send_raw({message})"))


def restarted(message: str) -> bytes:
    """Sends a little below what is read at each of many starts, and ends Python."""
    cells = [extra_cell(f"{PIPE}send_raw({message})\nos._exit({n})") for n in range(60)]
    return handed_in(*cells)


BUILT: dict[str, Callable[[], bytes]] = {
    "right answers, for comparison": lambda: handed_in(solved()),
    "observations of small lists": lambda: forged("'{\"value\": [' + '[],' * 9_000 + '0]}'"),
    "observations of small dicts": lambda: forged("'{\"value\": [' + '{\"a\":0},' * 4_000 + '0]}'"),
    "observations of numbers": lambda: forged("'{\"value\": [' + '0.1,' * 10_000 + '0]}'"),
    "observations of tags": lambda: forged(
        "'{\"value\": [' + '{\"$float\": \"nan\"},' * 4_000 + '0]}'"
    ),
    "observations of long numbers": lambda: forged("'{\"value\": ' + '9' * 4_299 + '}'"),
    "errors of long lines": lambda: forged(
        "'{\"error\": {\"type\": \"' + 'x' * 9_000 + '\", \"source\": \"' + 'y' * 9_000 + '\"}}'"
    ),
    "lines of one message": lambda: repeated('b\'{"cell": 1, "printed": ""}\\n\' * 5_000'),
    "lines of nested lists": lambda: repeated('(b"[" * 900 + b"]" * 900 + b"\\n") * 30'),
    "lines of escapes": lambda: repeated(
        'b\'{"cell": 1, "printed": "\' + b"\\\\ud800" * 9_000 + b\'"}\\n\''
    ),
    "failures of long texts": lambda: repeated(
        'b\'{"cell": 2, "failed": {"type": [\' + b"[]," * 9_000 + b\'0]}}\\n\''
    ),
    "many starts": lambda: restarted("b'{\"cell\": 0}\\n' * 150"),
    "words that are nearly names": lambda: handed_in(
        extra_cell("x = 1"),
        lambda notebook: notebook["metadata"].update(words="xstep_lr xfit xresume " * 850_000),
    ),
    "more than is read": lambda: b"{" + b" xfit" * 5_000_000,
    "cells of code": lambda: handed_in(
        *[extra_cell(f"f({n}," + "(x+1)," * 3_000 + ")") for n in range(13)]
    ),
}


def contents() -> dict[str, bytes]:
    """All submissions by name."""
    attacks = {attack.name: attack for attack in ATTACKS}
    named = {name: attacks[name].files[FILE] for name in NAMED}
    return {name: make() for name, make in BUILT.items()} | {
        name: content for name, content in named.items() if isinstance(content, bytes)
    }


def measure(content: bytes, queue: multiprocessing.Queue[tuple[float, float, str]]) -> None:
    """Grade in this process, once warm: CPU seconds, MiB that it grew by, the status."""
    limits = Limits(cell_seconds=20, seconds=40)
    with Sandbox(limits) as sandbox:

        def grade(content: bytes) -> str:
            outcome = grade_task(
                Task("ada", LESSON, content, "", "", "s" * 32, limits, True), sandbox
            )
            return json.dumps(outcome.line["status"])

        grade(handed_in(solved()))
        grade(handed_in(WRONG))
        memory, cpu = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        status = grade(content)
        cpu = time.process_time() - cpu
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024
    queue.put((cpu, grown, status))


def main(names: list[str]) -> None:
    """Print a row for each submission, the bounds, and whether they hold."""
    fresh = multiprocessing.get_context("spawn")
    held = True
    print("| submission | status | CPU s of the worker | MiB more |\n| --- | --- | ---: | ---: |")
    for name, content in contents().items():
        if names and name not in names:
            continue
        queue: multiprocessing.Queue[tuple[float, float, str]] = fresh.Queue()
        worker = fresh.Process(target=measure, args=(content, queue))
        worker.start()
        cpu, grown, status = queue.get(timeout=600)
        worker.join()
        held = held and cpu <= MOST_SECONDS and grown <= MOST_MIB
        print(f"| {name} | {status} | {cpu:.2f} | {grown:.0f} |", flush=True)
    print(f"\nBounds of {MOST_SECONDS:g} s and {MOST_MIB} MiB: {'held' if held else 'BROKEN'}")
    sys.exit(not held)


if __name__ == "__main__":
    main(sys.argv[1:])
