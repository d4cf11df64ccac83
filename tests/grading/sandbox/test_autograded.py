"""The notebook that formgrader shows: the learner's code in its place, verdicts, nothing active."""

import nbformat

from grader.exercises import of_lesson
from grader.notebook import released
from grader.pages.autograded import autograded
from grader.submission.assemble import assemble
from grader.submission.graded import Executed, Graded, Mark
from grader.submission.grading import ungraded
from lrlab.checking.judge import Verdict

LESSON = "steplr"
SCRIPT = "<script>alert(1)</script>"


def _graded(content, detail=""):
    cells = tuple(
        Executed(each.source, each.origin, each.exercise, each.cell_id, SCRIPT)
        for each in assemble(content, LESSON)
    )
    marks = tuple(
        Mark(each.id, each.points, Verdict("wrong", 0.5, f"Wrong {SCRIPT}"))
        for each in of_lesson(LESSON)
    )
    return Graded("crashed" if detail else "graded", detail, 1.0, marks, cells)


def _notebook(graded):
    return nbformat.reads(autograded(LESSON, graded), as_version=4)


def test_code_stands_in_its_place_and_verdicts_under_it(handed_in):
    notebook = _notebook(_graded(handed_in(LESSON, {"step_lr": "mine = 1"}, "own = 2")))
    nbformat.validate(notebook)
    by_id = {c.metadata.get("nbgrader", {}).get("grade_id"): c for c in notebook.cells}
    assert by_id["step_lr-answer"].source == "mine = 1"
    (output,) = by_id["step_lr"].outputs
    assert "1 of 2 points" in output.data["text/plain"]
    assert [c.source for c in notebook.cells if c.cell_type == "code"].count("own = 2") == 1


def test_what_a_stranger_wrote_is_text(handed_in):
    notebook = _notebook(_graded(handed_in(LESSON, {}), f"`![]({SCRIPT}` ` $x$"))
    markdown = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert markdown == [c.source for c in released(LESSON).cells if c.cell_type == "markdown"]
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    texts = [output.data["text/html"] for output in shown if "data" in output]
    assert sum("&lt;script&gt;" in text for text in texts) > len(of_lesson(LESSON))
    assert not any("<script" in text for text in texts)
    assert all(text.startswith('<div class="tex2jax_ignore') for text in texts)


def test_a_file_that_is_printed_moves_no_cursor(handed_in):
    text = autograded(LESSON, _graded(handed_in(LESSON, {"step_lr": "'\x9b2J\u202e\x1b[2J'"})))
    assert not [letter for letter in text if letter != "\n" and not letter.isprintable()]
    sources = [cell.source for cell in nbformat.reads(text, as_version=4).cells]
    assert "'\x9b2J\u202e\x1b[2J'" in sources  # the notebook itself says the same


def test_an_unreadable_submission_shows_the_untouched_lesson_and_why():
    notebook = _notebook(ungraded(LESSON, "It is no ordinary file."))
    (output,) = notebook.cells[0].outputs
    assert output.data["text/plain"] == "unreadable: It is no ordinary file."
    assert len(notebook.cells) > 20
