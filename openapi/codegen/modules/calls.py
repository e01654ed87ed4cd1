"""Actions and functions that stand for URLs: what the catalogue says of them, checked against the document."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from openapi.codegen.errors import CodegenError, Mistake, refuse_unknown
from openapi.codegen.modules.naming import snake_case
from openapi.codegen.modules.notes import BelowNotes, EntityNotes, ListNotes, SettingsNotes
from openapi.codegen.modules.schema import EntitySet, Fact, SchemaReader
from pbx_as_code.description import Action, Below, InitParameter, Key, Making, Property, Reload, Steering


def lister(reader: SchemaReader, notes: EntityNotes, entity_set: EntitySet, where: str) -> str | None:
    """The function that lists what the entity set does not."""
    if notes.listed_by is None:
        return None
    if entity_set.can_list:
        raise Mistake(f"{where}.listed_by", f"{notes.entity_set} is a list itself")
    path = f"{notes.entity_set}/Pbx.{notes.listed_by}()"
    found = reader.readables.get(path)
    if found is None or not found.is_list or found.schema != entity_set.schema:
        raise Mistake(f"{where}.listed_by", f"the document has no function {path} that lists {entity_set.schema}")
    return path


def making(reader: SchemaReader, notes: EntityNotes, entity_set: EntitySet, where: str) -> tuple[Making | None, str]:
    """The action that makes an entity, and the structure it takes."""
    said, where = notes.made_by, f"{where}.made_by"
    if said is None:
        return None, ""
    if entity_set.can_create:
        raise Mistake(where, f"{notes.entity_set} can also be created by a POST")
    takes = reader.action(notes.entity_set, said.action)
    if takes is None:
        raise Mistake(f"{where}.action", f"{notes.entity_set} has no action {said.action} that takes one structure")
    parameter, schema = takes
    refuse_unknown([said.name], reader.facts(schema), f"{where}.name", f"{schema} has no property {{}}")
    if said.ready and not reader.has_call("get", notes.entity_set, f"{said.ready}()"):
        raise Mistake(f"{where}.ready", f"{notes.entity_set} has no function {said.ready}() in the document")
    ready = f"{notes.entity_set}/Pbx.{said.ready}()" if said.ready else None
    return Making(f"{notes.entity_set}/Pbx.{said.action}", parameter, said.name, ready=ready), schema


def reload(
    reader: SchemaReader, notes: EntityNotes, options: Mapping[str, Property], taken: Collection[str], where: str
) -> Reload | None:
    """The action by which devices of an entity take a change."""
    said, where = notes.reload, f"{where}.reload"
    if said is None:
        return None
    if not reader.has_call("post", notes.entity_set, said.action):
        raise Mistake(f"{where}.action", f"{notes.entity_set} has no action {said.action} in the document")
    refuse_unknown([said.devices], options, f"{where}.devices", "there is no property {}")
    if said.option in taken:
        raise Mistake(f"{where}.option", f"the option {said.option} is taken")
    return Reload(said.option, f"{notes.entity_set}/Pbx.{said.action}", said.parameter, said.devices, said.device)


def init(reader: SchemaReader, notes: EntityNotes, taken: Collection[str], where: str) -> dict[str, Any]:
    """The function that returns a pre-filled entity: `init` and `init_with` of a description."""
    if notes.init_with and not notes.init:
        raise Mistake(f"{where}.init_with", "init_with needs init")
    if not notes.init:
        return {}
    call = f"{notes.init}({','.join(f'{name}={{{name}}}' for name in notes.init_with)})"
    if not reader.has_call("get", notes.entity_set, call):
        raise Mistake(f"{where}.init", f"{notes.entity_set} has no function {call} in the document")
    parameters = [InitParameter(name, snake_case(name), said.stored_in) for name, said in notes.init_with.items()]
    for parameter in parameters:
        if parameter.option in taken:
            raise Mistake(f"{where}.init_with.{parameter.name}", f"the option {parameter.option} is taken")
    return {"init": f"{notes.entity_set}/Pbx.{call}", "init_with": tuple(parameters)}


def steering(reader: SchemaReader, notes: ListNotes, facts: Mapping[str, Fact], where: str) -> Steering | None:
    """The actions that start and stop what a list shows: all of them take the same."""
    said, where = notes.steered_by, f"{where}.steered_by"
    if said is None:
        return None
    actions = {name: getattr(said, name) for name in ("start", "stop", "restart", "enable", "disable")}
    takes = {reader.action(notes.read_from, action) for action in actions.values()}
    [taken] = takes if len(takes) == 1 else [None]
    if taken is None:
        raise Mistake(where, f"{notes.read_from} has no such actions that all take the same structure")
    parameter, schema = taken
    lists = [name for name, fact in reader.facts(schema).items() if fact.many]
    refuse_unknown([said.names], lists, f"{where}.names", f"{schema} has no list {{}}")
    states = {name: getattr(said, name) for name in ("status", "can_start", "can_restart")}
    refuse_unknown(states.values(), facts, where, f"{notes.read_from} has no property {{}}")
    paths = {name: f"{notes.read_from}/Pbx.{action}" for name, action in actions.items()}
    return Steering(**paths, parameter=parameter, names=said.names, **states)


def below(
    reader: SchemaReader, notes: EntityNotes, calls: BelowNotes, where: str
) -> tuple[str, dict[str, Fact], Below, str, bool]:
    """The calls of entities that are there only within another one.

    Returns:
        their schema; their properties, with the one that names the other entity; the calls; the function that lists
        them; and whether it takes $orderby.
    """
    try:
        place, lists = reader.operation(calls.list, "get")
        found = [reader.operation(one, "post") for one in (calls.create, calls.update, calls.delete)]
    except CodegenError as error:
        raise Mistake(f"{where}.below", str(error)) from None
    named = re.findall(r"\((\w+)=\{\1\}\)$", place)
    takes = [reader.arguments(action, notes.name) for _, action in found]
    others = [[fact for fact in facts.values() if fact.name not in named] for facts in takes]
    if len(named) != 1 or any(len(two) != 2 for two in takes) or any(len(one) != 1 for one in others):
        every = ", ".join((calls.list, calls.create, calls.update, calls.delete))
        raise Mistake(f"{where}.below", f"{every}: each must take the parameters that identify the owner, and one more")
    schema, ((made,), (changed,), (removed,)) = reader.row(lists), others
    if (made.structure, changed.structure, removed.structure) != (schema, schema, None) or made.name != changed.name:
        raise Mistake(f"{where}.below", f"{calls.create} and {calls.update} do not take what {calls.list} lists")
    owner = takes[0][named[0]]
    facts = {owner.name: owner, **reader.facts(str(schema))}
    (create, _), (update, _), (delete, _) = found
    within = Key(owner.name, owner.option, owner.kind)
    said = Below(within, create, update, delete, parameter=made.name, named=removed.name)
    return str(schema), facts, said, place, reader.can_order(lists)


def pair(reader: SchemaReader, notes: SettingsNotes, where: str) -> tuple[str, str, dict[str, Fact], Action]:
    """Two calls by their operationIds: one returns settings, the other, an action, takes them.

    Returns:
        the path that returns the settings; their schema, empty for a list or a value; their properties; the action.
    """
    read, write = str(notes.read), str(notes.write)
    try:
        place, _ = reader.operation(read, "get")
        goal, operation = reader.operation(write, "post")
    except CodegenError as error:
        raise Mistake(where, str(error)) from None
    if notes.name in reader.singletons:
        raise Mistake(where, "a singleton has this name")
    arguments = list(reader.arguments(operation, notes.name).values())
    chosen = re.match(r"(\w+)\(\{(\w+)\}\)/[^{]+$", goal)
    one_of = reader.entity_sets[chosen[1]].schema if chosen and not arguments else ""
    if chosen and one_of:  # the action chooses one of an entity set, by its key
        arguments = [replace(reader.facts(one_of)[chosen[2]], owner=notes.name)]
    elif len(arguments) != 1 or "{" in place + goal:
        raise Mistake(
            where, f"{read} and {write} are not a pair: one must take the one parameter that the other returns"
        )
    answer, taken = reader.readables.get(place), arguments[0]
    if answer is None:
        raise Mistake(where, f"{read} answers neither a structure nor a list")
    if chosen and answer.schema != one_of:
        raise Mistake(where, f"{write} chooses one of {chosen[1]}, and {read} answers none of these")
    if taken.structure and (answer.schema, answer.is_list, None) == (taken.structure, taken.many, notes.answered_as):
        if taken.many:
            return place, "", {taken.name: taken}, Action(goal, taken.name, "list")
        return place, taken.structure, reader.facts(taken.structure), Action(goal, taken.name, "structure")
    if taken.structure or taken.many or answer.is_list or not notes.answered_as:
        raise Mistake(where, f"{write} does not take what {read} answers (or answered_as: is missing)")
    shown = reader.facts(answer.schema).get(notes.answered_as)
    if shown is None or shown.kind != taken.kind:
        what = f"{answer.schema} has no property {notes.answered_as} of the kind that is set"
        raise Mistake(f"{where}.answered_as", what)
    action = Action(goal, taken.name, "key" if chosen else "value", notes.answered_as)
    return place, "", {taken.name: taken}, action
