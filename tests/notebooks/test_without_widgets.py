"""Where no widgets run (nbconvert, GitHub), every explorer leaves a figure and a sentence."""

import nbformat
import pytest
from nbconvert import HTMLExporter

from grader import paths
from grader.exercises import LESSONS
from lrlab import explore
from lrlab.explore.base import NOT_HERE


def _explorers(lesson):
    cells = nbformat.read(paths.solution(lesson), as_version=4).cells
    return [c for c in cells if c.cell_type == "code" and c.source.startswith("explore_")]


def test_every_explorer_is_shown_in_a_lesson():
    shown = {cell.source.partition("(")[0] for lesson in LESSONS for cell in _explorers(lesson)}
    assert shown == set(explore.__all__)


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_solved_lesson_as_a_page(lesson):
    for cell in _explorers(lesson):
        page, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
        assert page.count(NOT_HERE) == 1
        assert page.count("<figure>") == 1
        assert 'alt="' in page.split("<figure>")[1].split("<figcaption>")[0]
        assert "widget-view" not in page
