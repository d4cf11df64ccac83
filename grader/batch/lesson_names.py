"""What the name of a file or a folder says: which lesson it is, and that it is a copy.

Students choose these names: no pattern may read a text in more than one way, or it would try all of
them on a name that is made for it, which takes years.
"""

from __future__ import annotations

import re

from grader.exercises import LESSONS

# A lesson's name, spelled with whatever between its words; it must not begin within a word.
SPELLED = (
    r"(?<![^\W_])(?:"
    + "|".join(
        r"[\W_]*".join(re.split(r"[\W_]+", lesson)) for lesson in sorted(LESSONS, key=len)[::-1]
    )
    + ")"
)
LESSON = re.compile(rf"{SPELLED}(?![^\W_])", re.IGNORECASE)
COPY = r"copy(?:\s*+\d++)?+"
COPY_OF = re.compile(r"^copy of\s+", re.IGNORECASE)
COPY_AT_END = re.compile(rf"(?:\s*+\(\d++\)|[\s_-]++{COPY})++\s*$", re.IGNORECASE)
GLUED_COPY = re.compile(rf"(?P<lesson>{SPELLED}){COPY}\s*$", re.IGNORECASE)


def copy_mark(name: str) -> str:
    """What says at the end of a name that it is a copy: " (1)" of "a (1)"; "" if nothing does.

    "copy" without a space before it may be the end of a word; behind a lesson's name it is none.
    """
    found = COPY_AT_END.search(name)
    end = found.start() if found else len(name)
    glued = GLUED_COPY.search(name, 0, end)
    return name[glued.end("lesson") if glued else end :]


def without_copy(name: str) -> str:
    """A name without what says that it is a copy."""
    plain = COPY_OF.sub("", name)
    return plain.removesuffix(copy_mark(plain)).strip()


def lesson_named(name: str) -> str:
    """The lesson that a folder or a file is called after, "" if none: "StepLR (1)" is steplr."""
    return _lesson(without_copy(name))


def lesson_in(name: str) -> str:
    """The lesson that a name mentions, "" if none does: "Jane Doe - steplr" is steplr."""
    found = LESSON.search(without_copy(name))
    return _lesson(found[0]) if found else ""


def _lesson(text: str) -> str:
    return next((lesson for lesson in LESSONS if letters(lesson) == letters(text)), "")


def letters(text: str) -> str:
    """Its letters and digits, small: what is compared of names and headings."""
    return re.sub(r"[\W_]+", "", text.casefold())
