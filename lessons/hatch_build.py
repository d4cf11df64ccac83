"""Puts what lies beside each lesson into lrlab's wheel, as lrlab/lessons/NAME/."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LessonData(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":  # lrlab then stays here, beside the lessons
            return
        for name in ("checks.json", "recorded.json", "predictions.toml"):
            for path in Path(self.root).glob(f"*/{name}"):
                build_data["force_include"][str(path)] = f"lrlab/lessons/{path.parent.name}/{name}"
