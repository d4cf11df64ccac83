"""Right answers to lesson 4, those on torch objects: exercise → style → source."""

RIGHT = {
    "make_schedule": {
        "initial_lr": """
from torch.optim.lr_scheduler import LambdaLR

def make_schedule(optimizer, rate):
    group = optimizer.param_groups[0]
    group["initial_lr"] = group["lr"]
    return LambdaLR(optimizer, lambda step: rate(step) / group["initial_lr"])
""",
        "the scheduler's base_lrs": """
from torch.optim.lr_scheduler import LambdaLR

def make_schedule(optimizer, rate):
    base = optimizer.defaults["lr"]

    def factor(step):
        return rate(step) / base

    return LambdaLR(optimizer, lr_lambda=[factor])
""",
        "a class": """
from torch.optim import lr_scheduler

class Factor:
    def __init__(self, rate, lr):
        self.rate, self.lr = rate, lr

    def __call__(self, step):
        return self.rate(step) * (1 / self.lr)

def make_schedule(optimizer, rate):
    lr = optimizer.state_dict()["param_groups"][0]["lr"]
    scheduler = lr_scheduler.LambdaLR(optimizer, Factor(rate, lr), last_epoch=-1)
    return scheduler
""",
        "a subclass": """
from torch.optim.lr_scheduler import LambdaLR

class RateLR(LambdaLR):
    def __init__(self, optimizer, rate):
        lr = optimizer.param_groups[0]["lr"]
        super().__init__(optimizer, lambda step: rate(step) / lr)

def make_schedule(optimizer, rate):
    return RateLR(optimizer, rate)
""",
        "partial": """
from functools import partial
from operator import truediv
from torch.optim.lr_scheduler import LambdaLR

def make_schedule(optimizer, rate):
    (lr,) = [group["lr"] for group in optimizer.param_groups]
    return LambdaLR(optimizer, partial(lambda lr, t: truediv(rate(t), lr), lr))
""",
        "base 1, every group": """
from torch.optim.lr_scheduler import LambdaLR

def make_schedule(optimizer, rate):
    for group in optimizer.param_groups:
        group["lr"] = 1
    return LambdaLR(optimizer, rate)
""",
    },
    "fit_updates": {
        "while, get_last_lr": """
def fit_updates(optimizer, scheduler, batches, epochs, train_batch):
    lrs, update = [], 0
    while update < epochs * len(batches):
        lrs.append(scheduler.get_last_lr()[0])
        loss = train_batch(batches[update % len(batches)])
        optimizer.step()
        scheduler.step()
        update += 1
    return lrs
""",
        "itertools, numpy": """
import itertools
import numpy as np

def fit_updates(optimizer, scheduler, batches, epochs, train_batch):
    lrs = np.empty(epochs * len(batches))
    for update, (_, batch) in enumerate(itertools.product(range(epochs), batches)):
        train_batch(batch)
        lrs[update] = optimizer.param_groups[0]["lr"]
        optimizer.step()
        scheduler.step()
    return lrs
""",
        "recursion": """
def fit_updates(optimizer, scheduler, batches, epochs, train_batch):
    if epochs == 0:
        return []
    lrs = []
    for batch in batches:
        lrs += [optimizer.param_groups[0]["lr"]]
        train_batch(batch)
        optimizer.step()
        scheduler.step()
    return lrs + fit_updates(optimizer, scheduler, batches, epochs - 1, train_batch)
""",
        "an inner function": """
def fit_updates(optimizer, scheduler, batches, epochs, train_batch):
    def update(batch):
        lr = next(group["lr"] for group in optimizer.param_groups)
        train_batch(batch)
        optimizer.step()
        scheduler.step()
        return lr

    return [update(batch) for _ in range(epochs) for batch in batches]
""",
        "a log of losses and lrs": """
from collections import defaultdict

def fit_updates(optimizer, scheduler, batches, epochs, train_batch):
    log = defaultdict(list)
    for epoch in range(1, epochs + 1):
        total = 0.0
        for i, batch in enumerate(batches):
            optimizer.zero_grad()
            total += train_batch(batch)
            optimizer.step()
            log["lr"].append(float(scheduler.get_last_lr()[0]))
            scheduler.step()
        log["loss"].append(total / len(batches))
        print(f"epoch {epoch}: {log['loss'][-1]:.4f}")
    return tuple(log["lr"])
""",
        "a generator": """
def fit_updates(optimizer, scheduler, batches, epochs, train_batch):
    def updates():
        for _ in range(epochs):
            yield from batches

    lrs = []
    for batch in updates():
        lrs.append(scheduler.optimizer.param_groups[0]["lr"])
        train_batch(batch)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        scheduler.step()
    return lrs
""",
        "a closure": """
def fit_updates(optimizer, scheduler, batches, epochs, train_batch):
    lrs = []
    for batch in list(batches) * epochs:
        lrs.append(optimizer.param_groups[0]["lr"])
        optimizer.step(lambda: train_batch(batch))
        scheduler.step()
    return lrs
""",
    },
    "fit_accumulate": {
        "a list of groups": """
def fit_accumulate(optimizer, scheduler, batches, every, backward):
    groups = [batches[i : i + every] for i in range(0, len(batches), every)]
    lrs = []
    for group in groups:
        optimizer.zero_grad(set_to_none=False)
        for batch in group:
            backward(batch)
        lrs.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return lrs
""",
        "a pending flag": """
def fit_accumulate(optimizer, scheduler, batches, every, backward):
    lrs = []

    def update():
        lrs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()

    optimizer.zero_grad()
    pending = 0
    for batch in batches:
        backward(batch)
        pending += 1
        if pending == every:
            update()
            pending = 0
    if pending:
        update()
    return lrs
""",
        "islice, numpy": """
from itertools import islice
import numpy as np

def fit_accumulate(optimizer, scheduler, batches, every, backward):
    rest, lrs = iter(batches), []
    while group := list(islice(rest, every)):
        optimizer.zero_grad()
        for batch in group:
            backward(batch)
        lrs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return np.array(lrs)
""",
        "recursion": """
def fit_accumulate(optimizer, scheduler, batches, every, backward):
    if not batches:
        return []
    optimizer.zero_grad()
    for batch in batches[:every]:
        backward(batch)
    lr = optimizer.param_groups[0]["lr"]
    optimizer.step()
    scheduler.step()
    return [lr] + fit_accumulate(optimizer, scheduler, batches[every:], every, backward)
""",
        "cleared by hand": """
def fit_accumulate(optimizer, scheduler, batches, every, backward):
    lrs = []
    for number, batch in enumerate(batches):
        if number % every == 0:
            for group in optimizer.param_groups:
                for parameter in group["params"]:
                    parameter.grad = None
        backward(batch)
        if (number + 1) % every and number + 1 < len(batches):
            continue
        lrs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return lrs
""",
        "a fixed number of updates": """
import math

def fit_accumulate(optimizer, scheduler, batches, every, backward):
    updates = math.ceil(len(batches) / every)
    lrs = [0.0] * updates
    for update in range(updates):
        optimizer.zero_grad()
        first, last = update * every, min((update + 1) * every, len(batches))
        for index in range(first, last):
            backward(batches[index])
        lrs[update] = optimizer.param_groups[0]["lr"]
        optimizer.step()
        scheduler.step()
    return lrs
""",
        "a closure": """
def fit_accumulate(optimizer, scheduler, batches, every, backward):
    lrs = []
    for start in range(0, len(batches), every):
        def all_of_them():
            optimizer.zero_grad()
            for batch in batches[start : start + every]:
                backward(batch)

        lrs.append(optimizer.param_groups[0]["lr"])
        optimizer.step(all_of_them)
        scheduler.step()
    return lrs
""",
    },
}
