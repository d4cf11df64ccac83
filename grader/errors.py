"""Everything that the grader refuses to do. Each message is a sentence that says what to do.

GraderError                exit code 1
├── CannotBegin            exit code 2: nothing was run
│   ├── NothingToGrade     the path holds no submission
│   ├── NoSandbox          bubblewrap is missing, or does not work here
│   ├── NoDatabase         no driver for it, or it cannot hold a gradebook of this nbgrader
│   ├── BadConfig          nbgrader_config.py, or a plugin that it names, cannot be used
│   └── AlreadyRunning     another run writes this class folder
├── MalformedLesson        a solution notebook breaks a rule
├── NoMnist                a solution must be executed, and only the stand-in for MNIST is here
└── Unreadable             one submission is no notebook; it never ends a run
    └── Unrecognised       it is one, and nothing of its lesson is in it
"""

from __future__ import annotations


class GraderError(Exception):
    """The base of all: `exit_code` is what the command returns when it ends with this."""

    exit_code = 1


class CannotBegin(GraderError):
    """The command cannot begin its work; nothing was changed."""

    exit_code = 2


class NothingToGrade(CannotBegin):
    """The path holds no submission; the message says what was expected."""


class NoSandbox(CannotBegin):
    """bubblewrap is missing or cannot work here; the message says what to do."""


class NoDatabase(CannotBegin):
    """The gradebook's database cannot be used; the message says what to do."""


class BadConfig(CannotBegin):
    """nbgrader_config.py, or a plugin that it names, cannot be used; the message says why."""


class AlreadyRunning(CannotBegin):
    """Another process grades into the same folder."""


class MalformedLesson(GraderError):
    """A solution notebook does not follow the rules; the message says what to change."""


class NoMnist(GraderError):
    """A solution must be executed, but only the stand-in for MNIST is there."""


class Unreadable(GraderError):
    """A submission is no notebook; the message says what is wrong with it."""


class Unrecognised(Unreadable):
    """A submission is a notebook in which nothing of the lesson is found; the message says so."""
