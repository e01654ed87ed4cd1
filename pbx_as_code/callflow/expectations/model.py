"""Expectations as they are declared."""

from __future__ import annotations

from dataclasses import dataclass

from pbx_as_code.callflow.trace.conditions import Condition
from pbx_as_code.config.loader import EXPECTATIONS as FILE
from pbx_as_code.config.nodes import Place

__all__ = ["FILE", "Expectation"]


@dataclass(frozen=True)
class Expectation:
    """One call, and where it has to go.

    Attributes:
        name: for reports
        place: of the declaration
        call: where the call begins: a DID, or a kind and a number or name such as queue 800
        dial: outside number that is dialled instead
        extension: that calls; needed with `dial`
        at: time, such as 2026-12-25 18:00, by the clock of the PBX; None: now
        caller: number of the caller
        assume: states of extensions, such as 101=busy or all=busy
        take: conditions that hold, in this order, each at the first step that depends on it: key 1, busy, refused
        expect: places that the call passes in this order, such as queue 800, voicemail 101, external 112, ended
        avoid: places that it must not pass
        within: seconds until it arrives at the last of the expected places
        caller_id: number that an outgoing call shows
        uncertain: whether it is enough that the most likely reading of an uncertain rule fulfils it
    """

    name: str
    place: Place
    call: str | None = None
    dial: str | None = None
    extension: str | None = None
    at: str | None = None
    caller: str | None = None
    assume: tuple[str, ...] = ()
    take: tuple[Condition, ...] = ()
    expect: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    within: int | None = None
    caller_id: str | None = None
    uncertain: bool = False
