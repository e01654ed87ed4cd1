"""Plans that are limited to a selection: nothing outside of it is compared, changed, removed or even read."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # only texts of ours are parsed
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pbx_as_code.config.applying.files import Recorded
from pbx_as_code.config.collection.wording import for_a_task
from pbx_as_code.config.lock import Lock, read_lock, write_lock
from pbx_as_code.config.planning.consent import Consent
from pbx_as_code.config.planning.limits import Limits, exceeded
from pbx_as_code.config.planning.operations import Doing, Plan
from pbx_as_code.config.planning.plan_file import dump, load_plan
from pbx_as_code.config.planning.planner import plan
from pbx_as_code.config.reporting import report
from pbx_as_code.config.reporting.drift_page import page
from pbx_as_code.config.selection import Selection, like
from pbx_as_code.errors import BadOption
from pbx_simulator import SimulatedPbx
from tests.config.applying import Site, declared, secrets, site

FILES = """
users:
  - {number: '100', mobile: '+15550177'}
  - {number: '101', mobile: '+15550178'}
  - {number: '188', first_name: New, groups: [{group: DEFAULT, rights: {role_name: users}}]}
queues:
  - {number: '890', name: New, agents: [{number: '188'}]}
"""


@pytest.fixture
def running(simulated: SimulatedPbx) -> Iterator[Site]:
    with site(simulated) as found:
        yield found


def selected(
    running: Site, files: str = FILES, *, directory: Path | None = None, consent: Consent | None = None, **chosen: Any
) -> Plan:
    lock = None if directory is None else read_lock(directory)
    number = running.simulated.client_id
    return plan(
        declared(files), running.pbx, own_number=number, consent=consent, lock=lock, selection=Selection(**chosen)
    )


def done(made: Plan) -> set[tuple[str, str, str]]:
    return {(one.doing.value, one.kind, str(one.identity[0])) for one in made.operations}


def read(running: Site, since: int) -> set[str]:
    paths = {request.path.rsplit("/", 1)[-1] for request in running.simulated.requests[since:]}
    return paths - {"token", "SystemStatus", "$metadata"}


def test_only_the_selection_is_compared_and_read(running: Site) -> None:
    running.pbx.everything("queue")  # signs in
    since = len(running.simulated.requests)
    made = selected(running, include=("users:100",))
    assert done(made) == {("update", "user", "100")}
    assert (made.unmanaged, made.impossible, made.outside) == ([], [], {"queues": 1, "users": 2})
    assert "Queues" not in read(running, since)
    assert made.declared == [("user", ("100",))]
    since = len(running.simulated.requests)
    assert done(selected(running, exclude=("users:1*", "queues"))) == set()
    assert read(running, since) <= {"Users", "Groups"}


def test_a_reference_is_looked_up_on_the_pbx(running: Site) -> None:
    files = FILES.replace("agents: [{number: '188'}]", "agents: [{number: '101'}]")
    running.pbx.everything("queue")
    since = len(running.simulated.requests)
    made = selected(running, files, include=("queues",))
    assert (done(made), made.impossible) == ({("create", "queue", "890")}, [])
    assert read(running, since) == {"Queues", "Peers"}
    assert not running.apply(made).failed
    assert done(selected(running, files, include=("queues",))) == set()
    assert ("update", "user", "101") in done(selected(running, files))


@pytest.mark.parametrize(
    ("chosen", "way_out"),
    [({"include": ("queues",)}, "Add --include users:188"), ({"exclude": ("users",)}, "Give no --exclude users")],
)
def test_a_reference_to_what_is_declared_outside_is_refused(
    running: Site, chosen: dict[str, Any], way_out: str
) -> None:
    made = selected(running, **chosen)
    ((kind, identity, why),) = made.impossible
    assert (kind, identity) == ("queue", ("890",))
    assert why.startswith("agents.number: user 188 is not on the PBX. It is declared at a.yml:5:")
    assert why.endswith(way_out)
    whole = selected(running, include=("queues", "users:188"))
    assert (whole.impossible, len(done(whole))) == ([], 2)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("users:10O", "There is no user called 10O; did you mean 100 or 101?"),
        ("users:999", "There is no user called 999."),
        ("department:Nowhere", "There is no department called Nowhere."),
        ("userz", "did you mean users"),
    ],
)
def test_a_pattern_that_fits_nothing_is_an_error(running: Site, pattern: str, said: str) -> None:
    with pytest.raises(BadOption, match=r".") as failed:
        selected(running, include=("users:100", pattern))
    assert said in str(failed.value)


def test_a_pattern_may_fit_the_pbx_alone(running: Site) -> None:
    made = selected(running, include=("ring_groups",))
    assert {kind for kind, _ in made.unmanaged} == {"ring_group"}
    assert done(made) == set()


def test_the_last_object_of_a_selected_kind_is_removed_once(running: Site) -> None:
    assert not running.apply("website_links: [{link: shop, name: Shop, dn: '100', group: Sales}]\n").failed
    for number in (1, 0):
        made = selected(running, consent=Consent(prune=("website_links",)), include=("website_links",))
        assert len(made.operations) >= number
        assert not running.apply(made).failed
    assert running.simulated.entities("WebsiteLinks") == []
    assert (made.operations, made.impossible) == ([], [])


def test_removals_and_the_lock_stay_within_the_selection(running: Site, tmp_path: Path) -> None:
    old = (
        "users: [{number: '301'}, {number: '302'}]\nqueues: [{number: '801', name: Old}, {number: '802', name: Old}]\n"
    )
    old = old.replace("801", "881").replace("802", "882")
    assert not running.apply(old, tmp_path).failed
    before = read_lock(tmp_path).owned
    assert len(before) == 4
    kept = "users: [{number: '301'}]\n"
    for consent in (Consent(owned=True), Consent(prune=("users", "queues")), Consent(prune=("queues",))):
        made = selected(running, kept, directory=tmp_path, consent=consent, include=("queues:881",))
        assert done(made) == {("remove", "queue", "881")}, consent
        assert made.totals == {"queue": 1}
    assert not Recorded(made, tmp_path).apply(running.pbx, secrets=secrets()).failed
    assert read_lock(tmp_path).owned == before - {("queue", ("881",))}
    write_lock(tmp_path, Lock(made.identity, before))
    whole = selected(running, kept, directory=tmp_path, consent=Consent(owned=True))
    assert done(whole) == {("remove", "queue", "882"), ("remove", "user", "302")}


def test_nothing_is_removed_that_is_declared_to_be_referred_to_outside(running: Site) -> None:
    assert not running.apply("users: [{number: '301'}]").failed
    made = selected(
        running,
        "queues: [{number: '890', name: New, agents: [{number: '301'}, {number: '302'}]}]",
        consent=Consent(prune=("users:301",)),
        include=("users",),
    )
    assert made.impossible == [("queue", ("890",), "agents.number: number 301 is to be removed.")]


def test_an_object_that_is_declared_in_another_department_is_not_undeclared(running: Site) -> None:
    """On the PBX it is in the selected department; the files move it to one outside of the selection."""
    groups = "groups: [{name: North}, {name: South}]\n"
    first = groups + "users: [{number: '301', primary_group: North}]\n"
    assert not running.apply(first).failed
    moved = first.replace("primary_group: North", "primary_group: South")
    consent = Consent(prune=("users", "department:North"))
    assert done(selected(running, moved, consent=consent, include=("department:North",))) == set()
    to_south = selected(running, moved, consent=consent, include=("department:South",))
    assert done(to_south) == {("update", "user", "301")}
    renamed = moved.replace("name: North", "name: Nord, renamed_from: North")
    made = selected(running, renamed, consent=Consent(prune=("groups",)), include=("groups:?o?th",))
    assert (done(made), made.unmanaged) == (set(), [])
    gone = selected(running, groups, consent=consent, include=("department:North",))
    assert done(gone) == {("remove", "user", "301")}


def test_an_object_without_a_declared_department_is_in_that_of_the_pbx(running: Site) -> None:
    assert not running.apply("groups: [{name: North}]\nusers: [{number: '301', primary_group: North}]\n").failed
    files = "users: [{number: '301', mobile: '+15550177'}, {number: '100', mobile: '+15550178'}]\n"
    assert done(selected(running, files, include=("department:North",))) == {("update", "user", "301")}
    assert done(selected(running, files, exclude=("department:North",))) == {("update", "user", "100")}


def test_every_output_says_that_a_plan_is_limited(running: Site) -> None:
    made, whole = selected(running, include=("users:100",)), selected(running)
    line = "Limited to a selection: --include users:100. Not compared, because outside of it: queues (1), users (2)."
    assert report.limited(made) == [line]
    assert line in report.text(made)
    assert line in page(made)
    assert "Limited to a selection" in report.markdown(made)
    suite = ET.fromstring(report.junit(made))
    assert [one.get("value") for one in suite.iter("property")] == [line]
    assert suite.get("tests") == "1"
    told = {"include": ["users:100"], "exclude": [], "not_compared": {"queues": 1, "users": 2}}
    assert report.as_json(made)["selection"] == told
    again, _ = load_plan(dump(made))
    assert (again.waiver, report.selection(again), again.digest) == (made.waiver, told, whole.digest)
    assert {one.identity for one in again.fingerprints if one.kind == "user"} == {("100",)}
    assert (report.limited(whole), report.as_json(whole)["selection"]) == ([], None)
    assert made.waiver != Plan(made.url, made.release, made.digest, made.operations, identity=made.identity).waiver


def test_brackets_in_names_are_no_wildcards() -> None:
    """`Team [A]` would mean Team A otherwise, and remove it."""
    groups = [{"Name": "D", "IsDefault": True}, {"Name": "Team [A]"}, {"Name": "Team A"}]
    with SimulatedPbx({"Groups": groups}) as simulated, site(simulated) as running:
        for pattern in ("groups:Team [A]", "department:Team [A]", "groups:Team [?]", "groups:*]"):
            made = running.plan("groups: [{name: D}]\n", prune=(pattern,))
            assert [one.identity for one in made.operations] == [("Team [A]",)], pattern
            assert not any("--prune" in hint for hint in made.hints)
        chosen = selected(running, "groups: [{name: D}]\n", include=("department:Team [A]",))
        assert [identity for _, identity in chosen.unmanaged] == [("Team [A]",)]


def test_a_name_with_blanks_is_quoted_where_a_command_is_shown() -> None:
    groups = [{"Name": "Head office", "IsDefault": True}]
    with SimulatedPbx({"Groups": groups}) as simulated, site(simulated) as running:
        (why,) = running.plan("groups: [{name: X}]\n", prune=("groups",)).kept.values()
    assert why.endswith("--remove 'groups:Head office'")


def test_of_many_kinds_outside_of_a_selection_the_largest_are_named(running: Site) -> None:
    made = selected(running, include=("users:100",))
    made.outside = {f"{name}_settings": 1 for name in "abcdefghij"} | {"queues": 7, "users": 12}
    (line,) = report.limited(made)
    assert line.endswith(
        "because outside of it: 29 objects and settings, among them users (12), queues (7), a_settings (1); "
        "--json lists all kinds."
    )
    assert for_a_task(line).endswith("; the result lists all kinds.")
    assert report.as_json(made)["selection"]["not_compared"] == made.outside


def test_a_department_that_is_renamed_counts_by_its_new_name(running: Site) -> None:
    numbers = [str(number) for number in range(360, 372)]
    file = "users: [%s]\ngroups: [{name: %s}]\n"
    user = "{number: '%s', first_name: N, primary_group: %s, groups: [{group: %s}]}"
    before = file % (", ".join(user % (number, "North", "North") for number in numbers), "North")
    assert not running.apply(before).failed
    kept = ", ".join(user % (number, "South", "South") for number in numbers[:8])
    after = file % (kept, "South, renamed_from: North")
    for pattern in ("department:South", "department:North"):
        made = selected(running, after, consent=Consent(prune=(pattern,)), include=("department:South",))
        assert _removed(made) == numbers[8:]
        assert made.totals == {"user": 12}
        assert len(exceeded(made, Limits())) == 1
        whole = running.plan(after, prune=(pattern,))
        assert _removed(whole) == numbers[8:]


def _removed(made: Plan) -> list[str]:
    return sorted(one.identity[0] for one in made.operations if one.doing is Doing.REMOVE)


def test_a_pattern_fits_a_name_in_either_encoding_of_its_umlauts() -> None:
    composed, decomposed = "B\u00fcro [EG]", "Bu\u0308ro [EG]"
    for name, pattern in ((composed, decomposed), (decomposed, composed), (decomposed, "B?ro *")):
        assert like(name, pattern)
