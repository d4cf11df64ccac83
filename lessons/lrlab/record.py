"""Train what the lessons show and write it to data/: `python -m lrlab.record [LESSON...]`."""

from __future__ import annotations

import argparse
import contextlib
import io
import itertools
import json
import math
import multiprocessing
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import (
    LambdaLR,
    LRScheduler,
    OneCycleLR,
    ReduceLROnPlateau,
    StepLR,
)

from .broken import train_with
from .data import TRAINING, default_root, load_mnist
from .mnist import FILES
from .training import BATCH_SIZE, BATCHES, dead_units, evaluate, mlp

# Every run has these settings unless it says otherwise.
USUAL: dict[str, Any] = {
    "model": "mlp 784-128-10",
    "optimizer": "SGD",
    "momentum": 0.9,
    "batch_size": BATCH_SIZE,
    "examples": TRAINING,
    "epochs": 9,
}
SEEDS = (0, 1, 2)
# Lesson 4 compares schedules that lie close together.
MORE_SEEDS = {"shapes": (0, 1, 2, 3, 4)}
WARMUP = BATCHES  # One epoch of updates.
Settings = dict[str, Any]


def constant(lr: float) -> Settings:
    """Train with one learning rate."""
    return {"lr": lr, "schedule": "constant"}


def step(lr: float, step_size: int = 3, gamma: float = 0.1) -> Settings:
    """Multiply lr by gamma after every `step_size` epochs."""
    return {"lr": lr, "schedule": "StepLR", "step_size": step_size, "gamma": gamma}


def plateau(lr: float, patience: int = 0) -> Settings:
    """Multiply lr by 0.1 after more than `patience` epochs without a lower validation loss."""
    return {"lr": lr, "schedule": "ReduceLROnPlateau", "factor": 0.1, "patience": patience}


def shape(lr: float, schedule: str, warmup: int = 0) -> Settings:
    """A schedule of `SHAPES`, per update, after `warmup` updates of linear warm-up."""
    return {"lr": lr, "schedule": schedule, "warmup": warmup}


def one_cycle(max_lr: float) -> Settings:
    """Raise lr to max_lr and let it fall again, per update."""
    return {"lr": max_lr, "schedule": "OneCycleLR"}


def tenths(*numbers: int) -> list[float]:
    """0.1, 0.2, … for 1, 2, …, each the float that its decimals name."""
    return [n / 10 for n in numbers]


RATES = tenths(1, 2, 3)
GRID = [step(0.2, s, g) for s in range(1, 9) for g in tenths(*range(1, 10))]
ADAM = {"optimizer": "Adam"}
# Few images and no momentum: lr falls before the work is done, and StepLR loses. So it does with
# 5,120 images, which fill every batch of 128 as well; with 5,000 the last batch has 8 images, its
# steps are as long as all others, and StepLR wins.
SMALL = [{"momentum": 0.0, "examples": examples} for examples in (10_240, 5_120, 5_000)]

LESSONS: dict[str, list[Settings]] = {
    "constant-lr": [constant(lr) for lr in (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 1.0)],
    "steplr": [
        *(constant(lr) for lr in RATES),
        *(step(lr) for lr in RATES if lr != 0.2),  # the grid has that one
        *GRID,
        *(make(0.1) | small for small in SMALL for make in (constant, step)),
        # The best constant rate of lesson 1, and a drop from it: early, and late.
        constant(0.03),
        step(0.03),
        step(0.03, step_size=6),
    ],
    "plateau": [
        *(make(lr) for make in (constant, step, plateau) for lr in RATES),
        plateau(0.2, patience=10),  # torch's default: it cannot fire in nine epochs
    ],
    "shapes": [
        *(constant(lr) for lr in (0.02, 0.03, 0.05, 0.1, 0.2)),
        *(step(lr, 6) for lr in (0.03, 0.05)),
        step(0.03),
        step(0.2),
        plateau(0.03),
        *(shape(lr, "linear") for lr in (0.1, 0.2)),
        *(shape(lr, "cosine") for lr in (0.05, 0.1)),
        shape(0.1, "WSD"),
        *(shape(lr, "flat", WARMUP) for lr in (0.1, 0.2)),
        *(shape(0.1, schedule, WARMUP) for schedule in ("linear", "cosine", "WSD")),
        *(shape(0.2, schedule, WARMUP) for schedule in ("linear", "cosine")),
        *(one_cycle(lr) for lr in (0.1, 0.2)),
        *(make | ADAM for lr in (0.001, 0.005) for make in (constant(lr), shape(lr, "linear"))),
    ],
    "detective": [
        *(step(0.1, 3, 0.5) | {"mistake": each} for each in ("none", "per-batch")),
        *(plateau(0.1) | {"mistake": each} for each in ("none", "accuracy-as-loss")),
        *(step(0.2) | {"mistake": each} for each in ("none", "made-anew", "twice")),
        # A last batch of 8 images against one of 128.
        *(constant(0.1) | {"momentum": 0.0, "examples": each} for each in (5_000, 5_120)),
        plateau(0.01) | {"threshold": 0.1},  # the page of logs that learners write about
    ],
}


