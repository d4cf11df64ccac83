"""Who is in the class, from roster.csv: the names and sections that the report shows."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple


class Person(NamedTuple):
    """A learner as the list of the class has them; what it does not say is empty."""

    name: str = ""
    section: str = ""


def people(roster: Path) -> dict[str, Person]:
    """The people in a roster, by student; none where there is no such file."""
    if not roster.exists():
        return {}
    with roster.open(newline="", encoding="utf-8-sig") as file:
        return {
            line["student"]: Person(line.get("name") or "", line.get("section") or "")
            for line in csv.DictReader(file)
            if line.get("student")
        }
