"""An observer sees whatever an answer does to the optimizer that it is given."""

import pytest
import torch

from grader.exercises import EXERCISES


def _group(name, value):
    return lambda optimizer: optimizer.param_groups[-1].update({name: value})


SETTINGS = {
    "initial_lr": _group("initial_lr", 9.0),
    "weight_decay": _group("weight_decay", 0.5),
    "a key of its own": _group("note", "seen"),
    "defaults": lambda optimizer: optimizer.defaults.update(weight_decay=0.5),
    "one group more": lambda optimizer: optimizer.add_param_group(
        {"params": [torch.zeros(1, requires_grad=True)]}
    ),
    "other parameters": lambda optimizer: (
        optimizer.param_groups[0]["params"].reverse()
        or optimizer.param_groups[0]["params"].append(torch.zeros(1, requires_grad=True))
    ),
}
HOOKS = {
    "pre hook": lambda optimizer: optimizer.register_step_pre_hook(lambda *_: None),
    "post hook": lambda optimizer: optimizer.register_step_post_hook(lambda *_: None),
    "state hook": lambda optimizer: optimizer.register_state_dict_pre_hook(lambda *_: None),
}
LOOPS = ("fit", "fit_updates", "fit_accumulate", "fit_plateau")
OTHERS = ("read_lrs", "make_scheduler", "make_schedule", "resume")
TOUCHED = [
    (exercise, name)
    for exercise in (*LOOPS, *OTHERS)
    for name in (SETTINGS if exercise in LOOPS else SETTINGS | HOOKS)
    if (exercise, name) != ("make_schedule", "initial_lr")  # it is what LambdaLR multiplies
]


def _judged(exercise, answer):
    known = EXERCISES[exercise]
    cases = known.directed[:2]
    return known.judge(cases, known.observe(answer, cases))


@pytest.mark.parametrize(("exercise", "name"), TOUCHED, ids=map(": ".join, TOUCHED))
def test_an_answer_that_changes_the_rest_of_the_optimizer_is_wrong(exercise, name):
    reference = EXERCISES[exercise].reference
    *first, last = reference if isinstance(reference, tuple) else (reference,)

    def touching(**arguments):
        value = last(**arguments)
        (SETTINGS | HOOKS)[name](arguments["optimizer"])
        return value

    answer = (*first, touching) if first else touching
    assert _judged(exercise, reference).kind == "right"
    verdict = _judged(exercise, answer)
    assert verdict.kind == "wrong"
    if name in HOOKS or name in ("initial_lr", "a key of its own"):
        assert "optimizer" in verdict.diagnosis


@pytest.mark.parametrize(
    "made", [tuple, list, repr, len, lambda _: None], ids=lambda made: made.__name__
)
def test_save_has_to_return_a_dict(made):
    save, restore = EXERCISES["resume"].reference
    kept = []

    def save_another(optimizer, scheduler):
        kept.append(save(optimizer, scheduler))
        return made(kept[-1])

    def restore_kept(optimizer, scheduler, checkpoint):
        restore(optimizer, scheduler, kept[-1])

    verdict = _judged("resume", (save_another, restore_kept))
    assert verdict.kind in ("error", "wrong")
    assert "`save` returns" in verdict.diagnosis
    assert "dict" in verdict.diagnosis
