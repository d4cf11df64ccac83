"""Answers of the demonstration's learners: exercise → name → what they wrote below the docstring.

Data only. `resume` asks for two functions, so its answers are pairs. The names of right answers and
of mistakes are the words in which `demo_class` says who wrote what.
"""

from __future__ import annotations

Bodies = str | tuple[str, ...]

# Right, and written in another way than in solutions/.
RIGHT: dict[str, dict[str, Bodies]] = {
    "sgd_step": {
        "torch": """
weight = torch.tensor(w, dtype=torch.float64, requires_grad=True)
weight.grad = torch.tensor(grad, dtype=torch.float64)
torch.optim.SGD([weight], lr=lr).step()
return weight.item()
""",
        "numpy": "return np.subtract(w, np.multiply(lr, grad))",
    },
    "read_lrs": {
        "loop": """
lrs = []
for group in optimizer.param_groups:
    lrs.append(group["lr"])
return lrs
""",
        "numpy": 'return np.array([group["lr"] for group in optimizer.param_groups])',
    },
    "quadratic_path": {
        "numpy": "return theta0 * (1 - lr * curvature) ** np.arange(steps + 1)",
        "recursion": """
if steps == 0:
    return [theta0]
return [theta0] + quadratic_path(theta0 - lr * curvature * theta0, curvature, lr, steps - 1)
""",
        "torch": """
theta = torch.tensor(theta0, dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.SGD([theta], lr=lr)
path = [theta.item()]
for _ in range(steps):
    optimizer.zero_grad()
    (0.5 * curvature * theta**2).backward()
    optimizer.step()
    path.append(theta.item())
return path
""",
    },
    "classify_lr": {
        "numpy": """
cases = [lr * curvature <= 1, lr * curvature < 2]
return np.select(cases, ["monotone", "oscillating"], "diverging")
""",
        "factor": """
factor = 1 - lr * curvature
if abs(factor) >= 1:
    return "diverging"
return "monotone" if factor >= 0 else "oscillating"
""",
    },
    "count_updates": {
        "torch": """
from torch.utils.data import DataLoader

return epochs * len(DataLoader(range(num_examples), batch_size, drop_last=drop_last))
""",
        "ceil": """
rounded = math.floor if drop_last else math.ceil
return epochs * rounded(num_examples / batch_size)
""",
    },
    "epoch_loss": {
        "numpy": "return np.average(batch_losses, weights=batch_sizes)",
        "loop": """
total, images = 0.0, 0
for i in range(len(batch_losses)):
    total += batch_losses[i] * batch_sizes[i]
    images += batch_sizes[i]
return total / images
""",
    },
    "log_grid": {
        "numpy": "return np.geomspace(low, high, num)",
        "loop": """
factor = (high / low) ** (1 / (num - 1))
lrs = [low]
while len(lrs) < num:
    lrs.append(lrs[-1] * factor)
return lrs
""",
    },
    "pick_lr": {
        "loop": """
best_lr, best_loss = None, math.inf
for lr, loss in val_loss_by_lr.items():
    if loss < best_loss:
        best_lr, best_loss = lr, loss
lrs = sorted(val_loss_by_lr)
return best_lr, best_lr == lrs[0] or best_lr == lrs[-1]
""",
    },
    "step_lr": {
        "loop": """
lr = lr0
for e in range(1, epoch + 1):
    if e % step_size == 0:
        lr = lr * gamma
return lr
""",
        "recursion": """
if epoch < step_size:
    return lr0
return gamma * step_lr(lr0, step_size, gamma, epoch - step_size)
""",
        "chatty": """
lr = lr0
for e in range(epoch + 1):
    for _ in range(20):
        print("epoch", e, "step_size", step_size, "gamma", gamma, "lr", lr, "*" * 200)
    lr = lr0 * gamma ** (e // step_size)
return lr
""",
    },
    "step_lr_trace": {
        "torch": """
optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr0)
scheduler = StepLR(optimizer, step_size=step_size, gamma=gamma)
lrs = []
for _ in range(epochs):
    lrs.append(scheduler.get_last_lr()[0])
    optimizer.step()
    scheduler.step()
return lrs
""",
        "numpy": """
import numpy as np

return lr0 * gamma ** (np.arange(epochs) // step_size)
""",
    },
    "drop_epochs": {
        "range": "return range(step_size, epochs, step_size)",
        "while": """
drops = []
epoch = step_size
while epoch < epochs:
    drops.append(epoch)
    epoch += step_size
return drops
""",
    },
    "make_scheduler": {"by-position": "return StepLR(optimizer, step_size, gamma)"},
    "fit": {
        "get_last_lr": """
used = []
for epoch in range(epochs):
    used.append(scheduler.get_last_lr()[0])
    losses = []
    for batch in batches:
        optimizer.zero_grad()
        losses.append(train_batch(batch))
        optimizer.step()
    print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}")
    scheduler.step()
return used
""",
    },
    "chained_trace": {
        "torch": """
optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr0)
scheduler = StepLR(optimizer, step_size=step_size, gamma=gamma)
trace = []
for epoch in range(epochs):
    group = optimizer.param_groups[0]
    group["lr"] = edits.get(epoch, group["lr"])
    trace.append(group["lr"])
    optimizer.step()
    scheduler.step()
return trace
""",
    },
    "group_traces": {
        "numpy": """
import numpy as np

return np.outer(lrs, gamma ** (np.arange(epochs) // step_size))
""",
    },
    "resume": {
        "in-one-list": (
            'return {"both": [optimizer.state_dict(), scheduler.state_dict()]}',
            """
for thing, state in zip((optimizer, scheduler), checkpoint["both"]):
    thing.load_state_dict(state)
""",
        ),
    },
    "design_schedule": {
        "search": """
step_size = 1
while len(range(step_size, epochs, step_size)) != drops:
    step_size += 1
return [step_size, math.exp(math.log(lr_end / lr0) / drops)]
""",
    },
    "is_better": {
        "cases": """
if mode == "min":
    if threshold_mode == "rel":
        return metric < best * (1 - threshold)
    return metric < best - threshold
if threshold_mode == "rel":
    return metric > best * (1 + threshold)
return metric > best + threshold
""",
        "torch": """
optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
scheduler = ReduceLROnPlateau(optimizer, mode, threshold=threshold, threshold_mode=threshold_mode)
scheduler.best = best
scheduler.step(metric)
return scheduler.num_bad_epochs == 0
""",
    },
    "first_drop": {"short": "return patience + 2"},
    "flat_drops": {
        "while": """
drops = []
call = patience + 2
while call <= calls:
    drops.append(call)
    call += patience + 1 + cooldown
return drops
""",
    },
    "clamp_lr": {
        "steps": """
new_lr = lr * factor
if new_lr < min_lr:
    new_lr = min_lr
if lr - new_lr <= eps:
    return lr
return new_lr
""",
    },
    "plateau_update": {
        "torch": """
optimizer = torch.optim.SGD([torch.zeros(1)], lr=state["lr"])
scheduler = ReduceLROnPlateau(optimizer, **config)
scheduler.best, scheduler.num_bad_epochs = state["best"], state["bad"]
scheduler.cooldown_counter = state["cooldown_left"]
scheduler.step(metric)
return {
    "lr": optimizer.param_groups[0]["lr"],
    "best": scheduler.best,
    "bad": scheduler.num_bad_epochs,
    "cooldown_left": scheduler.cooldown_counter,
}
""",
    },
    "plateau_trace": {
        "torch": """
optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr0)
scheduler = ReduceLROnPlateau(optimizer, **config)
lrs = []
for metric in metrics:
    scheduler.step(metric)
    lrs.append(optimizer.param_groups[0]["lr"])
return lrs
""",
    },
    "fit_plateau": {
        "line-by-line": """
lrs = []
for epoch in range(epochs):
    lr = optimizer.param_groups[0]["lr"]
    train_loss = train_epoch()
    val_loss = validate()
    print(epoch, train_loss, val_loss, lr)
    scheduler.step(val_loss)
    lrs.append(lr)
return lrs
""",
    },
    "find_config": {
        "torch": """
from itertools import product

for mode, p, c, t in product(["max", "min"], range(4), range(4), [0.25, 0.0]):
    config = {"mode": mode, "patience": p, "cooldown": c, "threshold": t, "factor": 0.5}
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
    scheduler = ReduceLROnPlateau(optimizer, **config)
    lrs = [0.1]
    for metric in metrics:
        scheduler.step(metric)
        lrs.append(optimizer.param_groups[0]["lr"])
    if [n for n in range(1, len(lrs)) if lrs[n] < lrs[n - 1]] == drops:
        return config
""",
    },
}

