"""One submission through assemble, sandbox and judge: what it earns and what its learner reads."""

import json
import random
import sys
import textwrap
from bisect import bisect

import pytest
from points import most_of, points_of
from right_answers import STYLES

from grader import paths
from grader.exercises import EXERCISES, LESSONS, of_lesson
from grader.submission.grading import grade_submission
from grader.submission.limits import Limits
from grader.untrusted import observations
from lrlab import check
from lrlab.checking import codec
from lrlab.checking.judge import ONLY_VISIBLE

EARLY = """
def step_lr(lr0, step_size, gamma, epoch):
    return lr0 * gamma ** ((epoch + 1) // step_size)
"""
LESSON = "steplr"


@pytest.fixture
def grade(sandbox):
    return lambda content, lesson=LESSON, seed="seed": grade_submission(
        content, lesson, seed, sandbox
    )


def _mark(graded, exercise="step_lr"):
    (mark,) = [mark for mark in graded.exercises if mark.id == exercise]
    return mark


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_solution_gets_full_marks_with_any_seed_and_the_same_line_with_the_same(
    lesson, grade, handed_in, solved
):
    content = handed_in(lesson, solved(lesson))
    one, again, other = (grade(content, lesson, seed) for seed in ("a", "a", "b"))
    expected = ("graded", points_of(lesson), most_of(lesson))
    assert (one.status, one.score, one.max_score) == expected
    lines = [{**each.as_line("s", lesson), "seconds": 0} for each in (one, again, other)]
    assert lines[0] == lines[1] == lines[2]


DEEP = """
def step_lr(lr0, step_size, gamma, epoch):
    def down(n):
        return 0 if n == 0 else 1 + down(n - 1)
    down({depth})
    return lr0 * gamma ** (epoch // step_size)
"""


def _right_at_home(source):
    names = {}
    exec(source, names)
    return "Right" in str(check("step_lr", names["step_lr"]))


def test_the_deepest_recursion_that_is_right_at_home_is_right_when_graded(grade, handed_in):
    depths = range(sys.getrecursionlimit())
    too_deep = bisect(depths, False, key=lambda n: not _right_at_home(DEEP.format(depth=n)))
    source = DEEP.format(depth=too_deep - 1)
    assert _right_at_home(source)
    assert _mark(grade(handed_in(LESSON, {"step_lr": source}))).verdict == "right"


@pytest.mark.parametrize("lesson", LESSONS)
@pytest.mark.parametrize("style", range(max(map(len, STYLES.values()))))
def test_right_answers_in_any_style_get_full_marks(
    style, lesson, grade, handed_in, sandbox, monkeypatch
):
    """The style-th way to write each answer; helpers of one answer must not help another.

    The first way is the solution. Solutions call each other, so they are not mixed with the rest.
    """
    monkeypatch.setattr(sandbox, "limits", Limits())  # a class's, which some answers need
    names, answers = {}, {}
    for exercise in of_lesson(lesson):
        solution, *others = STYLES[exercise.id].items()
        way = others[(style - 1) % len(others)] if style and others else solution
        names[exercise.id], answers[exercise.id] = way
    graded = grade(handed_in(lesson, answers), lesson)
    wrong = {
        mark.id: (names[mark.id], mark.diagnosis)
        for mark in graded.exercises
        if mark.id in names and mark.verdict != "right"
    }
    assert (graded.status, wrong) == ("graded", {})


@pytest.mark.parametrize("lesson", LESSONS)
def test_an_untouched_lesson_is_unanswered(lesson, grade, untouched):
    graded = grade(untouched(lesson), lesson)
    assert (graded.status, graded.score) == ("graded", 0)
    assert {mark.verdict for mark in graded.exercises} == {"unanswered"}


def test_a_mistake_is_named_and_shown_on_a_case_that_the_learner_has(grade, handed_in):
    mark = _mark(grade(handed_in(LESSON, {"step_lr": EARLY})))
    assert mark.verdict == "wrong"
    assert mark.diagnosis.startswith("You drop one epoch early")
    assert {"step_size", "epoch", "yours", "expected"} <= {name for name, _ in mark.rows}


def test_a_near_miss_earns_part_of_its_points(grade, handed_in):
    rounded = EARLY.replace("(epoch + 1)", "epoch")
    rounded = rounded.replace("return ", "return round(").rstrip() + ", 4)"
    mark = _mark(grade(handed_in(LESSON, {"step_lr": rounded})))
    assert (mark.verdict, mark.score, mark.max_score) == ("wrong", 1, 2)


