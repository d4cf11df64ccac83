"""What the example class wrote in lesson 4, `shapes`."""

from grader.demo.rows import Answers

linear_decay = Answers(
    right={
        "torch": """
optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr0)
scheduler = LinearLR(optimizer, start_factor=1.0, end_factor=0.0, total_iters=total)
for _ in range(step):
    optimizer.step()
    scheduler.step()
return scheduler.get_last_lr()[0]
""",
        "what-is-left": "return lr0 * (total - step) / total",
    },
    mistakes={
        "one-early": "return lr0 * (1 - step / (total - 1))",
        "whole-share": "return lr0 * (1 - step // total)",
        "rounded": "return round(lr0 * (1 - step / total), 4)",
    },
)

cosine_lr = Answers(
    right={
        "half-angle": """
left = math.cos(math.pi * step / total / 2) ** 2
return lr0 * left + lr_min * (1 - left)
""",
    },
    mistakes={
        "not-halved": "return lr_min + (lr0 - lr_min) * (1 + math.cos(math.pi * step / total))",
        "no-minimum": "return lr0 * (1 + math.cos(math.pi * step / total)) / 2",
        "cut": "return max(lr_min, lr0 * (1 + math.cos(math.pi * step / total)) / 2)",
    },
)

warmup_lr = Answers(
    right={"if": "return lr0 * (step + 1) / warmup if step < warmup else lr0"},
    mistakes={
        "from-0": "return lr0 * min(1, step / warmup)",
        "on-and-on": "return lr0 * (step + 1) / warmup",
    },
)

warmup_cosine = Answers(
    right={
        "in-one": """
if step < warmup:
    return lr0 * (step + 1) / warmup
done = (step - warmup) / (total - warmup)
return lr_min + 0.5 * (1 + math.cos(math.pi * done)) * (lr0 - lr_min)
""",
    },
    mistakes={
        "jumps": """
if step < warmup:
    return lr0 * (step + 1) / warmup
return lr_min + (lr0 - lr_min) * (1 + math.cos(math.pi * step / total)) / 2
""",
        "never-arrives": """
if step < warmup:
    return lr0 * (step + 1) / warmup
return lr_min + (lr0 - lr_min) * (1 + math.cos(math.pi * (step - warmup) / total)) / 2
""",
    },
    unnamed={"two-thirds": "return lr0 * 2 / 3"},
)

make_schedule = Answers(
    right={
        "base-1": """
optimizer.param_groups[0]["lr"] = 1.0
return LambdaLR(optimizer, rate)
""",
    },
    mistakes={
        "rate-as-factor": "return LambdaLR(optimizer, rate)",
        "reads-too-late": (
            'return LambdaLR(optimizer, lambda t: rate(t) / optimizer.param_groups[0]["lr"])'
        ),
    },
)

sequence_trace = Answers(
    right={
        "torch": """
optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr0)
first = LinearLR(optimizer, start_factor, total_iters=warmup)
second = StepLR(optimizer, step_size, gamma)
both = SequentialLR(optimizer, [first, second], [warmup])
lrs = []
for _ in range(steps):
    lrs.append(both.get_last_lr()[0])
    optimizer.step()
    both.step()
return lrs
""",
    },
    mistakes={
        "chained": """
rise = [start_factor + (1 - start_factor) * min(t, warmup) / warmup for t in range(steps)]
return [lr0 * rise[t] * gamma ** (t // step_size) for t in range(steps)]
""",
        "one-too-many": """
lrs = [lr0 * (start_factor + (1 - start_factor) * t / warmup) for t in range(warmup)]
lrs += [lr0 * gamma ** (t // step_size) for t in range(steps)]
return lrs[: steps + 1]
""",
    },
)

one_cycle = Answers(
    mistakes={
        "peak-late": """
low = max_lr / div_factor
peak = pct_start * total
if step <= peak:
    return low + (max_lr - low) * (1 - math.cos(math.pi * step / peak)) / 2
end = low / final_div_factor
done = (step - peak) / (total - 1 - peak)
return end + (max_lr - end) * (1 + math.cos(math.pi * done)) / 2
""",
        "down-to-0": """
low = max_lr / div_factor
peak = pct_start * total - 1
if step <= peak:
    return cosine_lr(low, max_lr, peak, step)
return cosine_lr(max_lr, 0.0, total - 1 - peak, step - peak)
""",
    },
)

fit_updates = Answers(
    right={
        "flat-loop": """
lrs = []
for batch in batches * epochs:
    lrs += scheduler.get_last_lr()[:1]
    train_batch(batch)
    optimizer.step()
    scheduler.step()
return lrs
""",
    },
    mistakes={
        "per-epoch": """
lrs = []
for _ in range(epochs):
    for batch in batches:
        lrs.append(optimizer.param_groups[0]["lr"])
        train_batch(batch)
        optimizer.step()
    scheduler.step()
return lrs
""",
        "notes-after": """
lrs = []
for _ in range(epochs):
    for batch in batches:
        train_batch(batch)
        optimizer.step()
        scheduler.step()
        lrs.append(optimizer.param_groups[0]["lr"])
return lrs
""",
    },
)

fit_accumulate = Answers(
    right={
        "counts": """
lrs = []
optimizer.zero_grad()
for number, batch in enumerate(batches, start=1):
    backward(batch)
    if number % every == 0 or number == len(batches):
        lrs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        optimizer.zero_grad()
        scheduler.step()
return lrs
""",
    },
    mistakes={
        "no-leftovers": """
lrs = []
optimizer.zero_grad()
for number, batch in enumerate(batches, start=1):
    backward(batch)
    if number % every == 0:
        lrs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        optimizer.zero_grad()
        scheduler.step()
return lrs
""",
        "mean": """
lrs = []
for start in range(0, len(batches), every):
    optimizer.zero_grad()
    for batch in batches[start : start + every]:
        backward(batch)
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad /= every
    lrs.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    scheduler.step()
return lrs
""",
    },
)
