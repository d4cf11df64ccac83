"""Every named mistake of the course gets a card that says its sentence."""

import xml.etree.ElementTree as ET

import pytest

from grader.exercises import EXERCISES
from lrlab import check
from lrlab.checking import progress


@pytest.mark.parametrize("name", EXERCISES)
def test_every_named_mistake_has_a_card(name, monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    progress.forget()
    for wrong in EXERCISES[name].misconceptions.values():
        answer = getattr(wrong, "answer", wrong)
        result = check(name, *(answer if isinstance(answer, tuple) else (answer,)))
        assert result.verdict.kind == "wrong"
        card = ET.fromstring(result._repr_html_())
        words = " ".join(" ".join(card.itertext()).split())
        assert result.verdict.diagnosis.replace("`", "").split()[0] in words
        assert (card.find(".//svg[@role='img']") is None) == (result.trace is None)
