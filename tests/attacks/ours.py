"""One run of our own grader over the whole class, and everything that can be seen of it."""

from __future__ import annotations

import compileall
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import classroom
from suite import ATTACKS, ENDLESS
from suite.base import Attack
from users import within_reach

from grader import paths

WHOLE_CLASS_SECONDS = 3_000
# The command has no option for what one cell may take.
COMMAND = """
from dataclasses import replace
from grader import __main__ as command
command.LIMITS = replace(command.LIMITS, cell_seconds={cell_seconds})
command.app()
"""


@dataclass(frozen=True)
class Pace:
    """How a class is graded: seconds for a submission, and for one of its cells; by how many.

    One cell may take less than half, so that both limits are met, and the rest is run.
    """

    seconds: int
    cell_seconds: int
    workers: int


PATIENT = Pace(45, 20, workers=2)
# For attacks that only a limit ends: their workers wait. A busy machine needs time for neighbours.
SHORT = Pace(24, 6, workers=4)
PACES = {"patient": PATIENT, "short": SHORT}


def by_pace(attacks: Sequence[Attack]) -> dict[str, list[Attack]]:
    """The attacks that are graded at each of PACES."""
    return {
        pace: [each for each in attacks if (each.name in ENDLESS) is (pace == "short")]
        for pace in PACES
    }


@dataclass
class Outcome:
    """What one grading of the whole class left behind.

    Attributes:
        out: the class folder
        lines: those of results.jsonl
        written: student → when the line appeared, as time.time()
        before: fingerprints of the folders that nobody may change
        after: the same, afterwards
        calls: who called the canary servers
        last_seen: mark of a process → when it was last alive
        hidden: the secrets that were planted
        everybody: who handed in, as `classroom.students` has them
        pace: how they were graded
    """

    exit_code: int
    output: str
    out: Path
    lines: list[dict[str, Any]]
    written: dict[str, float]
    before: dict[str, dict[str, str]]
    after: dict[str, dict[str, str]]
    calls: list[str]
    last_seen: dict[str, float]
    left_processes: list[tuple[int, str]]
    left_files: list[Path]
    hidden: classroom.Secrets
    everybody: list[tuple[str | bytes, Attack | None]]
    pace: Pace

    def line(self, student: str | bytes) -> dict[str, Any]:
        """The only line of a student."""
        found = [each for each in self.lines if each["student"] == classroom.shown_name(student)]
        assert len(found) == 1, f"{len(found)} lines instead of one. {self.output[-2_000:]}"
        return found[0]

    @property
    def neighbour_seconds(self) -> float:
        """How long the slowest honest neighbour took: the start of a sandbox, running, judging."""
        honest = [classroom.shown_name(name) for name, attack in self.everybody if not attack]
        return max(each["seconds"] for each in self.lines if each["student"] in honest)

    def pages(self, student: str | bytes) -> bytes:
        """Everything that was written about one student."""
        name = classroom.shown_name(student)
        lines = [json.dumps(x).encode() for x in self.lines if x["student"] == name]
        return b"\n".join([self._files("autograded", name), self.feedback(student), *lines])

    def feedback(self, student: str | bytes) -> bytes:
        """The HTML that one student is to see."""
        return self._files("feedback", classroom.shown_name(student))

    def _files(self, kind: str, name: str) -> bytes:
        paths = sorted((self.out / kind / name).rglob("*"))
        return b"\n".join(path.read_bytes() for path in paths if path.is_file())

    def outlived(self, name: str, student: str | bytes) -> int:
        """How many lines of others were written after its own while an attack's processes lived."""
        ended = self.written.get(classroom.shown_name(student), 0)
        seen = [at for mark, at in self.last_seen.items() if mark.endswith(f"-{name}")]
        return sum(ended < at <= max(seen, default=0) for at in self.written.values())


def _become(user: int | None, folder: Path) -> list[str]:
    """A command prefix that gives root up, with everything below `folder` made that user's."""
    if user is None:
        return []
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)
    needed = (Path(sys.prefix), Path(sys.base_prefix), paths.ROOT, folder)
    identity = ("--reuid", str(user), "--regid", str(user), "--clear-groups")
    return [*within_reach(*needed), "setpriv", *identity]


def _note_lines(path: Path, written: dict[str, float], over: threading.Event) -> None:
    """Note when each student's line appears."""
    seen = 0
    while not over.wait(0.2):
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            file.seek(seen)
            new, newline, _ = file.read().rpartition(b"\n")
            seen += len(new + newline)
            for line in new.splitlines():
                written.setdefault(json.loads(line)["student"], time.time())


def grade_class(
    folder: Path,
    attacks: Sequence[Attack] = ATTACKS,
    user: int | None = None,
    pace: Pace = PATIENT,
) -> Outcome:
    """Hand in attacks between honest neighbours below `folder`, and grade them all.

    Args:
        folder: everything that is written lies in it.
        attacks: those that are handed in.
        user: who grades; by default whoever runs this. Only root can become somebody else.
        pace: how they are graded.
    """
    submitted, out, home = folder / "submitted", folder / "class", folder / "home"
    hidden = classroom.Secrets()
    everybody = classroom.students(attacks)
    classroom.hand_in(submitted, hidden, everybody)
    classroom.plant(home, out, hidden)
    compileall.compile_dir(paths.LESSONS, quiet=1)  # or other tests do it, while we look
    watched = {"submitted": submitted, "planted": folder, "lessons": paths.LESSONS}
    before = {name: classroom.fingerprint(each) for name, each in watched.items()}
    written: dict[str, float] = {}
    over = threading.Event()
    noting = threading.Thread(target=_note_lines, args=(out / "results.jsonl", written, over))
    code = COMMAND.format(cell_seconds=pace.cell_seconds)
    command = [*_become(user, folder), sys.executable, "-c", code, "grade", str(submitted)]
    command += ["--out", str(out), "--workers", str(pace.workers), "--timeout", str(pace.seconds)]
    with classroom.listening() as calls:
        with classroom.watching() as last_seen:
            noting.start()
            try:
                done = subprocess.run(
                    command,
                    cwd=paths.ROOT,
                    env={**os.environ, "HOME": str(home), "SECRET_CANARY": hidden.environment},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    timeout=WHOLE_CLASS_SECONDS,
                )
            finally:
                time.sleep(1)
                over.set()
                noting.join()
        left_processes = list(classroom.marked_processes())
        left_files = classroom.marked_files(folder, paths.ROOT, Path("/tmp"), Path("/dev/shm"))
    results = out / "results.jsonl"
    lines = results.read_text().splitlines() if results.exists() else []
    return Outcome(
        exit_code=done.returncode,
        output=done.stdout.decode(errors="replace"),
        out=out,
        lines=[json.loads(line) for line in lines],
        written=written,
        before=before,
        after={name: classroom.fingerprint(each) for name, each in watched.items()},
        calls=calls,
        last_seen=last_seen,
        left_processes=left_processes,
        left_files=left_files,
        hidden=hidden,
        everybody=everybody,
        pace=pace,
    )
