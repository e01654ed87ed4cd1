"""Applies that fail in part, are killed or are stopped, and how the next one completes them."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import pytest
from threecx_xapi import XapiClient
from threecx_xapi.retry import RetryPolicy

from pbx_as_code import Pbx
from pbx_as_code.config.applying.apply import State
from pbx_as_code.config.applying.journal import Journal, interrupted
from pbx_as_code.config.applying.refusals import Impossible
from pbx_as_code.config.planning.operations import Doing, Operation
from pbx_as_code.errors import Unreachable
from tests.config.applying import CIRCLE, INVENTED, Site, done, site


class TestFailures:
    def test_what_fails_stops_what_depends_on_it_and_nothing_else(self, at: Site) -> None:
        at.simulated.fail(r"/v1/Users$", status=400, times=1, method="POST")
        applied = at.apply(CIRCLE + "contacts: [{last_name: Independent}]\n")
        fates = {(one.kind, one.identity[0], one.doing): one for one in applied.fates}
        assert fates["user", "392", Doing.CREATE].state is State.FAILED
        assert fates["queue", "870", Doing.CREATE].state is State.SKIPPED
        assert "user 392" in fates["queue", "870", Doing.CREATE].why
        assert fates["contact", "Independent", Doing.CREATE].state is State.DONE
        assert applied.failed
        assert not at.apply(CIRCLE).failed  # goes on where it ended
        assert at.plan(CIRCLE).operations == []

    @pytest.mark.parametrize("parallel", [1, 2])
    def test_an_unreachable_pbx_fails_once(self, at: Site, parallel: int) -> None:
        files = "users:\n" + "".join(f"- {{number: '3{n:02}', first_name: N}}\n" for n in range(20))
        made = at.plan(files)
        at.simulated.go_away()
        applied = at.apply(made, parallel=parallel)
        states = [one.state for one in applied.fates]
        assert states.count(State.FAILED) == 1
        assert states.count(State.SKIPPED) == 19
        with pytest.raises(Unreachable):
            at.plan(files)
        at.simulated.come_back()

    def test_nothing_is_written_if_something_is_impossible(self, at: Site) -> None:
        before = len(at.simulated.writes)
        with pytest.raises(Impossible, match="Nowhere"):
            at.apply("users: [{number: '390', primary_group: Nowhere}, {number: '391'}]\n")
        assert len(at.simulated.writes) == before


class Killed(BaseException):
    """The process ends here."""


class _Mortal(XapiClient):
    """A client whose process ends right after the PBX has carried out a certain write."""

    lives = 10_000

    def request(self, method: str, path: str, **options: Any) -> Any:
        reply = super().request(method, path, **options)
        if method != "GET":
            _Mortal.lives -= 1
            if _Mortal.lives == 0:
                raise Killed
        return reply


KILLED = (
    CIRCLE
    + """
