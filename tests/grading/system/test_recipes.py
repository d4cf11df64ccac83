"""The recipes of CONTRIBUTING.md, followed to the letter in a copy of the repository.

In each recipe a block of Python or text goes into the file that the words before it name last, at
the name that they mention last; the blocks of bash are then run.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from grader import paths
from grader.demo.answers import ANSWERS
from grader.demo.students import CLASS
from grader.exercises import LESSONS, written_of_lesson

MISCONCEIVED, EXERCISE, LESSON, QUESTION = "first_drop", "lr_after", "exponential", "choice"
BLOCK = re.compile(r"(?P<words>.*?)^```(?P<language>\w+)\n(?P<block>.*?)^```$", re.M | re.S)
CHECK = """
import json, sys
from lrlab import check

for exercise, source in json.loads(sys.argv[1]):
    names = {}
    exec(source, names)
    print(check(exercise, names[exercise]))
"""


def _section(title: str) -> str:
    text = (paths.ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def _blocks(title: str, *languages: str) -> list[tuple[str, str]]:
    """(the words before it, the block) for each block of these languages in a section."""
    found = BLOCK.finditer(_section(title))
    return [(each["words"], each["block"]) for each in found if each["language"] in languages]


def _cells(text: str) -> list[nbformat.NotebookNode]:
    """Cells written as text, as jupytext writes them."""
    cells = []
    for cell in re.split(r"^# %%", text, flags=re.M)[1:]:
        kind, _, source = cell.partition("\n")
        if "markdown" in kind:
            prose = re.sub(r"^# ?", "", source, flags=re.M).strip()
            tags = re.findall(r'"([\w-]+)"', kind)
            cells.append(nbformat.v4.new_markdown_cell(prose, metadata={"tags": tags}))
        else:
            cells.append(nbformat.v4.new_code_cell(source.strip()))
    return cells


def _add_lines(path: Path, block: str, words: str) -> None:
    """Put lines into a file of Python: at the end of a tuple or of misconceptions, or after a name.

    The name is the one that the words mention last.
    """
    source = path.read_text(encoding="utf-8")
    name = re.findall(r"`(\w+)`", words)[-1]
    (found,) = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
    ]
    if "`misconceptions`" in words:
        (known,) = [each.value for each in found.value.keywords if each.arg == "misconceptions"]
        where = known.end_lineno - 1
    elif isinstance(found.value, ast.Tuple):
        where = found.end_lineno - 1
    else:
        where, block = found.end_lineno, f"\n\n{block}"
    lines = source.splitlines(keepends=True)
    path.write_text("".join([*lines[:where], block, *lines[where:]]), encoding="utf-8")


def _add_cells(path: Path, block: str, words: str) -> None:
    """Put cells into a notebook, after the check of the exercise that the words mention last."""
    if not path.exists():
        path.parent.mkdir(parents=True)
        nbformat.write(nbformat.v4.new_notebook(cells=_cells(block)), path)
        return
    notebook = nbformat.read(path, as_version=4)
    exercise = re.findall(r"check of `(\w+)`", words)[-1]
    sources = [cell.source for cell in notebook.cells]
    where = sources.index(f'check("{exercise}", {exercise})') + 1
    notebook.cells[where:where] = _cells(block)
    nbformat.write(notebook, path)


def _follow(titles: tuple[str, ...], copy: "Copy", **environment: str) -> None:
    """Do what some recipes say: first all that is to be written, then each command once."""
    for title in titles:
        for words, block in _blocks(title, "python", "text"):
            path = copy.folder / re.findall(r"`([\w./-]+\.(?:py|ipynb))`", words)[-1]
            if path.suffix == ".ipynb":
                _add_cells(path, block, words)
            elif path.exists():
                _add_lines(path, block, words)
            else:
                path.write_text(block, encoding="utf-8")
    blocks = [block for title in titles for _, block in _blocks(title, "bash")]
    for command in dict.fromkeys("".join(blocks).splitlines()):
        copy.run("bash", "-c", command, **environment)


class Copy:
    """A copy of the repository, and commands that use nothing but its code."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        listed = subprocess.check_output(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=paths.ROOT,
            text=True,
        )
        for name in filter(None, listed.split("\0")):
            if (paths.ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(paths.ROOT / name, folder / name)

    def run(self, *command: str, **environment: str) -> str:
        """What a command prints. It must succeed."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "PYTHONPATH": f"{self.folder}:{self.folder / 'lessons'}",
                "LRLAB_DATA": os.environ.get("LRLAB_DATA", str(paths.DATA)),
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=900,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def grader(self, *command: str) -> str:
        return self.run("python", "-m", "grader", *command)


@pytest.fixture(scope="module")
def course(mnist, tmp_path_factory):
    """The course with a further lesson, exercise and misconception, built as the recipes say."""
    course = Copy(tmp_path_factory.mktemp("course"))
    without_mnist = {
        "LRLAB_DATA": str(course.folder / "nothing"),
        "https_proxy": "http://127.0.0.1:9",  # nobody listens there: no download
        "http_proxy": "http://127.0.0.1:9",
    }
    _follow(("Add a lesson",), course, **without_mnist)
    _follow(("Add an exercise", "Add a misconception", "Add a written answer"), course)
    return course


def test_the_copy_is_what_build_gives_and_the_lesson_needs_no_runs(course):
    """Of the lessons that no recipe touched, test_release.py says it."""
    assert "2 lessons are what" in course.grader("build", "--check", "plateau", LESSON)
    folder = course.folder / "lessons" / LESSON
    assert {path.name for path in folder.iterdir()} == {"checks.json", f"{LESSON}.ipynb"}


def test_check_knows_the_new_exercises_and_names_the_new_mistake(course):
    answers = {}
    for title, exercise in (("Add an exercise", EXERCISE), ("Add a lesson", LESSON + "_lr")):
        cells = [cell.source for _, block in _blocks(title, "python") for cell in _cells(block)]
        (answers[exercise],) = [source for source in cells if "### BEGIN SOLUTION" in source]
    ((_, block),) = _blocks("Add a misconception", "python")
    entry = ast.parse(f"{{{block}}}", mode="eval").body
    (sentence,), (near_miss,) = entry.keys, entry.values
    answers[MISCONCEIVED] = f"{MISCONCEIVED} = {ast.unparse(near_miss.args[0])}"
    said = course.run("python", "-c", CHECK, json.dumps(list(answers.items())))
    assert said.count("Right") == len(answers) - 1
    assert sentence.value in said


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_the_example_class_solves_what_is_new_and_is_as_wrong_as_before(course):
    said = course.grader("demo")
    assert f"{sum(map(len, CLASS.values())) + 1} graded" in said
    text = (course.folder / "class" / "demo" / "results.jsonl").read_text(encoding="utf-8")
    lines = {(line["student"], line["lesson"]): line for line in map(json.loads, text.splitlines())}
    solved = [line for (student, _), line in lines.items() if student == "Amélie Dubois"]
    assert {line["lesson"] for line in solved} == {*LESSONS, LESSON}
    questions = {QUESTION, *(each.id for lesson in LESSONS for each in written_of_lesson(lesson))}
    marks = [mark for line in solved for mark in line["exercises"]]
    assert {mark["id"] for mark in marks if mark["verdict"] != "right"} == questions
    for student, lessons in CLASS.items():
        if "plateau" in lessons:
            marks = {mark["id"]: mark for mark in lines[student, "plateau"]["exercises"]}
            assert marks.pop(EXERCISE)["verdict"] in ("right", "unanswered")
            assert marks[QUESTION]["verdict"] == "unanswered"
            for exercise in marks.keys() & ANSWERS:
                if lessons["plateau"].answers.get(exercise) in ANSWERS[exercise].mistakes:
                    assert marks[exercise]["verdict"] == "wrong"
