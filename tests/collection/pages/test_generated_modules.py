"""The generated modules as they are committed: fresh, complete, and documented as they are."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collection.plugins.doc_fragments.attributes import ModuleDocFragment as Attributes
from ansible_collection.plugins.doc_fragments.connection import ModuleDocFragment as Connection
from ansible_collection.plugins.module_utils._connection_options import connection_options
from openapi.codegen import files
from openapi.codegen.modules import catalogue
from openapi.codegen.modules.generation import MARK, existing
from openapi.codegen.modules.naming import snake_case
from pbx_as_code.description import EntityDescription, Property, SettingsDescription
from pbx_as_code.engine.options import option_specs as _spec
from tests.collection.documented import (
    all_options,
    at,
    leaves,
    link,
    option_at,
    options_link,
    own,
    own_options,
    returned,
)
from tests.collection.tree import COLLECTION, CONFIG, MODULES, NAMES, OF_ENTITIES, OPERATION
from tests.descriptions import described, running
from tests.each import each
from tests.generated import SHARED, module_files


def module(name: str) -> Any:
    return importlib.import_module(f"ansible_collection.plugins.modules.{name}")


@SHARED
def test_they_are_what_a_fresh_generation_gives() -> None:
    for place, texts in module_files().items():
        assert files.compare(texts, place, existing(place)) == {}, "run make modules"


def test_every_entity_has_its_module_and_the_one_that_reads() -> None:
    said = catalogue.load()
    expected = [*said.entities, *map(snake_case, said.settings)]
    pairs = [f"threecx_{name}{suffix}" for name in expected for suffix in ("", "_info")]
    only_read = [*said.lists, *said.status]
    steered = [f"threecx_{name}" for name, notes in said.lists.items() if notes.steered_by]
    assert sorted([*pairs, *(f"threecx_{name}_info" for name in only_read), *steered, CONFIG, OPERATION]) == NAMES


@each("path", MODULES)
def test_the_head_of_the_file(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert lines[0] == "#!/usr/bin/python"
    assert any("GNU General Public License v3.0+" in line for line in lines[:5])
    assert lines[3] == "# SPDX-License-Identifier: GPL-3.0-or-later"
    assert lines[4].startswith(MARK)
    assert max(map(len, lines)) <= 160


@each("path", MODULES)
def test_a_module_has_no_code_of_its_own(path: Path) -> None:
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    assert [function.name for function in functions] == ["main"]
    assert len(functions[0].body) == 2, "a docstring and the call of the engine"
    run = "run_info" if path.stem.endswith("_info") else "run"
    call = f"run_{path.stem.removeprefix('threecx_')}(ARGUMENTS)"
    if path.stem in OF_ENTITIES:
        call = f"{run}('{described(path.stem).name}', ARGUMENTS)"
    assert ast.unparse(functions[0].body[1]) == call


@each("name", [name.removeprefix("threecx_") for name in OF_ENTITIES if not name.endswith("_info")])
def test_both_modules_describe_the_same_entity(name: str) -> None:
    entity = described(f"threecx_{name}")
    assert isinstance(entity, EntityDescription | SettingsDescription)
    assert entity.name == name
    assert entity == described(f"threecx_{name}_info")


def read(text: str) -> Any:
    """YAML, by the parser in C: there are megabytes of it."""
    return yaml.load(text, Loader=yaml.CSafeLoader)


@each("name", NAMES)
def test_a_module_refers_to_its_other_half_and_to_what_reaches_the_rest(name: str) -> None:
    named = [other["module"].removeprefix("threecx.xapi.") for other in read(module(name).DOCUMENTATION)["seealso"]]
    halves = {f"{name}_info", name.removesuffix("_info")} - {name}
    assert halves & set(NAMES) <= set(named)
    assert {other for other in named if "." not in other} <= set(NAMES)
    assert name not in OF_ENTITIES or OPERATION in named


def documented_options(name: str) -> dict[str, Any]:
    return {**read(Connection.DOCUMENTATION)["options"], **all_options(name)}


def as_spec(options: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Documented options in the terms of an argument spec."""
    return {
        name: {
            "type": option["type"],
            "elements": option.get("elements"),
            "choices": option.get("choices"),
            "default": option.get("default"),
            "required": option.get("required", False),
            "aliases": option.get("aliases", []),
            "options": as_spec(option["suboptions"]) if "suboptions" in option else None,
        }
        for name, option in options.items()
    }


def comparable(spec: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "type": option.get("type", "str"),
            "elements": option.get("elements"),
            "choices": list(option["choices"]) if option.get("choices") else None,
            "default": option.get("default"),
            "required": option.get("required", False),
            "aliases": list(option.get("aliases", [])),
            "options": comparable(option["options"]) if option.get("options") else None,
        }
        for name, option in spec.items()
    }