contacts:
- {last_name: Twin, first_name: T, business: '+15550301'}
- {last_name: Twin, first_name: T, business: '+15550302'}
trunks: [{number: '10000', did_numbers: ['+15550100', '+15550101', '+15550777']}]
inbound_rules:
- {trunk: '10000', condition: BasedOnDID, data: '+15550777', office_hours_destination: {to: Extension, number: '392'}}
"""
)


def test_an_apply_that_is_killed_after_any_write_is_completed_by_the_next_one(at: Site, tmp_path: Path) -> None:
    simulated = at.simulated
    start = simulated.snapshot()
    writes = 0
    while True:
        writes += 1
        simulated.restore(start)
        simulated.revoke_tokens()
        _Mortal.lives = writes
        with _Mortal(
            simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret,
            retry=RetryPolicy(attempts=1),
        ) as client:  # fmt: skip
            mortal = Site(simulated, Pbx(client))
            try:
                mortal.apply(KILLED, tmp_path, parallel=1)
                break
            except Killed:
                assert interrupted(tmp_path)
        with site(simulated) as next_run:
            assert not next_run.apply(KILLED, tmp_path).failed
            assert interrupted(tmp_path) == []
            assert next_run.plan(KILLED).operations == []
            names = [row.get("LastName") for row in simulated.entities("Contacts")]
            assert names.count("Twin") == 2
            rules = [row["Data"] for row in simulated.entities("InboundRules")]
            assert rules.count("+15550777") == 1
    assert writes > 8


def test_the_journal_of_another_pbx_says_nothing(tmp_path: Path) -> None:
    operation = Operation(1, Doing.CREATE, "user", ("392",))
    with Journal(tmp_path, {"pbx": "https://a.example.com", "identity": "a.example.com"}) as journal:
        journal.start()
        journal.begun(operation)
    assert interrupted(tmp_path, "a.example.com") == interrupted(tmp_path) == ["create user 392"]
    assert interrupted(tmp_path, "b.example.com") == []


def test_an_apply_that_is_stopped_begins_nothing_further(at: Site, tmp_path: Path) -> None:
    stop = Event()
    applied = at.apply(CIRCLE, tmp_path, parallel=1, report=lambda _: stop.set(), stop=stop)
    states = [one.state for one in applied.fates]
    assert states == [State.DONE] + [State.SKIPPED] * (len(states) - 1)
    assert "it was interrupted" in applied.fates[-1].why
    assert not interrupted(tmp_path)
    assert at.apply(CIRCLE, tmp_path).failed is False
    assert done(at.plan(CIRCLE, tmp_path)) == []


def test_an_object_that_was_created_in_part_is_owned(at: Site, tmp_path: Path) -> None:
    """Its profiles are set by a second request, which may fail."""
    profiles = "forwarding_profiles: [{name: Away, custom_message: Back at two}]"
    for fault in ({"status": 400}, {"away": 1, "disconnect": "before"}):
        at.simulated.go_by({"faults": [{"path": r"/Users\(\d+\)$", "method": "PATCH", "times": 1, **fault}]})
        applied = at.apply(f"users: [{{number: '396', first_name: New, {profiles}}}]\n", tmp_path)
        [fate] = applied.fates
        assert fate.state is State.FAILED
        assert "was created" in fate.why
        assert "Nothing was changed" not in fate.why
        assert applied.changed
        at.simulated.come_back()
        removed = at.plan("contacts: [{last_name: Other}]\n", tmp_path, owned=True)
        assert ("remove", "user", "396") in done(removed)
        assert not at.apply(removed, tmp_path).failed


def test_an_object_that_was_created_in_part_when_the_pbx_went_away_is_not_skipped(at: Site) -> None:
    users = "".join(
        f"- {{number: '39{n}', first_name: New, forwarding_profiles: [{{name: Away, custom_message: Back at {n}}}]}}\n"
        for n in range(6)
    )
    at.simulated.go_by({"faults": [{"path": r"/Users\(\d+\)$", "method": "PATCH", "away": 5, "disconnect": "before"}]})
    applied = at.apply(f"users:\n{users}", parallel=4)
    at.simulated.come_back()
    there = {one["Number"] for one in at.simulated.entities("Users")}
    skipped = {one.identity[0] for one in applied.fates if one.state is State.SKIPPED}
    assert not skipped & there, applied.fates


def test_a_refusal_that_repeats_a_credential_of_a_parameter_shows_none(at: Site, tmp_path: Path) -> None:
    """The engine does not know that these options hold credentials: the files say so."""
    files = """
parameters: [{name: API_TOKEN, value: !secret a}]
tenant_properties: [{name: API_TOKEN, value: !secret a}]
fxs_gateways: [{mac_address: '0a0000000009', name: G, template: none, variables: [{name: P1, value: !secret a}]}]
users: [{number: '396', first_name: New, phones: [{mac_address: '0a0000000008', template_name: yealinkT4x.ph.xml,
  settings: {provision_extended_data: !secret a}}]}]
"""
    told: list[str] = []
    recorded = Journal.ended

    def ended(journal: Journal, operation: Operation, state: str, why: str) -> None:
        told.append(why)
        recorded(journal, operation, state, why)

    body = {"error": {"code": "", "message": f"{INVENTED} is invalid", "details": [{"message": f"no {INVENTED}"}]}}
    at.simulated.go_by({"faults": [{"path": "/xapi/v1/.", "method": "POST", "status": 400, "body": body}]})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Journal, "ended", ended)
        made = at.plan(files)
        made.impossible.clear()  # this PBX has no such template
        applied = at.apply(made, tmp_path)
    assert [one.kind for one in applied.fates if one.state is State.FAILED and "(400)" in one.why]
    assert len(told) == len(applied.fates) == 4
    assert all("********" in why for why in told if "(400)" in why), told
    assert INVENTED not in repr(applied) + repr(told)
