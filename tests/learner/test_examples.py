"""The examples in docstrings that a learner calls up with help() do what they say."""

import doctest

import pytest

from lrlab import runs, training
from lrlab.data import _digits


@pytest.mark.parametrize(
    "function",
    [
        *(training.mlp, training.train, training.evaluate),
        *(runs.recorded, runs.Recorded.where, runs.mean_std),
    ],
)
def test_an_example_runs_and_shows_what_it_says(function):
    names = vars(training) | vars(runs) | {"load_mnist": _digits}
    [example] = doctest.DocTestFinder().find(function, function.__name__, globs=names)
    assert example.examples
    assert doctest.DocTestRunner().run(example).failed == 0
