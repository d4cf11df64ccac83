"""torch without its compiler until somebody asks for it: importing that takes most of a start.

torch imports torch._dynamo when the first optimizer is made and at each of its steps, and then only
asks it not to compile. What stands in for it here answers exactly that; whatever else is wanted of
it, such as torch.compile wants, comes from the real one, which takes its place at that moment.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, MutableSequence, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

COMPILER = "torch._dynamo"


def keep_compiler_out() -> None:
    """Have torch's compiler imported when it is used, and not before."""
    import torch

    if COMPILER not in sys.modules:
        sys.modules[COMPILER] = torch._dynamo = _StandIn(COMPILER)
        sys.meta_path.insert(0, _Submodules())


class _StandIn(ModuleType):
    """What an optimizer needs of torch._dynamo while nothing is compiled."""

    __path__: MutableSequence[str] = []  # noqa: RUF012 as ModuleType declares it

    @staticmethod
    def disable(function: Callable[..., Any], *_args: Any, **_options: Any) -> Callable[..., Any]:
        return function

    @staticmethod
    def graph_break(*_args: Any, **_options: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # whoever walks over all modules asks for these
            raise AttributeError(name)
        return getattr(_real(), name)


class _Submodules(MetaPathFinder, Loader):
    """`import torch._dynamo.config`: the real package brings it; it must not be loaded twice."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not name.startswith(f"{COMPILER}.") or not _stands_in():
            return None
        package = _real()
        if name in sys.modules:
            return ModuleSpec(name, self)
        return PathFinder.find_spec(name, package.__path__)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = sys.modules[spec.name]
        spec.loader_state = module.__spec__  # the import system puts `spec` in its place
        return module

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__
        module.__spec__ = module.__spec__.loader_state


def _stands_in() -> bool:
    return isinstance(sys.modules.get(COMPILER), _StandIn)


def _real() -> ModuleType:
    """torch's own compiler, imported once it is asked for."""
    if _stands_in():
        del sys.modules[COMPILER]
    return importlib.import_module(COMPILER)
