"""Right answers to lesson 3, single rules and settings: exercise → style → source."""

RIGHT = {
    "is_better": {
        "numpy, with a sign": """
import numpy as np

def is_better(metric, best, mode, threshold, threshold_mode):
    sign = np.where(mode == "min", 1.0, -1.0)
    margin = threshold * best if threshold_mode == "rel" else threshold
    return np.less(sign * metric, sign * (best - sign * margin))
""",
        "a table of functions": """
import operator

BOUNDS = {
    ("min", "rel"): lambda best, t: best - best * t,
    ("max", "rel"): lambda best, t: best + best * t,
    ("min", "abs"): lambda best, t: best - t,
    ("max", "abs"): lambda best, t: best + t,
}

def is_better(metric, best, mode, threshold, threshold_mode):
    compare = {"min": operator.lt, "max": operator.gt}[mode]
    return compare(metric, BOUNDS[mode, threshold_mode](best, threshold))
""",
    },
    "first_drop": {
        "count the calls": """
def first_drop(patience):
    call, bad = 1, 0
    while bad <= patience:
        call += 1
        bad += 1
    return call
""",
        "ReduceLROnPlateau": """
import torch

def first_drop(patience):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=patience)
    call = 0
    while optimizer.param_groups[0]["lr"] == 1.0:
        call += 1
        scheduler.step(0.5)
    return call
""",
        "numpy": """
import numpy as np

def first_drop(patience):
    bad = np.arange(1000)
    return 1 + np.argmax(bad > patience)
""",
    },
    "flat_drops": {
        "numpy.arange": """
import numpy as np

def flat_drops(patience, cooldown, calls):
    return np.arange(patience + 2, calls + 1, patience + 1 + cooldown)
""",
        "ReduceLROnPlateau": """
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

def flat_drops(patience, cooldown, calls):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler = ReduceLROnPlateau(
        optimizer, factor=0.9, patience=patience, cooldown=cooldown, eps=0
    )
    drops = []
    for call in range(1, calls + 1):
        before = optimizer.param_groups[0]["lr"]
        scheduler.step(1.0)
        if optimizer.param_groups[0]["lr"] < before:
            drops.append(call)
    return drops
""",
        "counting": """
def flat_drops(patience, cooldown, calls):
    bad, waiting, drops = 0, 0, []
    for call in range(2, calls + 1):
        if waiting:
            waiting -= 1
            continue
        bad += 1
        if bad > patience:
            drops.append(call)
            bad, waiting = 0, cooldown
    return tuple(drops)
""",
        "recursion": """
def flat_drops(patience, cooldown, calls, first=None):
    first = patience + 2 if first is None else first
    if first > calls:
        return []
    return [first] + flat_drops(patience, cooldown, calls, first + patience + 1 + cooldown)
""",
    },
    "clamp_lr": {
        "one line": """
def clamp_lr(lr, factor, min_lr, eps):
    return max(lr * factor, min_lr) if lr - max(lr * factor, min_lr) > eps else lr
""",
        "numpy": """
import numpy as np

def clamp_lr(lr, factor, min_lr, eps):
    lowered = np.maximum(lr * factor, min_lr)
    return np.where(lr - lowered > eps, lowered, lr)
""",
        "ReduceLROnPlateau": """
import torch

def clamp_lr(lr, factor, min_lr, eps):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=factor, min_lr=min_lr, eps=eps, patience=0
    )
    scheduler.step(1.0)
    scheduler.step(1.0)
    return optimizer.param_groups[0]["lr"]
""",
    },
    "find_config": {
        "own counting, other factor, all keys": """
def falls(metrics, mode, patience, cooldown, threshold):
    best, bad, left, calls = None, 0, 0, []
    for call, m in enumerate(metrics, 1):
        if best is None or (m < best * (1 - threshold) if mode == "min"
                            else m > best * (1 + threshold)):
            best, bad = m, 0
        else:
            bad += 1
        if left:
            left, bad = left - 1, 0
        if bad > patience:
            calls.append(call)
            bad, left = 0, cooldown
    return calls

def find_config(metrics, drops):
    choices = [
        (mode, patience, cooldown, threshold)
        for threshold in (0.0, 0.25)
        for cooldown in range(4)
        for patience in range(4)
        for mode in ("min", "max")
    ]
    mode, patience, cooldown, threshold = next(c for c in choices if falls(metrics, *c) == drops)
    return {"mode": mode, "factor": 0.7, "patience": patience, "threshold": threshold,
            "threshold_mode": "rel", "cooldown": cooldown, "min_lr": 0.0, "eps": 0.0}
""",
        "random search, numpy": """
import numpy as np
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

def find_config(metrics, drops):
    rng = np.random.default_rng(0)
    while True:
        config = {
            "mode": str(rng.choice(["min", "max"])),
            "patience": rng.integers(0, 4),
            "cooldown": rng.integers(0, 4),
            "threshold": rng.choice([0.0, 0.25]),
            "factor": np.float64(0.5),
            "eps": 1e-12,
        }
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
        scheduler = ReduceLROnPlateau(optimizer, **config)
        lrs = [0.1]
        for metric in metrics:
            scheduler.step(metric)
            lrs.append(optimizer.param_groups[0]["lr"])
        if (np.flatnonzero(np.diff(lrs) < 0) + 1).tolist() == list(drops):
            return config
""",
    },
}
