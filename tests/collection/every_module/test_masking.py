"""Credentials are told by the option, for every module, whatever they look like. All of them here are invented."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ansible.module_utils import basic

from ansible_collection.plugins.plugin_utils._arguments import arguments_of
from ansible_collection.plugins.plugin_utils._validate import validate
from pbx_as_code.engine.options.redaction import MASK, cleaner, masked, public_texts, secret_texts
from pbx_simulator import SimulatedPbx
from tests.collection.property_values import CANARY
from tests.collection.shipped import as_a_module
from tests.collection.tree import NAMES
from tests.trust.tasks import runner_of

#: Values that a plain text search would miss, or for which it would damage other values.
VALUES: tuple[Any, ...] = (
    f"{CANARY}",
    f'{CANARY} pa\\ss "quoted" it\'s\nnew line',
    {"x": f"{CANARY}pa\\ss"},
    {f"{CANARY}-as-a-name": 1},
    [f"{CANARY}", [f"{CANARY}"]],
    0,
    "1",
    "178",
)


def specs() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in NAMES:
        arguments = arguments_of(runner_of(name.removeprefix("threecx_")))
        yield name, arguments["argument_spec"]


def secret_paths(spec: Mapping[str, Any], above: tuple[tuple[str, bool], ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Each no_log option with the options it is in, and whether those are lists."""
    for name, option in spec.items():
        path = (*above, (name, option.get("type") == "list"))
        if option.get("no_log"):
            yield path
        if option.get("options"):
            yield from secret_paths(option["options"], path)


def nested(path: tuple[tuple[str, bool], ...], value: Any) -> dict[str, Any]:
    (name, many), *rest = path
    inner = nested(tuple(rest), value) if rest else value
    return {name: [inner] if many and rest else inner}


def test_every_credential_of_every_module_is_hidden_by_its_place() -> None:
    found = 0
    for module, spec in specs():
        for path in secret_paths(spec):
            found += 1
            for value in VALUES:
                shown = json.dumps(masked(spec, nested(path, value)))
                assert CANARY not in shown, (module, path)
                assert MASK in shown, (module, path, value)
            # A structure that is none: the text of one, a list in a list, a text.
            for depth in range(1, len(path)):
                inner = nested(path[depth:], f"{CANARY}pa\\ss")
                for wrong in (json.dumps(inner), str(inner), [[inner]], [json.dumps(inner)], f"x={CANARY}"):
                    options = nested((*path[: depth - 1], (path[depth - 1][0], False)), wrong)
                    assert CANARY not in json.dumps(masked(spec, options)), (module, path, wrong)
    assert found > 800, "each module has the credentials of the connection at least"


def test_what_is_public_stays() -> None:
    spec = arguments_of(runner_of("user"))["argument_spec"]
    options: dict[str, Any] = {
        "number": "178",
        "vm_pin": "178",
        "enabled": True,
        "etag": "178",
        "phones": [{"mac_address": "178", "settings": {"secret": None}}],
        "mobile": None,
        "nonsense": "hidden, since nobody knows what it is",
    }
    shown = masked(spec, options)
    assert shown == {
        **options,
        "vm_pin": MASK,
        "phones": [masked(spec["phones"]["options"], options["phones"][0])],
        "nonsense": MASK,
    }
    assert shown["phones"][0]["mac_address"] == "178"
    assert masked(spec, {"host": f"https://me:{CANARY}@pbx:5001"}) == {"host": f"https://me:{MASK}@pbx:5001"}


def test_free_form_data_is_told_by_names() -> None:
    spec = arguments_of(runner_of("operation"))["argument_spec"]
    body = {"Number": "178", "VMPIN": "178", "Rows": [{"Secret": f"{CANARY}\\"}], "Required2FA": True}
    shown = {"Number": "178", "VMPIN": MASK, "Rows": [{"Secret": MASK}], "Required2FA": True}
    assert masked(spec, {"operation": "UpdateUser", "body": body}) == {"operation": "UpdateUser", "body": shown}
    for text in (json.dumps(body), str(body), f"VMPIN={CANARY}"):
        assert masked(spec, {"body": text}) == {"body": MASK}
    assert masked(spec, {"body": '{"Number": "178"}'}) == {"body": '{"Number": "178"}'}


def test_a_message_keeps_public_values() -> None:
    spec = arguments_of(runner_of("user"))["argument_spec"]
    given = {
        "number": "178",
        "mobile": "+4917812",
        "vm_pin": "1781",
        "auth_password": f"{CANARY}pa\\ss",
        "first_name": "Ann 1781",
    }
    clean = cleaner(secret_texts(spec, given), public_texts(spec, given))
    assert clean("user 178 (Ann 1781), +4917812: 1781 is no PIN") == "user 178 (Ann 1781), +4917812: ******** is no PIN"
    for text in (given, json.dumps(given), [repr(str(given))], given["auth_password"]):
        assert CANARY not in clean(str(text)), text
    same = {"number": "178", "vm_pin": "178"}
    assert cleaner(secret_texts(spec, same), public_texts(spec, same))("user 178: vm_pin") == "user 178: vm_pin"


@pytest.mark.parametrize("value", VALUES[:5], ids=range(5))
def test_a_shipped_module_logs_and_prints_none(
    value: Any, pbx: SimulatedPbx, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """as_a_module checks the output; this test also checks the syslog messages."""
    logged: list[str] = []
    monkeypatch.setattr(
        basic.AnsibleModule, "log", lambda _self, msg, log_args=None: logged.append(f"{msg} {log_args}")
    )
    phones = [{"mac_address": "001122334455", "settings": {"secret": value}, "provisioning_link_ext": value}]
    for options in ({"auth_password": value}, {"phones": phones}, {"phones": str(phones)}, {"mistyped": value}):
        as_a_module("user", pbx, monkeypatch, capsys, number="178", **options)
    as_a_module("fax", pbx, monkeypatch, capsys, number="178", auth_password=value)
    assert CANARY not in "".join(logged)
    assert any("178" in line for line in logged), "what is public is logged"


def test_a_shipped_module_keeps_public_values(
    pbx: SimulatedPbx, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = as_a_module("fax", pbx, monkeypatch, capsys, number="178", auth_password="178", outbound_caller_id="+178")
    assert made["fax"]["number"] == "178"
    assert made["fax"]["outbound_caller_id"] == "+178"
    assert made["diff"]["after"]["number"] == "178"


def test_an_exception_of_ansible_itself_repeats_nothing(
    pbx: SimulatedPbx, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ValueError(f"cannot read {CANARY}")

    monkeypatch.setattr(basic.AnsibleModule, "_log_invocation", broken)
    failed = as_a_module("fax", pbx, monkeypatch, capsys, number="178", auth_password=CANARY)
    assert failed["failed"]
    assert "ValueError" in failed["msg"]


def test_the_message_of_a_refusal_names_no_value() -> None:
    """Ansible's own validation repeats what it cannot convert."""
    for value in VALUES[:5]:
        given = {"host": "x", "number": "178", "id": value, "vm_pin": value, "phones": [[{"secret": value}]]}
        checked = validate("user", arguments_of(runner_of("user")), given)
        assert checked.problem is not None
        assert CANARY not in cleaner(checked.secrets, checked.public)(checked.problem)
