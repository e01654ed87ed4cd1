"""Allowed outcomes of a task: refused by name before any write, refused by a rule of the PBX, or carried out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from tests.fuzz.faithful import short
from tests.fuzz.running import Result, Tasks

#: How a PBX refuses what only it can know: that a number is taken, that a route and a profile do not go together.
_RULE = "WARNINGS."
_LONGEST = 2000


def readable(result: Result, options: Any) -> None:
    """A failure is a message for people: not ours to be ashamed of, not a page long, nothing that a screen obeys."""
    about = f"{result.msg[:500]!r} for {short(options)}"
    assert "mistake of the collection" not in result.msg, about
    assert "Traceback" not in result.msg, about
    if result.validated:  # else the words are Ansible's
        assert len(result.msg) < _LONGEST, about
        assert result.msg.isprintable(), about
        result.msg.encode()


def names(given: Any) -> Iterator[str]:
    """The options in what was given, those in structures too: of those, Ansible may name the innermost alone."""
    stack = [given]
    while stack:
        one = stack.pop()
        if isinstance(one, str) and one.startswith("{"):
            with suppress(ValueError):
                one = json.loads(one)
        if isinstance(one, Mapping):
            yield from one
            stack += one.values()
        elif isinstance(one, list):
            stack += one


def refused(result: Result, options: Any, hostile: Mapping[str, Any]) -> None:
    """It was refused before anything was written, and the message names one of the options that are to blame."""
    readable(result, options)
    about = f"{result.msg[:500]!r} for {short(options)}"
    assert any(option and option in result.msg for option in names(hostile)), about
    # A value that the PBX cannot parse must be refused before it is sent.
    assert result.data.get("status") in (None, 412), about
    assert not result.changed, about


def by_a_rule(result: Result, options: Any) -> None:
    """It was sent, bound, and refused for a reason that is the PBX's."""
    readable(result, options)
    about = f"{result.data} for {short(options)}"
    assert result.data["status"] == 400, about
    assert str(result.data["code"]).startswith(_RULE), about


def judge(
    tasks: Tasks,
    name: str,
    options: dict[str, Any],
    hostile: Mapping[str, Any],
    faithful: Callable[[], None],
    unchanged: Callable[[], None],
) -> Result:
    """Run a task twice, and hold what comes of it against what may.

    Args:
        hostile: the options that are to blame where it fails, with what they were given
        faithful: holds what is stored against what was given
        unchanged: holds it against what was stored before
    """  # fmt: skip
    result = tasks(name, options)
    if result.failed:
        if tasks.pbx.writes:
            by_a_rule(result, options)
        else:
            refused(result, options, hostile)
        unchanged()
        return result
    faithful()
    json.dumps(result.data)
    sent = len(tasks.pbx.writes)
    again = tasks(name, options)
    assert not again.failed, f"{again.msg[:500]} the second time, for {short(options)}"
    assert not again.changed, f"changed again: {short(again.data.get('diff'))} for {short(options)}"
    assert len(tasks.pbx.writes) == sent, "a write for nothing"
    return result
