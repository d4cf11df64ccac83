"""Right answers to lesson 4, the rules of one update: exercise → style → source."""

RIGHT = {
    "linear_decay": {
        "numpy's line": """
import numpy as np

def linear_decay(lr0, total, step):
    return np.linspace(lr0, 0, total + 1)[step]
""",
        "one subtraction after the other": """
def linear_decay(lr0, total, step):
    lr = lr0
    for _ in range(step):
        lr -= lr0 / total
    return lr
""",
        "torch's polynomial": """
import torch
from torch.optim.lr_scheduler import PolynomialLR

def linear_decay(lr0, total, step):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr0)
    scheduler = PolynomialLR(optimizer, total_iters=total, power=1.0)
    for _ in range(step):
        optimizer.step()
        scheduler.step()
    return optimizer.param_groups[0]["lr"]
""",
        "between two points, float32": """
import torch

def linear_decay(lr0, total, step):
    return torch.lerp(torch.tensor(lr0), torch.tensor(0.0), step / total)
""",
        "a difference in float32": """
import numpy as np

def linear_decay(lr0, total, step):
    return np.float32(lr0) * (1 - np.float32(step) / np.float32(total))
""",
        "fractions": """
from fractions import Fraction

def linear_decay(lr0, total, step):
    return float(Fraction(lr0) * Fraction(total - step, total))
""",
        "ends first": """
def linear_decay(lr0, total, step):
    if step == 0:
        return lr0
    if step == total:
        return 0
    slope = -lr0 / total
    return lr0 + slope * step
""",
    },
    "cosine_lr": {
        "torch's own": """
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR

def cosine_lr(lr0, lr_min, total, step):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr0)
    scheduler = CosineAnnealingLR(optimizer, T_max=total, eta_min=lr_min)
    for _ in range(step):
        optimizer.step()
        scheduler.step()
    return scheduler.get_last_lr()[0]
""",
        "numpy": """
import numpy as np

def cosine_lr(lr0, lr_min, total, step):
    angles = np.linspace(0, np.pi, total + 1)
    return (lr_min + 0.5 * (lr0 - lr_min) * (1 + np.cos(angles)))[step]
""",
        "middle and half the distance": """
from math import cos, pi

def cosine_lr(lr0, lr_min, total, step):
    middle, swing = (lr0 + lr_min) / 2, (lr0 - lr_min) / 2
    return middle + swing * cos(pi * step / total)
""",
        "half-angle sine": """
import math

def cosine_lr(lr0, lr_min, total, step):
    done = math.sin(math.pi / 2 * step / total) ** 2
    return lr0 + (lr_min - lr0) * done
""",
        "degrees": """
import math

def cosine_lr(lr0, lr_min, total, step):
    degrees = 180 * step / total
    left = (1 + math.cos(math.radians(degrees))) / 2
    return left * lr0 + (1 - left) * lr_min
""",
        "float32": """
import torch

def cosine_lr(lr0, lr_min, total, step):
    share = torch.tensor(step) / total
    return (lr_min + (lr0 - lr_min) * (1 + torch.cos(torch.pi * share)) / 2).item()
""",
        "a tensor, float64": """
import torch

def cosine_lr(lr0, lr_min, total, step):
    share = torch.tensor(step, dtype=torch.float64) / total
    return lr_min + (lr0 - lr_min) * (1 + torch.cos(torch.pi * share)) / 2
""",
        "a whole list": """
import math

def cosine_lr(lr0, lr_min, total, step):
    lrs = [lr_min + (lr0 - lr_min) * 0.5 * (1 + math.cos(math.pi * t / total))
           for t in range(total + 1)]
    return lrs[step]
""",
        "warm restarts that never restart": """
import torch
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts

def cosine_lr(lr0, lr_min, total, step):
    if step == total:
        return lr_min
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr0)
    scheduler = CosineAnnealingWarmRestarts(optimizer, T_0=total, eta_min=lr_min)
    for _ in range(step):
        optimizer.step()
        scheduler.step()
    return scheduler.get_last_lr()[0]
""",
    },
    "warmup_lr": {
        "a Fraction": """
from fractions import Fraction

def warmup_lr(lr0: float, warmup: int, step: int) -> float:
    return min(Fraction(step + 1, warmup), Fraction(1)) * Fraction(lr0)
""",
        "a comprehension": """
def warmup_lr(lr0, warmup, step):
    ramp = [lr0 * (t + 1) / warmup for t in range(warmup)]
    return ramp[step] if step < warmup else lr0
""",
        "recursion": """
def warmup_lr(lr0, warmup, step):
    if step >= warmup - 1:
        return lr0
    return warmup_lr(lr0, warmup, step + 1) - lr0 / warmup
""",
        "numpy": """
import numpy as np

def warmup_lr(lr0, warmup, step):
    return np.interp(step + 1, [0, warmup], [0, lr0])
""",
        "torch's LinearLR": """
import torch
from torch.optim.lr_scheduler import LinearLR

def warmup_lr(lr0, warmup, step):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr0)
    scheduler = LinearLR(optimizer, start_factor=1 / warmup, total_iters=warmup - 1)
    for _ in range(step):
        optimizer.step()
        scheduler.step()
    return optimizer.param_groups[0]["lr"]
""",
        "a clamped tensor": """
import torch

def warmup_lr(lr0, warmup, step):
    return lr0 * torch.tensor((step + 1) / warmup).clamp(max=1.0)
""",
        "the smaller number of updates": """
def warmup_lr(lr0, warmup, step):
    return min(step + 1, warmup) / warmup * lr0
""",
    },
    "warmup_cosine": {
        "torch in sequence": """
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR

def warmup_cosine(lr0, lr_min, warmup, total, step):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr0)
    rise = LinearLR(optimizer, start_factor=1 / warmup, total_iters=warmup - 1)
    fall = CosineAnnealingLR(optimizer, T_max=total - warmup, eta_min=lr_min)
    both = SequentialLR(optimizer, [rise, fall], milestones=[warmup])
    for _ in range(step):
        optimizer.step()
        both.step()
    return optimizer.param_groups[0]["lr"]
""",
        "torch's LambdaLR": """
import math
import torch
from torch.optim.lr_scheduler import LambdaLR

def warmup_cosine(lr0, lr_min, warmup, total, step):
    def factor(t):
        if t < warmup:
            return (t + 1) / warmup
        left = (1 + math.cos(math.pi * (t - warmup) / (total - warmup))) / 2
        return (lr_min + (lr0 - lr_min) * left) / lr0

    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr0)
    scheduler = LambdaLR(optimizer, factor)
    for _ in range(step):
        optimizer.step()
        scheduler.step()
    return scheduler.get_last_lr()[0]
""",
        "two lists": """
def warmup_cosine(lr0, lr_min, warmup, total, step):
    lrs = [warmup_lr(lr0, warmup, t) for t in range(warmup)]
    lrs += [cosine_lr(lr0, lr_min, total - warmup, t) for t in range(total - warmup + 1)]
    return lrs[step]
""",
        "numpy": """
import numpy as np

def warmup_cosine(lr0, lr_min, warmup, total, step):
    t = np.arange(total + 1)
    done = np.clip((t - warmup) / (total - warmup), 0, None)
    fall = lr_min + (lr0 - lr_min) * (1 + np.cos(np.pi * done)) / 2
    return np.where(t < warmup, lr0 * (t + 1) / warmup, fall)[step]
""",
        "one expression": """
import math

def warmup_cosine(lr0, lr_min, warmup, total, step):
    return (
        (step + 1) * lr0 / warmup
        if step < warmup
        else lr_min
        + 0.5 * (lr0 - lr_min) * (1 + math.cos((step - warmup) * math.pi / (total - warmup)))
    )
""",
        "float32, warm-up by torch.where": """
import torch

def warmup_cosine(lr0, lr_min, warmup, total, step):
    t = torch.arange(total + 1)
    rise = lr0 * (t + 1) / warmup
    left = (1 + torch.cos(torch.pi * (t - warmup) / (total - warmup))) / 2
    return torch.where(t < warmup, rise, lr_min + (lr0 - lr_min) * left)[step].item()
""",
        "joined at the top": """
def warmup_cosine(lr0, lr_min, warmup, total, step):
    if step <= warmup:
        return warmup_lr(lr0, warmup, step)
    step -= warmup
    total -= warmup
    return cosine_lr(lr0=lr0, lr_min=lr_min, total=total, step=step)
""",
    },
    "sequence_trace": {
        "a comprehension": """
def sequence_trace(lr0, start_factor, warmup, step_size, gamma, steps):
    return [
        lr0 * (start_factor + (1 - start_factor) * t / warmup)
        if t < warmup
        else lr0 * gamma ** ((t - warmup) // step_size)
        for t in range(steps)
    ]
""",
        "two parts, cut": """
def sequence_trace(lr0, start_factor, warmup, step_size, gamma, steps):
    first = [lr0 * start_factor + t * lr0 * (1 - start_factor) / warmup for t in range(warmup)]
    second = [lr0 * gamma ** (t // step_size) for t in range(steps)]
    return (first + second)[:steps]
""",
        "numpy": """
import numpy as np

def sequence_trace(lr0, start_factor, warmup, step_size, gamma, steps):
    t = np.arange(steps)
    rise = np.interp(t, [0, warmup], [start_factor, 1.0])
    fall = float(gamma) ** ((t - warmup) // step_size)
    return lr0 * np.where(t < warmup, rise, fall)
""",
        "one lr from the other": """
def sequence_trace(lr0, start_factor, warmup, step_size, gamma, steps):
    lrs, lr = [], start_factor * lr0
    for t in range(steps):
        if t == warmup:
            lr = lr0
        elif t > warmup and (t - warmup) % step_size == 0:
            lr *= gamma
        lrs.append(lr)
        if t < warmup:
            lr += lr0 * (1 - start_factor) / warmup
    return lrs
""",
        "a generator": """
from itertools import count, islice

def sequence_trace(lr0, start_factor, warmup, step_size, gamma, steps):
    def lrs():
        for t in range(warmup):
            yield lr0 * (start_factor * (warmup - t) + t) / warmup
        for drops in count():
            for _ in range(step_size):
                yield lr0 * gamma ** drops

    return tuple(islice(lrs(), steps))
""",
        "torch's LambdaLR": """
import torch
from torch.optim.lr_scheduler import LambdaLR

def sequence_trace(lr0, start_factor, warmup, step_size, gamma, steps):
    def factor(t):
        if t < warmup:
            return start_factor + (1 - start_factor) * t / warmup
        return gamma ** ((t - warmup) // step_size)

    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr0)
    scheduler = LambdaLR(optimizer, lr_lambda=factor)
    lrs = torch.empty(steps, dtype=torch.float64)
    for t in range(steps):
        lrs[t] = scheduler.get_last_lr()[0]
        optimizer.step()
        scheduler.step()
    return lrs
""",
        "two schedulers, an if": """
import torch
from torch.optim.lr_scheduler import LinearLR, StepLR

def sequence_trace(lr0, start_factor, warmup, step_size, gamma, steps):
    def of(make, count):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr0)
        scheduler = make(optimizer)
        for _ in range(count):
            yield optimizer.param_groups[0]["lr"]
            optimizer.step()
            scheduler.step()

    early = min(warmup, steps)
    rise = of(lambda o: LinearLR(o, start_factor, total_iters=warmup), early)
    fall = of(lambda o: StepLR(o, step_size, gamma), steps - early)
    return [*rise, *fall]
""",
    },
    "one_cycle": {
        "torch's own": """
import torch
from torch.optim.lr_scheduler import OneCycleLR

def one_cycle(max_lr, total, pct_start, div_factor, final_div_factor, step):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=max_lr)
    scheduler = OneCycleLR(
        optimizer,
        max_lr=max_lr,
        total_steps=total,
        pct_start=pct_start,
        div_factor=div_factor,
        final_div_factor=final_div_factor,
        cycle_momentum=False,
    )
    for _ in range(step):
        optimizer.step()
        scheduler.step()
    return scheduler.get_last_lr()[0]
""",
        "a helper between two corners": """
import math

def one_cycle(max_lr, total, pct_start, div_factor, final_div_factor, step):
    def between(start, end, share):
        return end + (start - end) / 2 * (1 + math.cos(math.pi * share))

    low = max_lr / div_factor
    peak, end = pct_start * total - 1, total - 1
    if step <= peak:
        return between(low, max_lr, step / peak)
    return between(max_lr, low / final_div_factor, (step - peak) / (end - peak))
""",
        "early return, sine": """
import math

def one_cycle(max_lr, total, pct_start, div_factor, final_div_factor, step):
    peak = total * pct_start - 1
    first = max_lr / div_factor
    if step > peak:
        last = first / final_div_factor
        done = math.sin(math.pi / 2 * (step - peak) / (total - 1 - peak)) ** 2
        return max_lr + (last - max_lr) * done
    done = math.sin(math.pi / 2 * step / peak) ** 2
    return first + (max_lr - first) * done
""",
        "numpy": """
import numpy as np

def one_cycle(max_lr, total, pct_start, div_factor, final_div_factor, step):
    corners = np.array([0.0, pct_start * total - 1, total - 1.0])
    lrs = np.array([1 / div_factor, 1.0, 1 / (div_factor * final_div_factor)]) * max_lr
    way = int(step > corners[1])
    done = (step - corners[way]) / (corners[way + 1] - corners[way])
    return lrs[way + 1] + (lrs[way] - lrs[way + 1]) * (1 + np.cos(np.pi * done)) / 2
""",
        "float32": """
import torch

def one_cycle(max_lr, total, pct_start, div_factor, final_div_factor, step):
    low = torch.tensor(max_lr) / div_factor
    peak = pct_start * total - 1
    if step <= peak:
        return low + (max_lr - low) * (1 - torch.cos(torch.tensor(torch.pi * step / peak))) / 2
    last, share = low / final_div_factor, torch.tensor((step - peak) / (total - 1 - peak))
    return last + (max_lr - last) * (1 + torch.cos(torch.pi * share)) / 2
""",
        "a loop over the ways": """
def one_cycle(max_lr, total, pct_start, div_factor, final_div_factor, step):
    low = max_lr / div_factor
    peak = float(pct_start * total) - 1
    ways = [(0, peak, low, max_lr), (peak, total - 1, max_lr, low / final_div_factor)]
    for begin, end, lr_begin, lr_end in ways:
        if step <= end:
            return cosine_lr(lr_begin, lr_end, end - begin, step - begin)
""",
    },
}
