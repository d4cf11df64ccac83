"""`check` names mistakes, never raises at home, and speaks nbgrader's language under nbgrader."""

import logging
import os
import re
import sys
import time
import warnings

import numpy as np
import pytest
import torch

from lrlab import check
from lrlab.checking import checks, guard, progress


def step_lr(lr0, step_size, gamma, epoch):
    return lr0 * gamma ** (epoch // step_size)


def test_right(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    result = check("step_lr", step_lr)
    assert result.verdict.kind == "right"
    assert result.earned == 2
    assert "✓ Right (2 points)" in repr(result)


def test_a_named_mistake_shows_its_sentence_and_the_first_case():
    def early(lr0, step_size, gamma, epoch):
        return lr0 * gamma ** ((epoch + 1) // step_size)

    result = check("step_lr", early)
    known = {each.sentence for each in checks.load_checks()["step_lr"].misconceptions}
    assert result.verdict.diagnosis in known
    for shown in (repr(result), result._repr_html_()):
        assert "step_size" in shown
        assert "expected" in shown


def _raises(**_):
    raise RuntimeError("<b>oops</b>")


def _raises_what_cannot_be_shown(**_):
    class Silent(BaseException):
        def __str__(self):
            raise ValueError

    raise Silent


def _warns(**_):
    warnings.warn("careful", UserWarning, stacklevel=1)
    print("to stderr", file=sys.stderr)


def _changes_its_arguments(**arguments):
    arguments.clear()


def _recurses(**arguments):
    return _recurses(**arguments)


@pytest.mark.parametrize(
    ("answer", "verdict", "sentence"),
    [
        (_raises, "error", "RuntimeError: <b>oops</b>"),
        (_raises_what_cannot_be_shown, "error", "Silent"),
        (lambda **_: sys.exit("bye"), "error", "SystemExit"),
        (lambda **_: os._exit(1), "error", "tried to end"),
        (lambda **_: os.abort(), "error", "tried to end"),
        (lambda **_: input("?"), "error", "tried to end"),
        (_warns, "wrong", "None"),
        (_changes_its_arguments, "wrong", "None"),
        (_recurses, "error", "RecursionError"),
        (lambda **_: print("x" * 10_000_000), "wrong", "None"),
        (lambda **_: object(), "wrong", "object"),
        (lambda **_: (x for x in ()), "wrong", "generator"),
        (lambda **_: "0.1", "wrong", "a text"),
        (lambda **_: True, "wrong", "True or False"),
        (lambda **_: 10**10_000, "wrong", "very large"),
        (lambda lr, size: 0.1, "error", "(lr, size), but is called with (lr0, step_size"),
        (lambda: 0.1, "error", "no parameters"),
        ("no function", "error", "not callable"),
        (None, "unanswered", "Not answered"),
        (..., "unanswered", "Not answered"),
    ],
)
def test_never_raises_at_home(answer, verdict, sentence, capfd):
    result = check("step_lr", answer)
    assert result.verdict.kind == verdict
    assert sentence in result.verdict.diagnosis
    assert len(repr(result)) < 5_000
    assert "<b>oops" not in result._repr_html_()
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""


def _forgotten(lr0, step_size, gamma, epoch):
    lr = lr0 * gamma ** (epoch // step_size)
    raise NotImplementedError
    return lr


@pytest.mark.parametrize(
    ("exercise", "answers", "verdict", "sentence"),
    [
        # Handing back the consequence that is looked for is no answer.
        ("find_config", [lambda metrics, drops: {"drops": drops}], "wrong", "unexpected keyword"),
        (
            "design_schedule",
            [lambda lr0, lr_end, epochs, drops: {"drops": drops, "last lr": lr_end}],
            "wrong",
            "a pair (step_size, gamma)",
        ),
        ("find_config", [lambda metrics, drops: {"factor": 1.0}], "wrong", "should be < 1.0"),
        ("step_lr", [_forgotten], "error", "Remove the line"),
        ("resume", [step_lr], "error", "takes 2 functions"),
        ("step_lr", [], "error", "takes 1 function"),
        (["step_lr"], [step_lr], "error", "There is no exercise"),
        ("step_lr", [lambda **_: torch.eye(2).to_sparse()], "wrong", "no array of numbers"),
        ("step_lr", [lambda **a: np.longdouble(step_lr(**a))], "right", ""),
        (
            "design_schedule",
            [lambda lr0, lr_end, epochs, drops: (
                (epochs - 1) // drops, torch.tensor(lr_end / lr0) ** (1 / drops)
            )],
            "right",
            "",
        ),
        ("sgd_step", [lambda w, grad, lr: torch.tensor(w) - lr * torch.tensor(grad)], "right", ""),
        (
            "count_updates",
            [lambda num_examples, batch_size, epochs, drop_last: 1e-10 + epochs * (
                num_examples // batch_size if drop_last else -(-num_examples // batch_size)
            )],
            "wrong",
            "exactly",
        ),
    ],
)  # fmt: skip
def test_odd_answers(exercise, answers, verdict, sentence):
    result = check(exercise, *answers)
    assert result.verdict.kind == verdict
    assert sentence in repr(result)


def test_logging_costs_nothing(capfd):
    handler = logging.StreamHandler(sys.stderr)
    logger = logging.getLogger("an answer that logs")
    logger.addHandler(handler)

    def logs(lr0, step_size, gamma, epoch):
        logger.warning("careful")
        return step_lr(lr0, step_size, gamma, epoch)

    assert check("step_lr", logs).verdict.kind == "right"
    assert capfd.readouterr().err == ""
    logger.removeHandler(handler)


@pytest.mark.parametrize("stubborn", [False, True])
def test_an_endless_loop_is_stopped(stubborn, monkeypatch):
    monkeypatch.setattr(checks, "SECONDS", 0.2)
    give_up = time.monotonic() + 3  # the stubborn one must not burden the tests after this one

    def endless(lr0, step_size, gamma, epoch):
        while time.monotonic() < give_up:
            try:
                while time.monotonic() < give_up:
                    pass
            except BaseException:
                if not stubborn:
                    raise

    result = check("step_lr", endless)
    assert result.verdict.kind == "timeout"
    told = r"within 0\.2 seconds\. It was stopped at line \d+: `(while|pass|try|except|if not)"
    assert re.search(told, result.verdict.diagnosis)


def test_what_cannot_be_stopped_says_what_to_do(monkeypatch):
    monkeypatch.setattr(checks, "SECONDS", 0.1)
    result = check("step_lr", lambda **_: time.sleep(2))  # nothing is raised inside of C
    assert result.verdict.kind == "timeout"
    assert "Restart the kernel" in repr(result)


def test_an_unknown_exercise_is_answered_with_the_known_ones():
    sentence = check("step_rl", step_lr).verdict.diagnosis
    assert "step_rl" in sentence
    assert "step_lr, " in sentence


def test_printing_helps_to_find_the_mistake():
    def chatty(lr0, step_size, gamma, epoch):
        print("epoch is", epoch)
        return 0.0

    assert "epoch is 0" in repr(check("step_lr", chatty))


def test_exits_are_restored_after_a_check():
    before = (os._exit, os.abort, input)
    check("step_lr", step_lr)
    assert (os._exit, os.abort, input) == before


def test_what_is_printed_is_bounded():
    printed = guard.Printed()
    for _ in range(1000):
        printed.write("x" * 1000)
    assert len(printed.text) == guard.PRINTED_CHARS_KEPT


class TestUnderNbgrader:
    """NBGRADER_EXECUTION is set by nbgrader's Validate button and by its autograder."""

    @pytest.mark.parametrize("mode", ["validate", "autograde"])
    def test_a_right_answer_returns_its_points(self, mode, monkeypatch):
        monkeypatch.setenv("NBGRADER_EXECUTION", mode)
        assert check("step_lr", step_lr) == 2

    @pytest.mark.parametrize("mode", ["validate", "autograde"])
    def test_a_wrong_answer_raises_its_diagnosis(self, mode, monkeypatch):
        monkeypatch.setenv("NBGRADER_EXECUTION", mode)
        with pytest.raises(AssertionError, match="None: is a `return` missing") as caught:
            check("step_lr", lambda **_: print())
        assert max(map(len, str(caught.value).splitlines())) <= 76

    def test_a_near_miss_earns_part_of_the_points(self, monkeypatch):
        def rounded(lr0, step_size, gamma, epoch):
            return round(step_lr(lr0, step_size, gamma, epoch), 4)

        monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
        assert check("step_lr", rounded) == 1
        monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
        with pytest.raises(AssertionError, match="close: 1 of 2 points"):
            check("step_lr", rounded)


def test_an_answer_that_calls_a_wrong_one_is_told_to_mend_that_first():
    progress.forget()

    def step_lr(lr0, step_size, gamma, epoch):
        return lr0 * gamma ** ((epoch + 1) // step_size)

    namespace = {"step_lr": step_lr}
    trace = "lambda lr0, step_size, gamma, epochs: [step_lr(lr0, step_size, gamma, e) for e in "
    calling = eval(trace + "range(epochs)]", namespace)
    sentence = "`step_lr`, which it calls, is not right yet: mend that first."
    assert sentence not in check("step_lr_trace", calling).verdict.diagnosis
    check("step_lr", step_lr)
    assert check("step_lr_trace", calling).verdict.diagnosis.endswith(sentence)
