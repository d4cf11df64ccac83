"""A notebook from top to bottom in a fresh kernel, and what `check` said in it.

The kernel is that of the Python that runs this, whatever the notebook names, and its folder is the
notebook's own. The file is only read.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from . import verdicts
from .answer import ANSWER_SUFFIX
from .checks import load_checks
from .progress import Mark, Progress
from .verdicts import Told

CELL_SECONDS = 900  # Training takes a minute on a slow machine; an endless loop must end.
NAMED = re.compile(r"\bcheck\(\s*[\"'](\w+)[\"']")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
REST = "the cells below it were not run."
# With these, `check` would raise, or note what it sees as the progress of a person.
NOT_FOR_THE_KERNEL = ("NBGRADER_EXECUTION", "JPY_SESSION_NAME")


@dataclass(frozen=True)
class Checked:
    """What came out of one notebook.

    Attributes:
        path: as it was named
        told: a verdict for each exercise of its lesson, in the lesson's order
        problem: a sentence that says why it did not run from top to bottom; empty if it did
        seconds: that it took
    """

    path: Path
    told: list[Told]
    problem: str
    seconds: float

    @property
    def right(self) -> bool:
        return not self.problem and all(each.right for each in self.told)

    @property
    def words(self) -> str:
        """How many exercises are right, and the points, as the cards say it."""
        marks = (
            Mark(each.exercise, each.points, each.earned, "right" if each.right else "not yet")
            for each in self.told
        )
        return Progress(tuple(marks), current="").words


def check_notebook(path: Path) -> Checked:
    """Run a notebook and collect its verdicts. Never raises because of what is in the notebook.

    Raises OSError when the file cannot be read.
    """
    began = time.monotonic()
    text = path.read_bytes()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # An old format that can be read is no trouble.
            notebook = nbformat.reads(text.decode("utf-8"), as_version=4)
            nbformat.validate(notebook, relax_add_props=True)
    except Exception as error:  # Whatever is in a file, it is a sentence about this file.
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        return Checked(path, [], f"It cannot be read as a notebook: {reason}", _since(began))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "verdicts.jsonl"
        problem = _run(notebook, path.resolve().parent, file)
        told = verdicts.read(file)
    exercises = _exercises(notebook, told)
    if not exercises:
        problem = problem or "No exercise of the course is in it."
    return Checked(
        path, [told.get(each) or _not_checked(each) for each in exercises], problem, _since(began)
    )


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)


class _ThisPython(AsyncKernelManager):
    """Starts the kernel of this Python, also where another one is installed as `python3`."""

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())


def _run(notebook: NotebookNode, folder: Path, file: Path) -> str:
    """Execute all cells, also below one that fails; say what was the first trouble."""
    begun = [0]

    def begin(cell: NotebookNode, cell_index: int) -> None:
        begun.append(cell_index + 1)

    client = NotebookClient(
        notebook,
        on_cell_execute=begin,
        timeout=CELL_SECONDS,
        allow_errors=True,
        kernel_manager_class=_ThisPython,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],  # a kernel warns of what is no trouble here
        resources={"metadata": {"path": str(folder)}},
    )
    mine = {name: value for name, value in os.environ.items() if name not in NOT_FOR_THE_KERNEL}
    try:
        client.execute(env={**mine, verdicts.VARIABLE: str(file)})
    except CellTimeoutError:
        return f"{_cell(begun[-1])} did not come to an end within {CELL_SECONDS} seconds: {REST}"
    except DeadKernelError:
        return f"{_cell(begun[-1])} ended Python: {REST}"
    except RuntimeError as error:
        return f"No kernel could be started: {error}"
    return _stopped(notebook)


def _cell(number: int) -> str:
    return f"Cell {number}, counted from the top,"


def _stopped(notebook: NotebookNode) -> str:
    """Say which cell is the first that stops with an error, as Run All would."""
    for number, cell in enumerate(notebook.cells, start=1):
        if "raises-exception" in cell.metadata.get("tags", []):
            continue
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                said = COLOURS.sub("", f"{output.ename}: {output.evalue}").splitlines()[0]
                return f"{_cell(number)} stops with {said.rstrip(': ')}"
    return ""


def _exercises(notebook: NotebookNode, told: dict[str, Told]) -> list[str]:
    """All exercises of the lessons that the notebook is about, then what else was checked."""
    checks = load_checks()
    named: set[str] = set(told)
    for cell in notebook.cells:
        said: Any = cell.metadata.get("nbgrader")
        if isinstance(said, dict):
            named |= {str(said.get("grade_id", "")).removesuffix(ANSWER_SUFFIX)}
        if cell.cell_type == "code":
            named |= set(NAMED.findall(cell.source))
    lessons = {checks[each].lesson for each in named if each in checks}
    of_lessons = [each for each, its in checks.items() if its.lesson in lessons]
    return of_lessons + [each for each in told if each not in of_lessons]


def _not_checked(exercise: str) -> Told:
    sentence = f'Not checked: no cell that ran calls check("{exercise}", …).'
    points = load_checks()[exercise].points
    return Told(exercise, "unchecked", 0.0, points, sentence, f"{exercise}: – {sentence}")
