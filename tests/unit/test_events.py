"""What a program gets to read while a class is graded."""

import io
import json
from pathlib import Path
from types import SimpleNamespace

from grader.events import Pace, follow


def line(student, status="graded"):
    return {
        **{"student": student, "lesson": "steplr", "status": status, "detail": ""},
        **{"score": 1.0, "max_score": 2.0, "seconds": 0.1, "exercises": []},
    }


def test_every_submission_and_a_summary_are_told():
    lines = [line("ada"), line("bo\nb", status="crashed")]
    batch = SimpleNamespace(
        todo=lines,
        submissions=[*lines, line("eve")],
        settings=SimpleNamespace(out=Path("class")),
        run=lambda: iter(lines),
        lines=lambda: iter([*lines, line("eve")]),
    )
    out = io.StringIO()
    follow(batch, out)
    told = [json.loads(each) for each in out.getvalue().splitlines()]
    assert [each for each in told if each["event"] == "submission"] == [
        {"event": "submission", **each} for each in lines
    ]
    progress = [each for each in told if each["event"] == "progress"]
    assert [(each["done"], each["total"]) for each in (progress[0], progress[-1])] == [
        (0, 2),
        (2, 2),
    ]
    summary = told[-1]
    assert summary.pop("seconds") >= 0
    assert summary == {
        "event": "summary",
        "graded": 2,
        "unchanged": 1,
        "statuses": {"graded": 2, "crashed": 1},
        "out": "class",
    }


def test_the_pace_is_that_of_the_last_half_minute():
    pace = Pace(total=100, now=5.0)
    assert pace.at(5.0, 0) == {"done": 0, "total": 100, "per_second": None, "seconds_left": None}
    assert pace.at(15.0, 20)["per_second"] == 2.0
    assert pace.at(15.0, 20)["seconds_left"] == 40.0
    for second in range(16, 66):
        found = pace.at(float(second), 20 + second - 15)
    assert found["per_second"] == 1.0
