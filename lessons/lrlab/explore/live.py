"""Live training for a chart: in the kernel's event loop, so that the notebook stays usable."""

from __future__ import annotations

import asyncio
import contextlib
import io
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import traitlets
from torch import nn
from torch.optim import Optimizer

from lrlab.data import Images, load_mnist
from lrlab.training import BATCH_SIZE, Epoch, mlp, one_thread

from . import digits
from .chart import Chart
from .quick import sgd

FIRST_SEED = 7  # The recorded runs have the seeds 0, 1 and 2.
KEPT_RUNS = 4
SEEN_DIGITS = 12
NEWS_SECONDS = 0.25  # Each message costs a page and a kernel that share two cores a new drawing.
UNSEEN_SECONDS = 30.0  # A run stops when no chart has answered its messages for so long.
REDRAWN_SECONDS = 2.0  # So long a chart may be off its page: then it is not drawn anew any more.
FIELDS = ("lr", "val_loss", "val_accuracy")

STOPPED = "Stopped. The epochs that were finished stay on the chart."
REPLACED = "Stopped: another run was started in this notebook."
NOBODY = "Stopped: the chart was closed."


@dataclass(frozen=True)
class Plan:
    """A run to be trained. `steps(model, optimizer, images, seed)` yields as `train_by_batch` does.

    Attributes:
        label: names the settings on the chart
        lr: the optimizer's, before the first epoch
        epochs: how many there will be
    """

    label: str
    lr: float
    epochs: int
    steps: Callable[[nn.Module, Optimizer, Images, int], Iterator[int | Epoch]]


class LiveChart(Chart):
    """A chart with a Train button. A subclass says in `plan` what the settings mean.

    A kernel trains one run at a time: two would make each other slow. A run ends when its page is
    closed or its cell is run again.

    Attributes:
        runs: the last few runs: name, label, look (a number), and FIELDS with a value per epoch;
            None stands for NaN
        progress: the latest news: its number, state (idle | running), share done, text, and
            `read`, what the network of the latest run takes each of `digits` for, or []
        digits: the validation images that are shown, as `digits.shown` gives them, or {}
    """

    runs: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    progress = traitlets.Dict().tag(sync=True)
    digits = traitlets.Dict().tag(sync=True)
    training: asyncio.Task[None] | None = None

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self._number = self._started = 0
        self._until = 0.0
        self._read: list[int] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        with contextlib.suppress(RuntimeError):  # Without a kernel no loop is running.
            self._loop = asyncio.get_running_loop()
        self._news("idle", 0, "")
        self.on_msg(self._heard)

    def plan(self, settings: dict[str, Any]) -> Plan:
        """The run to train with `settings`, the page's values for the names in `start`."""
        raise NotImplementedError

    def finished(self, run: dict[str, Any]) -> None:
        """A run, as in `runs`, has come to its last epoch."""

    def stop(self, reason: str) -> None:
        """End the run, if there is one, before its next batch."""
        if self.training is not None:
            self.training.cancel(reason)

    def close(self) -> None:
        self.stop(NOBODY)
        super().close()

    def _heard(self, _widget: Any, message: dict[str, Any], _buffers: Any) -> None:
        """Act in the loop in which the chart was made.

        JupyterLab may send messages through a subshell: a thread with a loop of its own.
        """
        if self._loop is None:
            self._obey(message)
        else:
            self._loop.call_soon_threadsafe(self._obey, message)

    def _obey(self, message: dict[str, Any]) -> None:
        match message:
            case {"do": "train", "settings": dict(settings)}:
                self._train(settings)
            case {"do": "stop"}:
                self.stop(STOPPED)
            case {"do": "clear"}:
                self.runs, self._read = [], []
                self._news("idle", 0, "")
            case {"do": "seen"}:
                self._until = time.perf_counter() + UNSEEN_SECONDS
            case {"do": "gone"}:
                self._until = time.perf_counter() + REDRAWN_SECONDS

    def _train(self, settings: dict[str, Any]) -> None:
        global _at_work
        if _at_work is not None:
            _at_work.stop(STOPPED if _at_work is self else REPLACED)
        _at_work = self
        plan = self.plan(settings)
        self.training = asyncio.get_running_loop().create_task(self._follow(plan, self.training))

    async def _follow(self, plan: Plan, before: asyncio.Task[None] | None) -> None:
        """Train, and say how it ended."""
        if before is not None:
            await asyncio.wait([before])
        began = time.perf_counter()
        self._news("running", 0, f"{plan.label}: the kernel gets ready.")
        try:
            text = await self._epochs(plan)
            text = f"{text} It took {time.perf_counter() - began:.1f} s."
        except asyncio.CancelledError as stopped:
            text = str(stopped)
        except Exception as error:
            # The learner looks at the chart; nobody sees the server's log.
            text = f"Training failed: {type(error).__name__}: {error}"
        self._news("idle", 0, text)

    async def _epochs(self, plan: Plan) -> str:
        """Train and return the result in words. Raises CancelledError with the reason for it."""
        await asyncio.sleep(0)
        with contextlib.redirect_stdout(io.StringIO()):
            images = load_mnist()  # This takes no time where the lesson has loaded it before.
        self._started += 1
        seed = FIRST_SEED + self._started - 1
        model = mlp(seed)
        optimizer = sgd(model, plan.lr)
        with one_thread():
            chosen = digits.hard_ones(images, SEEN_DIGITS)
        self.digits = digits.shown(images, chosen)
        x_seen = images.x_val[chosen]
        name = f"live {self._started}"
        run = {"name": name, "label": f"{name}, {plan.label}", "look": self._started - 1}
        epochs: list[Epoch] = []
        batches = math.ceil(len(images.y_train) / BATCH_SIZE)
        told = 0.0
        self._until = time.perf_counter() + UNSEEN_SECONDS
        for step in plan.steps(model, optimizer, images, seed):
            if isinstance(step, Epoch) or time.perf_counter() > told + NEWS_SECONDS:
                told = time.perf_counter()
                self._read = digits.read(model, x_seen)
                with self.hold_sync():  # A finished epoch is one message, too.
                    if isinstance(step, Epoch):
                        epochs.append(step)
                        self._draw(run, epochs)
                    done = len(epochs) + (0 if isinstance(step, Epoch) else step / batches)
                    text = f"{plan.label}: {len(epochs)} of {plan.epochs} epochs done."
                    self._news("running", done / plan.epochs, text)
                if told > self._until:
                    raise asyncio.CancelledError(NOBODY)
            await asyncio.sleep(0)
        self.finished(self.runs[-1])
        return (
            f"{run['label']}, on {images.name}, seed {seed}: {epochs[-1].val_accuracy:.2f} % of "
            "the validation images right after the last epoch."
        )

    def _draw(self, run: dict[str, Any], epochs: list[Epoch]) -> None:
        values = {name: [_json(getattr(each, name)) for each in epochs] for name in FIELDS}
        others = [each for each in self.runs if each["name"] != run["name"]]
        self.runs = [*others[1 - KEPT_RUNS :], run | values]

    def _news(self, state: str, share: float, text: str) -> None:
        self._number += 1
        news = {"state": state, "share": share, "text": text, "read": self._read}
        self.progress = news | {"number": self._number}


_at_work: LiveChart | None = None  # This chart was the last in this kernel that was asked to train.


def _json(value: float) -> float | None:
    return value if math.isfinite(value) else None
