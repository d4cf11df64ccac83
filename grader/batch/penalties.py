"""What being late costs: nbgrader's plugin says it, whichever nbgrader_config.py names.

The one that the course names says what DIR/course.toml does, whose dates go into the gradebook.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_path
from nbgrader import api
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import Connection, Engine, bindparam, func, or_, select, update
from traitlets.config import Config
from traitlets.config.loader import ConfigFileNotFound, PyFileConfigLoader

from grader import paths
from grader.errors import BadConfig
from grader.exercises import LESSONS

from .course import COURSE, Course, load
from .log import about
from .tables import ASSIGNMENT, NOTEBOOK, STUDENT, SUBMISSION

log = logging.getLogger(__name__)
CONFIG = "nbgrader_config.py"
ROWS = 500


@dataclass(frozen=True)
class Policy:
    """What the course says of being late, and the plugin that says what it costs."""

    step: Any  # nbgrader's AssignLatePenalties, whose plugin asks it which lesson is meant
    course: Course

    def penalty(self, student: str, lesson: str, score: float, late: float) -> float | None:
        """What is taken of a score that is so many seconds late; None where nothing is."""
        self.step.assignment_id, self.step.student_id = lesson, student
        taken: float | None = self.step.plugin_inst.late_submission_penalty(student, score, late)
        return taken


def course_config(out: Path, handed_in: Iterable[Path] = ()) -> Config:
    """nbgrader's settings as nbgrader reads them: Jupyter's, then those of this folder.

    Where nbgrader_config.py does not lie in this folder, the course's own is read. So it is where
    this folder is one of `handed_in` or lies within one: such a file is a program, and whoever
    handed something in may have put it there. Due dates are those of the class folder `out`.

    Raises BadConfig when one cannot be read.
    """
    here = paths.ROOT
    if Path(CONFIG).exists() and Path.cwd() != here:
        if any(Path.cwd().is_relative_to(each.resolve()) for each in handed_in):
            log.warning(
                "%s lies among what was handed in, so it is not read.", Path(CONFIG).absolute()
            )
        else:
            here = Path.cwd()
    config = Config()
    for folder in (*reversed(jupyter_config_path()), str(here)):  # the last one counts most
        try:
            config.merge(PyFileConfigLoader(CONFIG, folder).load_config())
        except ConfigFileNotFound:
            continue
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise BadConfig(
                f"{Path(folder) / CONFIG} cannot be read ({reason}): set that right."
            ) from None
    if str(here) not in sys.path:
        sys.path.append(str(here))  # as nbgrader does: a plugin may lie beside its settings
    config.LatePerDay.course_file = str(out.absolute() / COURSE)
    return config


def policy_of(config: Config) -> Policy:
    """What the plugin that `config` names says.

    Raises BadConfig when there is no such plugin, and CannotBegin where course.toml is wrong.
    """
    course = load(Path(config.LatePerDay.get("course_file", "")))
    try:
        step = AssignLatePenalties(config=config)
        step.init_plugin()
    except Exception as error:
        raise BadConfig(
            f"The late-penalty plugin that {CONFIG} names cannot be used: {error}"
        ) from None
    return Policy(step, course)


def settle(engine: Engine, policy: Policy) -> None:
    """Bring the penalty of every submission up to date, in one transaction.

    A plugin that fails for a submission leaves its penalty as it is, and the log says so.
    """
    query = (
        select(
            NOTEBOOK.c.id,
            NOTEBOOK.c.late_submission_penalty,
            SUBMISSION.c.student_id,
            SUBMISSION.c.timestamp,
            SUBMISSION.c.extension,
            ASSIGNMENT.c.duedate,
            ASSIGNMENT.c.name,
        )
        .join_from(NOTEBOOK, SUBMISSION, NOTEBOOK.c.assignment_id == SUBMISSION.c.id)
        .join(ASSIGNMENT, SUBMISSION.c.assignment_id == ASSIGNMENT.c.id)
        .where(
            ASSIGNMENT.c.name.in_(LESSONS),
            or_(
                NOTEBOOK.c.late_submission_penalty.is_not(None),
                SUBMISSION.c.timestamp > ASSIGNMENT.c.duedate,
                SUBMISSION.c.extension.is_not(None),
            ),
        )
    )
    with engine.begin() as connection:
        for lesson, terms in policy.course.terms.items():
            if terms.due:
                _set_due(connection, lesson, terms.due, terms.extensions)
        _tell_strangers(connection, policy.course)
        rows = connection.execute(query).all()
        for first in range(0, len(rows), ROWS):
            _settle(connection, rows[first : first + ROWS], policy)


def _set_due(
    connection: Connection, lesson: str, due: datetime, extensions: dict[str, timedelta]
) -> None:
    """Write a lesson's due date, and exactly these extensions of it."""
    of_lesson = ASSIGNMENT.c.name == lesson
    connection.execute(update(ASSIGNMENT).where(of_lesson).values(duedate=due))
    its = (
        select(SUBMISSION.c.id, SUBMISSION.c.student_id, SUBMISSION.c.extension)
        .join(ASSIGNMENT, SUBMISSION.c.assignment_id == ASSIGNMENT.c.id)
        .where(of_lesson)
        .where(or_(SUBMISSION.c.extension.is_not(None), SUBMISSION.c.student_id.in_(extensions)))
    )
    changed = [
        {"row": row.id, "later": extensions.get(row.student_id)}
        for row in connection.execute(its).all()
        if row.extension != extensions.get(row.student_id)
    ]
    if changed:
        one = update(SUBMISSION).where(SUBMISSION.c.id == bindparam("row"))
        connection.execute(one.values(extension=bindparam("later")), changed)


