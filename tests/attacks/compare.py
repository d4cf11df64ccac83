"""The same attacks on stock nbgrader and on our grader: `make attacks`.

Every word in the table that it writes, README.md beside this file, is measured. Stock nbgrader
takes most of an hour; what it did is kept in stock.jsonl, and only what is not in there is run.
With `--table` nothing more is run on stock nbgrader.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import date
from importlib.metadata import version
from pathlib import Path

import classroom
import ours
import stock
from suite import ATTACKS
from suite.base import ESCAPED, FULL, Attack, files

AT_ONCE = 2
SCRIPT = b"<script>lrAttackRan"
NO_EFFECT = "no effect"
NOT_RUN = "not run"
STOCK = Path(__file__).with_name("stock.jsonl")
TABLE = Path(__file__).with_name("README.md")


def points(score: float | None, attack: Attack) -> Iterator[str]:
    """How the points differ from those that are earned."""
    if score is None:
        yield "not graded"
    elif score > attack.earned:
        yield f"unearned {score - attack.earned:g} points"
    if (score or 0) < attack.earned:
        yield f"lost {attack.earned - (score or 0):g} earned points"


def stock_words(attack: Attack, seen: stock.Seen) -> Iterator[str]:
    """What stock nbgrader let happen."""
    yield from points(seen.score, attack)
    if seen.hidden.found_in(seen.pages):
        yield "read the secret"
    if seen.changed or (seen.neighbour_score is not None and seen.neighbour_score != FULL):
        yield "changed others"
    if seen.timed_out:
        yield "grader did not end"
    elif len(seen.codes) < 2 or any(code < 0 for code in seen.codes):
        yield "killed the grader"
    elif seen.neighbour_score is None:
        yield "batch aborted"
    if seen.calls:
        yield "called out"
    if seen.escaped:
        yield "got past the limits"
    if seen.left_processes:
        yield "processes left"
    if seen.left_files and not seen.changed:
        yield "files left"
    if SCRIPT in seen.feedback:
        yield "script in feedback"


def our_words(attack: Attack, student: str | bytes, outcome: ours.Outcome) -> Iterator[str]:
    """What our grader let happen, as far as it can be assigned to one attack."""
    lines = [each for each in outcome.lines if each["student"] == classroom.shown_name(student)]
    if len(lines) != 1:
        yield "batch aborted"
        return
    yield from points(lines[0]["score"], attack)
    if lines[0]["status"] not in attack.allowed:
        yield f"wrong status {lines[0]['status']}"
    pages = outcome.pages(student)
    if outcome.hidden.found_in(pages):
        yield "read the secret"
    if ESCAPED.encode() in pages:
        yield "got past the limits"
    if outcome.outlived(attack.name, student) > outcome.pace.workers:
        yield "processes left"
    if SCRIPT in outcome.feedback(student):
        yield "script in feedback"


def whole_class_words(outcome: ours.Outcome) -> Iterator[str]:
    """What happened to our class that no single attack can be blamed for."""
    neighbours = [student for student, attack in outcome.everybody if attack is None]
    full = [each["student"] for each in outcome.lines if each["score"] == FULL]
    if missing := set(map(classroom.shown_name, neighbours)) - set(full):
        yield f"{len(missing)} neighbours without full marks"
    after = outcome.after
    for name, before in outcome.before.items():
        if any(after[name].get(path) != kind for path, kind in before.items()):
            yield f"{name} files changed"
    for what in ("calls", "left_processes", "left_files"):
        if getattr(outcome, what):
            yield f"{what}: {getattr(outcome, what)}"
    if outcome.exit_code:
        yield f"exit code {outcome.exit_code}"


def stock_results() -> dict[str, dict[str, str]]:
    """What is known of stock nbgrader already, by attack."""
    lines = STOCK.read_text().splitlines() if STOCK.exists() else []
    return {each["attack"]: each for each in map(json.loads, lines)}


def run_stock(folder: Path, attacks: list[Attack]) -> None:
    """Add to stock.jsonl what stock nbgrader lets happen."""
    course = folder / "course"
    stock.make_course(course)
    nothing = Attack("nothing", "is handed in as it was released", files())
    if stock.try_attack(nothing, course, folder / "try-nothing").neighbour_score != FULL:
        sys.exit("Stock nbgrader does not even grade an honest class here: nothing is recorded.")

    def one(attack: Attack) -> dict[str, str]:
        seen = stock.try_attack(attack, course, folder / f"try-{attack.name}")
        words = ", ".join(stock_words(attack, seen)) or NO_EFFECT
        return {"attack": attack.name, "result": words, "nbgrader": version("nbgrader")}

    with ThreadPoolExecutor(AT_ONCE) as pool, open(STOCK, "a") as file:
        for future in as_completed([pool.submit(one, attack) for attack in attacks]):
            print(json.dumps(future.result()), file=file, flush=True)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def table(by_stock: dict[str, str], by_ours: dict[str, str], whole: str, minutes: float) -> str:
    """The README.md of this folder."""
    rows = [
        f"| {attack.name} | {_cell(attack.tries)} | {by_stock.get(attack.name, NOT_RUN)} "
        f"| {by_ours[attack.name]} |"
        for attack in ATTACKS
    ]
    totals = [_total("stock nbgrader", by_stock), _total("this grader", by_ours)]
    python = ".".join(map(str, sys.version_info[:3]))
    return "\n".join(
        [
            f"# {len(ATTACKS)} hostile and broken submissions",
            "",
            "Written by `make attacks`; every result is measured, none typed.",
            "",
            *totals,
            f"- To the class as a whole, with our grader: {whole}.",
            "",
            f"nbgrader {version('nbgrader')}, torch {version('torch')}, Python {python}, "
            f"{date.today():%Y-%m-%d}. Our grader took {minutes:.0f} minutes with two workers.",
            "",
            "An honest neighbour is graded after each attack. *lost N earned points* is about "
            "submissions that deserve some: damaged notebooks of a learner who is right.",
            "",
            "| attack | what it does | stock nbgrader | this grader |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
        ]
    )


def _total(name: str, results: dict[str, str]) -> str:
    kinds = Counter(_kind(word) for words in results.values() for word in words.split(", "))
    without = kinds.pop(NO_EFFECT, 0)
    said = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()) or "nothing"
    return f"- **{name}**: {without} of {len(results)} without effect; {said}."


def _kind(word: str) -> str:
    return " ".join(part for part in word.split() if not part.replace(".", "").isdigit())


def main() -> None:
    """Run what is missing, then write the table."""
    known = stock_results()
    todo = [each for each in ATTACKS if each.name not in known]
    with tempfile.TemporaryDirectory(prefix="compare-", ignore_cleanup_errors=True) as name:
        if todo and "--table" not in sys.argv:
            run_stock(Path(name), todo)
        started = time.monotonic()
        outcomes = [
            ours.grade_class(Path(name) / pace, attacks, pace=ours.PACES[pace])
            for pace, attacks in ours.by_pace(ATTACKS).items()
        ]
        minutes = (time.monotonic() - started) / 60
    by_ours = {
        attack.name: ", ".join(our_words(attack, student, outcome)) or NO_EFFECT
        for outcome in outcomes
        for student, attack in outcome.everybody
        if attack is not None
    }
    by_stock = {name: each["result"] for name, each in stock_results().items()}
    whole = ", ".join(words for each in outcomes for words in whole_class_words(each)) or NO_EFFECT
    TABLE.write_text(table(by_stock, by_ours, whole, minutes))


if __name__ == "__main__":
    main()
