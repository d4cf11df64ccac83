"""What the example class wrote for lesson 5, `detective`."""

from __future__ import annotations

from grader.demo.rows import Answers

first_difference = Answers(
    right={
        "index-loop": """
for index in range(max(len(log), len(plan))):
    if index >= len(log) or index >= len(plan):
        return index
    if abs(log[index] - plan[index]) > 1e-9 * max(abs(log[index]), abs(plan[index])):
        return index
return None
""",
        "numpy": """
import numpy as np

both = min(len(log), len(plan))
apart = ~np.isclose(np.array(log[:both]), np.array(plan[:both]), rtol=1e-9, atol=0)
if apart.any():
    return apart.argmax()
return both if len(log) != len(plan) else None
""",
    },
    mistakes={
        "exact": """
for index, (used, planned) in enumerate(zip(log, plan)):
    if used != planned:
        return index
return None if len(log) == len(plan) else min(len(log), len(plan))
""",
        "from-1": """
for number, (used, planned) in enumerate(zip(log, plan), start=1):
    if not math.isclose(used, planned):
        return number
return None if len(log) == len(plan) else min(len(log), len(plan)) + 1
""",
        "shorter": """
for index, (used, planned) in enumerate(zip(log, plan)):
    if not math.isclose(used, planned):
        return index
""",
        "how-many": """
apart = sum(not math.isclose(used, planned) for used, planned in zip(log, plan))
apart += abs(len(log) - len(plan))
return apart or None
""",
    },
)

culprit = Answers(
    mistakes={
        "planned": 'return "none"',
        "all-hands": """
plan = [lr0 * gamma ** (update // batches // step_size) for update in range(len(log))]
return "none" if first_difference(log, plan) is None else "lr set by hand"
""",
    },
    unnamed={
        "flat-or-not": 'return "never stepped" if len(set(log)) == 1 else "none"',
    },
)

plateau_culprit = Answers(
    mistakes={
        "planned": 'return "none"',
        "after-the-call": """
def log_of(losses, **changes):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr0)
    scheduler = ReduceLROnPlateau(optimizer, **{**config, **changes})
    lrs = []
    for loss in losses:
        scheduler.step(loss)
        lrs.append(optimizer.param_groups[0]["lr"])
    return lrs

if first_difference(log, log_of(val_losses)) is None:
    return "none" if len(log) == epochs else "early stopping"
if first_difference(log, log_of(train_losses)) is None:
    return "training loss"
if first_difference(log, log_of(val_losses, mode="max")) is None:
    return "wrong mode"
return "state lost at a break"
""",
    },
    unnamed={
        "length-only": 'return "early stopping" if len(log) < epochs else "none"',
    },
)
