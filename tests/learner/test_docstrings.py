"""The examples in the docstrings of lrlab's figures and of `check` show what really comes out."""

import doctest
import importlib
import pkgutil

import pytest

from lrlab import checking, plots
from lrlab.checking import checks, codec, compare, judge, observe

MODULES = [
    plots,
    *(
        importlib.import_module(f"{checking.__name__}.{each.name}")
        for each in pkgutil.iter_modules(checking.__path__)
    ),
]
CALLED = [
    *(plots.plot_schedule, plots.plot_runs, checks.check, observe.observe, judge.judge),
    *(codec.plain, codec.dumps, codec.loads, compare.difference),
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_an_example_shows_what_comes_out(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("function", CALLED, ids=lambda function: function.__name__)
def test_what_people_call_has_an_example(function):
    [found] = doctest.DocTestFinder().find(function, function.__name__)
    assert found.examples
