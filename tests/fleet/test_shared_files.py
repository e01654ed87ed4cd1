"""A standard of many PBXs is parsed once in a run, and each PBX has its own variables and exceptions in it."""

from __future__ import annotations

import gc
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from pbx_as_code.config import parsed
from pbx_as_code.config.planning import planner
from pbx_as_code.config.reader import read_yaml
from pbx_as_code.fleet import homes_of, load_fleet
from pbx_as_code.fleet.running import Outcome, Settings, State, drift, plan
from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedFleet

_STANDARD = {
    "all.yml": "anti_hacking_settings: {hack_auth_requests: 37}\n",
    "users.yml": "users:\n- {number: '100', language: '{{ language }}', groups: &g [{group: DEFAULT}], mobile: '+1'}\n"
    "- {number: '101', language: DE, groups: *g}\n",
}
_OWN = {
    "pbx0": "users:\n- {number: '100', mobile: !remove }\n",
    "pbx1": "anti_hacking_settings: {hack_auth_requests: 12}\n",
    "pbx2": "users:\n- !remove {number: '101'}\n",
}
_LANGUAGES = {"pbx0": "FR", "pbx1": "IT", "pbx2": "ES"}


def _fleet(folder: Path, simulated: SimulatedFleet, secret_of: str) -> Path:
    """Write the layers and fleet.yml."""
    for name, files in {"standard": _STANDARD, **{pbx: {"own.yml": text} for pbx, text in _OWN.items()}}.items():
        (folder / name).mkdir()
        for file, text in files.items():
            (folder / name / file).write_text(text)
    for name, language in _LANGUAGES.items():
        (folder / name / "vars.yml").write_text(f"language: {language}\n")
    said = {
        "defaults": {
            "client_id": simulated[0].client_id, "client_secret_command": ["echo", secret_of], "layers": ["standard"],
        },
        "pbxs": {name: {"url": pbx.url, "layers": [name]} for name, pbx in zip(_OWN, simulated, strict=True)},
    }  # fmt: skip
    (folder / "fleet.yml").write_text(yaml.safe_dump(said))
    return folder / "fleet.yml"


def _told(outcome: Outcome) -> dict[tuple[str, ...], Any]:
    """New values by object and option."""
    assert outcome.plan is not None, outcome.why
    return {
        (operation.kind, *operation.identity, change.option): change.new
        for operation in outcome.plan.operations
        for change in operation.changes
        if change.option in ("language", "mobile", "hack_auth_requests")
    }


@pytest.mark.parametrize("traits", [AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def test_files_of_a_standard_are_parsed_once_and_belong_to_each_pbx(
    traits: frozenset[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: Counter[tuple[str, str]] = Counter()

    def noted(content: bytes, file: str, *, layer: str, marks: bool) -> Any:
        counts[Path(layer).name, file] += 1
        return read_yaml(content, file, layer=layer, marks=marks)

    monkeypatch.setattr(parsed, "read_yaml", noted)
    with SimulatedFleet(3, traits=traits) as simulated:
        fleet = load_fleet(_fleet(tmp_path, simulated, simulated[0].client_secret))
        outcomes = drift(list(fleet.pbxs.values()), Settings(homes=homes_of(fleet)))
    assert counts == dict.fromkeys([("standard", "all.yml"), ("standard", "users.yml")], 1) | {
        (name, file): 1 for name in _OWN for file in ("own.yml", "vars.yml")
    }
    told = {outcome.pbx.name: _told(outcome) for outcome in outcomes}
    for name, language in _LANGUAGES.items():
        assert told[name]["user", "100", "language"] == language
        assert (("user", "100", "mobile") in told[name]) == (name != "pbx0")
        assert (("user", "101", "language") in told[name]) == (name != "pbx2")
        requests = told[name]["anti_hacking_settings", "hack_auth_requests"]
        assert requests == (12 if name == "pbx1" else 37)


@pytest.mark.parametrize("work", [drift, plan])
def test_outcomes_do_not_hold_what_was_read(work: Any, tmp_path: Path) -> None:
    """A fleet has hundreds of PBXs, each with thousands of objects."""
    with SimulatedFleet(3, traits=AS_SEEN) as simulated:
        fleet = load_fleet(_fleet(tmp_path, simulated, simulated[0].client_secret))
        outcomes = work(list(fleet.pbxs.values()), Settings(homes=homes_of(fleet)))
    assert [outcome.state for outcome in outcomes] == [State.DIFFERS] * 3
    made = [outcome.plan for outcome in outcomes if outcome.plan is not None]
    assert len(made) == 3
    gc.collect()
    assert [one for one in gc.get_objects() if isinstance(one, planner._Planner)] == []
    if work is plan:
        assert all(one.fingerprints for one in made), "plan files have them"


def test_a_file_that_changes_during_a_run_is_parsed_again(tmp_path: Path) -> None:
    files = parsed.ParsedFiles([tmp_path])
    first, again, other = (
        files.root(content, tmp_path, "a.yml", "")
        for content in (b"users: []\n", b"users: []\n", b"queues: []\n")
    )  # fmt: skip
    assert first is again
    assert other is not None
    assert list(other.values) == ["queues"]
