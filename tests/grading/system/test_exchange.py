"""nbgrader's exchange, there and back, between two users of a machine: what is released arrives,
what is handed in is graded, and our page, with the instructor's comment, comes back."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
from commands import grader
from nbgrader.api import Gradebook
from points import points_of
from users import within_reach

from grader import paths
from grader.demo.write import answer_source
from grader.exercises import of_lesson

LESSON = "steplr"
HANDED_IN = f"{LESSON} (1).ipynb"
LEARNER = 65534  # "nobody", whose name is the student's
COMMENT = "Well done; read <i>section 5</i> again."
SETTINGS = """
c = get_config()
c.CourseDirectory.course_id = "lr-scheduling"
c.Exchange.root = "{exchange}"
c.Exchange.assignment_dir = "."
"""


class User:
    """Whoever runs commands in a folder of their own, with a home of their own."""

    def __init__(self, folder: Path, exchange: Path, uid: int | None) -> None:
        self.folder = folder
        self.uid = uid
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        config = folder / "nbgrader_config.py"
        more = config.read_text() if config.exists() else ""
        config.write_text(more + SETTINGS.format(exchange=exchange))

    def runs(self, *command: str) -> str:
        """What `python -m COMMAND…` prints; it must succeed."""
        prefix = []
        if self.uid is not None:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, self.uid, self.uid)
            needed = (Path(sys.prefix), Path(sys.base_prefix), paths.ROOT)
            identity = ("--reuid", str(self.uid), "--regid", str(self.uid), "--clear-groups")
            prefix = [*within_reach(*needed), "setpriv", *identity]
        done = subprocess.run(
            [*prefix, sys.executable, "-m", *command],
            cwd=self.folder,
            env={
                **os.environ,
                "HOME": str(self.home),
                "USER": "nobody",
                "LRLAB_DATA": str(self.folder / "no images"),  # the small stand-in
                **dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9"),
                "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            },
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
        return done.stdout + done.stderr


@pytest.fixture
def users(bubblewrap):
    """The instructor, who has the course, and a learner, another user where root runs this."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        exchange = Path(place, "exchange")
        exchange.mkdir()
        exchange.chmod(0o777)
        course = Path(place, "course")
        course.mkdir()
        shutil.copy(paths.ROOT / "nbgrader_config.py", course)
        for folder in (paths.SOLUTIONS, paths.LESSONS):
            ignored = shutil.ignore_patterns("[._]*", "*.egg-info")
            shutil.copytree(folder / LESSON, course / folder.name / LESSON, ignore=ignored)
        instructor = User(course, exchange, None)
        yield (
            instructor,
            User(Path(place, "learner"), exchange, LEARNER if not os.getuid() else None),
        )


@pytest.fixture
def grade(scheduler, monkeypatch):
    """Have the instructor grade what lies in class/submitted of a folder."""

    def run(folder):
        monkeypatch.chdir(folder)
        done = grader("grade", "class/submitted", "--scheduler", scheduler)
        assert done.returncode == 0, done.stderr

    return run


def test_there_and_back(users, grade):
    instructor, learner = users
    instructor.runs("nbgrader", "generate_assignment", LESSON, "--force")
    instructor.runs("nbgrader", "release_assignment", LESSON)

    learner.runs("nbgrader", "fetch_assignment", LESSON)
    path = learner.folder / LESSON / f"{LESSON}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    answers = {f"{each.id}-answer": answer_source(each.id, "right") for each in of_lesson(LESSON)}
    for cell in notebook.cells:
        if answer := answers.get(cell.metadata.get("nbgrader", {}).get("grade_id")):
            cell.source = answer
    nbformat.write(notebook, path)
    learner.runs("jupyter", "execute", "--inplace", str(path))
    said = [
        output
        for cell in nbformat.read(path, as_version=4).cells
        for output in cell.get("outputs", ())
        if "✓ Right" in str(output)
    ]
    assert len(said) == len(answers), "the lesson does not work alone in a learner's folder"
    path.rename(path.with_name(HANDED_IN))  # as a browser calls a second download
    learner.runs("nbgrader", "submit", LESSON)

    instructor.runs("nbgrader", "collect", LESSON)
    grade(instructor.folder)
    (student,) = (path.name for path in (instructor.folder / "class" / "submitted").iterdir())
    with Gradebook(f"sqlite:///{instructor.folder}/class/gradebook.db") as book:
        submission = book.find_submission(LESSON, student)
        assert (submission.score, submission.max_score) == (points_of(LESSON),) * 2
        book.find_comment("fit-answer", LESSON, LESSON, student).manual_comment = COMMENT
        book.db.commit()
    instructor.runs("nbgrader", "generate_feedback", LESSON, "--force")
    instructor.runs("nbgrader", "release_feedback", LESSON)

    learner.runs("nbgrader", "fetch_feedback", LESSON)
    (page,) = (learner.folder / LESSON / "feedback").rglob("*.html")
    assert page.stem == Path(HANDED_IN).stem
    ours = instructor.folder / "class" / "feedback" / student / LESSON / f"{LESSON}.html"
    assert page.read_bytes() == ours.read_bytes()
    released = [*instructor.folder.parent.glob("exchange/lr-scheduling/feedback/*.html")]
    assert [each.read_bytes() for each in released] == [ours.read_bytes()] * 2  # two names
    assert "Well done; read &lt;i&gt;section 5&lt;/i&gt; again." in page.read_text()


def test_a_class_that_did_not_come_through_the_exchange_does_not_stop_the_others(users, grade):
    """nbgrader stops at the first page that has no secret beside it, and releases nobody's."""
    instructor, _ = users
    untouched = paths.released(LESSON).read_bytes()
    for student, secret in {"ada": None, "bob": "b" * 128, "cy": None}.items():
        folder = instructor.folder / "class" / "submitted" / student / LESSON
        folder.mkdir(parents=True)
        (folder / f"{LESSON}.ipynb").write_bytes(untouched)
        if secret:
            (folder / "submission_secret.txt").write_text(secret)
    grade(instructor.folder)
    # As a class looks that was graded before pages had these files beside them.
    for file in (instructor.folder / "class" / "feedback" / "cy" / LESSON).glob("*.txt"):
        file.unlink()
    instructor.runs("nbgrader", "release_assignment", LESSON)
    instructor.runs("nbgrader", "generate_feedback", LESSON)
    instructor.runs("nbgrader", "release_feedback", LESSON)
    released = list(instructor.folder.parent.glob("exchange/lr-scheduling/feedback/*.html"))
    assert len(released) == 3
