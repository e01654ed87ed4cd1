"""Adopting what a PBX has into existing files changes the lines that differ and no other byte."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest

from pbx_as_code.config.adopting.outcome import Reason
from pbx_as_code.config.adopting.store import store
from pbx_as_code.config.adopting.telling import told
from pbx_as_code.config.loader import loaded
from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.errors import BadOption
from tests.config.adopting import adopted, after, content, layers_of

USER = "users:\n- number: '100'\n"


def only_change(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines that went and that came."""
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


class TestValues:
    @pytest.mark.parametrize(
        ("written", "actual", "expected"),
        [
            ("first_name: Ann", "Bea", "first_name: Bea"),
            ("first_name: Ann  # the boss", "Bea", "first_name: Bea  # the boss"),
            ("first_name:   'Ann' # the boss", "0123", 'first_name:   "0123" # the boss'),
            ("first_name: \"Ann\"", "O'Neil: x", "first_name: \"O'Neil: x\""),
            ("first_name:", "Bea", "first_name: Bea"),
            ("first_name: # nobody", "Bea", "first_name: Bea # nobody"),
            ("first_name: ~", "yes", 'first_name: "yes"'),
            ("first_name: null", "{{ x }}", 'first_name: !!str "{{ x }}"'),
            ("first_name: !!str Ann", "Bea", "first_name: Bea"),
            ("first_name: Ann", "null", "first_name: null"),
            ("first_name: >-\n    Ann\n    Bea\n", "Cid", "first_name: Cid\n"),
            ("first_name: Ann\n    Bea", "Cid", "first_name: Cid"),
            ('"first_name" : Ann', "Bea", '"first_name" : Bea'),
            ("first_name:\tAnn\t# tab", "Bea", "first_name:\tBea\t# tab"),
        ],
    )  # fmt: skip
    def test_a_scalar(self, written: str, actual: str, expected: str) -> None:
        before = f"# head\n{USER}  # name\n  {written}\n\n  # rest\n  last_name: L\n"
        held = "null" if actual == "null" else f"!!str {actual!r}" if "'" not in actual else f'"{actual}"'
        made = adopted(f"{USER}  first_name: {held}\n  last_name: L\n", before)
        assert content(made) == before.replace(written, expected)
        assert not made.conflicts

    def test_text_of_several_lines_keeps_its_style(self) -> None:
        before = "call_flow_apps:\n- number: '1'\n  name: |\n    a\n\n    b\n\n# rest\n"
        made = adopted('call_flow_apps: [{number: "1", name: "c\\nd\\n"}]', before)
        assert content(made) == before.replace("    a\n\n    b\n", "    c\n    d\n")
        made = adopted('call_flow_apps: [{number: "1", name: "c\\n d \\n"}]', before)
        assert content(made) == before.replace("|\n    a\n\n    b\n", '"c\\n d \\n"\n')

    def test_within_braces(self) -> None:
        before = "users: [{number: '100', first_name: Ann, last_name: L}]  # all\n"
        made = adopted("users: [{number: '100', first_name: 'a, b', mobile: '+1', last_name: L}]", before, add=False)
        assert content(made) == before.replace("Ann", '"a, b"')

    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
    @pytest.mark.parametrize("final", [True, False])
    def test_line_breaks_byte_order_mark_and_the_end_of_the_file(self, newline: str, bom: bytes, final: bool) -> None:
        lines = ["users:", "- number: '100'", "- number: '101'", "  last_name: L"]
        text = newline.join(lines) + (newline if final else "")
        actual = "users: [{number: '100'}, {number: '101', last_name: M}, {number: '102', mobile: '+1'}]"
        made = adopted(actual, bom + text.encode())
        added = newline.join(["", '- number: "102"', '  mobile: "+1"'])
        expected = text.replace("last_name: L", f"last_name: M{added}")
        assert made.files[Path("a/x.yml")][1] == bom + expected.encode()

    def test_a_value_of_the_defaults_gets_its_own_line_in_the_order_of_an_export(self) -> None:
        before = (
            "defaults:\n  queues: {ring_timeout: 20, forward_no_answer: {to: VoiceMail, number: '1'}}\n"
            "queues:\n- number: '800'  # help\n  # named\n  name: Q  # so\n  agents:\n  - number: '1'\n# end\n"
        )
        actual = (
            "queues: [{number: '800', name: Q, ring_timeout: 33, agents: [{number: '1'}], "
            "forward_no_answer: {to: VoiceMail, number: '2'}}]"
        )
        made = adopted(actual, before)
        assert not made.conflicts
        assert only_change(before, content(made)) == (
            [], ["  ring_timeout: 33", "  forward_no_answer:", '    number: "2"'],
        )  # fmt: skip
        assert loaded(after(made, layers_of(before)))

    def test_a_structure_takes_the_place_of_null_and_the_reverse(self) -> None:
        before = "queues:\n- number: '800'\n  forward_no_answer: null  # c\n  name: Q\n"
        actual = "queues: [{number: '800', name: Q, forward_no_answer: {to: VoiceMail, number: '1'}}]"
        made = adopted(actual, before)
        expected = '  forward_no_answer:  # c\n    to: VoiceMail\n    number: "1"\n'
        assert content(made) == before.replace("  forward_no_answer: null  # c\n", expected)


