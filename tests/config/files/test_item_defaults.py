"""Defaults of the items of lists: a structure in the place of a list in `defaults` counts for each item."""

from __future__ import annotations

from typing import Any

import pytest
from threecx_xapi import XapiClient

from pbx_as_code import Pbx
from pbx_as_code.config.checks import check
from pbx_as_code.config.configuration import Configuration
from pbx_as_code.config.export import Export, export
from pbx_as_code.config.exporting.declared import declared
from pbx_as_code.config.exporting.defaults import defaults_of_items
from pbx_as_code.config.kinds import KINDS
from pbx_as_code.config.loader import load_sources, loaded
from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.config.planning.planner import plan
from pbx_as_code.config.planning.preview import preview
from pbx_as_code.config.schema import schema
from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests.config.adopting import adopted, content, layers_of
from tests.config.applying import site

BASE = (
    "defaults:\n  users:\n    groups:\n      rights: {allow_ivr: null, can_intercom: true}\n"
    "      transcription_mode: null\n"
)
USERS = (
    "users:\n- {number: '100', groups: [{group: A, rights: {role_name: users, can_intercom: false}}, {group: B},\n"
    "   {group: C, rights: {}}]}\n"
    "- {number: '101'}\n- {number: '102', groups: null}\n- {number: '103', groups: []}\n"
)


def of(*texts: str) -> Configuration:
    return loaded(layers_of(*texts))


