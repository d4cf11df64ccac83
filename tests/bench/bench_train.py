"""One epoch of MNIST: the usual DataLoader loop against lrlab.train, the same number of updates.

Run: python tests/bench/bench_train.py [ROUNDS]
"""

import statistics
import sys
import time

import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, Subset
from torchvision.datasets import MNIST
from torchvision.transforms import Compose, Normalize, ToTensor

from lrlab.data import MEAN, STD, data_root, load_mnist
from lrlab.training import evaluate, mlp, train


def sgd(model):
    return torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)


def usual_epoch() -> tuple[float, float]:
    """Seconds and validation accuracy of the loop of most tutorials."""
    transform = Compose([ToTensor(), Normalize((MEAN,), (STD,))])
    images = MNIST(data_root(), transform=transform, download=True)  # extracts the .gz
    batches = DataLoader(Subset(images, range(55_000)), batch_size=128, shuffle=True)
    validation = DataLoader(Subset(images, range(55_000, 60_000)), batch_size=1_000)
    model = mlp()
    optimizer = sgd(model)
    start = time.perf_counter()
    for x, y in batches:
        optimizer.zero_grad()
        cross_entropy(model(x.flatten(1)), y).backward()
        optimizer.step()
    parts = [evaluate(model, x.flatten(1), y)[1] for x, y in validation]
    return time.perf_counter() - start, statistics.fmean(parts)


def lrlab_epoch(images) -> tuple[float, float]:
    """The same with lrlab.train."""
    model = mlp()
    start = time.perf_counter()
    [epoch] = train(model, sgd(model), images, epochs=1)
    return time.perf_counter() - start, epoch.val_accuracy


def main(rounds: int) -> None:
    start = time.perf_counter()
    images = load_mnist()
    loading = time.perf_counter() - start
    if images.name != "MNIST":
        sys.exit("This benchmark needs the real MNIST.")
    lrlab_epoch(images)  # torch loads parts of itself at the first step
    pairs = [(usual_epoch(), lrlab_epoch(images)) for _ in range(rounds)]
    usual, ours = (statistics.median(p[i][0] for p in pairs) for i in (0, 1))
    ratio = statistics.median(a[0] / b[0] for a, b in pairs)
    print(f"usual DataLoader loop  {usual:6.2f} s an epoch, {pairs[-1][0][1]:.1f} % validation")
    print(f"lrlab.train            {ours:6.2f} s an epoch, {pairs[-1][1][1]:.1f} % validation")
    print(f"ratio                  {ratio:6.1f} (load_mnist, once: {loading:.2f} s)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
