"""Every measured number in a lesson's prose is the one in the recorded runs.

In the markdown a marker stands directly before the number and names what it is:
`<!-- test_accuracy lr=0.2 schedule=constant -->94.98 ± 0.08 %` (mean ± standard deviation over the
seeds), `<!-- val_accuracy@4 … -->96.1 %` (mean in epoch 4).
"""

import re

import nbformat
import pytest

from grader import paths
from grader.errors import MalformedLesson
from grader.exercises import LESSONS
from grader.notebook import stamp
from lrlab import mean_std, recorded

NUMBER = r"(?P<mean>−?\d[\d,]*\.?\d*)(?: ± (?P<std>\d+\.?\d*))?"
MARKED = re.compile(rf"<!-- (?P<claim>[^>]+?) -->{NUMBER}")
MEASURED = re.compile(r"\d+\.\d+ ?%|±")


def _markdown(lesson: str) -> str:
    cells = nbformat.read(paths.solution(lesson), as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def _value(text: str):
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _claims():
    for lesson in LESSONS:
        if paths.solution(lesson).exists():
            for match in MARKED.finditer(_markdown(lesson)):
                yield pytest.param(lesson, match, id=f"{lesson}: {match['claim']}")


def _decimals(number: str) -> int:
    return len(number.partition(".")[2])


@pytest.mark.parametrize(("lesson", "match"), list(_claims()))
def test_a_number_in_prose_is_the_recorded_one(lesson, match):
    what, *settings = match["claim"].split()
    field, _, epoch = what.partition("@")
    wanted = {key: _value(value) for key, value in (pair.split("=") for pair in settings)}
    runs = recorded(lesson).where(**wanted)
    assert len({str(run.settings) for run in runs}) == 1, "name one group of seeds"
    assert len(runs) >= 3
    mean, std = mean_std(runs, field, int(epoch) if epoch else None)
    assert match["mean"].replace("−", "-") == f"{mean:.{_decimals(match['mean'])}f}"
    if match["std"]:
        assert match["std"] == f"{std:.{_decimals(match['std'])}f}"


@pytest.mark.parametrize("lesson", LESSONS)
def test_no_measured_number_stands_without_its_marker(lesson):
    prose = MARKED.sub("", _markdown(lesson))
    assert MEASURED.findall(prose) == [], "put <!-- FIELD SETTINGS --> before these numbers"
    if paths.recorded_source(lesson).exists():
        assert MARKED.search(_markdown(lesson)), "the lesson quotes no recorded run"


@pytest.mark.parametrize("indent", ["", "  "])
def test_a_marker_that_tears_its_sentence_is_refused(indent):
    marker = f"{indent}<!-- test_accuracy lr=0.2 -->94.98 %"
    torn = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(f"It reaches\n{marker}.")])
    with pytest.raises(MalformedLesson, match="begins with a marker"):
        stamp(torn, [])
    whole = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(f"It has {marker}.")])
    stamp(whole, [])
