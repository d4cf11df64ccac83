"""nbgrader's own screens in JupyterLab: Validate for a learner, Formgrader for an instructor."""

import csv
import shutil
import subprocess
import sys

import nbformat
import pytest
from lab import Lab
from labserver import jupyterlab
from playwright.sync_api import expect
from points import points_of

from grader import paths
from grader.demo.write import answer_source, filled_in
from grader.exercises import EXERCISES, LESSONS, of_lesson

LESSON = "steplr"
EARLY = """def step_lr(lr0, step_size, gamma, epoch):
    return lr0 * gamma ** ((epoch + 1) // step_size)"""
DIAGNOSIS = next(s for s in EXERCISES["step_lr"].misconceptions if "one epoch early: with" in s)
SOLVED = {each.id: answer_source(each.id, "right") for each in of_lesson(LESSON)}
WRITTEN, QUESTION = "detective", "advice"  # a lesson, and its question that is graded by hand
WORDS = "lr falls while the loss still falls: I would lower the threshold first."
COMMENT = "Well read. Which seeds?"
# How far the text of an element reaches to the right, and how far it may.
EDGES = """(dialog, words) => {
  const walker = document.createTreeWalker(dialog, NodeFilter.SHOW_TEXT);
  let right = 0;
  while (walker.nextNode()) {
    if (!walker.currentNode.data.includes(words)) continue;
    if (!right) walker.currentNode.parentElement.scrollIntoView({block: "center"});
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    right = Math.max(right, range.getBoundingClientRect().right);
  }
  return [right, dialog.getBoundingClientRect().right];
}"""


@pytest.fixture(scope="module")
def validated(lab):
    """Open a lesson with some answers and press Validate: `validated(name, answers)`.

    Validate runs every cell. Those that only demonstrate or train are left out.
    """

    def press(name: str, answers: dict[str, str]):
        notebook = filled_in(LESSON, answers)
        notebook.cells = [c for c in notebook.cells if "demo" not in c.metadata.get("tags", [])]
        path = lab.server.root / LESSON / f"{name}.ipynb"
        nbformat.write(notebook, path)
        lab.open(f"{LESSON}/{path.name}")
        lab.page.get_by_role("button", name="Validate").click()
        return lab.page.locator(".jp-Dialog", has_text="Validation Results")

    return press


def _close(dialog) -> None:
    dialog.get_by_role("button", name="Ok").click()
    dialog.wait_for(state="detached")


def test_validate_says_what_is_not_answered(lab, validated):
    dialog = validated("untouched", {})
    dialog.wait_for()
    text = dialog.inner_text()
    for exercise in of_lesson(LESSON):
        assert f"{exercise.id}: ○ Not answered yet" in text
    lab.screenshots("validate-untouched")
    _close(dialog)


def test_validate_shows_the_diagnosis_of_a_wrong_answer(lab, validated):
    dialog = validated("mistaken", SOLVED | {"step_lr": EARLY})
    dialog.wait_for()
    said = " ".join(dialog.inner_text().split())
    assert "step_lr: ✗ Not yet right" in said
    assert " ".join(DIAGNOSIS.split()) in said
    right, limit = dialog.locator(".jp-Dialog-content").evaluate(EDGES, DIAGNOSIS[:20])
    assert 0 < right <= limit, "the diagnosis is cut off"
    lab.screenshots("validate-mistaken")
    _close(dialog)


def test_validate_passes_a_solved_lesson(lab, validated):
    dialog = validated("solved", SOLVED)
    dialog.get_by_text("Your notebook passes all the tests").wait_for()
    lab.screenshots("validate-solved")
    _close(dialog)


