"""Another entity is catalogue work: described, generated, accepted and run without a line of code for it."""

from __future__ import annotations

from typing import Any

import yaml

from ansible_collection.plugins.module_utils._module import with_connection
from openapi.codegen import document
from openapi.codegen.modules import catalogue
from openapi.codegen.modules.describe import describe
from openapi.codegen.modules.documentation import modules_of
from openapi.codegen.modules.render import render, render_descriptions
from openapi.codegen.modules.schema import SchemaReader
from pbx_as_code.description import EntityDescription
from pbx_as_code.engine.options import option_specs as _spec
from pbx_as_code.engine.perform import EntityRunner
from pbx_simulator import SimulatedPbx

BLOCKED = yaml.safe_load("""
version_added: 0.2.0
structures:
  BlocklistAddr:
    Id: {description: The id., sample: 1, read_only: true}
    IPAddrMask: {description: The addresses., sample: 192.0.2.0/24}
    AddedBy: {description: Origin of the entry.}
    BlockType: {description: Action for the addresses.}
    Description: {description: Reason for the entry., sample: Scans}
    ExpiresAt: {description: Expiry time., sample: "2030-01-01T00:00:00Z"}
entities:
  blocklist_address:
    entity_set: Blocklist
    plural: blocklist_addresses
    label: block list address
    labels: block list addresses
    description: Manages the addresses a PBX does not talk to.
    natural_keys: [IPAddrMask]
    title: IPAddrMask
    examples: "- name: None"
    info_examples: "- name: None"
""")


def run(entity: EntityDescription, pbx: SimulatedPbx, **options: Any) -> dict[str, Any]:
    given = {
        "host": pbx.url,
        "api_client_id": pbx.client_id,
        "api_client_secret": pbx.client_secret,
        "token_cache": False,
        **options,
    }
    validated = {
        name: option.get("default")
        for name, option in with_connection(_spec.argument_spec(entity))["argument_spec"].items()
    } | given
    runner = EntityRunner(entity, info=False)
    result, _ = runner.perform(given=given, validated=validated, check_mode=False, diff_mode=True)
    assert not result.get("failed"), result["msg"]
    return result


def test_a_further_entity(pbx: SimulatedPbx) -> None:
    reader = SchemaReader(document.load())
    said = catalogue.parse(BLOCKED)
    [kind] = describe(said, reader)
    files = render(list(modules_of(kind)), said)
    assert sorted(files) == [
        "meta/runtime.yml",
        "plugins/modules/threecx_blocklist_address.py",
        "plugins/modules/threecx_blocklist_address_info.py",
        "plugins/modules/threecx_config.py",
        "plugins/modules/threecx_operation.py",
    ]
    assert "version_added: 0.2.0" in files["plugins/modules/threecx_blocklist_address.py"]
    text = render_descriptions([kind])["entities/blocklist_address.py"]
    names: dict[str, Any] = {"__name__": "pbx_as_code.entities.blocklist_address"}
    exec(compile(text, "generated", "exec"), names)
    entity = names["DESCRIPTION"]

    wanted = {"ip_addr_mask": "198.51.100.0/24", "description": "Scans", "expires_at": "2030-01-01T00:00:00Z"}
    assert run(entity, pbx, **wanted, state="present")["changed"]
    assert [row["Description"] for row in pbx.entities("Blocklist") if row["IPAddrMask"] == "198.51.100.0/24"] == [
        "Scans"
    ]
    assert not run(entity, pbx, **wanted | {"expires_at": "2030-01-01T01:00:00+01:00"}, state="present")["changed"]
    assert run(entity, pbx, **wanted | {"description": "More scans"}, state="present")["changed"]
    assert run(entity, pbx, ip_addr_mask="198.51.100.0/24", state="absent")["changed"]
    assert not run(entity, pbx, ip_addr_mask="198.51.100.0/24", state="absent")["changed"]
