"""The pages say what was graded, and nothing that a learner wrote becomes part of them."""

from collections import Counter
from dataclasses import dataclass

import pytest
from page import BROKEN, HOSTILE, NAMED, SCRIPT, Page, assert_harmless, line, marks, row_with

from grader.exercises import LESSONS
from grader.pages import render as pages
from lrlab.checking.trace import Trace


@dataclass(frozen=True)
class Mark:
    id: str
    score: float
    max_score: float
    verdict: str
    diagnosis: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    trace: Trace | None = None


@dataclass(frozen=True)
class Executed:
    source: str
    origin: str = "answer"
    exercise: str | None = None
    printed: str = ""


@dataclass(frozen=True)
class Graded:
    exercises: tuple[Mark, ...] = ()
    cells: tuple[Executed, ...] = ()
    status: str = "graded"
    detail: str = ""
    seconds: float = 1.0

    @property
    def score(self) -> float:
        return sum(mark.score for mark in self.exercises)

    @property
    def max_score(self) -> float:
        return sum(mark.max_score for mark in self.exercises)


# --- feedback -------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [HOSTILE, BROKEN], ids=["hostile", "broken"])
def test_nothing_of_a_learner_gets_into_the_feedback_page(text):
    mark = Mark(text, 0, 2, "wrong", text, ((text, text),))
    cells = (Executed(text, "answer", text, text), Executed(text, "extra", None, text))
    assert_harmless(pages.feedback(text, text, Graded((mark,), cells, "crashed", text)))


def test_what_a_learner_wrote_is_shown_letter_by_letter():
    source = f"x = '<b>' + \"&amp;\"\n\n\tif x:  # {SCRIPT}\n    pass"
    graded = Graded((Mark("a", 0, 1, "wrong"),), (Executed(source, "answer", "a", "\n<1>\n"),))
    page = Page(pages.feedback("ada", "steplr", graded))
    assert page.all("pre", "code")[0].text == source + "\n"
    assert page.all("pre", "printed")[0].text.endswith("\n<1>\n")


@pytest.mark.parametrize(
    "mark, words",
    [
        (Mark("a", 2, 2, "right"), "✓ Right (2 points)"),
        (Mark("a", 1, 2, "wrong"), "◐ Not yet right, but close: 1 of 2 points"),
        (Mark("a", 0.5, 1, "wrong"), "close: 0.5 of 1 point "),
        (Mark("a", 0, 2, "wrong"), "✗ Not yet right a"),
        (Mark("a", 0, 2, "unanswered"), "○ Not answered yet"),
        (Mark("a", 0, 2, "error"), "! Your code stops with an error"),
        (Mark("a", 0, 2, "timeout"), "∞ Stopped: it takes too long"),
    ],
)
def test_the_verdict_is_said_in_the_words_of_the_card(mark, words):
    page = Page(pages.feedback("ada", "steplr", Graded((mark,))))
    assert words in page.all("h2")[0].text.replace("\n", " ") + " "


def test_a_wrong_answer_comes_with_its_diagnosis_case_and_code():
    rows = (("step_size", "3"), ("yours", "0.03"), ("expected", "0.1"))
    marks = (Mark("step_lr", 0, 2, "wrong", "Use `//` here.", rows), Mark("fit", 4, 4, "right"))
    cells = (
        Executed("given = 1", "given"),
        Executed("def step_lr(): ...", "answer", "step_lr", "while defining\n"),
        Executed('check("step_lr", step_lr)', "graded", "step_lr", "while checking\n"),
        Executed("def fit(): ...", "answer", "fit"),
        Executed("mine = 2", "extra", None, "3\n"),
    )
    graded = Graded(marks, cells, "timeout", "A cell ran too long and was stopped, in cell 7.")
    page = Page(pages.feedback("ada", "steplr", graded))
    wrong, right = page.all("article")
    assert "Use // here." in wrong.text and page.all("code")
    assert row_with(page, "yours") == ["yours", "0.03"]
    assert "def step_lr" in wrong.text and "while defining\nwhile checking" in wrong.text
    assert ["open" in each.attributes for each in page.all("details")] == [True, False]
    assert "def fit" in right.text
    assert "mine = 2" in page.all("section", "own")[0].text
    assert "4 of 6 points" in page.text() and "in cell 7." in page.text()
    assert "given = 1" not in page.text() and "check(" not in page.text()


def test_an_answer_without_a_mark_is_shown_with_the_other_cells():
    page = Page(pages.feedback("ada", "steplr", Graded((), (Executed("free = 1", "answer"),))))
    assert "free = 1" in page.all("section", "own")[0].text


def test_a_file_that_is_no_notebook_is_not_called_unanswered():
    mark = Mark("step_lr", 0, 2, "unanswered", "It is not valid JSON.")
    page = Page(pages.feedback("ada", "steplr", Graded((mark,), (), "unreadable", "No JSON.")))
    assert "0 of 2 points No JSON. No exercise could be read" in page.text()
    assert "Not answered" not in page.text()