class TestLists:
    def test_of_single_values(self) -> None:
        before = (
            "trunks:\n- number: '1'\n  did_numbers:\n  - '+1'  # one\n  # about two\n  - '+2'  # two\n  - '+3'\n"
            "- {number: '2', did_numbers: ['+4', '+5' , '+6']}\n"
        )
        actual = (
            "trunks: [{number: '1', did_numbers: ['+1', '+3', '+9']}, {number: '2', did_numbers: ['+5', '+6', '+7']}]"
        )
        assert content(adopted(actual, before)) == (
            "trunks:\n- number: '1'\n  did_numbers:\n  - '+1'  # one\n  - '+3'\n  - \"+9\"\n"
            "- {number: '2', did_numbers: ['+5' , '+6', \"+7\"]}\n"
        )

    def test_that_become_empty_or_begin(self) -> None:
        before = "trunks:\n- number: '1'\n  did_numbers:  # all\n  - '+1'\n  - '+2'\n- number: '2'\n  did_numbers: []\n"
        actual = "trunks: [{number: '1', did_numbers: []}, {number: '2', did_numbers: ['+1', '+2']}]"
        made = adopted(actual, before)
        assert content(made) == (
            "trunks:\n- number: '1'\n  did_numbers: []  # all\n- number: '2'\n  did_numbers:\n  - \"+1\"\n  - \"+2\"\n"
        )

    QUEUE = (
        "queues:\n- number: '800'\n  polling_strategy: Hunt\n  agents:\n  # first\n  - number: '1'  # one\n"
        "  # second\n  - number: '2'\n    skill_group: a  # s\n\n  - {number: '3'}\n"
    )

    def test_of_structures_item_by_item(self) -> None:
        before = self.QUEUE.replace("Hunt", "RingAll")
        actual = (
            "queues: [{number: '800', polling_strategy: RingAll, agents: "
            "[{number: '4'}, {number: '2', skill_group: b}, {number: '3'}]}]"
        )
        made = adopted(actual, before)
        expected = before.replace("  - number: '1'  # one\n", "").replace("skill_group: a", "skill_group: b")
        assert content(made) == expected + '  - {number: "4"}\n'
        assert {(one.option, one.actual is None) for one in made.adopted} >= {("agents[0]", True)}

    def test_a_new_item_is_written_without_what_the_defaults_of_items_say(self) -> None:
        before = (
            "defaults:\n  users:\n    groups:\n      rights: {can_barge_in: null, show_my_calls: true}\n"
            "      transcription_mode: null\n"
            "users:\n- number: '100'\n  groups:\n  - group: A\n    rights: {role_name: users}\n"
        )
        item = "group: B, transcription_mode: null, rights: {role_name: %s, can_barge_in: %s, show_my_calls: true}"
        actual = "users: [{number: '100', groups: [{%s}]}]" % (item % ("managers", "null"))
        made = adopted(actual, before)
        item_in_file = "  - group: B\n    rights:\n      role_name: managers\n"
        assert content(made) == before.partition("  - group: A")[0] + item_in_file
        kept = "group: A, transcription_mode: null, rights: {role_name: users, can_barge_in: null, show_my_calls: true}"
        other = f"users: [{{number: '100', groups: [{{{kept}}}, {{{item % ('users', 'true')}}}]}}]"
        assert content(adopted(other, before)).startswith(before)
        assert "transcription_mode" not in content(adopted(other, before)).removeprefix(before)
        assert "can_barge_in: true" in content(adopted(other, before)).removeprefix(before)

    def test_are_told_as_in_a_plan(self) -> None:
        before = "users:\n- number: '100'\n  groups:\n  - group: A\n  - group: C\n"
        actual = (
            "users: [{number: '100', groups: [{group: C}, {group: B, rights: {role_name: users, can_barge_in: null}}]}]"
        )
        lines = [told(one).partition("  (")[0].partition(" (")[0] for one in adopted(actual, before).adopted]
        assert lines == [
            'user 100 groups[A]: {"group": "A"} -> absent',
            'user 100 groups[B]: absent -> {"group": "B", "rights": {"role_name": "users"}}',
        ]

    def test_of_structures_in_another_order(self) -> None:
        actual = (
            "queues: [{number: '800', polling_strategy: Hunt, agents: "
            "[{number: '3'}, {number: '2', skill_group: b}, {number: '4'}, {number: '1'}]}]"
        )
        made = adopted(actual, self.QUEUE)
        (queue,) = loaded(after(made, layers_of(self.QUEUE))).definitions
        assert [one["number"] for one in queue.values["agents"]] == ["3", "2", "4", "1"]
        assert "# one" in content(made)
        assert "# s" in content(made)

    def test_the_order_of_inbound_rules(self) -> None:
        rule = "{condition: BasedOnDID, data: '%s', call_type: AllCalls}"
        one, two, three = (rule % data for data in ("+1", "+2", "+3"))
        before = f"trunks:\n- number: '1'\n  routing_rules:\n  - {one}  # 1\n  - {two}  # 2\n"
        made = adopted(f"trunks: [{{number: '1', routing_rules: [{two}, {three}, {one}]}}]", before)
        assert content(made) == f"trunks:\n- number: '1'\n  routing_rules:\n  - {two}  # 2\n  - {one}  # 1\n"


