"""Live training: streamed by epoch, stopped at once, one run at a time, none left behind."""

import asyncio
import contextlib

import pytest

from lrlab.data import _digits
from lrlab.explore import live
from lrlab.explore.live import NOBODY, REPLACED, STOPPED, LiveChart, Plan
from lrlab.explore.quick import sgd, train_by_batch
from lrlab.training import Epoch


class Chart(LiveChart):
    """Trains with a constant lr."""

    _esm = "export default {}"
    length = 3

    def plan(self, settings):
        def steps(model, optimizer, images, seed):
            return train_by_batch(model, optimizer, images, self.length, seed=seed)

        return Plan("constant 0.1", 0.1, self.length, steps)


@pytest.fixture(autouse=True)
def digits(monkeypatch):
    images = _digits()
    monkeypatch.setattr(live, "load_mnist", lambda: print("a line for cells") or images)


def say(chart, **message):
    chart._handle_custom_msg(message, [])


async def answer(chart):
    """A page that looks: it answers all news."""
    chart.observe(lambda _: say(chart, do="seen"), "progress")


async def long_run():
    """A chart whose page answers, after the first of many epochs."""
    chart = Chart()
    chart.length = 1000
    await answer(chart)
    say(chart, do="train", settings={})
    while not chart.runs:
        await asyncio.sleep(0)
    return chart


async def end_of(chart):
    await asyncio.sleep(0)  # Now the message is taken up.
    with contextlib.suppress(asyncio.CancelledError):
        await chart.training


def test_a_run_streams_every_epoch_and_says_how_it_ended(capsys):
    async def scenario():
        chart, seen = Chart(), []
        await answer(chart)
        chart.observe(lambda change: seen.append(len(change["new"][-1]["lr"])), "runs")
        say(chart, do="train", settings={})
        await end_of(chart)
        return chart, seen

    chart, seen = asyncio.run(scenario())
    assert seen == [1, 2, 3]
    [run] = chart.runs
    assert run["name"] == "live 1" and run["lr"] == [0.1] * 3
    model = live.mlp(live.FIRST_SEED)
    images = live.load_mnist()
    steps = train_by_batch(model, sgd(model, 0.1), images, 3, seed=live.FIRST_SEED)
    alone = [step for step in steps if isinstance(step, Epoch)]
    assert run["val_accuracy"] == [epoch.val_accuracy for epoch in alone]
    assert chart.progress["state"] == "idle"
    assert f"{alone[-1].val_accuracy:.2f} %" in chart.progress["text"]
    assert "scikit-learn's digits" in chart.progress["text"]
    assert capsys.readouterr().out.count("a line for cells") == 1  # It is this test's own call.


@pytest.mark.parametrize(("message", "text"), [({"do": "stop"}, STOPPED), (None, NOBODY)])
def test_a_run_ends_before_its_next_batch(message, text):
    async def scenario():
        chart = await long_run()
        chart.close() if message is None else say(chart, **message)
        turns = 0
        while not chart.training.done():
            await asyncio.sleep(0)
            turns += 1
        return chart, turns

    chart, turns = asyncio.run(scenario())
    assert turns <= 3
    assert chart.progress["text"] == text
    assert chart.progress["state"] == "idle"
    assert len(chart.runs[0]["lr"]) >= 1


@pytest.mark.parametrize(
    ("told", "limit"), [(None, "UNSEEN_SECONDS"), ({"do": "gone"}, "REDRAWN_SECONDS")]
)
def test_a_run_ends_when_no_chart_answers(told, limit, monkeypatch):
    monkeypatch.setattr(live, limit, 1.0)
    chart = asyncio.run(_unanswered(told, answered_again=False))
    assert chart.progress["text"] == NOBODY
    assert 1 <= len(chart.runs[0]["lr"]) < chart.length


def test_a_chart_that_is_drawn_anew_keeps_its_run(monkeypatch):
    monkeypatch.setattr(live, "REDRAWN_SECONDS", 0.5)
    monkeypatch.setattr(live, "NEWS_SECONDS", 0.1)
    chart = asyncio.run(_unanswered({"do": "gone"}, answered_again=True))
    assert chart.progress["text"] == STOPPED


