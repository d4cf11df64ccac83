"""What the names of files and folders say: a person, a lesson, a second download, or nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from grader.batch.lesson_names import LESSON, copy_mark, without_copy
from grader.batch.lying import NOTEBOOK

from .archives import NAMES as ARCHIVES

# Students choose these names, too: see lesson_names.
SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}$")
SEPARATOR = re.compile(r"\s+[-–—]\s+|_[-–—]_")
# Folders and files that are called after a course or its work, never after a person.
WORK = re.compile(
    r"(?:(?>(?:the|my|all|final|new|old|solved|done|finished|lr|lrlab|scheduling|pytorch|submitted"
    r"|graded|inbox|lessons?|courses?|class|classroom|homes?|home[\s_-]?works?|hw|assignments?|weeks?|labs?|units?"
    r"|modules?|exercises?|exams?|projects?|notebooks?|jupyter|works?|works?spaces?|repos?"
    r"|repositor(?:y|ies)|submissions?|archives?|downloads?|downloaded|uploads?|exports?|inbound"
    r"|exchange|files?|documents?|desktop|shared?|drive|google|moodle|canvas|gradescope|github|gitlab"
    r"|nbgrader|e?-?mails?|zips?|flat|students|users|answers?|solutions?|attachments?|backups?|src"
    r"|one[\s_-]?drive|dropbox|nextcloud|takeout|blackboard|brightspace|sakai|ilias|(?:open)?olat"
    r"|working|submit|\d{8}t\d{6}z|[üu]e?bung(?:en)?|abgaben?|aufgaben?|bl[aä](?:tt|tter)|l[öo]e?sung(?:en)?"
    r"|wochen?|kurs|hausaufgaben?|devoirs?|semaines?|cours|tareas?|semanas?|entregas?|curso"
    r"|python|main|master|start|copy|version|attempt|try|data){1,6}(?![^\W\d_]))"
    r"(?>[\s_.-]*+(?:\d++(?!t\d{6}z)[\s_.-]*+)?+))++",
    re.IGNORECASE,
)
NUMBERS = re.compile(r"[\d.:]+-[\d.:-]+")  # what some systems put before a name
ID = re.compile(r"(?=\d++-)(?:\d-?){6,}")  # a number of six digits or more, in parts
_DAY, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:19|20)\d\d"
_TIME = r"(?:[01]?\d|2[0-3])[h:.-]?[0-5]\d(?:[:.-]?[0-5]\d)?"
DATE = re.compile(  # in any order, then maybe the time of day; or years of study
    rf"(?:{_YEAR}(?:[-._]{_DAY}){{1,2}}|(?:{_DAY}[-._]){{2}}(?:{_YEAR}|\d\d)"
    rf"|{_YEAR}(?:0\d|1[0-2])[0-3]\d(?=[T _-]))(?:[T _-]{_TIME})?"
    rf"|{_YEAR}-(?:{_YEAR}|\d\d)",
    re.IGNORECASE,
)
# GitHub's zip of a repository ends with the branch, GitLab's with the commit, too.
OF_A_BRANCH = re.compile(r"-(main|master)(-[0-9a-f]{40})?$")


def stem(name: str) -> str:
    """A file's name without its endings."""
    for ending in (NOTEBOOK, ARCHIVES):
        if ending.search(name):
            return ending.sub("", name)
    return SUFFIX.sub("", name)


def copy_number(name: str) -> int:
    """Which copy a name says that it is: 2 for "a (1)", 0 for an editor's copy, else 1."""
    mark = copy_mark(name)
    if not mark:
        return 1
    number = re.search(r"\((\d+)\)", mark)
    return int(number[1]) + 1 if number else 0


def person_in(name: str, shared: Collection[str] = ()) -> str:
    """What of a name may be a person's: all but lessons, courses and counters; "" if nothing is.

    Args:
        shared: what cannot be somebody's name, because it is in the names of all

    Example:
        >>> person_in("Jane Doe - steplr (1)"), person_in("steplr-janedoe"), person_in("homework 2")
        ('Jane Doe', 'janedoe', '')
    """
    return next((each for each in pieces(name) if each not in shared), "")


def pieces(name: str) -> list[str]:
    """All that may be a person's in a name whose parts are separated by dashes, numbers last."""
    found = filter(None, map(_person, SEPARATOR.split(without_copy(normal(name)))))
    return sorted(found, key=lambda each: bool(ID.fullmatch(each)))


def _person(text: str) -> str:
    rest = LESSON.sub(" ", OF_A_BRANCH.sub("", text))
    rest = re.sub(r"\s+", " ", rest).strip(" _-–—.,;+#()[]")
    number = NUMBERS.fullmatch(rest) and not ID.fullmatch(rest)
    return "" if number or DATE.fullmatch(rest) or WORK.fullmatch(rest) else rest


def without_work(text: str) -> str:
    """Words of a name that are no work's: "Jane Doe final 2" is Jane Doe, if there is one."""
    words = re.split(r"[\s_]+", text)
    return " ".join(word for word in words if not WORK.fullmatch(word) and not word.isdigit())


def says_more(name: str) -> bool:
    """Whether the name of a folder says more than whose it is."""
    return any(each.search(name) for each in (LESSON, SEPARATOR, OF_A_BRANCH))


def normal(text: str) -> str:
    """Text whose accents are written in one way: a Mac takes letters apart."""
    return unicodedata.normalize("NFC", text).strip()
