"""The times that LMSs write into names, in the language of who downloads, and without a zone."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime

from grader.batch.persons import without_accents

DIGITS = ("%Y-%m-%d-%H-%M-%S", "%Y%m%d%H%M%S")
YEARS = range(2000, 3000)  # All others are misread, or nobody's.
# How the months begin, without accents: English, German, French, Spanish, Italian, Portuguese,
# Dutch, Danish, Norwegian, Swedish and Turkish.
MONTHS = {
    begins: number
    for number, some in enumerate(
        (
            *("jan ene gen oca", "feb fev sub", "mar maa mrt", "apr abr avr nis"),
            *("may mai maj mei mag", "jun juin giu haz", "jul juil lug tem", "aug ago aou agu"),
            *("sep set eyl", "oct okt out ott eki", "nov kas", "dec dez dic des ara"),
        ),
        start=1,
    )
    for begins in some.split()
}
DATE_SIGNS = str.maketrans(dict.fromkeys("年月日년월일", " "))
HALVES = {"am": 0, "pm": 12, "上午": 0, "下午": 12, "午前": 0, "午後": 12, "오전": 0, "오후": 12}
MORE_WORDS = {*("de", "del", "le", "at", "a", "h", "uhr", "um", "kl", "om", "ore")}


def clock(text: str) -> datetime | None:
    """The time that an LMS has written; None where any of it is not understood.

    Example:
        >>> clock("1 mars 2026 23 h 59") == clock("March 1, 2026 1159 PM") == clock("1.3.2026 2359")
        True
    """
    for form in DIGITS:
        with suppress(ValueError):
            found = datetime.strptime(text, form)
            return found if found.year in YEARS else None
    with suppress(ValueError):
        return _in_words(text)
    return None


def _in_words(text: str) -> datetime:
    """The time in a text with a month's name, or in dates of digits. Raises ValueError."""
    plain = re.sub(r"\b([ap])\.?\s?m\b", r"\1m", without_accents(text.casefold()))
    words = set(re.findall(r"[^\W\d_]+", plain.translate(DATE_SIGNS))) - MORE_WORDS
    halves = words & HALVES.keys()
    months = [MONTHS.get(each[:4]) or MONTHS.get(each[:3]) for each in words - halves]
    numbers = re.findall(r"\d+", plain)
    date, rest = numbers[: 3 - len(months)], "".join(numbers[3 - len(months) :])
    if len(months) > 1 or len(halves) > 1 or not re.fullmatch(r"\d{3,4}", rest):
        raise ValueError
    hour, minute = divmod(int(rest), 100)
    if halves:
        hour = hour % 12 + HALVES[halves.pop()] if 1 <= hour <= 12 else -1
    year, month, day = _date([*map(int, date)], months, plain)
    return datetime(year, month, day, hour, minute)


def _date(numbers: list[int], months: list[int | None], plain: str) -> tuple[int, int, int]:
    """Year, month and day. Raises ValueError where their order is not known."""
    if months:
        day, year = sorted(numbers)
        month = months[0] or 0
    elif numbers[0] in YEARS:
        year, month, day = numbers
    elif re.match(r"\d+\.\s?\d+\.", plain):
        day, month, year = numbers
    else:
        raise ValueError
    if year not in YEARS:
        raise ValueError
    return year, month, day