@pytest.fixture(scope="module")
def course(tmp_path_factory, bubblewrap):
    """A course folder: sources, released lessons, and submissions that were graded.

    Two students solved a lesson, one of them with a mistake; and one answered a question in words.
    """
    folder = tmp_path_factory.mktemp("course")
    shutil.copy(paths.ROOT / "nbgrader_config.py", folder)
    shutil.copytree(paths.SOLUTIONS, folder / "solutions")
    shutil.copytree(paths.LESSONS, folder / "lessons")
    exchange = folder / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write(f'c.Exchange.root = "{exchange}"\nc.Exchange.assignment_dir = "."\n')
    in_words = filled_in(WRITTEN, {})
    _by_grade_id(in_words, QUESTION).source = WORDS
    for student, lesson, notebook in (
        ("ada", LESSON, filled_in(LESSON, SOLVED)),
        ("bob", LESSON, filled_in(LESSON, SOLVED | {"step_lr": EARLY})),
        ("ada", WRITTEN, in_words),
    ):
        path = folder / "class" / "submitted" / student / lesson / f"{lesson}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    _grader(folder, "grade", "class/submitted", "--workers", "1")
    return folder


def _by_grade_id(notebook, grade_id: str):
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    return notebook.cells[ids.index(grade_id)]


def _grader(folder, *command: str) -> None:
    whole = [sys.executable, "-m", "grader", *command]
    subprocess.run(whole, cwd=folder, check=True, capture_output=True, timeout=300)


def _grades(course, lesson: str) -> dict[str, dict[str, str]]:
    """The lines of grades.csv that are of one lesson, by student."""
    with (course / "class" / "grades.csv").open(newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file) if row["lesson"] == lesson}


@pytest.fixture(scope="module")
def formgrader(browser, course, tmp_path_factory):
    """JupyterLab at the course root, Formgrader opened from the menu: (lab, its frame)."""
    with jupyterlab(course, tmp_path_factory.mktemp("home")) as server:
        lab = Lab(browser, server)
        lab.page.goto(f"{server.url}/lab?token={server.token}&reset")
        lab.page.get_by_role("menuitem", name="Nbgrader").click()
        lab.page.get_by_role("menuitem", name="Formgrader", exact=True).click()
        frame = lab.page.frame_locator("iframe[src*=formgrader]")
        frame.get_by_role("heading", name="Manage Assignments").wait_for()
        yield lab, frame
        lab.page.close()


def _rows(frame, key: int = 0) -> dict[str, list[str]]:
    """The visible table by one of its columns."""
    frame.locator("table.dataTable tbody tr td").first.wait_for()
    rows = [row.locator("td").all_inner_texts() for row in frame.locator("tbody tr").all()]
    return {row[key].strip(): [cell.strip() for cell in row] for row in rows if len(row) > 1}


def test_formgrader_lists_the_lessons_and_their_submissions(formgrader):
    lab, frame = formgrader
    frame.get_by_text(LESSON, exact=True).wait_for()
    rows = _rows(frame)
    assert set(LESSONS) <= set(rows)
    counts = {lesson: [cell for cell in rows[lesson] if cell.isdigit()] for lesson in LESSONS}
    handed_in = {LESSON: "2", WRITTEN: "1"}
    assert counts == {lesson: [handed_in.get(lesson, "0")] for lesson in LESSONS}
    frame.locator("tbody").scroll_into_view_if_needed()
    lab.screenshots("formgrader-lessons")


def test_formgrader_lists_the_scores(formgrader, course):
    lab, frame = formgrader
    frame.locator(f"a[href*='manage_submissions/{LESSON}']").click()
    frame.get_by_text("bob", exact=True).wait_for()
    rows = _rows(frame, key=1)
    lab.screenshots("formgrader-submissions")
    written = _grades(course, LESSON)
    assert rows.keys() == written.keys() == {"ada", "bob"}
    for student, row in written.items():
        assert f"{float(row['score']):g} / {float(row['max_score']):g}" in rows[student]


def _press(lab, frame, row, icon: str) -> str:
    """Press the button with this icon in a table's row; what the window that opens then says."""
    row.locator(f".glyphicon-{icon}").click()
    dialog = frame.locator(".modal.in, .modal.show").last
    dialog.wait_for()
    said = dialog.inner_text()
    dialog.locator("[data-dismiss=modal]").last.click()
    dialog.wait_for(state="detached")
    return said


