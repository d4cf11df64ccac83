"""Which hand-ins are to be collected again: course.toml reads their times otherwise by now."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.batch import course
from grader.untrusted import one_line

from .clocks import clock
from .lms_names import FOLDERS, of_lms
from .shapes import STAMPED
from .source import Entry
from .write import collected

log = logging.getLogger(__name__)


def tell_changed_times(out: Path) -> None:
    """Say of each SOURCE how many of its hand-ins have another time by now than they were given.

    Where an LMS writes no zone, the time is made of that in course.toml, which may have changed.
    Raises CannotBegin where course.toml is wrong.
    """
    terms = course.load(out / course.COURSE)
    changed = Counter(
        line["source"]
        for line in collected(out)
        if line["kept"]
        and (now := terms.utc(line["lesson"], _clock(line)))
        and f"{now.isoformat()}Z" != line["handed_in"]
    )
    for source, count in changed.items():
        log.warning(
            "The zone of due dates in %s is not what it was when %s was collected: %s of its "
            "hand-ins still count with the time, or without one, that they had then. Collect them "
            'again: grader grade "PATH/%s" --out "%s".',
            *(out / course.COURSE, one_line(source), count, one_line(source), out),
        )


def _clock(line: Mapping[str, Any]) -> datetime | None:
    """The time on the file of a line of collected.jsonl, by the clock of its LMS."""
    parts = tuple(line["file"].split("/"))
    if found := of_lms(Entry(parts, None)):
        return found[0].clock
    stamp = STAMPED.match(parts[-1]) if line["shape"] in FOLDERS else None
    return clock(stamp[1]) if stamp else None
