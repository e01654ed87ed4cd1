"""Adoption from simulated PBXs: a colleague's change, credentials, and a standard with deliberate exceptions."""

from __future__ import annotations

import difflib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests.cli.conftest import Threecx, threecx
from tests.config.seeds import CANARY, plant

__all__ = ["threecx"]


def change(pbx: SimulatedPbx, entity_set: str, number: int, **values: Any) -> dict[str, Any]:
    """Change a row as a colleague does in the Management Console."""
    row = {**pbx.entities(entity_set)[number], **values}
    pbx.put(entity_set, row)
    return row


def texts(directory: Path) -> dict[str, str]:
    return {path.relative_to(directory).as_posix(): path.read_bytes().decode() for path in directory.rglob("*.yml")}


def changed_lines(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Lines that went and that came, as a diff shows them."""
    return [
        line
        for path in sorted(before | after)
        for line in difflib.ndiff(before.get(path, "").splitlines(), after.get(path, "").splitlines())
        if line[:1] in "+-"
    ]


def test_a_colleagues_change_is_adopted_with_comments_intact(
    threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path
) -> None:
    acme = tmp_path / "acme"
    assert threecx("export", str(acme), pbx=simulated).status == 0
    for path in acme.rglob("*.yml"):
        lines = path.read_text().splitlines()
        commented = [f"{line}  # {n}" if n % 3 == 0 and "\\" not in line else line for n, line in enumerate(lines)]
        path.write_text("\n".join(["# ours", "", *commented, ""]))
    before = texts(acme)
    same = threecx("export", str(acme), pbx=simulated)
    assert (same.status, texts(acme)) == (0, before), same.out
    user = change(simulated, "Users", 0, Mobile="+15550177", OutboundCallerID="+15550178")
    queue = simulated.entities("Queues")[0]
    change(simulated, "Queues", 0, RingTimeout=73)
    dry = threecx("export", str(acme), "--only-drift", "--dry-run", pbx=simulated)
    assert texts(acme) == before
    done = threecx("export", str(acme), "--only-drift", "--json", pbx=simulated)
    assert done.status == 0, done.out
    told = {(one["object"], one["option"]): one["actual"] for one in done.json["adopted"]}
    assert told == {
        (f"user {user['Number']}", "mobile"): "+15550177",
        (f"user {user['Number']}", "outbound_caller_id"): "+15550178",
        (f"queue {queue['Number']}", "ring_timeout"): 73,
    }
    assert f"~ queue {queue['Number']} ring_timeout" in dry.out
    lines = changed_lines(before, texts(acme))
    assert len([line for line in lines if line.startswith("+")]) == 3
    for old, new in pairwise(lines):
        assert (old[0] + new[0]) != "-+" or ("#" in old) == ("#" in new)
    assert threecx("drift", str(acme), pbx=simulated).status == 0
    adopted = texts(acme)
    assert threecx("export", str(acme), "--only-drift", pbx=simulated).out.startswith("0 values adopted")
    assert threecx("export", str(acme), pbx=simulated).status == 0
    assert texts(acme) == adopted


def test_no_credential_reaches_the_files(threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path) -> None:
    acme = tmp_path / "acme"
    assert threecx("export", str(acme), pbx=simulated).status == 0
    plant(simulated)
    trunk = simulated.entities("Trunks")[0]
    simulated.put("Trunks", {**trunk, "SimultaneousCalls": 7})
    (acme / "parameters.yml").write_text("")
    done = threecx("export", str(acme), "--json", pbx=simulated)
    assert done.status in (0, 2), done.err
    assert any(one["option"] == "simultaneous_calls" for one in done.json["adopted"])
    assert any("parameter" in title for title in done.json["added"])
    for text in (done.out, done.err, *texts(acme).values()):
        assert CANARY not in text


def test_objects_come_and_go(threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path) -> None:
    acme = tmp_path / "acme"
    assert threecx("export", str(acme), pbx=simulated).status == 0
    before = texts(acme)
    user = {**simulated.entities("Users")[0], "Number": "189", "EmailAddress": "new@example.com", "Mobile": ""}
    for option in ("Id", "AuthID", "SipID", "Phones", "Groups", "ForwardingProfiles"):
        user.pop(option, None)
    simulated.put("Users", {**user, "Groups": []})
    gone = simulated.entities("Queues")[-1]
    simulated.remove("Queues", gone["Id"])
    done = threecx("export", str(acme), "--only-drift", pbx=simulated)
    assert "user 189" not in done.out
    assert f"! queue {gone['Number']}" in done.out
    assert done.status == 2
    done = threecx("export", str(acme), "--json", pbx=simulated)
    assert "user 189" in done.json["added"], done.json
    came = [line for line in changed_lines(before, texts(acme)) if line.startswith("+")]
    assert any('number: "189"' in line for line in came)
    assert threecx("export", str(acme), "--json", pbx=simulated).json["files"] == []
    done = threecx("export", str(acme), "--missing", "remove", pbx=simulated)
    assert f"- queue {gone['Number']}" in done.out
    assert threecx("drift", str(acme), pbx=simulated).status == 0


def test_files_of_another_pbx_are_not_overwritten_by_mistake(
    threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path
) -> None:
    (tmp_path / "x.yml").write_text(
        "pbx: {identity: other.example.com}\nusers: [{number: '100', mobile: '+15550199'}]\n"
    )
    done = threecx("export", str(tmp_path), pbx=simulated)
    assert done.status == 1
    assert "These files are of the PBX other.example.com" in done.err
    assert threecx("export", str(tmp_path), "--only-drift", "--other-pbx", pbx=simulated).status == 0
    assert "+15550199" not in (tmp_path / "x.yml").read_text()


def test_a_standard_over_several_pbxs_shows_exactly_what_drifted(
    threecx: Threecx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("fleet").mkdir()
    Path("fleet", "standard.yml").write_text(
        "voicemail_settings: {quota: 60}\nconsole_restrictions: {ip_whitelist: [10.0.0.0/8]}\n"
        "dial_code_settings: {dial_code_park: '*70'}\n"
    )
    exceptions = {
        "a": "", "b": "voicemail_settings: {quota: 90}\n", "c": "voicemail_settings: {quota: 61}\n",
        "d": "console_restrictions: {ip_whitelist: !remove }\n",
    }  # fmt: skip
    with SimulatedPbx() as pbx:  # one after the other: each customer's files with the same PBX in another state
        for name, text in exceptions.items():
            Path(name).mkdir()
            Path(name, "own.yml").write_text(f"# the exceptions of {name}\n{text}")
            layers = ("-f", "fleet", "-f", name)
            assert threecx("apply", *layers, "--yes", pbx=pbx).status == 0
            assert threecx("drift", *layers, pbx=pbx).status == 0, name
            pbx.put("VoicemailSettings", {**pbx.entities("VoicemailSettings")[0], "Quota": 11})
            drift = threecx("drift", *layers, "--json", pbx=pbx).json
            changes = [change for one in drift["operations"] for change in one["changes"]]
            assert [(one["path"], one["old"]) for one in changes] == [(["quota"], 11)]
            assert changes[0]["place"]["layer"] == (name if name in "bc" else "fleet")


def test_nothing_is_added_beside_one_file(threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text("users: [{number: '100', first_name: Old}]\n")
    done = threecx("export", str(file), pbx=simulated)
    assert (done.status, "is one file, and objects that it does not declare need a directory" in done.err) == (1, True)
    assert threecx("export", str(file), "--only-drift", pbx=simulated).status == 0
    assert file.read_text() == "users: [{number: '100', first_name: Ada}]\n"
    assert list(tmp_path.iterdir()) == [file]