def problems(*texts: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        of(*texts)
    return [problem.message for problem in caught.value.problems]


class TestReading:
    def test_each_item_has_them_unless_it_says_otherwise(self) -> None:
        made = of(BASE + USERS)
        user, without, null, empty = (one.values for one in made.definitions)
        assert user["groups"] == [
            {"group": "A", "rights": {"role_name": "users", "allow_ivr": None, "can_intercom": False},
             "transcription_mode": None},
            {"group": "B", "transcription_mode": None},  # no rights, so those that the PBX gives it
            {"group": "C", "rights": {"allow_ivr": None, "can_intercom": True}, "transcription_mode": None},
        ]  # fmt: skip
        assert "groups" not in without  # what is not declared stays so
        assert (null["groups"], empty["groups"]) == (None, [])
        one = made.definitions[0]
        places = {path: one.place_of("groups", 2, "rights", path).line for path in ("allow_ivr", "can_intercom")}
        assert places == {"allow_ivr": 4, "can_intercom": 4}
        assert one.place_of("groups", 0, "rights", "can_intercom").line == 7
        assert one.place_of("groups", 0, "transcription_mode").line == 5

    def test_layers_merge_them_leaf_by_leaf(self) -> None:
        upper = "defaults: {users: {groups: {rights: {can_intercom: !remove , show_my_calls: true}}}}\n"
        (user, *_) = of(BASE + USERS, upper).definitions
        assert user.values["groups"][2]["rights"] == {"allow_ivr": None, "show_my_calls": True}
        assert str(user.place_of("groups", 2, "rights", "show_my_calls")).startswith("b/x.yml:1")
        (user, *_) = of(BASE + USERS, "defaults: {users: {groups: !remove }}\n").definitions
        assert user.values["groups"][1] == {"group": "B"}

    def test_what_cannot_be_meant_is_refused(self) -> None:
        users = "users: [{number: '100', groups: [{group: A, transcription_mode: !remove }]}]\n"
        assert problems(BASE + users) == ["An item cannot do without a default of groups. Write a value."]
        for default, message in (
            ("groups: {group: A}", "group tells one item of groups from another: it has no default."),
            ("groups: {rihgts: {}}", "There is no option of a user in groups called rihgts; did you mean rights?"),
            ("groups: {rights: {allow_ivr: 7}}", "groups.rights.allow_ivr is true or false, not 7."),
            ("forwarding_profiles: {available_route: {no_answer_internal: []}}", "needs a structure with"),
        ):
            assert message in problems(f"defaults: {{users: {{{default}}}}}\n")[0]
        assert problems("users: [{number: '100', groups: {group: A}}]\n") == ["groups needs a list."]

    def test_the_schema_knows_them(self) -> None:
        jsonschema = pytest.importorskip("jsonschema")
        fits = jsonschema.Draft202012Validator(schema()).is_valid
        item = {"rights": {"allow_ivr": None}}
        assert fits({"defaults": {"users": {"groups": item, "language": "EN"}}})
        assert fits({"defaults": {"users": {"groups": [{"group": "A", **item}]}}})
        assert not fits({"defaults": {"users": {"groups": {"rihgts": {}}}}})
        assert not fits({"users": [{"number": "100", "groups": item}]})


class TestWriting:
    @pytest.mark.parametrize("traits", [AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
    def test_an_export_writes_a_membership_in_three_lines(self, traits: tuple[str, ...]) -> None:
        with SimulatedPbx(traits=traits) as simulated, _client(simulated) as client:
            pbx = Pbx(client)
            made = export(pbx, own_number=simulated.client_id)
            assert "  groups:\n  - group: Sales\n    rights:\n      role_name: managers\n-" in _joined(made)
            read = load_sources([(path, text.encode()) for path, text in made.files.items()])
            assert check(read) == []
            rows = {row["number"]: declared(KINDS["user"], row) for row in pbx.everything("user")}
            for one in read.of("user"):
                assert one.values["groups"] == rows[one.values["number"]]["groups"]  # every leaf is declared
            (drift,) = plan(_with(read, "201", can_intercom=True), pbx).operations
            assert [change.called for change in drift.changes] == ["groups[Sales].rights.can_intercom"]

    @pytest.mark.parametrize("traits", [AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
    def test_a_membership_without_rights_gets_those_of_the_pbx(self, traits: tuple[str, ...]) -> None:
        with SimulatedPbx(traits=traits) as simulated, site(simulated) as made:
            files = dict(export(made.pbx, own_number=simulated.client_id).files)
            files["more.yml"] = "users: [{number: '198', primary_group: Sales, groups: [{group: Sales}]}]\n"
            more = load_sources([(path, text.encode()) for path, text in files.items()])
            assert not made.apply(more).failed
            assert made.plan(more).operations == []
            (user,) = [row for row in simulated.entities("Users") if row["Number"] == "198"]
            assert user["Groups"][0]["Rights"]["RoleName"] == "users"

    def test_no_text_becomes_one(self) -> None:
        items: list[dict[str, Any]] = [
            {"input": str(n), "type": "Queue", "data": None, "on": n < 3, "all": []} for n in range(4)
        ]
        assert defaults_of_items(items, ("input",)) == {"data": None, "on": True, "all": []}
        assert defaults_of_items(items[:2], ("input",)) == {}

    def test_a_value_that_differs_is_adopted_at_its_item(self) -> None:
        users = "users:\n- number: '100'\n  groups:\n  - group: A\n  - group: B\n    rights:\n      role_name: users\n"
        actual = BASE + users + "      allow_ivr: true\n"
        changed = content(adopted(actual, BASE + users))
        assert changed.startswith(BASE)
        again = load_sources([("x.yml", changed.encode())])
        assert again.definitions[0].values["groups"] == of(actual).definitions[0].values["groups"]
        assert changed.count("allow_ivr") == 2

    def test_a_new_object_is_added_without_them(self) -> None:
        known = "users:\n- number: '100'\n  groups:\n  - group: A\n"
        new = "- number: '101'\n  groups:\n  - {group: B, rights: {role_name: users}}\n- number: '102'\n"
        changed = content(adopted(BASE + known + new, BASE + known))
        assert (changed.count("transcription_mode"), changed.count("allow_ivr")) == (1, 1)
        read = load_sources([("x.yml", changed.encode())])
        assert [one.values for one in read.definitions] == [one.values for one in of(BASE + known + new).definitions]

    def test_a_preview_counts_them_for_the_items_of_the_pbx(self) -> None:
        standard = of("defaults: {users: {groups: {rights: {can_intercom: true}}}}\n")
        with SimulatedPbx() as simulated, _client(simulated) as client:
            made = preview(standard, Pbx(client))
        changes = [change for one in made.operations for change in one.changes]
        assert len(changes) > 5
        assert {(change.path[2:], change.new) for change in changes} == {(("rights", "can_intercom"), True)}
        assert {str(change.place) for change in changes} == {"x.yml:1:52"}


def _client(simulated: SimulatedPbx) -> XapiClient:
    return XapiClient(simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret)


def _joined(made: Export) -> str:
    return "".join(made.files[path] for path in sorted(made.files) if path.startswith("departments"))


def _with(read: Configuration, number: str, **rights: Any) -> Configuration:
    user = next(one for one in read.of("user") if one.values["number"] == number)
    item = user.values["groups"][0]
    user.values["groups"] = [{**item, "rights": {**item["rights"], **rights}}]
    return read
