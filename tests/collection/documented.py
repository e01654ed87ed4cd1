"""Options and results of a module with the structures that they link to, as a reader finds them."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import yaml

from ansible_collection.plugins.doc_fragments.attributes import ModuleDocFragment as Attributes
from ansible_collection.plugins.doc_fragments.connection import ModuleDocFragment as Connection
from tests.collection.tree import OPERATION

#: Results of every module that are documented in one of them, and where the fragments say so.
FAILURE = ("pbx", "kind", "status", "code", "target")
ALWAYS = "always"
_SUBOPTIONS = re.compile(
    r"Its suboptions are (?:those of O|the fields of RV)\((?:threecx\.xapi\.(\w+)#module:)?([\w.\[\]]+)\)\."
)
_FIELDS = re.compile(r"Its fields are those of RV\((?:threecx\.xapi\.(\w+)#module:)?([\w.\[\]]+)\)\.")


@cache
def own(name: str) -> dict[str, Any]:
    """RETURN as it is written in the module, parsed."""
    module = importlib.import_module(f"ansible_collection.plugins.modules.{name}")
    found: dict[str, Any] = yaml.load(module.RETURN, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return found


@cache
def own_options(name: str) -> dict[str, Any]:
    """The options of a module as they are written in it, parsed; without those of the connection."""
    module = importlib.import_module(f"ansible_collection.plugins.modules.{name}")
    document = yaml.load(module.DOCUMENTATION, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    options: dict[str, Any] = document["options"]
    return options


def options_link(name: str, option: Mapping[str, Any]) -> tuple[str, str] | None:
    """Module and path of the structure that an option is like; None if the option does not say so."""
    said = option["description"]
    lines = [said] if isinstance(said, str) else said
    found = [match for line in lines if (match := _SUBOPTIONS.fullmatch(line))]
    assert len(found) <= 1, said
    return (found[0][1] or name, found[0][2]) if found else None


def option_at(name: str, path: str) -> Mapping[str, Any]:
    """The option that is documented at a path such as hours.periods[]."""
    value: Mapping[str, Any] = {"suboptions": own_options(name)}
    for part in path.split("."):
        value = value["suboptions"][part.removesuffix("[]")]
        assert not part.endswith("[]") or value["type"] == "list", f"{path} in {name}: {part} is no list"
    return value


def all_options(name: str) -> dict[str, Any]:
    """The options of a module with every link followed."""
    return {option: _with_suboptions(name, said) for option, said in own_options(name).items()}


def _with_suboptions(name: str, option: Mapping[str, Any]) -> dict[str, Any]:
    target = options_link(name, option)
    if target is not None:
        assert "suboptions" not in option
        if target[0].endswith("_info"):
            return {**option, "suboptions": _as_suboptions(at(*target)["contains"])}
        name, option = target[0], {**option, "suboptions": option_at(*target)["suboptions"]}
    if "suboptions" not in option:
        return dict(option)
    return {**option, "suboptions": {key: _with_suboptions(name, inner) for key, inner in option["suboptions"].items()}}


def _as_suboptions(contains: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a result in the terms of options."""
    found = {}
    for name, value in contains.items():
        found[name] = {key: value[key] for key in ("description", "type", "elements", "choices") if key in value}
        if "contains" in value:
            found[name]["suboptions"] = _as_suboptions(value["contains"])
    return found


@cache
def _fragment(text: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@cache
def returned(name: str) -> dict[str, Any]:
    """RETURN of a module with every link followed, and with what the fragments say that every module returns."""
    found = {result: _resolved(name, value) for result, value in own(name).items()}
    if not name.endswith("_info"):
        found = {result: _without_credentials(value) for result, value in found.items()}
        details = _fragment(Attributes.DOCUMENTATION)["attributes"]["diff_mode"]["details"]
        assert any(f"RV(threecx.xapi.{OPERATION}#module:diff)" in line for line in details)
        found.setdefault("diff", own(OPERATION)["diff"])
    notes = _fragment(Connection.DOCUMENTATION)["notes"]
    [note] = [line for line in notes if f"M(threecx.xapi.{OPERATION})" in line]
    for field in FAILURE:
        assert f"C({field})" in note
        found.setdefault(field, own(OPERATION)[field])
    return found


def leaves(contains: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every field at every depth, with its path."""
    for name, value in contains.items():
        yield f"{path}{name}", value
        yield from leaves(value.get("contains", {}), f"{path}{name}.")


def link(name: str, value: Mapping[str, Any]) -> tuple[str, str] | None:
    """Module and path of the structure that a field is like; None if the field does not say so."""
    description = value["description"]
    lines = [description] if isinstance(description, str) else description
    found = [match for line in lines if (match := _FIELDS.fullmatch(line))]
    assert len(found) <= 1, description
    return (found[0][1] or name, found[0][2]) if found else None


def at(name: str, path: str) -> Mapping[str, Any]:
    """Return the documentation at a path such as groups[].office_route.route."""
    value: Mapping[str, Any] = {"contains": own(name)}
    for part in path.split("."):
        value = value["contains"][part.removesuffix("[]")]
        assert not part.endswith("[]") or value["type"] == "list", f"{path} in {name}: {part} is no list"
    return value


def _resolved(name: str, value: dict[str, Any]) -> dict[str, Any]:
    target = link(name, value)
    if target is not None:
        assert "contains" not in value
        value = {**value, "contains": at(*target)["contains"]}
        name = target[0]
    if "contains" not in value:
        return value
    return {**value, "contains": {key: _resolved(name, inner) for key, inner in value["contains"].items()}}


def _without_credentials(value: dict[str, Any]) -> dict[str, Any]:
    """Modules that change something never return a credential, so those must not count as documented."""
    if "contains" not in value:
        return value
    kept = {
        name: _without_credentials(inner)
        for name, inner in value["contains"].items()
        if inner.get("returned") != "when O(reveal_secrets=true)"
    }
    return {**value, "contains": kept}
