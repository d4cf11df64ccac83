"""What lies in a folder: notebooks however they are called, archives, other files.

What systems and editors put beside a learner's files (macOS's ._ files, checkpoints) is left out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

NOTEBOOK = re.compile(r"\.ipynb(\.(txt|json))?$", re.IGNORECASE)  # browsers add the second one
ARCHIVE = re.compile(r"\.(zip|rar|7z|tar|tgz|tar\.\w+)$", re.IGNORECASE)
NOT_A_LEARNERS = ("__MACOSX", "__pycache__", "node_modules", "site-packages", "venv")
DEEPEST = 6  # Folders in folders are looked into so far.
MOST_ENTRIES = 2_000  # A student has far fewer, even with the whole of lessons/.


@dataclass
class Lying:
    """The files in a folder and below, sorted by path."""

    notebooks: list[Path] = field(default_factory=list)
    archives: list[Path] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)

    def add(self, path: Path) -> None:
        """Count a file among its kind, which its name tells."""
        kind = self.archives if ARCHIVE.search(path.name) else self.others
        (self.notebooks if is_notebook(path) else kind).append(path)


def is_notebook(path: Path) -> bool:
    """Whether a file is called like a notebook: a.ipynb, A.IPYNB, a.ipynb.txt."""
    return bool(NOTEBOOK.search(path.name))


def is_handed_in(path: Path) -> bool:
    """Whether a file is a notebook or an archive, and no system's own."""
    return not is_left_out(path) and bool(is_notebook(path) or ARCHIVE.search(path.name))


def folders(path: Path, out: Path | None = None) -> Iterator[Path]:
    """The sub-folders that are not hidden, and links to folders, sorted by name.

    Args:
        out: our own class folder, which is left out where it lies among them
    """
    resolved = out.resolve() if out else None
    for each in sorted(path.iterdir()):
        if not is_left_out(each) and _is_folder(each) and not is_entry(each, resolved):
            yield each


def is_same(path: Path, other: Path) -> bool:
    """Whether two paths lead to one place."""
    return path.resolve() == other.resolve()


def is_entry(path: Path, out: Path | None) -> bool:
    """Whether an entry of a folder is the class folder `out`, a resolved path.

    Its name is looked at first: to resolve every path would take long in a large class.
    """
    return out is not None and path.name == out.name and is_same(path, out)


def notebooks_in(folder: Path) -> list[Path]:
    """The notebooks directly in a folder, sorted by name. Raises OSError."""
    return sorted(each for each in folder.iterdir() if is_notebook(each) and not is_left_out(each))


def look(folder: Path) -> Lying:
    """All files below a folder, links not followed. Raises OSError when it cannot be opened."""
    found, seen = Lying(), 0
    os.listdir(folder)  # `walk` passes over what cannot be opened
    for where, inner, files in os.walk(folder):
        here = Path(where)
        deep = len(here.relative_to(folder).parts) >= DEEPEST
        inner[:] = [] if deep else sorted(each for each in inner if not is_left_out(here / each))
        for path in (here / name for name in sorted(files)):
            seen += 1
            if not is_left_out(path):
                found.add(path)
        if seen > MOST_ENTRIES:
            break
    return found


def is_left_out(path: Path) -> bool:
    """Whether a file or folder is hidden, or one that systems and tools put there."""
    return path.name.startswith(".") or path.name in NOT_A_LEARNERS


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a link to a name that is too long, for one
        return path.is_symlink()
