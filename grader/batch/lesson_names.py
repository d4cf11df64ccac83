"""What the name of a file or a folder says: which lesson it is, and that it is a copy.

Students choose these names: no pattern may read a text in more than one way, or it would try all of
them on a name that is made for it, which takes years.
"""

from __future__ import annotations

import re
import unicodedata

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
# What Windows, macOS and Google Drive write before the name of a copy, and behind it. A word counts
# where there is room beside it; the signs are of languages that leave none.
COPY_WORDS = (
    "copy|kopie|copie|c[oó]pia|kopi[ao]?|kopya|коп[иі]я|másolat|salinan|αντίγραφο|bản sao|نسخة|עותק"
)
COPY_SIGNS = "的?副本|の?コピー|的?拷贝|複製|复制|의? ?사본|복사본"
COPIES_OF = (
    *("copy of", "kopie v[oa]n", "kopie souboru", "copie de", "c[oó]pia d[eio]"),
    *("kopia pliku", "kopia av", "kopia", "kopi a[fv]", "kopio", "коп[иі]я", "salinan"),
    *("bản sao của", "نسخة من", "עותק של", "αντίγραφο"),
)
_ROOM, _NUMBER = r"[\s_]++", r"(?:[\s_]*+\(\d++\))?+"
_PHRASES = "|".join(
    f"{first}{_NUMBER}" + "".join(_ROOM + word for word in rest)
    for first, *rest in map(str.split, COPIES_OF)
)
COPY = rf"(?:{COPY_WORDS}|{COPY_SIGNS})(?:\s*+\d++)?+"
COPY_OF = re.compile(
    rf"^(?:(?:{_PHRASES})(?:[\s_:–—-]++|$)|(?:副本|复件)[\s_:–—-]*+)++", re.IGNORECASE
)
COPY_AT_END = re.compile(
    rf"(?:\s*+\(\d++\)|(?:^|[\s_–—-]++){COPY}|(?:{COPY_SIGNS}))++\s*$", re.IGNORECASE
)
GLUED_COPY = re.compile(rf"(?P<lesson>{SPELLED}){COPY}\s*$", re.IGNORECASE)


def copy_mark(name: str) -> str:
    """What says at the end of a name that it is a copy: " (1)" of "a (1)"; "" if nothing does.

    "copy" without a space before it may be the end of a word; behind a lesson's name it is none.
    """
    name = unicodedata.normalize("NFC", name)
    found = COPY_AT_END.search(name)
    end = found.start() if found else len(name)
    glued = GLUED_COPY.search(name, 0, end)
    return name[glued.end("lesson") if glued else end :]


def without_copy(name: str) -> str:
    """A name without what says that it is a copy."""
    plain = unicodedata.normalize("NFC", name)
    return COPY_OF.sub("", plain.removesuffix(copy_mark(plain))).strip()


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
