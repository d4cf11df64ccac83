"""similar.html: pairs of answers side by side, to be looked at. No learner ever sees it.

One file without scripts and without requests; all that learners wrote is escaped by jinja2.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from grader.lines import Key
from grader.pages.render import html_page
from grader.untrusted import one_line

from .answers import answers, lessons, reference, stub
from .pairs import SimilarPair, similar_pairs
from .shapes import Shapes, shapes

DOCSTRING = re.compile(r'^ *""".*?"""\n', re.DOTALL | re.MULTILINE)
MOST_SHOWN = 100  # pairs; each has several answers, twice
MOST_CHARS = 4_000  # of one answer


def similar_page(folder: Path, submissions: Iterable[Key]) -> str:
    """The page about these submissions of a class folder."""
    shaped: dict[str, dict[str, Shapes]] = defaultdict(dict)
    for student, lesson in submissions:
        for exercise, source in answers(folder, (student, lesson)):
            shaped[exercise][student] = shapes(source, stub(exercise))
    pairs = similar_pairs(shaped, {exercise: reference(exercise) for exercise in shaped})
    return html_page(
        "similar.html",
        pairs=[_shown(folder, pair) for pair in pairs[:MOST_SHOWN]],
        count=len(pairs),
        students=len({student for its in shaped.values() for student in its}),
    )


def _shown(folder: Path, pair: SimilarPair) -> dict[str, Any]:
    """A pair with both sources of each answer, the rarest first; they are read again."""
    its_lessons = {lessons()[each.exercise] for each in pair.alike}
    sources = [
        {
            exercise: source
            for lesson in its_lessons
            for exercise, source in answers(folder, (student, lesson))
        }
        for student in pair.students
    ]
    return {
        "students": [_cut(one_line(student)) for student in pair.students],
        "alike": [
            {
                "found": each,
                "sources": [
                    _cut(_without_task(its[each.exercise], each.exercise)) for its in sources
                ],
            }
            for each in sorted(pair.alike, key=lambda each: -each.evidence)
        ],
    }


def _without_task(source: str, exercise: str) -> str:
    """An answer without the docstring that everybody was given."""
    for docstring in DOCSTRING.findall(stub(exercise)):
        source = source.replace(docstring, "")
    return source


def _cut(source: str) -> str:
    return source if len(source) <= MOST_CHARS else source[:MOST_CHARS] + "\n…"
