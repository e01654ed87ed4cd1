"""The catalogue for a document that is not the committed one: another release's, or the one a PBX serves.

The catalogue describes the committed document. Objects that the other document lacks are left out, and so are objects
that only it has, because nobody described them; both are listed. For the committed document the generator stays strict.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

import yaml

from openapi.codegen import document
from openapi.codegen.errors import CodegenError, Mistake
from openapi.codegen.modules.catalogue import KINDS, parse
from openapi.codegen.modules.describe import Describer, places
from openapi.codegen.modules.documentation import Module
from openapi.codegen.modules.own_options import CONNECTION
from openapi.codegen.modules.schema import SchemaReader

Raw = dict[str, Any]
_UNSAID = {"omit": "the catalogue says nothing about it"}


def adapt(raw: Mapping[str, Any], reader: SchemaReader) -> tuple[Raw, list[str]]:
    """Return the catalogue without what a document cannot serve, and a line for each thing that was left out.

    Args:
        raw: what the files of the catalogue say together; it is left alone.
        reader: of the document.

    Raises:
        CodegenError: where nothing is left of the catalogue, or a mistake is in it that no document excuses.
    """
    said: Raw = copy.deepcopy(dict(raw))
    committed = SchemaReader(document.load())
    _inherited(said, reader, committed)
    left_out = {*_undescribed(reader, committed), *_without_absent(said, reader)}
    waiting = [(section, name) for section in KINDS for name in said.get(section, {})]
    while waiting:
        describer = Describer(parse(said), reader)
        mistakes = [(each, error) for each in waiting if (error := _mistake(describer, *each))]
        for (section, name), error in {error.where: (each, error) for each, error in mistakes}.values():
            left_out.add(_mend(said, section, name, error))
        waiting = [(section, name) for (section, name), _ in mistakes if name in said[section]]
    if not said["entities"]:
        raise CodegenError("the document has nothing of what the catalogue describes: is it one of XAPI v1?")
    return said, sorted(left_out)


def _mistake(describer: Describer, section: str, name: str) -> Mistake | None:
    try:
        describer.kind(section, name)
    except Mistake as error:
        return error
    return None


def with_fitting_examples(modules: Iterable[Module]) -> list[Module]:
    """The modules, with the examples that the options of all of them allow."""
    connection = {name: dict[str, Any]() for name in CONNECTION}
    modules = list(modules)
    known = {f"threecx.xapi.{each.name}": {**connection, **each.arguments["argument_spec"]} for each in modules}
    return [replace(each, examples=fitting_examples(each.tasks, known)) for each in modules]


def fitting_examples(text: str, known: Mapping[str, Mapping[str, Any]]) -> str:
    """Examples without the tasks that use an option which a module lacks.

    Args:
        text: the tasks, as YAML.
        known: the options of each module, as in its argument spec, by the module's name.
    """
    tasks = yaml.load(text, Loader=yaml.CSafeLoader) or []
    kept = [task for task in tasks if all(_fits(known[name], task[name]) for name in task if name in known)]
    if len(kept) == len(tasks):
        return text
    return yaml.safe_dump(kept, sort_keys=False, width=110, allow_unicode=True) if kept else "[]"


def _fits(options: Mapping[str, Any], given: Any) -> bool:
    if isinstance(given, list):
        return all(_fits(options, item) for item in given)
    if not isinstance(given, Mapping):
        return True
    aliases = {alias for option in options.values() for alias in option.get("aliases", ())}
    for name, value in given.items():
        option = options.get(name)
        if option is None and name not in aliases:
            return False
        if option is not None and option.get("options") and not _fits(option["options"], value):
            return False
        choices = (option or {}).get("choices")
        if choices and isinstance(value, str) and value not in choices and "{{" not in value:
            return False
    return True


def _inherited(said: Raw, reader: SchemaReader, committed: SchemaReader) -> None:
    """Say of a schema's own properties what the catalogue says of a base type that the document has not."""
    for schema in reader.schemas:
        if not committed.has_schema(schema) or schema.endswith("Response"):
            continue
        declared, known = reader.declared(schema), committed.facts(schema)
        for name in declared:
            owner = known[name].owner if name in known else schema
            notes = said["structures"].get(owner, {}).get(name)
            if owner != schema and notes is not None:
                said["structures"].setdefault(schema, {}).setdefault(name, notes)


def _without_absent(said: Raw, reader: SchemaReader) -> Iterator[str]:
    """Drop names that the document does not have; return a line for each."""
    for section in ("structures", "led_by", "left_out"):
        said.setdefault(section, {})
    for holder, place, known, where, what in chain(places(said, reader), _of_entities(said, reader)):
        names = holder[place]
        kept = [name for name in names if name in known]
        if len(kept) < len(names):
            holder[place] = {name: names[name] for name in kept} if isinstance(names, dict) else kept
        if not where.startswith("led_by"):  # a line of `structures` says the same
            yield from (f"{where}: {what}".replace("{}", name) for name in names if name not in known)


def _of_entities(said: Raw, reader: SchemaReader) -> Iterator[tuple[Raw, str, Collection[str], str, str]]:
    """The places at which entities name properties, see `places`."""
    for name, notes in said["entities"].items():
        entity_set = reader.entity_sets.get(notes["entity_set"])
        if entity_set is None or "below" in notes:
            continue
        facts = reader.facts(entity_set.schema)
        for place in {"properties", "natural_keys", "required_for_create", "scope"} & notes.keys():
            yield notes, place, facts, f"entities.{name}.{place}.{{}}", f"{entity_set.schema} lacks it"
        if notes.get("title") not in facts:
            notes.pop("title", None)
        if notes.get("together") and len(notes.get("natural_keys", ())) < 2:
            del notes["together"]


def _undescribed(reader: SchemaReader, committed: SchemaReader) -> list[str]:
    """Return a line for each entity set and singleton that only this document has: nobody described it."""
    sets = reader.entity_sets.keys() - committed.entity_sets.keys()
    singletons = reader.singletons.keys() - committed.singletons.keys()
    found = [f"entity set {name}" for name in sets] + [f"singleton {name}" for name in singletons]
    return [f"{one}: the catalogue says nothing about it" for one in found]


def _mend(said: Raw, section: str, name: str, error: Mistake) -> str:
    """Take out of the catalogue what a mistake is about; return the line for people."""
    steps = error.where.split(".")
    if steps[0] == "structures" and len(steps) > 2:
        notes = said["structures"].setdefault(steps[1], {})
        prop = steps[2]
    elif steps[:2] == [section, name] and len(steps) > 3 and steps[2] == "properties":
        notes = said[section][name].setdefault("properties", {})
        prop = steps[3]
    else:
        notes, prop = {}, ""
    if prop and notes.get(prop) != _UNSAID:
        unsaid_secret = "looks like a credential" in error.what and prop in notes
        notes[prop] = {**notes[prop], "secret": True} if unsaid_secret else _UNSAID
        return f"{error.where}: {error.what}" if not unsaid_secret else f"{error.where}: taken for a credential"
    del said[section][name]
    return f"{section}.{name}: {error.what}"
