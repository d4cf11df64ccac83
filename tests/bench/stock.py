"""Stock `nbgrader autograde`, with its own preprocessors, in a course of its own."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import mean
from typing import Any

from grader import paths


def seconds_each(
    folder: Path, submissions: Iterable[Path], demonstrations: bool
) -> dict[str, float]:
    """What one submission takes, a mean over the lessons.

    "seconds" lie between one graded submission and the next, without the start of the command;
    "cpu_seconds" are those of the whole command and its kernels.

    Args:
        folder: empty; the course is made in it.
        submissions: notebooks STUDENT/LESSON/LESSON.ipynb, at least two of each lesson.
        demonstrations: whether the lesson's own training and demonstration cells are run, too. Our
            grader leaves them out; nbgrader runs all that is in the notebook.
    """
    config = (paths.ROOT / "nbgrader_config.py").read_text()
    stock = [line for line in config.splitlines() if "grader.formgrader" not in line]
    stock = [line for line in stock if not line.startswith("c.Autograde.")]
    (folder / "nbgrader_config.py").write_text("\n".join(stock))
    lessons = []
    for path in submissions:
        student, lesson = path.parts[-3], path.stem
        _copy(path, folder / "class" / "submitted" / student / lesson / path.name, demonstrations)
        if lesson not in lessons:
            lessons.append(lesson)
    found = [_autograde(folder, lesson, demonstrations) for lesson in lessons]
    return {name: mean(each[name] for each in found) for name in found[0]}


def _autograde(folder: Path, lesson: str, demonstrations: bool) -> dict[str, float]:
    name = f"{lesson}.ipynb"
    _copy(paths.solution(lesson), folder / "solutions" / lesson / name, demonstrations)
    command = [sys.executable, "-m", "nbgrader"]
    quiet = {"cwd": folder, "check": True, "capture_output": True}
    subprocess.run([*command, "generate_assignment", lesson], **quiet)
    before = _children_cpu()
    subprocess.run([*command, "autograde", lesson], **quiet)
    used = _children_cpu() - before
    graded = (folder / "class" / "autograded").glob(f"*/{lesson}/{name}")
    written = sorted(path.stat().st_mtime for path in graded)
    return {
        "seconds": (written[-1] - written[0]) / (len(written) - 1),
        "cpu_seconds": used / len(written),
    }


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _copy(source: Path, target: Path, demonstrations: bool) -> None:
    notebook: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    if not demonstrations:
        cells = notebook["cells"]
        notebook["cells"] = [c for c in cells if "demo" not in c["metadata"].get("tags", [])]
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(notebook), encoding="utf-8")
