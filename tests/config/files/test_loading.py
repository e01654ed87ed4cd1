"""Files as a configuration: places, types, defaults, markers, variables, and everything that is wrong said at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pbx_as_code.config.configuration import Configuration
from pbx_as_code.config.loader import load, load_sources
from pbx_as_code.config.nodes import ConfigError, Place
from pbx_as_code.config.values import Secret


def loaded(**files: str) -> Configuration:
    return load_sources([(f"{name}.yml", text.encode()) for name, text in files.items()])


def problems(**files: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loaded(**files)
    return [str(problem) for problem in caught.value.problems]


def only(configuration: Configuration) -> dict[str, Any]:
    (definition,) = configuration.definitions
    return definition.values


class TestTypes:
    @pytest.mark.parametrize(
        "written", ["0123", "+4930123", "10:30", "off", "1e3", "0x10", "2026-01-31", "yes", "1_000"]
    )
    def test_a_plain_scalar_stays_what_was_written_where_the_option_is_a_text(self, written: str) -> None:
        assert only(loaded(a=f"users:\n- number: {written}\n  first_name: {written}\n")) == {
            "number": written,
            "first_name": written,
        }

    def test_the_description_decides(self) -> None:
        text = "queues:\n- number: 800\n  ring_timeout: 020\n  recording: Disabled\n  priority_queue: off\n  name: ~\n"
        with_types = only(loaded(a=text.replace("  recording: Disabled\n", "")))
        assert with_types == {"number": "800", "ring_timeout": 20, "priority_queue": False, "name": None}

    def test_quotes_make_null_a_text(self) -> None:
        assert only(loaded(a="users:\n- number: 100\n  first_name: 'null'\n"))["first_name"] == "null"

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("ring_timeout: soon", "a.yml:3:17: ring_timeout is a whole number, not soon."),
            ("ring_timeout: 99999999999", "ring_timeout is a number from -2147483648 to 2147483647"),
            ("priority_queue: maybe", "priority_queue is true or false, not maybe."),
            (
                "polling_strategy: RingAl",
                "There is no choice for polling_strategy called RingAl; did you mean RingAll or ",
            ),
            ("agents: 100", "agents needs a list."),
            ("state: absent", "leave it out and consent with --remove KIND:NAME."),
            ("lists: add", "lists is an option of tasks that change one object, not of a declaration."),
            ("forward_no_answer: 100", "forward_no_answer needs a structure with to"),
            (
                "ring_timout: 20",
                "a.yml:3:3: There is no option of a queue called ring_timout; did you mean ring_timeout or ",
            ),
            ("id: 20", "id of a queue is set by the PBX and cannot be declared. Remove it."),
            ("name: !secret x", "name of a queue holds no credential, so it takes no secret."),
            ("agents: [{numbr: 100}]", "There is no option of a queue in agents called numbr; did you mean number?"),
        ],
    )
    def test_what_does_not_fit_is_said_with_its_place(self, line: str, message: str) -> None:
        (problem,) = problems(a=f"queues:\n- number: 800\n  {line}\n")
        assert message in problem
        assert problem.startswith("a.yml:3:")

    def test_what_names_an_object_has_no_default_but_for_a_part_of_a_name(self) -> None:
        (problem,) = problems(a="defaults: {queues: {number: 800}}\n")
        assert "number tells one queue from another: it has no default" in problem
        (contact,) = loaded(
            a="defaults: {contacts: {company_name: Ours}}\n", b="contacts: [{last_name: Ray}]\n"
        ).definitions
        assert contact.values["company_name"] == "Ours"

    def test_each_section_has_its_form(self) -> None:
        forms = {
            "$ANSIBLE_VAULT;1.1;AES256\n6132": "Ansible Vault has encrypted this file",
            "users: {a: 1}": "users needs a list.",
            "users: [x]": "Each of users needs a structure of options.",
            "mail_settings: [x]": "mail_settings needs a structure of options.",
            "defaults: [x]": "defaults needs a structure whose keys are kinds.",
            "defaults: {users: [x]}": "The defaults of users need a structure of options.",
            "defaults: {mail_settings: {}}": "kind with defaults",
            "required: [x]": "required needs a structure whose keys are kinds.",
            "required: {prompt_sets: x}": "required.prompt_sets needs a list of names.",
            "required: {prompt_sets: [[x]]}": "Each of required.prompt_sets is a name.",
            "pbx: [x]": "pbx needs a structure.",
            "pbx: {url: [x]}": "pbx.url is one value.",
            "pbx: {complete: [user]}": "did you mean users?",
        }
        for text, message in forms.items():
            (problem,) = problems(a=f"{text}\n")
            assert message in problem, text
            assert problem.startswith("a.yml:1:"), text

    def test_times_are_checked(self) -> None:
        text = "office_hours:\n  hours:\n    periods:\n    - {day_of_week: Monday, start: 25:00, stop: 17:00}\n"
        (problem,) = problems(a=text)
        assert problem.startswith("a.yml:4:36: hours.periods.start: '25:00' is not a time of day")

    def test_every_problem_of_every_file_is_said(self) -> None:
        found = problems(a="users:\n- number: 100\n  nme: x\nqueus: []\n", b="- x\n", c="a: [\n")
        assert [problem.split(": ")[0] for problem in found] == ["a.yml:3:3", "a.yml:4:1", "b.yml:1:1", "c.yml:2:1"]
        assert "did you mean queues?" in found[1]


class TestDefinitions:
    def test_an_object_that_is_defined_twice_names_both_places(self) -> None:
        (problem,) = problems(a="users:\n- number: 100\n", b="users:\n\n- number: '100'\n")
        assert problem == "b.yml:3:3: user 100 is defined twice; the first is at a.yml:2:3."

    def test_so_do_settings(self) -> None:
        (problem,) = problems(a="mail_settings: {mail_user: a}\n", b="mail_settings: {mail_user: b}\n")
        assert problem.startswith("b.yml:1:16: mail settings")

    def test_equal_contacts_in_one_list_are_twins_and_in_two_files_a_mistake(self) -> None:
        text = "contacts:\n- last_name: Ray\n- last_name: Ray\n- last_name: Day\n"
        assert [one.twin for one in loaded(a=text).definitions] == [0, 1, 0]
        assert len(problems(a=text, b="contacts:\n- last_name: Ray\n")) == 1

    def test_an_object_without_what_names_it_is_refused(self) -> None:
        assert "has no number" in problems(a="queues:\n- name: Support\n")[0]

    def test_the_side_that_does_not_own_a_relation_is_refused_with_a_hint(self) -> None:
        (problem,) = problems(a="groups:\n- name: Sales\n  members:\n  - number: 100\n")
        assert problem == (
            "a.yml:3:3: members of a department is not declared here: declare `groups` of each member instead."
        )

    def test_defaults_are_merged_leaf_by_leaf_and_may_stand_anywhere(self) -> None:
        users = "users:\n- number: 100\n  agent_settings: {language: de}\n"
        both = loaded(
            a=users, z="defaults:\n  users:\n    language: EN\n    agent_settings: {voice: x, language: en}\n"
        )
        (user,) = both.definitions
        assert user.values == {
            "number": "100",
            "language": "EN",
            "agent_settings": {"voice": "x", "language": "de"},
        }
        assert user.place_of("language") == Place("z.yml", 3, 15)

    def test_places_reach_into_lists(self) -> None:
        (queue,) = loaded(a="queues:\n- number: 800\n  agents:\n  - number: 100\n  - number: 101\n").definitions
        assert queue.place_of("agents", 1, "number") == Place("a.yml", 5, 13)
        assert queue.place_of("ring_timeout") == Place("a.yml", 2, 3)

    def test_what_the_target_must_have_is_listed(self) -> None:
        assert loaded(a="required:\n  prompt_sets: [English]\n").required == {"prompt_sets": ["English"]}
        assert "custom_prompts" in problems(a="required:\n  custom_prompt: [x]\n")[0]

    def test_any_split_of_a_directory_is_read_and_hidden_files_are_not(self, tmp_path: Path) -> None:
        (tmp_path / "departments").mkdir()
        (tmp_path / ".git").mkdir()
        (tmp_path / ".git" / "x.yml").write_text("nonsense: true\n")
        (tmp_path / "departments" / "sales.yml").write_bytes(b"\xef\xbb\xbfusers:\r\n- number: 100\r\n")
        (tmp_path / "empty.yaml").write_text("# nothing yet\n")
        (user,) = load(tmp_path).definitions
        assert user.place == Place("departments/sales.yml", 2, 3)

    def test_directories_behind_links_are_read_once(self, tmp_path: Path) -> None:
        """Objects of a directory that is left out would pass for deleted ones."""
        (tmp_path / "shared" / "deep").mkdir(parents=True)
        (tmp_path / "shared" / "deep" / "SALES.YML").write_text("users: [{number: '100'}]\n")
        (tmp_path / "acme").mkdir()
        (tmp_path / "acme" / "departments").symlink_to(tmp_path / "shared")
        (user,) = load(tmp_path / "acme").definitions
        assert user.place.file == "departments/deep/SALES.YML"
        (tmp_path / "shared" / "again").symlink_to(tmp_path / "acme")
        with pytest.raises(ConfigError, match=r"departments/again:1:1: This link leads to a directory that is read"):
            load(tmp_path / "acme")


class TestSecrets:
    def test_a_marker_is_no_text(self) -> None:
        trunk = only(loaded(a="trunks:\n- number: 10000\n  auth_password: !secret trunk_main\n"))
        assert trunk["auth_password"] == Secret("trunk_main")
        assert trunk == only(loaded(a="trunks:\n- number: 10000\n  auth_password: {secret: trunk_main}\n"))

    def test_a_credential_in_a_file_is_refused_and_not_repeated(self) -> None:
        (problem,) = problems(a="trunks:\n- number: 10000\n  auth_password: canary-9f\n")  # invented
        assert "auth_password is a credential" in problem
        assert "canary" not in problem


class TestVariables:
    def test_an_expression_becomes_what_the_option_wants(self) -> None:
        text = (
            'queues:\n- number: "{{ base }}"\n  ring_timeout: "{{ base | int - 780 }}"\n'
            '  name: "{{ site|upper }} {{ n[0] }}"\n'
        )
        queue = only(loaded(vars="base: 0800\nsite: kiel\nn: [a, b]\n", a=text))
        assert queue == {"number": "0800", "ring_timeout": 20, "name": "KIEL a"}

    @pytest.mark.parametrize(
        "expression",
        [
            '{{ "%0999999999d" % 1 }}', "{{ 'a' * 999999999 }}", "{{ 9 ** 9 ** 9 }}", "{{ range(9) "
                                                                                      "}}", "{{ x.format(1) }}",
            "{% for a in 'abc' %}{{ a }}{% endfor %}", "{{ x | center(999999999) }}", "{{ y }}", "{{ y | upper }}",
            "{{ [1] }}", "{{ x.upper() }}", "{{", "{% set a = 1 %}",
        ],
    )  # fmt: skip
    def test_what_is_not_bounded_is_refused(self, expression: str) -> None:
        (problem,) = problems(vars="x: a\n", a=f"users:\n- number: 100\n  first_name: {expression!r}\n")
        assert problem.startswith("a.yml:3:15: ")


class TestYaml:
    def test_keys_anchors_and_merges(self) -> None:
        text = "users:\n- &a\n  number: 100\n  last_name: x\n- <<: *a\n  number: 101\n"
        assert [one.values for one in loaded(a=text).definitions] == [
            {"number": "100", "last_name": "x"},
            {"number": "101", "last_name": "x"},
        ]
        assert problems(a="users:\n- number: 1\n  number: 2\n") == [
            "a.yml:3:3: number is given twice; the first is at a.yml:2:3."
        ]

    @pytest.mark.parametrize(
        "text",
        [
            "a: !!python/object:os.system x\n",
            "--- {}\n--- {}\n",
            "a: *b\n",
            "[" * 5000,
            "a: !secret\n",
            "? {a: b}\n: c\n",
            "\x00",
        ],
    )
    def test_what_configurations_have_no_use_for_is_refused(self, text: str) -> None:
        assert problems(a=text)

    def test_aliases_of_aliases_are_counted(self) -> None:
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
        assert "Aliases stand for more values" in problems(a="\n".join(lines))[0]

    def test_what_is_not_utf_8_is_refused(self) -> None:
        with pytest.raises(ConfigError, match=r"a.yml:2:1: This is not UTF-8"):
            load_sources([("a.yml", b"users:\n- number: \xff\n")])

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (
                'users:\n- number: "300\n  x: y\n',
                "a.yml:2:11: This is not YAML: the text in quotes that begins",
            ),
            (
                "users:\n- {number: '300', x: y\n- a: b\n",
                "a.yml:2:3: This is not YAML: the { that begins here has no",
            ),
            ("users: [1\nb: 2\n", "a.yml:1:8: This is not YAML: the [ that begins here has no end before line 2"),
            ("users:\n- number: '3\x000'\n", "a.yml:2:13: This is not YAML: the character U+0000 is not allowed"),
            ("groups:\n- name: Sales: West\n", "quote a text that contains a colon"),
            ('a: "b" c\n', "Check the indentation, and the quotes"),
            ("- a\nb: c\n", "this line continues no list"),
            ('a: "\\y"\n', "write two backslashes for one"),
        ],
    )
    def test_what_is_no_yaml_is_said_where_it_begins(self, text: str, message: str) -> None:
        (problem,) = problems(a=text)
        assert message in problem

    def test_tabs_are_no_indentation(self) -> None:
        assert "Indent with blanks, not with tabs" in problems(a="users:\n-\tnumber: '1'\n\tmobile: x\n")[0]


def test_a_problem_is_one_line_that_no_terminal_obeys() -> None:
    assert problems(a='users: [{"num\\e[31m\\nber": 1}]\n') == [
        r"a.yml:1:9: This user has no number, which tells it from others.",
        r"a.yml:1:10: There is no option of a user called num\x1b[31m ber; did you mean number?",
    ]


@pytest.mark.parametrize("value", ["{a: b}", "[a]"])
def test_a_marker_names_one_secret(value: str) -> None:
    assert (
        "a.yml:1:36: !secret stands before the name of a secret, such as !secret trunk_main, not before values."
        in (problems(a=f"users: [{{number: 1, auth_password: !secret {value}}}]\n")[0])
    )


def test_an_object_that_an_alias_repeats_is_told_as_such() -> None:
    assert problems(a="users:\n- &a {number: 1}\n- *a\n") == [
        "a.yml:2:3: user 1 is defined twice; an alias repeats it."
    ]
