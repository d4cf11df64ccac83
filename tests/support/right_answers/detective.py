"""Right answers to lesson 5, in the ways in which people write them."""

RIGHT = {
    "first_difference": {
        "a generator": """
import math
from itertools import zip_longest

def first_difference(log, plan):
    pairs = enumerate(zip_longest(log, plan))
    return next(
        (i for i, (a, b) in pairs if a is None or b is None or not math.isclose(a, b)), None
    )
""",
        "torch": """
import torch

def first_difference(log, plan):
    both = min(len(log), len(plan))
    a, b = (torch.tensor(each[:both], dtype=torch.float64) for each in (log, plan))
    apart = torch.nonzero(~torch.isclose(a, b, rtol=1e-9, atol=0.0))
    if len(apart):
        return apart[0, 0]
    return both if len(log) != len(plan) else None
""",
        "recursion": """
def first_difference(log, plan, at=0):
    if at == len(log) == len(plan):
        return None
    if at in (len(log), len(plan)):
        return at
    largest = max(log[at], plan[at])
    if abs(log[at] - plan[at]) > 1e-9 * largest:
        return at
    return first_difference(log, plan, at + 1)
""",
    },
    "culprit": {
        "torch's own loop": """
import math
import torch
from torch.optim.lr_scheduler import StepLR

def culprit(log, lr0, step_size, gamma, batches):
    epochs = len(log) // batches

    def left(word, at=None, value=None):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr0)
        scheduler = StepLR(optimizer, step_size, gamma)
        lrs = []
        for epoch in range(epochs):
            if epoch == at and word == "state lost at a break":
                scheduler = StepLR(optimizer, step_size, gamma)
            if epoch == at and word == "lr set by hand":
                optimizer.param_groups[0]["lr"] = value
            if word == "before the batches":
                scheduler.step()
            for _ in range(batches):
                lrs.append(optimizer.param_groups[0]["lr"])
                optimizer.step()
                if word == "per batch":
                    scheduler.step()
            skipped = ("per batch", "before the batches", "never stepped")
            if word not in skipped and not (word == "one epoch late" and epoch == 0):
                scheduler.step()
            if word == "twice an epoch":
                scheduler.step()
        return all(math.isclose(a, b, rel_tol=1e-9) for a, b in zip(lrs, log))

    for word in ("none", "per batch", "before the batches", "never stepped", "twice an epoch",
                 "one epoch late"):
        if left(word):
            return word
    if any(left("state lost at a break", at) for at in range(1, epochs)):
        return "state lost at a break"
    return "lr set by hand"
""",
        "by elimination": """
import numpy as np

def culprit(log, lr0, step_size, gamma, batches):
    drops = np.round(np.log(np.array(log) / lr0) / np.log(gamma))
    if not np.allclose(lr0 * gamma**drops, log, rtol=1e-9, atol=0):
        return "lr set by hand"
    update = np.arange(len(log))
    epoch = update // batches
    known = {
        "none": epoch,
        "per batch": update,
        "before the batches": epoch + 1,
        "never stepped": 0 * epoch,
        "twice an epoch": 2 * epoch,
        "one epoch late": np.maximum(epoch - 1, 0),
    }
    for word, steps in known.items():
        if (steps // step_size == drops).all():
            return word
    return "state lost at a break"
""",
        "numbers of drops": """
import math

def culprit(log, lr0, step_size, gamma, batches):
    powers = [math.log(lr / lr0, gamma) for lr in log]
    drops = [round(power) for power in powers]
    if any(abs(power - drop) > 1e-8 for power, drop in zip(powers, drops)):
        return "lr set by hand"
    if any(drops[u] != drops[u - u % batches] for u in range(len(drops))):
        return "per batch"
    drops = drops[::batches]
    if not any(drops):
        return "never stepped"
    for word, steps in (
        ("none", lambda e: e),
        ("before the batches", lambda e: e + 1),
        ("twice an epoch", lambda e: 2 * e),
        ("one epoch late", lambda e: max(e - 1, 0)),
        ("per batch", lambda e: e * batches),
    ):
        if drops == [steps(e) // step_size for e in range(len(drops))]:
            return word
    return "state lost at a break"
""",
    },
    "plateau_culprit": {
        "plain Python": """
import math

def plateau_culprit(log, train_losses, val_losses, lr0, config, epochs):
    def used(losses, mode):
        sign = 1 if mode == "min" else -1
        lr, best, bad, rest, lrs = lr0, sign * math.inf, 0, 0, []
        for loss in losses:
            lrs.append(lr)
            margin = sign * config["threshold"]
            bound = best * (1 - margin) if config["threshold_mode"] == "rel" else best - margin
            if sign * loss < sign * bound:
                best, bad = loss, 0
            else:
                bad += 1
            if rest > 0:
                rest, bad = rest - 1, 0
            if bad > config["patience"]:
                new = max(lr * config["factor"], config["min_lr"])
                lr = new if lr - new > config["eps"] else lr
                rest, bad = config["cooldown"], 0
        return lrs

    def fits(losses, mode):
        return all(math.isclose(a, b, rel_tol=1e-9) for a, b in zip(used(losses, mode), log))

    if fits(val_losses, "min"):
        return "early stopping" if len(log) < epochs else "none"
    if fits(train_losses, "min"):
        return "training loss"
    return "wrong mode" if fits(val_losses, "max") else "state lost at a break"
""",
        "length first": """
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

def plateau_culprit(log, train_losses, val_losses, lr0, config, epochs):
    if len(log) < epochs:
        return "early stopping"

    def same(losses, settings):
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr0)
        scheduler = ReduceLROnPlateau(optimizer, **settings)
        for loss, lr in zip(losses, log):
            if abs(optimizer.param_groups[0]["lr"] - lr) > 1e-9 * lr:
                return False
            scheduler.step(loss)
        return True

    for word, losses, settings in (
        ("none", val_losses, config),
        ("training loss", train_losses, config),
        ("wrong mode", val_losses, {**config, "mode": "max"}),
    ):
        if same(losses, settings):
            return word
    return "state lost at a break"
""",
        "every break": """
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

def plateau_culprit(log, train_losses, val_losses, lr0, config, epochs):
    def run(losses, fresh=None, mode="min"):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr0)
        for epoch, loss in enumerate(losses):
            if epoch in (0, fresh):
                scheduler = ReduceLROnPlateau(optimizer, **{**config, "mode": mode})
            yield optimizer.param_groups[0]["lr"]
            scheduler.step(loss)

    def same(*args, **kwargs):
        return torch.allclose(
            torch.tensor(list(run(*args, **kwargs)), dtype=torch.float64),
            torch.tensor(log, dtype=torch.float64), rtol=1e-9, atol=0,
        )

    if same(val_losses):
        return "none" if len(log) == epochs else "early stopping"
    if same(val_losses, mode="max"):
        return "wrong mode"
    if same(train_losses):
        return "training loss"
    if any(same(val_losses, fresh=at) for at in range(1, len(log))):
        return "state lost at a break"
""",
    },
}