class TestObjects:
    FILES: ClassVar = {
        "d/sales.yml": b"# Sales\nusers:\n- number: '100'\n  primary_group: Sales\n# about 104\n- number: '104'\n"
        b"  primary_group: Sales\n",
        "d/help.yml": b"users:\n- {number: '200', primary_group: Help}\n",
        "defaults.yml": b"defaults: {users: {language: EN}}\n",
    }

    def test_new_ones_are_added_where_their_siblings_are(self) -> None:
        actual = "users:\n" + "".join(
            f"- {{number: '{number}', primary_group: {group}, language: {language}}}\n"
            for number, group, language in (
                ("100", "Sales", "EN"), ("102", "Sales", "EN"), ("104", "Sales", "EN"), ("200", "Help", "EN"),
                ("201", "Help", "DE"), ("300", "New", "EN"),
            )
        )  # fmt: skip
        made = adopted(actual, dict(self.FILES))
        assert content(made, "a/d/sales.yml") == (
            "# Sales\nusers:\n- number: '100'\n  primary_group: Sales\n- number: \"102\"\n  primary_group: Sales\n"
            "# about 104\n- number: '104'\n  primary_group: Sales\n"
        )
        assert content(made, "a/d/help.yml").endswith('- {number: "201", primary_group: Help, language: DE}\n')
        assert content(made, "a/departments/new.yml") == 'users:\n- number: "300"\n  primary_group: New\n'
        assert made.added == ["user 102", "user 201", "user 300"]

    def test_a_new_one_without_a_default_says_so(self) -> None:
        made = adopted("users: [{number: '1', mobile: '+1'}]", "defaults: {users: {language: EN}}\nusers: []\n")
        assert content(made).endswith('users:\n- number: "1"\n  mobile: "+1"\n  language:\n    remove: true\n')
        (user,) = loaded(after(made, layers_of("defaults: {users: {language: EN}}\nusers: []\n"))).definitions
        assert user.values == {"number": "1", "mobile": "+1"}

    def test_missing_ones_stay_unless_they_are_to_go(self) -> None:
        actual = "users: [{number: '100', primary_group: Sales, language: EN}]"
        made = adopted(actual, dict(self.FILES))
        assert [one.reason for one in made.conflicts] == [Reason.MISSING] * 2
        assert not made.files
        made = adopted(actual, dict(self.FILES), missing="remove")
        assert content(made, "a/d/sales.yml") == "# Sales\nusers:\n- number: '100'\n  primary_group: Sales\n"
        assert content(made, "a/d/help.yml") == "users: []\n"
        assert made.removed == ["user 104", "user 200"]

    def test_settings_and_first_objects_of_a_kind_get_their_section(self) -> None:
        actual = (
            "console_restrictions: {ip_whitelist: ['10.0.0.1']}\nqueues: [{number: '800', name: Q}]\n"
            "users: [{number: '1'}]\n"
        )
        files = {"system/console_restrictions.yml": b"# ours", "q.yml": b"queues: []  # none\n", "u.yml": b"users:\n"}
        made = adopted(actual, files)
        expected = '# ours\nconsole_restrictions:\n  ip_whitelist:\n  - "10.0.0.1"\n'
        assert content(made, "a/system/console_restrictions.yml") == expected
        assert content(made, "a/q.yml") == 'queues:  # none\n- number: "800"\n  name: Q\n'
        assert content(made, "a/u.yml") == 'users:\n- number: "1"\n'


