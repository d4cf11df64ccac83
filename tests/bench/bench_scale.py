"""A generated class at scale: speed, latency, memory, cost against class size, ratio to stock.

`python tests/bench/bench_scale.py` takes some minutes. SCALE.md's full sizes took 29 on two cores:
`… --sizes 100 500 2000 5000 --pair 2000 --stock 5 --record tests/bench/measured.json`

Whole commands are timed, start-up included, except where it says "steady". Stock nbgrader is timed
without its start-up, on honest submissions out of the same class.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from itertools import islice
from pathlib import Path
from statistics import quantiles
from typing import Any

import numpy as np
import psutil
import stock
from generated_class import HONEST, hand_in

from grader.exercises import LESSONS, written_of_lesson

POLL_SECONDS = 1.0


class Watch(threading.Thread):
    """Notes CPU seconds and the largest resident memory of a command, by kind of process."""

    def __init__(self, run: subprocess.Popen) -> None:
        super().__init__()
        self._run = run
        self._cpu: dict[psutil.Process, tuple[str, float]] = {}
        self.peak_mib: dict[str, float] = defaultdict(float)

    def run(self) -> None:
        while self._run.poll() is None:
            try:
                root = psutil.Process(self._run.pid)
                processes = [(root, "coordinator")]
                processes += [(each, _kind(each)) for each in root.children(recursive=True)]
            except psutil.Error:
                continue
            for process, kind in processes:
                try:
                    self._note(process, kind)
                except psutil.Error:
                    continue  # it has just ended
            time.sleep(POLL_SECONDS)

    def _note(self, process: psutil.Process, kind: str) -> None:
        used = process.cpu_times()
        own = used.user + used.system
        # The children of a warm sandbox are too short-lived to be seen, but it has waited for them.
        ended = used.children_user + used.children_system if kind == "sandbox" else 0.0
        self._cpu[process] = kind, own + ended
        rss = process.memory_info().rss / 2**20
        self.peak_mib[kind] = max(self.peak_mib[kind], rss)

    @property
    def cpu_seconds(self) -> dict[str, float]:
        found: dict[str, float] = defaultdict(float)
        for kind, seconds in self._cpu.values():
            found[kind] += seconds
        return found


def _kind(process: psutil.Process) -> str:
    words = process.cmdline()
    if process.name() == "bwrap" or "resource_tracker" in " ".join(words):
        return "small"
    return "sandbox" if "inside" in words else "worker"


def ours(count: int, workers: int) -> dict[str, Any]:
    """One run of `grader grade` over a generated class."""
    with tempfile.TemporaryDirectory() as folder:
        kinds = {path.parts[-3]: kind for path, kind in hand_in(Path(folder, "submitted"), count)}
        command = [sys.executable, "-m", "grader", "grade", "submitted", "--out", "class", "--json"]
        started = time.perf_counter()
        run = subprocess.Popen(
            [*command, "--workers", str(workers)],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        watch = Watch(run)
        watch.start()
        told = [(time.perf_counter() - started, json.loads(line)) for line in run.stdout]
        assert run.wait() == 0, f"grader ended with {run.returncode}"
        seconds = time.perf_counter() - started
        watch.join()
        lines = [(when, event) for when, event in told if event["event"] == "submission"]
        assert {event["student"] for _, event in lines} == kinds.keys() and len(lines) == count
        for _, event in lines:
            if kinds[event["student"]] == "right":
                by_hand = {each.id for each in written_of_lesson(event["lesson"])}
                marks = [mark for mark in event["exercises"] if mark["id"] not in by_hand]
                assert all(mark["verdict"] == "right" for mark in marks), event
        (first, _), (last, _) = lines[0], lines[-1]
        begun = sum(when == first for when, _ in lines)
        each = [event["seconds"] for _, event in lines]
        return {
            "submissions": count,
            "workers": workers,
            "seconds": seconds,
            "first_line_seconds": first,
            "per_second": count / seconds,
            "steady_per_second": (count - begun) / (last - first),
            "latency_percentiles": quantiles(each, n=100),
            "cpu_seconds": dict(watch.cpu_seconds),
            "peak_mib": dict(watch.peak_mib),
            "kinds": Counter(kinds.values()),
            "statuses": Counter(event["status"] for _, event in lines),
            "bytes_each": _bytes_each(Path(folder), count),
        }


def _bytes_each(folder: Path, count: int) -> dict[str, float]:
    """What one submission is on its way in and out, on average."""
    places = {
        "submission": "submitted/**/*.ipynb",
        "notebook": "class/autograded/**/*.ipynb",
        "feedback": "class/feedback/**/*.html",
        "line": "class/results.jsonl",
        "gradebook": "class/gradebook.db",
    }
    return {
        name: sum(path.stat().st_size for path in folder.glob(place)) / count
        for name, place in places.items()
    }


def stock_each(each: int) -> dict[str, dict[str, float]]:
    """What a submission costs stock nbgrader, on `each` honest submissions of every lesson."""
    found = {}
    for name, demonstrations in (("all cells", True), ("no demonstrations", False)):
        with tempfile.TemporaryDirectory() as folder:
            made = hand_in(Path(folder, "generated"), 100 * each)
            honest = [path for path, kind in made if kind in HONEST]
            sample = [
                path
                for lesson in LESSONS
                for path in islice((p for p in honest if p.stem == lesson), each)
            ]
            course = Path(folder, "course")
            course.mkdir()
            found[name] = stock.seconds_each(course, sample, demonstrations)
    return found


def straightness(runs: list[dict[str, Any]]) -> tuple[float, float, float]:
    """Seconds of start-up and per submission of the best line, and how well it fits: R²."""
    size = np.array([run["submissions"] for run in runs])
    seconds = np.array([run["seconds"] for run in runs])
    slope, start = np.polyfit(size, seconds, 1)
    left = seconds - (start + slope * size)
    return start, slope, 1 - (left**2).sum() / ((seconds - seconds.mean()) ** 2).sum()


def show(run: dict[str, Any]) -> None:
    p50, p99 = run["latency_percentiles"][49], run["latency_percentiles"][98]
    cpu = {kind: used / run["submissions"] * 1000 for kind, used in run["cpu_seconds"].items()}
    print(
        f"{run['submissions']} submissions, {run['workers']} worker(s): {run['seconds']:.1f} s, "
        f"first line after {run['first_line_seconds']:.1f} s, {run['per_second']:.2f} a second, "
        f"steady {run['steady_per_second']:.2f}; each p50 {p50:.3f} s, p99 {p99:.3f} s\n"
        f"  CPU ms a submission: {_listed(cpu)}\n"
        f"  peak MiB of the largest: {_listed(run['peak_mib'])}\n"
        f"  statuses: {dict(run['statuses'])}",
        flush=True,
    )


def _listed(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.0f}" for name, value in sorted(values.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[30, 60, 120], help="of classes")
    parser.add_argument("--pair", type=int, default=60, help="class for one against two workers")
    parser.add_argument("--stock", type=int, default=2, help="of each lesson for stock nbgrader")
    parser.add_argument("--record", type=Path, help="write all numbers to this JSON file")
    chosen = parser.parse_args()
    record: dict[str, Any] = {"cores": len(os.sched_getaffinity(0)), "runs": []}

    def keep(**found: Any) -> None:
        record.update(found, load_15_minutes=round(os.getloadavg()[2], 1))
        if chosen.record:  # each time, so that a run that is stopped has not been for nothing
            chosen.record.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")

    one, two = ours(chosen.pair, workers=1), ours(chosen.pair, workers=2)
    keep(one_worker=one, two_workers=two)
    show(one)
    show(two)
    gain = two["steady_per_second"] / one["steady_per_second"]
    print(f"two workers are {gain:.2f} times as fast as one (steady)", flush=True)
    for size in sorted(chosen.sizes):
        record["runs"].append(ours(size, workers=2))
        keep()
        show(record["runs"][-1])
    if len(record["runs"]) > 2:
        start, slope, fit = straightness(record["runs"])
        print(f"cost: {start:.1f} s + {slope * 1000:.1f} ms a submission, R² {fit:.5f}", flush=True)
    stocks = stock_each(chosen.stock)
    keep(stock=stocks)
    for name, cost in stocks.items():
        print(
            f"stock nbgrader autograde, {name}: {cost['seconds']:.2f} s each, "
            f"{cost['cpu_seconds']:.2f} s of CPU",
            flush=True,
        )
    largest = record["runs"][-1]
    ours_cpu = sum(largest["cpu_seconds"].values()) / largest["submissions"]
    for name, cost in stocks.items():
        ratio, less = cost["seconds"] * largest["per_second"], cost["cpu_seconds"] / ours_cpu
        print(
            f"{largest['submissions']} are {ratio:.1f} × as fast as stock nbgrader, {name}; "
            f"each takes {less:.1f} × less CPU"
        )


if __name__ == "__main__":
    main()