def test_huge_texts_are_cut_and_the_page_says_so():
    huge = "'" * 300_000
    cells = (Executed(huge, "answer", "a", huge), *[Executed(huge, "extra", None, huge)] * 300)
    graded = Graded((Mark("a" * 5000, 0, 1, "wrong", huge, ((huge, huge),)),), cells)
    page = pages.feedback(huge, huge, graded)
    assert len(page) < 3_000_000
    assert "The first 10,000 of 300,000 characters." in Page(page).text()
    assert "The first 2,000 of 300,000 characters." in Page(page).text()
    assert "The first 50 of 301 cells." in Page(page).text()


def test_a_terminal_s_colours_are_left_out():
    cells = (Executed("x", "extra", None, "\x1b[0;31mNameError\x1b[0m: 10%\r20%\r\nend"),)
    page = Page(pages.feedback("ada", "steplr", Graded((), cells)))
    assert page.all("pre", "printed")[0].text.strip() == "NameError: 10%\n20%\nend"


# --- report ---------------------------------------------------------------------------------------


def test_an_empty_class_has_a_page_that_says_so():
    assert "Nothing has been graded yet" in assert_harmless(pages.report([])).text()


@pytest.mark.parametrize("text", [HOSTILE, BROKEN], ids=["hostile", "broken"])
def test_nothing_of_a_learner_gets_into_the_report(text):
    changes = {"lesson": text, "status": "crashed", "detail": text}
    page = assert_harmless(pages.report([line(text, "wrong", 0.0, diagnosis=text, **changes)]))
    assert "1 submission by 1 student" in page.text()


@pytest.mark.parametrize(
    "student, link",
    [
        ("ada", "feedback/ada/steplr/steplr.html"),
        ("a/b?c#d %&\"'", "feedback/a%2Fb%3Fc%23d%20%25%26%22%27/steplr/steplr.html"),
        ("Zoë", "feedback/Zo%C3%AB/steplr/steplr.html"),
        ("no-utf8-\udcff", "feedback/no-utf8-%FF/steplr/steplr.html"),
        ("javascript:alert(1)", "feedback/javascript%3Aalert%281%29/steplr/steplr.html"),
    ],
)
def test_each_student_links_to_their_feedback(student, link):
    page = assert_harmless(pages.report([line(student)]))
    assert link in [each.attributes["href"] for each in page.all("a")]


def test_the_numbers_of_a_lesson():
    lines = [
        *(line(f"r{n}") for n in range(5)),
        *(line(f"w{n}", "wrong", 0.0, diagnosis=NAMED) for n in range(2)),
        line("p", "wrong", 1.0, diagnosis="Close, and nobody else did that: 0.0371."),
        line("u", "unanswered", 0.0, diagnosis="Not answered yet."),
        line("t", "timeout", 0.0, status="timeout", detail="Stopped in cell 3.", diagnosis="Slow."),
    ]
    page = assert_harmless(pages.report(lines))
    overview = "steplr 10 2 1.1 1.5 10 on time 9 graded, 1 timeout"
    assert " ".join(row_with(page, "graded,")) == overview
    shares = next(each for each in page.all("table", "shares"))
    assert shares.text.replace("\u202f", "").split()[-5:] == ["50%", "10%", "20%", "10%", "10%"]
    (sentence,) = page.all("table", "misconceptions")
    shown = f"{NAMED} 2 learners w0 w1 Show them in the table of students 2 22%".replace("`", "")
    assert " ".join(row_with(page, NAMED[:30])) == shown
    assert "0.0371" not in sentence.text and "1 other wrong answer" in sentence.text
    assert "Slow." not in sentence.text and "Not answered yet" not in sentence.text
    bars = [each.text for each in page.all("text", "count")]
    assert bars == ["4", "1", "5"]
    assert "0 to 10 %: 4" in page.all("desc")[0].text
    cells = Counter(each.attributes.get("class") for each in page.all("td") if each.attributes)
    assert [cells[kind] for kind in pages.KINDS] == [5, 1, 2, 1, 1, 0]
    titles = [each.attributes.get("title", "") for each in page.all("td")]
    assert sum(title.endswith(NAMED) for title in titles) == 2
    (stopped,) = page.all("table", "stopped")
    assert " ".join(stopped.text.split()).endswith("t steplr 0 timeout Stopped in cell 3.")


def test_the_commonest_five_misconceptions_come_first():
    counts = {f"Mistake {n}.": n for n in range(2, 9)}
    lines = [
        line(f"{text} {n}", "wrong", 0.0, diagnosis=text)
        for text, count in counts.items()
        for n in range(count)
    ]
    page = Page(pages.report(lines))
    (table,) = page.all("table", "misconceptions")
    told = [each.text.split(".")[0].strip() for each in page.all("td") if each.text in table.text]
    assert [each for each in told if "Mistake" in each] == [f"Mistake {n}" for n in range(8, 3, -1)]
    assert "5 other wrong answers" in table.text


