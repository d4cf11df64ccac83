"""What an attack is, and the pieces that submissions are made of.

A submission starts from the released notebook; changes such as `answer(…)` and `extra_cell(…)` turn
it into what a learner, or somebody hostile, hands in.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader import paths
from grader.submission.reading import MAX_CELLS

LESSON = "steplr"
FILE = f"{LESSON}.ipynb"

CANARY_PORT = 47_153
CANARY_SOCKET = "/tmp/lr-canary.sock"
CANARY_ABSTRACT = "lr-canary"
MARK = "lr-attack-mark"  # in names of files and in command lines that attacks leave behind
ESCAPED = "ESCAPED"  # in what an attack reports when it measured its own success

GRADED, CRASHED, TIMEOUT = frozenset({"graded"}), frozenset({"crashed"}), frozenset({"timeout"})
NOT_STARTED = frozenset({"not_started"})
UNREADABLE = frozenset({"unreadable"})
STOPPED = frozenset({"timeout", "memory", "crashed"})
ANY = frozenset({"graded", *STOPPED})

Notebook = dict[str, Any]
Change = Callable[[Notebook], None]


@dataclass(frozen=True)
class Link:
    """A symbolic link in a submission."""

    target: str


@dataclass(frozen=True)
class Fifo:
    """A named pipe: who opens it for reading waits for ever."""


@dataclass(frozen=True)
class Sparse:
    """A file of a huge size that occupies no disk."""

    size: int


@dataclass(frozen=True)
class Folder:
    """A folder where a file is expected."""


Content = bytes | Link | Fifo | Sparse | Folder
# What takes long to make is made when it is handed in, not when a test session begins.
Making = Callable[[], bytes]


@dataclass(frozen=True)
class Attack:
    """One hostile or broken submission.

    Attributes:
        name: unique, also part of the student's name.
        tries: one sentence.
        makings: what lies in STUDENT/LESSON/, by relative name, or how it is made.
        allowed: the statuses that are right for it.
        earned: the points that it honestly deserves, and `why` if they are not 0.
        student: the name of the student's folder, where that is the attack.
    """

    name: str
    tries: str
    makings: Mapping[str, Content | Making] = field(repr=False)
    lesson: str = LESSON
    allowed: frozenset[str] = GRADED
    earned: float = 0.0
    why: str = ""
    student: str | bytes = ""

    @property
    def files(self) -> dict[str, Content]:
        """What lies in STUDENT/LESSON/, by relative name, made anew each time it is asked for."""
        return {name: each() if callable(each) else each for name, each in self.makings.items()}


def _cells(notebook: Notebook) -> dict[str, Any]:
    """Cells by grade_id."""
    found = ((cell["metadata"].get("nbgrader", {}), cell) for cell in notebook["cells"])
    return {meta["grade_id"]: cell for meta, cell in found if meta}


RELEASED: Notebook = json.loads(paths.released(LESSON).read_bytes())
ANSWERS: dict[str, str] = {
    grade_id.removesuffix("-answer"): "".join(cell["source"])
    for grade_id, cell in _cells(json.loads(paths.solution(LESSON).read_bytes())).items()
    if grade_id.endswith("-answer")
}
POINTS: dict[str, float] = {
    grade_id: cell["metadata"]["nbgrader"]["points"]
    for grade_id, cell in _cells(RELEASED).items()
    if "points" in cell["metadata"]["nbgrader"]
}
FULL = sum(POINTS.values())
MOST_CELLS = MAX_CELLS - len(RELEASED["cells"])  # of its own that a submission may have


def handed_in(*changes: Change) -> bytes:
    """The released notebook after some changes, as a file."""
    notebook = copy.deepcopy(RELEASED)
    for change in changes:
        change(notebook)
    return json.dumps(notebook).encode()


def files(*changes: Change, **others: Content) -> dict[str, Content | Making]:
    """A submission of one notebook, and perhaps others; `torch_py` names the file torch.py."""
    named = {name.replace("_py", ".py"): content for name, content in others.items()}
    return {FILE: lambda: handed_in(*changes), **named}


def answer(exercise: str, source: str) -> Change:
    """Write `source` into the answer cell of an exercise."""
    return lambda notebook: _cells(notebook)[f"{exercise}-answer"].update(source=source)


def every_answer(source: str) -> Change:
    """The same answer to all exercises; NAME stands for the function's name."""

    def change(notebook: Notebook) -> None:
        for exercise in ANSWERS:
            names = ("save", "resume") if exercise == "resume" else (exercise,)
            text = "\n".join(source.replace("NAME", name) for name in names)
            answer(exercise, text)(notebook)

    return change


def solved(*but: str) -> Change:
    """Right answers to all exercises, those named excepted."""

    def change(notebook: Notebook) -> None:
        for exercise, source in ANSWERS.items():
            if exercise not in but:
                answer(exercise, source)(notebook)

    return change


def extra_cell(source: str, at: int = 2) -> Change:
    """A code cell of the learner's own; by default right after the imports."""
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": f"extra-{abs(hash(source)) % 10**9}",
        "metadata": {},
        "outputs": [],
        "source": source,
    }
    return lambda notebook: notebook["cells"].insert(
        len(notebook["cells"]) if at < 0 else at, copy.deepcopy(cell)
    )


def in_a_cell(name: str, tries: str, source: str, allowed: frozenset[str] = ANY) -> Attack:
    """An attack that is the code of one cell of the learner's own."""
    return Attack(name, tries, files(extra_cell(source)), allowed=allowed)


def graded_cell(exercise: str, **changes: Any) -> Change:
    """Change the cell `check("ID", ID)` of an exercise."""
    return lambda notebook: _cells(notebook)[exercise].update(changes)


def nbgrader_metadata(grade_id: str, **changes: Any) -> Change:
    """Change what a cell says to nbgrader."""
    return lambda notebook: _cells(notebook)[grade_id]["metadata"]["nbgrader"].update(changes)


REPORT = """
def step_lr(lr0, step_size, gamma, epoch):
    raise RuntimeError(str(globals().get("loot", "nothing"))[:280])
"""


def looting(source: str) -> dict[str, Content | Making]:
    """A submission that puts what it found into `loot`, prints it and raises it as an error."""
    return files(extra_cell(f"loot = ''\n{source}\nprint(str(loot)[:1500])"), report())


def report() -> Change:
    """An answer whose error message carries `loot` to whoever reads the diagnosis."""
    return answer("step_lr", REPORT)
