"""A live run of nine epochs: in the kernel alone, with the arithmetic of recorded runs and with its
own, and in JupyterLab from the click to the points in the page.

Run: python tests/bench/bench_live.py [ROUNDS]
"""

import asyncio
import contextlib
import io
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import torch

from grader import paths
from lrlab import explore_constant, training
from lrlab.data import load_mnist
from lrlab.explore import constant, live
from lrlab.explore.quick import MOMENTUM, sgd, train_by_batch

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from chromium import WHOLE, chromium
from lab import Lab
from labserver import jupyterlab

EPOCHS = 9
SETUP = 'import sys\nsys.path.insert(0, "..")\nfrom lrlab import *'
MARK = '[data-mark^="live "]:not([data-mark$=" markers"])'
# It presses Train live, and gives the seconds until one point is drawn and until all are.
RUN = """(explorer, [mark, epochs]) => new Promise(done => {
  const train = [...explorer.querySelectorAll("button")].find(b => b.textContent === "Train live");
  const points = () => JSON.parse(explorer.querySelector(mark)?.dataset.y ?? "[]").length;
  const start = performance.now();
  let first = 0;
  const drawn = new MutationObserver(() => {
    const seconds = (performance.now() - start) / 1000;
    if (!first && points()) first = seconds;
    if (points() < epochs) return;
    drawn.disconnect();
    done([first, seconds]);
  });
  drawn.observe(explorer, { attributes: true, childList: true, subtree: true });
  train.click();
})"""


def usual_sgd(model, lr):
    return torch.optim.SGD(model.parameters(), lr=lr, momentum=MOMENTUM)


ARITHMETIC = {
    "recorded": (usual_sgd, training.train_by_batch),
    "live": (sgd, train_by_batch),
}


async def press(arithmetic: str) -> tuple[float, float]:
    """Seconds from *Train live* to the first point and to the end, with a page that answers."""
    live.sgd, constant.train_by_batch = ARITHMETIC[arithmetic]
    chart, points = explore_constant(EPOCHS).chart, []
    seen = lambda _change: chart._obey({"do": "seen"})  # noqa: E731
    chart.observe(seen, "progress")
    chart.observe(lambda _change: points.append(time.perf_counter()), "runs")
    start = time.perf_counter()
    chart._handle_custom_msg({"do": "train", "settings": chart.present}, [])
    await asyncio.sleep(0)  # Now the message is taken up.
    await chart.training
    if len(points) != EPOCHS:
        sys.exit(f"The run did not come to its end: {chart.progress['text']}")
    return points[0] - start, time.perf_counter() - start


def in_the_page(rounds: int) -> list[tuple[float, float]]:
    """Seconds from the click on *Train live* to the first point and to the last, in JupyterLab."""
    with tempfile.TemporaryDirectory() as folder, chromium(WHOLE) as browser:
        lessons = Path(folder) / "lessons"
        shutil.copytree(paths.LESSONS, lessons, ignore=shutil.ignore_patterns("__pycache__"))
        with jupyterlab(lessons, Path(folder) / "home") as server:
            lab = Lab(browser, server)
            lab.write("steplr/bench.ipynb", SETUP, f"explore_constant({EPOCHS})")
            lab.open("steplr/bench.ipynb")
            errors = lab.run_all()
            assert not errors, errors
            explorer = lab.cell(1).locator(".lrlab-explorer")
            measured = []
            for _ in range(rounds):
                measured.append(tuple(explorer.evaluate(RUN, [MARK, EPOCHS])))
                explorer.get_by_role("button", name="Clear my runs").click()
                explorer.locator(MARK).wait_for(state="detached")
            return measured


def main(rounds: int) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        name = load_mnist().name
    if name != "MNIST":
        sys.exit("This benchmark needs the real MNIST.")
    measured = {each: [] for each in ARITHMETIC}
    for _ in range(rounds):
        for each in ARITHMETIC:
            measured[each].append(asyncio.run(press(each)))
    if WHOLE is not None:
        measured["in page"] = in_the_page(rounds)
    for each, pairs in measured.items():
        first, all_of_it = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
        print(f"{each:9} {first:6.2f} s to the first point, {all_of_it:6.2f} s for {EPOCHS} epochs")
    ratios = [a[1] / b[1] for a, b in zip(measured["recorded"], measured["live"], strict=True)]
    print(f"ratio     {statistics.median(ratios):6.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
