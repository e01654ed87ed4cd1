"""Records behave as frozen dataclasses do, for who makes, compares, shows, copies and stores them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, fields, is_dataclass, replace
from functools import cached_property
from typing import Any

import pytest
from threecx_xapi.record import Record


class Point(Record, hidden=("secret",)):
    """A record."""

    x: int
    y: int = 0
    secret: str = ""
    each: Callable[[int], int] | None = None

    @cached_property
    def sum(self) -> int:
        """Something that is kept."""
        return self.x + self.y


class Far(Point):
    """A record with more values."""

    z: int = 0


@dataclass(frozen=True)
class Plain:
    """A dataclass to compare a record with."""

    x: int
    y: int = 0


def test_a_record_takes_its_values_in_order_or_by_name() -> None:
    assert Point(1, 2) == Point(1, y=2) == Point(y=2, x=1)
    assert Point(1) != Point(1, 2)
    assert Point(1) != Far(1)
    assert Point(1) != 1
    assert len({Point(1), Point(1, 0), Point(2)}) == 2
    assert Far(1, z=3).z == 3
    assert (Point(1).y, Point(1).each) == (0, None)


@pytest.mark.parametrize("of", [Point, Plain])
def test_what_a_record_refuses_a_frozen_dataclass_refuses_too(of: Any) -> None:
    for values, named in (((), {}), ((1, 2, "", None, 5), {}), ((1,), {"x": 1}), ((1,), {"other": 1})):
        with pytest.raises(TypeError):
            of(*values, **named)
    made = of(1)
    for change, name, *value in ((setattr, "x", 2), (delattr, "x"), (setattr, "other", 2)):
        with pytest.raises(AttributeError) as refused:
            change(made, name, *value)
        assert of is Point or isinstance(refused.value, FrozenInstanceError)
    assert made.x == 1


def test_a_refusal_names_the_record_and_its_value() -> None:
    for values, named, words in (
        ((), {}, "Point needs x"),
        ((1,), {"other": 1}, "Point has no other"),
        ((1,), {"x": 1}, "Point was given x twice"),
        ((1, 2, "", None, 5), {}, "Point has 4 values, 5 were given"),
    ):
        with pytest.raises(TypeError, match=words):
            Point(*values, **named)  # type: ignore[arg-type]


def test_a_function_among_the_values_stays_a_function() -> None:
    each = Point(1, each=abs).each
    assert each is not None
    assert each(-2) == 2


def test_dataclasses_take_records() -> None:
    point = Point(1, 2, secret="invented")
    assert point.sum == 3
    for moved in (replace(point, x=5), point.altered(x=5)):
        assert (moved.x, moved.y, moved.secret, moved.sum) == (5, 2, "invented", 7)
    with pytest.raises(TypeError, match="Point has no other"):
        point.altered(other=1)
    assert [field.name for field in fields(Far)] == ["x", "y", "secret", "each", "z"]
    assert fields(Point)[1].default == 0
    assert is_dataclass(point)


def test_copies_and_what_was_stored_are_equal() -> None:
    point = Point(1, 2)
    assert point.sum == 3
    assert hash(point) == hash(Point(1, 2))
    assert "_hash" not in pickle.loads(pickle.dumps(point)).__dict__, "it is another one in another process"
    assert copy.copy(point) == copy.deepcopy(point) == pickle.loads(pickle.dumps(point)) == point


def test_hidden_values_are_not_shown() -> None:
    assert repr(Point(1, secret="invented")) == "Point(x=1, y=0, each=None)"
