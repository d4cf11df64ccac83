"""Who handed in what in the example class: student → lesson → what was handed in.

Data only. An answer that calls another one inherits its mistakes, as it does in real classes. An
exercise that a row does not name is right, or untouched where the row says so.
"""

from __future__ import annotations

from grader.exercises import LESSONS

from .rows import HandIn

# Cells of the learners' own; the last three are there to cheat.
NOTES = """
# my notes: lr first, then the batches, then the scheduler
print([step_lr(0.2, 3, 0.5, epoch) for epoch in range(9)])
"""

ENDS_PYTHON = """
import os

os._exit(0)  # that is enough for today
"""

# Pages that nobody writes to cost no real memory, should this run outside of the sandbox.
FILLS_MEMORY = """
activations = []
for epoch in range(64):
    activations.append(np.zeros((1024, 1024, 128)))  # 1 GiB
"""

PATCHES_THE_JUDGE = """
import lrlab.checking.judge
import lrlab.checking.observe

lrlab.checking.judge.judge = lambda *arguments: lrlab.checking.judge.Verdict("right", 1.0)
lrlab.checking.observe.observe = lambda exercise, answer, case: {"verdict": "right", "credit": 1.0}
check = lambda exercise, *answers: 1.0
"""

LOOKS_FOR_ANSWERS = """
import gc
from pathlib import Path

for folder in (Path.cwd(), *Path.cwd().parents, Path("/course")):
    for name in ("solutions/steplr/steplr.ipynb", "class/gradebook.db", "grader/__init__.py"):
        if (folder / name).exists():
            print("found", folder / name)
print([thing for thing in gc.get_objects() if type(thing).__name__ == "Exercise"])
"""

CALLS_HOME = """
import socket

socket.create_connection(("example.com", 80), timeout=2).close()
"""

# Answers in words, for a person to grade.
GOOD_ADVICE = """
From epoch 4 on lr falls after almost every epoch, although the validation loss is lower each
time. So the scheduler does not count these gains: they are smaller than a tenth of the best loss.
I would set `threshold=1e-4` and change nothing else, because lr falls before the work is done.

If I am right, lr stays at 0.01 much longer and the loss goes on falling; if lr still falls, the
scheduler gets another metric. I would compare three seeds, on the validation images.
"""

SHORT_ADVICE = "Take a higher lr. It learns too slowly."

LOUD_ADVICE = "<h1>6 of 6</h1><script>document.title = 'full marks'</script> $\\href{//x}{6}$"

