"""Right answers to lesson 2, those on torch objects: exercise → style → source."""

RIGHT = {
    "make_scheduler": {
        "subclass": """
from torch.optim.lr_scheduler import StepLR

class LoudStepLR(StepLR):
    def step(self, *args):
        super().step(*args)
        print("lr is now", self.get_last_lr())

def make_scheduler(optimizer, step_size, gamma):
    return LoudStepLR(optimizer, step_size=step_size, gamma=gamma)
""",
        "settings in a dict, a warning": """
import warnings
from torch.optim import lr_scheduler

def make_scheduler(optimizer, step_size, gamma):
    warnings.warn("here comes a scheduler")
    settings = dict(step_size=step_size, gamma=gamma, last_epoch=-1)
    scheduler = lr_scheduler.StepLR(optimizer, **settings)
    return scheduler
""",
    },
    "fit": {
        "while, get_last_lr": """
def fit(optimizer, scheduler, batches, epochs, train_batch):
    used = []
    epoch = 0
    while epoch < epochs:
        used += [scheduler.get_last_lr()[0]]
        for i in range(len(batches)):
            loss = train_batch(batches[i])
            optimizer.step()
        print(f"epoch {epoch}: loss {loss:.3f}, lr {used[-1]}")
        scheduler.step()
        epoch += 1
    return used
""",
        "zero_grad as well, numpy": """
import numpy as np

def fit(optimizer, scheduler, batches, epochs, train_batch):
    lrs = np.zeros(epochs)
    for epoch in range(epochs):
        losses = []
        for batch in batches:
            optimizer.zero_grad()
            losses.append(train_batch(batch))
            optimizer.step()
        lrs[epoch] = optimizer.param_groups[0]["lr"]
        scheduler.step()
    return lrs
""",
        "recursion": """
def fit(optimizer, scheduler, batches, epochs, train_batch):
    if epochs == 0:
        return []
    lr = optimizer.state_dict()["param_groups"][0]["lr"]
    for batch in batches:
        train_batch(batch)
        optimizer.step()
    scheduler.step()
    return [lr] + fit(optimizer, scheduler, batches, epochs - 1, train_batch)
""",
        "a generator": """
def fit(optimizer, scheduler, batches, epochs, train_batch):
    def train_one_epoch():
        for batch in batches:
            yield train_batch(batch)
            optimizer.step()

    lrs = []
    for _ in range(epochs):
        lr = scheduler.optimizer.param_groups[0]["lr"]
        total = sum(train_one_epoch())
        lrs.append(lr)
        scheduler.step()
        optimizer.zero_grad(set_to_none=True)
    return tuple(lrs)
""",
    },
    "resume": {
        "a pair, scheduler first": """
def save(optimizer, scheduler):
    return {"states": (scheduler.state_dict(), optimizer.state_dict())}

def resume(optimizer, scheduler, checkpoint):
    for thing, state in zip((scheduler, optimizer), checkpoint["states"]):
        thing.load_state_dict(state)
""",
        "copies, returned again": """
import copy

def save(optimizer, scheduler):
    checkpoint = {}
    checkpoint["opt"] = copy.deepcopy(optimizer.state_dict())
    checkpoint["sched"] = copy.deepcopy(scheduler.state_dict())
    return checkpoint

def resume(optimizer, scheduler, checkpoint):
    optimizer.load_state_dict(checkpoint["opt"])
    scheduler.load_state_dict(checkpoint["sched"])
    return optimizer, scheduler
""",
        "bytes of torch.save": """
import io
import torch

def save(optimizer, scheduler):
    file = io.BytesIO()
    torch.save([optimizer.state_dict(), scheduler.state_dict()], file)
    return {"bytes": file.getvalue()}

def resume(optimizer, scheduler, checkpoint):
    states = torch.load(io.BytesIO(checkpoint["bytes"]), weights_only=False)
    optimizer.load_state_dict(states[0])
    scheduler.load_state_dict(states[1])
""",
        "the objects themselves": """
def save(optimizer, scheduler):
    return dict(optimizer=optimizer, scheduler=scheduler)

def resume(optimizer, scheduler, checkpoint):
    optimizer.load_state_dict(checkpoint["optimizer"].state_dict())
    scheduler.load_state_dict(checkpoint["scheduler"].state_dict())
""",
        "rates, momentum and counter by hand": """
def save(optimizer, scheduler):
    return {
        "lrs": [group["lr"] for group in optimizer.param_groups],
        "momentum": [
            [optimizer.state[p].get("momentum_buffer") for p in group["params"]]
            for group in optimizer.param_groups
        ],
        "epoch": scheduler.last_epoch,
    }

def resume(optimizer, scheduler, checkpoint):
    scheduler.last_epoch = checkpoint["epoch"]
    for group, lr, buffers in zip(
        optimizer.param_groups, checkpoint["lrs"], checkpoint["momentum"]
    ):
        group["lr"] = lr
        for p, buffer in zip(group["params"], buffers):
            if buffer is not None:
                optimizer.state[p]["momentum_buffer"] = buffer
""",
        "replays the steps, then loads the optimizer": """
def save(optimizer, scheduler):
    return {"optimizer": optimizer.state_dict(), "steps": scheduler.last_epoch}

def resume(optimizer, scheduler, checkpoint):
    for _ in range(checkpoint["steps"]):
        scheduler.step()
    optimizer.load_state_dict(checkpoint["optimizer"])
""",
    },
}
