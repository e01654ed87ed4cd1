"""Examine how a PBX answers."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pbx_as_code.doctor.findings import QUESTIONS, Examination
from pbx_as_code.doctor.marked import MARK, marked, remove_all
from pbx_as_code.doctor.quiet import busy
from pbx_as_code.doctor.reading import Reading, access
from pbx_as_code.doctor.rights import Rights, SignIn, WithToken
from pbx_as_code.doctor.wire import Wire
from pbx_as_code.doctor.writing import ProbeFailed, Writing

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

_NOT_PROBED = "Only writing tells: --write-probe."


class NotQuiet(Exception):
    """Objects would be created on a PBX that is in use; the message says by what."""


@dataclass(frozen=True)
class Probe:
    """Clients for questions that only writing answers.

    Attributes:
        sign_in: makes clients that sign in
        with_token: makes clients that have a token
        forced: also on a PBX that is in use
    """

    sign_in: SignIn
    with_token: WithToken
    forced: bool = False


def examine(
    client: XapiClient, probe: Probe | None = None, progress: Callable[[str], None] = lambda _: None
) -> Examination:
    """Find out how a PBX answers.

    Parameters:
        client: should not repeat requests; with a probe it must be able to write
        probe: to create a department, a user, holidays and a client, and to remove them again; None only reads
        progress: is called with what is looked at

    Raises:
        NotQuiet: the PBX is in use
        ProbeFailed: an object to probe with cannot be created; everything created before is removed
        XapiError: the PBX gives no answer
    """
    wire, found = Wire(client), Examination()
    if probe is not None and not probe.forced and (reasons := busy(wire)):
        raise NotQuiet(" ".join(reasons))
    if probe is not None:
        remove_all(wire)
    progress("answers")
    reading = Reading(wire, found)
    reading.look()
    access(wire, found, progress)
    found.release = client.release
    if (token := client.token) is not None and token.issued_at and token.expires_at < float("inf"):
        found.token_lifetime = round(token.expires_at - token.issued_at)
    if probe is not None:
        _probe(wire, found, reading, probe, progress)
    else:
        found.left_over = [f"A {one.label} with the mark {MARK} is left from an earlier probe." for one in marked(wire)]
    for trait in QUESTIONS.keys() - found.findings.keys():
        found.note(trait, None, _NOT_PROBED)
    found.requests = wire.requests
    return found


def _probe(wire: Wire, found: Examination, reading: Reading, probe: Probe, progress: Callable[[str], None]) -> None:
    found.probed = True
    progress("writes")
    try:
        writing = Writing(wire, found, reading, secrets.token_hex(3))
        writing.look()
        progress("rights")
        Rights(wire, found, writing.department, probe.sign_in, probe.with_token).look()
    finally:
        progress("removal of what was created")
        _, found.left_over = remove_all(wire)
    if found.left_over:
        raise ProbeFailed(f"{' '.join(found.left_over)} Run the probe again, or remove it in the admin console.")
