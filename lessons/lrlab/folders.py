"""Where the lessons lie whose checks and recorded runs this lrlab uses, and the user's folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
INSTALLED = PACKAGE / "lessons"  # only the wheel has it; hatch_build.py puts it there
LESSONS = INSTALLED if INSTALLED.is_dir() else PACKAGE.parent


def of_user(kind: Callable[..., Path]) -> Path | None:
    """The course's folder of one kind (platformdirs' `user_cache_path` or another) for this user.

    None where the account has no home.
    """
    try:
        folder = kind("lrlab", appauthor=False)
    except RuntimeError:
        return None
    # An older platformdirs gives a path that begins with ~ then: below whatever folder is current.
    return folder if folder.is_absolute() else None