@each("name", NAMES)
def test_what_is_documented_is_what_is_accepted(name: str) -> None:
    """All that is accepted is an option, unless only the PBX fills it: the _info module documents that."""
    _, arguments = running(name)
    documented, accepted = as_spec(documented_options(name)), comparable(arguments["argument_spec"])
    filled = set(filled_by_the_pbx(name))
    assert set(paths(documented)) == set(paths(accepted)) - filled
    assert_agree(documented, accepted)


@each("name", NAMES)
def test_the_argument_spec_of_a_module_is_what_it_documents_itself(name: str) -> None:
    """Ansible's own tools read it; where the library is installed, its spec counts, which has what is linked too."""
    runner, _ = running(name)
    mine, arguments = module(name).ARGUMENTS, runner.arguments()
    assert comparable(mine["argument_spec"]) == as_spec(own_options(name))
    assert {**mine, "argument_spec": None} == {**arguments, "argument_spec": None}
    for path, rule in paths(mine["argument_spec"]).items():
        assert rule.get("no_log", False) == paths(arguments["argument_spec"])[path].get("no_log", False), path


@each("name", NAMES)
def test_a_link_of_an_option_leads_to_suboptions_that_are_written_out(name: str) -> None:
    """A reader who follows one link never has to follow a second one."""
    for path, option in paths(own_options(name), "suboptions").items():
        target = options_link(name, option)
        if target is None:
            assert option["type"] != "dict" or option.get("suboptions") or name not in OF_ENTITIES, path
            continue
        in_result = target[0].endswith("_info")
        there = at(*target) if in_result else option_at(*target)
        inner = paths(there["contains" if in_result else "suboptions"], "contains" if in_result else "suboptions")
        assert inner, path
        assert not [one for one, said in inner.items() if (link if in_result else options_link)(target[0], said)], path


@each("name", NAMES)
def test_what_only_the_pbx_fills_is_no_option_and_documented_in_the_result(name: str) -> None:
    entity = described(name) if name in OF_ENTITIES and not name.endswith("_info") else None
    if entity is None:
        return
    result = returned(f"{name}_info")[entity.name if isinstance(entity, SettingsDescription) else entity.plural]
    fields = {path for path, _ in leaves(result["contains"])}
    missing = set(paths(comparable(running(name)[1]["argument_spec"]))) - set(paths(as_spec(documented_options(name))))
    assert missing <= fields
    linked = [said for said in read(module(name).DOCUMENTATION)["notes"] if f"M(threecx.xapi.{name}_info)" in said]
    assert linked
    assert "can be used as options" in linked[0]


def filled_by_the_pbx(name: str) -> Iterator[str]:
    """Paths of what a module accepts because results have it, and has no option for."""
    entity = described(name) if name in OF_ENTITIES and not name.endswith("_info") else None
    if entity is None:
        return
    named = () if isinstance(entity, SettingsDescription) else (*entity.keys, *entity.scope)
    found = not_settable(entity.properties)
    below = {"phones.settings."} if name == "threecx_user" else set()  # documented as the fields of a result
    for path in found:
        if path not in {key.option for key in named} and not any(path.startswith(start) for start in below):
            yield path


def not_settable(properties: Iterable[Property], path: str = "", always: Collection[str] = ()) -> Iterator[str]:
    """The path of every property that no task can set, and of every one below it."""
    for prop in properties:
        if prop.read_only and prop.name not in always:
            yield f"{path}{prop.option}"
            yield from (f"{path}{prop.option}.{inner}" for inner in everything(prop.fields))
        elif not prop.order_only:
            yield from not_settable(prop.fields, f"{path}{prop.option}.", prop.item_key)


def everything(properties: Iterable[Property]) -> Iterator[str]:
    for prop in properties:
        yield prop.option
        yield from (f"{prop.option}.{inner}" for inner in everything(prop.fields))


def paths(options: Mapping[str, Any], inside: str = "options") -> dict[str, Mapping[str, Any]]:
    """Every option at every depth by its path."""
    found = {}
    for name, option in options.items():
        found[name] = option
        found |= {f"{name}.{path}": inner for path, inner in paths(option.get(inside) or {}, inside).items()}
    return found


def assert_agree(documented: Mapping[str, Any], accepted: Mapping[str, Any]) -> None:
    known = paths(accepted)
    for path, option in paths(documented).items():
        assert {**option, "options": None} == {**known[path], "options": None}, path


