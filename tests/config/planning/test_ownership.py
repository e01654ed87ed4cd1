"""threecx.lock after applies: it has what these files created or adopted, as long as it exists."""

from __future__ import annotations

from pathlib import Path

import pytest

from pbx_as_code.config.lock import LOCK_FILE, read_lock
from pbx_as_code.config.planning.plan_file import dump, load_plan
from pbx_simulator import AS_SEEN, SimulatedPbx
from tests.config.applying import Site, done, site

OTHER = "contacts: [{last_name: Other}]\n"
NUMBERS = """
inbound_rules:
- {trunk: '10000', condition: BasedOnDID, data: '+15550901', office_hours_destination: {to: Extension, number: '100'}}
black_list_numbers: [{caller_id: '+15550777'}]
"""


@pytest.mark.parametrize("from_file", [False, True])
def test_an_object_that_somebody_has_removed_is_not_owned_when_it_is_back(
    at: Site, tmp_path: Path, from_file: bool
) -> None:
    """Numbers are reused: user 396 of today is another person."""
    at.apply("users: [{number: '396', first_name: Ann}, {number: '100'}]\n", tmp_path)
    assert ("user", ("396",)) in read_lock(tmp_path).owned
    at.pbx.absent("user", number="396")
    made = at.plan("users: [{number: '100'}]\n", tmp_path)
    if from_file:
        made = load_plan(dump(made))[0]
    at.apply(made, tmp_path)
    assert read_lock(tmp_path).owned == {("user", ("100",))}
    at.pbx.ensure("user", number="396", first_name="Bob")
    assert done(at.plan("users: [{number: '100'}]\n", tmp_path, owned=True)) == []


def test_a_kind_that_a_plan_does_not_read_stays_owned(at: Site, tmp_path: Path) -> None:
    at.apply("users: [{number: '396', first_name: Ann}]\n", tmp_path)
    at.apply(OTHER, tmp_path)
    assert ("user", ("396",)) in read_lock(tmp_path).owned
    assert ("remove", "user", "396") in done(at.plan(OTHER, tmp_path, owned=True))


def test_what_was_removed_is_not_owned_however_the_pbx_spells_it(tmp_path: Path) -> None:
    with SimulatedPbx(traits=[*AS_SEEN, "drop-plus"]) as simulated, site(simulated) as at:
        at.apply(NUMBERS, tmp_path)
        assert len(read_lock(tmp_path).owned) == 2
        removed = at.plan(OTHER, tmp_path, owned=True)
        assert len(done(removed)) == 3
        assert not at.apply(removed, tmp_path).failed
        assert read_lock(tmp_path).owned == {("contact", ("Other", None, None))}


def test_a_renamed_department_is_owned_by_its_new_name(at: Site, tmp_path: Path) -> None:
    """So are its holidays, also those that the files do not declare any more."""
    days = "year: 0, year_end: 0, is_recurrent: true, day: %s, month: 5, day_end: %s, month_end: 5"
    fair, mass = (f"{{group: North, name: {name}, {days % (day, day)}}}" for name, day in (("Fair", 1), ("Mass", 2)))
    at.apply(f"groups: [{{name: North}}]\nholidays: [{fair}, {mass}]\n", tmp_path)
    renamed = f"groups: [{{name: South, renamed_from: North}}]\nholidays: [{fair}]\n".replace(
        "group: North", "group: South"
    )
    assert not at.apply(renamed, tmp_path).failed
    assert read_lock(tmp_path).owned == {
        ("group", ("South",)), ("holiday", ("South", "Fair", None)), ("holiday", ("South", "Mass", None)),
    }  # fmt: skip
    assert done(at.plan(renamed, tmp_path, owned=True)) == [("remove", "holiday", "South", "Mass", None)]


def test_a_department_that_was_not_renamed_keeps_its_name_in_the_lock(at: Site, tmp_path: Path) -> None:
    at.apply("groups: [{name: North}]\n", tmp_path)
    at.simulated.fail(r"/Groups\(", status=400, times=1, method="PATCH")
    assert at.apply("groups: [{name: South, renamed_from: North}]\n", tmp_path).failed
    assert ("group", ("North",)) in read_lock(tmp_path).owned


def test_one_of_two_equal_objects_that_could_not_be_removed_stays_owned(at: Site, tmp_path: Path) -> None:
    at.apply(
        "contacts: [{last_name: Lee, phone_number: '+15550301'}, {last_name: Lee, phone_number: '+15550302'}]\n",
        tmp_path,
    )
    removed = at.plan("users: [{number: '100'}]\n", tmp_path, owned=True)
    at.pbx.ensure("contact", id=removed.operations[0].key["id"], tag="changed")
    assert at.apply(removed, tmp_path).failed
    assert [one["LastName"] for one in at.simulated.entities("Contacts")].count("Lee") == 1
    assert ("contact", ("Lee", None, None)) in read_lock(tmp_path).owned


def test_two_applies_of_the_same_directory_own_what_both_declare(at: Site, tmp_path: Path) -> None:
    """Each has a different selection, and one begins and ends while the other one is under way."""
    users, contacts = "users: [{number: '100', mobile: '+15550777'}]\n", "contacts: [{last_name: Lee}]\n"
    at.apply("users: [{number: '101'}]\n", tmp_path)
    between: list[bool] = []

    def other(_: object) -> None:
        between.append(at.apply(contacts, tmp_path).failed)

    assert not at.apply(users, tmp_path, report=other).failed
    assert between == [False]
    assert read_lock(tmp_path).owned == {
        ("user", ("100",)), ("user", ("101",)), ("contact", ("Lee", None, None)),
    }  # fmt: skip


def test_a_lock_that_somebody_edits_during_an_apply_does_not_fail_it(at: Site, tmp_path: Path) -> None:
    at.apply("users: [{number: '101'}]\n", tmp_path)
    files = "users: [{number: '100', mobile: '+15550777'}]\n"
    applied = at.apply(files, tmp_path, report=lambda _: (tmp_path / LOCK_FILE).write_text("<<<<<<< ours"))
    assert not applied.failed
    assert read_lock(tmp_path).owned == {("user", ("100",)), ("user", ("101",))}
