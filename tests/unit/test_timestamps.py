"""timestamp.txt: a moment is the same however it is written, and nothing else is a time."""

import codecs
import itertools
from datetime import datetime, timedelta

import pytest

from grader.batch.timestamps import utc
from grader.foreign import text_of

MOMENT = datetime(2026, 3, 1, 22, 59, 8)
OFFSETS = (timedelta(0), timedelta(hours=1), timedelta(hours=-5, minutes=-30), timedelta(hours=14))
DATES = ("%Y-%m-%d ", "%Y-%m-%dT", "%m/%d/%Y ")
CLOCKS = ("%H:%M:%S", "%H:%M:%S.000", "%I:%M:%S %p")
HOURS = {"12:00 AM": 0, "12:30 AM": 0, "1:00 AM": 1, "12:00 PM": 12, "11:59 PM": 23}
MARKS = {
    b"": "utf-8",
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


def _zone(offset: timedelta, colon: str) -> str:
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{colon}{abs(minutes) % 60:02}"


def _spellings():
    for offset, date, clock in itertools.product(OFFSETS, DATES, CLOCKS):
        local = (MOMENT + offset).strftime(date + clock)
        for space, colon in itertools.product(("", " "), ("", ":")):
            yield local + space + _zone(offset, colon)
        if not offset:
            yield from (local, local + " UTC", local + "Z", local + " utc")


@pytest.mark.parametrize("text", list(_spellings()))
def test_a_moment_is_the_same_however_it_is_written(text):
    assert utc(text) == MOMENT


@pytest.mark.parametrize(("text", "hour"), list(HOURS.items()))
def test_am_and_pm_are_understood(text, hour):
    assert utc(f"11/03/2024 {text}").hour == utc(f"2024-11-03 {text}").hour == hour


def test_a_fraction_is_read_and_a_day_begins_at_midnight():
    assert utc("2015-02-02 15:58:23.948203 UTC") == datetime(2015, 2, 2, 15, 58, 23, 948203)
    assert utc("2026-03-01 00:00:00.5").microsecond == 500_000
    assert utc("2026-03-01") == datetime(2026, 3, 1)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "now", "yesterday", "12:00", "2026", "1e9", "\0", "٢٠٢٦-٠٣-٠١"),
        *("2026-02-31 10:00", "2026-13-01 10:00", "0000-01-01", "2026-01-01 24:01"),
        *(f"2026-01-01 13:00 {rest}" for rest in ("PM", "/proc/self/mem", "Europe/Berlin", "EST")),
        *(f"2026-01-01 00:00:00 {rest}" for rest in ("TZ", "+1", "x" * 150)),
        *("99999999999999999999999999999999999999999h", "9" * 190),
        *("0001-01-01 00:00 +23:59", "9999-12-31 23:59 -23:59"),
    ],
)
def test_what_is_no_time_is_none_and_nothing_is_opened(text, monkeypatch):
    monkeypatch.setattr("builtins.open", None)
    assert utc(text) is None


@pytest.mark.parametrize(("mark", "encoding"), list(MARKS.items()))
def test_any_editor_may_have_saved_it(mark, encoding):
    assert utc(text_of(mark + "2026-03-01 22:59:08 UTC\r\n".encode(encoding))) == MOMENT
