"""A whole class taken in, from a folder or an archive of any shape, into nbgrader's layout."""

from enum import StrEnum


class Keep(StrEnum):
    """Which of several attempts counts."""

    last = "last"
    best = "best"
