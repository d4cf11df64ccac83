"""A live run of nine epochs, in the kernel alone: today's arithmetic beside that of recorded runs.

Run: python tests/bench/bench_live.py [ROUNDS]
"""

import asyncio
import contextlib
import io
import statistics
import sys
import time

import torch

from lrlab import explore_constant, training
from lrlab.data import load_mnist
from lrlab.explore import constant, live
from lrlab.explore.quick import MOMENTUM, sgd, train_by_batch

EPOCHS = 9


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


def main(rounds: int) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        name = load_mnist().name
    if name != "MNIST":
        sys.exit("This benchmark needs the real MNIST.")
    measured = {each: [] for each in ARITHMETIC}
    for _ in range(rounds):
        for each in ARITHMETIC:
            measured[each].append(asyncio.run(press(each)))
    for each, pairs in measured.items():
        first, all_of_it = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
        print(f"{each:9} {first:6.2f} s to the first point, {all_of_it:6.2f} s for {EPOCHS} epochs")
    ratios = [a[1] / b[1] for a, b in zip(measured["recorded"], measured["live"], strict=True)]
    print(f"ratio     {statistics.median(ratios):6.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
