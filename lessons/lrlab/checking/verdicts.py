"""The verdicts of a kernel, told to the process that started it.

That process names a file in the environment; `check` adds a line of JSON to it for each of its
cards. A notebook's outputs are no way out: a learner may keep a result in a name, or print it.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

VARIABLE = "LRLAB_VERDICTS"


@dataclass(frozen=True)
class Told:
    """One verdict as another process reads it.

    Attributes:
        kind: as in Verdict
        earned: points, of `points`
        sentence: what is wrong, in one sentence; empty if nothing is
        text: the card as plain text, without what only helps a learner on
    """

    exercise: str
    kind: str
    earned: float
    points: float
    sentence: str
    text: str

    @property
    def right(self) -> bool:
        return self.kind == "right"


def tell(verdict: Told) -> None:
    """Add a verdict to the file that the environment names, if it names one."""
    if path := os.environ.get(VARIABLE):
        with suppress(OSError), open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(verdict)) + "\n")


def read(path: Path) -> dict[str, Told]:
    """The last verdict on each exercise, in the order in which they were first checked."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    told = (Told(**json.loads(line)) for line in lines)
    return {each.exercise: each for each in told}
