"""What a notebook has done to torch and Python never reaches the one who observes an answer."""

import builtins
import contextlib
import decimal
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
from lrlab.checking import checks, guard
from lrlab.checking.footing import own_footing
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
