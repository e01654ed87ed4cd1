"""The engine's notion of equality on simulated PBXs: what builds answer and store in different ways
is the same to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests.collection.tasks import Task

OnPbx = Callable[[SimulatedPbx], Task]

#: Builds that answer or store missing values differently.
BUILDS = (
    (),
    ("omit-nulls",),
    ("omit-zeros",),
    ("omit-nulls", "omit-zeros"),
    ("empty-as-null",),
    ("null-as-empty",),
    ("empty-as-null", "omit-nulls"),
    ("null-as-empty", "omit-zeros"),
    ("as-seen",),
    ("as-seen", "omit-zeros"),
    ("strict-odata",),
)
each_build = pytest.mark.parametrize("traits", BUILDS, ids="+".join)
#: An option of each kind that can be empty, with a value, the ways to clear it, and how it is shown then.
CLEARED: tuple[tuple[str, dict[str, Any], str, Any, tuple[Any, ...], Any], ...] = (
    ("user", {"number": "101"}, "mobile", "+15550133", ("", None), None),
    ("user", {"number": "101"}, "email_address", "ada@example.com", ("", None), None),
    ("user", {"number": "101"}, "language", "DE", ("", None), None),
    ("queue", {"number": "800"}, "callback_prefix", "**", ("", None), None),
    ("group", {"name": "Sales"}, "office_route", {"prompt": "welcome.wav"}, ({"prompt": ""}, {"prompt": None}), None),
    (
        "queue",
        {"number": "800"},
        "reset_queue_statistics_schedule",
        {"time": "08:00"},
        ({"time": "00:00"}, {"time": None}),
        None,
    ),
)


@each_build
def test_what_is_cleared_is_cleared_once_in_whatever_way(traits: tuple[str, ...], task_on: OnPbx) -> None:
    with SimulatedPbx(traits=traits) as pbx:
        task = task_on(pbx)
        for name, key, option, value, empties, _ in CLEARED:
            for empty in empties:
                assert task(name, **key, **{option: value})["changed"], (name, option)
                assert not task(name, **key, **{option: value})["changed"], (name, option)
                result = task(name, **key, **{option: empty})
                assert result["changed"], (name, option, empty)
                assert not result.warnings, (name, option, empty, result.warnings)
                for again in empties:
                    assert not task(name, **key, **{option: again})["changed"], (name, option, empty, again)
                    assert not task(name, **key, **{option: again}, check_mode=True)["changed"]


def test_what_is_shown_is_the_same_whatever_a_pbx_answers_for_nothing(task_on: OnPbx) -> None:
    shown = []
    for traits in (*BUILDS[:5], ("omit-nulls", "empty-as-null", "seven-decimals")):
        with SimulatedPbx(traits=("no-etags", *traits)) as pbx:
            task = task_on(pbx)
            for option in ("mobile", "sipid"):
                task("user", number="101", **{option: ""})
            shown.append([task("user_info", number="101")["users"], task("queue_info")["queues"]])
    for other in shown[1:]:
        assert other == shown[0]


@each_build
def test_a_new_one_with_nothing_in_it_is_as_it_was_asked_for(traits: tuple[str, ...], task_on: OnPbx) -> None:
    with SimulatedPbx(traits=traits) as pbx:
        task = task_on(pbx)
        wanted = {
            "number": "179",
            "first_name": "Nele",
            "last_name": "",
            "mobile": None,
            "email_address": "",
            "pin_protect_timeout": 0,
            "require_2fa": False,
        }
        assert task("user", **wanted)["changed"]
        assert not task("user", **wanted)["changed"]
        assert len(pbx.writes) == 1
