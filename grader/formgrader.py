"""nbgrader's own Generate, Autograde and Generate Feedback, by formgrader's buttons or by command.

nbgrader_config.py names an exporter for each of the three. An exporter is made after nbgrader has
listed what it will convert and before it removes anything, and there is no other place to step in:
so what nbgrader must leave alone is taken off its list there.

Each submission is converted twice by Autograde: "sanitizing", where it is graded here and written
as the graded notebook, then "autograding", where nothing runs any more and nbgrader only works out
what is late.
"""

from __future__ import annotations

import atexit
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from nbconvert.exporters import HTMLExporter, NotebookExporter
from nbgrader import api

from .batch.class_folder import ClassFolder, address_of
from .batch.exchange import is_releasable, make_releasable
from .batch.gradebook import Gradebook
from .batch.outcomes import grade_task
from .batch.penalties import policy_of
from .batch.registered import register
from .batch.submissions import of_lesson, taken_for_code
from .exercises import LESSONS
from .pages.autograded import without_rubrics
from .submission.bwrap import check_wall
from .submission.sandbox import Sandbox


class Listed(NamedTuple):
    """A folder on nbgrader's list, of a lesson of this course.

    Attributes:
        folder: as nbgrader's list has it
        student: whose it is; "." for a lesson itself
        written: where nbgrader will write
    """

    folder: str
    student: str
    lesson: str
    written: Path


def _listed(converter: Any) -> Iterator[Listed]:
    """What stands on a converter's list and belongs to this course."""
    form = converter._format_source("(?P<lesson>.*)", "(?P<student>.*)", escape=True)
    for folder in list(converter.assignments):
        found = re.match(form, folder)
        if found and found["lesson"] in LESSONS:
            student = found.groupdict().get("student", ".")
            written = Path(converter._format_dest(found["lesson"], student))
            yield Listed(folder, student, found["lesson"], written)


class ReleasingExporter(NotebookExporter):
    """Generate: the lesson is brought up to date as `grader build` does it, and nothing is lost.

    nbgrader would first remove the folder, checks and recorded runs with it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from .build import released_into  # here: it imports torch, which takes seconds

        converter: Any = self.parent
        for lesson in _listed(converter):
            source = Path(lesson.folder, f"{lesson.lesson}.ipynb")
            released_into(lesson.written, lesson.lesson, source)
            with api.Gradebook(converter.coursedir.db_url, converter.coursedir.course_id) as book:
                register(book, lesson.lesson)
            del converter.assignments[lesson.folder]


class GradingExporter(NotebookExporter):
    """Takes in a submission without believing anything of it, and grades it on the way."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a gradebook know the lesson, and nbgrader a notebook that has another name.

        A student whose name would be code on nbgrader's pages comes into no gradebook.
        """
        super().__init__(*args, **kwargs)
        converter: Any = self.parent
        listed = list(_listed(converter))
        with api.Gradebook(converter.coursedir.db_url, converter.coursedir.course_id) as book:
            for lesson in {each.lesson for each in listed}:
                register(book, lesson)
        for each in listed:
            converter.assignments[each.folder] = [f"{each.folder}/{each.lesson}.ipynb"]
            if problem := taken_for_code(each.student):
                converter.log.error("%r is left out. %s", each.student, problem)
                del converter.assignments[each.folder]

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> Any:
        """The graded notebook as JSON text, and nbconvert's resources."""
        converter: Any = self.parent
        where = resources["nbgrader"]
        student, lesson = where["student"], where["assignment"]
        if not converter._sanitizing:
            return super().from_filename(filename, resources, **kw)
        graded = Path(converter._format_dest(lesson, student))
        for copied in graded.rglob("*") if graded.exists() else ():
            if copied.is_symlink() or copied.is_file():
                copied.unlink()  # nbgrader copies a learner's other files, and links' targets
        submission = of_lesson(student, lesson, Path(filename).parent)
        policy = policy_of(converter.config)
        with ClassFolder(graded.parents[2]) as folder, Gradebook(where["db_url"]) as gradebook:
            folder.fill(gradebook, address_of(where["db_url"], folder.folder))
            sandbox = _sandbox()
            task = submission.task(folder.secret(), sandbox.limits)
            outcome = grade_task(task, sandbox)
            folder.replace(task, outcome, gradebook, policy)
        notebook = nbformat.reads(outcome.notebook, as_version=4)
        return self.from_notebook_node(notebook, resources, **kw)


class FeedbackExporter(HTMLExporter):
    """Generate Feedback: a learner's page is ours, with the gradebook's marks and comments on it.

    Where there is no such page, nbgrader makes its own.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        converter: Any = self.parent
        pages = [
            each for each in _listed(converter) if (each.written / f"{each.lesson}.html").exists()
        ]
        if not pages:
            return
        with (
            ClassFolder(pages[0].written.parents[2]) as folder,
            Gradebook(converter.coursedir.db_url) as gradebook,
        ):
            folder.write_summaries(gradebook)
        for page in pages:
            if not is_releasable(page.written):
                submission = of_lesson(page.student, page.lesson, _submitted(converter, page))
                make_releasable(
                    page.written / f"{page.lesson}.html",
                    submission.timestamp(),
                    submission.exchange_secret(),
                    submission.path.name,
                )
            del converter.assignments[page.folder]

    def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> Any:
        """A page of nbgrader's own, without what only an instructor gets to read."""
        return super().from_notebook_node(without_rubrics(nb), resources, **kw)


def _submitted(converter: Any, page: Listed) -> Path:
    course = converter.coursedir
    return Path(course.format_path(course.submitted_directory, page.student, page.lesson))


@cache
def _sandbox() -> Sandbox:
    """One warm sandbox for as long as the process lives."""
    check_wall()
    sandbox = Sandbox()
    atexit.register(sandbox.__exit__)
    return sandbox