# Each is named by a sentence of grader/exercises; some earn part of the points.
MISTAKES: dict[str, dict[str, Bodies]] = {
    "sgd_step": {
        "climbs": "return w + lr * grad",
        "no-lr": "return w - grad",
        "change-only": "return -lr * grad",
        "rounded": "return round(w - lr * grad, 4)",
    },
    "read_lrs": {
        "first-group": 'return [optimizer.param_groups[0]["lr"]]',
        "defaults": 'return [optimizer.defaults["lr"]]',
        "get_last_lr": "return optimizer.get_last_lr()",
        "sorted": 'return sorted(group["lr"] for group in optimizer.param_groups)',
    },
    "quadratic_path": {
        "no-start": """
path = []
for _ in range(steps):
    theta0 = theta0 - lr * curvature * theta0
    path.append(theta0)
return path
""",
        "keeps-half": """
path = [theta0]
for _ in range(steps):
    path.append(path[-1] - lr * 0.5 * curvature * path[-1])
return path
""",
        "end-only": """
for _ in range(steps):
    theta0 -= lr * curvature * theta0
return theta0
""",
        "first-gradient": """
slope = curvature * theta0
return [theta0 - t * lr * slope for t in range(steps + 1)]
""",
    },
    "classify_lr": {
        "strict": """
if lr < 1 / curvature:
    return "monotone"
return "oscillating" if lr < 2 / curvature else "diverging"
""",
        "no-curvature": """
if lr <= 1:
    return "monotone"
return "oscillating" if lr < 2 else "diverging"
""",
        "capitals": """
if lr <= 1 / curvature:
    return "Monotone"
return "Oscillating" if lr < 2 / curvature else "Diverging"
""",
        "two-words": 'return "monotone" if lr < 2 / curvature else "diverging"',
    },
    "count_updates": {
        "floor": "return num_examples // batch_size * epochs",
        "one-epoch": """
full, rest = divmod(num_examples, batch_size)
return full if drop_last or rest == 0 else full + 1
""",
        "ceil-minus-1": "return epochs * (math.ceil(num_examples / batch_size) - int(drop_last))",
        "fractions": "return num_examples / batch_size * epochs",
    },
    "epoch_loss": {
        "plain-mean": "return sum(batch_losses) / len(batch_losses)",
        "sum": "return sum(batch_losses)",
        "never-divides": "return sum(l * n for l, n in zip(batch_losses, batch_sizes))",
        "in-place": """
for i in range(len(batch_losses)):
    batch_losses[i] = batch_losses[i] * batch_sizes[i]
return sum(batch_losses) / sum(batch_sizes)
""",
    },
    "log_grid": {
        "even-steps": "return np.linspace(low, high, num)",
        "exponents": "return np.logspace(low, high, num)",
        "no-high": "return [low * (high / low) ** (i / num) for i in range(num)]",
        "times-ten": "return [low * 10**i for i in range(num)]",
    },
    "pick_lr": {
        "nan-wins": """
best = min(val_loss_by_lr, key=val_loss_by_lr.get)
return best, best in (min(val_loss_by_lr), max(val_loss_by_lr))
""",
        "edge-of-finite": """
good = {lr: loss for lr, loss in val_loss_by_lr.items() if math.isfinite(loss)}
best = min(good, key=good.get)
return best, best == min(good) or best == max(good)
""",
        "rate-only": """
good = {lr: loss for lr, loss in val_loss_by_lr.items() if math.isfinite(loss)}
return min(good, key=good.get)
""",
        "deletes": """
tried = list(val_loss_by_lr)
for lr in tried:
    if not math.isfinite(val_loss_by_lr[lr]):
        del val_loss_by_lr[lr]
best = min(val_loss_by_lr, key=val_loss_by_lr.get)
return best, best == min(val_loss_by_lr) or best == max(val_loss_by_lr)
""",
    },
    "step_lr": {
        "early": "return lr0 * gamma ** ((epoch + 1) // step_size)",
        "slides": "return lr0 * gamma ** (epoch / step_size)",
        "every-epoch": "return lr0 * gamma**epoch",
        "times": "return lr0 * gamma * (epoch // step_size)",
        "rounded": "return round(lr0 * gamma ** (epoch // step_size), 4)",
    },
    "step_lr_trace": {
        "one-too-many": "return [lr0 * gamma ** (e // step_size) for e in range(epochs + 1)]",
        "early": "return [lr0 * gamma ** (e // step_size) for e in range(1, epochs + 1)]",
        "last-only": """
for epoch in range(epochs):
    lr = lr0 * gamma ** (epoch // step_size)
return lr
""",
        "compounded": """
trace = []
for epoch in range(epochs):
    lr0 = lr0 * gamma ** (epoch // step_size)
    trace.append(lr0)
return trace
""",
    },
    "drop_epochs": {
        "with-0": "return [e for e in range(epochs) if e % step_size == 0]",
        "last-of-block": "return [e for e in range(epochs) if (e + 1) % step_size == 0]",
        "past-the-end": "return list(range(step_size, epochs + 1, step_size))",
    },
    "make_scheduler": {
        "verbose": "return StepLR(optimizer, step_size=step_size, gamma=gamma, verbose=True)",
        "default-gamma": "return StepLR(optimizer, step_size)",
        "swapped": "return StepLR(optimizer, gamma, step_size)",
        "exponential": "return torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)",
    },
    "fit": {
        "per-batch": """
lrs = []
for epoch in range(epochs):
    lrs.append(optimizer.param_groups[0]["lr"])
    for batch in batches:
        train_batch(batch)
        optimizer.step()
        scheduler.step()
return lrs
""",
        "steps-first": """
lrs = []
for epoch in range(epochs):
    scheduler.step()
    lrs.append(optimizer.param_groups[0]["lr"])
    for batch in batches:
        train_batch(batch)
        optimizer.step()
return lrs
""",
        "never-steps": """
lrs = []
for epoch in range(epochs):
    lrs.append(optimizer.param_groups[0]["lr"])
    for batch in batches:
        train_batch(batch)
        optimizer.step()
return lrs
""",
        "notes-after": """
lrs = []
for epoch in range(epochs):
    for batch in batches:
        train_batch(batch)
        optimizer.step()
    scheduler.step()
    lrs.append(optimizer.param_groups[0]["lr"])
return lrs
""",
        "returns-early": """
lrs = []
for epoch in range(epochs):
    lrs.append(optimizer.param_groups[0]["lr"])
    for batch in batches:
        train_batch(batch)
        optimizer.step()
    scheduler.step()
    return lrs
""",
        "makes-anew": """
lrs = []
for epoch in range(epochs):
    scheduler = StepLR(optimizer, scheduler.step_size, scheduler.gamma)
    lrs.append(optimizer.param_groups[0]["lr"])
    for batch in batches:
        train_batch(batch)
        optimizer.step()
    scheduler.step()
return lrs
""",
    },
    "chained_trace": {
        "ignores-edits": "return [lr0 * gamma ** (e // step_size) for e in range(epochs)]",
        "one-epoch-edits": """
return [edits.get(e, lr0 * gamma ** (e // step_size)) for e in range(epochs)]
""",
        "edit-then-drop": """
trace = []
for epoch in range(epochs):
    if epoch in edits:
        lr0 = edits[epoch]
    if epoch > 0 and epoch % step_size == 0:
        lr0 = lr0 * gamma
    trace.append(lr0)
return trace
""",
        "uses-up": """
trace = []
for epoch in range(epochs):
    if epoch > 0 and epoch % step_size == 0:
        lr0 = lr0 * gamma
    lr0 = edits.pop(epoch, lr0)
    trace.append(lr0)
return trace
""",
    },
    "group_traces": {
        "first-group": "return [[lrs[0] * gamma ** (e // step_size) for e in range(epochs)]]",
        "per-epoch": """
rows = []
for e in range(epochs):
    rows.append([lr * gamma ** (e // step_size) for lr in lrs])
return rows
""",
        "shared-list": """
traces = [[]] * len(lrs)
for g in range(len(lrs)):
    for e in range(epochs):
        traces[g].append(lrs[g] * gamma ** (e // step_size))
return traces
""",
        "in-place": """
traces = [[] for _ in lrs]
for e in range(epochs):
    for g in range(len(lrs)):
        if e > 0 and e % step_size == 0:
            lrs[g] = lrs[g] * gamma
        traces[g].append(lrs[g])
return traces
""",
    },
    "resume": {
        "optimizer-only": (
            'return {"optimizer": optimizer.state_dict()}',
            'optimizer.load_state_dict(checkpoint["optimizer"])',
        ),
        "scheduler-only": (
            'return {"scheduler": scheduler.state_dict()}',
            'scheduler.load_state_dict(checkpoint["scheduler"])',
        ),
        "new-names": (
            'return {"optimizer": optimizer, "scheduler": scheduler}',
            """
optimizer = checkpoint["optimizer"]
scheduler = checkpoint["scheduler"]
""",
        ),
        "steps-once-more": (
            'return {"o": optimizer.state_dict(), "s": scheduler.state_dict()}',
            """
optimizer.load_state_dict(checkpoint["o"])
scheduler.load_state_dict(checkpoint["s"])
scheduler.step()
""",
        ),
    },
    "design_schedule": {
        "no-root": "return (epochs - 1) // drops, lr_end / lr0",
        "last-drop-too-late": "return epochs // drops, (lr_end / lr0) ** (1 / drops)",
        "gamma-first": "return (lr_end / lr0) ** (1 / drops), (epochs - 1) // drops",
        "rounded": "return (epochs - 1) // drops, round((lr_end / lr0) ** (1 / drops), 4)",
    },
    "is_better": {
        "no-threshold": 'return metric < best if mode == "min" else metric > best',
        "ties": """
t = threshold if mode == "min" else -threshold
bound = best * (1 - t) if threshold_mode == "rel" else best - t
return metric <= bound if mode == "min" else metric >= bound
""",
        "min-only": """
bound = best * (1 - threshold) if threshold_mode == "rel" else best - threshold
return metric < bound
""",
        "always-rel": """
if mode == "min":
    return metric < best * (1 - threshold)
return metric > best * (1 + threshold)
""",
    },
    "first_drop": {
        "one-early": "return patience + 1",
        "two-early": "return patience",
        "one-late": "return patience + 3",
    },
    "flat_drops": {
        "no-cooldown": "return list(range(patience + 2, calls + 1, patience + 1))",
        "first-only": "return [patience + 2] if patience + 2 <= calls else []",
        "from-0": "return list(range(patience + 1, calls, patience + 1 + cooldown))",
        "last-left-out": "return list(range(patience + 2, calls, patience + 1 + cooldown))",
    },
    "clamp_lr": {
        "no-min": """
new = lr * factor
return new if lr - new > eps else lr
""",
        "no-eps": "return max(lr * factor, min_lr)",
        "subtracts": """
new = max(lr - factor, min_lr)
return new if lr - new > eps else lr
""",
        "eps-as-floor": """
new = max(lr * factor, min_lr)
return new if new > eps else lr
""",
    },
    "plateau_update": {
        "drops-at-patience": """
new = dict(state)
rules = {name: config[name] for name in ("mode", "threshold", "threshold_mode")}
if is_better(metric, state["best"], **rules):
    new["best"], new["bad"] = metric, 0
else:
    new["bad"] += 1
if new["cooldown_left"] > 0:
    new["cooldown_left"] -= 1
    new["bad"] = 0
if new["bad"] >= config["patience"]:
    new["lr"] = clamp_lr(state["lr"], config["factor"], config["min_lr"], config["eps"])
    new["cooldown_left"], new["bad"] = config["cooldown"], 0
return new
""",
        "in-place": """
rules = {name: config[name] for name in ("mode", "threshold", "threshold_mode")}
if is_better(metric, state["best"], **rules):
    state["best"], state["bad"] = metric, 0
else:
    state["bad"] += 1
if state["cooldown_left"] > 0:
    state["cooldown_left"] -= 1
    state["bad"] = 0
if state["bad"] > config["patience"]:
    state["lr"] = clamp_lr(state["lr"], config["factor"], config["min_lr"], config["eps"])
    state["cooldown_left"], state["bad"] = config["cooldown"], 0
return state
""",
        "bad-not-reset": """
new = dict(state)
rules = {name: config[name] for name in ("mode", "threshold", "threshold_mode")}
if is_better(metric, state["best"], **rules):
    new["best"], new["bad"] = metric, 0
else:
    new["bad"] += 1
if new["cooldown_left"] > 0:
    new["cooldown_left"] -= 1
    new["bad"] = 0
if new["bad"] > config["patience"]:
    new["lr"] = clamp_lr(state["lr"], config["factor"], config["min_lr"], config["eps"])
    new["cooldown_left"] = config["cooldown"]
return new
""",
    },
    "plateau_trace": {
        "notes-before": """
worst = math.inf if config["mode"] == "min" else -math.inf
state = {"lr": lr0, "best": worst, "bad": 0, "cooldown_left": 0}
lrs = []
for metric in metrics:
    lrs.append(state["lr"])
    state = plateau_update(state, metric, config)
return lrs
""",
        "lr0-too": """
worst = math.inf if config["mode"] == "min" else -math.inf
state = {"lr": lr0, "best": worst, "bad": 0, "cooldown_left": 0}
lrs = [lr0]
for metric in metrics:
    state = plateau_update(state, metric, config)
    lrs.append(state["lr"])
return lrs
""",
        "always-inf": """
state = {"lr": lr0, "best": float("inf"), "bad": 0, "cooldown_left": 0}
lrs = []
for metric in metrics:
    state = plateau_update(state, metric, config)
    lrs.append(state["lr"])
return lrs
""",
    },
    "fit_plateau": {
        "training-loss": """
lrs = []
for _ in range(epochs):
    lrs.append(optimizer.param_groups[0]["lr"])
    scheduler.step(train_epoch())
return lrs
""",
        "no-metric": """
lrs = []
for _ in range(epochs):
    lrs.append(optimizer.param_groups[0]["lr"])
    train_epoch()
    validate()
    scheduler.step()
return lrs
""",
        "notes-after": """
lrs = []
for _ in range(epochs):
    train_epoch()
    scheduler.step(validate())
    lrs.append(optimizer.param_groups[0]["lr"])
return lrs
""",
        "validates-twice": """
lrs = []
for _ in range(epochs):
    lrs.append(optimizer.param_groups[0]["lr"])
    train_epoch()
    print("validation loss", validate())
    scheduler.step(validate())
return lrs
""",
    },
    "find_config": {
        "defaults": "return {}",
        "never-max": """
for patience in range(4):
    for threshold in (0.0, 0.25):
        for cooldown in range(4):
            config = {"mode": "min", "factor": 0.5, "patience": patience, "min_lr": 0.0,
                      "threshold": threshold, "threshold_mode": "rel",
                      "cooldown": cooldown, "eps": 1e-8}
            lrs = [0.1, *plateau_trace(metrics, 0.1, config)]
            if [n for n in range(1, len(lrs)) if lrs[n] < lrs[n - 1]] == drops:
                return config
return {}
""",
    },
}

