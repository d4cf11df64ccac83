"""nbgrader's late-penalty plugin of this course: what DIR/course.toml says, by lesson."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Unicode

from .course import load


class LatePerDay(LateSubmissionPlugin):
    """Some per cent a day of what was earned. A lesson without terms is nbgrader's own affair."""

    course_file = Unicode("", help="The course.toml that says what being late costs.").tag(
        config=True
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._course = load(Path(self.course_file))

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """What is taken of a score; None where nothing is.

        nbgrader does not tell a plugin the lesson, but whoever calls it knows.
        """
        terms = self._course.terms.get(getattr(self.parent, "assignment_id", ""))
        if terms is None or terms.due is None:
            penalty: float | None = super().late_submission_penalty(
                student_id, score, total_seconds_late
            )
            return penalty
        return terms.penalty(score, total_seconds_late) or None
