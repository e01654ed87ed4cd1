"""Names of the files that differ from those on the PBX in case or blanks only: one object, which gets the new name."""

from __future__ import annotations

import pytest

from pbx_as_code.config.planning.operations import Doing
from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests.config.applying import site

FILES = """
groups: [{name: sales nord}]
parkings: [{number: sp8, groups: [{group: sales nord}]}]
contacts: [{first_name: Kim, last_name: Van Dyk}]
outbound_rules: [{name: abroad}]
users: [{number: "100", groups: [{group: sales nord}]}]
"""
PRUNE = ("groups", "parkings", "contacts", "outbound_rules", "playlists")
NAMES = (("Groups", "Name"), ("Parkings", "Number"), ("Contacts", "LastName"), ("OutboundRules", "Name"))


@pytest.mark.parametrize("traits", [AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def test_an_object_is_neither_created_beside_the_other_nor_removed_for_it(traits: tuple[str, ...]) -> None:
    with SimulatedPbx(traits=traits) as simulated, site(simulated) as here:
        simulated.put("Groups", {"Name": "Sales  Nord"})
        simulated.put("Parkings", {"Number": "SP8"})
        simulated.put("Contacts", {"FirstName": "Kim", "LastName": "van Dyk"})
        simulated.put("OutboundRules", {"Name": "Abroad"})
        before = {name: len(simulated.entities(name)) for name, _ in NAMES}
        made = here.plan(FILES)
        assert made.impossible == []
        assert {(one.doing, one.kind) for one in made.operations} <= {
            (doing, kind)
            for doing in (Doing.UPDATE, Doing.LINK)
            for kind in ("group", "parking", "contact", "outbound_rule", "user")
        }
        removed = {
            n for one in here.plan(FILES, prune=PRUNE).operations if one.doing is Doing.REMOVE for n in one.identity
        }
        assert removed.isdisjoint({"Sales  Nord", "sales nord", "SP8", "van Dyk", "Abroad"})
        done = here.apply(FILES)
        assert not done.failed, done
        assert {name: len(simulated.entities(name)) for name, _ in NAMES} == before
        there = {row[option] for name, option in NAMES for row in simulated.entities(name)}
        assert {"sales nord", "SP8", "Van Dyk", "abroad"} <= there
        assert here.plan(FILES).operations == []


def test_a_name_that_cannot_be_changed_is_said_to_be_spelled_otherwise() -> None:
    with SimulatedPbx() as simulated, site(simulated) as here:
        simulated.put("Playlists", {"Name": "Music"})
        made = here.plan("playlists: [{name: MUSIC}]", prune=("playlists",))
        assert {one.identity[0] for one in made.operations}.isdisjoint({"Music", "MUSIC"})
        [(kind, identity, why)] = made.impossible
        assert (kind, identity) == ("playlist", ("MUSIC",))
        assert "name is Music and cannot be changed once the playlist is created" in why


def test_two_objects_that_differ_in_case_stay_two() -> None:
    with SimulatedPbx() as simulated, site(simulated) as here:
        for name in ("Music", "music"):
            simulated.put("Contacts", {"LastName": name})
        both = "contacts: [{last_name: Music}, {last_name: music}]"
        assert here.plan(both).operations == []
        [made] = here.plan("contacts: [{last_name: Music}, {last_name: music}, {last_name: MUSIC}]").operations
        assert (made.doing, made.identity[0]) == (Doing.CREATE, "MUSIC")
        [left] = here.plan("contacts: [{last_name: Music}]", prune=("contacts",)).operations[:1]
        assert left.doing is Doing.REMOVE
