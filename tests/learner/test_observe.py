"""Stubs are recognised, and exceptions are the same mistake, on every Python."""

import json

import pytest

from lrlab import check
from lrlab.checking import checks
from lrlab.checking.alike import identity
from lrlab.checking.answer import is_stub
from lrlab.checking.observe import observe

STUBS = """
pass
...
return
return None
return ...
"Only a docstring."
"Docstring."; pass
"Docstring."; return None
raise NotImplementedError
raise NotImplementedError  # replace this line
raise NotImplementedError()
raise NotImplementedError("not yet")
"Docstring."; raise NotImplementedError("not yet")
"""
ANSWERS = """
return 0
return 1
return 300
return -1
return 0.5
return True
return ""
return "text"
return ()
return (1, 2)
return []
return x
return not x
return x if x else 0
return NotImplementedError
print()
x = 1
x += 1
raise ValueError
raise NotImplementedError(x)
raise NotImplementedError from x
if x: raise NotImplementedError
for _ in x: pass
while True: pass
assert x
yield
yield None
return lambda: None
global y; y = None
import math
del x
"""


def _function(body):
    names = {}
    exec("def answer(x):\n    " + body, names)
    return names["answer"]


@pytest.mark.parametrize("body", STUBS.strip().splitlines())
def test_a_body_that_does_nothing_is_a_stub(body):
    assert is_stub(_function(body))


@pytest.mark.parametrize("body", ANSWERS.strip().splitlines())
def test_a_body_that_does_anything_is_an_answer(body):
    assert not is_stub(_function(body))


def _raising(error):
    def answer(lr0, step_size, gamma, epoch):
        if epoch == 0:
            raise error
        return lr0 * gamma ** (step_size // epoch)

    return answer


@pytest.mark.parametrize(
    "text", ["division by zero", "integer division or modulo by zero", "float floor division", ""]
)
def test_a_mistake_is_named_whatever_python_says_of_it(text):
    """Python 3.14 words ZeroDivisionError in another way than those before it."""
    result = check("step_lr", _raising(ZeroDivisionError(text)))
    assert result.verdict.diagnosis.startswith("You divide by epoch")
    other = check("step_lr", _raising(OverflowError(text)))
    assert other.verdict.diagnosis.startswith("Your function raises OverflowError")


def test_nothing_that_is_compiled_holds_the_text_of_an_exception():
    compiled = [
        seen
        for each in checks.load_checks().values()
        for mistake in each.misconceptions
        for seen in mistake.observed
    ]
    assert all(identity(seen) == seen for seen in compiled)
    assert sum("error" in seen for seen in compiled) > 10
    assert "Error:" not in json.dumps([seen.get("step") for seen in compiled])


def _asks_for_a_key(optimizer):
    return optimizer.param_groups[0]["initial_lr"]


def _asks_for_an_attribute(optimizer):
    return [optimizer.lr for _ in range(1)]


def _asks_for_a_variable(optimizer):
    return learning_rate  # noqa: F821


def _strange_key(optimizer):
    raise KeyError("no word", 3)


def _strange_name(optimizer):
    raise AttributeError("text", name=["lr"])


def _hides(optimizer):
    class Hiding(AttributeError):
        name = property(lambda self: 1 / 0)

    raise Hiding


def _misuses_torch(optimizer):
    optimizer.add_param_group([])


def _asks_what_is_watched(optimizer):
    for group in optimizer.param_groups:
        del group["lr"]


@pytest.mark.parametrize(
    ("answer", "known"),
    [
        (_asks_for_a_key, {"type": "KeyError", "missing": "initial_lr"}),
        (_asks_for_an_attribute, {"type": "AttributeError", "missing": "lr"}),
        (_asks_for_a_variable, {"type": "NameError", "missing": "learning_rate"}),
        (_strange_key, {"type": "KeyError"}),
        (_strange_name, {"type": "AttributeError"}),
        (_hides, {"type": "Hiding"}),
        (_misuses_torch, {"type": "TypeError", "raised_in": "add_param_group"}),
        (
            _asks_what_is_watched,  # a comprehension of ours: no frame of its own since Python 3.12
            {"type": "KeyError", "missing": "lr", "raised_in": "lrs_of"},
        ),
    ],
)
def test_an_exception_is_known_by_what_python_and_torch_do_not_reword(answer, known):
    seen = observe("read_lrs", answer, {"optimizer": "SGD", "lrs": [0.1, 0.2]})
    assert identity(seen) == {"error": known}


@pytest.mark.parametrize(
    ("exercise", "answer", "own_words"),
    [
        (
            "fit_plateau",
            lambda optimizer, scheduler, epochs, train_epoch, validate: [1 for _ in epochs],
            "'int' object is not iterable",
        ),
        (
            "fit",
            lambda optimizer, scheduler, batches, epochs, train_batch: optimizer.zero_gradd(),
            "zero_gradd",
        ),
        ("make_scheduler", lambda optimizer, step_size, gamma: {}["gamma"], "KeyError: 'gamma'"),
    ],
)
def test_another_exception_of_the_same_type_is_another_mistake(exercise, answer, own_words):
    verdict = check(exercise, answer).verdict
    assert verdict.kind == "error"
    assert own_words in verdict.diagnosis


def test_the_card_of_a_named_mistake_shows_what_python_said():
    result = check("read_lrs", lambda optimizer: optimizer.lr)
    assert result.verdict.kind == "wrong"
    assert "yours = AttributeError: 'SGD' object has no attribute 'lr'" in repr(result)
    assert "AttributeError: " in result._repr_html_()
