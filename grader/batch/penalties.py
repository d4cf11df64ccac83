"""What being late costs: nbgrader's own plugin says it, whichever nbgrader_config.py names."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
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

from .log import about

log = logging.getLogger(__name__)
CONFIG = "nbgrader_config.py"
Policy = Callable[[str, float, float], float | None]  # student, score, seconds late -> penalty
ROWS = 500
ASSIGNMENT = api.Assignment.__table__
SUBMISSION = api.SubmittedAssignment.__table__
NOTEBOOK = api.SubmittedNotebook.__table__


def course_config() -> Config:
    """nbgrader's settings as nbgrader reads them: Jupyter's, then those of this folder.

    Where nbgrader_config.py does not lie in this folder, the course's own is read.

    Raises BadConfig when one cannot be read.
    """
    here = Path.cwd() if Path(CONFIG).exists() else paths.ROOT
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
    return config


def policy_of(config: Config) -> Policy:
    """What the plugin that `config` names says. Raises BadConfig when there is no such plugin."""
    try:
        step = AssignLatePenalties(config=config)
        step.init_plugin()
    except Exception as error:
        raise BadConfig(
            f"The late-penalty plugin that {CONFIG} names cannot be used: {error}"
        ) from None
    return step.plugin_inst.late_submission_penalty


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
        rows = connection.execute(query).all()
        for first in range(0, len(rows), ROWS):
            _settle(connection, rows[first : first + ROWS], policy)


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
            penalty = _bounded(policy, row.student_id, earned.get(row.id, 0.0), late)
        except Exception as error:
            reason = "the late-penalty plugin failed, the penalty stays as it was: %r"
            log.info(reason, error, extra=about((row.student_id, row.name)))
            continue
        if penalty != row.late_submission_penalty:
            changed.append({"row": row.id, "penalty": penalty})
    if changed:
        one = update(NOTEBOOK).where(NOTEBOOK.c.id == bindparam("row"))
        connection.execute(one.values(late_submission_penalty=bindparam("penalty")), changed)


def _bounded(policy: Policy, student: str, score: float, late: float) -> float | None:
    """The penalty, no more than was earned, as nbgrader bounds it; None where there is none."""
    penalty = policy(student, score, late) if late else None
    return None if penalty is None else min(max(float(penalty), 0.0), score)


def seconds_late(
    timestamp: datetime | None, duedate: datetime | None, extension: timedelta | None
) -> float:
    """As nbgrader counts it: 0 where one of the two times is not known."""
    if timestamp is None or duedate is None:
        return 0.0
    return max(0.0, (timestamp - duedate - (extension or timedelta())).total_seconds())
