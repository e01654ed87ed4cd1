"""A PBX whose release is newer than this software: values that no description has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from pbx_as_code.config.checks import check
from pbx_as_code.config.export import Export, export
from pbx_as_code.config.loader import load_sources
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


def test_an_export_leaves_out_what_no_file_can_declare_and_says_it(at: Site) -> None:
    made = exported(at)
    assert made.unknown == [
        "queue 800 polling_strategy NewStrategy", "queue 800 forward_no_answer.to NewDestination"
    ]  # fmt: skip
    files = load_sources([(path, text.encode()) for path, text in made.files.items()])
    assert check(files) == []
    assert "queues" in made.contents["pbx.yml"]["pbx"]["complete"]
    planned = at.plan(files)
    assert (planned.operations, planned.impossible, planned.unmanaged) == ([], [], [])


def test_an_object_that_cannot_be_told_from_others_is_left_out(at: Site) -> None:
    rule = at.simulated.entities("InboundRules")[0]
    at.simulated.put("InboundRules", {"Id": rule["Id"], "Condition": "NewCondition"})
    made = exported(at)
    assert "inbound_rules" not in made.contents["pbx.yml"]["pbx"]["complete"]
    assert made.counts["inbound_rules"] == len(at.simulated.entities("InboundRules")) - 1
    files = load_sources([(path, text.encode()) for path, text in made.files.items()])
    assert check(files) == []
    assert at.plan(files).operations == []


def test_a_new_value_is_not_adopted_but_told(at: Site, threecx: Threecx, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("queues: [{number: '800', polling_strategy: RingAll, ring_timeout: 7}]\n")
    done = threecx("export", str(tmp_path), "--only-drift", pbx=at.simulated)
    assert (done.status, "does not know the value" in done.out) == (2, True)
    assert (
        tmp_path / "a.yml"
    ).read_text() == "queues: [{number: '800', polling_strategy: RingAll, ring_timeout: 30}]\n"
    added = threecx("export", str(tmp_path), "--include", "queues", pbx=at.simulated)
    assert added.status == 2
    assert threecx("validate", str(tmp_path)).status == 0


def test_every_choice_that_the_descriptions_have_is_known(at: Site) -> None:
    at.simulated.reset()
    assert exported(at).unknown == []
