"""Grade the same solved submissions with stock nbgrader and with ours: submissions per second.

Whole commands are timed, start-up included. Run it on a quiet machine:
`python tests/bench/bench_grade.py [SUBMISSIONS]`
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

import nbformat
import psutil

from grader import paths
from grader.demo import answer_source, filled_in
from grader.exercises import of_lesson

LESSON = "steplr"
POLL_SECONDS = 0.1


def solved() -> str:
    """The lesson with all right answers, as JSON text."""
    answers = {each.id: answer_source(each.id, "right") for each in of_lesson(LESSON)}
    return nbformat.writes(filled_in(LESSON, answers))


def hand_in(folder: Path, count: int) -> None:
    for number in range(count):
        path = folder / f"student-{number:02d}" / LESSON / f"{LESSON}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(solved(), encoding="utf-8")


def stock_seconds(folder: Path, count: int) -> float:
    """`nbgrader autograde` with its own preprocessors, in a course of its own."""
    config = (paths.ROOT / "nbgrader_config.py").read_text()
    stock = [line for line in config.splitlines() if not line.startswith("c.Autograde.")]
    (folder / "nbgrader_config.py").write_text("\n".join(stock))
    source = folder / "solutions" / LESSON / f"{LESSON}.ipynb"
    source.parent.mkdir(parents=True)
    source.write_bytes(paths.solution(LESSON).read_bytes())
    command = [sys.executable, "-m", "nbgrader"]
    quiet = {"cwd": folder, "check": True, "capture_output": True}
    subprocess.run([*command, "generate_assignment", LESSON], **quiet)
    hand_in(folder / "class" / "submitted", count)
    started = time.perf_counter()
    subprocess.run([*command, "autograde", LESSON], **quiet)
    return time.perf_counter() - started


def our_seconds(folder: Path, count: int, workers: int) -> tuple[float, float, dict[str, float]]:
    """Seconds of the whole run, median seconds a submission, peak MiB by kind of process."""
    hand_in(folder / "submitted", count)
    command = [sys.executable, "-m", "grader", "grade", "submitted", "--out", "class"]
    started = time.perf_counter()
    run = subprocess.Popen(
        [*command, "--workers", str(workers)],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    peaks: dict[str, float] = defaultdict(float)
    watcher = threading.Thread(target=_watch, args=(run, peaks))
    watcher.start()
    assert run.wait() == 0
    seconds = time.perf_counter() - started
    watcher.join()
    lines = (folder / "class" / "results.jsonl").read_text().splitlines()
    results = [json.loads(line) for line in lines]
    assert [r["score"] for r in results] == [results[0]["max_score"]] * count
    return seconds, median(r["seconds"] for r in results), peaks


def _watch(run: subprocess.Popen, peaks: dict[str, float]) -> None:
    """Note the largest resident memory of the coordinator and of its largest worker."""
    while run.poll() is None:
        try:
            coordinator = psutil.Process(run.pid)
            found = {"coordinator": coordinator.memory_info().rss}
            for child in coordinator.children():
                worker = child.memory_info().rss
                found["worker"] = max(worker, found.get("worker", 0))
                for inside in child.children(recursive=True):
                    if inside.name() != "bwrap":
                        rss = inside.memory_info().rss
                        found["sandbox"] = max(rss, found.get("sandbox", 0))
        except psutil.Error:
            continue
        for kind, rss in found.items():
            peaks[kind] = max(peaks[kind], rss / 2**20)
        time.sleep(POLL_SECONDS)


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stock = stock_seconds(Path(folder), count)
    print(f"{count} solved submissions of {LESSON}")
    print(f"stock nbgrader autograde: {stock:6.1f} s, {count / stock:.2f} a second")
    for workers in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            seconds, each, peaks = our_seconds(Path(folder), count, workers)
        memory = ", ".join(f"{kind} {mib:.0f} MiB" for kind, mib in sorted(peaks.items()))
        print(
            f"grader, {workers} worker(s):     {seconds:6.1f} s, {count / seconds:.2f} a second: "
            f"{stock / seconds:.1f} times as fast; median {each:.2f} s each; peak {memory}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
