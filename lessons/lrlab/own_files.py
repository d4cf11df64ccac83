"""Small JSON files in which a learner's own things are kept from one day to the next.

They lie where the lessons lie, or in the user's own data folder where that cannot be written; never
in a notebook, which is handed in. Only a notebook that somebody has open is kept track of: Jupyter
tells its kernel so, and tells none to what runs notebooks by itself.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from .folders import INSTALLED, LESSONS


def somebody_is_here() -> bool:
    """Whether a person has this kernel's notebook open."""
    return bool(os.environ.get("JPY_SESSION_NAME"))


def keep(file: str, name: str, value: Any) -> None:
    """Keep one value in the file of this name, if a person is here."""
    if not somebody_is_here():
        return
    text = json.dumps({**kept(file), name: value}, indent=1)
    for folder in folders():
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            new = folder / f"{file}.new"
            new.write_text(text, encoding="utf-8")
            new.replace(folder / file)
            return


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
    beside = [] if LESSONS == INSTALLED else [LESSONS]
    return [*beside, user_data_path("lrlab", appauthor=False)]
