"""`threecx doctor`: it finds each trait of the simulated PBX, leaves nothing behind and tells nothing secret."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from pbx_as_code import doctor
from pbx_as_code.doctor.marked import MARK, marked
from pbx_as_code.doctor.quiet import busy
from pbx_as_code.doctor.wire import Wire
from pbx_simulator import AS_SEEN, STRICT_ODATA, TRAITS, SimulatedPbx
from pbx_simulator.traits import read
from tests.cli.conftest import Threecx
from tests.collection.tree import ROOT

Factory = Callable[..., SimulatedPbx]

#: Traits that others keep from being seen: text that is left out if it is empty could be stored in either way.
_BEHIND = {"omit-zeros": {"null-as-empty", "empty-as-null"}}


def _kept(pbx: SimulatedPbx) -> dict[str, Any]:
    return {name: pbx.entities(name) for name in ("Users", "Groups", "Holidays", "ServicePrincipals")}


def _probed(threecx: Threecx, pbx: SimulatedPbx, *arguments: str) -> Any:
    done = threecx("doctor", "--write-probe", "--force", "--json", *arguments, pbx=pbx)
    assert done.status == 0, done.out
    return done.json


def test_questions_and_assumptions_are_those_of_the_simulator() -> None:
    assert doctor.QUESTIONS.keys() == set(TRAITS)
    assert doctor.ASSUMED == AS_SEEN


def test_each_trait_of_a_simulated_pbx_is_found(
    pbx_factory: Factory, threecx: Threecx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pbx_as_code.doctor.examining.access", lambda *_: None)  # 98 requests about something else
    file = tmp_path / "traits.yml"
    for traits in ((), *({trait} for trait in TRAITS), AS_SEEN, STRICT_ODATA):
        pbx = pbx_factory(traits=traits)
        before = _kept(pbx)
        found = _probed(threecx, pbx, "--traits", str(file))
        assert set(found["traits"]) == set(traits), (traits, found["findings"])
        assert read(file) == set(traits)
        assert _kept(pbx) == before, traits


def test_make_runs_what_users_run_on_a_pbx_with_these_traits() -> None:
    run = ["make", "--dry-run", "--no-print-directory", "--old-file=.venv/.ready", "test"]
    for arguments, found in (
        ("--traits=traits.yml", True),
        ("--traits=traits.yml tests/cli", False),
        ("-k doctor", False),
    ):
        done = subprocess.run([*run, f"ARGS={arguments}"], cwd=ROOT, capture_output=True, text=True, check=True)
        [line] = [line for line in done.stdout.splitlines() if arguments in line and "pytest" in line]
        assert ("tests/playbook/test_playbooks.py" in line) is found, line


def test_reading_alone_changes_nothing_and_answers_most(simulated: SimulatedPbx, threecx: Threecx) -> None:
    done = threecx("doctor", "--json", pbx=simulated)
    assert done.status == 0
    assert simulated.writes == []
    assert len(done.json["unknown"]) < 14
    assert done.json["access"]["user"] == 200
    assert done.json["requests"] < 200
    assert not [
        request
        for request in simulated.requests
        if "HistoryView" in request.path and "date(" not in unquote(request.query)
    ]


def test_the_report_is_for_people(simulated: SimulatedPbx, threecx: Threecx) -> None:
    out = threecx("doctor", pbx=simulated).out
    assert "Life of a token:" in out
    assert "Are ETags missing?" in out
    assert "--write-probe" in out


def test_a_pbx_in_use_is_left_alone(simulated: SimulatedPbx, threecx: Threecx) -> None:
    failed = threecx("doctor", "--write-probe", "--json", pbx=simulated).error
    message = failed["message"].replace(" A department is open now.", "")  # as it is on weekdays at some hours
    assert message.startswith("There are calls. Nothing was created.")
    assert simulated.writes == []


def test_office_hours_of_a_department_are_no_quiet_hour(pbx_factory: Factory) -> None:
    hours = {
        "Type": "OfficeHours",
        "Periods": [{"DayOfWeek": "Tuesday", "Start": "08:00:00", "Stop": "18:00:00"}],
    }
    holiday = {"Name": "H", "Year": 2026, "YearEnd": 2026, "IsRecurrent": False}
    for traits in (AS_SEEN, STRICT_ODATA, {"refuse-expand"}):
        pbx = pbx_factory(
            {
                "Groups": [{"Number": "GRP7", "Name": "X", "Hours": hours}],
                "Holidays": [holiday | {"Group": "GRP7", "Day": 8, "Month": 12, "DayEnd": 8, "MonthEnd": 12}],
            },
            traits=traits,
        )
        [group] = [row for row in pbx.entities("Groups") if row["Name"] == "X"]
        with _client(pbx) as client:
            for day, hour, found in ((1, 12, True), (1, 19, False), (2, 12, False), (8, 12, False)):
                moment = datetime(2026, 12, day, hour, tzinfo=UTC)
                assert busy(Wire(client), moment) == (["A department is open now."] if found else []), (traits, moment)
            pbx.put("Groups", {"Id": group["Id"], "CurrentGroupHours": "ForceOpened"})
            assert busy(Wire(client), datetime(2026, 12, 2, 3, 0, tzinfo=UTC)) == ["A department is open now."]
        assert pbx.writes == []


def test_what_a_killed_probe_left_is_reported_and_removed(
    simulated: SimulatedPbx, threecx: Threecx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pbx_as_code.doctor.examining.access", lambda *_: None)
    before = _kept(simulated)
    _probed(threecx, simulated)
    writes = len([one for one in simulated.writes if "token" not in one.path])
    for number in range(1, writes, 4):
        with monkeypatch.context() as killed:
            _killed_after(number, killed)
            assert threecx("doctor", "--write-probe", "--force", pbx=simulated).status != 0
        left = list(marked(Wire(_client(simulated))))
        assert len(threecx("doctor", "--json", pbx=simulated).json["left_over"]) == len(left)
        _probed(threecx, simulated)
        assert _kept(simulated) == before, number


def _killed_after(writes: int, patched: pytest.MonkeyPatch) -> None:
    """End the process, as far as the doctor can tell, after so many writes; nothing is tidied up."""
    ask, sent = Wire.ask, [0]

    def counted(self: Wire, method: str, *arguments: Any, **options: Any) -> Any:
        sent[0] += method != "GET"
        if sent[0] > writes:
            raise KeyboardInterrupt
        return ask(self, method, *arguments, **options)

    patched.setattr(Wire, "ask", counted)


def test_what_keeps_a_probe_from_working_is_told_with_advice(
    pbx_factory: Factory, threecx: Threecx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pbx_as_code.doctor.examining.access", lambda *_: None)
    for path, status, wanted in (
        ("/Groups", 403, "A department to probe with cannot be created: the PBX answered 403. Use a client whose role"),
        ("/Users", 500, "A user to probe with cannot be created: the PBX answered 500."),
        ("/Groups/Pbx.Delete", 500, "its removal was answered 500. Run the probe again, or remove it in the admin"),
    ):
        pbx = pbx_factory()
        before = _kept(pbx)
        pbx.fail(path=path, method="POST", status=status, times=2)
        done = threecx("doctor", "--write-probe", "--force", pbx=pbx)
        assert (done.status, wanted in done.err, "Traceback" in done.err) == (1, True, False), done.err
        if "Delete" not in path:
            assert _kept(pbx) == before


def test_a_client_that_may_read_little(pbx_factory: Factory, threecx: Threecx) -> None:
    membership = {"GroupId": 1, "Rights": {"RoleName": "users"}}
    seed = {
        "clients": [{"id": "901", "secret": "invented-of-901"}],
        "Groups": [{"Number": "GRP0000", "Name": "D", "IsDefault": True}],
        "ServicePrincipals": [{"Number": "901", "XAPIEnabled": True, "Groups": [membership]}],
    }
    done = threecx("doctor", pbx=pbx_factory(seed))
    assert (done.status, done.err) == (0, "")
    assert "A single $expand was answered 403." in done.out
    assert "The client's role does not admit: " in done.out


def test_a_token_that_ends_at_once_is_no_question_of_the_role() -> None:
    found = doctor.Examination(access=[doctor.Access("user", 401), doctor.Access("queue", 401)])
    for trait in doctor.QUESTIONS:
        found.note(trait, None, "")
    assert "A token ends when another program signs in with the same client id" in doctor.as_text(found)
    found.access.append(doctor.Access("fax", 200))
    assert "The client's role does not admit: users, queues." in doctor.as_text(found)
    assert "threecx export DIRECTORY --exclude users --exclude queues\n" in doctor.as_text(found) + "\n"


def test_only_marked_objects_are_removed_even_if_filters_are_ignored(
    simulated: SimulatedPbx, threecx: Threecx, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = Wire.all
    monkeypatch.setattr(Wire, "all", lambda self, path, **_: every(self, path))
    monkeypatch.setattr("pbx_as_code.doctor.examining.access", lambda *_: None)
    simulated.put("Users", {"Number": "188", "FirstName": MARK, "LastName": "Smith"})
    simulated.put("Users", {"Number": "189", "FirstName": "Ada", "LastName": "probe"})
    before = _kept(simulated)
    _probed(threecx, simulated)
    assert _kept(simulated) == before


def test_no_canary_is_in_any_output(pbx_factory: Factory, threecx: Threecx, tmp_path: Path) -> None:
    canary = "Canary-7731"  # invented; stands for names, numbers and secrets of a customer
    pbx = pbx_factory(
        {
            "Users": [{"Number": "1773", "FirstName": canary, "Mobile": "+15550177", "AuthPassword": canary}],
            "Groups": [{"Name": canary}],
        }
    )
    file = tmp_path / "traits.yml"
    for form in ((), ("--json",)):
        done = threecx("doctor", "--write-probe", "--force", "--traits", str(file), *form, pbx=pbx)
        for text in (done.out, done.err, file.read_text()):
            for secret in (canary, "1773", "15550177", "pbx.example", pbx.client_secret, MARK):
                assert secret not in text, secret
    assert list(marked(Wire(_client(pbx)))) == []


def _client(pbx: SimulatedPbx) -> Any:
    from threecx_xapi import XapiClient

    return XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret)


def test_a_pbx_that_does_not_answer_is_one_message(threecx: Threecx) -> None:
    # a port where nobody listens; both secrets are invented
    for url, secret, kind in (("http://127.0.0.1:9", "x", "unreachable"), (None, "wrong", "sign_in_refused")):
        with SimulatedPbx() as running:
            given = {
                "THREECX_HOST": url or running.url, "THREECX_CLIENT_ID": "900", "THREECX_CLIENT_SECRET": secret,
            }  # fmt: skip
            done = threecx("doctor", "--json", **given)
            assert done.error["kind"] == kind
            assert done.error["in_doubt"] is False
            assert "Traceback" not in done.err
            told = threecx("doctor", **given).err
            assert (told.startswith("Error: "), told.count("\n")) == (True, 1)
            assert len(running.requests) <= 2, "a refused sign-in is not tried again"


def test_a_pbx_that_lets_nobody_sign_in_for_now_is_one_message(simulated: SimulatedPbx, threecx: Threecx) -> None:
    simulated.fail("/connect/token$", 429, times=None, headers={"Retry-After": "180"})
    for _ in range(2):
        told = threecx("doctor", pbx=simulated)
        assert told.status == 1
        assert "sign-in is throttled for another" in told.err
        assert told.out == ""
    assert len(simulated.requests) == 1


def test_nothing_is_known_of_etags_where_nothing_is_read(simulated: SimulatedPbx, threecx: Threecx) -> None:
    simulated.fail("/xapi/", 500, times=None)
    found = threecx("doctor", "--json", pbx=simulated).json
    assert {one["trait"] for one in found["findings"] if one["present"]} <= {"history-needs-filter"}