class TestDecisions:
    def test_expressions(self) -> None:
        files = {"vars.yml": b"who: Ann\n", "x.yml": b"users:\n- number: '100'\n  first_name: '{{ who }}'  # c\n"}
        actual = "users: [{number: '100', first_name: Bea}]"
        made = adopted(actual, dict(files))
        (conflict,) = made.conflicts
        assert (conflict.reason, conflict.why) == (Reason.VARIABLE, "it is written as {{ who }}")
        assert conflict.choices == ("--variables replace", "--variables change")
        assert not made.files
        assert not made.adopted
        made = adopted(actual, dict(files), variables="replace")
        assert content(made).endswith("  first_name: Bea  # c\n")

    @pytest.mark.parametrize(
        ("variables", "written", "there", "expected"),
        [
            ("who: Ann  # boss\n", "{{ who }}", "Bea", "who: Bea  # boss\n"),
            ("who: {first: 'Ann', last: L}\n", "{{who.first}}", "'0123'", 'who: {first: "0123", last: L}\n'),
            ("who: Ann\nother: '{{ who }}'\n", "{{ who }}", "Bea", "it is used at vars.yml:2:8 as well"),
            ("who: Ann\n", "{{ who }} L", "Bea", "{{ who }} L is more than a variable"),
            ("who: Ann\n", "{{ who }}", "null", "a variable is a text, not null"),
            ("who: '{{ x }}'\nx: Ann\n", "{{ who }}", "Bea", "it is defined as {{ x }}"),
        ],
    )  # fmt: skip
    def test_a_variable_changes_if_nothing_else_uses_it(
        self, variables: str, written: str, there: str, expected: str
    ) -> None:
        users = f"users:\n- number: '100'\n  first_name: '{written}'  # c\n"
        actual = f"users: [{{number: '100', first_name: {there}}}]"
        made = adopted(actual, {"vars.yml": variables.encode(), "x.yml": users.encode()}, variables="change")
        if made.files:
            assert list(made.files) == [Path("a/vars.yml")]
            assert content(made, "a/vars.yml") == expected
            assert [one.place.file for one in made.adopted if one.place] == ["vars.yml"]
            return
        (conflict,) = made.conflicts
        assert (conflict.reason, conflict.choices) == (Reason.UNCHANGEABLE, ("--variables replace",))
        assert expected in conflict.why

    USES = (
        "users:\n- {number: '100', mobile: '{{ site }}'}\n- {number: '101', mobile: '{{ site }}'}\n"
        "queues: [{number: '800', ring_timeout: '{{ seconds }}'}]\n"
    )

    def test_a_variable_changes_if_all_that_use_it_agree(self) -> None:
        files = {"vars.yml": b"site: '+1'\nseconds: 20\n", "x.yml": self.USES.encode()}
        actual = "users: [{number: '100', mobile: '+2'}, {number: '101', mobile: '%s'}]\n"
        made = adopted(actual % "+2" + "queues: [{number: '800', ring_timeout: 33}]", dict(files), variables="change")
        assert not made.conflicts
        assert content(made, "a/vars.yml") == 'site: "+2"\nseconds: 33\n'
        assert len(made.adopted) == 3
        again = after(made, layers_of(dict(files)))
        assert not adopted(actual % "+2" + "queues: [{number: '800', ring_timeout: 33}]", dict(again[0].sources)).files
        made = adopted(actual % "+3" + "queues: [{number: '800', ring_timeout: 20}]", dict(files), variables="change")
        assert [one.why for one in made.conflicts] == ["site: the values that use it become different ones"] * 2
        made = adopted(actual % "+1" + "queues: [{number: '800', ring_timeout: 20}]", dict(files), variables="change")
        assert [one.why for one in made.conflicts] == ["site: it is used at x.yml:3:27 as well"]
        assert not made.files

    def test_a_variable_of_a_shared_layer(self) -> None:
        shared, own = {"vars.yml": b"who: Ann\n"}, {"x.yml": b"users: [{number: '100', first_name: '{{ who }}'}]\n"}
        actual = "users: [{number: '100', first_name: Bea}]"
        made = adopted(actual, dict(shared), dict(own), variables="change")
        assert [(one.reason, str(one.value.place)) for one in made.conflicts] == [(Reason.SHARED, "a/vars.yml:1:6")]
        made = adopted(actual, dict(shared), dict(own), variables="change", shared="change")
        assert (list(made.files), content(made, "a/vars.yml")) == ([Path("a/vars.yml")], "who: Bea\n")
        for more, expected in (({}, "who: Bea\n"), ({"vars.yml": b"# own\nx: 1"}, "# own\nx: 1\nwho: Bea")):
            made = adopted(actual, dict(shared), own | more, variables="change", shared="override")
            assert (list(made.files), content(made, "b/vars.yml")) == ([Path("b/vars.yml")], expected)
            assert not made.conflicts

    SHARED = (
        "users:\n- number: '100'\n  mobile: '+1'\n"
        "queues:\n- number: '800'\n  agents: [{number: '1'}, {number: '2', skill_group: a}]\n"
    )
    ACTUAL = (
        "users: [{number: '100', mobile: '+2'}]\n"
        "queues: [{number: '800', agents: [{number: '2', skill_group: b}, {number: '3'}]}]\n"
    )

    def test_values_of_a_shared_layer_are_kept(self) -> None:
        made = adopted(self.ACTUAL, self.SHARED, "users: []\n")
        assert {one.reason for one in made.conflicts} == {Reason.SHARED}
        assert len(made.conflicts) == 4
        assert not made.files

    def test_or_overridden(self) -> None:
        made = adopted(self.ACTUAL, self.SHARED, "# acme\nusers: []\n", shared="override")
        assert not made.conflicts
        assert list(made.files) == [Path("b/x.yml"), Path("b/queues.yml")]
        assert content(made, "b/x.yml") == '# acme\nusers:\n- number: "100"\n  mobile: "+2"\n'
        assert content(made, "b/queues.yml") == (
            'queues:\n- number: "800"\n  agents:\n  - number: "1"\n    remove: true\n  - number: "3"\n'
            '  - number: "2"\n    skill_group: b\n'
        )
        again = after(made, layers_of(self.SHARED, "# acme\nusers: []\n"))
        assert not adopted(self.ACTUAL, *(dict(layer.sources) for layer in again)).files

    def test_or_changed_where_they_are(self) -> None:
        made = adopted(self.ACTUAL, self.SHARED, "users: []\n", shared="change")
        assert content(made) == self.SHARED.replace("'+1'", '"+2"').replace("{number: '1'}, ", "").replace(
            "skill_group: a}", 'skill_group: b}, {number: "3"}'
        )
        assert list(made.files) == [Path("a/x.yml")]

    def test_defaults_of_a_shared_layer(self) -> None:
        texts = ("defaults: {users: {language: EN}}\n", "users:\n- number: '100'\n")
        actual = "users: [{number: '100', language: DE}]"
        (conflict,) = adopted(actual, *texts).conflicts
        assert str(conflict.value.place).startswith("a/x.yml:1")
        made = adopted(actual, *texts, shared="override")
        assert content(made, "b/x.yml") == "users:\n- number: '100'\n  language: DE\n"

    def test_a_missing_object_of_a_shared_layer_is_removed_from_the_last_one(self) -> None:
        made = adopted("users: []", "users: [{number: '100'}]\n", "users: []\n", missing="remove", shared="override")
        assert content(made, "b/x.yml") == 'users:\n- number: "100"\n  remove: true\n'

    @pytest.mark.parametrize(
        "text",
        [
            "queues:\n- number: '800'\n  forward_no_answer: &f {to: VoiceMail, number: '1'}\n"
            "- number: '801'\n  forward_no_answer: *f\n",
            "queues:\n- &q\n  number: '800'\n  forward_no_answer: {to: VoiceMail, number: '1'}\n"
            "- <<: *q\n  number: '801'\n",
        ],
    )
    def test_aliases_and_merge_keys_are_left_and_told(self, text: str) -> None:
        actual = (
            "queues: [{number: '800', forward_no_answer: {to: VoiceMail, number: '1'}},"
            " {number: '801', forward_no_answer: {to: VoiceMail, number: '2'}}]"
        )
        made = adopted(actual, text)
        assert [one.reason for one in made.conflicts] == [Reason.TEXT]
        assert not made.files
        assert not made.adopted

    def test_credentials_and_names_are_never_written(self) -> None:
        canary = "canary-5d1e"  # invented
        text = "tenant_properties: [{name: A, value: plain}]\n"
        made = adopted(f"tenant_properties: [{{name: A, value: {canary}}}]", text)
        assert [one.reason for one in made.conflicts] == [Reason.CREDENTIAL]
        assert canary not in repr(made)


