"""DIR/grade.log: what did not go its usual way, and what was done about it, one line each.

A run on this machine begins with whether its sandboxes have cgroups, which their code cannot tell.

Every module logs as usual, by `logging.getLogger(__name__)`. A warning concerns the whole run, and
the terminal shows it too. What happened to one submission is told with `extra=about(key)`.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from io import BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path

from grader.lines import Key
from grader.untrusted import one_line

from .files import owner_only

GRADER = logging.getLogger("grader")


def about(submission: Key) -> dict[str, str]:
    """The `extra` of a message about one submission."""
    return {"submission": "/".join(submission)}


class LogFile(logging.FileHandler):
    """Every run appends to it: time, submission ("-" for the whole run), message, between tabs.

    Args:
        folder: the class folder; the file is made when there is something to say.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "grade.log", encoding="utf-8", delay=True)
        GRADER.setLevel(logging.INFO)
        GRADER.addHandler(self)

    def _open(self) -> TextIOWrapper:
        binary = FileIO(self.baseFilename, self.mode, opener=owner_only)
        return TextIOWrapper(BufferedWriter(binary), encoding=self.encoding)

    def format(self, record: logging.LogRecord) -> str:
        now = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        parts = getattr(record, "submission", "-"), record.getMessage()
        return "\t".join([now, *map(one_line, parts)])  # names of strangers may hold line ends

    def close(self) -> None:
        GRADER.removeHandler(self)
        super().close()
