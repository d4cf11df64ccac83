"""A second process for half of an exercise, where what an earlier cell began still has its room."""

import os

import pytest

from grader.inside import apart

CHILD = 7


@pytest.mark.parametrize("refused", [0, 1, apart.TRIES])
def test_it_is_begun_as_soon_as_there_is_room(monkeypatch, refused):
    answers = iter([*[BlockingIOError()] * refused, CHILD])

    def fork():
        answer = next(answers)
        if isinstance(answer, BlockingIOError):
            raise answer
        return answer

    monkeypatch.setattr(os, "fork", fork)
    monkeypatch.setattr(apart, "PAUSE_SECONDS", 0)
    assert apart._fork() == CHILD


def test_where_there_never_is_any_the_answer_gets_the_systems_error(monkeypatch):
    def full():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", full)
    monkeypatch.setattr(apart, "PAUSE_SECONDS", 0)
    (left,) = apart.leave_all("resume", (), [{}])
    assert left["error"]["type"] == "BlockingIOError"
