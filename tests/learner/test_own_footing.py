"""What a notebook has done to torch and Python never reaches the one who observes an answer."""

import builtins
import contextlib
import decimal
import linecache
import struct
import warnings

import numpy as np
import pytest
import torch
from IPython.core.completer import ProvisionalCompleterWarning
from numpy.exceptions import ComplexWarning
from torch.jit import TracerWarning
from torch.optim.lr_scheduler import StepLR

from lrlab import check
from lrlab.checking import checks, guard, progress
from lrlab.checking.footing import BUILTINS, OWN_BUILTINS, own_footing
from lrlab.checking.messages import error_sentence
from lrlab.checking.observe import observe, to_consequence
from lrlab.checking.observers import pure
from lrlab.checking.watch import watch_of


def raises(*_args, **_options):
    raise RuntimeError("somebody put this here")


@contextlib.contextmanager
def _replaced(owner, name, value):
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextlib.contextmanager
def _set(setter, value, before):
    setter(value)
    try:
        yield
    finally:
        setter(before)


@contextlib.contextmanager
def _warnings_are_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


DISTURBANCES = {
    "float64 is the default": lambda: _set(
        torch.set_default_dtype, torch.float64, torch.get_default_dtype()
    ),
    "float16 is the default": lambda: _set(
        torch.set_default_dtype, torch.float16, torch.get_default_dtype()
    ),
    "no gradients": lambda: _set(torch.set_grad_enabled, False, True),
    "inference mode": torch.inference_mode,
    "another device": lambda: _set(torch.set_default_device, "meta", None),
    "four threads": lambda: _set(torch.set_num_threads, 4, torch.get_num_threads()),
    "a seed": lambda: _set(torch.manual_seed, 3, 4),
    "warnings are errors": _warnings_are_errors,
    "another warn": lambda: _replaced(warnings, "warn", raises),
    "another showwarning": lambda: _replaced(warnings, "showwarning", raises),
    "another print": lambda: _replaced(builtins, "print", raises),
    "decimals of three digits": lambda: decimal.localcontext(prec=3),
    "NumPy's errors are exceptions": lambda: np.errstate(all="raise"),
}


def read_lrs(optimizer):
    return [group["lr"] for group in optimizer.param_groups]


def make_scheduler(optimizer, step_size, gamma):
    return StepLR(optimizer, step_size=step_size, gamma=gamma)


def fit(optimizer, scheduler, batches, epochs, train_batch):
    lrs = []
    for _ in range(epochs):
        lrs.append(optimizer.param_groups[0]["lr"])
        for batch in batches:
            train_batch(batch)
            optimizer.step()
        scheduler.step()
    print("trained")
    return lrs


def scheduler_first(optimizer, scheduler, batches, epochs, train_batch):
    """torch itself warns of this order."""
    lrs = []
    for _ in range(epochs):
        scheduler.step()
        lrs.append(optimizer.param_groups[0]["lr"])
        for batch in batches:
            train_batch(batch)
            optimizer.step()
    return lrs