class TestVerification:
    """The changed files are read again: an edit that went wrong is refused."""

    TEXT = "users:\n- number: '100'\n  first_name: A\n  last_name: L\n"

    @pytest.mark.parametrize(
        ("written", "message"),
        [
            ("Wrong", "would not have the value of the PBX at first_name"),
            ("B\n  last_name: M", "last_name is given twice"),
            ("B\n  mobile: '+1'", "would be changed"),
            ("B\n- number: '101'", "user 101 would be declared in addition"),
            ("[", "This is not YAML"),
        ],
    )
    def test_of_a_wrong_edit(self, written: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("pbx_as_code.config.adopting.edit.scalar_text", lambda _: written)
        with pytest.raises(ConfigError, match=message):
            adopted("users: [{number: '100', first_name: B, last_name: L}]", self.TEXT)


class TestStore:
    def test_files_are_written_whole_and_keep_their_permissions(self, tmp_path: Path) -> None:
        file = tmp_path / "x.yml"
        file.write_text("users: [{number: '100', last_name: A}]\n")
        file.chmod(0o640)
        link = tmp_path / "link.yml"
        link.symlink_to(file)
        made = adopted("users: [{number: '100', last_name: B}]", file.read_text())
        ((_, contents),) = made.files.items()
        made.files = {link: contents}
        store(made)
        assert link.is_symlink()
        assert file.read_text() == "users: [{number: '100', last_name: B}]\n"
        assert file.stat().st_mode & 0o777 == 0o640
        assert {one.name for one in tmp_path.iterdir()} == {"x.yml", "link.yml"}

    def test_nothing_is_written_if_a_file_was_changed_meanwhile(self, tmp_path: Path) -> None:
        made = adopted("users: [{number: '100', last_name: B}]", "users: [{number: '100', last_name: A}]\n")
        ((_, contents),) = made.files.items()
        file = tmp_path / "x.yml"
        file.write_text("changed")
        made.files = {tmp_path / "new.yml": (None, b"new"), file: contents}
        with pytest.raises(BadOption, match="was changed meanwhile"):
            store(made)
        assert [one.name for one in tmp_path.iterdir()] == ["x.yml"]