def test_lessons_come_in_the_order_of_the_course_and_students_by_number():
    lines = [line(s, lesson=n) for n in ("plateau", "steplr", "constant-lr") for s in ("s10", "s9")]
    page = Page(pages.report(lines))
    titles = [each.text for each in page.all("h2")]
    assert [each for each in titles if each in LESSONS] == ["constant-lr", "steplr", "plateau"]
    students = [
        each.text for each in page.all("a") if each.text.startswith("s1") or "9" in each.text
    ]
    assert students == ["s9", "s10"] * 3


def test_of_many_that_were_not_graded_the_first_are_shown():
    lines = [line(f"s{n}", status="crashed", detail="Python ended.") for n in range(300)]
    page = Page(pages.report(lines))
    assert "The first 200 of 300" in page.text()
    assert len([each for each in page.all("tr") if "Python ended." in each.text]) == 200


def test_a_submission_without_a_mark_leaves_an_empty_cell():
    unreadable = line("bob", status="unreadable", detail="No JSON.", score=0.0)
    page = assert_harmless(pages.report([unreadable | {"exercises": []}, line()]))
    (heat,) = page.all("table", "heat")
    rows = [row.text.split() for row in page.all("tr") if row.text in heat.text]
    assert ["ada", "2", "✓", "right2"] in rows
    assert ["bob", "unreadable", "0"] in rows


def test_a_large_class_shows_its_lowest_scores_by_exercise_and_everybody_in_few_bytes():
    lines = [
        line(f"s{n}", *(("wrong", 0.0) if n % 20 == 0 else ("right", 2.0)), diagnosis=NAMED)
        for n in range(2000)
    ]
    html = pages.report(lines)
    page = assert_harmless(html)
    (heat,) = page.all("table", "heat")
    assert "The 200 lowest scores of 2,000 submissions" in page.text()
    assert heat.text.count("wrong") == 100 and heat.text.count("right") == 100
    (shares,) = page.all("table", "shares")
    assert shares.text.replace("\u202f", "").split()[-5:] == ["95%", "0%", "5%", "0%", "0%"]
    everybody = page.all("table", "students")[0].text + page.all("template")[0].text
    assert all(f"s{n} " in everybody for n in range(2000))
    assert len(html) < 300_000 + 2000 * 150


# --- marks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [HOSTILE, BROKEN, "<!-- end of marks -->"])
def test_marks_are_written_into_a_page_as_often_as_they_change(text):
    mark = Mark("step_lr", 2, 2, "right")
    cells = (Executed(f"<!-- marks -->{text}", "answer", "step_lr", text),)
    plain = pages.feedback("ada", "steplr", Graded((mark,), cells))
    written = pages.remarked(plain, marks(comment=text))
    page = assert_harmless(written)
    assert page.all("p", "total")[0].text == "1.25 of 2 points"
    words = page.text()
    for part in ("Given by hand 0.5", "Extra credit 1", "2 hours late −0.25", "Final 1.25"):
        assert part in words
    plain_marks = marks(
        score=2.0, manual=None, extra=0.0, penalty=0.0, waiting=0.0, late_seconds=0.0, by_hand=[]
    )
    again = assert_harmless(pages.remarked(written, plain_marks))
    assert again.text() == assert_harmless(plain).text()


@pytest.mark.parametrize("text", ["See me", HOSTILE, BROKEN], ids=["plain", "hostile", "broken"])
def test_a_comment_stands_on_the_card_of_its_exercise_or_below_the_marks(text):
    shown = [Mark(each, 2, 2, "right") for each in ("step_lr", "fit")]
    written = pages.feedback("ada", "steplr", Graded(tuple(shown), ()))
    given = [marks(text)["by_hand"][0] | {"id": each} for each in ("fit", "of another version")]
    for _ in range(2):  # it replaces what was there
        written = pages.remarked(written, marks(by_hand=given))
    page = assert_harmless(written)
    of_another, of_fit = page.all("p", "remark")
    first, second = page.all("article")
    assert "by hand" in second.text and "by hand" not in first.text
    assert of_fit.text in second.text and "of another version" in of_another.text
    assert text[:4] in of_fit.text or text is BROKEN


@pytest.mark.parametrize("text", ["See me", HOSTILE, BROKEN], ids=["plain", "hostile", "broken"])
def test_the_report_has_the_gradebooks_marks(text):
    report = assert_harmless(pages.report([line() | {"marks": marks(text)}, line("bob")]))
    assert row_with(report, "ada", "heat")[:6] == ["ada", "1.25", "2", "0.5", "1", "−0.25"]
    assert row_with(report, "bob", "heat")[:3] == ["bob", "2", "2"]
    assert len(report.all("dl", "comments")[0].text.strip()) > 6
    assert "Penalty" not in Page(pages.report([line()])).text()
