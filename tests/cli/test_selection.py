"""--include and --exclude of plan, apply and drift."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests.cli.conftest import Threecx

FILES = """
users: [{number: '100', mobile: '+15550177'}, {number: '391', first_name: Nora}]
queues: [{number: '892', name: New, agents: [{number: '391'}]}]
"""


@pytest.fixture
def acme(tmp_path: Path) -> str:
    directory = tmp_path / "acme"
    directory.mkdir()
    (directory / "all.yml").write_text(FILES)
    return str(directory)


@pytest.mark.parametrize("traits", [AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def test_only_the_selection_is_applied_and_decides_the_exit_status(
    threecx: Threecx, acme: str, traits: frozenset[str], tmp_path: Path
) -> None:
    out = tmp_path / "plan.json"
    with SimulatedPbx(traits=traits) as pbx:
        assert threecx("drift", acme, "--include", "users:100", pbx=pbx).status == 2
        refused = threecx("apply", acme, "--include", "queues", "--yes", pbx=pbx)
        assert refused.status == 1
        assert "queue 892: agents.number: user 391 is not on the PBX" in refused.err
        assert "Add --include users:391" in refused.err
        assert not pbx.writes
        planned = threecx("plan", acme, "--include", "users:100", "--out", str(out), "--json", pbx=pbx)
        assert planned.json["selection"]["not_compared"] == {"queues": 1, "users": 1}
        both = threecx("apply", str(out), "--include", "users:100", "--yes", pbx=pbx)
        assert both.status == 1
        assert "give these options to threecx plan" in both.err
        applied = threecx("apply", str(out), "--yes", pbx=pbx)
        assert (applied.status, "Limited to a selection: --include users:100." in applied.out) == (0, True)
        owned = json.loads((Path(acme) / "threecx.lock").read_text())["owned"]
        assert owned == {"users": [["100"]]}
        drift = threecx("drift", acme, "--include", "users:100", pbx=pbx)
        assert drift.status == 0
        assert "Not compared, because outside of it: queues (1), users (1)." in drift.out
        assert threecx("drift", acme, "--exclude", "users:100", pbx=pbx).status == 2
        assert threecx("apply", acme, "--exclude", "users:100", "--yes", pbx=pbx).status == 0
        assert threecx("drift", acme, pbx=pbx).status == 0


def test_a_misspelt_selection_is_no_agreement(threecx: Threecx, acme: str, shared_pbx: SimulatedPbx) -> None:
    for pattern, said in (("usrs", "did you mean users"), ("users:10O", "did you mean 100"), ("users:999", "no user")):
        done = threecx("drift", acme, "--include", pattern, pbx=shared_pbx)
        assert (done.status, said in done.err) == (1, True), done.err
    for pattern, said in (("users:10O", "did you mean 100"), ("users:9??", "no user called 9??")):
        done = threecx("plan", acme, "--exclude", pattern, pbx=shared_pbx)
        assert (done.status, f"* --exclude {pattern}: There is " in done.out) == (2, True)
        assert said in done.out
    for pattern in ("users:391", "users:2*", "users", "parkings:SP9", "department:Sales"):
        assert "* --exclude" not in threecx("plan", acme, "--exclude", pattern, pbx=shared_pbx).out, pattern
    preview = threecx("plan", acme, "--preview", "--include", "users", pbx=shared_pbx)
    assert (preview.status, "about every object" in preview.err) == (1, True)


def test_a_kind_that_the_role_does_not_admit_can_be_left_out(
    threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path
) -> None:
    simulated.fail(r"/Queues\b", status=403, times=None)
    new = str(tmp_path / "new")
    refused = threecx("export", new, pbx=simulated)
    assert (refused.status, "To go on without this kind, exclude queues." in refused.err) == (1, True)
    assert threecx("export", new, "--exclude", "queues", pbx=simulated).status == 0
    assert threecx("plan", new, "--exclude", "queues", pbx=simulated).status == 0


def test_all_kinds_that_the_role_does_not_admit_are_named_at_once(
    threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path
) -> None:
    simulated.fail(r"/(Queues|Holidays|MailSettings|Trunks)\b", status=403, times=None)
    kinds = ["holidays", "mail_settings", "queues", "trunks"]
    refused = threecx("export", str(tmp_path / "new"), pbx=simulated)
    assert (
        refused.status,
        f"To go on without the 4 kinds that are not admitted, exclude {', '.join(kinds)}." in refused.err,
    ) == (1, True)
    left_out = [part for kind in kinds for part in ("--exclude", kind)]
    assert threecx("export", str(tmp_path / "new"), *left_out, pbx=simulated).status == 0


def test_a_pbx_that_refuses_everything_is_no_matter_of_kinds(threecx: Threecx, simulated: SimulatedPbx) -> None:
    simulated.fail(r"/xapi/", status=403, times=None)
    refused = threecx("export", "new", pbx=simulated)
    assert (refused.status, "(403)" in refused.err, "exclude" in refused.err) == (1, True, False)
    assert len(refused.err) < 600


def test_a_refused_sign_in_is_no_matter_of_kinds(threecx: Threecx, acme: str, simulated: SimulatedPbx) -> None:
    for command in ("export", "plan"):
        refused = threecx(command, acme, pbx=simulated, THREECX_CLIENT_SECRET="wrong-and-invented")
        assert (refused.status, "refused the sign-in" in refused.err, "exclude" in refused.err) == (1, True, False)