def test_a_table_of_the_visible_answers_earns_nothing_and_learns_nothing(grade, handed_in):
    exercise = EXERCISES["step_lr"]
    table = [
        (case, seen["value"])
        for case, seen in zip(exercise.visible_cases, exercise.expected(exercise.visible_cases))
    ]
    source = (
        f"TABLE = {table!r}\ndef step_lr(**case):\n"
        "    return next((value for known, value in TABLE if known == case), 0.123)"
    )
    mark = _mark(grade(handed_in(LESSON, {"step_lr": source})))
    assert (mark.verdict, mark.score, mark.diagnosis) == ("wrong", 0, ONLY_VISIBLE)
    assert ("yours", "0.123") in mark.rows
    assert "expected" not in {name for name, _ in mark.rows}


@pytest.mark.parametrize(
    ("source", "verdict", "diagnosis"),
    [
        ("", "unanswered", "Not answered yet."),
        ("def my_step_lr(**_): return 1", "error", "You define `my_step_lr`; `step_lr` is asked"),
        ("def step_lr(**_): ...", "unanswered", "Not answered yet."),
        ("def step_lr(:", "error", "Your answer cell stops with SyntaxError"),
        ("1 / 0", "error", "Your answer cell stops with ZeroDivisionError: division by zero"),
        ("def step_lr(**_): return 1 / 0", "error", "Your function raises ZeroDivisionError"),
        ("def step_lr(x): return x", "error", "Not called: your function takes (x)"),
        ("def step_lr(**_): x = 1", "wrong", "Your function returns None"),
        ("def step_lr(**_): raise SystemExit", "error", "Your function raises SystemExit"),
        ("def step_lr(**_):\n    while True: pass", "timeout", "Your function did not come to"),
    ],
)
def test_what_went_wrong_is_said(source, verdict, diagnosis, grade, handed_in):
    graded = grade(handed_in(LESSON, {"step_lr": source}))
    mark = _mark(graded)
    assert (graded.status, mark.verdict) == ("graded", verdict)
    assert mark.diagnosis.startswith(diagnosis)


# Each ends the process, or stays in C code where no alarm rings.
DEADLY = {
    "exits": ("import os\nos._exit(3)", "crashed", "ended Python itself (exit code 3)"),
    "segfault": ("import ctypes\nctypes.string_at(0)", "crashed", "ended Python itself"),
    "hangs": (
        "import ctypes, signal\nsignal.pthread_sigmask(0, [14])\nctypes.PyDLL(None).sleep(99)",
        "timeout",
        "did not come to an end in time",
    ),
    "memory": (
        "import os, time\nfor _ in range(4): os.fork()\nx = b'x' * (64 * 2**20)\ntime.sleep(99)",
        "memory",
        "used more than 0.5 GiB of memory",
    ),
}


@pytest.mark.parametrize("where", ["cell", "function"])
@pytest.mark.parametrize(("source", "status", "words"), DEADLY.values(), ids=DEADLY)
@pytest.mark.parametrize("exercise", ["make_scheduler", "resume"])
def test_an_exercise_that_ends_its_process_costs_itself_alone(
    exercise, source, status, words, where, grade, sandbox, handed_in, solved, monkeypatch
):
    if status == "memory":  # time enough to use it up, also on a busy machine
        little = Limits(memory_bytes=2**29, cell_seconds=30, seconds=60)
        monkeypatch.setattr(sandbox, "limits", little)
    if where == "function":  # that of `resume` is called in a process of its own
        name = "save" if exercise == "resume" else exercise
        source = f"def {name}(**_):\n" + textwrap.indent(source, "    ")
    graded = grade(handed_in(LESSON, solved(LESSON) | {exercise: source}))
    if (where, status) == ("function", "timeout"):
        assert (graded.status, graded.detail) == ("graded", "")
    else:
        assert graded.status == status
        assert f"`{exercise}`" in graded.detail and words in graded.detail
        assert graded.detail.endswith("; the rest was run.")
    assert words in _mark(graded, exercise).diagnosis
    assert graded.score == graded.max_score - _mark(graded, exercise).max_score


def test_however_many_cells_end_the_process_the_others_count(grade, handed_in, solved):
    deadly = [f"import os\nos._exit({number})" for number in range(12)]
    graded = grade(handed_in(LESSON, solved(LESSON), *deadly))
    assert (graded.status, graded.score) == ("crashed", graded.max_score)


def test_a_result_too_large_to_be_sent_costs_its_exercise_alone(grade, handed_in, solved):
    large = "def make_scheduler(**_): return {'k' * 9_000 + str(n): n for n in range(90)}"
    printing = "print('x' * 2**20)"
    graded = grade(handed_in(LESSON, solved(LESSON) | {"make_scheduler": large}, *[printing] * 40))
    mark = _mark(graded, "make_scheduler")
    assert (graded.status, graded.score) == ("graded", graded.max_score - mark.max_score)
    assert "too large" in mark.diagnosis