@each("name", OF_ENTITIES)
def test_results_are_documented_to_the_leaves(name: str) -> None:
    entity = described(name)
    of_info = entity.name if isinstance(entity, SettingsDescription) else entity.plural
    result = returned(name)[of_info if name.endswith("_info") else entity.name]
    shown = {prop.option for prop in entity.properties if not prop.write_only}
    secrets = {prop.option for prop in entity.properties if prop.secret}
    versioned = {"etag"} if _spec.takes_if_match(entity) else set()
    assert set(result["contains"]) == versioned | (shown if name.endswith("_info") else shown - secrets)
    assert result["returned"]
    for path, value in leaves(returned(name)):
        assert value["description"], path
        assert value["type"], path
        is_structure = value["type"] == "dict" or value.get("elements") == "dict"
        assert is_structure == ("contains" in value) or path.startswith("diff."), path
        assert (value["type"] == "list") == ("elements" in value), path


def fields(properties: Iterable[Property], path: str = "") -> Iterator[str]:
    """The path of every property at every depth that the PBX answers."""
    for prop in properties:
        if not prop.write_only:
            yield f"{path}{prop.option}"
            yield from fields(prop.fields, f"{path}{prop.option}.")


@each("name", [name for name in OF_ENTITIES if name.endswith("_info")])
def test_every_field_of_a_result_is_found_at_every_depth(name: str) -> None:
    entity = described(name)
    result = returned(name)[entity.name if isinstance(entity, SettingsDescription) else entity.plural]
    found = {path for path, _ in leaves(result["contains"])} - {"etag"}
    assert found == set(fields(entity.properties)) - {"etag"}


@each("name", OF_ENTITIES)
def test_a_link_leads_to_fields_that_are_written_out(name: str) -> None:
    """A reader who follows one link never has to follow a second one, but for what a whole _info module links to."""
    for path, value in leaves(own(name)):
        target = link(name, value)
        if target is None or not name.endswith("_info"):
            assert target is None or target[0] == f"{name}_info"
            continue
        there = at(*target)
        assert (there["type"], there.get("elements")) in (("dict", None), ("list", "dict")), path
        assert there["contains"], path
        assert not [inner for inner, field in leaves(there["contains"]) if link(target[0], field)], path


@each("name", OF_ENTITIES)
def test_a_secret_has_no_sample(name: str) -> None:
    secrets = {prop.option for prop in described(name).properties if prop.secret}
    for path, value in leaves(returned(name)):
        assert path.rpartition(".")[2] not in secrets or "sample" not in value, path


def test_the_runtime_knows_every_module() -> None:
    runtime = yaml.safe_load((COLLECTION / "meta" / "runtime.yml").read_text())
    assert runtime["requires_ansible"] == ">=2.16.0"
    assert runtime["action_groups"]["all"] == NAMES
    assert runtime["plugin_routing"]["modules"] == {
        name: {"action_plugin": "threecx.xapi.threecx_operation"} for name in NAMES
    }
    assert (COLLECTION / "plugins" / "action" / "threecx_operation.py").exists()


@pytest.mark.parametrize("text", [Attributes.DOCUMENTATION, Attributes.INFO])
def test_attributes_say_that_check_mode_is_complete(text: str) -> None:
    attributes = yaml.safe_load(text)["attributes"]
    assert attributes["check_mode"]["support"] == "full"
    assert attributes["diff_mode"]["support"] in ("full", "N/A")
    assert attributes["action_group"]["membership"] == ["threecx.xapi.all"]


@each("name", NAMES)
def test_attributes_tell_what_is_done_again(name: str) -> None:
    """A credential that the PBX conceals is sent each time, and a restart is one each time."""
    document = read(module(name).DOCUMENTATION)
    unseen = re.search(r"kind='concealed'|conceals=True|write_only=True", repr(described(name)))
    again = (unseen and "update_secrets" in document["options"]) or name in (CONFIG, OPERATION, "threecx_service")
    said = document.get("attributes", {}).get("idempotent", {"support": "full"})
    assert said["support"] == ("partial" if again else "full")
    assert not again or said["details"]


def test_connection_options_name_their_environment_variables() -> None:
    for name, option in yaml.safe_load(Connection.DOCUMENTATION)["options"].items():
        [variable] = connection_options()[name]["fallback"][1]
        assert f"E({variable})" in option["description"][-1], name
        assert variable.startswith("THREECX_")
        assert name.endswith(variable.removeprefix("THREECX_").lower()), "api_client_id: THREECX_CLIENT_ID"


def test_versions_agree() -> None:
    galaxy = yaml.safe_load((COLLECTION / "galaxy.yml").read_text())
    assert (galaxy["namespace"], galaxy["name"]) == ("threecx", "xapi")
    for name in NAMES:
        assert read(module(name).DOCUMENTATION)["version_added"] == "0.1.0"
