"""nbgrader's own Autograde, by formgrader's button or `nbgrader autograde`, in our sandbox.

nbgrader_config.py names the exporter. nbgrader converts each submission twice: "sanitizing", where
it is graded here and written as the graded notebook, then "autograding", where nothing runs any
more and nbgrader only works out what is late.
"""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter

from .batch.class_folder import ClassFolder, address_of
from .batch.gradebook import Gradebook
from .batch.outcomes import grade_task
from .batch.penalties import policy_of
from .batch.submissions import Submission
from .submission.bwrap import check_wall
from .submission.sandbox import Sandbox


class GradingExporter(NotebookExporter):
    """Takes in a submission without believing anything of it, and grades it on the way."""

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
        submission = Submission(student, lesson, Path(filename))
        policy = policy_of(converter.config)
        with ClassFolder(graded.parents[2]) as folder, Gradebook(where["db_url"]) as gradebook:
            folder.fill(gradebook, address_of(where["db_url"], folder.folder))
            sandbox = _sandbox()
            task = submission.task(folder.secret(), sandbox.limits)
            outcome = grade_task(task, sandbox)
            folder.replace(task, outcome, gradebook, policy)
        notebook = nbformat.reads(outcome.notebook, as_version=4)
        return self.from_notebook_node(notebook, resources, **kw)


@cache
def _sandbox() -> Sandbox:
    """One warm sandbox for as long as the process lives."""
    check_wall()
    sandbox = Sandbox()
    atexit.register(sandbox.__exit__)
    return sandbox
