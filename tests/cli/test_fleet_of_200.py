"""A standard over 200 PBXs with three deliberate exceptions: drift shows exactly what deviates from both."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pbx_simulator import AS_SEEN, SimulatedFleet, SimulatedPbx
from tests.cli.conftest import Threecx

_COUNT = 200
_LARGEST = 5_000_000  # bytes of the page
_SEED = {
    "Users": [{"$times": 2, "$from": 100, "Number": "{n}", "Language": "DE"}],
    "AntiHackingSettings": {"HackAuthRequests": 37},
}
_STANDARD = """\
# Everything that all customers have in common.
anti_hacking_settings:
  hack_auth_requests: 37
users:
- {number: "100", language: DE}
- number: "101"
  language: DE
"""
_EXCEPTIONS = {
    "pbx017": 'users:\n- {number: "100", language: FR}\n',
    "pbx093": "anti_hacking_settings: {hack_auth_requests: 25}\n",
    "pbx188": 'users:\n- !remove {number: "101"}\n',
}
_STATE: dict[str, tuple[tuple[str, Any], ...]] = {
    "pbx017": (("100", "IT"),),  # neither the standard's DE nor the exception's FR
    "pbx042": (("101", "ES"), ("", 12)),
    "pbx093": (("", 25),),  # as the exception says
    "pbx188": (("101", "ES"),),  # undeclared by the exception
}
"""Languages of users by number; without a number, the failed sign-ins after which an address is blocked."""
_DRIFT = {
    ("pbx017", "user 100", "language", "IT", "FR", "pbx017/own.yml:2:29"),
    ("pbx042", "anti_hacking_settings", "hack_auth_requests", 12, 37, "standard/all.yml:3:23"),
    ("pbx042", "user 101", "language", "ES", "DE", "standard/all.yml:7:13"),
}


@pytest.fixture(scope="module")
def simulated() -> Iterator[SimulatedFleet]:
    with SimulatedFleet(_COUNT, traits=AS_SEEN, seed=_SEED) as pbxs:
        yield pbxs


def test_exactly_the_settings_that_deviate_are_shown(
    simulated: SimulatedFleet, threecx: Threecx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _declare(simulated)
    page = Path("drift.html")
    secret = simulated[0].client_secret
    done = threecx("drift", "--fleet", "fleet.yml", "--html", "drift.html", "--json", "--pbxs", "16", SECRET=secret)
    assert done.status == 2, [one["why"] for one in done.json["pbxs"] if one["why"]]
    states = {one["name"]: one["state"] for one in done.json["pbxs"]}
    assert (len(states), {name for name, state in states.items() if state != "equal"}) == (200, {"pbx017", "pbx042"})
    told = {
        (pbx["name"], *_told(operation, change))
        for pbx in done.json["pbxs"]
        for operation in pbx["plan"]["operations"]
        for change in operation["changes"]
    }
    assert told == _DRIFT
    shown = {(name, *row[1:]) for name, rows in _tables(page.read_text()) for row in rows}
    assert shown == {(name, option, _as_shown(old), _as_shown(new), at) for name, _, option, old, new, at in _DRIFT}
    assert len(page.read_bytes()) < _LARGEST
    assert not any(pbx.writes for pbx in simulated)


def _declare(pbxs: SimulatedFleet) -> None:
    """Write fleet.yml and the layers, and bring the PBXs to their state."""
    Path("standard").mkdir()
    Path("standard", "all.yml").write_text(_STANDARD)
    named: dict[str, dict[str, Any]] = {f"pbx{number:03}": {"url": pbx.url} for number, pbx in enumerate(pbxs)}
    for name, text in _EXCEPTIONS.items():
        Path(name).mkdir()
        Path(name, "own.yml").write_text(text)
        named[name]["layers"] = [name]
    for name, state in _STATE.items():
        for number, value in state:
            _change(pbxs[int(name.removeprefix("pbx"))], number, value)
    said = {
        "defaults": {"client_id": pbxs[0].client_id, "client_secret_env": "SECRET", "layers": ["standard"]},
        "pbxs": named,
    }
    Path("fleet.yml").write_text(yaml.safe_dump(said))


def _change(pbx: SimulatedPbx, number: str, value: Any) -> None:
    if number:
        user = next(row for row in pbx.entities("Users") if row["Number"] == number)
        pbx.put("Users", {"Id": user["Id"], "Language": value})
    else:
        pbx.put("AntiHackingSettings", {"HackAuthRequests": value})


def _told(operation: dict[str, Any], change: dict[str, Any]) -> tuple[Any, ...]:
    at = change["place"]
    place = f"{at['layer']}/{at['file']}:{at['line']}:{at['column']}"
    option = ".".join(map(str, change["path"]))
    return (" ".join([operation["kind"], *operation["identity"]]), option, change["old"], change["new"], place)


def _as_shown(value: Any) -> str:
    return json.dumps(value)


def _tables(text: str) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Name of each PBX on the page with the cells of its rows."""
    for part in re.findall(r"<details.*?</details>", text, re.DOTALL):
        [name] = re.findall(r"<summary>(\S+)", part)
        rows = re.findall(r"<tr data-kind.*?</tr>", part, re.DOTALL)
        yield name, [tuple(map(html.unescape, re.findall(r"<td[^>]*>(.*?)</td>", row))) for row in rows]
