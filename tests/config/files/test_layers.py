"""Several directories as one configuration: later layers win leaf by leaf, and every value keeps its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pbx_as_code.config.checks import check
from pbx_as_code.config.configuration import Configuration
from pbx_as_code.config.kinds import KINDS
from pbx_as_code.config.loader import Layer, load_layers, loaded
from pbx_as_code.config.nodes import REMOVE, REPLACE, ConfigError
from pbx_as_code.config.schema import schema


def layered(*texts: str | dict[str, str]) -> Configuration:
    """The configuration of layers named a, b, c; each is one file, or several."""
    layers = []
    for name, text in zip("abcdef", texts, strict=False):
        files = text if isinstance(text, dict) else {"x.yml": text}
        layers.append(Layer(name, Path(), [(file, content.encode()) for file, content in files.items()]))
    return loaded(layers)


def problems(*texts: str | dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        layered(*texts)
    return [str(problem) for problem in caught.value.problems]


def values(configuration: Configuration) -> list[dict[str, Any]]:
    return [one.values for one in configuration.definitions]


class TestLeaves:
    def test_later_layers_win_and_each_value_keeps_its_place(self) -> None:
        made = layered(
            "users:\n- number: '100'\n  first_name: A\n  office_hours_props: []\n",
            "users:\n- number: '100'\n  first_name: B\n  last_name: C\n",
            "users:\n- {number: '100', last_name: D}\n- {number: '101'}\n",
        )
        first, second = made.definitions
        assert (first.values["first_name"], first.values["last_name"], second.values["number"]) == ("B", "D", "101")
        assert str(first.place) == "a/x.yml:2:3"
        assert str(first.place_of("first_name")) == "b/x.yml:3:15"
        assert str(first.place_of("last_name")) == "c/x.yml:2:30"
        assert str(first.place_of("office_hours_props")).startswith("a/x.yml:4")

    def test_a_structure_is_merged_field_by_field_and_an_explicit_null_wins(self) -> None:
        made = layered(
            "queues: [{number: '800', forward_no_answer: {to: VoiceMail, number: '100'}, name: Q}]",
            "queues: [{number: '800', forward_no_answer: {number: '101'}, name: null}]",
        )
        assert values(made) == [
            {"number": "800", "forward_no_answer": {"to": "VoiceMail", "number": "101"}, "name": None}
        ]

    def test_settings_are_merged(self) -> None:
        made = layered(
            "voicemail_settings: {min_duration: 5, quota: 9}",
            "voicemail_settings: {min_duration: 7}",
        )
        assert values(made) == [{"min_duration": 7, "quota": 9}]

    def test_identity_is_compared_like_the_engine_does(self) -> None:
        made = layered(
            "fxs_gateways: [{mac_address: 00AABBCCDDEE, name: A}]",
            "fxs_gateways: [{mac_address: '00:aa:bb:cc:dd:ee', name: B}]",
        )
        assert [one["name"] for one in values(made)] == ["B"]

    def test_twins_are_merged_by_their_order(self) -> None:
        made = layered(
            "contacts:\n- {last_name: A, business: '+1'}\n- {last_name: A, business: '+2'}\n",
            "contacts:\n- {last_name: A}\n- {last_name: A, business: '+3'}\n- {last_name: A, business: '+4'}\n",
        )
        assert [one["business"] for one in values(made)] == ["+1", "+3", "+4"]
        assert [one.twin for one in made.definitions] == [0, 1, 2]

    def test_how_a_layer_is_split_into_files_does_not_matter_but_it_says_a_thing_once(self) -> None:
        split = {"p.yml": "users: [{number: '100'}]", "q.yml": "users: [{number: '100'}]"}
        assert problems("users: [{number: '100'}]", split) == [
            "b/q.yml:1:9: user 100 is defined twice; the first is at b/p.yml:1:9."
        ]

    def test_one_number_of_two_kinds_is_refused_with_both_layers(self) -> None:
        made = layered("queues: [{number: '800', name: Q}]", "ring_groups: [{number: '800', name: R}]")
        (problem,) = map(str, check(made))
        assert "a/x.yml:1" in problem
        assert "b/x.yml:1" in problem

    def test_a_department_that_another_layer_renames_is_refused(self) -> None:
        files = ("groups: [{name: Sales}]", "groups: [{name: Verkauf, renamed_from: Sales}]")
        (problem,) = map(str, check(layered(*files)))
        assert "department Verkauf is renamed from Sales, which is declared at a/x.yml:1:10" in problem
        third = "groups: [!remove {name: Sales}, {name: Verkauf, renamed_from: Sales}]"
        assert not check(layered(files[0], third))


class TestLists:
    BASE = "queues:\n- number: '800'\n  agents:\n  - {number: '100', skill_group: '1'}\n  - {number: '101'}\n"

    def test_lists_are_merged_by_key(self) -> None:
        made = layered(
            self.BASE, "queues: [{number: '800', agents: [{number: '102'}, {number: '100', skill_group: '2'}]}]"
        )
        assert values(made)[0]["agents"] == [
            {"number": "100", "skill_group": "2"},
            {"number": "101"},
            {"number": "102"},
        ]
        assert str(made.definitions[0].place_of("agents", 0, "skill_group")).startswith("b/")
        assert str(made.definitions[0].place_of("agents", 1, "number")).startswith("a/")

    @pytest.mark.parametrize("item", ["!remove {number: '100'}", "{number: '100', remove: true}"])
    def test_an_item_is_removed(self, item: str) -> None:
        made = layered(self.BASE, f"queues: [{{number: '800', agents: [{item}]}}]")
        assert values(made)[0]["agents"] == [{"number": "101"}]

    @pytest.mark.parametrize("written", ["!replace [{number: '102'}]", "{replace: [{number: '102'}]}"])
    def test_a_list_is_replaced(self, written: str) -> None:
        made = layered(self.BASE, f"queues: [{{number: '800', agents: {written}}}]")
        assert values(made)[0]["agents"] == [{"number": "102"}]

    def test_lists_of_texts_and_lists_without_a_key_are_replaced(self) -> None:
        made = layered(
            "trunks: [{number: '1', did_numbers: ['+1', '+2'], in_cid_formatting: [{match_strategy: Any}]}]",
            "trunks: [{number: '1', did_numbers: ['+3'], in_cid_formatting: []}]",
        )
        assert values(made) == [{"number": "1", "did_numbers": ["+3"], "in_cid_formatting": []}]

    def test_the_order_of_inbound_rules_is_merged_by_what_tells_them_apart(self) -> None:
        rule = "{condition: BasedOnDID, data: '%s', call_type: AllCalls, rule_name: %s}"
        made = layered(
            f"trunks: [{{number: '1', routing_rules: [{rule % ('+1', 'A')}, {rule % ('+2', 'B')}]}}]",
            f"trunks: [{{number: '1', routing_rules: [{rule % ('+2', 'C')}]}}]",
        )
        assert [one["rule_name"] for one in values(made)[0]["routing_rules"]] == ["A", "C"]


class TestRemovals:
    BASE = "users:\n- {number: '100', mobile: '+15550101', forwarding_profiles: []}\n- {number: '101'}\n"

    @pytest.mark.parametrize("item", ["!remove {number: '100'}", "{number: '100', remove: true}"])
    def test_of_an_object(self, item: str) -> None:
        assert [one["number"] for one in values(layered(self.BASE, f"users: [{item}]"))] == ["101"]

    @pytest.mark.parametrize("section", ["!remove", "{remove: true}"])
    def test_of_every_object_of_a_kind_and_of_settings(self, section: str) -> None:
        base = self.BASE + "voicemail_settings: {min_duration: 5}\n"
        assert values(layered(base, f"users: {section}\nvoicemail_settings: {section}\n")) == []

    @pytest.mark.parametrize("value", ["!remove", "{remove: true}"])
    def test_of_an_option(self, value: str) -> None:
        made = layered(self.BASE, f"users: [{{number: '100', mobile: {value} }}]")
        assert "mobile" not in values(made)[0]

    def test_a_later_layer_may_declare_again_what_an_earlier_one_removed(self) -> None:
        made = layered(
            self.BASE, "users: [{number: '100', mobile: !remove }]", "users: [{number: '100', mobile: '+15550102'}]"
        )
        assert values(made)[0]["mobile"] == "+15550102"

    def test_what_no_layer_below_has_is_refused(self) -> None:
        base = (
            self.BASE + "pbx: {release: '20'}\nrequired: {custom_prompts: [a.wav]}\ndefaults: {users: {mobile: '1'}}\n"
        )
        upper = (
            "users: [!remove {number: '109'}, {number: '101', language: !remove },"
            " {number: '100', groups: [!remove {group: X}]}]\n"
            "queues: !remove\npbx: {url: !remove }\nrequired: {custom_prompts: [!remove b.wav]}\n"
            "defaults: {queues: !remove, users: {language: !remove }}\n"
        )
        found = problems(base, upper)
        assert len(found) == 8
        assert all("Delete this line." in one and one.startswith("b/x.yml:") for one in found)
        assert (
            "b/x.yml:1:9: No layer below declares user 109, so there is nothing to remove. Delete this line." in found
        )

    def test_in_a_single_directory_there_is_nothing_below(self) -> None:
        assert len(problems("users: [!remove {number: '1'}, {number: '2', mobile: !remove }]\nqueues: !remove\n")) == 3

    def test_a_removed_object_is_named_by_its_identity_alone(self) -> None:
        (problem,) = problems(self.BASE, "users: [!remove {number: '100', mobile: '1'}]")
        assert problem == "b/x.yml:1:33: To remove a user, give number alone."

    def test_the_marker_is_no_option_of_any_kind(self) -> None:
        steps = {step for kind in KINDS.values() for path, _ in kind.paths() for step in path.split(".")}
        assert not steps & {REMOVE, REPLACE}

    def test_wrong_markers_are_refused(self) -> None:
        for written, message in (
            ("{number: '100', mobile: !remove}", "A tag such as !remove needs a space before }"),
            ("{number: '100', remove: false}", "remove is true, or is not there."),
            ("{number: '100', groups: {replace: [], and: 1}}", "replace is the only key"),
            ("{number: '100', groups: !remove [{group: X}]}", "!remove stands before one item"),
            ("{number: '100', groups: !drop []}", "The tag !drop is unknown"),
        ):
            assert any(message in one for one in problems(self.BASE, f"users: [{written}]")), written


class TestDefaults:
    def test_defaults_of_all_layers_count_for_the_objects_of_all_layers(self) -> None:
        made = layered(
            "defaults: {users: {language: EN, mobile: '+15550101'}}\nusers: [{number: '100', language: DE}]",
            "defaults: {users: {language: FR}}\nusers: [{number: '101'}]",
        )
        hundred, other = values(made)
        assert (hundred["language"], other["language"]) == ("DE", "FR")  # an object's own value wins over any default
        assert (hundred["mobile"], other["mobile"]) == ("+15550101",) * 2
        assert str(made.definitions[0].place_of("mobile")).startswith("a/x.yml:1")
        assert str(made.definitions[1].place_of("language")).startswith("b/x.yml:1")

    def test_a_default_is_removed_for_all_or_for_one_object(self) -> None:
        base = "defaults: {users: {language: EN, mobile: '+15550101'}}\nusers: [{number: '100'}, {number: '101'}]"
        upper = "defaults: {users: {language: !remove }}\nusers: [{number: '100', mobile: !remove }]"
        assert values(layered(base, upper)) == [{"number": "100"}, {"number": "101", "mobile": "+15550101"}]
        assert values(layered(base, "defaults: {users: !remove }")) == [{"number": "100"}, {"number": "101"}]

    def test_one_object_can_do_without_a_default_of_its_own_directory(self) -> None:
        made = layered(
            "defaults: {queues: {forward_no_answer: {to: VoiceMail, number: '1'}}}\n"
            "queues: [{number: '800', forward_no_answer: {number: !remove }}, {number: '801'}]"
        )
        first, second = values(made)
        assert first["forward_no_answer"] == {"to": "VoiceMail"}
        assert second["forward_no_answer"] == {"to": "VoiceMail", "number": "1"}


class TestOtherSections:
    def test_variables_of_later_layers_win_in_every_layer(self) -> None:
        made = layered(
            {"vars.yml": "domain: example.com\ngreeting: at {{ domain }}\n", "u.yml": "users: [{number: '100', "
             "email_address: 'a@{{ domain }}', first_name: '{{ greeting }}'}]"},
            {"vars.yml": "domain: example.org\n"},
        )  # fmt: skip
        assert values(made) == [{"number": "100", "email_address": "a@example.org", "first_name": "at example.org"}]

    def test_the_rules_of_the_section_pbx_are_merged_option_by_option(self) -> None:
        made = layered(
            "pbx:\n  removal: none\n  prune: [contacts]\n  limits: {objects: 5, percent: 10}\n  release: '1'\n"
            "  time_zones: {A: UTC}\n",
            "pbx:\n  removal: owned\n  prune: [users]\n  limits: {objects: !remove , percent: 20}\n  release: !remove\n"
            "  time_zones: {B: UTC}\n",
        )
        zones = {"A": "UTC", "B": "UTC"}
        assert made.pbx == {"removal": "owned", "prune": ["users"], "limits": {"percent": 20}, "time_zones": zones}

    def test_required_names_are_joined_and_can_be_removed(self) -> None:
        made = layered(
            "required: {custom_prompts: [a.wav, b.wav]}", "required: {custom_prompts: [c.wav, !remove a.wav]}"
        )
        assert made.required == {"custom_prompts": ["b.wav", "c.wav"]}
        assert str(made.required_places["custom_prompts", "c.wav"]).startswith("b/")

    def test_markers_of_secrets_are_values_like_others(self) -> None:
        made = layered(
            "trunks: [{number: '1', auth_password: !secret shared}]",
            "trunks: [{number: '1', auth_password: {secret: own}}]",
        )
        assert values(made)[0]["auth_password"].name == "own"

    def test_aliases_are_not_changed_for_others(self) -> None:
        made = layered(
            "queues:\n- number: '800'\n  forward_no_answer: &f {to: VoiceMail, number: '1'}\n"
            "- {number: '801', forward_no_answer: *f}\n",
            "queues: [{number: '800', forward_no_answer: {number: '2'}}]",
        )
        assert [one["forward_no_answer"]["number"] for one in values(made)] == ["2", "1"]


class TestDirectories:
    def test_files_name_their_layer(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        for name in ("fleet", "acme"):
            Path(name).mkdir()
            Path(name, "users.yml").write_text(f"users: [{{number: '100', last_name: {name}}}]")
        (one,) = load_layers([Path("fleet"), Path("acme")]).definitions
        assert (one.values["last_name"], str(one.place_of("last_name"))) == ("acme", "acme/users.yml:1:36")
        (one,) = load_layers([Path("acme")]).definitions
        assert str(one.place_of("last_name")) == "users.yml:1:36"

    def test_the_same_directory_twice_is_refused_and_so_is_one_within_another(self, tmp_path: Path) -> None:
        inner = tmp_path / "fleet" / "acme"
        inner.mkdir(parents=True)
        for layers, message in (
            ([inner, tmp_path / "fleet" / "." / "acme"], "This layer is named twice."),
            ([inner, inner.parent], "is within"),
            ([inner.parent, inner], "is within"),
        ):
            with pytest.raises(ConfigError, match=message):
                load_layers(layers)

    def test_a_missing_layer_and_an_unreadable_file_are_named(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="There is no such directory"):
            load_layers([tmp_path, tmp_path.parent / "nowhere"])


def test_editors_know_the_marks() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    fits = jsonschema.Draft202012Validator(schema())
    mark, item = {"remove": True}, {"number": "100", "remove": True}
    for document, is_right in (
        ({"users": [item], "queues": mark, "voicemail_settings": mark, "required": {"custom_prompts": [""]}}, True),
        ({"users": [{"number": "1", "mobile": mark, "language": "", "groups": {"replace": []}}]}, True),
        ({"queues": [{"number": "8", "agents": [item], "polling_strategy": mark}], "defaults": {"users": mark}}, True),
        ({"users": [{"number": "1", "mobile": {"remove": True, "and": 1}}]}, False),
        ({"voicemail_settings": {"remove": True, "quota": 1}}, False),
    ):
        assert fits.is_valid(document) is is_right, document