def save(optimizer, scheduler):
    return {"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}


def resume(optimizer, scheduler, checkpoint):
    optimizer.load_state_dict(checkpoint["optimizer"])
    scheduler.load_state_dict(checkpoint["scheduler"])


def fit_plateau(optimizer, scheduler, epochs, train_epoch, validate):
    lrs = []
    for _ in range(epochs):
        lrs.append(optimizer.param_groups[0]["lr"])
        train_epoch()
        scheduler.step(validate())
    return lrs


def find_config(metrics, drops):
    return {"patience": 2}


ANSWERS = {
    "step_lr": (lambda lr0, step_size, gamma, epoch: lr0 * gamma ** (epoch // step_size),),
    "read_lrs": (read_lrs,),
    "make_scheduler": (make_scheduler,),
    "fit": (fit,),
    "fit, the scheduler first": (scheduler_first,),
    "resume": (save, resume),
    "fit_plateau": (fit_plateau,),
    "find_config": (find_config,),
}


def _seen(name):
    """What `check` says, and what the grader would see, of an answer."""
    exercise, _, _ = name.partition(",")
    verdict = check(exercise, *ANSWERS[name]).verdict
    cases = checks.load_checks()[exercise].cases
    seen = [
        to_consequence(exercise, case, observe(exercise, ANSWERS[name], case)) for case in cases
    ]
    return verdict, seen


@pytest.fixture(scope="module", params=ANSWERS)
def undisturbed(request):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return request.param, _seen(request.param)


@pytest.mark.parametrize("disturbance", DISTURBANCES)
def test_an_answer_is_seen_as_in_a_fresh_kernel(disturbance, undisturbed):
    name, expected = undisturbed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with DISTURBANCES[disturbance]():
            assert _seen(name) == expected
    assert expected[0].kind == (
        "wrong" if name in ("fit, the scheduler first", "find_config") else "right"
    )


class OwnWarning(UserWarning):
    """As a learner or a library may define one."""


@pytest.mark.parametrize(
    "category",
    [ProvisionalCompleterWarning, ComplexWarning, OwnWarning],
    ids=lambda each: each.__name__,
)
def test_warnings_that_nobody_here_gives_are_no_disturbance(category):
    """IPython makes errors of such ones in each notebook; to restore takes longer than to look."""
    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.simplefilter("error", category)
        assert isinstance(own_footing(), contextlib.nullcontext)


@pytest.mark.parametrize("category", [Warning, UserWarning, FutureWarning, TracerWarning])
def test_warnings_that_torch_gives_are_put_right(category):
    with warnings.catch_warnings():
        warnings.simplefilter("error", category)
        with own_footing():
            warnings.warn("of torch", category, stacklevel=1)


def test_what_the_notebook_has_set_is_as_it_was_after_the_check():
    with _replaced(builtins, "print", raises), _set(torch.set_grad_enabled, False, True):
        observe("fit", ANSWERS["fit"], checks.load_checks()["fit"].cases[0])
        assert (builtins.print, torch.is_grad_enabled()) == (raises, False)


def _card(answer):
    progress.forget()  # Each card that fails has more to say.
    result = check("step_lr", answer)
    return result.verdict, result.__repr__(), result._repr_html_()


@pytest.mark.parametrize("deleted", [False, True], ids=["replaced", "deleted"])
@pytest.mark.parametrize("right", [False, True], ids=["wrong", "right"])
def test_a_card_needs_none_of_the_builtins_that_a_cell_may_have_replaced(deleted, right):
    answer = ANSWERS["step_lr"][0] if right else lambda lr0, step_size, gamma, epoch: lr0 * gamma
    expected = _card(answer)
    for name, own in OWN_BUILTINS.items():
        # Whatever is called from here to the end may need the builtin that is not there.
        if deleted:
            del BUILTINS[name]
        else:
            BUILTINS[name] = raises
        try:
            shown, left = _card(answer), BUILTINS.get(name)
        finally:
            BUILTINS[name] = own
        assert shown == expected, name
        assert left is (None if deleted else raises), name


def _error_of(source):
    """What is said of a cell's answer, which fails; its lines are known, as those of a cell are."""
    linecache.cache["<cell>"] = (len(source), None, source.splitlines(keepends=True), "<cell>")
    cell = {}
    exec(compile(source, "<cell>", "exec"), cell)
    return error_sentence(observe("step_lr", cell["step_lr"], {"lr0": 0.1})["error"])


SHADOWING = {
    "in the notebook": "{name} = {value}\ndef step_lr(**case):\n    return {name}(case)",
    "in the answer": "def step_lr(**case):\n    {name} = {value}\n    return {name}(case)",
    "in a loop around": (
        "def step_lr(**case):\n    for {name} in [{value}]:\n"
        "        return [{name}(each) for each in case]"
    ),
    "in another function": (
        "{name} = {value}\ndef helper(case):\n    return {name}(case)\n"
        "def step_lr(**case):\n    return helper(case)"
    ),
}


@pytest.mark.parametrize("where", SHADOWING)
@pytest.mark.parametrize("value", ["3", "[0.1, 0.2]", "None"])
def test_a_variable_that_hides_a_function_of_python_is_named(where, value):
    for name in OWN_BUILTINS:
        said = _error_of(SHADOWING[where].format(name=name, value=value))
        assert f"A variable is called `{name}` and hides" in said, name


@pytest.mark.parametrize("call", ["lr0(3)", "float('nan')(4)", "other(3)", "max(lr0, 1.0)(2)"])
def test_no_variable_is_blamed_for_another_call(call):
    said = _error_of(f"other = sum = 0.5\ndef step_lr(lr0):\n    return sum + {call}")
    assert said.startswith("Your function raises TypeError") and "hides" not in said


@pytest.mark.parametrize("keyword", [False, True])
@pytest.mark.parametrize("returns", ["the loss", "nothing"])
def test_a_step_that_takes_a_closure_is_an_update(keyword, returns):
    def with_closure(optimizer, scheduler, batches, epochs, train_batch):
        lrs = []
        for _ in range(epochs):
            lrs.append(optimizer.param_groups[0]["lr"])
            for batch in batches:

                def closure(batch=batch):
                    loss = train_batch(batch)
                    return loss if returns == "the loss" else None

                optimizer.step(**{"closure": closure}) if keyword else optimizer.step(closure)
            scheduler.step()
        return lrs

    assert check("fit", with_closure).verdict.kind == "right"


def _narrow(value):
    """A value as float32 arithmetic gives it, in Python's own types."""
    if isinstance(value, list):
        return [_narrow(each) for each in value]
    if isinstance(value, dict):
        return {key: _narrow(each) for key, each in value.items()}
    return struct.unpack("f", struct.pack("f", value))[0] if isinstance(value, float) else value


VALUED = {
    name: each
    for name, each in checks.load_checks().items()
    if watch_of(name).observe is pure
    and all(set(seen) == {"value"} for seen in each.expected)
    and any(_narrow(seen) != seen for seen in each.expected)
    and not any(isinstance(seen["value"], dict) for seen in each.expected)
}


@pytest.mark.parametrize("exercise", VALUED)
@pytest.mark.parametrize("made", ["item", "tensor", "rounded"])
def test_float32_is_right_as_a_tensor_and_as_its_item(exercise, made):
    """A number that has as many digits as Python's own is not excused."""
    known = VALUED[exercise]

    def answer(**case):
        value = known.expected[known.cases.index(case)]["value"]
        if made == "item":
            return _narrow(value)
        if made == "tensor":
            return _changed(value, torch.tensor)
        return _changed(value, lambda number: number * (1 + 5e-8))

    kind = check(exercise, answer).verdict.kind
    assert kind == ("wrong" if made == "rounded" else "right")


def _changed(value, change):
    if isinstance(value, list):
        return [_changed(each, change) for each in value]
    return change(value) if isinstance(value, float) else value


def test_a_shell_without_ask_exit_is_enough(monkeypatch):
    class Shell:
        """As xeus-python has it, and other kernels."""

    import IPython

    monkeypatch.setattr(IPython, "get_ipython", Shell)
    assert guard.run_guarded(lambda: 3, seconds=5) == (3, "")


@pytest.mark.parametrize("exercise", ["step_lr", "fit"])
def test_torch_is_warm_before_any_clock_runs(exercise, monkeypatch):
    done = []
    monkeypatch.setattr(checks, "warm_up", lambda: done.append("warm"))
    monkeypatch.setattr(
        checks, "run_guarded", lambda work, seconds: (done.append("clock"), (work(), ""))[1]
    )
    check(exercise, *ANSWERS[exercise])
    assert done == ["warm", "clock"]
