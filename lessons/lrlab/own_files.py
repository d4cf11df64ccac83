"""Small JSON files in which a learner's own things are kept from one day to the next.

They lie where the lessons lie, or in the user's own data folder where that cannot be written; never
in a notebook, which is handed in. Only a notebook that somebody has open is kept track of: Jupyter
tells its kernel so, and tells none to what runs notebooks by itself.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from .folders import INSTALLED, LESSONS, of_user


def somebody_is_here() -> bool:
    """Whether a person has this kernel's notebook open."""
    return bool(os.environ.get("JPY_SESSION_NAME"))


def keep(file: str, name: str, value: Any) -> str:
    """Keep one value in the file of this name, if a person is here.

    Returns why it could not be kept, for each folder; empty if it was, or if nobody is here.
    """
    if not somebody_is_here():
        return ""
    text = json.dumps({**kept(file), name: value}, indent=1)
    return _somewhere(file, text, lambda new, path: new.replace(path))


def obstacle(file: str) -> str:
    """Why nothing could be kept in the file just now, as `keep` says it; it is left as it is."""
    if not somebody_is_here():
        return ""
    return _somewhere(file, json.dumps(kept(file)), lambda new, _path: new.unlink())


def _somewhere(file: str, text: str, finish: Callable[[Path, Path], object]) -> str:
    """Write a new file beside the one that is kept, in the first folder where that succeeds."""
    refused = []
    for folder in folders():
        new = folder / f"{file}.new"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            new.write_text(text, encoding="utf-8")
            finish(new, folder / file)
            return ""
        except OSError as error:
            refused.append(f"in {folder} {_in_words(error)}")
            with suppress(OSError):
                new.unlink()  # Half a file would be left where the disk is full.
    return ", ".join(refused) or "your account has no home folder"


def _in_words(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "there is no room left on the disk"
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return "nothing may be written"
    if error.errno in (errno.EEXIST, errno.ENOTDIR, errno.EISDIR):
        return "a file and a folder have the same name"
    return f"writing fails: {error.strerror or error}"


def kept(file: str) -> dict[str, Any]:
    """All that was ever kept in the file; nothing where it cannot be read.

    A folder that could be written to may be read-only today: what was kept in the other one since
    is newer.
    """
    found: list[tuple[int, dict[str, Any]]] = []
    for folder in folders():
        with suppress(OSError, ValueError):
            path = folder / file
            values = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(values, dict):
                found.append((path.stat().st_mtime_ns, values))
    found.sort(key=lambda each: each[0])
    return {name: value for _, values in found for name, value in values.items()}


def folders() -> list[Path]:
    """Where a file may be kept, in the order of preference: not among installed packages."""
    beside = None if LESSONS == INSTALLED else LESSONS
    return [*filter(None, (beside, of_user(user_data_path)))]
