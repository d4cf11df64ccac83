"""Where no widgets run (nbconvert, GitHub), every explorer leaves a figure and a sentence."""

import nbformat
import pytest
from nbconvert import HTMLExporter

from grader import paths
from grader.exercises import LESSONS
from lrlab.explore.base import NOT_HERE


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_solved_lesson_as_a_page(lesson):
    notebook = nbformat.read(paths.solution(lesson), as_version=4)
    explorers = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.source.startswith("explore_")
    ]
    assert explorers
    for cell in explorers:
        page, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
        assert page.count(NOT_HERE) == 1
        assert page.count("<figure>") == 1
        assert 'alt="' in page.split("<figure>")[1].split("<figcaption>")[0]
        assert "widget-view" not in page
