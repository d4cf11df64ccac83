"""Right answers to lesson 1 as learners write them: exercise → style → source."""

RIGHT = {
    "sgd_step": {
        "torch.optim.SGD": """
import torch

def sgd_step(w, grad, lr):
    weight = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    weight.grad = torch.tensor(grad, dtype=torch.float64)
    torch.optim.SGD([weight], lr=lr).step()
    return weight
""",
        "torch.optim.SGD in 32 bits": """
import torch

def sgd_step(w, grad, lr):
    p = torch.nn.Parameter(torch.tensor([w]))
    p.grad = torch.tensor([grad])
    torch.optim.SGD([p], lr=lr).step()
    return p.item()
""",
        "autograd": """
import torch

def sgd_step(w, grad, lr):
    weight = torch.tensor(w, requires_grad=True)
    (grad * weight).backward()
    with torch.no_grad():
        weight -= lr * weight.grad
    return weight
""",
        "in two lines, with print": """
def sgd_step(w: float, grad: float, lr: float) -> float:
    downhill = -grad
    w += lr * downhill
    print("new weight", w)
    return w
""",
    },
    "read_lrs": {
        "state_dict": """
def read_lrs(optimizer):
    return tuple(group["lr"] for group in optimizer.state_dict()["param_groups"])
""",
        "map to an array": """
from operator import itemgetter
import numpy as np

def read_lrs(optimizer):
    return np.array(list(map(itemgetter("lr"), optimizer.param_groups)))
""",
        "a scheduler's last lr, on a copy": """
import copy
import torch

def read_lrs(optimizer):
    twin = copy.deepcopy(optimizer)
    return torch.optim.lr_scheduler.StepLR(twin, step_size=1).get_last_lr()
""",
    },
    "quadratic_path": {
        "itertools.accumulate": """
from itertools import accumulate, repeat

def quadratic_path(theta0, curvature, lr, steps):
    shrink = 1 - lr * curvature
    return tuple(accumulate(repeat(shrink, steps), lambda theta, s: theta * s, initial=theta0))
""",
    },
    "classify_lr": {
        "members of a text Enum": """
import enum

class Word(str, enum.Enum):
    DIVERGING = "diverging"
    OSCILLATING = "oscillating"
    MONOTONE = "monotone"

def classify_lr(curvature: float, lr: float) -> str:
    times = lr * curvature
    return Word.DIVERGING if times >= 2 else Word.OSCILLATING if times > 1 else Word.MONOTONE
""",
        "product": """
def classify_lr(curvature, lr):
    product = lr * curvature
    if product >= 2:
        return "diverging"
    elif product > 1:
        return "oscillating"
    else:
        return "monotone"
""",
        "numpy.select": """
import numpy as np

def classify_lr(curvature, lr):
    return np.select(
        [lr <= 1 / curvature, lr < 2 / curvature], ["monotone", "oscillating"], "diverging"
    )
""",
        "take two steps and look": """
def classify_lr(curvature, lr):
    theta0 = 1.0
    theta1 = theta0 - lr * curvature * theta0
    theta2 = theta1 - lr * curvature * theta1
    if theta1 >= 0:
        return "monotone"
    return "oscillating" if theta2 < theta0 else "diverging"
""",
        "a table": """
from bisect import bisect_left

def classify_lr(curvature, lr):
    if lr == 2 / curvature:
        return "diverging"
    names = ["monotone", "oscillating", "diverging"]
    return names[bisect_left([1 / curvature, 2 / curvature], lr)]
""",
    },
    "count_updates": {
        "loop": """
def count_updates(num_examples, batch_size, epochs, drop_last):
    updates = 0
    for _ in range(epochs):
        left = num_examples
        while left > 0:
            if left >= batch_size or not drop_last:
                updates += 1
            left -= batch_size
    return updates
""",
        "numpy, a float": """
import numpy as np

def count_updates(num_examples, batch_size, epochs, drop_last):
    starts = np.arange(0, num_examples, batch_size)
    sizes = np.minimum(batch_size, num_examples - starts)
    kept = (sizes == batch_size) | (not drop_last)
    return np.float64(kept.sum() * epochs)
""",
    },
    "log_grid": {
        "a deque": """
from collections import deque

def log_grid(low: float, high: float, num: int) -> list[float]:
    grid = deque([high])
    for _ in range(num - 1):
        grid.appendleft(grid[0] * (low / high) ** (1 / (num - 1)))
    return grid
""",
        "torch.logspace": """
import math
import torch

def log_grid(low, high, num):
    return torch.logspace(math.log10(low), math.log10(high), num, dtype=torch.float64)
""",
        "natural logarithms": """
import math

def log_grid(low, high, num):
    start, stop = math.log(low), math.log(high)
    gap = (stop - start) / (num - 1)
    return [math.exp(start + gap * index) for index in range(num)]
""",
        "torch.logspace in 32 bits": """
import math
import torch

def log_grid(low, high, num):
    return torch.logspace(math.log10(low), math.log10(high), num)
""",
    },
    "epoch_loss": {
        "a Fraction": """
from fractions import Fraction

def epoch_loss(batch_losses: list[float], batch_sizes: list[int]) -> float:
    return sum(map(Fraction.__mul__, map(Fraction, batch_losses), batch_sizes)) / sum(batch_sizes)
""",
        "torch": """
import torch

def epoch_loss(batch_losses, batch_sizes):
    losses = torch.tensor(batch_losses, dtype=torch.float64)
    sizes = torch.tensor(batch_sizes, dtype=torch.float64)
    return losses @ sizes / sizes.sum()
""",
        "torch in 32 bits": """
import torch

def epoch_loss(batch_losses, batch_sizes):
    losses, sizes = torch.tensor(batch_losses), torch.tensor(batch_sizes)
    return (losses * sizes).sum() / sizes.sum()
""",
        "a dot product in 32 bits": """
import torch

def epoch_loss(batch_losses, batch_sizes):
    losses, sizes = torch.tensor(batch_losses), torch.tensor(batch_sizes).float()
    return torch.dot(losses, sizes) / sizes.sum()
""",
        "repeat_interleave": """
import torch

def epoch_loss(batch_losses, batch_sizes):
    losses, sizes = torch.tensor(batch_losses), torch.tensor(batch_sizes)
    return losses.repeat_interleave(sizes).mean().item()
""",
        "one loss per image": """
from statistics import fmean

def epoch_loss(batch_losses, batch_sizes):
    return fmean(loss for loss, size in zip(batch_losses, batch_sizes) for _ in range(size))
""",
    },
    "pick_lr": {
        "float32": """
import torch

def pick_lr(val_loss_by_lr: dict[float, float]) -> tuple[float, bool]:
    rates, losses = map(torch.tensor, zip(*sorted(val_loss_by_lr.items())))
    losses = losses.nan_to_num(nan=math.inf, posinf=math.inf)
    best = losses.argmin().item()
    return rates[best], best in (0, len(rates) - 1)
""",
        "numpy": """
import numpy as np

def pick_lr(val_loss_by_lr):
    lrs = np.array(list(val_loss_by_lr))
    losses = np.nan_to_num(np.array(list(val_loss_by_lr.values())), nan=np.inf)
    best = lrs[losses.argmin()]
    return best, (best == lrs.min()) | (best == lrs.max())
""",
        "sorted by loss": """
import math

def pick_lr(val_loss_by_lr):
    pairs = [(loss, lr) for lr, loss in val_loss_by_lr.items() if not math.isnan(loss)]
    _, best = sorted(pairs)[0]
    return [best, best in {min(val_loss_by_lr), max(val_loss_by_lr)}]
""",
        "the ends unpacked": """
import math

def pick_lr(val_loss_by_lr):
    low, *_, high = sorted(val_loss_by_lr)
    best = min((loss, lr) for lr, loss in val_loss_by_lr.items() if math.isfinite(loss))[1]
    return best, best in (low, high)
""",
        "on a copy, failed runs deleted": """
import math

def pick_lr(val_loss_by_lr):
    tried = sorted(val_loss_by_lr)
    runs = dict(val_loss_by_lr)
    for lr in tried:
        if not math.isfinite(runs[lr]):
            del runs[lr]
    best = min(runs, key=lambda lr: runs[lr])
    return best, tried.index(best) in (0, len(tried) - 1)
""",
    },
}
