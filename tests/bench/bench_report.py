"""The report of a large class: its bytes, and the seconds to write, load, sort, search and print.

`python tests/bench/bench_report.py [STUDENTS] [--pictures FOLDER]`. The lines are made up, nothing
is graded: each student has a line in each lesson of the course, with mistakes of the course. The
browser's times are those of the page itself: `load` until its script has run and the first rows
are laid out; the others until the next frame is there.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.exercises import LESSONS, of_lesson
from grader.lines import Line, MarkLine
from grader.pages import render
from grader.pages.students import Person

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from chromium import WHOLE, chromium

NAMES = ("Ada", "Björn", "Chidi", "Dana", "Eun-ji", "Farid", "Grace", "Hồ", "Inês", "Jonas")
FAMILIES = ("Okafor", "Lindqvist", "O'Neill", "García", "Kim", "Novák", "Silva", "Weber", "Yılmaz")
VERDICTS = {"right": 60, "wrong": 28, "unanswered": 9, "error": 2, "timeout": 1}
STATUSES = {"graded": 86, "not_started": 5, "missing": 7, "timeout": 1, "unreadable": 1}
SECTIONS = ("A", "B", "C", "D")
UNNAMED = 0.25  # of the wrong answers
CLUSTERS = 6
PICTURES = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 1400}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 1400}},
    "phone": {"color_scheme": "light", "viewport": {"width": 400, "height": 1400}},
}
TIMED = """async (act) => {
  const began = performance.now();
  act();
  await new Promise(requestAnimationFrame);
  document.body.offsetHeight;
  return performance.now() - began;
}"""
ACTS = {
    "sort by points": "document.querySelectorAll('.students thead button')[3].click()",
    "sort by student": "document.querySelectorAll('.students thead button')[0].click()",
    "search": "{ const box = document.getElementById('search'); box.value = 'kim 9';"
    " box.dispatchEvent(new Event('input')); }",
    "hide names": "document.getElementById('hide-names').click()",
    "show names": "document.getElementById('hide-names').click()",
}


def people(students: int) -> dict[str, Person]:
    """As many people as wanted, in four sections."""
    rng = random.Random(0)
    return {
        f"s{number:05d}": Person(
            f"{rng.choice(NAMES)} {rng.choice(FAMILIES)}", rng.choice(SECTIONS)
        )
        for number in range(1, students + 1)
    }


def lines(students: int) -> Iterator[Line]:
    """One line for each student in each lesson. Always the same."""
    for student in people(students):
        rng = random.Random(student)
        skill = rng.betavariate(3, 2)
        for lesson in LESSONS:
            yield _line(student, lesson, skill, rng)


def _line(student: str, lesson: str, skill: float, rng: random.Random) -> Line:
    (status,) = rng.choices(list(STATUSES), list(STATUSES.values()))
    read = status in ("graded", "timeout")
    marks = [_mark(each, skill if read else 0.0, read, rng) for each in of_lesson(lesson)]
    auto = round(sum(mark["score"] for mark in marks), 6)
    late = rng.choice((0.0, 0.0, 0.0, 0.0, 0.0, 90_000.0)) if read else 0.0
    penalty = round(0.1 * auto, 6) if late else 0.0
    most = float(sum(mark["max_score"] for mark in marks))
    return {
        "student": student,
        "lesson": lesson,
        "score": auto,
        "max_score": most,
        "status": status,  # type: ignore[typeddict-item]
        "detail": "" if status == "graded" else f"An example of {status}.",
        "seconds": 1.0,
        "exercises": marks if status != "missing" else [],
        "marks": {
            "name": "",
            "email": "",
            "score": auto - penalty,
            "max_score": most,
            "auto": auto,
            "manual": None,
            "extra": 0.0,
            "penalty": penalty,
            "late_seconds": late,
            "by_hand": [],
        },
    }


def _mark(exercise: Any, skill: float, read: bool, rng: random.Random) -> MarkLine:
    weights = (
        [0, 0, 1, 0, 0]
        if not read
        else [w * (skill if n == 0 else 1 - skill / 2) for n, w in enumerate(VERDICTS.values())]
    )
    (verdict,) = rng.choices(list(VERDICTS), weights)
    mark: MarkLine = {
        "id": exercise.id,
        "score": float(exercise.points) if verdict == "right" else 0.0,
        "max_score": float(exercise.points),
        "verdict": verdict,
        "diagnosis": "" if verdict == "right" else "An example.",
    }
    if verdict == "wrong":
        known = list(exercise.misconceptions)
        mark["diagnosis"] = known[min(int(rng.expovariate(0.7)), len(known) - 1)]
        if rng.random() < UNNAMED:
            group = rng.randrange(CLUSTERS)
            mark["diagnosis"] = f"Your result is {group}; another number is expected."
            mark["cluster"] = f"{exercise.id} {group}"
            mark["sample"] = f"def {exercise.id}(lr0, gamma):\n    return lr0 * gamma - {group}\n"
    return mark


def main(students: int, pictures: Path | None) -> None:
    """Print the numbers; take pictures if a folder is named."""
    made = list(lines(students))
    roster = people(students)
    render.report(made[:10])
    began = time.perf_counter()
    html = render.report(made, roster)
    seconds = time.perf_counter() - began
    print(f"{students:,} students x {len(LESSONS)} lessons: {len(made):,} submissions")
    print(f"bytes {len(html.encode()):,}")
    print(f"write {seconds:.2f} s")
    if WHOLE is None:
        print("bench_report: no Chromium, the page is not loaded (sudo apt-get install chromium)")
        return
    with tempfile.TemporaryDirectory() as folder, chromium(WHOLE) as browser:
        path = Path(folder) / "report.html"
        path.write_text(html, encoding="utf-8")
        page = browser.new_page()
        page.goto(path.as_uri())
        load = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
        print(f"load {load / 1000:.2f} s")
        for name, act in ACTS.items():
            page.evaluate("window.scrollTo(0, 0)")
            took = page.evaluate(f"({TIMED})(() => {act})")
            print(f"{name} {took / 1000:.3f} s")
        if pictures:
            pictures.mkdir(parents=True, exist_ok=True)
            for name, options in PICTURES.items():
                page = browser.new_page(**options)
                page.goto(path.as_uri())
                page.screenshot(path=pictures / f"{name}.png")
            page = browser.new_page()
            page.goto(path.as_uri())
            page.pdf(path=pictures / "print.pdf", format="A4", print_background=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("students", nargs="?", type=int, default=3_000)
    parser.add_argument("--pictures", type=Path)
    given = parser.parse_args()
    main(given.students, given.pictures)
