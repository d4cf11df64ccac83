"""`make long`: what takes longer than a change has to wait for. LONG.md keeps what came out.

`python tests/long.py [NAME…]` runs some of it only.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

from grader import paths

NOTES = Path(__file__).with_name("LONG.md")
HEAD = """# The long runs

Written by `make long`, a line for each: none is typed. *-dirty* is a commit with changes on top.

| date | commit | run | outcome | minutes | its last line |
| --- | --- | --- | --- | --- | --- |
"""
ROUNDS = {"CHAOS_ROUNDS": "10", "CHAOS_SUBMISSIONS": "300"}
SIZES = ("--sizes", "100", "500", "2000", "5000", "--pair", "2000", "--stock", "5")
RUNS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "any input": (("-m", "pytest", "-q", "tests/unit/test_any_input.py"), {"EXAMPLES": "20000"}),
    "attacks": (("-m", "pytest", "-q", "tests/attacks"), {"EVERY_ATTACK": "1"}),
    "chaos": (("-m", "pytest", "-s", "-q", "-m", "", "tests/grading/system/test_chaos.py"), ROUNDS),
    "marked long": (("-m", "pytest", "-q", "-n", "auto", "-m", "long", "tests"), {}),
    "scale": (
        ("tests/bench/bench_scale.py", *SIZES, "--record", "tests/bench/measured.json"),
        {},
    ),
}


def run(name: str) -> bool:
    """Run one of RUNS, show what it prints, and note its outcome; whether it went well."""
    arguments, environment = RUNS[name]
    commit = _commit()  # before the run writes its own results
    started = time.monotonic()
    last = ""
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=paths.ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line.strip() or last
    well = process.returncode == 0
    minutes = (time.monotonic() - started) / 60
    cells = (f"{date.today():%Y-%m-%d}", commit, name, "passed" if well else "FAILED")
    row = (*cells, f"{minutes:.0f}", last.replace("|", "\\|"))
    if not NOTES.exists():
        NOTES.write_text(HEAD, encoding="utf-8")
    with NOTES.open("a", encoding="utf-8") as notes:
        notes.write(f"| {' | '.join(row)} |\n")
    return well


def _commit() -> str:
    describe = ("git", "describe", "--always", "--dirty", "--exclude", "*")
    return subprocess.run(
        describe, cwd=paths.ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


if __name__ == "__main__":
    names = sys.argv[1:] or list(RUNS)
    if unknown := set(names) - set(RUNS):
        sys.exit(f"There is no run {unknown.pop()!r}. The runs are: {', '.join(RUNS)}.")
    sys.exit(0 if all([run(name) for name in names]) else 1)