def _hand_in_through_the_exchange(course, learner) -> None:
    """As a learner would, who has fetched the lesson and solved it."""
    shutil.copytree(course / "exchange" / "lr-scheduling" / "outbound" / LESSON, learner / LESSON)
    nbformat.write(filled_in(LESSON, SOLVED), learner / LESSON / f"{LESSON}.ipynb")
    shutil.copy(course / "nbgrader_config.py", learner)
    command = [sys.executable, "-m", "nbgrader", "submit", LESSON, "--course", "lr-scheduling"]
    done = subprocess.run(command, cwd=learner, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_formgraders_buttons_leave_the_lessons_whole(formgrader, course, tmp_path):
    """Generate, Release, Collect, Autograde, Generate Feedback, Release Feedback, in this order."""
    lab, frame = formgrader
    before = {p: p.read_bytes() for p in (course / "lessons" / LESSON).rglob("*") if p.is_file()}
    frame.get_by_role("link", name="Manage Assignments").click()
    row = frame.locator("tr", has=frame.get_by_text(LESSON, exact=True))
    assert "Success" in _press(lab, frame, row, "education")
    assert "Success" in _press(lab, frame, row, "cloud-upload")
    _hand_in_through_the_exchange(course, tmp_path)
    assert "Success" in _press(lab, frame, row, "cloud-download")
    submitted = course / "class" / "submitted"
    (collected,) = {path.name for path in submitted.iterdir()} - {"ada", "bob"}
    row.locator("a[href*=manage_submissions]").click()
    theirs = frame.locator("tr", has=frame.get_by_text(collected, exact=True))
    assert "Success" in _press(lab, frame, theirs, "flash")
    theirs.get_by_text(f"{points_of(LESSON)} / {points_of(LESSON)}").wait_for()
    frame.get_by_role("link", name="Manage Assignments").click()
    page = course / "class" / "feedback" / collected / LESSON / f"{LESSON}.html"
    written = page.read_bytes()
    assert "Success" in _press(lab, frame, row, "comment")
    assert "Success" in _press(lab, frame, row, "envelope")
    released = list((course / "exchange" / "lr-scheduling" / "feedback").glob("*.html"))
    assert len(released) == 3 and written in [each.read_bytes() for each in released]
    after = {p: p.read_bytes() for p in (course / "lessons" / LESSON).rglob("*") if p.is_file()}
    assert after == before


def test_an_answer_in_words_is_graded_by_clicking_and_given_back(formgrader, course):
    """Manual Grading, the question, points and a comment; then `report` hands both on."""
    lab, frame = formgrader
    before = _grades(course, WRITTEN)["ada"]
    frame.get_by_role("link", name="Manual Grading").click()
    # The lesson, its notebook, whoever waits: each page stands one deeper than the one before.
    for depth, link in enumerate((WRITTEN, WRITTEN, "Submission #1"), start=1):
        expect(frame.locator(".breadcrumb li")).to_have_count(depth)
        frame.locator("tbody").get_by_role("link", name=link, exact=True).click()
    frame.get_by_text(WORDS).scroll_into_view_if_needed()
    lab.screenshots("formgrader-by-hand")
    for field, typed, address in (
        (frame.locator(f"input.score#{QUESTION}"), "4.5", "/api/grade/"),
        (frame.locator(f"textarea.comment#{QUESTION}-comment"), COMMENT, "/api/comment/"),
    ):
        field.fill(typed)
        with lab.page.expect_response(lambda it, to=address: to in it.url and it.ok):
            field.press("Tab")
    _grader(course, "report")
    after = _grades(course, WRITTEN)["ada"]
    assert (before["manual"], after["manual"], after["comment"]) == ("", "4.5", COMMENT)
    assert float(after["score"]) == float(before["score"]) + 4.5
    page = course / "class" / "feedback" / "ada" / WRITTEN / f"{WRITTEN}.html"
    text = page.read_text(encoding="utf-8")
    assert WORDS in text and COMMENT in text and "4.5 by hand" in text
