"""Commands that other users of the machine run; only root can start them."""

from __future__ import annotations

import stat
from pathlib import Path


def within_reach(*folders: Path) -> list[str]:
    """A command prefix with `folders` within reach of everybody.

    Python itself may lie in root's home, where nobody else may look.
    """
    prefix = ["bwrap", "--dev-bind", "/", "/"]
    closed = {
        next(each for each in reversed(folder.parents) if not each.stat().st_mode & stat.S_IXOTH)
        for folder in folders
        if not all(each.stat().st_mode & stat.S_IXOTH for each in folder.parents)
    }
    for each in closed:
        prefix += ["--perms", "0755", "--tmpfs", str(each)]
    for folder in folders:
        for parent in reversed(folder.parents):
            if closed & set(parent.parents):
                prefix += ["--perms", "0755", "--dir", str(parent)]
        if closed & set(folder.parents):
            prefix += ["--bind", str(folder), str(folder)]
    return prefix
