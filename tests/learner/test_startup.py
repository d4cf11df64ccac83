"""What lessons/ipython/startup does in every kernel, seen without starting one."""

import json
import runpy
from types import SimpleNamespace

import pytest
from ipykernel.ipkernel import IPythonKernel

from lrlab.folders import LESSONS

SCRIPT = LESSONS / "ipython" / "startup" / "course_language.py"
OWN = IPythonKernel.language_info
UNTOUCHED = [LESSONS / "start.ipynb", *sorted(LESSONS.glob("*/*.ipynb"))]


def spoken(notebook, monkeypatch):
    """What a kernel that is started for a notebook says of its language."""
    monkeypatch.setenv("JPY_SESSION_NAME", str(notebook))
    shell = SimpleNamespace(kernel=SimpleNamespace(language_info=dict(OWN)))
    runpy.run_path(str(SCRIPT), {"get_ipython": lambda: shell})
    return shell.kernel.language_info


@pytest.mark.parametrize("path", UNTOUCHED, ids=lambda path: path.name)
def test_a_lesson_that_is_opened_hears_what_it_says_itself(path, monkeypatch):
    metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    assert spoken(path, monkeypatch) == metadata["language_info"]
    assert {**metadata["language_info"], "version": OWN["version"]} == OWN
    assert metadata["kernelspec"]["display_name"] == "Python 3 (ipykernel)"


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"metadata": {"language_info": OWN}}),
        json.dumps({"metadata": {"language_info": {**OWN, "version": "3.0"}}}),
        json.dumps({"metadata": {"language_info": {"name": "python"}}}),
        json.dumps({"metadata": {"language_info": "python"}}),
        json.dumps({"metadata": []}),
        "[]",
        "no notebook",
        None,
    ],
)
def test_for_any_other_notebook_a_kernel_speaks_as_ever(text, tmp_path, monkeypatch):
    path = tmp_path / "own.ipynb"
    if text is not None:
        path.write_text(text)
    assert spoken(path, monkeypatch) == OWN


def test_without_a_notebook_nothing_is_looked_for(monkeypatch):
    assert spoken("", monkeypatch) == OWN
