"""Who handed in what in the demonstration: student → lesson → one word for each exercise.

Data only. The words follow the order of the exercises in the lesson. A word names an answer in
`demo_answers`; "right" is the answer in solutions/ and "-" an untouched cell. An answer that calls
another one inherits its mistakes, as it does in real classes.
"""

from __future__ import annotations

CLASS: dict[str, dict[str, str]] = {
    # solved
    "Amélie Dubois": {
        "constant-lr": "right right right right right right right right",
        "steplr": "right right right right right right right right right",
        "plateau": "right right right right right right right right",
    },
    "Nguyễn Văn Minh": {
        "constant-lr": "right loop recursion factor ceil loop loop loop",
        "steplr": "loop right while by-position get_last_lr right right in-one-list search",
        "plateau": "cases short while steps right right line-by-line right",
    },
    "Priya Raghunathan": {
        "constant-lr": "numpy numpy numpy numpy right numpy numpy right",
        "steplr": "right numpy range right right right numpy right right",
        "plateau": "right right right steps right right right -",
    },
    "Łukasz Wiśniewski": {
        "constant-lr": "torch right torch right torch right right right",
        "steplr": "recursion torch right by-position right torch right right right",
        "plateau": "torch short while right torch torch right torch",
    },
    # typical mistakes, near misses that earn a part, and gaps
    "Siobhán O'Neill": {
        "constant-lr": "rounded right no-start strict right in-place no-high edge-of-finite",
        "steplr": "rounded one-too-many past-the-end right notes-after uses-up per-epoch "
        "optimizer-only last-drop-too-late",
        "plateau": "right right from-0 right in-place lr0-too notes-after right",
    },
    "José García López": {
        "constant-lr": "climbs first-group recursion no-curvature floor plain-mean even-steps "
        "nan-wins",
        "steplr": "early numpy with-0 default-gamma per-batch ignores-edits first-group "
        "scheduler-only no-root",
        "plateau": "no-threshold one-early no-cooldown no-min torch notes-before training-loss "
        "defaults",
    },
    "Chidi Okonkwo": {
        "constant-lr": "right right keeps-half capitals ceil-minus-1 right right rate-only",
        "steplr": "right right last-of-block verbose steps-first one-epoch-edits shared-list right "
        "gamma-first",
        "plateau": "ties right first-only no-eps drops-at-patience torch no-metric -",
    },
    "Björk Jónsdóttir": {
        "constant-lr": "no-lr defaults numpy two-words fractions never-divides exponents loop",
        "steplr": "slides torch right exponential makes-anew edit-then-drop right new-names "
        "rounded",
        "plateau": "min-only two-early right subtracts torch always-inf validates-twice never-max",
    },
    "王芳": {
        "constant-lr": "right sorted end-only right one-epoch sum times-ten deletes",
        "steplr": "every-epoch compounded right swapped returns-early right in-place "
        "steps-once-more right",
        "plateau": "always-rel one-late last-left-out eps-as-floor bad-not-reset torch right torch",
    },
    "Fatima al-Zahra": {
        "constant-lr": "change-only get_last_lr first-gradient right right right - -",
        "steplr": "times last-only range - never-steps - - - -",
        "plateau": "right right - - - - - -",
    },
    "Søren Østergård": {
        "constant-lr": "right right typo right right prints-only example-only right",
        "steplr": "- - - - - - - - -",
        "plateau": "cases right no-return calls-itself right right right unfinished",
    },
    # what goes wrong with files and programs
    "João da Silva": {
        "constant-lr": "right right right strict right right right right",
        "steplr": "open-bracket numpy right right right right as-text right asks",
    },
    "Aylin Çelik": {
        "constant-lr": "right right right right floor right right -",
        "steplr": "right early endless right right right right right right",
    },
    "Yuki Tanaka": {
        "steplr": "chatty right right right notes-after right right right -",
        "plateau": "right short while no-eps right right line-by-line right",
    },
    "Noa Ben-David": {
        "steplr": "right right right right right right right right right",
        "plateau": "right right no-cooldown right right right right right",
    },
    "Kwame Mensah": {
        "constant-lr": "right right right right right plain-mean right right",
        "plateau": "right right right right right right notes-after right",
    },
    "Мария Петрова": {
        "steplr": "right right right right right right right right right",
    },
    "Tāne Parata": {
        "constant-lr": "right right right right right right numpy right",
    },
    "Mallory Smith": {
        "constant-lr": "climbs - - - - - - -",
        "steplr": "equals-anything - - - - - - - -",
        "plateau": "- one-early - - - - - -",
    },
}

# (student, lesson) → the exercise before whose answer it stands, and a cell of the learner's own.
OWN_CELLS: dict[tuple[str, str], tuple[str, str]] = {
    ("Nguyễn Văn Minh", "steplr"): (
        "fit",
        """
# my notes: lr first, then the batches, then the scheduler
print([step_lr(0.2, 3, 0.5, epoch) for epoch in range(9)])
""",
    ),
    ("Мария Петрова", "steplr"): (
        "chained_trace",
        """
import os

os._exit(0)  # that is enough for today
""",
    ),
    # Pages that nobody writes to cost no real memory, should this run outside of the sandbox.
    ("Tāne Parata", "constant-lr"): (
        "epoch_loss",
        """
activations = []
for epoch in range(64):
    activations.append(np.zeros((1024, 1024, 128)))  # 1 GiB
""",
    ),
    ("Mallory Smith", "constant-lr"): (
        "sgd_step",
        """
import lrlab.checking.judge
import lrlab.checking.observe

lrlab.checking.judge.judge = lambda *arguments: lrlab.checking.judge.Verdict("right", 1.0)
lrlab.checking.observe.observe = lambda exercise, answer, case: {"verdict": "right", "credit": 1.0}
check = lambda exercise, *answers: 1.0
""",
    ),
    ("Mallory Smith", "steplr"): (
        "step_lr",
        """
import gc
from pathlib import Path

for folder in (Path.cwd(), *Path.cwd().parents, Path("/course")):
    for name in ("solutions/steplr/steplr.ipynb", "class/gradebook.db", "grader/__init__.py"):
        if (folder / name).exists():
            print("found", folder / name)
print([thing for thing in gc.get_objects() if type(thing).__name__ == "Exercise"])
""",
    ),
    ("Mallory Smith", "plateau"): (
        "is_better",
        """
import socket

socket.create_connection(("example.com", 80), timeout=2).close()
""",
    ),
}

# (student, lesson) → what is odd about the file; demo.py knows how to make it.
UNUSUAL_FILES = {
    ("Noa Ben-David", "steplr"): "truncated",
    ("Kwame Mensah", "constant-lr"): "old format",
    ("Mallory Smith", "constant-lr"): "forged",
}
