"""The card helps on, one step more with each check that fails, and says what comes next."""

import pytest

from lrlab import check
from lrlab.checking import progress
from lrlab.checking.checks import load_checks

HELP = load_checks()["step_lr"].help
PARTS = (HELP.idea, HELP.step, HELP.sibling)


@pytest.fixture(autouse=True)
def new_kernel(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    progress.forget()
    yield
    progress.forget()


def step_lr(lr0, step_size, gamma, epoch):
    return lr0 * gamma ** (epoch // step_size)


def _shown(answer) -> list[bool]:
    """Which steps of the ladder a check of step_lr shows, in words and on the card."""
    result = check("step_lr", answer)
    shown = [part.strip() in repr(result) for part in PARTS]
    heads = ("Hint 1", "Hint 2", "A worked sibling")
    assert [head in result._repr_html_() for head in heads] == shown
    return shown


def test_the_diagnosis_stands_alone_at_first_and_then_comes_one_step_more_each_time():
    ladder = [_shown(lambda **_: 1.0) for _ in range(5)]
    assert ladder == [[False] * 3] + [[n > 0, n > 1, n > 2] for n in (1, 2, 3, 3)]


def test_a_right_answer_says_why_and_what_comes_next_and_begins_anew():
    for _ in range(3):
        check("step_lr", lambda **_: 1.0)
    right = check(
        "step_lr", lambda lr0, step_size, gamma, epoch: lr0 * gamma ** (epoch // step_size)
    )
    assert HELP.why in repr(right)
    assert "Next.</strong> <code>step_lr_trace</code>" in right._repr_html_()
    assert "Hint" not in repr(right)
    assert _shown(lambda **_: 1.0) == [False] * 3


def test_an_answer_that_is_not_there_says_what_to_do_and_counts_as_no_failure():
    def stub(**_):
        raise NotImplementedError

    for _ in range(4):
        assert "Write your code in the cell above" in repr(check("step_lr", stub))
    assert _shown(lambda **_: 1.0) == [False] * 3


def test_nbgrader_gets_the_verdict_alone(monkeypatch):
    for _ in range(4):
        check("step_lr", lambda **_: 1.0)
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    with pytest.raises(AssertionError) as raised:
        check("step_lr", lambda **_: 1.0)
    assert "Hint" not in str(raised.value)
