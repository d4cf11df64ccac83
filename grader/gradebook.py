"""nbgrader's own gradebook, through its own API. Only one process writes it."""

from __future__ import annotations

import contextlib
import copy
import warnings
from typing import Any

from nbgrader.api import Gradebook as NbgraderGradebook
from nbgrader.api import MissingEntry
from nbgrader.preprocessors import SaveCells
from sqlalchemy.exc import SAWarning

from . import paths
from .class_folder import OtherCourse
from .exercises import LESSONS
from .notebook import ANSWER_SUFFIX, released
from .results import Line

NO_RESPONSE = "No response."  # nbgrader's own words


class Gradebook:
    """Scores and comments by lesson and student; manual ones are never touched.

    Args:
        url: any SQLAlchemy URL; a SQLite file is made when it does not exist.

    Raises OtherCourse when the lessons do not fit what is in there.
    """

    def __init__(self, url: str) -> None:
        self._gradebook = NbgraderGradebook(url, paths.COURSE_ID)
        for lesson in LESSONS:
            self._register(url, lesson)

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *_: object) -> None:
        self._gradebook.close()

    def _register(self, url: str, lesson: str) -> None:
        """Write the lesson's cells and points, as nbgrader's generate_assignment does."""
        if self._is_registered(lesson):
            return
        self._gradebook.update_or_create_assignment(lesson)
        where = {"notebook": lesson, "assignment": lesson, "db_url": url}
        try:
            SaveCells().preprocess(copy.deepcopy(released(lesson)), {"nbgrader": where})
        except RuntimeError as error:
            raise OtherCourse(
                f"The gradebook holds submissions of another version of {lesson} ({error}). "
                "Move the folder with the gradebook away, or grade with another --out."
            ) from None

    def _is_registered(self, lesson: str) -> bool:
        try:
            notebook = self._gradebook.find_notebook(lesson, lesson)
        except MissingEntry:
            return False
        cells = [cell for cell in released(lesson).cells if "nbgrader" in cell.metadata]
        meta = [cell.metadata.nbgrader for cell in cells]
        points = {each.grade_id: each.points for each in meta if each.grade}
        sources = {each.grade_id: cell.source for each, cell in zip(meta, cells)}
        return points == {cell.name: cell.max_score for cell in notebook.grade_cells} and (
            sources == {cell.name: cell.source for cell in notebook.source_cells}
        )

    def save(self, line: Line, timestamp: str = "") -> None:
        """Write the scores of one line of results.jsonl, in one transaction."""
        student, lesson = line["student"], line["lesson"]
        database = self._gradebook.db
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SAWarning)  # nbgrader's add_submission causes some
                submission = self._submission(student, lesson, timestamp)
            marks = {mark["id"]: mark for mark in line["exercises"]}
            (notebook,) = submission.notebooks
            for grade in notebook.grades:
                grade.auto_score = marks[grade.name]["score"]
                grade.needs_manual_grade = grade.manual_score is not None  # as nbgrader does
            for comment in notebook.comments:
                mark = marks[comment.name.removesuffix(ANSWER_SUFFIX)]
                unanswered = mark["verdict"] == "unanswered"
                comment.auto_comment = NO_RESPONSE if unanswered else mark["diagnosis"] or None
            database.commit()
        except BaseException:
            database.rollback()
            raise

    def _submission(self, student: str, lesson: str, timestamp: str) -> Any:
        self._gradebook.update_or_create_student(student)
        if timestamp:
            with contextlib.suppress(ValueError, OverflowError):  # it holds no date
                return self._gradebook.update_or_create_submission(
                    lesson, student, timestamp=timestamp
                )
        return self._gradebook.update_or_create_submission(lesson, student)
