"""Right answers to lesson 3, whole calls and runs: exercise → style → source."""

RIGHT = {
    "plateau_update": {
        "a ChainMap": """
from collections import ChainMap

def plateau_update(state: dict, metric: float, config: dict) -> dict:
    new = ChainMap({}, state)
    rules = [config[name] for name in ("mode", "threshold", "threshold_mode")]
    if is_better(metric, new["best"], *rules):
        new.update(best=metric, bad=0)
    else:
        new["bad"] += 1
    if new["cooldown_left"]:
        new.update(bad=0, cooldown_left=new["cooldown_left"] - 1)
    if new["bad"] > config["patience"]:
        lr = clamp_lr(new["lr"], config["factor"], config["min_lr"], config["eps"])
        new.update(lr=lr, bad=0, cooldown_left=config["cooldown"])
    return new
""",
        "all in one function": """
def plateau_update(state, metric, config):
    lr, best = state["lr"], state["best"]
    bad, left = state["bad"], state["cooldown_left"]
    t = config["threshold"]
    if config["mode"] == "max":
        bound = best * (1 + t) if config["threshold_mode"] == "rel" else best + t
        better = metric > bound
    else:
        bound = best * (1 - t) if config["threshold_mode"] == "rel" else best - t
        better = metric < bound
    best = metric if better else best
    bad = 0 if better else bad + 1
    if left > 0:
        left -= 1
        bad = 0
    if bad > config["patience"]:
        new = max(lr * config["factor"], config["min_lr"])
        lr = new if lr - new > config["eps"] else lr
        bad, left = 0, config["cooldown"]
    return dict(lr=lr, best=best, bad=bad, cooldown_left=left)
""",
        "numpy, changes a copy": """
import copy
import numpy as np

def plateau_update(state, metric, config):
    new = copy.deepcopy(state)
    sign = 1 if config["mode"] == "min" else -1
    scale = state["best"] if config["threshold_mode"] == "rel" else 1.0
    margin = 0.0 if np.isinf(state["best"]) else config["threshold"] * scale
    if sign * metric < sign * (state["best"] - sign * margin):
        new.update(best=metric, bad=0)
    else:
        new["bad"] += 1
    if new["cooldown_left"]:
        new.update(cooldown_left=new["cooldown_left"] - 1, bad=0)
    if new["bad"] > config["patience"]:
        lower = np.clip(state["lr"] * config["factor"], config["min_lr"], None)
        change = state["lr"] - lower > config["eps"]
        new["lr"] = np.where(change, lower, state["lr"])
        new.update(cooldown_left=np.int64(config["cooldown"]), bad=np.int32(0))
    return new
""",
    },
    "plateau_trace": {
        "one loop": """
import math

def plateau_trace(metrics, lr0, config):
    lr, best, bad, left, trace = lr0, None, 0, 0, []
    for m in metrics:
        if math.isnan(m):
            better = False
        elif best is None:
            better = True
        else:
            t = config["threshold"] if config["mode"] == "min" else -config["threshold"]
            bound = best * (1 - t) if config["threshold_mode"] == "rel" else best - t
            better = m < bound if config["mode"] == "min" else m > bound
        if better:
            best, bad = m, 0
        else:
            bad += 1
        if left > 0:
            left, bad = left - 1, 0
        if bad > config["patience"]:
            lowered = max(config["factor"] * lr, config["min_lr"])
            if lr - lowered > config["eps"]:
                lr = lowered
            bad, left = 0, config["cooldown"]
        trace.append(lr)
    return trace
""",
        "a class of one's own, numpy": """
import numpy as np

class Plateau:
    def __init__(self, lr, mode, factor, patience, threshold, threshold_mode, cooldown,
                 min_lr, eps):
        self.lr, self.best = np.float64(lr), np.inf if mode == "min" else -np.inf
        self.bad = self.left = 0
        self.sign = 1 if mode == "min" else -1
        self.rel = threshold_mode == "rel"
        self.threshold, self.patience, self.cooldown = threshold, patience, cooldown
        self.factor, self.min_lr, self.eps = factor, min_lr, eps

    def step(self, metric):
        t = self.sign * self.threshold
        bound = self.best * (1 - t) if self.rel else self.best - t
        better = (bound - metric) * self.sign > 0
        self.best = metric if better else self.best
        self.bad = 0 if better else self.bad + 1
        if self.left:
            self.left -= 1
            self.bad = 0
        if self.bad > self.patience:
            new = np.maximum(self.lr * self.factor, self.min_lr)
            self.lr = new if self.lr - new > self.eps else self.lr
            self.bad, self.left = 0, self.cooldown
        return self.lr

def plateau_trace(metrics, lr0, config):
    scheduler = Plateau(lr0, **config)
    return np.array([scheduler.step(metric) for metric in metrics])
""",
    },
    "fit_plateau": {
        "get_last_lr, the metric by keyword": """
def fit_plateau(optimizer, scheduler, epochs, train_epoch, validate):
    used = []
    while len(used) < epochs:
        used.append(scheduler.get_last_lr()[0])
        train_epoch()
        scheduler.step(metrics=validate())
    return tuple(used)
""",
        "recursion": """
def fit_plateau(optimizer, scheduler, epochs, train_epoch, validate):
    if epochs < 1:
        return []
    train_epoch()
    lr = optimizer.param_groups[0]["lr"]
    scheduler.step(validate())
    return [lr, *fit_plateau(optimizer, scheduler, epochs - 1, train_epoch, validate)]
""",
        "numpy, the lr before the steps": """
import numpy as np
import torch

def fit_plateau(optimizer, scheduler, epochs, train_epoch, validate):
    lrs = np.empty(epochs + 1)
    lrs[0] = optimizer.param_groups[0]["lr"]
    for epoch in range(epochs):
        train_epoch()
        scheduler.step(torch.tensor(validate(), dtype=torch.float64))
        lrs[epoch + 1] = optimizer.param_groups[0]["lr"]
    return lrs[:-1]
""",
    },
}
