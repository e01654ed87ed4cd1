"""DOCUMENTATION of a module from its entity."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from openapi.codegen.modules import release
from openapi.codegen.modules.notes import EntityNotes
from openapi.codegen.modules.options import (
    expand,
    form,
    history,
    if_match,
    init_parameter,
    lists,
    portion,
    property_option,
    rename,
    reveal_secrets,
    settable,
    state,
    update_secrets,
    waiting,
)
from openapi.codegen.modules.properties import Documented, Entity
from openapi.codegen.modules.types import type_of
from pbx_as_code.engine.options.option_specs import expandable, takes_lists, takes_update_secrets

AUTHOR = ["The threecx.xapi authors (@threecx-xapi)"]


#: Note about options that are left out, and about null.
KEPT_UNLESS_GIVEN = (
    "A property whose option is left out keeps its value. V(null) clears a property, if the PBX allows it."
)


def documentation(entity: Entity) -> dict[str, Any]:
    """DOCUMENTATION of the module that changes entities."""
    notes, description = entity.notes, entity.description
    key = description.key.name
    naming = {one.name for one in (*description.natural_keys, *description.scope)}
    options = {
        item.property.option: property_option(
            item,
            # There is no other way to name one where there is no natural key.
            required=(item.property.name == key and not description.natural_keys) or _is_owner(entity, item),
            key=item.property.name == key or (item.property.name in naming and item.property.read_only),
        )
        for item in entity.properties
        if settable(item) or item.property.name in (key, *naming) or _is_owner(entity, item)
    }
    options["state"] = state(entity)
    if not description.below:
        options["if_match"] = if_match(notes.name, notes.label, _done(entity))
    if takes_update_secrets(description):
        options["update_secrets"] = update_secrets()
    if isinstance(notes, EntityNotes):
        for parameter in description.init_with:
            options[parameter.option] = init_parameter(notes.init_with[parameter.name], notes.label)
        if notes.reload:
            options[notes.reload.option] = {"description": [notes.reload.description], "type": "bool", "default": False}
    if description.making:
        options |= {item.property.option: property_option(item) for item in entity.made_of}
        options |= waiting(f"the new {notes.label} is there")
    if description.local_number:
        options["rename"] = rename(notes.label)
    if takes_lists(description):
        options["lists"] = lists()
    document: dict[str, Any] = {
        "module": f"threecx_{notes.name}",
        "short_description": _short_description(entity),
        "version_added": entity.version_added,
        "description": [*notes.description, _found_by(entity)],
        "author": AUTHOR,
        "extends_documentation_fragment": ["threecx.xapi.connection", "threecx.xapi.attributes"],
        **(set_each_time(entity.properties) if description.can_update else {}),
        "options": options,
    }
    said = release.of_module(description.since, entity.properties)
    if description.making and not description.can_update:
        said = [
            f"An existing {notes.label} stays unchanged, because the API cannot change it.",
            *said,
        ]
    elif entity.can_write:
        said = [
            KEPT_UNLESS_GIVEN,
            *said,
        ]
    said.insert(len(said) - len(release.of_module(description.since, entity.properties)), given_back(notes.name))
    if description.below:
        said.append(
            "There is no C(if_match), because the API has no versions here. A change that somebody else makes at the "
            "same time may be lost."
        )
    if said:
        document["notes"] = said
    document["seealso"] = [{"module": f"threecx.xapi.threecx_{notes.name}_info"}]
    if description.natural_keys:
        if description.scope:
            scope = " or ".join(f"O({key.option})" for key in description.scope)
            document["description"].append(
                f"If a task also gives {scope}, it must match as well. Another value means another {notes.label}."
            )
        document["description"].append(f"If several {notes.labels} match, the task fails and lists them.")
    return document


def info_documentation(entity: Entity) -> dict[str, Any]:
    """DOCUMENTATION of the module that reads entities."""
    notes = entity.notes
    keys = {key.option for key in (entity.description.key, *entity.description.natural_keys)}
    options: dict[str, Any] = {}
    for item in entity.properties:
        if _is_owner(entity, item):
            options[item.property.option] = {
                "description": list(item.description),
                "type": type_of(item),
                "required": True,
            }
        if item.property.option in keys:
            lines = [_look_at(entity, item), *form(item)]
            options[item.property.option] = {"description": lines, "type": type_of(item)}
    options |= history(entity)
    options["filter"] = {
        "description": [
            f"OData filter, such as V({_filter_example(entity)}). Property names are spelled as in the XAPI.",
        ],
        "type": "str",
    }
    options["search"] = {
        "description": ["Text to search for, as in the search field of the admin console."],
        "type": "str",
    }
    choices = [prop.option for prop in expandable(entity.description)]
    if choices and entity.description.changeable:
        options["expand"] = expand(choices, notes.labels)
    options |= portion(entity)
    if has_secret(entity.properties):
        options["reveal_secrets"] = reveal_secrets()
    empty = "If nothing matches, the list is empty and the task succeeds."
    whole = f"Lists all {notes.labels} of {_whose(entity)}, or those that the options select."
    changeable = entity.description.changeable
    changed_by = notes.name if changeable or entity.description.steering else "operation"
    return {
        "module": f"threecx_{notes.name}_info",
        "short_description": f"List {notes.labels} of a 3CX phone system",
        "version_added": entity.version_added,
        "description": [whole, empty] if changeable else [*notes.description, empty],
        "author": AUTHOR,
        "extends_documentation_fragment": ["threecx.xapi.connection", "threecx.xapi.attributes.info"],
        "options": options,
        **noted(release.of_module(entity.description.since)),
        "seealso": [{"module": f"threecx.xapi.threecx_{changed_by}"}],
    }


def given_back(name: str) -> str:
    """Note about read-only properties, which are accepted although they are not options."""
    return (
        f"Results of M(threecx.xapi.threecx_{name}_info) can be used as options. Their read-only properties, which are "
        "documented there, are ignored."
    )


def _whose(entity: Entity) -> str:
    return f"one O({entity.description.below.within.option})" if entity.description.below else "a PBX"


def _is_owner(entity: Entity, item: Documented) -> bool:
    """Whether it names what the entity is within: never to be left out."""
    below = entity.description.below
    return below is not None and item.property.name == below.within.name


def noted(notes: list[str]) -> dict[str, Any]:
    """The notes of a module, where there are any."""
    return {"notes": notes} if notes else {}


def _look_at(entity: Entity, item: Documented) -> str:
    """Describe a key in an _info module. Rows of a read-only list may share a key."""
    words = _words(item.property.option)
    selected = entity.notes.label if entity.description.changeable else entity.notes.labels
    return f"{words[0].upper()}{words[1:]} of the {selected} to return."


def _done(entity: Entity) -> str:
    """Describe the module's change of an existing object."""
    if not entity.can_write:
        return "removed"
    return "changed or removed" if entity.description.can_delete else "changed"