@dataclass(frozen=True)
class Job:
    """One run to train; equal jobs of two lessons are trained once."""

    settings: tuple[tuple[str, Any], ...]
    seed: int


def jobs(lesson: str) -> list[Job]:
    """The lesson's runs, in the order of its file."""
    pairs = itertools.product(LESSONS[lesson], seeds(lesson))
    return [Job(tuple(s.items()), seed) for s, seed in pairs]


def seeds(lesson: str) -> tuple[int, ...]:
    """The seeds with which each setting of the lesson is trained."""
    return MORE_SEEDS.get(lesson, SEEDS)


# What is left of lr after a share of the updates, which goes from 0 to 1.
SHAPES: dict[str, Callable[[float], float]] = {
    "flat": lambda share: 1.0,
    "linear": lambda share: 1 - share,
    "cosine": lambda share: (1 + math.cos(math.pi * share)) / 2,
    "WSD": lambda share: min(1.0, (1 - share) / 0.2),  # Warm-up, stable, decay in the last fifth.
}
PER_UPDATE = {*SHAPES, "OneCycleLR"}


def factor(schedule: str, warmup: int, updates: int) -> Callable[[int], float]:
    """The factor of lr for each update: linear warm-up, then a shape that ends at `updates`."""

    def at(update: int) -> float:
        if update < warmup:
            return (update + 1) / warmup
        return SHAPES[schedule]((update - warmup) / (updates - warmup))

    return at


