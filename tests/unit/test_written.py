"""Answers in words: wherever a learner wrote them they are found, and they stay text."""

import copy
import json
from typing import ClassVar

import nbformat
import pytest
from nbconvert.filters import markdown2html
from seen import Seen
from traitlets.config import Configurable

from grader import paths
from grader.errors import MalformedLesson
from grader.exercises import marked_of_lesson, of_lesson, written_of_lesson
from grader.exercises.detective import advice
from grader.formgrader import FeedbackExporter
from grader.notebook import read, released, stamp
from grader.pages.autograded import autograded
from grader.submission.assemble import assemble
from grader.submission.graded import Executed, Graded, Mark
from grader.submission.written import MAX_CHARS
from lrlab.checking.judge import Verdict

LESSON, QUESTION = "detective", "advice"
BETWEEN = "print(1)"  # code of the learner's own between two cells of text
WORDS = "lr falls too early.\n\nSo I would try **more** patience."
TEXTS = [
    WORDS,
    "def culprit(**_):\n    return 'none'",
    'check("culprit", culprit)',
    "raise SystemExit",
    "%%bash\nrm -rf /",
    "<script>alert(1)</script>\n\n$x$ ![](http://a.example/t.png)",
    "```python\nimport os\n```",
    "| a | b |\n| --- | --- |\n| 1 | 2 |",
]


def _handed_out():
    return json.loads(json.dumps(released(LESSON)))["cells"]


def _place(cells):
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells]
    return ids.index(QUESTION)


def _own(text, kind="markdown"):
    return {"cell_type": kind, "metadata": {}, "source": text}


def _in_its_cell(cells, at, text):
    cells[at]["source"] = text


def _in_its_cell_below_the_stub(cells, at, text):
    cells[at]["source"] += f"\n\n{text}"


def _as_lines_with_windows_ends(cells, at, text):
    cells[at]["source"] = [f"{line}\r\n" for line in text.split("\n")]


def _without_grade_ids(cells, at, text):
    cells[at]["source"] = text
    for cell in cells:
        cell["metadata"] = {}


def _without_ids(cells, at, text):
    cells[at]["source"] = text
    for cell in cells:
        del cell["id"]


def _without_any(cells, at, text):
    _without_grade_ids(cells, at, text)
    _without_ids(cells, at, text)


def _in_a_cell_below(cells, at, text):
    cells.insert(at + 1, _own(text))


def _in_two_cells_below(cells, at, text):
    head, _, tail = text.partition("\n")
    cells[at + 1 : at + 1] = [_own(head), _own(BETWEEN, "code"), _own(tail)]


def _in_a_cell_above(cells, at, text):
    cells.insert(at, _own(text))


def _in_its_place(cells, at, text):
    cells[at] = _own(text)


def _below_the_question(cells, at, text):
    cells[at - 1]["source"] = "".join(cells[at - 1]["source"]) + f"\n\n{text}"


def _as_code(cells, at, text):
    cells[at]["source"] = text
    cells[at]["cell_type"] = "code"


def _as_raw_text(cells, at, text):
    cells[at]["source"] = text
    cells[at]["cell_type"] = "raw"


def _twice(cells, at, text):
    head, _, tail = text.partition("\n")
    cells[at]["source"] = head
    cells.insert(at + 1, {**cells[at], "source": tail})


def _at_the_end(cells, at, text):
    cells[at]["source"] = text
    cells.append(cells.pop(at))


def _alone(cells, at, text):
    cells[at]["source"] = text
    cells[:] = [cells[at]]


WAYS = [
    _in_its_cell,
    _in_its_cell_below_the_stub,
    _as_lines_with_windows_ends,
    _without_grade_ids,
    _without_ids,
    _without_any,
    _in_a_cell_below,
    _in_two_cells_below,
    _in_a_cell_above,
    _in_its_place,
    _below_the_question,
    _as_code,
    _as_raw_text,
    _twice,
    _at_the_end,
    _alone,
]


def _assembled(cells):
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    run = assemble(json.dumps(notebook).encode(), LESSON)
    (found,) = [cell for cell in run if cell.origin == "written"]
    return found, [cell for cell in run if cell.origin != "written"]


def _lines(text):
    return [stripped for line in text.splitlines() if (stripped := line.strip())]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.strip("_"))
def test_it_is_found_wherever_it_is_written_and_nothing_of_it_runs(way, text):
    cells = _handed_out()
    _, without = _assembled(copy.deepcopy(cells))
    way(cells, _place(cells), text)
    found, run = _assembled(cells)
    assert (found.exercise, _lines(found.source)) == (QUESTION, _lines(text))
    own, owned = (
        {cell.source for cell in each if cell.origin != "given"} for each in (run, without)
    )
    assert own <= owned | {BETWEEN}


def _emptied(cells, at):
    cells[at]["source"] = " \n"


def _deleted(cells, at):
    del cells[at]