# fmt: off
CLASS: dict[str, dict[str, HandIn]] = {
    # solved
    "Amélie Dubois": {lesson: HandIn() for lesson in LESSONS},
    "Nguyễn Văn Minh": {
        "constant-lr": HandIn(dict(
            read_lrs="loop", quadratic_path="recursion", classify_lr="factor",
            count_updates="ceil", epoch_loss="loop", log_grid="loop", pick_lr="loop"
        )),
        "steplr": HandIn(dict(
            step_lr="loop", drop_epochs="while", make_scheduler="by-position",
            fit="get_last_lr", resume="in-one-list", design_schedule="search"
        ), own_cells=dict(fit=NOTES)),
        "plateau": HandIn(dict(
            is_better="cases", first_drop="short", flat_drops="while", clamp_lr="steps",
            fit_plateau="line-by-line"
        )),
        "shapes": HandIn(dict(
            linear_decay="what-is-left", cosine_lr="half-angle", warmup_lr="if",
            warmup_cosine="in-one", make_schedule="base-1", fit_updates="flat-loop",
            fit_accumulate="counts"
        )),
        "detective": HandIn(
            dict(first_difference="index-loop"), words=dict(advice=GOOD_ADVICE)
        ),
    },
    "Priya Raghunathan": {
        "constant-lr": HandIn(dict(
            sgd_step="numpy", read_lrs="numpy", quadratic_path="numpy", classify_lr="numpy",
            epoch_loss="numpy", log_grid="numpy"
        )),
        "steplr": HandIn(dict(step_lr_trace="numpy", drop_epochs="range", group_traces="numpy")),
        "plateau": HandIn(dict(clamp_lr="steps", find_config="-")),
        "detective": HandIn(
            dict(first_difference="numpy", plateau_culprit="-"), words=dict(advice=GOOD_ADVICE)
        ),
    },
    "Łukasz Wiśniewski": {
        "constant-lr": HandIn(dict(
            sgd_step="torch", quadratic_path="torch", count_updates="torch"
        )),
        "steplr": HandIn(dict(
            step_lr="recursion", step_lr_trace="torch", make_scheduler="by-position",
            chained_trace="torch"
        )),
        "plateau": HandIn(dict(
            is_better="torch", first_drop="short", flat_drops="while", plateau_update="torch",
            plateau_trace="torch", find_config="torch"
        )),
        "shapes": HandIn(dict(linear_decay="torch", sequence_trace="torch")),
    },
    # typical mistakes, near misses that earn a part, and gaps
    "Siobhán O'Neill": {
        "constant-lr": HandIn(dict(
            sgd_step="rounded", quadratic_path="no-start", classify_lr="strict",
            epoch_loss="in-place", log_grid="no-high", pick_lr="edge-of-finite"
        )),
        "steplr": HandIn(dict(
            step_lr="rounded", step_lr_trace="one-too-many", drop_epochs="past-the-end",
            fit="notes-after", chained_trace="uses-up", group_traces="per-epoch",
            resume="optimizer-only", design_schedule="last-drop-too-late"
        )),
        "plateau": HandIn(dict(
            flat_drops="from-0", plateau_update="in-place", plateau_trace="lr0-too",
            fit_plateau="notes-after"
        )),
        "shapes": HandIn(dict(
            linear_decay="rounded", warmup_lr="from-0", sequence_trace="one-too-many",
            fit_updates="notes-after", fit_accumulate="mean"
        )),
        "detective": HandIn(
            dict(first_difference="from-1", culprit="all-hands"), words=dict(advice=SHORT_ADVICE)
        ),
    },
    "José García López": {
        "constant-lr": HandIn(dict(
            sgd_step="climbs", read_lrs="first-group", quadratic_path="recursion",
            classify_lr="no-curvature", count_updates="floor", epoch_loss="plain-mean",
            log_grid="even-steps", pick_lr="nan-wins"
        )),
        "steplr": HandIn(dict(
            step_lr="early", step_lr_trace="numpy", drop_epochs="with-0",
            make_scheduler="default-gamma", fit="per-batch", chained_trace="ignores-edits",
            group_traces="first-group", resume="scheduler-only", design_schedule="no-root"
        )),
        "plateau": HandIn(dict(
            is_better="no-threshold", first_drop="one-early", flat_drops="no-cooldown",
            clamp_lr="no-min", plateau_update="torch", plateau_trace="notes-before",
            fit_plateau="training-loss", find_config="defaults"
        )),
        "shapes": HandIn(dict(
            linear_decay="one-early", cosine_lr="no-minimum", warmup_lr="on-and-on",
            warmup_cosine="jumps", make_schedule="rate-as-factor", sequence_trace="chained",
            one_cycle="peak-late", fit_updates="per-epoch", fit_accumulate="no-leftovers"
        )),
        "detective": HandIn(
            dict(first_difference="exact", culprit="planned", plateau_culprit="planned")
        ),
    },
    "Chidi Okonkwo": {
        "constant-lr": HandIn(dict(
            quadratic_path="keeps-half", classify_lr="capitals", count_updates="ceil-minus-1",
            pick_lr="rate-only"
        )),
        "steplr": HandIn(dict(
            drop_epochs="last-of-block", make_scheduler="verbose", fit="steps-first",
            chained_trace="one-epoch-edits", group_traces="shared-list",
            design_schedule="gamma-first"
        )),
        "plateau": HandIn(dict(
            is_better="ties", flat_drops="first-only", clamp_lr="no-eps",
            plateau_update="drops-at-patience", plateau_trace="torch", fit_plateau="no-metric",
            find_config="-"
        )),
        "detective": HandIn(dict(
            first_difference="shorter", culprit="flat-or-not", plateau_culprit="length-only"
        ), words=dict(advice=SHORT_ADVICE)),
    },
    "Björk Jónsdóttir": {
        "constant-lr": HandIn(dict(
            sgd_step="no-lr", read_lrs="defaults", quadratic_path="numpy",
            classify_lr="two-words", count_updates="fractions", epoch_loss="never-divides",
            log_grid="exponents", pick_lr="loop"
        )),
        "steplr": HandIn(dict(
            step_lr="slides", step_lr_trace="torch", make_scheduler="exponential",
            fit="makes-anew", chained_trace="edit-then-drop", resume="new-names",
            design_schedule="rounded"
        )),
        "plateau": HandIn(dict(
            is_better="min-only", first_drop="two-early", clamp_lr="subtracts",
            plateau_update="torch", plateau_trace="always-inf", fit_plateau="validates-twice",
            find_config="never-max"
        )),
        "shapes": HandIn(dict(
            linear_decay="whole-share", cosine_lr="cut", warmup_cosine="never-arrives",
            make_schedule="reads-too-late"
        ), others="-"),
        "detective": HandIn(
            dict(first_difference="how-many", plateau_culprit="after-the-call"), others="-"
        ),
    },
    "王芳": {
        "constant-lr": HandIn(dict(
            read_lrs="sorted", quadratic_path="end-only", count_updates="one-epoch",
            epoch_loss="sum", log_grid="times-ten", pick_lr="deletes"
        )),
        "steplr": HandIn(dict(
            step_lr="every-epoch", step_lr_trace="compounded", make_scheduler="swapped",
            fit="returns-early", group_traces="in-place", resume="steps-once-more"
        )),
        "plateau": HandIn(dict(
            is_better="always-rel", first_drop="one-late", flat_drops="last-left-out",
            clamp_lr="eps-as-floor", plateau_update="bad-not-reset", plateau_trace="torch",
            find_config="torch"
        )),
        "shapes": HandIn(dict(
            cosine_lr="not-halved", warmup_cosine="two-thirds", one_cycle="down-to-0"
        )),
    },
    "Fatima al-Zahra": {
        "constant-lr": HandIn(dict(
            sgd_step="change-only", read_lrs="get_last_lr", quadratic_path="first-gradient",
            log_grid="-", pick_lr="-"
        )),
        "steplr": HandIn(dict(
            step_lr="times", step_lr_trace="last-only", drop_epochs="range", fit="never-steps"
        ), others="-"),
        "plateau": HandIn(dict(is_better="right", first_drop="right"), others="-"),
    },
    "Søren Østergård": {
        "constant-lr": HandIn(dict(
            quadratic_path="typo", epoch_loss="prints-only", log_grid="example-only"
        )),
        "steplr": HandIn(others="-"),
        "plateau": HandIn(dict(
            is_better="cases", flat_drops="no-return", clamp_lr="calls-itself",
            find_config="unfinished"
        )),
    },
    # what goes wrong with files and programs
    "João da Silva": {
        "constant-lr": HandIn(dict(classify_lr="strict")),
        "steplr": HandIn(dict(
            step_lr="open-bracket", step_lr_trace="numpy", group_traces="as-text",
            design_schedule="asks"
        )),
    },
    "Aylin Çelik": {
        "constant-lr": HandIn(dict(count_updates="floor", pick_lr="-")),
        "steplr": HandIn(dict(step_lr_trace="early", drop_epochs="endless")),
    },
    "Yuki Tanaka": {
        "steplr": HandIn(dict(step_lr="chatty", fit="notes-after", design_schedule="-")),
        "plateau": HandIn(dict(
            first_drop="short", flat_drops="while", clamp_lr="no-eps",
            fit_plateau="line-by-line"
        )),
    },
    "Noa Ben-David": {
        "steplr": HandIn(file="truncated"),
        "plateau": HandIn(dict(flat_drops="no-cooldown")),
    },
    "Kwame Mensah": {
        "constant-lr": HandIn(dict(epoch_loss="plain-mean"), file="old format"),
        "plateau": HandIn(dict(fit_plateau="notes-after")),
    },
    "Мария Петрова": {
        "steplr": HandIn(own_cells=dict(chained_trace=ENDS_PYTHON)),
    },
    "Tāne Parata": {
        "constant-lr": HandIn(dict(log_grid="numpy"), own_cells=dict(epoch_loss=FILLS_MEMORY)),
    },
    "Mallory Smith": {
        "constant-lr": HandIn(
            dict(sgd_step="climbs"), others="-",
            own_cells=dict(sgd_step=PATCHES_THE_JUDGE), file="forged",
        ),
        "steplr": HandIn(
            dict(step_lr="equals-anything"), others="-", own_cells=dict(step_lr=LOOKS_FOR_ANSWERS)
        ),
        "plateau": HandIn(
            dict(first_drop="one-early"), others="-", own_cells=dict(is_better=CALLS_HOME)
        ),
        "detective": HandIn(
            dict(culprit="planned"), others="-", words=dict(advice=LOUD_ADVICE)
        ),
    },
}
# fmt: on
