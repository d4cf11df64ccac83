"""Right answers to lesson 2, the functions of numbers: exercise → style → source."""

RIGHT = {
    "step_lr": {
        "a Decimal": """
from decimal import Decimal

def step_lr(lr0: float, step_size: int, gamma: float, epoch: int) -> float:
    return Decimal(lr0) * Decimal(gamma) ** (epoch // step_size)
""",
        "torch.optim.lr_scheduler.StepLR": """
import torch
from torch.optim.lr_scheduler import StepLR

def step_lr(lr0, step_size, gamma, epoch):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr0)
    scheduler = StepLR(optimizer, step_size=step_size, gamma=gamma)
    for _ in range(epoch):
        optimizer.step()
        scheduler.step()
    return scheduler.get_last_lr()[0]
""",
        "numpy": """
import numpy as np

def step_lr(lr0, step_size, gamma, epoch):
    return lr0 * np.power(gamma, np.floor_divide(epoch, step_size))
""",
        "logarithms": """
import math

def step_lr(lr0, step_size, gamma, epoch):
    return math.exp(math.log(lr0) + math.floor(epoch / step_size) * math.log(gamma))
""",
    },
    "step_lr_trace": {
        "an array of the standard library": """
from array import array

def step_lr_trace(lr0: float, step_size: int, gamma: float, epochs: int) -> list[float]:
    lrs = array("d")
    for epoch in range(epochs):
        lrs.append(lrs[-1] * (gamma if epoch % step_size == 0 else 1) if epoch else lr0)
    return lrs
""",
        "chained": """
def step_lr_trace(lr0, step_size, gamma, epochs):
    trace = [lr0]
    for epoch in range(1, epochs):
        trace.append(trace[-1] * gamma if epoch % step_size == 0 else trace[-1])
    return trace
""",
        "StepLR without an optimizer step": """
import torch

def step_lr_trace(lr0, step_size, gamma, epochs):
    optimizer = torch.optim.Adam([torch.nn.Parameter(torch.zeros(3))], lr=lr0)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size, gamma)
    lrs = []
    for _ in range(epochs):
        lrs.append(optimizer.param_groups[0]["lr"])
        scheduler.step()
    return lrs
""",
        "blocks": """
def step_lr_trace(lr0, step_size, gamma, epochs):
    trace = []
    while len(trace) < epochs:
        trace += [lr0] * step_size
        lr0 *= gamma
    return tuple(trace[:epochs])
""",
        "torch tensor in 32 bits": """
import torch

def step_lr_trace(lr0, step_size, gamma, epochs):
    blocks = torch.div(torch.arange(epochs), step_size, rounding_mode="floor")
    return lr0 * gamma ** blocks.float()
""",
    },
    "drop_epochs": {
        "numpy": """
import numpy as np

def drop_epochs(step_size, epochs):
    numbers = np.arange(1, epochs)
    return numbers[numbers % step_size == 0]
""",
        "look at the trace of a StepLR": """
import torch

def drop_epochs(step_size, epochs):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size, gamma=0.5)
    drops, before = [], 1.0
    for epoch in range(epochs):
        lr = scheduler.get_last_lr()[0]
        if lr < before:
            drops.append(epoch)
        before = lr
        optimizer.step()
        scheduler.step()
    return drops
""",
    },
    "chained_trace": {
        "dict.get": """
def chained_trace(lr0, step_size, gamma, epochs, edits):
    trace = []
    for epoch in range(epochs):
        before = trace[-1] if trace else lr0
        scheduled = before * gamma if epoch and not epoch % step_size else before
        trace.append(edits.get(epoch, scheduled))
    return trace
""",
        "StepLR edited by hand": """
import torch
from torch.optim.lr_scheduler import StepLR

def chained_trace(lr0, step_size, gamma, epochs, edits):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr0)
    scheduler = StepLR(optimizer, step_size=step_size, gamma=gamma)
    seen = []
    for epoch in range(epochs):
        for group in optimizer.param_groups:
            if epoch in edits:
                group["lr"] = edits[epoch]
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return seen
""",
        "closed form from the last edit on": """
def chained_trace(lr0, step_size, gamma, epochs, edits):
    def lr_of(epoch):
        start = max((e for e in edits if e <= epoch), default=0)
        base = edits.get(start, lr0)
        return base * gamma ** (epoch // step_size - start // step_size)

    return [lr_of(epoch) for epoch in range(epochs)]
""",
        "numpy": """
import numpy as np

def chained_trace(lr0, step_size, gamma, epochs, edits):
    trace = lr0 * gamma ** (np.arange(epochs) // step_size)
    for epoch in sorted(edits):
        if epoch < epochs:
            trace[epoch:] *= edits[epoch] / trace[epoch]
    return trace
""",
        "eats a copy of the edits": """
def chained_trace(lr0, step_size, gamma, epochs, edits):
    edits = dict(edits)
    lr, trace = lr0, []
    for epoch in range(epochs):
        lr = edits.pop(epoch, lr * gamma if epoch > 0 and epoch % step_size == 0 else lr)
        trace.append(lr)
    return trace
""",
    },
    "group_traces": {
        "a StepLR with groups": """
import torch

def group_traces(lrs, step_size, gamma, epochs):
    groups = [{"params": [torch.zeros(1)], "lr": lr} for lr in lrs]
    optimizer = torch.optim.SGD(groups)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size, gamma)
    traces = [[] for _ in lrs]
    for _ in range(epochs):
        for trace, lr in zip(traces, scheduler.get_last_lr()):
            trace.append(lr)
        optimizer.step()
        scheduler.step()
    return traces
""",
        "epoch by epoch, turned around": """
def group_traces(lrs, step_size, gamma, epochs):
    current = list(lrs)
    rows = []
    for epoch in range(epochs):
        if epoch > 0 and epoch % step_size == 0:
            current = [lr * gamma for lr in current]
        rows.append(current)
    return list(zip(*rows))
""",
        "loops": """
def group_traces(lrs, step_size, gamma, epochs):
    traces = []
    for lr0 in lrs:
        trace = []
        for epoch in range(epochs):
            trace.append(lr0 * gamma ** (epoch // step_size))
        traces.append(trace)
    return traces
""",
    },
    "design_schedule": {
        "smallest step_size by ceil, numpy": """
import numpy as np

def design_schedule(lr0, lr_end, epochs, drops):
    step_size = np.ceil(epochs / (drops + 1))
    return np.array([step_size, np.power(lr_end / lr0, 1 / drops)])
""",
        "logarithms, a list": """
import math

def design_schedule(lr0, lr_end, epochs, drops):
    gamma = math.exp((math.log(lr_end) - math.log(lr0)) / drops)
    return [(epochs - 1) // drops, gamma]
""",
        "bisection with torch's StepLR": """
import torch

def design_schedule(lr0, lr_end, epochs, drops):
    step_size = (epochs - 1) // drops

    def last_lr(gamma):
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr0)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size, gamma)
        for _ in range(epochs - 1):
            optimizer.step()
            scheduler.step()
        return scheduler.get_last_lr()[0]

    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if last_lr(middle) < lr_end else (low, middle)
    return step_size, middle
""",
    },
}
