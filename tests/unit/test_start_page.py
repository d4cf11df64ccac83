"""lessons/start.ipynb has all lessons in the order of the course, and Jupyter opens it first."""

import json
import re

from grader import notebook, paths
from grader.exercises import LESSONS


def test_it_lists_the_lessons_in_their_order():
    page = notebook.read(paths.LESSONS / "start.ipynb")
    linked = [re.findall(r"\((\S+)\.ipynb\)", cell.source) for cell in page.cells]
    assert linked[0] == [f"{lesson}/{lesson}" for lesson in LESSONS]
    (call,) = re.findall(r"^lrlab\.Course\(.*\)$", page.cells[1].source, re.MULTILINE)
    assert tuple(re.findall(r'"([^"]+)"', call)) == LESSONS
    assert [cell for cell in page.cells if cell.get("outputs")] == []  # nobody's progress


def test_jupyter_opens_it():
    config = json.loads((paths.LESSONS / "jupyter_lab_config.json").read_text(encoding="utf-8"))
    assert config["LabApp"]["default_url"] == "/lab/tree/start.ipynb"
