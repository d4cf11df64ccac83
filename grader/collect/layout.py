"""Whether a folder can be graded where it lies, or is to be collected first."""

from __future__ import annotations

from pathlib import Path

from grader.batch.lying import folders, is_handed_in, lesson_named, notebooks_in
from grader.batch.roster import folder_name

from .archives import is_archive as can_be_opened
from .collect import Collected
from .names import person_in
from .shapes import of_lms
from .source import Entry


def is_to_be_collected(path: Path, out: Path, db: str | None) -> bool:
    """Whether `path` is an archive, or a folder whose own folders are not those of students.

    What lies in nbgrader's layout is graded there, and so is what was collected already.
    """
    if path.is_file():
        return can_be_opened(path.name)
    if not path.is_dir() or path.resolve() == (out / "submitted").resolve():
        return False
    if all(map(_is_student, folders(path))) and not any(map(is_handed_in, path.iterdir())):
        return False
    with Collected.of(path, out, db=db) as collected:
        rows = [row for row in collected.handed.rows if row.student and row.notebook]
        return any(
            row.student != folder_name(row.entry.parts[0])
            or any(map(can_be_opened, row.entry.parts[:-1]))
            for row in rows
        )


def _is_student(folder: Path) -> bool:
    """Whether a folder is a student's beyond doubt: its name is no other thing's, and it holds
    notebooks or lessons' folders.
    """
    if not person_in(folder.name) or lesson_named(folder.name) or folder.is_symlink():
        return False
    if of_lms(Entry((folder.name,), None, is_folder=True)) or (folder / ".git").exists():
        return False
    try:
        return bool(notebooks_in(folder)) or any(
            lesson_named(each.name) for each in folders(folder)
        )
    except OSError:
        return False
