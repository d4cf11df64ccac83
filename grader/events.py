"""What a program reads on stdout while a class is graded: one JSON object a line.

`{"event": "submission", …the line of results.jsonl}` for each that was graded just now;
`{"event": "progress", "done", "total", "per_second", "seconds_left"}` every second or so;
`{"event": "summary", "graded", "unchanged", "seconds", "statuses", "out"}` at the end.
"""

from __future__ import annotations

import json
import time
from collections import deque
from typing import Any, TextIO

from .batch.run import Batch
from .pages.tally import class_tally

PROGRESS_SECONDS = 1.0
RATE_SECONDS = 30.0  # the rate is that of the last half minute


class Pace:
    """How fast something goes, and when it will be done.

    Args:
        total: how many there are.
        now: the time in seconds, from any start.
    """

    def __init__(self, total: int, now: float) -> None:
        self._total = total
        self._seen = deque([(now, 0)])

    def at(self, now: float, done: int) -> dict[str, Any]:
        """Rate and time left; both None before anything is done."""
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[0][0] > RATE_SECONDS:
            self._seen.popleft()
        begin, before = self._seen[0]
        rate = (done - before) / (now - begin) if done > before and now > begin else None
        return {
            "done": done,
            "total": self._total,
            "per_second": rate and round(rate, 2),
            "seconds_left": rate and round((self._total - done) / rate, 1),
        }


def follow(batch: Batch, out: TextIO) -> None:
    """Run a batch and tell what happens."""

    def tell(event: str, **values: Any) -> None:
        print(json.dumps({"event": event, **values}), file=out, flush=True)

    started = told = time.monotonic()
    pace = Pace(len(batch.todo), started)
    tell("progress", **pace.at(started, 0))
    for done, line in enumerate(batch.run(), start=1):
        tell("submission", **line)
        now = time.monotonic()
        if now - told > PROGRESS_SECONDS or done == len(batch.todo):
            told = now
            tell("progress", **pace.at(now, done))
    tell(
        "summary",
        graded=len(batch.todo),
        unchanged=len(batch.submissions) - len(batch.todo),
        seconds=round(time.monotonic() - started, 1),
        statuses=class_tally(batch.lines())["statuses"],
        out=str(batch.settings.out),
    )
