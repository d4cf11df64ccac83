"""The closed forms that the charts draw, computed in a browser, against the installed torch."""

import math
import random

import pytest
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

from lrlab.explore.chart import JS
from lrlab.explore.steplr import BUGS, torch_lrs

TRACES = 2_000


@pytest.fixture(scope="module")
def forms(browser):
    """Call a function of forms.js for each list of arguments; returns the results."""
    page = browser.new_page()
    source = (JS / "forms.js").read_text(encoding="utf-8")
    page.evaluate(
        """async source => {
          const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
          window.forms = await import(url);
        }""",
        source,
    )

    def call(function, calls):
        return page.evaluate(
            "([name, calls]) => calls.map(each => forms[name](...each))", [function, calls]
        )

    yield call
    page.close()


@pytest.mark.parametrize("bug", BUGS)
def test_step_lr(forms, bug):
    draw = random.Random(0)
    settings = [
        {
            "lr0": draw.choice([0.05, 0.1, 0.2, 0.35]),
            "step_size": draw.randint(1, 10),
            "gamma": draw.randint(1, 10) / 10,
        }
        for _ in range(20 if bug == "after every batch" else 300)
    ]
    epochs = 12
    drawn = forms("stepLR", [[s | {"bug": bug}, e] for s in settings for e in range(epochs)])
    for number, each in enumerate(settings):
        seen = drawn[number * epochs : (number + 1) * epochs]
        # Bits are lost where thousands of factors take lr below the smallest normal number.
        assert seen == pytest.approx(
            torch_lrs(**each, epochs=epochs, bug=bug), rel=1e-9, abs=1e-290
        )


def test_quadratic_path(forms):
    draw = random.Random(1)
    for _ in range(50):
        curvature, lr = draw.uniform(0.25, 8), 10 ** draw.uniform(-2, 1)
        theta = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
        optimizer, path = torch.optim.SGD([theta], lr=lr), [2.0]
        for _ in range(20):
            optimizer.zero_grad()
            (curvature * theta**2 / 2).backward()
            optimizer.step()
            path.append(theta.item())
        settings = {"theta0": 2, "curvature": curvature, "lr": lr, "steps": 20}
        [seen] = forms("quadraticPath", [[settings]])
        assert seen == pytest.approx(path, rel=1e-9, abs=1e-12 * max(map(abs, path)))


def test_reduce_lr_on_plateau(forms):
    """Bit for bit: both multiply the same numbers in the same order."""
    draw = random.Random(2)
    calls, states = [], []
    for _ in range(TRACES):
        metrics = [
            draw.choice([0.5, 0.4, draw.uniform(0.1, 1)]) for _ in range(draw.randint(1, 20))
        ]
        config = {
            "factor": draw.choice([0.1, 0.3, 0.5, 0.9]),
            "patience": draw.randint(0, 4),
            "threshold": draw.choice([0.0, 1e-4, 0.05, 0.2]),
            "cooldown": draw.randint(0, 3),
        }
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
        scheduler, held = ReduceLROnPlateau(optimizer, **config), []
        for metric in metrics:
            scheduler.step(metric)
            state = (scheduler.best, scheduler.num_bad_epochs, scheduler.cooldown_counter)
            held.append([*state, optimizer.param_groups[0]["lr"]])
        calls.append([metrics, config | {"lr0": 0.1}])
        states.append(held)
    seen = [
        [[row["best"], row["bad"], row["resting"], row["lr"]] for row in rows]
        for rows in forms("reduceLROnPlateau", calls)
    ]
    assert seen == states
    drops = sum(len({row[3] for row in held}) > 1 for held in states)
    assert drops > TRACES / 4  # Without drops this test would show little.


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.2, "0.2"),
        (96.04, "96.0"),
        (0.00002, "2e-5"),
        (0, "0"),
        (-3.14159, "-3.14"),
        (1234.5, "1234.5"),
    ],
)
def test_numbers_as_a_reader_writes_them(forms, value, text):
    assert forms("number", [[value]]) == [text]


def test_no_number_is_said_too(forms):
    assert forms("number", [[math.nan], [math.inf]]) == ["NaN", "∞"]
