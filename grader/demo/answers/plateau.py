"""What the example class wrote in lesson 3, `plateau`."""

from grader.demo.rows import Answers

is_better = Answers(
    right={
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
    mistakes={
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
)

first_drop = Answers(
    right={"short": "return patience + 2"},
    mistakes={
        "one-early": "return patience + 1",
        "two-early": "return patience",
        "one-late": "return patience + 3",
    },
)

flat_drops = Answers(
    right={
        "while": """
drops = []
call = patience + 2
while call <= calls:
    drops.append(call)
    call += patience + 1 + cooldown
return drops
""",
    },
    mistakes={
        "no-cooldown": "return list(range(patience + 2, calls + 1, patience + 1))",
        "first-only": "return [patience + 2] if patience + 2 <= calls else []",
        "from-0": "return list(range(patience + 1, calls, patience + 1 + cooldown))",
        "last-left-out": "return list(range(patience + 2, calls, patience + 1 + cooldown))",
    },
    unnamed={"no-return": "drops = list(range(patience + 2, calls + 1, patience + 1))"},
)

clamp_lr = Answers(
    right={
        "steps": """
new_lr = lr * factor
if new_lr < min_lr:
    new_lr = min_lr
if lr - new_lr <= eps:
    return lr
return new_lr
""",
    },
    mistakes={
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
    unnamed={
        "calls-itself": "return clamp_lr(max(lr * factor, min_lr), factor, min_lr, eps)",
    },
)

plateau_update = Answers(
    right={
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
    mistakes={
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
)

plateau_trace = Answers(
    right={
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
    mistakes={
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
)

fit_plateau = Answers(
    right={
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
    mistakes={
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
)

find_config = Answers(
    right={
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
    mistakes={
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
    unnamed={"unfinished": 'return {"patience": drops[0] - 2, "factor": "half"}'},
)