def test_what_save_keeps_in_python_does_not_reach_resume(grade, handed_in):
    """A new process goes on after a break: it has the file, and nothing else."""
    smuggle = """
kept = {}
def save(optimizer, scheduler):
    kept[len(kept)] = (optimizer.state_dict(), scheduler.state_dict())
    return {"number": len(kept) - 1}
def resume(optimizer, scheduler, checkpoint):
    optimizer.load_state_dict(kept[checkpoint["number"]][0])
    scheduler.load_state_dict(kept[checkpoint["number"]][1])
"""
    mark = _mark(grade(handed_in(LESSON, {"resume": smuggle})), "resume")
    assert (mark.verdict, mark.score) == ("error", 0)
    assert "KeyError" in mark.diagnosis


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("while True: pass", "timeout"),
        ("while True:\n    try:\n        while True: pass\n    except: pass", "timeout"),
        ("import time\nwhile True:\n    try: time.sleep(99)\n    except: pass", "timeout"),
        ("bytearray(3 * 2**30)", "memory"),
        ("import torch; torch.zeros(2**31)", "memory"),
    ],
)
def test_a_cell_beyond_its_limits_is_stopped_and_the_rest_counts(
    source, status, grade, handed_in, solved
):
    graded = grade(handed_in(LESSON, solved(LESSON), source))
    assert (graded.status, graded.score) == (status, graded.max_score)
    assert "in your own cell that begins" in graded.detail


def test_a_cell_that_resists_costs_nothing_but_itself(grade, handed_in, solved):
    resists = "import time\nwhile True:\n    try: time.sleep(99)\n    except BaseException: 0"
    graded = grade(handed_in(LESSON, solved(LESSON), resists))
    assert (graded.status, graded.score) == ("timeout", graded.max_score)
    assert graded.detail.startswith("Stopped in your own cell that begins `import time`")


def test_a_cell_that_lets_no_alarm_through_costs_nothing_but_itself(grade, handed_in, solved):
    resists = (
        "import signal\nsignal.pthread_sigmask(0, [signal.SIGALRM])\nimport time\ntime.sleep(99)"
    )
    graded = grade(handed_in(LESSON, solved(LESSON), resists))
    assert (graded.status, graded.score) == ("timeout", graded.max_score)
    assert graded.detail.startswith("Stopped in your own cell that begins `import signal`")


def test_what_is_printed_is_shown_and_not_believed(grade, handed_in):
    graded = grade(handed_in(LESSON, {}, "print('score: 20 of 20')"))
    (cell,) = [cell for cell in graded.cells if cell.origin == "extra" and "score" in cell.source]
    assert (cell.printed, graded.score) == ("score: 20 of 20\n", 0)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_notebook_with_nothing_of_the_lesson_is_unrecognised_and_says_why(lesson, grade):
    other = LESSONS[LESSONS.index(lesson) - 1]
    graded = grade(paths.released(other).read_bytes(), lesson)
    assert (graded.status, graded.score) == ("unrecognised", 0)
    assert graded.detail.startswith(f"This is a notebook of the lesson `{other}`")


def test_an_unreadable_file_scores_nothing_and_says_why(grade):
    graded = grade(b"{")
    assert (graded.status, graded.score, graded.max_score) == ("unreadable", 0, points_of(LESSON))
    assert graded.detail.startswith("The file is not a Jupyter notebook: it breaks off, so it is")


def _junk(rng: random.Random, depth: int = 0):
    kinds = ["none", "bool", "int", "float", "text", "other"] + ["list", "dict"] * (depth < 4)
    kind = rng.choice(kinds)
    if kind == "list":
        return [_junk(rng, depth + 1) for _ in range(rng.randint(0, 4))]
    if kind == "dict":
        words = ["value", "error", "unanswered", "timeout", "changed", "consequence", "unusable"]
        words += ["reason", "events", "lrs", "type", "message", "source", "line", "drops", "0"]
        return {rng.choice(words): _junk(rng, depth + 1) for _ in range(rng.randint(0, 4))}
    return {
        "none": None,
        "bool": rng.random() < 0.5,
        "int": rng.choice([0, -1, 10**30]),
        "float": rng.choice([0.1, float("nan"), float("inf"), 1e308]),
        "text": rng.choice(["", "diverging", "x" * 1000]),
        "other": codec.Other("thing"),
    }[kind]


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda each: each.id)
def test_forged_observations_never_break_the_judge_nor_earn_anything(exercise, monkeypatch):
    cases = exercise.visible_cases
    rng = random.Random(exercise.id)
    for _ in range(150):
        forged = [_junk(rng) for _ in cases]
        if rng.random() < 0.7:
            key = rng.choice(["value", "error", "consequence", "unusable", "changed"])
            forged = [{key: each} for each in forged]
        observed = observations(codec.dumps(forged), len(cases))
        if observed is not None:
            verdict = exercise.judge(cases, observed)
            assert verdict.credit == 0
            json.dumps(verdict.diagnosis)
