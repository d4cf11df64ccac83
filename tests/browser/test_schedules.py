"""The closed form of each of torch's schedulers, computed in a browser, against torch itself."""

import random

import pytest

from lrlab.explore.chart import JS
from lrlab.explore.shapes import CHOICES, COUNTS, SCHEDULERS, trace

DRAWN = 500  # settings for each scheduler
CALLS = 40  # The ends that are drawn lie before it and after it.
# No value may differ by more than this share of the trace's largest lr. 0: the same bits. The
# others multiply in another order than torch, or another library's powers and cosines differ.
FARTHEST = {
    "LambdaLR": 0,
    "StepLR": 1e-15,
    "MultiStepLR": 1e-15,
    "ConstantLR": 1e-15,
    "ExponentialLR": 1e-15,
    "MultiplicativeLR": 1e-15,
    "CyclicLR": 1e-15,
    "OneCycleLR": 1e-15,
    "CosineAnnealingWarmRestarts": 1e-15,
    "PolynomialLR": 2e-15,
    "SequentialLR": 2e-15,
    "ChainedScheduler": 2e-15,
    "LinearLR": 1e-14,
    "CosineAnnealingLR": 1e-12,
}


@pytest.fixture(scope="module")
def schedule(browser):
    """lr and momentum of each drawn setting after 0 … CALLS - 1 calls; None stands for NaN."""
    page = browser.new_page()
    page.evaluate(
        """async source => {
          const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
          window.schedule = (await import(url)).schedule;
        }""",
        (JS / "schedules.js").read_text(encoding="utf-8"),
    )

    def call(name, drawn):
        return page.evaluate(
            """([name, drawn, count]) => drawn.map(settings =>
                 Array.from({ length: count }, (_, step) => {
                   const { lr, momentum = null } = schedule(name, settings, step);
                   return [Number.isNaN(lr) ? null : lr, momentum];
                 }))""",
            [name, drawn, CALLS],
        )

    yield call
    page.close()


def draw_value(draw: random.Random, name: str):
    """Any value of a control, and often one at or beyond the edge of what torch accepts."""
    if name in CHOICES:
        value = draw.choice(CHOICES[name])
        return {"True": True, "False": False}.get(value, value)
    if name in COUNTS:
        return draw.choice([0, 1, *(draw.randint(2, 12) for _ in range(4)), draw.randint(12, 50)])
    if name == "T_mult":
        return draw.randint(0, 3)
    if name == "div_factor":
        return draw.choice([0, 1, 25, 25, draw.randint(1, 50)])
    if name == "final_div_factor":
        return draw.choice([1.0, 10.0, 1e4])
    if name == "power":
        return draw.choice([0, 0.5, 1.0, 2.0, draw.uniform(0, 4)])
    if name in ("lr0", "max_lr", "base_lr", "eta_min"):
        return draw.choice([0.0, 0.1, draw.uniform(0.001, 0.4), draw.uniform(0.001, 0.4)])
    return draw.choice([0.0, 1.0, *(draw.uniform(0, 1) for _ in range(3)), draw.randint(1, 9) / 10])


@pytest.mark.parametrize("name", FARTHEST)
def test_a_closed_form_is_torchs_schedule(schedule, name):
    draw = random.Random(name)
    drawn = [{key: draw_value(draw, key) for key in SCHEDULERS[name]} for _ in range(DRAWN)]
    compared = 0
    for settings, seen in zip(drawn, schedule(name, drawn)):
        lrs, momenta, error = trace(name, settings, range(CALLS))
        compared += len(lrs)
        ours = [lr for lr, _ in seen]
        most = max([0.0, *map(abs, lrs)])
        assert ours[len(lrs) :] == [None] * (CALLS - len(lrs)), (settings, error)
        assert ours[: len(lrs)] == pytest.approx(lrs, rel=0, abs=FARTHEST[name] * most), settings
        for ours_, theirs in zip([momentum for _, momentum in seen], momenta):
            assert ours_ is None or ours_ == pytest.approx(theirs, rel=1e-15, abs=0), settings
    assert compared > 5 * DRAWN  # Not all settings are refused at once; a cycle ends early.
