"""What nbgrader's release_feedback wants to find beside a learner's page."""

from __future__ import annotations

import secrets
from pathlib import Path

from .files import write_whole
from .submissions import SECRET, TIMESTAMP

SECRET_BYTES = 32


def make_releasable(page: Path, timestamp: str, secret: str, notebook: str) -> None:
    """Write a submission's time and its secret beside its page, and give that its other name.

    A page whose submission did not come through the exchange has no secret, and for want of one
    nbgrader would release nobody's feedback: it gets one that nobody knows.

    Args:
        notebook: what the file was called that was handed in. Under this name, and no other,
            nbgrader's fetch_feedback looks for the page; so that is there under both.
    """
    write_whole(page.with_name(TIMESTAMP), timestamp)
    write_whole(page.with_name(SECRET), secret or secrets.token_hex(SECRET_BYTES))
    for link in page.parent.glob("*.html"):
        if link.is_symlink():  # of a notebook that was handed in before
            link.unlink()
    name, dot, ending = notebook.rpartition(".")
    if dot + ending == ".ipynb" and name != page.stem:
        other = page.with_name(f"{name}.html")
        other.unlink(missing_ok=True)
        other.symlink_to(page.name)


def is_releasable(folder: Path) -> bool:
    """Whether both files are there; they are not where a class was graded by an older version."""
    return all((folder / name).exists() for name in (TIMESTAMP, SECRET))
