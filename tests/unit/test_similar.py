"""Copies that somebody disguised are found, answers of those who work alone are not."""

import html
import json

import pytest
from independent import GRAMMAR, Learner, disguised, learners, shaped
from typer.testing import CliRunner

from grader.__main__ import app
from grader.demo.write import answer_source, filled_in
from grader.exercises import EXERCISES, LESSONS
from grader.similar.answers import reference, stub
from grader.similar.page import similar_page
from grader.similar.pairs import similar_pairs
from grader.similar.shapes import Shapes, shapes
from lrlab import check

STUDENTS, PLANTED = 200, 5


def test_planted_copies_are_found_among_independent_answers_and_nobody_else():
    written, planted = learners(STUDENTS, PLANTED, seed=1)
    pairs = similar_pairs(shaped(written), {each: reference(each) for each in written})
    found = {pair.students for pair in pairs}
    assert planted <= found
    assert len(found - planted) <= 1


def test_the_independent_answers_and_their_copies_are_right():
    learner = Learner(3)
    names = {}
    exec("import math, torch\nfrom torch.optim.lr_scheduler import StepLR", names)
    for exercise in GRAMMAR:
        source = learner.answer(exercise)
        for each in (source, disguised(exercise, source, seed=4)):
            exec(each, names)
            assert check(exercise, names[exercise]).verdict.kind == "right"


def test_a_class_that_all_wrote_the_same_has_no_pair():
    everybody = {
        exercise: dict.fromkeys(map(str, range(30)), answer_source(exercise, "right"))
        for exercise in GRAMMAR
    }
    assert similar_pairs(shaped(everybody), {each: Shapes() for each in everybody}) == []
    assert similar_pairs({}, {}) == []
    one = {exercise: {"ada": source["0"]} for exercise, source in everybody.items()}
    assert similar_pairs(shaped(one), {each: Shapes() for each in one}) == []


HOSTILE = {
    "a syntax error": "def flat_drops(:",
    "deep brackets": "x = " + "(" * 5_000 + ")" * 5_000,
    "a deep sum": "x = " + "1+" * 5_000 + "1",
    "many signs": "x = " + "-" * 9_000 + "1",
    "a zero byte": "x = '\0'",
    "lone surrogates": "x = ['\ud83d', 1, 2, 3, 4, 5, 6, 7, 8, 9]",
    "odd escapes": "x = '\\d'",
    "very long": "x = 1\n" * 100_000,
    "nested statements": "".join(f"{' ' * n}if x:\n" for n in range(150)) + " " * 150 + "x",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_whatever_a_learner_writes_has_shapes_or_none(source):
    assert isinstance(shapes(source, stub("flat_drops")), Shapes)


def test_the_page_shows_both_and_lets_nothing_of_theirs_out(tmp_path):
    """Through the command, from graded notebooks; a pair whose one is removed is gone."""
    nasty, comment = "<b>eve&co", "# </code></pre><script>alert(1)</script>\u202e"
    written, _ = learners(40, 1, seed=2)
    names = {"s000": nasty, "s001": "mallory"}
    for exercise in written:
        written[exercise]["s000"] += f"\n{comment}"
    lines = []
    for student in sorted({each for its in written.values() for each in its}):
        for lesson in LESSONS:
            answers = {
                e: its[student] for e, its in written.items() if EXERCISES[e].lesson == lesson
            }
            who = names.get(student, student)
            path = tmp_path / "autograded" / who / lesson / f"{lesson}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(filled_in(lesson, answers)), encoding="utf-8")
            lines.append(
                {"student": who, "lesson": lesson, "score": 0, "max_score": 0, "detail": "",
                 "status": "graded", "seconds": 0, "exercises": []}
            )  # fmt: skip
    (tmp_path / "results.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines))
    done = CliRunner().invoke(app, ["report", "--out", str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 0
    page = (tmp_path / "similar.html").read_text(encoding="utf-8")
    assert page.count("<section>") == 1
    assert f"{html.escape(nasty)} and mallory" in page
    assert html.escape(comment[:-1]) in page
    assert "<script" not in page and "<b>" not in page and "\u202e" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert 'href="similar.html"' in (tmp_path / "report.html").read_text(encoding="utf-8")
    written = (tmp_path / "similar.html").stat().st_ino
    CliRunner().invoke(app, ["report", "--out", str(tmp_path)], catch_exceptions=False)
    assert (tmp_path / "similar.html").stat().st_ino == written, "compared again for nothing"
    gone = ["remove", "mallory", "--out", str(tmp_path), "--yes"]
    assert CliRunner().invoke(app, gone, catch_exceptions=False).exit_code == 0
    page = (tmp_path / "similar.html").read_text(encoding="utf-8")
    assert "mallory" not in page and "no pair is alike" in page


def test_a_class_without_graded_notebooks_has_a_page_that_says_so(tmp_path):
    assert "answers of 0 students, no pair" in similar_page(tmp_path, [("ada", "steplr")])
