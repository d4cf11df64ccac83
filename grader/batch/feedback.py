"""The learners' pages in DIR/feedback, with the gradebook's marks written into them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.lines import Key, Line, Marks, key
from grader.pages import render

from .files import write_whole


class FeedbackPages:
    """A new page has the judge's score. `marked` brings those up to date whose marks differ.

    Which pages show more than the judge's score is noted in a file, so that all others need not be
    opened: there may be very many.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "feedback"
        self._noted = folder / ".marked.json"
        noted = json.loads(self._noted.read_text("utf-8")) if self._noted.exists() else []
        self._marked: set[Key] = {(student, lesson) for student, lesson in noted}

    def path(self, submission: Key) -> Path:
        """Where the page of a submission lies."""
        student, lesson = submission
        return self._folder / student / lesson / f"{lesson}.html"

    def has_page(self, line: Line) -> bool:
        """Whether there is a page for a line, whatever its names are."""
        return os.path.exists(self.path(key(line)))  # False for a name that no file can have

    def is_new(self, submission: Key) -> None:
        """Its page was written just now, or removed: it shows nothing but the judge's score."""
        self._marked.discard(submission)

    def marked(self, lines: Iterable[Line]) -> Iterator[Line]:
        """Pass lines on, and write the marks of each into its page."""
        marked = set()
        for line in lines:
            submission = key(line)
            if "marks" in line:
                differs = _differs(line, line["marks"])
                if differs:
                    marked.add(submission)
                if differs or submission in self._marked:
                    self._write(self.path(submission), line["marks"])
            yield line
        if marked != self._marked:
            self._marked = marked
            write_whole(self._noted, json.dumps(sorted(marked)))

    def _write(self, path: Path, marks: Marks) -> None:
        if path.exists():
            page = path.read_text("utf-8")
            if (written := render.remarked(page, marks)) != page:
                write_whole(path, written)


def _differs(line: Line, marks: Marks) -> bool:
    """Whether the gradebook says more than the judge."""
    given = marks["by_hand"] or marks["penalty"] or marks["late_seconds"]
    return bool(given) or marks["score"] != line["score"] or marks["max_score"] != line["max_score"]
