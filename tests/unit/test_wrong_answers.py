"""Wrong answers that were once accepted, or told a mistake that nobody had made.

`check` has only the cases that a learner sees: each of these is told from a right one by them.
"""

import pytest
from corpus import WrongAnswer, verdict_of, whole

LOOP = "lrs = []\nfor _ in range(epochs):\n    lrs.append(optimizer.param_groups[0]['lr'])\n"
CALLS = "out = []\nfor m in metrics:\n    s = plateau_update(s, m, config)\n    out.append(s['lr'])"


def from_best(best):
    """plateau_trace from another beginning."""
    start = f"s = {{'lr': lr0, 'best': {best}, 'bad': 0, 'cooldown_left': 0}}"
    return f"{start}\n{CALLS}\nreturn out"


def by_torch(settings):
    """flat_drops by torch's own scheduler with these settings."""
    return (
        "import torch\n"
        "optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)\n"
        "scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(\n"
        f"    optimizer, patience=patience, cooldown=cooldown{settings})\n"
        "lrs, out = [0.1], []\nfor call in range(1, calls + 1):\n    scheduler.step(1.0)\n"
        "    lrs.append(optimizer.param_groups[0]['lr'])\n"
        "    if lrs[call] < lrs[call - 1]:\n        out.append(call)\nreturn out"
    )


def beginning_with(loss):
    """pick_lr that looks for a loss below this one."""
    return (
        f"best, lowest = None, {loss}\nfor lr, loss in val_loss_by_lr.items():\n"
        "    if loss < lowest:\n        best, lowest = lr, loss\n"
        "return best, best in (min(val_loss_by_lr), max(val_loss_by_lr))"
    )


ACCUMULATE = """for number, batch in enumerate(batches, 1):
    backward(batch)
    if number % every == 0 or number == len(batches):
        lrs.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        scheduler.step()
return lrs"""


