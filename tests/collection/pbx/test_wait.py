"""Waiting: how often is looked, for how long, and what is made of a PBX that does not answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pbx_as_code.engine.access.target import LONGEST_PAUSE, until
from pbx_as_code.errors import PbxError
from tests.collection.clocks import Night, fall


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> Night:
    return fall(monkeypatch)


def test_what_is_there_is_not_waited_for(night: Night) -> None:
    assert until(lambda: "there", 600) == "there"
    assert night.slept == []


def test_it_is_looked_for_less_and_less_often(night: Night) -> None:
    assert until(lambda: None, 120) is None
    assert night.slept[:6] == [0.5, 1, 2, 4, 8, 15]
    assert max(night.slept) == LONGEST_PAUSE
    assert sum(night.slept) == 120


def test_there_is_a_look_when_the_time_is_up(night: Night) -> None:
    assert until(lambda: "late" if night.time >= 1010 else None, 10) == "late"
    assert sum(night.slept) == 10


def test_no_time_is_one_look(night: Night) -> None:
    looks: list[int] = []
    assert until(lambda: looks.append(1), 0) is None
    assert (looks, night.slept) == ([1], [])


@pytest.mark.parametrize("status", [None, 429, 500, 502, 503])
def test_a_pbx_in_trouble_is_waited_for(night: Night, status: int | None) -> None:
    answers: Iterator[object] = iter([PbxError("busy", status=status), PbxError("busy", status=status), "there"])

    def look() -> object:
        answer = next(answers)
        if isinstance(answer, PbxError):
            raise answer
        return answer

    assert until(look, 600) == "there"
    assert len(night.slept) == 2


@pytest.mark.parametrize(("status", "looks"), [(403, 1), (404, 1), (400, 1), (500, 5)])
def test_a_refusal_is_no_reason_to_wait(night: Night, status: int, looks: int) -> None:
    asked: list[int] = []

    def look() -> None:
        asked.append(1)
        raise PbxError("no", status=status)

    with pytest.raises(PbxError, match="no"):
        until(look, 5)
    assert len(asked) == looks
