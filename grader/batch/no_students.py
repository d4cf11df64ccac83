"""Rows of a class list that are about no student: staff, test users, totals."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .persons import is_test_student, words_of

IDS = ("student", "login", "email", "sis_id", "lms_id")
# What LMS and spreadsheets write in the place of a name.
NO_NAMES = {
    *("date", "points", "points possible", "max points", "maximum points", "out of"),
    *("total", "totals", "sum", "average", "class average", "mean", "median", "count"),
    *("summe", "gesamt", "durchschnitt", "mittelwert", "moyenne", "somme", "promedio", "media"),
}
# Blackboard and Brightspace make such a user of a teacher who looks at the course as a student.
TEST_ID = re.compile(r".*_previewuser|demo[._ ]?student.*", re.IGNORECASE)
STAFF = {
    *("teacher", "instructor", "lecturer", "professor", "faculty", "ta", "assistant", "tutor"),
    *("grader", "reader", "manager", "admin", "administrator", "designer", "observer", "creator"),
    *("staff", "trainer", "trainerin", "dozent", "dozentin", "lehrer", "lehrerin"),
    *("enseignant", "enseignante", "formateur", "gestionnaire", "profesor", "profesora"),
    *("docente", "gestor", "docent", "insegnante"),
}


def why_no_student(has: Mapping[str, str]) -> str:
    """What a row is about that is about no student; "" where it may be about one.

    Args:
        has: what the row says, by what its columns hold
    """
    named = {has[each].casefold() for each in (*IDS, "name") if has.get(each)}
    if named and named <= NO_NAMES:
        return "no person"
    ids = (has.get(each, "").partition("@")[0] for each in IDS)
    if is_test_student(has["name"]) or any(map(TEST_ID.fullmatch, ids)):
        return "a test user"
    roles = list(filter(None, map(words_of, re.split("[,;]", has.get("role", "")))))
    if roles and all(STAFF & set(role) for role in roles):
        return has["role"]
    if named and has.get("lms_id") == "" and not (has.get("student") or has.get("email")):
        return "nobody whom the LMS has a number for"
    return ""
