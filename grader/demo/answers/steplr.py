"""What the example class wrote in lesson 2, `steplr`."""

from grader.demo.rows import Answers

step_lr = Answers(
    right={
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
    mistakes={
        "early": "return lr0 * gamma ** ((epoch + 1) // step_size)",
        "slides": "return lr0 * gamma ** (epoch / step_size)",
        "every-epoch": "return lr0 * gamma**epoch",
        "times": "return lr0 * gamma * (epoch // step_size)",
        "rounded": "return round(lr0 * gamma ** (epoch // step_size), 4)",
    },
    unnamed={
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
)

step_lr_trace = Answers(
    right={
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
    mistakes={
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
)

drop_epochs = Answers(
    right={
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
    mistakes={
        "with-0": "return [e for e in range(epochs) if e % step_size == 0]",
        "last-of-block": "return [e for e in range(epochs) if (e + 1) % step_size == 0]",
        "past-the-end": "return list(range(step_size, epochs + 1, step_size))",
    },
    unnamed={
        "endless": """
drops = []
epoch = 1
while epoch < epochs:
    if epoch % step_size == 0:
        drops.append(epoch)
return drops
""",
    },
)

make_scheduler = Answers(
    right={"by-position": "return StepLR(optimizer, step_size, gamma)"},
    mistakes={
        "verbose": "return StepLR(optimizer, step_size=step_size, gamma=gamma, verbose=True)",
        "default-gamma": "return StepLR(optimizer, step_size)",
        "swapped": "return StepLR(optimizer, gamma, step_size)",
        "exponential": "return torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)",
    },
)

fit = Answers(
    right={
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
    mistakes={
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
)

chained_trace = Answers(
    right={
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
    mistakes={
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
)

group_traces = Answers(
    right={
        "numpy": """
import numpy as np

return np.outer(lrs, gamma ** (np.arange(epochs) // step_size))
""",
    },
    mistakes={
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
    unnamed={"as-text": 'return "the same trace for each group, scaled"'},
)

resume = Answers(
    right={
        "in-one-list": (
            'return {"both": [optimizer.state_dict(), scheduler.state_dict()]}',
            """
for thing, state in zip((optimizer, scheduler), checkpoint["both"]):
    thing.load_state_dict(state)
""",
        ),
    },
    mistakes={
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
)

design_schedule = Answers(
    right={
        "search": """
step_size = 1
while len(range(step_size, epochs, step_size)) != drops:
    step_size += 1
return [step_size, math.exp(math.log(lr_end / lr0) / drops)]
""",
    },
    mistakes={
        "no-root": "return (epochs - 1) // drops, lr_end / lr0",
        "last-drop-too-late": "return epochs // drops, (lr_end / lr0) ** (1 / drops)",
        "gamma-first": "return (lr_end / lr0) ** (1 / drops), (epochs - 1) // drops",
        "rounded": "return (epochs - 1) // drops, round((lr_end / lr0) ** (1 / drops), 4)",
    },
    unnamed={"asks": 'return int(input("step_size? ")), float(input("gamma? "))'},
)