SAID = {
    "an edit to 0 is skipped": (
        "chained_trace",
        "trace, lr = [], lr0\nfor e in range(epochs):\n"
        "    if e and e % step_size == 0:\n        lr *= gamma\n"
        "    lr = edits.get(e) or lr\n    trace.append(lr)\nreturn trace",
        "You skip an edit to 0",
    ),
    "the place of the value": (
        "first_difference",
        "for a, b in zip(log, plan):\n    if not math.isclose(a, b):\n"
        "        return log.index(a)\n"
        "return None if len(log) == len(plan) else min(len(log), len(plan))",
        "Your result is 0; 2 is expected.",
    ),
    "None where a difference is too small to be seen": (
        "first_difference",
        "for n, (a, b) in enumerate(zip(log, plan)):\n    if abs(a - b) > 1e-5 * max(a, b):\n"
        "        return n\nreturn None if len(log) == len(plan) else min(len(log), len(plan))",
        "Your result is None; 2 is expected.",
    ),
    "a large number for infinity": (
        "plateau_trace",
        from_best("1e9 if config['mode'] == 'min' else -1e9"),
        "In call ",
    ),
    "0 for −infinity": (
        "plateau_trace",
        from_best("math.inf if config['mode'] == 'min' else 0"),
        "With max you start with best at 0",
    ),
    "0 for infinity": ("plateau_trace", from_best("0.0"), "You start with best at 0"),
    "no call goes on from the one before": (
        "plateau_trace",
        "best = math.inf if config['mode'] == 'min' else -math.inf\n"
        "s = {'lr': lr0, 'best': best, 'bad': 0, 'cooldown_left': 0}\n"
        "return [plateau_update(s, m, config)['lr'] for m in metrics]",
        "You start each call from the first state",
    ),
    "the number of a batch": (
        "fit",
        LOOP + "    for i in range(len(batches)):\n        train_batch(i)\n"
        "        optimizer.step()\n    scheduler.step()\nreturn lrs",
        "train_batch takes one of the batches, not an int",
    ),
    "all batches at once": (
        "fit",
        LOOP + "    train_batch(batches)\n    optimizer.step()\n    scheduler.step()\nreturn lrs",
        "train_batch takes one of the batches, not a list",
    ),
    "the training loss, then a validation": (
        "fit_plateau",
        LOOP + "    scheduler.step(train_epoch())\n    validate()\nreturn lrs",
        "You give the training loss to the scheduler, and validate after that",
    ),
    "= for +=": (
        "epoch_loss",
        "for loss, size in zip(batch_losses, batch_sizes):\n    total = loss * size\n"
        "return total / sum(batch_sizes)",
        "You keep the last batch's sum only",
    ),
    "the class itself": ("make_scheduler", "return StepLR", "a type; a StepLR is expected"),
    "the name of the class": ("make_scheduler", "return 'StepLR'", "the object itself"),
    "another class": (
        "make_schedule",
        "return StepLR(optimizer, 3)",
        "a StepLR; a LambdaLR is expected",
    ),
    "the wider test first": (
        "classify_lr",
        "if lr < 2 / curvature:\n    return 'oscillating'\n"
        "return 'monotone' if lr <= 1 / curvature else 'diverging'",
        'You never say "monotone"',
    ),
    "a return inside the loop": (
        "quadratic_path",
        "path = [theta0]\nfor _ in range(steps):\n"
        "    path.append(path[-1] * (1 - lr * curvature))\n    return path",
        "is the `return` inside it?",
    ),
    "the example's result": ("first_drop", "return 4", "Your result is 4 in every case"),
    "a search that ends without a find": (
        "find_config",
        "if drops[-1] > 8:\n    return {'patience': 2}",
        "it ends there without having found anything",
    ),
    **{
        f"an error that no named mistake makes: {body}": (exercise, f"return {body}", words)
        for exercise, body, words in (
            ("make_schedule", "LambdaLR(optimizer)", "missing 1 required positional argument"),
            ("make_schedule", "LambdaLR(optimizer, lambda: rate(0))", "takes 0 positional"),
            ("make_schedule", "optimizer.param_groups['lr']", "list indices must be integers"),
            ("make_scheduler", "StepLR(optimizer, stepsize=3)", "keyword argument 'stepsize'"),
            ("make_scheduler", "StepLR(step_size=step_size)", "argument: 'optimizer'"),
            ("make_scheduler", "StepLR(optimizer, 3)(gamma)", "'StepLR' object is not callable"),
            ("read_lrs", "[g for g in optimizer.param_groups()]", "'list' object is not callable"),
            ("read_lrs", "[*range(optimizer.param_groups)]", "cannot be interpreted"),
        )
    },
    **{
        f"what list() would put right: {body}": (exercise, f"return {body}", words)
        for exercise, body, words in (
            ("read_lrs", "(g['lr'] for g in optimizer.param_groups)", "a generator; a list"),
            ("step_lr_trace", "map(lambda n: lr0, range(epochs))", "a map; a list is expected"),
            ("pick_lr", "val_loss_by_lr.keys()", "is expected"),
        )
    },
    **{
        f"one number in every case, {body}": (exercise, f"return {body}", "0 in every case")
        for exercise, body in (
            ("step_lr", "0"),
            ("step_lr", "lr0 * gamma**epoch // step_size"),
            ("linear_decay", "int(lr0 * (1 - step / total))"),
            ("cosine_lr", "0.0"),
        )
    },
    "one word in every case": ("culprit", "return 'never stepped'", "'never stepped' in every"),
    "right where a named mistake is wrong, too": (
        "warmup_lr",
        "return lr0 * min(1, step + 1 / warmup)",
        "Your result is 0.4; 0.2 is expected.",
    ),
    "no return on one way": (
        "step_lr",
        "if epoch >= step_size:\n    return lr0 * gamma ** (epoch // step_size)",
        "returns None in 3 of ",
    ),
    "no return on another way": (
        "warmup_cosine",
        "if step < warmup:\n    warmup_lr(lr0, warmup, step)\nelse:\n    return 0.5",
        "does every way through it end in a `return`?",
    ),
    **{
        f"batches are left out: {which}": (
            "fit",
            f"{LOOP}    for b in batches[{which}]:\n        train_batch(b)\n"
            "        optimizer.step()\n    scheduler.step()\nreturn lrs",
            words,
        )
        for which, words in {
            "1:": "You leave out the first batch",
            ":-1": "You leave out the last batch",
        }.items()
    },
    **{
        f"another metric: {metric}": (
            "fit_plateau",
            f"{LOOP}    train_epoch()\n    scheduler.step({metric})\nreturn lrs",
            words,
        )
        for metric, words in {
            "-validate()": "scheduler.step (-0.9)",
            "validate() * 3": "scheduler.step (2.7)",
        }.items()
    },
    "brackets are missing": (
        "resume",
        "def save(optimizer, scheduler):\n"
        "    return {'o': optimizer.state_dict, 's': scheduler.state_dict}\n"
        "def resume(optimizer, scheduler, checkpoint):\n"
        "    optimizer.load_state_dict(checkpoint['o'])\n"
        "    scheduler.load_state_dict(checkpoint['s'])",
        "is `()` missing after its name?",
    ),
    "eps stops a drop by torch's factor": (
        "flat_drops",
        by_torch(""),
        "You let eps stop the drops after the seventh",
    ),
    "eps stops a drop by one half": (
        "flat_drops",
        by_torch(", factor=0.5"),
        "You let eps stop the drops after the 23rd",
    ),
    "a product that rounding takes past the end": (
        "log_grid",
        "factor, lr, rates = (high / low) ** (1 / (num - 1)), low, []\nwhile lr <= high:\n"
        "    rates.append(lr)\n    lr *= factor\nreturn rates",
        "Your result has 2 entries; 3 entries are expected.",
    ),
    "no loss is below 1": ("pick_lr", beginning_with(1), "Your result[0] is None"),
    "no loss is below a large number": ("pick_lr", beginning_with(1e9), "Your result[0] is None"),
    "many places": (
        "step_lr",
        "return round(lr0 * gamma ** (epoch // step_size), 10)",
        "Your result is 0; 1.162941959e-16 is expected.",
    ),
    "many places of two lrs": (
        "first_difference",
        "for n, (a, b) in enumerate(zip(log, plan)):\n    if round(a, 12) != round(b, 12):\n"
        "        return n\nreturn None if len(log) == len(plan) else min(len(log), len(plan))",
        "Your tolerance is the same for every lr",
    ),
    "one bad call less than none": (
        "plateau_trace",
        from_best("math.inf if config['mode'] == 'min' else -math.inf").replace("0, 'c", "-1, 'c"),
        "In call 1, yours is ",
    ),
    "lr as it was": ("clamp_lr", "return lr", "You always give lr as it is"),
    "no epochs at all": ("drop_epochs", "return []", "Yours is what epochs = 0 gives."),
    "one list many times": (
        "group_traces",
        "out = [[0] * epochs] * len(lrs)\nfor number, lr in enumerate(lrs):\n"
        "    for epoch in range(epochs):\n"
        "        out[number][epoch] = lr * gamma ** (epoch // step_size)\nreturn out",
        "Every group has the trace of the last one: do they share one list",
    ),
    "two lists grow": (
        "epoch_loss",
        "batch_losses.append(0)\nbatch_sizes.append(0)\n"
        "total = sum(a * b for a, b in zip(batch_losses, batch_sizes))\n"
        "return total / sum(batch_sizes)",
        "You change both of the caller's lists",
    ),
    "one list grows": (
        "epoch_loss",
        "batch_losses.append(0)\n"
        "total = sum(a * b for a, b in zip(batch_losses, batch_sizes))\n"
        "return total / sum(batch_sizes)",
        "You change the caller's batch_losses: leave the list as it was given.",
    ),
    "one call without a drop": (
        "plateau_update",
        "rules = [config[name] for name in ('mode', 'threshold', 'threshold_mode')]\n"
        "new = dict(state)\nif is_better(metric, state['best'], *rules):\n"
        "    new |= {'best': metric, 'bad': 0}\nelse:\n    new['bad'] += 1\n"
        "if new['cooldown_left']:\n    new['cooldown_left'] -= 1\n    new['bad'] = 0\nreturn new",
        "Your lr does not fall at the first bad call beyond patience.",
    ),
    "no call with a drop": ("plateau_trace", "return [lr0] * len(metrics)", "Your lr never falls"),
    "gradients that nobody clears": (
        "fit_accumulate",
        f"lrs = []\n{ACCUMULATE}",
        "You never clear the gradients",
    ),
    "gradients that are cleared once": (
        "fit_accumulate",
        f"lrs = []\noptimizer.zero_grad()\n{ACCUMULATE}",
        "You clear the gradients once, at the start",
    ),
    "a new scheduler that nobody sees": (
        "resume",
        "def save(optimizer, scheduler):\n"
        "    return {'o': optimizer.state_dict(), 's': scheduler.state_dict()}\n"
        "def resume(optimizer, scheduler, checkpoint):\n"
        "    optimizer.load_state_dict(checkpoint['o'])\n"
        "    scheduler = StepLR(optimizer, step_size=3)\n"
        "    scheduler.load_state_dict(checkpoint['s'])",
        "not the scheduler that is given",
    ),
    "natural logarithms as powers of 10": (
        "log_grid",
        "import numpy as np\nreturn np.logspace(np.log(low), np.log(high), num)",
        "You mix base e and base 10",
    ),
    "one tensor for every step": (
        "quadratic_path",
        "import torch\ntheta = torch.tensor(theta0)\npath = [theta]\nfor _ in range(steps):\n"
        "    theta -= lr * curvature * theta\n    path.append(theta)\nreturn path",
        "do you append one tensor again and again?",
    ),
    "one tensor for every epoch": (
        "step_lr_trace",
        "import torch\nlr, trace = torch.tensor(lr0), []\nfor epoch in range(epochs):\n"
        "    if epoch and epoch % step_size == 0:\n        lr *= gamma\n"
        "    trace.append(lr)\nreturn trace",
        "do you append one tensor again and again?",
    ),
}


@pytest.mark.parametrize(("exercise", "body", "words"), SAID.values(), ids=SAID)
def test_what_is_said_fits_the_mistake(exercise, body, words):
    verdict = verdict_of(WrongAnswer(exercise, (), "", whole(exercise, body)), seed=None)
    assert verdict.kind in ("wrong", "error")
    assert words in verdict.diagnosis
