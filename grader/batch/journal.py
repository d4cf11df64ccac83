"""DIR/grade.log: what did not go its usual way, and what was done about it, one line each."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

from .results import Key

terminal = logging.getLogger(__name__)


class Journal:
    """Appended to by every run: time, submission, reason, between tabs.

    Args:
        folder: the class folder.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "grade.log"

    def note(self, submission: Key, reason: str) -> None:
        """Write down what happened to one submission."""
        self._append("/".join(submission), reason)

    def tell(self, reason: str) -> None:
        """Write down what concerns the whole run, and say it in the terminal."""
        self._append("-", reason)
        terminal.warning(reason)

    def _append(self, about: str, reason: str) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._path.open("a", encoding="utf-8") as file:
            file.write("\t".join([now, _one_line(about), _one_line(reason)]) + "\n")


def _one_line(text: str) -> str:
    """Names of strangers may hold line ends and tabs."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
