"""Figures: what they show is also said, and pyplot keeps none of them."""

import math

import numpy as np

from lrlab.plots import plot_runs, plot_schedule
from lrlab.runs import recorded


def test_pictures_say_what_they_show():
    runs = recorded("steplr").where(lr=0.2, schedule="constant")
    picture = plot_runs({"constant": runs}, show_lr=True)
    bundle = picture._repr_mimebundle_()
    assert bundle["text/plain"] == picture.alt
    assert "0.2 throughout" in picture.alt
    assert f"{np.mean([r.val_accuracy[-1] for r in runs]):.1f}" in picture.alt
    assert 'alt="Learning rate' in bundle["text/html"]
    assert len(bundle["text/html"]) < 54_000  # 40 kB of PNG in base64

    staircase = plot_schedule({"StepLR": [0.1, 0.1, 0.01]}, log=True)
    assert staircase.alt == "Learning rate by epoch. StepLR: 0.1, 0.01 from epoch 2."
    assert staircase.figure.axes[0].get_yscale() == "log"


def test_a_schedule_of_updates_says_its_corners():
    peak = [0.01 * n for n in range(1, 11)] + [0.1 - 0.004 * n for n in range(1, 26)]
    said = plot_schedule({"up and down": peak, "flat": [0.1] * 35}, unit="update").alt
    assert said == (
        "Learning rate by update. up and down: 0.01 at update 0, 0.1 at update 9, 0 at update 34; "
        "flat: 0.1 throughout."
    )


def test_pictures_survive_divergence():
    run = recorded("plateau").where(lr=0.2, schedule="constant")[0]
    wild = type(run)(**{**vars(run), "val_loss": [math.nan] * 9})
    assert "NaN (diverged)" in plot_runs({"wild": [wild]}, ["val_loss"]).alt


def test_no_pyplot_state():
    import matplotlib.pyplot as plt

    plot_schedule({"constant": [0.1]})
    assert plt.get_fignums() == []
