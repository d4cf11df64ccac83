"""What LMS and nbgrader's exchange write on the files and folders of a download."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from .archives import is_archive
from .clocks import clock
from .names import copy_number, normal, person_in, stem
from .source import Entry

MOODLE = re.compile(
    r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?"
)
CANVAS = re.compile(  # A group's name may have underscores, and who is marked blindly has no name.
    r"(?:(?P<name>.+?)_)??(?P<late>LATE_)?(?P<id>\d+|anon_[^\W_]+)_(?P<submission>\d+)_(?P<file>.+)"
)
# Where there is not one plain name before them, such numbers may be the student's own words.
CANVAS_SURELY = re.compile(
    r"(?!(?:LATE_|anon_|\d))[^_]+_(?:LATE_)?\d+_\d+_"
    r"|(?!(?:19|20)\d\d_(?:0?[1-9]|1[0-2])_?(?:0?[1-9]|[12]\d|3[01])_)"
    r"(?:.+?_)??(?:\d{3,}|anon_[^\W_]+)_\d{3,}_"
)
GRADESCOPE = re.compile(r"submission_(?P<id>\d+)")
EXCHANGE = re.compile(  # nbgrader's inbound folder
    r"(?P<name>[^+]+)\+(?P<lesson>[^+]+)"
    r"\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?: \w+)?)(?:\+.*)?"
)
CANVAS_COPY = re.compile(r"-(\d{1,2})$")
BLACKBOARD = re.compile(  # the title of the assignment, and the user
    r"(?P<name>.+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_.*|\.\w+)?", re.DOTALL
)
# The time is in any language: some digits, then maybe a word or "p.m."
BRIGHTSPACE = re.compile(
    r"(?P<id>\d+)-\d+ - (?P<name>.+?)"
    r" - (?P<time>(?:(?:(?! - )\D)*\d){8,14}(?: ?[^\W\d_]{1,6}| ?[ap]\. ?m\.)?)(?: - .*)?",
    re.DOTALL | re.IGNORECASE,
)
# What the teacher gave back, which Moodle and Sakai pack beside what was handed in.
FEEDBACK = re.compile(r".+_\d+_assignfeedback_.*|Feedback Attachment\(s\)", re.DOTALL)
FOLDERS = ("student/lesson", "lesson/student", "student's folder", "repository")


@dataclass(frozen=True)
class Told:
    """What a path says.

    Attributes:
        shape: the kind of SOURCE that it is known by
        key: what tells this person from others of the shape
        name: the person as the shape names them, "" if it names nobody
        lms: "moodle" | "canvas" | "gradescope" | "blackboard" | "brightspace", or None
        lms_id: Moodle's participant number, the user id of others, Gradescope's submission
        back: the LMS's own name of the folder, or of the file without its ending
        attempt: which one the name says it is, from 1; 0 for an editor's copy
        submission: the LMS's own number of it, which grows from one to the next; 0 if it has none
        late: whether the LMS says that it is late
        time: when it was handed in, as the path has it; "" where it says nothing of that
        clock: the same by the LMS's own clock, where its zone is not said; else None
        group: the folders above the student's that are no lesson's and no course's
        doubt: what else the path could mean, else ""
    """

    shape: str
    key: str = ""
    name: str = ""
    lms: str | None = None
    lms_id: str = ""
    back: str = ""
    attempt: int = 1
    submission: int = 0
    late: bool = False
    time: str = ""
    clock: datetime | None = None
    group: str = ""
    doubt: str = ""

    @property
    def kind(self) -> str:
        """Shapes of one kind name people alike."""
        return "folder" if self.shape in FOLDERS else self.shape.partition(",")[0]


def of_lms(entry: Entry) -> tuple[Told, int] | None:
    """What an LMS or nbgrader's exchange has written on a part of a path, and on which.

    The first one counts: what is below it is the student's.
    """
    for place, part in enumerate(entry.parts):
        own = place == len(entry.parts) - 1 and not entry.is_folder
        if found := MOODLE.fullmatch(part):
            told = _moodle(found, stem(part) if own else part)
        elif (own or is_archive(part)) and (found := _of_canvas(part)):
            told = _canvas(found, stem(part))
        elif found := EXCHANGE.fullmatch(part):
            name = normal(found["name"])
            told = Told("exchange", name, name, back=part, time=found["time"])
        elif (found := GRADESCOPE.fullmatch(part)) and not own:
            told = Told("gradescope", found["id"], "", "gradescope", found["id"], part)
        elif found := BLACKBOARD.fullmatch(part):
            name, time = found["name"], found["time"]
            told = Told("blackboard", name, name, "blackboard", back=part)
            told = replace(told, time=time, clock=clock(time))
        elif found := BRIGHTSPACE.fullmatch(part):
            name, number, time = normal(found["name"]), found["id"], found["time"]
            told = Told("brightspace", f"{name}\0{number}", name, "brightspace", number, part)
            told = replace(told, time=time, clock=clock(time))
        else:
            continue
        if told.attempt == 1:
            told = replace(told, attempt=copy_number(stem(entry.name)))
        return told, place
    return None


def is_feedback(entry: Entry) -> bool:
    """Whether a file is the teacher's own, and nobody's hand-in."""
    return any(map(FEEDBACK.fullmatch, entry.parts))


def _moodle(found: re.Match[str], back: str) -> Told:
    name, number = normal(found["name"]), found["id"]
    if name.casefold() == "participant":  # marked blindly: there are no names
        name = f"Participant {number}"
    shape = "moodle, flat" if found["file"] else "moodle"
    return Told(shape, f"{name}\0{number}", name, "moodle", number, back)


def _of_canvas(name: str) -> re.Match[str] | None:
    return CANVAS.fullmatch(name) if CANVAS_SURELY.match(name) else None


def _canvas(found: re.Match[str], back: str) -> Told:
    name, number = normal(found["name"] or found["id"]), found["id"].removeprefix("anon_")
    again = CANVAS_COPY.search(stem(found["file"]))
    return Told(
        "canvas",
        f"{name}\0{number}",
        name,
        "canvas",
        number,
        back,
        int(again[1]) + 1 if again else 1,
        int(found["submission"]),
        bool(found["late"]),
    )


def without_title(heads: Iterable[str], known: Callable[[str], bool]) -> dict[str, str]:
    """The user in each TITLE_USER that Blackboard has written; both may have underscores.

    The title is what most of them begin with, unless the rest is somebody of the class.
    """
    words = {each: normal(each).split("_") for each in heads}
    begun = Counter(tuple(some[:count]) for some in words.values() for count in range(1, len(some)))
    found = {}
    for head, some in words.items():
        ends = {count: "_".join(some[count:]) for count in range(1, len(some))}
        of_class = [end for end in ends.values() if known(end)]
        alone = all(begun[tuple(some[:count])] == 1 for count in ends)
        title = max(ends, key=lambda n: (not alone and begun[tuple(some[:n])], n), default=0)
        rest = "_".join(some[title:])
        found[head] = next(iter(of_class), person_in(rest) or rest)
    return found