def make_optimizer(model: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    """torch's optimizer for these settings; Adam keeps its own two kinds of momentum."""
    if settings["optimizer"] == "Adam":
        return torch.optim.Adam(model.parameters(), lr=settings["lr"])
    return torch.optim.SGD(model.parameters(), lr=settings["lr"], momentum=settings["momentum"])


def make_scheduler(
    optimizer: torch.optim.Optimizer, settings: Settings, updates: int
) -> LRScheduler | None:
    """torch's own scheduler for these settings and so many updates; None keeps lr constant."""
    if settings["schedule"] in SHAPES:
        return LambdaLR(optimizer, factor(settings["schedule"], settings["warmup"], updates))
    match settings["schedule"]:
        case "StepLR":
            return StepLR(optimizer, settings["step_size"], settings["gamma"])
        case "ReduceLROnPlateau":
            return ReduceLROnPlateau(
                optimizer,
                factor=settings["factor"],
                patience=settings["patience"],
                threshold=settings.get("threshold", 1e-4),  # torch's default
            )
        case "OneCycleLR":
            return OneCycleLR(optimizer, max_lr=settings["lr"], total_steps=updates)
        case "constant":
            return None
        case other:
            raise ValueError(f"no such schedule: {other!r}")


def start_worker() -> None:
    """One thread a process: sums are then added in one order, however many workers there are."""
    torch.set_num_threads(1)
    with contextlib.redirect_stdout(io.StringIO()):
        load_mnist()


def run(job: Job) -> tuple[Job, dict[str, Any]]:
    """Train one job and return what its line in the file says."""
    settings = USUAL | dict(job.settings)
    with contextlib.redirect_stdout(io.StringIO()):
        images = load_mnist()  # instant: this process has read it before
    some = settings["examples"]
    images = replace(images, x_train=images.x_train[:some], y_train=images.y_train[:some])
    model = mlp(job.seed)
    optimizer = make_optimizer(model, settings)
    updates = settings["epochs"] * math.ceil(len(images.y_train) / settings["batch_size"])
    history = list(
        train_with(
            settings.get("mistake", "none"),
            model,
            optimizer,
            images,
            epochs=settings["epochs"],
            scheduler=make_scheduler(optimizer, settings, updates),
            batch_size=settings["batch_size"],
            seed=job.seed,
            per_update=settings["schedule"] in PER_UPDATE,
        )
    )
    return job, {
        "settings": dict(job.settings),
        "seed": job.seed,
        # Twelve digits show lr as it is meant (0.02); torch's product is 0.020000000000000004.
        "lr": [rounded(e.lr, digits=12) for e in history],
        "train_loss": [rounded(e.train_loss) for e in history],
        "val_loss": [rounded(e.val_loss) for e in history],
        "val_accuracy": [rounded(e.val_accuracy) for e in history],
        "test_accuracy": rounded(evaluate(model, images.x_test, images.y_test)[1]),
        "dead_units": dead_units(model, images.x_train),
    }


def rounded(value: float, digits: int = 5) -> float | None:
    """To significant digits; None for NaN and infinity, which JSON does not have."""
    return float(f"{value:.{digits}g}") if math.isfinite(value) else None


def how(lesson: str) -> dict[str, Any]:
    """Everything needed to record the lesson's file again."""
    import torchvision  # Here alone: all it tells is its version, and its import takes seconds.

    return {
        "command": f"python -m lrlab.record {lesson}",
        "data": {
            "name": "MNIST",
            "split": "first 55,000 training, last 5,000 validation, 10,000 test images",
            # load_mnist has verified them.
            "sha256": {name: file.sha256 for name, file in FILES.items()},
        },
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "torchvision": torchvision.__version__,
        },
        "seeds": list(seeds(lesson)),
        "settings": USUAL,
    }


def write(path: Path, head: dict[str, Any], runs: list[dict[str, Any]]) -> None:
    """Strict JSON with one run per line, so that a change of one run is a change of one line."""
    lines = ",\n".join(json.dumps(r, allow_nan=False) for r in runs)
    text = f'{{"how": {json.dumps(head, indent=1)},\n"runs": [\n{lines}\n]}}\n'
    path.write_text(text, encoding="utf-8", newline="\n")


def main(argv: list[str] | None = None) -> int:
    from rich.progress import track

    parser = argparse.ArgumentParser(prog="python -m lrlab.record", description=__doc__)
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help=", ".join(LESSONS))
    parser.add_argument("--out", type=Path, default=default_root(), help="folder (default: data/)")
    parser.add_argument("--workers", type=int, default=multiprocessing.cpu_count())
    options = parser.parse_args(argv)
    lessons = options.lessons or list(LESSONS)
    if unknown := set(lessons) - set(LESSONS):
        parser.error(f"no such lesson: {', '.join(unknown)}; there are {', '.join(LESSONS)}")
    if load_mnist().name != "MNIST":
        print("Nothing was recorded: the lessons' runs need the real MNIST.", file=sys.stderr)
        return 2

    options.out.mkdir(parents=True, exist_ok=True)
    todo = list(dict.fromkeys(job for lesson in lessons for job in jobs(lesson)))
    # spawn, not fork: this process has used torch's threads, which do not survive a fork
    with multiprocessing.get_context("spawn").Pool(options.workers, start_worker) as pool:
        done = dict(track(pool.imap_unordered(run, todo), "Training", total=len(todo)))
    for lesson in lessons:
        path = options.out / f"{lesson}.json"
        write(path, how(lesson), [done[j] for j in jobs(lesson)])
        print(f"{path}: {len(jobs(lesson))} runs, {path.stat().st_size / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
