"""A configuration as one structure: a number or truth value is never taken for a text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pbx_as_code.config.loader import load, load_sources
from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.config.structure import as_structure, load_structure
from pbx_as_code.config.values import Secret

CANARY = "CANARY-s7ruct"  # invented


def user(**options: Any) -> dict[str, Any]:
    return {"users": [{"number": "100", **options}]}


def test_it_is_typed_as_files_are() -> None:
    found = load_structure(
        {
            "defaults": {"users": {"enabled": True}},
            "users": [{"number": 100, "mobile": "+15550133", "first_name": "{{ no_expression }}", "last_name": None}],
            "inbound_rules": [],
        }
    )
    [one] = found.definitions
    expected = {"enabled": True, "number": "100", "mobile": "+15550133", "last_name": None}
    assert one.values == {**expected, "first_name": "{{ no_expression }}"}
    assert str(one.place) == "config.users[0]"
    assert str(one.place_of("mobile")) == "config.users[0].mobile"


def test_a_structure_joins_what_files_hold() -> None:
    contents: list[dict[str, Any]] = [
        {"users": [{"number": "100"}]},
        {"users": [{"number": "101", "auth_password": Secret("one")}], "mail_settings": {"mail_user": "a"}},
    ]
    assert as_structure(contents) == {
        "users": [{"number": "100"}, {"number": "101", "auth_password": {"secret": "one"}}],
        "mail_settings": {"mail_user": "a"},
    }
    assert load_structure(as_structure(contents)).definitions[1].values["auth_password"] == Secret("one")


@pytest.mark.parametrize(
    ("config", "place", "why"),
    [
        ([], "config", "a structure whose keys are kinds"),
        ({"usrs": []}, "config.usrs", "did you mean users?"),
        (user(mobil="1"), "config.users[0].mobil", "did you mean mobile?"),
        (user(mobile=15550133), "config.users[0].mobile", "put it in quotes"),
        (user(first_name=1.10), "config.users[0].first_name", "put it in quotes"),
        (user(phones=[{"mac_address": 112233445566}]), "config.users[0].phones[0].mac_address", "put it in quotes"),
        (
            user(blf_keys=[{"position": 1, "type": "CustomSpeedDial", "number": 15550133}]),
            "config.users[0].blf_keys[0].number",
            "put it in quotes",
        ),
        (user(first_name=False), "config.users[0].first_name", "is not true or false"),
        (user(enabled="maybe"), "config.users[0].enabled", "true or false"),
        (user(auth_password=CANARY), "config.users[0].auth_password", "is a credential"),
        (user(vm_pin=1234), "config.users[0].vm_pin", "is a credential"),
        (user(srtp_mode=True), "config.users[0].srtp_mode", "Put it in quotes"),
        ({"queues": [{"number": "800"}, {"number": "800"}]}, "config.queues[1]", "config.queues[0]"),
        ({"users": "100"}, "config.users", "needs a list"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(config: Any, place: str, why: str) -> None:
    with pytest.raises(ConfigError) as failed:
        load_structure(config)
    [problem] = failed.value.problems
    assert str(problem).startswith(f"{place}: ")
    assert why in problem.message
    assert CANARY not in str(failed.value)


def test_a_number_in_a_file_is_the_text_that_was_written() -> None:
    [one] = load_sources([("a.yml", b"users:\n- number: 100\n  mobile: 0123\n")]).definitions
    assert one.values["mobile"] == "0123"


def test_a_single_file_is_a_configuration(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("users:\n- number: 100\n")
    (tmp_path / "b.yml").write_text("users:\n- number: 101\n")
    assert [one.title for one in load(tmp_path / "a.yml").definitions] == ["user 100"]
    assert len(load(tmp_path).definitions) == 2


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    link = tmp_path / "a.yml"
    link.symlink_to(tmp_path / "nothing")
    with pytest.raises(ConfigError, match=r"a\.yml:1:1: This is a link to a file that is missing"):
        load(tmp_path)
    link.unlink()
    (tmp_path / "b.yml").write_text("users: []\n")
    path = tmp_path / "b.yml"
    original = Path.read_bytes

    def unreadable(self: Path) -> bytes:
        if self == path:
            raise PermissionError(13, "Permission denied")
        return original(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "read_bytes", unreadable)
        with pytest.raises(ConfigError, match=r"b\.yml:1:1: It cannot be read: Permission denied"):
            load(tmp_path)