# Wrong, and no sentence of the course names it.
UNNAMED: dict[str, dict[str, Bodies]] = {
    "quadratic_path": {
        "typo": """
path = [theta0]
for _ in range(steps):
    path.append(path[-1] - lr * curvture * path[-1])
return path
""",
    },
    "epoch_loss": {"prints-only": "print(sum(batch_losses) / len(batch_losses))"},
    "log_grid": {"example-only": "return [0.01, 0.1, 1.0]"},
    "step_lr": {
        "open-bracket": "return lr0 * gamma ** (epoch // step_size",
        "equals-anything": """
class Right(float):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

return Right(42)
""",
    },
    "drop_epochs": {
        "endless": """
drops = []
epoch = 1
while epoch < epochs:
    if epoch % step_size == 0:
        drops.append(epoch)
return drops
""",
    },
    "group_traces": {"as-text": 'return "the same trace for each group, scaled"'},
    "design_schedule": {"asks": 'return int(input("step_size? ")), float(input("gamma? "))'},
    "flat_drops": {"no-return": "drops = list(range(patience + 2, calls + 1, patience + 1))"},
    "clamp_lr": {
        "calls-itself": "return clamp_lr(max(lr * factor, min_lr), factor, min_lr, eps)",
    },
    "find_config": {"unfinished": 'return {"patience": drops[0] - 2, "factor": "half"}'},
}
