"""References that lead nowhere on the PBX itself: hints as long as they stay, and impossible where a plan sets them."""

from __future__ import annotations

import pytest

from pbx_as_code.cloning.clone import clone
from pbx_as_code.cloning.mapping import CloneMap
from pbx_as_code.config.checks import check, checked
from pbx_as_code.config.configuration import Configuration
from pbx_as_code.config.export import Export, export
from pbx_as_code.config.loader import load_sources
from pbx_simulator import SimulatedPbx
from tests.config.applying import Site, declared, site

GROUP = "ring_groups: [{number: '801', forward_no_answer: {to: %s, number: '%s'}%s}]\n"
COMPLETE = "pbx: {complete: [users, queues, ring_groups, receptionists, parkings, faxes, call_flow_apps, "
COMPLETE += "service_principals, trunks]}\n"


def let_dangle(at: Site, to: str = "Extension", number: str = "199") -> None:
    """Leave the ring group 801 a destination as a PBX may do when the extension is removed."""
    row = next(one for one in at.simulated.entities("RingGroups") if one["Number"] == "801")
    there = {"To": to, "Number": number, "External": ""}
    at.simulated.put("RingGroups", {**row, "ForwardNoAnswer": there})


def exported(at: Site) -> Export:
    return export(at.pbx, own_number=at.simulated.client_id)


def files_of(made: Export) -> Configuration:
    return load_sources([(path, text.encode()) for path, text in made.files.items()])


def place_of(files: Configuration) -> str:
    one = next(one for one in files.of("ring_group") if one.identity == ("801",))
    return str(one.place_of("forward_no_answer", "number"))


@pytest.mark.parametrize(("to", "number"), [("Extension", "199"), ("Queue", "100")])
def test_the_export_of_a_pbx_with_dangling_destinations_is_of_use(at: Site, to: str, number: str) -> None:
    let_dangle(at, to, number)
    made = exported(at)
    files = files_of(made)
    assert files.pbx["undeclared"] == [number]
    assert check(files) == []
    planned = at.plan(checked(files))
    assert (planned.operations, planned.impossible) == ([], [])
    for told in (made.dangling, planned.hints):
        [hint] = [text for text in told if "ring group 801" in text]
        assert place_of(files) in hint
        assert number in hint
    assert exported(at).files == made.files


def test_a_number_that_was_taken_out_of_the_files_may_dangle_as_on_the_pbx(at: Site) -> None:
    let_dangle(at)
    text = GROUP % ("Extension", "199", "")
    assert [str(one) for one in check(declared(COMPLETE + text))] != []  # without a PBX nobody knows
    made = at.plan(checked(declared(COMPLETE + text)))
    assert (made.operations, made.impossible, len(made.hints)) == ([], [], 1)
    renamed = at.plan(checked(declared(COMPLETE + GROUP % ("Extension", "199", ", name: Other"))))
    assert not renamed.impossible
    assert not at.apply(renamed).failed


@pytest.mark.parametrize(("to", "number"), [("Extension", "198"), ("Queue", "101")])
def test_a_destination_that_is_set_must_be_there_or_planned(at: Site, to: str, number: str) -> None:
    let_dangle(at)
    users = "users: [{number: '100'}, {number: '101'}]\n"
    made = at.plan(checked(declared(users + GROUP % (to, number, ""))))
    [(kind, identity, why)] = made.impossible
    assert (kind, identity) == ("ring_group", ("801",))
    assert why.startswith("forward_no_answer.number: ")
    assert "a.yml:2:" in why


def test_a_second_reference_to_a_number_that_dangles_is_set(at: Site) -> None:
    row = next(one for one in at.simulated.entities("Receptionists") if len(one["Forwards"]) > 1)
    first, *others = row["Forwards"]
    dangling = {**first, "ForwardDN": "199", "ForwardType": "Extension", "PeerType": "Extension"}
    at.simulated.put("Receptionists", {**row, "Forwards": [dangling, *others]})
    files = checked(files_of(exported(at)))
    one = next(one for one in files.of("receptionist") if one.identity == (row["Number"],))
    one.values["forwards"][1]["custom_data"] = "Hello"
    made = at.plan(files)
    assert not made.impossible
    assert not at.apply(made).failed
    one.values["forwards"][1]["forward_dn"] = "199"
    [(_, _, why)] = at.plan(files).impossible
    assert str(one.place_of("forwards", 1, "forward_dn")) in why


def test_a_dangling_destination_cannot_be_built_on_another_pbx(at: Site) -> None:
    let_dangle(at)
    files = files_of(exported(at))
    with SimulatedPbx("empty", traits=at.simulated.traits) as new, site(new) as target:
        why = [text for kind, _, text in target.plan(checked(files)).impossible if kind == "ring_group"]
    assert why == [
        "forward_no_answer.number: There is no number called 199. It is neither on the PBX nor planned. See "
        f"{place_of(files)}."
    ]


def test_a_clone_keeps_what_its_source_does_not_declare(at: Site) -> None:
    let_dangle(at)
    source = files_of(exported(at))
    made = clone(source, CloneMap())
    assert made.configuration.pbx["undeclared"] == ["199"]
    assert [text for text in made.unresolved if "199" in text]


@pytest.mark.parametrize(
    ("to", "number", "fits"), [("Queue", "100", False), ("Extension", "100", True), ("IVR", "802", True)]
)
def test_the_type_of_what_only_the_pbx_has_has_to_fit(at: Site, to: str, number: str, fits: bool) -> None:
    """The PBX refuses another one, in the middle of an apply."""
    files = GROUP % (to, number, "")
    why = [told for _, _, told in at.plan(files).impossible]
    assert why == (
        [] if fits else ["forward_no_answer.number: 100 is a user on the PBX, and to is Queue. See a.yml:1:70."]
    )
    let_dangle(at, to, number)
    assert at.plan(files).impossible == []
    assert len(at.plan(files).hints) == (0 if fits else 1)
