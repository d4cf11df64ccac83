"""Every measured number in a lesson's prose is the one in the recorded runs.

In the markdown a marker stands directly before the number and names what it is:
`<!-- test_accuracy lr=0.2 schedule=constant -->94.98 ± 0.08 %` (mean ± standard deviation over the
seeds), `<!-- val_accuracy@4 … -->96.1 %` (mean in epoch 4). `lesson=NAME` takes those of another
lesson.

What words alone say (best, in all seeds) is followed by `<!-- check: CONDITION -->`, Python
that must be true of the recorded runs; `_names` has what it may use.
"""

import re
import statistics
from types import SimpleNamespace

import nbformat
import pytest

from grader import paths
from grader.errors import MalformedLesson
from grader.exercises import LESSONS
from grader.notebook import stamp
from lrlab import mean_std, recorded

NUMBER = r"(?P<mean>−?\d[\d,]*\.?\d*)(?: ± (?P<std>\d+\.?\d*))?"
CONDITION = re.compile(r"<!-- check: (?P<condition>.+?) -->", re.DOTALL)
MARKED = re.compile(rf"<!-- (?P<claim>(?!check:)[^>]+?) -->{NUMBER}")
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
    runs = recorded(str(wanted.pop("lesson", lesson))).where(**wanted)
    assert len({str(run.settings) for run in runs}) == 1, "name one group of seeds"
    assert len(runs) >= 3
    mean, std = mean_std(runs, field, int(epoch) if epoch else None)
    assert match["mean"].replace("−", "-") == f"{mean:.{_decimals(match['mean'])}f}"
    if match["std"]:
        assert match["std"] == f"{std:.{_decimals(match['std'])}f}"


def _names(lesson):
    """What a condition may use: each with a field such as "val_accuracy@8" and settings."""
    of_lesson = recorded(lesson)

    def seeds(name, **settings):
        field, _, epoch = name.partition("@")
        group = [getattr(run, field) for run in of_lesson.where(**settings)]
        return [each[int(epoch)] for each in group] if epoch else group

    def grouped(**settings):
        return list({str(r.settings): r.settings for r in of_lesson.where(**settings)}.values())

    def mean(name, **settings):
        (only,) = grouped(**settings)
        return statistics.fmean(seeds(name, **only))

    return {
        "runs": of_lesson.runs,
        "where": of_lesson.where,
        "rates": sorted({run.settings["lr"] for run in of_lesson.runs}),
        "seeds": seeds,
        "low": lambda name, **settings: min(seeds(name, **settings)),
        "high": lambda name, **settings: max(seeds(name, **settings)),
        "mean": mean,
        "std": lambda name, **settings: statistics.stdev(seeds(name, **settings)),
        "best": lambda name, **settings: max(mean(name, **each) for each in grouped(**settings)),
        "groups": lambda **settings: len(grouped(**settings)),
        "lesson": lambda name: SimpleNamespace(**_names(name)),  # the same of another lesson
    }


def _conditions():
    for lesson in LESSONS:
        for match in CONDITION.finditer(_markdown(lesson)):
            condition = " ".join(match["condition"].split())
            yield pytest.param(lesson, condition, id=f"{lesson}: {condition}")


@pytest.mark.parametrize(("lesson", "condition"), list(_conditions()))
def test_what_words_say_is_true_of_the_recorded_runs(lesson, condition):
    assert eval(condition, _names(lesson)) is True


@pytest.mark.parametrize("lesson", LESSONS)
def test_no_measured_number_stands_without_its_marker(lesson):
    prose = MARKED.sub("", _markdown(lesson))
    assert MEASURED.findall(prose) == [], "put <!-- FIELD SETTINGS --> before these numbers"
    if paths.recorded_source(lesson).exists():
        assert MARKED.search(_markdown(lesson)), "the lesson quotes no recorded run"


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_asks_the_learner_to_act_is_a_callout_before_any_cell_was_run(lesson):
    """The style stands in the text: the lesson's style sheet comes with an output."""
    colours = {"Predict": (0x00, 0x72, 0xB2), "Exercise": (0x00, 0x9E, 0x73)}
    asked = re.compile(r"^(?:(.*)\n\n)?(?:> )?\*\*(Predict|Exercise)\b", re.MULTILINE)
    found = set(asked.findall(_markdown(lesson)))
    assert found == {
        (
            f'<blockquote style="border-left: 4px solid #{bytes(colour).hex()}; '
            f'background-color: rgba({", ".join(map(str, colour))}, 0.1)">',
            kind,
        )
        for kind, colour in colours.items()
    }


@pytest.mark.parametrize("indent", ["", "  "])
def test_a_marker_that_tears_its_sentence_is_refused(indent):
    marker = f"{indent}<!-- test_accuracy lr=0.2 -->94.98 %"
    torn = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(f"It reaches\n{marker}.")])
    with pytest.raises(MalformedLesson, match="begins with a marker"):
        stamp(torn, [])
    whole = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(f"It has {marker}.")])
    stamp(whole, [])
