"""A PBX whose release is newer than this software: values that no description has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from pbx_as_code.config.checks import check, checked
from pbx_as_code.config.export import Export, export
from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.config.planning.plan_file import dump, load_plan
from pbx_simulator import SimulatedPbx
from tests.cli.conftest import Threecx, threecx
from tests.config.applying import Site, site

__all__ = ["threecx"]
DOCUMENT = Path("openapi/xapi-v1.yaml")
NEW = {
    "Pbx.PollingStrategyType": "NewStrategy",
    "Pbx.DestinationType": "NewDestination",
    "Pbx.RuleConditionType": "NewCondition",
}


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedPbx]:
    document = yaml.load(DOCUMENT.read_text(), yaml.CSafeLoader)
    for name, member in NEW.items():
        document["components"]["schemas"][name]["enum"].append(member)
    user = document["components"]["schemas"]["Pbx.User"]["allOf"][1]
    user["properties"]["NewOption"] = {"type": "string", "nullable": True}
    path = tmp_path_factory.mktemp("newer") / "document.json"
    path.write_text(yaml.dump(document, Dumper=yaml.CSafeDumper))
    with SimulatedPbx(document=path) as pbx:
        yield pbx


@pytest.fixture
def at(newer: SimulatedPbx) -> Iterator[Site]:
    newer.reset()
    queue = next(row for row in newer.entities("Queues") if row["Number"] == "800")
    to = {"To": "NewDestination", "Number": "9", "External": ""}
    newer.put("Queues", {"Id": queue["Id"], "PollingStrategy": "NewStrategy", "ForwardNoAnswer": to})
    newer.put("Users", {"Id": newer.entities("Users")[0]["Id"], "NewOption": "new"})
    with site(newer) as found:
        yield found


def exported(at: Site) -> Export:
    return export(at.pbx, own_number=at.simulated.client_id)


def test_an_export_keeps_choices_of_a_newer_release(at: Site) -> None:
    rule = at.simulated.entities("InboundRules")[0]
    at.simulated.put("InboundRules", {"Id": rule["Id"], "Condition": "NewCondition"})
    made = exported(at)
    files = load_sources([(path, text.encode()) for path, text in made.files.items()])
    assert check(files) == []
    assert set(NEW.values()) <= set(files.pbx["undeclared"])
    assert any("queue 800: There is no choice for polling_strategy" in said for said in made.dangling)
    planned = at.plan(checked(files))
    assert (planned.operations, planned.impossible, planned.unmanaged) == ([], [], [])


def test_a_choice_of_a_newer_release_is_adopted(at: Site, threecx: Threecx, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("queues: [{number: '800', polling_strategy: RingAll, ring_timeout: 7}]\n")
    for options in (["--only-drift"], ["--include", "queues"], []):
        assert threecx("export", str(tmp_path), *options, pbx=at.simulated).status == 0
        assert "polling_strategy: NewStrategy, ring_timeout: 30" in (tmp_path / "a.yml").read_text()
        assert threecx("validate", str(tmp_path)).status == 0
        assert threecx("plan", str(tmp_path), pbx=at.simulated).status == 0


def test_a_value_beside_a_new_choice_is_changed_where_the_files_declare_both(at: Site) -> None:
    text = "queues: [{number: '800', forward_no_answer: {to: NewDestination, number: '9', external: '+15550100'}}]\n"
    with pytest.raises(ConfigError):
        load_sources([("a.yml", text.encode())])
    planned = at.plan(checked(load_sources([("a.yml", text.encode())], strict=False)))
    assert planned.impossible == []
    assert any("a.yml:1:50" in hint for hint in planned.hints)
    assert not at.apply(load_plan(dump(planned))[0]).failed
    stored = next(row for row in at.simulated.entities("Queues") if row["Number"] == "800")["ForwardNoAnswer"]
    assert (stored["To"], stored["Number"], stored["External"]) == ("NewDestination", "9", "+15550100")
    new = text.replace(
        "forward_no_answer", "break_route: {route: {to: NewDestination, number: '9'}}, forward_no_answer"
    )
    planned = at.plan(checked(load_sources([("a.yml", new.encode())], strict=False)))
    assert any("a.yml:1:52" in why for *_, why in planned.impossible)
