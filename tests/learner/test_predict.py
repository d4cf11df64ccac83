"""Predictions: what their file may say, and the form that asks for them."""

import base64
import json
import os
import re

import pytest

from lrlab import own_files
from lrlab.folders import LESSONS
from lrlab.predicting import widget
from lrlab.predicting.predictions import BadPrediction, Prediction, every, load

GOOD = {
    'choices = ["up", "down"]\nanswer = "up"': "choice",
    'choices = ["up", "down"]\nanswer = ["up"]': "choices",
    'choices = ["up", "down"]\nanswer = []': "choices",
    "answer = 2.5\nunit = '%'": "numbers",
    "answer = { before = 1, after = 2 }\nwithin = 0.5": "numbers",
    "levels = [0.2, 0.1]\nanswer = [0.2, 0.1, 0.1]": "curve",
}
BAD = {
    'choices = ["up", "down"]': "no answer",
    'choices = ["up", "down"]\nanswer = "left"': "'left', which is not among the choices",
    'choices = ["up", "down"]\nanswer = ["up", "left"]': "'left', which is not among the choices",
    "answer = true": "True, which is not among numbers",
    "answer = { before = 'one' }": "'one', which is not among numbers",
    "levels = [0.2, 0.1]\nanswer = [0.2, 0.3]": "0.3, which is not among the levels",
    'choises = ["up"]\nanswer = "up"': "unexpected keyword argument 'choises'",
    "answer =": "is not TOML",
}


def _loaded(folder, text):
    (folder / "predictions.toml").write_text(f"[it]\n{text}\n")
    return load(folder)["it"]


@pytest.mark.parametrize("text", GOOD)
def test_the_answer_says_how_it_is_asked(tmp_path, text):
    assert _loaded(tmp_path, text).kind == GOOD[text]


@pytest.mark.parametrize("text", BAD)
def test_what_cannot_be_answered_is_refused(tmp_path, text):
    with pytest.raises(BadPrediction, match=re.escape(BAD[text])):
        _loaded(tmp_path, text)


@pytest.mark.parametrize("carries_code", [True, False])
@pytest.mark.parametrize("text", GOOD)
def test_a_form_is_readable_without_its_code_and_gives_nothing_away(tmp_path, text, carries_code):
    prediction = _loaded(tmp_path, text)
    form = widget.Form(prediction, {}, carries_code)
    page = form._repr_html_()
    shown = re.sub(r"<(style|script)>.*?</\1>|<[^>]*>", "", page, flags=re.DOTALL)
    assert shown == repr(form)
    assert shown.startswith("Predict before you read on: ")
    assert "answer" not in shown
    data = json.loads(base64.b64decode(re.search('data-prediction="(.*?)"', page)[1]))
    assert data["kind"] == GOOD[text]
    assert "said" not in data
    # Both are saved with the notebook, the code once.
    assert len(page) < (14_000 if carries_code else 2_500)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Somebody has the notebook open; what is said is kept in the folder."""
    monkeypatch.setattr(own_files, "folders", lambda: [tmp_path])
    monkeypatch.setenv("JPY_SESSION_NAME", "steplr/steplr.ipynb")
    known = {"it": Prediction("it", "up", choices=["up", "down"])}
    monkeypatch.setattr(widget, "every", lambda: known)
    return tmp_path


def _said(monkeypatch):
    shown = []
    monkeypatch.setattr(widget, "display", lambda form, display_id: shown.append(form))
    widget.predict("it")
    page = shown[0]._repr_html_()
    return json.loads(base64.b64decode(re.search('data-prediction="(.*?)"', page)[1]))


@pytest.mark.parametrize("said", ["up", "down", None])
def test_what_was_said_is_kept_and_shown_again(here, said, monkeypatch):
    assert "said" not in _said(monkeypatch)
    widget.noted({"id": "it", "said": said})
    assert json.loads((here / widget.KEPT).read_text()) == {"it": said}
    assert _said(monkeypatch)["said"] == said


@pytest.mark.parametrize("content", [None, "it", {}, {"id": "it"}, {"id": "other", "said": "up"}])
def test_anything_else_that_the_page_says_is_left_alone(here, content):
    widget.noted(content)
    assert os.listdir(here) == []


def test_where_nobody_is_nothing_is_kept_or_shown(here, monkeypatch):
    widget.noted({"id": "it", "said": "up"})
    monkeypatch.delenv("JPY_SESSION_NAME")
    widget.noted({"id": "it", "said": "down"})
    assert "said" not in _said(monkeypatch)
    assert json.loads((here / widget.KEPT).read_text()) == {"it": "up"}


def test_an_unknown_one_is_named(here):
    with pytest.raises(LookupError, match=r"no prediction 'other'. There are: it\."):
        widget.predict("other")


def test_every_lesson_s_predictions_can_be_read():
    assert set(every()) == {id for folder in LESSONS.glob("*/") for id in load(folder)}


def test_a_choice_stands_inside_a_sentence():
    """The page says "It is: …, …." of those that are right."""
    choices = [choice for asked in every().values() for choice in asked.choices]
    assert [choice for choice in choices if choice.endswith((".", "!", ","))] == []


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{5,}", text.lower().replace("_", " ")))


@pytest.mark.parametrize("lesson", sorted(path.parent for path in LESSONS.glob("*/*.toml")))
def test_neither_its_id_nor_the_cells_that_show_it_say_what_only_the_answer_says(lesson):
    cells = json.loads((lesson / f"{lesson.name}.ipynb").read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells]
    told = {}
    for id, asked in load(lesson).items():
        at = sources.index(f'predict("{id}")')
        answer = [asked.answer] if asked.kind == "choice" else asked.answer
        wrong = [choice for choice in asked.choices if choice not in answer]
        before = sources[max(at - 8, 0) : at]  # What the question speaks of is no secret.
        shown = [id]
        for cell, source in zip(cells[at + 1 : at + 4], sources[at + 1 :]):
            if cell["cell_type"] != "code":
                break
            shown.append(source)
        right = [choice for choice in asked.choices if choice in answer]
        only_right = _words(" ".join(right)) - _words(" ".join(wrong + before))
        only_wrong = _words(" ".join(wrong)) - _words(" ".join(right))
        said = _words(" ".join(shown))
        told[id] = set() if only_wrong & said else only_right & said  # Both sides: labels.
    assert {id: words for id, words in told.items() if words} == {}
