"""Links in a submission that lead to what belongs to others."""

from __future__ import annotations

from .base import (
    FILE,
    UNREADABLE,
    Attack,
    Content,
    Link,
    extra_cell,
    files,
    report,
    solved,
)
from .tools import HUNT


def _linked(target: str) -> dict[str, Content]:
    return {FILE: Link(target)}


ATTACKS = [
    Attack(
        "link-to-neighbour",
        "hands in a link to the solved notebook of another student",
        _linked("../../zzz-canary/steplr/steplr.ipynb"),
        allowed=UNREADABLE,
    ),
    Attack(
        "link-to-solution",
        "hands in a link to the solution notebook",
        _linked("../../../solutions/steplr/steplr.ipynb"),
        allowed=UNREADABLE,
    ),
    Attack(
        "link-to-notes",
        "hands in a link to the instructor's notes",
        _linked("../../../class/notes.txt"),
        allowed=UNREADABLE,
    ),
    Attack(
        "link-to-itself", "hands in a link that leads to itself", _linked(FILE), allowed=UNREADABLE
    ),
    Attack(
        "link-to-device",
        "hands in a link to a file without an end",
        _linked("/dev/zero"),
        allowed=UNREADABLE,
    ),
    Attack(
        "linked-data",
        "hands in links beside a solved notebook and reads through them",
        {
            **files(
                solved("step_lr"),
                extra_cell(HUNT + "loot = secrets_in(Path.cwd().glob('*.txt'))\nprint(loot)"),
                report(),
            ),
            "notes.txt": Link("../../../class/notes.txt"),
            "other.txt": Link("../../zzz-canary/steplr/steplr.ipynb"),
        },
        earned=14,
        why="all but step_lr is answered, and two other answers build on step_lr",
    ),
]
