"""Stock nbgrader over one attack, in a container of its own, and what can be seen of it.

Stock nbgrader runs submissions as the user who grades. So that this machine survives, each attack
gets its own copy of a course folder, its own processes, network, users' id and limits, and 90 s.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import classroom
from suite.base import (
    ESCAPED,
    FILE,
    LESSON,
    Attack,
    Content,
    Notebook,
)

from grader import paths

SECONDS = 90
UID = 47_153
LIMITS = ("--nproc=200", f"--as={6 * 2**30}", f"--fsize={2**30}", "--core=0")
SETTINGS = """
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "release"
c.CourseDirectory.submitted_directory = "submitted"
c.CourseDirectory.autograded_directory = "autograded"
c.CourseDirectory.feedback_directory = "feedback"
c.ClearSolutions.code_stub = {{"python": "raise NotImplementedError  # replace this line"}}
"""
# Runs inside, as an ordinary user: the canary servers, then nbgrader, twice.
INSIDE = """
import json, os, subprocess, sys
sys.path.insert(0, sys.argv[1])
import classroom
codes = []
with classroom.listening() as calls:
    for command in ("autograde", "generate_feedback"):
        codes.append(subprocess.run(
            [sys.executable, "-m", "nbgrader", command, sys.argv[2]], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode)
        print(json.dumps({"codes": codes, "calls": calls,
                          "left": len(list(classroom.marked_processes()))}), flush=True)
"""


@dataclass
class Seen:
    """What stock nbgrader made of one attack."""

    score: float | None = None
    neighbour_score: float | None = None
    codes: list[int] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    left_processes: int = 0
    timed_out: bool = False
    changed: list[str] = field(default_factory=list)
    left_files: int = 0
    autograded: bytes = b""
    feedback: bytes = b""
    hidden: classroom.Secrets = field(default_factory=classroom.Secrets)

    @property
    def escaped(self) -> bool:
        """Whether the attack itself reports that it got what it may not have."""
        return ESCAPED.encode() in self.pages

    @property
    def pages(self) -> bytes:
        """What the instructor and the learner get to see of the submission."""
        return b"\n".join([self.autograded, self.feedback])


def _small(content: Content) -> Content:
    """The same notebook without the cells that only demonstrate or train."""
    if not isinstance(content, bytes) or not content.startswith(b'{"'):  # or in another encoding
        return content
    try:
        notebook = json.loads(content)
        cells = notebook["cells"]
        notebook["cells"] = [cell for cell in cells if not _is_demo(cell)]
    except (ValueError, TypeError, KeyError, RecursionError):
        return content
    return json.dumps(notebook).encode()


def _is_demo(cell: object) -> bool:
    metadata = cell.get("metadata") if isinstance(cell, dict) else None
    return isinstance(metadata, dict) and "demo" in metadata.get("tags", [])


def make_course(folder: Path) -> None:
    """A small course, its assignment registered in a new gradebook."""
    solution: Notebook = json.loads(paths.solution(LESSON).read_bytes())
    path = folder / "solutions" / LESSON / FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(_small(json.dumps(solution).encode()))
    (folder / "nbgrader_config.py").write_text(SETTINGS.format(root=str(folder)))
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", LESSON],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=300,
    )


def try_attack(attack: Attack, course: Path, folder: Path) -> Seen:
    """Run one attack on a copy of the course in `folder`."""
    seen = Seen()
    shutil.copytree(course, folder)
    (folder / "nbgrader_config.py").write_text(SETTINGS.format(root=str(folder)))
    student = attack.student or f"attack-{attack.name}"
    own = folder / "submitted" / classroom.as_path(student)
    for name, content in attack.files.items():
        classroom.write(own / LESSON / name, _small(content) if name == FILE else content)
    honest = folder / "submitted" / classroom.CANARY_STUDENT / LESSON / FILE
    classroom.write(honest, _small(seen.hidden.submission_with_canary()))
    classroom.plant(folder / "home", folder / "class", seen.hidden)
    _list_student(folder / "gradebook.db", seen.hidden.notes)
    watched = [folder / "solutions", honest.parent, folder / "nbgrader_config.py"]
    watched += [folder / "class", folder / "home"]
    before = {each: _fingerprint(each) for each in watched}
    _run(folder, seen)
    seen.changed = [
        f"{each.relative_to(folder)}/{name}"
        for each in watched
        for name, kind in before[each].items()
        if _fingerprint(each).get(name) != kind
    ]
    scores = _scores(folder / "gradebook.db")
    seen.score = scores.get(classroom.shown_name(student))
    seen.neighbour_score = scores.get(classroom.CANARY_STUDENT)
    seen.left_files = len(classroom.marked_files(folder))
    seen.autograded = _written(folder / "autograded", student)
    seen.feedback = _written(folder / "feedback", student)
    shutil.rmtree(folder, ignore_errors=True)
    return seen


def _list_student(gradebook: Path, name: str) -> None:
    """Somebody whose name nobody else needs to know."""
    with contextlib.closing(sqlite3.connect(gradebook)) as database, database:
        database.execute("insert into student (id, first_name) values ('listed', ?)", [name])


def _fingerprint(path: Path) -> dict[str, str]:
    if path.is_dir():
        return classroom.fingerprint(path)
    return {"": path.read_text(errors="replace") if path.exists() else "gone"}


def _written(folder: Path, student: str | bytes) -> bytes:
    paths = (folder / classroom.as_path(student)).rglob("*")
    return b"\n".join(
        path.read_bytes()
        for path in paths
        if path.suffix in (".ipynb", ".html") and path.is_file() and not path.is_symlink()
    )


def _scores(gradebook: Path) -> dict[str, float]:
    from nbgrader.api import Gradebook

    try:
        with Gradebook(f"sqlite:///{gradebook}") as book:
            return {
                each.student.id: each.score
                for each in book.assignment_submissions(LESSON)
                if any(grade.auto_score is not None for n in each.notebooks for grade in n.grades)
            }
    except Exception:  # the attack may have broken it in any way
        return {}


def _run(folder: Path, seen: Seen) -> None:
    for path in [folder, *folder.rglob("*")]:
        os.lchown(path, UID, UID)
    here = Path(__file__).parent
    command = [*_container(folder), sys.executable, "-c", INSIDE, str(here), LESSON]
    environment = {
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "HOME": str(folder / "home"),
        "LRLAB_DATA": str(paths.DATA),
        "SECRET_CANARY": seen.hidden.environment,
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
    }
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            told, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            told, _ = process.communicate()
            seen.timed_out = True
    for line in told.splitlines():
        report = json.loads(line)
        seen.codes, seen.calls = report["codes"], report["calls"]
        seen.left_processes = report["left"]


def _container(folder: Path) -> list[str]:
    """bubblewrap with the machine read-only, no network, and an ordinary user inside."""
    needed = sorted({sys.prefix, sys.base_prefix, str(paths.ROOT)})
    return [
        *("bwrap", "--unshare-pid", "--unshare-ipc", "--unshare-net", "--unshare-uts"),
        *("--die-with-parent", "--new-session", "--cap-drop", "ALL"),
        *("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"),
        *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/dev/shm"),
        *("--perms", "1777", "--tmpfs", "/tmp", "--perms", "0755", "--tmpfs", "/root"),
        *(word for each in needed for word in (*_parents(each), "--ro-bind", each, each)),
        *(*_parents(folder), "--bind", str(folder), str(folder), "--chdir", str(folder)),
        *("setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "--no-new-privs"),
        *("prlimit", *LIMITS),
    ]


def _parents(place: str | Path) -> Iterator[str]:
    for parent in reversed(Path(place).parents[:-1]):  # bubblewrap would make them for root alone
        if {Path("/tmp"), Path("/root")} & set(parent.parents) or parent == Path("/root"):
            yield from ("--perms", "0755", "--dir", str(parent))
