"""The digits beside a live run: which they are, what a page gets, and how they come to be read."""

import asyncio
import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image

from lrlab import explore_constant
from lrlab.data import _digits
from lrlab.explore import digits, live
from lrlab.training import mlp


def test_they_are_validation_digits_that_their_neighbours_misread():
    images = _digits()
    chosen = digits.hard_ones(images, 12)
    labels = images.y_val[chosen]
    assert len(set(chosen.tolist())) == 12
    assert labels.tolist() == sorted(labels.tolist())
    means = torch.stack([images.x_val[images.y_val == label].mean(0) for label in range(10)])
    for x, label in zip(images.x_val[chosen], labels, strict=True):
        assert (means - x).norm(dim=1).argmin() != label


@pytest.mark.parametrize("count", [1, 12, 250])
def test_as_many_are_seen_as_are_wanted_even_where_few_are_hard(count):
    images = _digits()
    assert len(set(digits.hard_ones(images, count).tolist())) == count


def test_a_page_gets_labels_and_ink():
    images = _digits()
    chosen = torch.tensor([5, 0, 17])
    shown = digits.shown(images, chosen)
    assert shown["labels"] == images.y_val[chosen].tolist()
    picture = Image.open(io.BytesIO(base64.b64decode(shown["strip"].partition(",")[2])))
    assert (picture.mode, picture.size) == ("LA", (3 * digits.SIDE, digits.SIDE))
    ink = np.asarray(picture)[:, :, 1].reshape(digits.SIDE, 3, digits.SIDE)
    for place, x in enumerate(images.x_val[chosen]):
        pixels = x.view(digits.SIDE, digits.SIDE).numpy()
        assert np.corrcoef(ink[:, place].ravel(), pixels.ravel())[0, 1] > 0.999
    assert len(shown["strip"]) < 8_000


def test_the_news_say_how_they_are_read_from_the_first_batch_to_the_last(monkeypatch):
    images = _digits()
    monkeypatch.setattr(live, "load_mnist", lambda: images)
    monkeypatch.setattr(live, "NEWS_SECONDS", 0)
    chart = explore_constant(epochs=9).chart
    news = []
    chart.observe(lambda change: news.append(change["new"]), "progress")

    async def run():
        chart._handle_custom_msg({"do": "train", "settings": chart.present}, [])
        chart.observe(
            lambda change: chart._obey({"do": "seen", "number": change["new"]["number"]}),
            "progress",
        )
        await chart.training
        ended = dict(chart.progress)
        chart._handle_custom_msg({"do": "clear"}, [])
        await asyncio.sleep(0)
        return ended

    ended = asyncio.run(run())
    x = images.x_val[digits.hard_ones(images, live.SEEN_DIGITS)]
    labels = chart.digits["labels"]
    assert len(labels) == len(ended["read"]) == live.SEEN_DIGITS

    def right(each):
        return sum(guess == label for guess, label in zip(each["read"], labels, strict=True))

    running = [each for each in news if each["state"] == "running" and each["read"]]
    assert running[0]["read"] == digits.read(mlp(live.FIRST_SEED), x)
    assert right(running[0]) < 6 < right(ended)
    assert ended["read"] == running[-1]["read"]
    assert ended["state"] == "idle"
    assert chart.progress["read"] == []
