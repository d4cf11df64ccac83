"""The tables of nbgrader's gradebook, in which many rows are read and written by one statement."""

from __future__ import annotations

from nbgrader import api

ASSIGNMENT = api.Assignment.__table__
STUDENT = api.Student.__table__
SUBMISSION = api.SubmittedAssignment.__table__
NOTEBOOK = api.SubmittedNotebook.__table__
GRADE = api.Grade.__table__
COMMENT = api.Comment.__table__
