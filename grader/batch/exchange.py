"""What nbgrader's release_feedback wants to find beside a learner's page."""

from __future__ import annotations

import secrets
from pathlib import Path

from .files import write_whole
from .submissions import SECRET, TIMESTAMP

SECRET_BYTES = 32


def make_releasable(folder: Path, timestamp: str, secret: str) -> None:
    """Write a submission's time and its secret into the folder of its page.

    A page whose submission did not come through the exchange has no secret, and for want of one
    nbgrader would release nobody's feedback: it gets one that nobody knows.
    """
    write_whole(folder / TIMESTAMP, timestamp)
    write_whole(folder / SECRET, secret or secrets.token_hex(SECRET_BYTES))


def is_releasable(folder: Path) -> bool:
    """Whether both files are there; they are not where a class was graded by an older version."""
    return all((folder / name).exists() for name in (TIMESTAMP, SECRET))
