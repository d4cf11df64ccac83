"""Live training without MNIST and without a page."""

import asyncio

import pytest

from lrlab.data import _digits
from lrlab.explore import live


@pytest.fixture
def train_live(monkeypatch):
    """Press a chart's "Train live", wait for the end; gives its last run and the images used."""
    images = _digits()
    monkeypatch.setattr(live, "load_mnist", lambda: images)

    async def press(chart):
        chart._handle_custom_msg({"do": "train", "settings": chart.present}, [])
        await chart.training

    def train(chart):
        asyncio.run(press(chart))
        return chart.runs[-1], images

    return train
