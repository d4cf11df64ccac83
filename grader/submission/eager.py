"""torch without its compiler, for the process that judges: nothing in there is ever compiled."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


def keep_compiler_out() -> None:
    """Spare the import of torch._dynamo, which takes longer than all the rest of torch.

    torch imports it when the first optimizer is made and at each step, and then only asks it not to
    compile. What stands in for it answers exactly that. Learners' code never runs in this process.
    """
    import torch

    if "torch._dynamo" not in sys.modules:
        stand_in: Any = ModuleType("torch._dynamo")
        stand_in.disable = lambda function, *_args, **_options: function
        stand_in.graph_break = lambda *_args, **_options: None
        sys.modules["torch._dynamo"] = stand_in
        torch._dynamo = stand_in