def _noted_elsewhere(cells, at):
    cells.insert(at // 2, _own("A note to myself"))
    cells.append(_own("Another one"))


def _code_around_it(cells, at):
    cells[at : at + 1] = [_own("1 + 1", "code"), cells[at], _own("2 + 2", "code")]


def _copied_the_question(cells, at):
    cells.insert(at, copy.deepcopy(cells[at - 1]))


def _untouched(cells, at):
    pass


@pytest.mark.parametrize(
    "change",
    [_untouched, _emptied, _deleted, _noted_elsewhere, _code_around_it, _copied_the_question],
)
def test_where_nothing_was_written_there_is_nothing_to_read(change):
    cells = _handed_out()
    change(cells, _place(cells))
    assert _assembled(cells)[0].source == ""


def test_a_very_long_one_is_cut_and_says_so():
    cells = _handed_out()
    _in_its_cell(cells, _place(cells), "word " * MAX_CHARS)
    source = _assembled(cells)[0].source
    assert len(source) == MAX_CHARS and source.endswith("characters]")


def test_learners_get_an_empty_cell_and_the_criteria_but_neither_answer_nor_notes():
    (cell,) = [cell for cell in released(LESSON).cells if "written-advice" in str(cell.metadata)]
    meta = cell.metadata.nbgrader
    assert (cell.cell_type, meta.grade_id, meta.points) == ("markdown", "advice", advice.points)
    assert (meta.grade, meta.solution, meta.locked, meta.task) == (True, True, False, False)
    assert cell.source.startswith("*Double-click here")
    folder = paths.released(LESSON).parent
    given = " ".join("".join(path.read_text("utf-8") for path in folder.iterdir()).split())
    (answer,) = [
        cell.source
        for cell in read(paths.solution(LESSON)).cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == QUESTION
    ]
    assert len(answer) > 200
    assert not [line for line in answer.splitlines() if len(line) > 20 and line in given]
    for criterion in advice.rubric:
        assert criterion.asks in given and criterion.notes[:40] not in given


def test_build_refuses_a_lesson_that_keeps_a_criterion_to_itself_or_has_no_cell_for_it():
    notebook = read(paths.solution(LESSON))
    stamp(notebook, marked_of_lesson(LESSON))
    for cell in notebook.cells:
        cell.source = cell.source.replace(advice.rubric[1].asks, "is good")
    with pytest.raises(MalformedLesson, match="does not say what 'advice' is graded by"):
        stamp(notebook, marked_of_lesson(LESSON))
    notebook = read(paths.solution(LESSON))
    for cell in notebook.cells:
        cell.metadata.pop("tags", None)
    with pytest.raises(MalformedLesson, match="the same exercises in the same order"):
        stamp(notebook, marked_of_lesson(LESSON))


def _graded(text):
    cells = _handed_out()
    _in_its_cell(cells, _place(cells), text)
    found, run = _assembled(cells)
    executed = (Executed(each.source, each.origin, each.exercise, each.cell_id) for each in run)
    own = Executed(found.source, found.origin, found.exercise, found.cell_id)
    marks = tuple(Mark(each.id, each.points, Verdict("right", 1.0)) for each in of_lesson(LESSON))
    by_hand = Mark(QUESTION, advice.points, Verdict("manual"))
    return Graded("graded", "", 1.0, (*marks, by_hand), (own, *executed))


@pytest.mark.parametrize("text", TEXTS)
def test_an_instructor_reads_it_letter_by_letter_with_the_rubric_below(text):
    notebook = nbformat.reads(autograded(LESSON, _graded(text)), as_version=4)
    nbformat.validate(notebook)
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    answer, rubric = notebook.cells[ids.index(QUESTION) :][:2]
    seen = Seen(markdown2html(answer.source))
    assert "".join(seen.text.split()) == "".join(text.split()).replace("`", "") or "`" in text
    assert seen.tags <= {"p", "code", "span"} and seen.attributes == []
    table = markdown2html(rubric.source)
    assert table.count("<tr>") == len(advice.rubric) + 1
    assert all(each.notes in rubric.source for each in advice.rubric)


class _Converter(Configurable):
    """As nbgrader's own, with nothing on its list that has a page of ours."""

    assignments: ClassVar = {}

    def _format_source(self, *_, escape):
        return ""


def test_nbgraders_own_feedback_page_has_the_answer_but_no_rubric():
    notebook = nbformat.reads(autograded(LESSON, _graded("My words.")), as_version=4)
    page, _ = FeedbackExporter(parent=_Converter()).from_notebook_node(notebook)
    assert "My words." in page
    assert "Rubric of" not in page
    assert not [each for each in advice.rubric if each.notes[:20] in page]


def test_the_rubrics_of_the_course_are_complete():
    assert [each.id for each in written_of_lesson(LESSON)] == [QUESTION]
    assert sum(each.points for each in advice.rubric) == advice.points == 6
    for criterion in advice.rubric:
        assert "|" not in criterion.asks + criterion.notes  # they stand in a table
