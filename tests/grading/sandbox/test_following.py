"""An answer that calls a wrong one may itself be right."""

import pytest

from grader.demo.write import answer_source
from grader.submission.grading import grade_submission

EARLY = """
def step_lr(lr0, step_size, gamma, epoch):
    return lr0 * gamma ** ((epoch + 1) // step_size)
"""
CALLS = """
def step_lr_trace(lr0, step_size, gamma, epochs):
    return [step_lr(lr0, step_size, gamma, epoch) for epoch in range(epochs)]
"""
CALLS_THAT = """
def group_traces(lrs, step_size, gamma, epochs):
    return [step_lr_trace(lr, step_size, gamma, epochs) for lr in lrs]
"""
COPIES = """
def step_lr_trace(lr0, step_size, gamma, epochs):
    return [lr0 * gamma ** ((epoch + 1) // step_size) for epoch in range(epochs)]
"""
OWN = """
def step_lr_trace(lr0, step_size, gamma, epochs):
    def step_lr(epoch):
        return lr0 * gamma ** ((epoch + 1) // step_size)
    return [step_lr(epoch) for epoch in range(epochs)]
"""
TOO_MANY = CALLS.replace("range(epochs)", "range(epochs + 1)")
NO_EPS = """
def clamp_lr(lr, factor, min_lr, eps):
    return max(lr * factor, min_lr)
"""
UPDATE = """
def plateau_update(state, metric, config):
    lr, best, bad, left = state["lr"], state["best"], state["bad"], state["cooldown_left"]
    if is_better(metric, best, config["mode"], config["threshold"], config["threshold_mode"]):
        best, bad = metric, 0
    else:
        bad += 1
    if left > 0:
        left, bad = left - 1, 0
    if bad > config["patience"]:
        lr = clamp_lr(lr, config["factor"], config["min_lr"], config["eps"])
        left, bad = config["cooldown"], 0
    return {"lr": lr, "best": best, "bad": bad, "cooldown_left": left}
"""


@pytest.fixture
def marks(sandbox, handed_in):
    def grade(lesson="steplr", **answers):
        graded = grade_submission(handed_in(lesson, answers), lesson, "seed", sandbox)
        return {mark.id: mark for mark in graded.exercises}

    return grade


def test_what_only_calls_a_wrong_answer_is_right_but_for_that(marks):
    found = marks(step_lr=EARLY, step_lr_trace=CALLS, group_traces=CALLS_THAT)
    assert found["step_lr"].score == 0
    for name, helper in (("step_lr_trace", "step_lr"), ("group_traces", "step_lr_trace")):
        mark = found[name]
        assert (mark.verdict, mark.score) == ("right", mark.max_score)
        assert mark.diagnosis == f"Right, but for `{helper}`, which it calls."


@pytest.mark.parametrize("source", [COPIES, OWN, TOO_MANY])
def test_a_mistake_of_its_own_stays_one(source, marks):
    mark = marks(step_lr=EARLY, step_lr_trace=source)["step_lr_trace"]
    assert (mark.verdict, mark.score) == ("wrong", 0)


def test_parts_of_a_state_machine_are_followed_too(marks):
    better = answer_source("is_better", "right")
    found = marks("plateau", is_better=better, clamp_lr=NO_EPS, plateau_update=UPDATE)
    assert found["clamp_lr"].verdict == "wrong"
    assert found["plateau_update"].verdict == "right"
