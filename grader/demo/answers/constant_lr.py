"""What the example class wrote in lesson 1, `constant-lr`."""

from grader.demo.rows import Answers

sgd_step = Answers(
    right={
        "torch": """
weight = torch.tensor(w, dtype=torch.float64, requires_grad=True)
weight.grad = torch.tensor(grad, dtype=torch.float64)
torch.optim.SGD([weight], lr=lr).step()
return weight.item()
""",
        "numpy": "return np.subtract(w, np.multiply(lr, grad))",
    },
    mistakes={
        "climbs": "return w + lr * grad",
        "no-lr": "return w - grad",
        "change-only": "return -lr * grad",
        "rounded": "return round(w - lr * grad, 4)",
    },
)

read_lrs = Answers(
    right={
        "loop": """
lrs = []
for group in optimizer.param_groups:
    lrs.append(group["lr"])
return lrs
""",
        "numpy": 'return np.array([group["lr"] for group in optimizer.param_groups])',
    },
    mistakes={
        "first-group": 'return [optimizer.param_groups[0]["lr"]]',
        "defaults": 'return [optimizer.defaults["lr"]]',
        "get_last_lr": "return optimizer.get_last_lr()",
        "sorted": 'return sorted(group["lr"] for group in optimizer.param_groups)',
    },
)

quadratic_path = Answers(
    right={
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
    mistakes={
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
    unnamed={
        "typo": """
path = [theta0]
for _ in range(steps):
    path.append(path[-1] - lr * curvture * path[-1])
return path
""",
    },
)

classify_lr = Answers(
    right={
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
    mistakes={
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
)

count_updates = Answers(
    right={
        "torch": """
from torch.utils.data import DataLoader

return epochs * len(DataLoader(range(num_examples), batch_size, drop_last=drop_last))
""",
        "ceil": """
rounded = math.floor if drop_last else math.ceil
return epochs * rounded(num_examples / batch_size)
""",
    },
    mistakes={
        "floor": "return num_examples // batch_size * epochs",
        "one-epoch": """
full, rest = divmod(num_examples, batch_size)
return full if drop_last or rest == 0 else full + 1
""",
        "ceil-minus-1": "return epochs * (math.ceil(num_examples / batch_size) - int(drop_last))",
        "fractions": "return num_examples / batch_size * epochs",
    },
)

epoch_loss = Answers(
    right={
        "numpy": "return np.average(batch_losses, weights=batch_sizes)",
        "loop": """
total, images = 0.0, 0
for i in range(len(batch_losses)):
    total += batch_losses[i] * batch_sizes[i]
    images += batch_sizes[i]
return total / images
""",
    },
    mistakes={
        "plain-mean": "return sum(batch_losses) / len(batch_losses)",
        "sum": "return sum(batch_losses)",
        "never-divides": "return sum(l * n for l, n in zip(batch_losses, batch_sizes))",
        "in-place": """
for i in range(len(batch_losses)):
    batch_losses[i] = batch_losses[i] * batch_sizes[i]
return sum(batch_losses) / sum(batch_sizes)
""",
    },
    unnamed={"prints-only": "print(sum(batch_losses) / len(batch_losses))"},
)

log_grid = Answers(
    right={
        "numpy": "return np.geomspace(low, high, num)",
        "loop": """
factor = (high / low) ** (1 / (num - 1))
lrs = [low]
while len(lrs) < num:
    lrs.append(lrs[-1] * factor)
return lrs
""",
    },
    mistakes={
        "even-steps": "return np.linspace(low, high, num)",
        "exponents": "return np.logspace(low, high, num)",
        "no-high": "return [low * (high / low) ** (i / num) for i in range(num)]",
        "times-ten": "return [low * 10**i for i in range(num)]",
    },
    unnamed={"example-only": "return [0.01, 0.1, 1.0]"},
)

pick_lr = Answers(
    right={
        "loop": """
best_lr, best_loss = None, math.inf
for lr, loss in val_loss_by_lr.items():
    if loss < best_loss:
        best_lr, best_loss = lr, loss
lrs = sorted(val_loss_by_lr)
return best_lr, best_lr == lrs[0] or best_lr == lrs[-1]
""",
    },
    mistakes={
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
)