def _tell_strangers(connection: Connection, course: Course) -> None:
    """Say whose extension moves nobody's due date, because a name may be written otherwise."""
    named = {student for terms in course.terms.values() for student in terms.extensions}
    known = set(connection.scalars(select(STUDENT.c.id).where(STUDENT.c.id.in_(named))))
    if strangers := ", ".join(map(repr, sorted(named - known))):
        log.warning(
            "%s gives an extension to %s, and nobody is called so yet: grades.csv has the names.",
            COURSE,
            strangers,
        )


def _settle(connection: Connection, rows: Sequence[Any], policy: Policy) -> None:
    total = (
        select(api.Grade.notebook_id, func.sum(api.Grade.score))
        .where(api.Grade.notebook_id.in_([row.id for row in rows]))
        .group_by(api.Grade.notebook_id)
    )
    earned: dict[str, float] = dict(connection.execute(total).all())
    changed = []
    for row in rows:
        late = seconds_late(row.timestamp, row.duedate, row.extension)
        try:
            penalty = _bounded(policy, row, earned.get(row.id, 0.0), late)
        except Exception as error:
            reason = "the late-penalty plugin failed, the penalty stays as it was: %r"
            log.info(reason, error, extra=about((row.student_id, row.name)))
            continue
        if penalty != row.late_submission_penalty:
            changed.append({"row": row.id, "penalty": penalty})
    if changed:
        one = update(NOTEBOOK).where(NOTEBOOK.c.id == bindparam("row"))
        connection.execute(one.values(late_submission_penalty=bindparam("penalty")), changed)


def _bounded(policy: Policy, row: Any, score: float, late: float) -> float | None:
    """The penalty, no more than was earned, as nbgrader bounds it; None where there is none."""
    penalty = policy.penalty(row.student_id, row.name, score, late) if late else None
    return None if penalty is None else min(max(float(penalty), 0.0), score)


def seconds_late(
    timestamp: datetime | None, duedate: datetime | None, extension: timedelta | None
) -> float:
    """As nbgrader counts it: 0 where one of the two times is not known."""
    if timestamp is None or duedate is None:
        return 0.0
    return max(0.0, (timestamp - duedate - (extension or timedelta())).total_seconds())
