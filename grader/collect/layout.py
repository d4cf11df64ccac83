"""Whether a folder can be graded where it lies, or is to be collected first."""

from __future__ import annotations

from pathlib import Path

from grader.batch import roster
from grader.batch.lesson_names import lesson_named
from grader.batch.lying import folders, is_handed_in, notebooks_in

from .archives import is_archive
from .handed import named_after
from .lms_names import of_lms
from .names import person_in
from .shapes import Shapes
from .source import Entry, Source


def is_to_be_collected(path: Path, out: Path, db: str | None) -> bool:
    """Whether `path` is an archive, or a folder whose own folders are not those of students.

    What lies in nbgrader's layout is graded there, and so is what was collected already, but not a
    folder that the roster calls otherwise. No notebook is opened to tell that.
    """
    if path.is_file():
        return is_archive(path.name)
    if not path.is_dir() or path.resolve() == (out / "submitted").resolve():
        return False
    people = roster.load(out, db)
    if any(people.renames(each.name) for each in folders(path, out)):
        return True
    if all(map(_is_student, folders(path, out))) and not any(map(is_handed_in, path.iterdir())):
        return False
    with Source(path, out) as source:
        notebooks = [each for each in source.entries if each.is_notebook]
        shapes = Shapes(notebooks, named_after, people.knows, source.repositories, source.name)
        return any(
            (told.key != parts[0] or told.shape == "repository" or any(map(is_archive, parts[:-1])))
            for parts, told in shapes.told.items()
            if told.key
        )


def _is_student(folder: Path) -> bool:
    """Whether a folder is a student's beyond doubt: its name is no other thing's, and it holds
    notebooks or lessons' folders, or nothing. What is wrong with a link is said when it is graded.
    """
    if folder.is_symlink():
        return True
    if not person_in(folder.name) or lesson_named(folder.name) or (folder / ".git").exists():
        return False
    if of_lms(Entry((folder.name,), None, is_folder=True)):
        return False
    try:
        inner = list(folders(folder))
        if any(lesson_named(each.name) for each in inner) or notebooks_in(folder):
            return True
        return not inner and not any(map(is_handed_in, folder.iterdir()))
    except OSError:
        return True