async def _unanswered(told, answered_again):
    """A chart whose page has answered until its first epoch, after the end of its run."""
    chart = await long_run()
    chart.unobserve_all("progress")
    if told:
        say(chart, **told)
    if answered_again:
        await answer(chart)
        await asyncio.sleep(3 * live.REDRAWN_SECONDS)
        say(chart, do="stop")
    await end_of(chart)
    return chart


def test_messages_may_come_through_another_thread():
    """JupyterLab sends them through a subshell of the kernel once it has one."""

    async def scenario():
        chart = Chart()
        chart.length = 1000
        await answer(chart)
        said = []
        for message in ("train", "stop", "train"):
            await asyncio.to_thread(say, chart, do=message, settings={})
            while message == "train" and len(chart.runs) == len(said):
                await asyncio.sleep(0)
            said += [message] if message == "train" else []
        say(chart, do="stop")
        await end_of(chart)
        return chart

    chart = asyncio.run(scenario())
    assert [run["name"] for run in chart.runs] == ["live 1", "live 2"]
    assert chart.progress["text"] == STOPPED


def test_a_second_run_lies_over_the_first_and_has_another_seed():
    async def scenario():
        chart = Chart()
        await answer(chart)
        for _ in range(2):
            say(chart, do="train", settings={})
            await end_of(chart)
        return chart

    chart = asyncio.run(scenario())
    assert [run["name"] for run in chart.runs] == ["live 1", "live 2"]
    assert chart.runs[0]["val_loss"] != chart.runs[1]["val_loss"]


def test_only_the_last_runs_are_kept_and_can_be_cleared():
    async def scenario():
        chart = Chart()
        chart.length = 1
        await answer(chart)
        for _ in range(live.KEPT_RUNS + 1):
            say(chart, do="train", settings={})
            await end_of(chart)
        names = [run["name"] for run in chart.runs]
        say(chart, do="clear")
        await asyncio.sleep(0)
        return names, chart.runs

    names, cleared = asyncio.run(scenario())
    assert names == ["live 2", "live 3", "live 4", "live 5"]
    assert cleared == []


def test_one_run_at_a_time_in_a_kernel():
    async def scenario():
        one, other = Chart(), Chart()
        for chart in (one, other):
            await answer(chart)
        one.length = 1000
        say(one, do="train", settings={})
        while not one.runs:
            await asyncio.sleep(0)
        say(other, do="train", settings={})
        await end_of(other)
        return one, other

    one, other = asyncio.run(scenario())
    assert one.training.done() and one.progress["text"] == REPLACED
    assert len(other.runs[0]["lr"]) == 3


def test_two_clicks_start_one_run_after_the_other():
    async def scenario():
        chart = Chart()
        await answer(chart)
        say(chart, do="train", settings={})
        say(chart, do="train", settings={})
        await end_of(chart)
        return chart

    chart = asyncio.run(scenario())
    assert len(chart.runs) == 1 and len(chart.runs[0]["lr"]) == 3
    assert chart.progress["state"] == "idle"


def test_a_diverged_run_sends_no_nan():
    class TooHigh(Chart):
        def plan(self, settings):
            def steps(model, optimizer, images, seed):
                yield 0
                yield Epoch(0, 0.1, float("nan"), float("nan"), 9.8)

            return Plan("broken", 0.1, 1, steps)

    async def scenario():
        chart = TooHigh()
        say(chart, do="train", settings={})
        await end_of(chart)
        return chart

    chart = asyncio.run(scenario())
    assert chart.runs[0]["val_loss"] == [None]
    assert chart.runs[0]["val_accuracy"] == [9.8]


def test_a_failure_is_told_where_the_learner_looks():
    class Broken(Chart):
        def plan(self, settings):
            def steps(*_):
                raise RuntimeError("no room")

            return Plan("broken", 0.1, 1, steps)

    async def scenario():
        chart = Broken()
        say(chart, do="train", settings={})
        await end_of(chart)
        return chart

    chart = asyncio.run(scenario())
    assert chart.progress["text"] == "Training failed: RuntimeError: no room"
    assert chart.progress["state"] == "idle"
