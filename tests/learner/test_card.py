"""The card: what it says, what it draws, how it counts; hostile values stay text."""

import itertools
import json
import math
import random
import re
import xml.etree.ElementTree as ET

import pytest

from lrlab import check, palette
from lrlab.checking import card, checks, progress
from lrlab.checking.compare import difference
from lrlab.checking.judge import Verdict
from lrlab.checking.trace_svg import svg
from lrlab.checking.watch import watch_of

STEPLR, PLATEAU = (
    json.loads((checks.LESSONS / lesson / "checks.json").read_text(encoding="utf-8"))
    for lesson in ("steplr", "plateau")
)
HOSTILE = "</svg><script>alert(1)</script>\"'&\ud800"


@pytest.fixture(autouse=True)
def _a_new_kernel(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    progress.forget()


def parsed(html: str) -> ET.Element:
    """The card as a tree: what we write is well-formed, whatever is shown in it."""
    return ET.fromstring(html)


def words(tree: ET.Element) -> str:
    """What a reader sees; the style sheet is no text of the card."""
    for style in tree.iter("style"):
        style.text = ""
    return " ".join(" ".join(tree.itertext()).split())


def worth(lesson) -> int:
    return sum(exercise["points"] for exercise in lesson.values())


def counted(right: int, points: int, lesson=STEPLR) -> str:
    """What the line below the card says of a lesson."""
    return f"{right} of {len(lesson)} right · {points} of {worth(lesson)} points"


def symbols(**shown: str) -> str:
    """The row of symbols for StepLR's exercises: those that are named, and ○ for the others."""
    return " ".join(shown.get(exercise, "○") for exercise in STEPLR)


def picture(tree: ET.Element) -> ET.Element | None:
    return tree.find(".//svg[@role='img']")


def traced(expected, got, exercise="step_lr_trace"):
    sides = {"value": expected}, {"value": got}
    return watch_of(exercise).curves.trace(*sides, difference(*sides))


def of_lesson(lesson):
    return [name for name, each in checks.load_checks().items() if each.lesson == lesson]


def step_lr(lr0, step_size, gamma, epoch):
    return lr0 * gamma ** (epoch // step_size)


def early_trace(lr0, step_size, gamma, epochs):
    return [lr0 * gamma ** ((epoch + 1) // step_size) for epoch in range(epochs)]


def test_a_trace_is_drawn_and_said():
    result = check("step_lr_trace", early_trace)
    tree = parsed(result._repr_html_())
    label = picture(tree).get("aria-label")
    assert label.startswith("Chart of lr by epoch. Expected: 0.2, 0.2, 0.1, 0.1, 0.05.")
    assert label.endswith("First difference at epoch 1: yours 0.1, expected 0.2.")
    assert "First difference at epoch 1: yours 0.1, expected 0.2." in words(tree)
    assert len(picture(tree).findall("./circle")) == len(picture(tree).findall("./svg")) == 5
    assert tree.get("role") == "status"


def test_a_single_number_is_a_table():
    tree = parsed(check("step_lr", lambda **_: 0.5)._repr_html_())
    assert picture(tree) is None
    names = [head.text for head in tree.iter("th")]
    assert names == ["lr0", "step_size", "gamma", "epoch", "yours", "expected"]


@pytest.mark.parametrize(
    ("expected", "got", "sentence"),
    [
        ([0.1, 0.1, 0.1], [0.1, 0.1], "yours has no epoch 2 (2 entries, 3 expected)"),
        ([0.1, 0.1, 0.1], [0.1] * 4, "yours goes on at epoch 3 (4 entries, 3 expected)"),
        ([0.1, 0.1, 0.1], [], "yours has no epoch 0 (0 entries, 3 expected)"),
        ([0.1, 0.1, 0.1], [0.1, math.nan, 0.1], "epoch 1: yours nan, expected 0.1"),
        ([0.1, 0.1, 0.1], [0.1, 0.1, math.inf], "epoch 2: yours inf, expected 0.1"),
        ([0.1, 0.1, 0.1], [0.1, 0.1000000002, 0.1], "yours 0.1000000002, expected 0.1"),
        ([0.1, 0.1, 0.1], [0.1, 0.10000000019, 0.1], "yours 0.1000000002, expected 0.1"),
        ([0.1, 0.1, 0.1], [0, 2**62, -1e308], "epoch 0: yours 0, expected 0.1"),
    ],
)
def test_where_they_part(expected, got, sentence):
    trace = traced(expected, got)
    assert sentence in trace.sentence
    assert trace.sentence in ET.fromstring(svg(trace))[0].get("aria-label")


@pytest.mark.parametrize(
    "got", ["text", None, [0.1, "x", 0.1], [True, True, False], {"a": 1}, [[0.1], 0.1, 0.1], 0.1]
)
def test_no_curve_no_picture(got):
    assert traced([0.1, 0.1, 0.2], got) is None


def test_two_entries_are_no_curve():
    assert traced([0.1, 0.2], [0.2, 0.1]) is None


def test_the_param_group_that_differs_is_drawn():
    trace = traced([[1.0] * 3, [2.0] * 3], [[1.0] * 3, [3.0] * 3], "group_traces")
    assert trace.axes.about == "param group 1"
    assert trace.expected == [2.0] * 3
    assert traced([[1.0] * 3, [2.0] * 3], [[1.0] * 3], "group_traces").got == []
    assert traced([[1.0] * 3], [[1.0] * 3, [2.0] * 3], "group_traces") is None


@pytest.mark.parametrize(
    ("expected", "got", "log"),
    [
        ([1.0, 0.1, 0.01], [1.0, 1.0, 1.0], True),
        ([1.0, 0.5, 0.25], [1.0, 1.0, 1.0], False),
        ([1.0, 0.1, 0.01], [1.0, 0.0, 0.0], False),
        ([1.0, -0.1, 0.01], [1.0, 1.0, 1.0], False),
        ([1.0, 0.5, 0.25], [5e-324, 1.0, 1.0], True),
    ],
)
def test_a_wide_positive_range_is_drawn_on_a_log_scale(expected, got, log):
    assert ("(log scale)" in svg(traced(expected, got))) == log


def test_positions_lie_on_a_rail():
    trace = traced([3, 6, 9], [2, 5, 8], "drop_epochs")
    assert trace.sentence == "First difference: epoch 2 is in yours, but not expected."
    assert len(ET.fromstring(svg(trace)).findall("./svg/circle")) == 3
    assert "epoch 3 is expected" in traced([3, 6], [6], "drop_epochs").sentence
    for odd in ([6, 3], [3, 3, 6], [3.5, 6], [10**9], [-1], [math.nan], [math.inf]):
        assert traced([3, 6], odd, "drop_epochs") is None
    assert svg(traced([3], [], "drop_epochs"))


def test_no_value_breaks_the_picture():
    odd = [0.0, -0.0, 1e308, -1e308, 5e-324, math.nan, math.inf, -math.inf, 2**63, 0.1, 1]
    draw = random.Random(0)
    for length, exercise in itertools.product(
        (0, 1, 3, 4, 60, 500), ("step_lr_trace", "quadratic_path", "plateau_trace", "log_grid")
    ):
        for _ in range(20):
            expected = [draw.choice(odd) for _ in range(draw.choice((3, 8, 100)))]
            got = [draw.choice(odd) for _ in range(length)]
            if trace := traced(expected, got, exercise):
                drawn = svg(trace)
                numbers = re.findall(r'\b(?:[xy][12]?|c[xy]|width|height)="([^"]*)"', drawn)
                assert all(math.isfinite(float(each.rstrip("%"))) for each in numbers)
                assert len(ET.fromstring(drawn).findall(".//text")) < 150


def test_hostile_text_stays_text():
    assert HOSTILE[:-1] in words(parsed(card.html(HOSTILE, 1, Verdict("right", 1.0), "")))
    answers = (
        lambda **_: HOSTILE,
        lambda **_: {HOSTILE: HOSTILE},
        lambda **_: [HOSTILE] * 3,
        lambda **_: print(HOSTILE),
        lambda **_: {}[HOSTILE],
        type(HOSTILE[:-1], (), {"__init__": lambda self, **_: None}),
    )
    for exercise, answer in itertools.product(("step_lr", "step_lr_trace", "fit"), answers):
        result = check(exercise, answer)
        shown = result._repr_html_()
        assert "<script" not in shown
        parsed(shown)
        (shown + repr(result)).encode("utf-8")


def test_every_colour_has_words_beside_it():
    for verdict, said in card.WORDS.items():
        said = f"{palette.SYMBOLS[verdict]} {said}"
        assert said in words(parsed(card.html("a", 2, Verdict(verdict), "")))


def test_a_page_without_styles_and_pictures_still_says_it():
    def parse(html):
        tree = parsed(html)
        for parent in list(tree.iter()):
            for child in [each for each in parent if each.tag == "svg"]:
                parent.remove(child)
        return words(tree)

    said = parse(check("step_lr_trace", early_trace)._repr_html_())
    assert "✗ Not yet right step_lr_trace You drop one epoch early" in said
    row = f"{symbols(step_lr_trace='✗')} {counted(0, 0)}"
    assert f"yours 0.1, expected 0.2. {row}" in said


class TestProgress:
    """One line: the last result of each exercise of the lesson counts."""

    def test_it_counts_the_last_result_of_each_exercise(self):
        result = check("step_lr", step_lr)
        assert repr(result).endswith("\n" + counted(1, 2))
        assert words(parsed(result._repr_html_())).endswith(
            f"{symbols(step_lr='✓')} {counted(1, 2)}"
        )
        rounded = check("step_lr", lambda **case: round(step_lr(**case), 4))
        assert "◐ ○" in words(parsed(rounded._repr_html_()))
        assert rounded.progress.words == counted(0, 1)
        check("step_lr", step_lr)
        last = check("fit", lambda: 1)
        row = symbols(step_lr="✓", fit="✗")
        assert f"{row} 1 of {len(STEPLR)} right" in words(parsed(last._repr_html_()))
        assert result.progress.words == counted(1, 2)  # as it was then

    def test_the_exercises_are_those_of_the_lesson_in_its_order(self):
        shown = check("is_better", None).progress
        assert [mark.exercise for mark in shown.marks] == of_lesson("plateau")
        assert shown.words == counted(0, 0, PLATEAU)

    def test_it_is_said_to_those_who_do_not_see_the_symbols(self):
        check("step_lr", step_lr)
        tree = parsed(check("step_lr_trace", early_trace)._repr_html_())
        row = tree.find(".//span[@role='img']")
        said = row.get("aria-label").split(", ")
        assert [each.split()[0] for each in said] == list(STEPLR)
        assert {"step_lr right", "step_lr_trace not yet"} < set(said)

    def test_a_wrong_call_of_check_changes_nothing(self):
        check("step_lr", step_lr)
        assert check("step_lr").progress.words == counted(1, 2)
        assert check("step_rl", step_lr).progress is None

    def test_a_finished_lesson_is_praised_once_in_words(self):
        for exercise in of_lesson("steplr"):
            progress.note(exercise, Verdict("right", 1.0))
        result = check("step_lr", step_lr)
        assert "Every exercise of this lesson is right." in result._repr_html_()
        assert repr(result).endswith("\n" + counted(len(STEPLR), worth(STEPLR)))

    @pytest.mark.parametrize("mode", ["validate", "autograde"])
    def test_nbgrader_sees_none_of_it(self, mode, monkeypatch):
        monkeypatch.setenv("NBGRADER_EXECUTION", mode)
        with pytest.raises(AssertionError) as caught:
            check("step_lr_trace", early_trace)
        assert "points" not in str(caught.value)

    def test_a_lesson_alone_is_enough(self, tmp_path, monkeypatch):
        """A learner may have been given one lesson only."""
        folder = tmp_path / "steplr"
        folder.mkdir()
        source = checks.LESSONS / "steplr" / "checks.json"
        (folder / "checks.json").write_bytes(source.read_bytes())
        checks.load_checks.cache_clear()
        monkeypatch.setattr(checks, "LESSONS", tmp_path)
        try:
            assert check("step_lr", step_lr).progress.words == counted(1, 2)
        finally:
            checks.load_checks.cache_clear()
