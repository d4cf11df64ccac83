"""When a submission was handed in, read from timestamp.txt: a file that its learner can write.

Only fixed forms are read, by a pattern. nbgrader's own reader gives the name of a time zone to a
library that opens it as a file, and takes 11:59 PM for 11:59.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?:\s?(?P<half>[AP])\.?M\.?)?"
)
ZONE = r"(?:\s?(?:Z|UTC|GMT|(?P<sign>[+-])(?P<zone_hours>\d{2}):?(?P<zone_minutes>\d{2})))?"
FORMS = [
    re.compile(form, re.IGNORECASE | re.ASCII)
    for form in (
        rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})(?:(?:T|\s+){CLOCK}{ZONE})?",
        rf"(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})/(?P<year>\d{{4}})\s+{CLOCK}{ZONE}",
    )
]


def utc(text: str) -> datetime | None:
    """The time in UTC, without a zone as nbgrader stores it; None if `text` is no time.

    ISO 8601 and nbgrader's own form are read, and month/day/year; each with AM or PM or 24 hours,
    and with UTC or a numeric offset. Without either it is UTC.

    Example:
        >>> utc("2026-03-01 11:59 PM +01:00")
        datetime.datetime(2026, 3, 1, 22, 59)
    """
    found = next(filter(None, (form.fullmatch(text.strip()) for form in FORMS)), None)
    if found is None:
        return None
    part = {name: value or "0" for name, value in found.groupdict().items()}
    hour = int(part["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (found["half"].upper() == "P")
    offset = timedelta(hours=int(part["zone_hours"]), minutes=int(part["zone_minutes"]))
    try:
        local = datetime(
            year=int(part["year"]),
            month=int(part["month"]),
            day=int(part["day"]),
            hour=hour,
            minute=int(part["minute"]),
            second=int(part["second"]),
            microsecond=int(part["fraction"][:6].ljust(6, "0")),
        )
        return local + offset if found["sign"] == "-" else local - offset
    except (ValueError, OverflowError):  # the 31st of February, the year 0
        return None
