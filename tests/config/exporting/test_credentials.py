"""Parameters and tenant properties: ordinary values are exported and compared, credentials never leave the PBX."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from threecx_xapi import XapiClient

from pbx_as_code import Pbx
from pbx_as_code.config.credentials import may_be_credential
from pbx_as_code.config.export import export
from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.planning.compare import NOT_SHOWN
from pbx_as_code.config.planning.planner import plan
from pbx_as_code.config.reporting import report
from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx

_ORDINARY = [
    ("MUSICONHOLDFILE", "onhold.wav"),
    ("OLDFAXGATEWAY", "192.0.2.99"),
    ("OLD_BANNER", "We are moving"),
    ("PINGINTERVAL", "30"),
    ("PORTAL_URL", "https://www.example.com/help/index.html"),
    ("OPENING", "10:30-11:00"),
    ("ALERTS_TO", "pbx@example.com"),
    ("CODECS", "G711,G722"),
    ("MODE", "MusicOnHold"),
    ("BYPASS", "1"),
    ("ENABLED", True),
    ("EMPTY", ""),
    ("GREETING", "Grüße"),
]
# All invented; they look like credentials on purpose.
_CREDENTIALS = [
    ("SMTPPASSWORD", "canaryword"),
    ("VMPIN", "4711"),
    ("DEFAULTPINOFMAILBOX", "4711"),
    ("SNMPCOMMUNITY", "canaryword"),
    ("WLANPSK", "canaryword"),
    ("CRM_API_KEY", "canaryword"),
    ("LICENSE", "canaryword"),
    ("WEBHOOK", "https://hooks.example.com/T0canary7c1f"),
    ("PROXY", "https://name:canaryword@proxy.example.com"),
    ("VALUE", "canary7c1f"),
    ("VALUE", "cAnArYwo"),
    ("VALUE", "eyJhbGciOi.eyJjYW5hcnki.c2lnbmF0dXJl"),
    ("VALUE", "user=a;password=canaryword"),
    ("VALUE", "-----BEGIN\ncanaryword"),
    ("VALUE", "canaryword" * 30),
    ("VALUE", "abcdefghijklmnopqrstuvwxyz"),
]


def test_names_and_values_tell_credentials_from_ordinary_values() -> None:
    assert [one for one in _ORDINARY if may_be_credential(*one)] == []
    assert [one for one in _CREDENTIALS if not may_be_credential(*one)] == []


@pytest.fixture(params=[AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict"])
def writing(request: pytest.FixtureRequest) -> Iterator[Pbx]:
    with (
        SimulatedPbx(traits=request.param) as simulated,
        XapiClient(simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret) as client,
    ):
        yield Pbx(client)


@pytest.mark.parametrize("kind", ["parameter", "tenant_property"])
def test_ordinary_values_are_exported_and_compared_and_credentials_are_not(writing: Pbx, kind: str) -> None:
    for number, (name, value) in enumerate(_CREDENTIALS):
        writing.ensure(kind, name=f"{name}_{number}" if name == "VALUE" else name, value=value)
    writing.ensure(kind, name="CODECS", value="G711,G722")
    files = export(writing).files
    text = files["parameters.yml"]
    assert 'value: "G711,G722"' in text
    assert text.count("value: !secret") == len(_CREDENTIALS)
    assert not any(value in "".join(files.values()) for name, value in _CREDENTIALS if value != "4711")

    writing.ensure(kind, name="CODECS", value="G729")
    writing.ensure(kind, name="SMTPPASSWORD", value="other")
    configuration = load_sources([(path, content.encode()) for path, content in files.items()])
    made = plan(configuration, writing)
    [operation] = made.operations
    assert [(leaf.old, leaf.new) for leaf in operation.changes] == [("G729", "G711,G722")]

    hidden = [one for one in made.uncompared if one.why == NOT_SHOWN]
    [line] = [line for line in report.text(made).splitlines() if "not compared" in line]
    assert line.startswith(f"? not compared: {len(hidden)} values, because {NOT_SHOWN}: ")
    assert line.endswith(f" and {len(hidden) - 3} more; --json lists all")
    assert len(line) < 250
    assert line.removeprefix("? not compared: ") in report.markdown(made).replace("\\_", "_").replace("\\", "")
    assert len(report.as_json(made)["uncompared"]) == len(made.uncompared)


def test_a_credential_in_the_place_of_an_ordinary_value_is_not_shown(writing: Pbx) -> None:
    files = export(writing).files
    writing.ensure("parameter", name="MUSICONHOLDFILE", value="canary7c1f")
    made = plan(load_sources([(path, content.encode()) for path, content in files.items()]), writing)
    [operation] = made.operations
    assert [leaf.secret for leaf in operation.changes] == [""]
    assert "canary" not in report.text(made) + str(report.as_json(made))
