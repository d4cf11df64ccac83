"""Recorded runs: their files, how they are found, and that they say what course.md says."""

import json
import math

import pytest

from lrlab.data import default_root
from lrlab.record import GRID, LESSONS, SEEDS, USUAL, jobs, main, rounded, write
from lrlab.runs import NoSuchRun, mean_std, recorded

# course.md: test accuracy, mean and standard deviation of another three runs. Three runs tell
# little about a spread, so "agrees" is loose: within three combined standard deviations.
TABLE = {
    (0.1, "constant"): (97.18, 0.17),
    (0.2, "constant"): (94.28, 0.28),
    (0.3, "constant"): (68.2, 5.6),
    (0.1, "StepLR"): (97.88, 0.16),
    (0.2, "StepLR"): (96.38, 0.09),
    (0.3, "StepLR"): (92.6, 0.4),
    (0.1, "ReduceLROnPlateau"): (97.95, 0.10),
    (0.2, "ReduceLROnPlateau"): (96.50, 0.10),
    (0.3, "ReduceLROnPlateau"): (93.6, 0.7),
}


@pytest.fixture
def plateau():
    return recorded("plateau")


def accuracy(runs):
    return mean_std(runs, "test_accuracy")


@pytest.mark.parametrize("lesson", LESSONS)
def test_files_hold_every_run_and_how_it_was_made(lesson):
    path = default_root() / f"{lesson}.json"
    content = json.loads(path.read_text(), parse_constant=pytest.fail)  # no NaN: strict JSON
    assert path.stat().st_size < 400_000
    assert [(r["settings"], r["seed"]) for r in content["runs"]] == [
        (dict(job.settings), job.seed) for job in jobs(lesson)
    ]
    assert content["how"].keys() >= {"command", "data", "versions", "seeds", "settings"}
    for run in content["runs"]:
        epochs = run["settings"].get("epochs", USUAL["epochs"])
        for name in ("lr", "train_loss", "val_loss", "val_accuracy"):
            assert len(run[name]) == epochs


def test_recorded_steplr_is_the_closed_form():
    for run in recorded("steplr").runs:
        if run.settings["schedule"] == "StepLR":
            lr0, step_size, gamma = (run.settings[k] for k in ("lr", "step_size", "gamma"))
            expected = [lr0 * gamma ** (epoch // step_size) for epoch in range(9)]
            assert run.lr == pytest.approx(expected, rel=1e-9, abs=0)


def test_every_grid_setting_has_every_seed():
    runs = recorded("steplr")
    assert len(GRID) == 72
    for settings in GRID:
        assert [r.seed for r in runs.where(**settings)] == list(SEEDS)


@pytest.mark.parametrize(("lr", "schedule"), TABLE)
def test_agrees_with_the_course_table(plateau, lr, schedule):
    patience = {"patience": 0} if schedule == "ReduceLROnPlateau" else {}
    mean, spread = accuracy(plateau.where(lr=lr, schedule=schedule, **patience))
    course_mean, course_spread = TABLE[lr, schedule]
    assert abs(mean - course_mean) < 3 * math.hypot(spread, course_spread)


@pytest.mark.parametrize("lr", [0.2, 0.3])
def test_schedules_rescue_a_rate_that_is_too_high(plateau, lr):
    constant, low = accuracy(plateau.where(lr=lr, schedule="constant"))
    for schedule in ({"schedule": "StepLR"}, {"patience": 0}):
        mean, spread = accuracy(plateau.where(lr=lr, **schedule))
        assert mean - constant > 2 * math.hypot(spread, low)


def test_accuracy_jumps_in_the_epoch_of_the_first_drop():
    runs = recorded("steplr").where(lr=0.2, step_size=3, gamma=0.1)
    before, after = (mean_std(runs, "val_accuracy", epoch)[0] for epoch in (2, 3))
    assert after - before > 1.5


@pytest.mark.parametrize("examples", [10_240, 5_120])  # not with 5,000: the lesson says why
def test_constant_wins_where_lr_falls_too_early(examples):
    runs = recorded("steplr")
    small = {"lr": 0.1, "momentum": 0.0, "examples": examples}
    constant, step = (accuracy(runs.where(schedule=s, **small)) for s in ("constant", "StepLR"))
    assert constant[0] - step[0] > 2 * math.hypot(constant[1], step[1])


def test_default_patience_never_fires_in_nine_epochs(plateau):
    default, constant = plateau.where(patience=10), plateau.where(lr=0.2, schedule="constant")
    assert [r.val_loss for r in default] == [r.val_loss for r in constant]
    assert all(r.lr == [0.2] * 9 for r in default)


def test_lessons_share_their_runs(plateau):
    for other in ("steplr", "constant-lr"):
        assert recorded(other).where(lr=0.2, schedule="constant") == plateau.where(
            lr=0.2, schedule="constant"
        )


def test_where_prefers_the_usual_settings():
    runs = recorded("steplr")
    assert len(runs.where(lr=0.1, schedule="constant")) == 3
    assert runs.where(lr=0.1, schedule="constant", momentum=0.9)[0].settings == {
        "lr": 0.1,
        "schedule": "constant",
    }
    side = runs.where(lr=0.1, schedule="constant", momentum=0.0)
    assert {r.settings["examples"] for r in side} == {10_240, 5_120, 5_000}


def test_no_such_run_lists_the_choices(plateau):
    with pytest.raises(NoSuchRun, match=r"No recorded plateau run has lr=7\. lr can be 0.1, 0.2"):
        plateau.where(lr=7)
    with pytest.raises(NoSuchRun, match="colour can be nothing"):
        plateau.where(colour="red")


def test_no_file_says_how_to_record():
    with pytest.raises(FileNotFoundError, match=r"python -m lrlab\.record cosine"):
        recorded("cosine")


def test_mean_std_ignores_nothing_silently(plateau):
    runs = plateau.where(lr=0.2, schedule="constant")
    values = [r.val_loss[-1] for r in runs]
    assert mean_std(runs, "val_loss", -1)[0] == pytest.approx(sum(values) / 3)
    with pytest.raises(ValueError, match="one run per seed"):
        mean_std(plateau.where(lr=0.2), "test_accuracy")
    with pytest.raises(ValueError, match="one run per seed"):
        mean_std([], "test_accuracy")
    with pytest.raises(ValueError, match="say which"):
        mean_std(runs, "val_loss")


def test_diverged_runs_are_written_as_null_and_read_as_nan(tmp_path, monkeypatch):
    import lrlab.runs as module

    assert rounded(math.nan) is None
    assert rounded(0.123456789) == 0.12346
    line = {
        "settings": {"lr": 1.0},
        "seed": 0,
        "lr": [1.0],
        **{name: [rounded(math.inf)] for name in module.FIELDS},
        "test_accuracy": 9.8,
    }
    write(tmp_path / "wild.json", {"settings": {}}, [line])
    assert "null" in (tmp_path / "wild.json").read_text()
    monkeypatch.setattr(module, "default_root", lambda: tmp_path)
    [run] = recorded("wild").runs
    assert math.isnan(run.val_loss[0])
    assert math.isnan(mean_std([run], "val_loss", 0)[0])


def test_recording_needs_mnist(tmp_path, monkeypatch, offline, capsys):
    monkeypatch.setenv("LRLAB_DATA", str(tmp_path))
    assert main(["plateau", "--out", str(tmp_path)]) == 2
    assert "need the real MNIST" in capsys.readouterr().err
    assert not (tmp_path / "plateau.json").exists()