def _short_description(entity: Entity) -> str:
    verb = "Manage" if entity.can_write else "Remove"
    return f"{verb} {entity.notes.labels} of a 3CX phone system"


def _found_by(entity: Entity) -> str:
    description = entity.description
    keys = [f"O({key.option})" for key in (description.key, *description.natural_keys)]
    if description.together:
        keys = [keys[0], f"{', '.join(keys[1:-1])} and {keys[-1]} together"]
    found = f"{', '.join(keys[:-1])} or {keys[-1]}" if len(keys) > 1 and not description.together else " or ".join(keys)
    among = f" among those of O({description.below.within.option})" if description.below else ""
    return f"{entity.notes.article.capitalize()} {entity.notes.label} is found by {found}{among}."


def has_secret(properties: Iterable[Documented]) -> bool:
    """Whether there is a credential to show, at any depth."""
    return any(item.property.secret or has_secret(item.fields) for item in properties)


def set_each_time(properties: Iterable[Documented]) -> dict[str, Any]:
    """The attributes of a module with a credential that the PBX never shows: nobody can tell whether it is another."""
    why = "Credentials that the PBX does not return are set on every run, unless O(update_secrets=on_create)."
    return partly_idempotent(why) if _has_unseen(properties) else {}


def partly_idempotent(why: str) -> dict[str, Any]:
    """The attributes of a module that does something again in a second run."""
    return {"attributes": {"idempotent": {"support": "partial", "details": [why]}}}


def _has_unseen(properties: Iterable[Documented]) -> bool:
    return any(
        facts.kind == "concealed" or facts.conceals or facts.write_only or _has_unseen(item.fields)
        for item in properties
        if not (facts := item.property).read_only
    )


def _filter_example(entity: Entity) -> str:
    """A filter by what people recognise one by, with Ansible's escape for a parenthesis where there is one."""
    option = entity.description.title
    item = next(item for item in entity.properties if item.property.option == option)
    value = item.sample if item.property.kind == "int" else f"'{item.sample}'"
    return f"{item.property.name} eq {value}".replace(")", "\\)")


def _words(option: str) -> str:
    words = {"id": "ID", "mac": "MAC"}
    return " ".join(words.get(word, word) for word in option.split("_"))
