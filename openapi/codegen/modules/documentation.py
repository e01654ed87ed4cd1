"""DOCUMENTATION and RETURN of a module, to the leaves, from its entity.

What is documented here is what plugins/module_utils/_spec.py accepts; ansible-test's validate-modules proves it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from openapi.codegen.modules.describe import Documented, Entity

_INT32 = (-(2**31), 2**31 - 1)
_INT64 = (-(2**63), 2**63 - 1)
_TYPES = {"int": "int", "float": "float", "bool": "bool", "complex": "dict"}
_FORMS = {
    "datetime": "A point in time as in V(2026-01-31T08:00:00Z).",
    "date": "A day as in V(2026-01-31).",
    "time": "A time of day as in V(08:30:00).",
    "duration": "A length of time as in V(PT30S) or V(PT1H30M).",
    "mac": "Any usual notation is taken; results have the one the PBX uses.",
}


def documentation(entity: Entity) -> dict[str, Any]:
    """DOCUMENTATION of the module that changes entities."""
    notes, description = entity.notes, entity.description
    key = description.key.name
    options = {
        item.property.option: _option(
            item,
            # There is no other way to name one where there is no natural key.
            required=item.property.name == key and not description.natural_keys,
            key=item.property.name == key,
        )
        for item in entity.properties
    }
    options["state"] = _state(entity)
    options["if_match"] = _if_match(entity)
    if description.can_update and _sets_secret(entity.properties):
        options["update_secrets"] = _update_secrets()
    document: dict[str, Any] = {
        "module": f"threecx_{notes.name}",
        "short_description": _short_description(entity),
        "version_added": entity.version_added,
        "description": [*notes.description, _found_by(entity)],
        "author": ["The threecx.xapi authors (@threecx-xapi)"],
        "extends_documentation_fragment": ["threecx.xapi.connection", "threecx.xapi.attributes"],
        "options": options,
    }
    if entity.can_write:
        document["notes"] = [
            "An option that is left out leaves the property alone; one that is V(null) clears it, where the PBX allows that.",
            f"What M(threecx.xapi.threecx_{notes.name}_info) returns can be given back: properties that the PBX fills itself are"
            " accepted and never sent.",
        ]
    document["seealso"] = [{"module": f"threecx.xapi.threecx_{notes.name}_info"}]
    if description.natural_keys:
        names = " or ".join(_words(key.option) for key in description.natural_keys)
        document["description"].append(
            f"Two {notes.labels} with the same {names} are an error that lists them, never a guess."
        )
    return document


def info_documentation(entity: Entity) -> dict[str, Any]:
    """DOCUMENTATION of the module that reads entities."""
    notes = entity.notes
    keys = {key.option for key in (entity.description.key, *entity.description.natural_keys)}
    options: dict[str, Any] = {}
    for item in entity.properties:
        if item.property.option in keys:
            lines = [f"Look at the one {notes.label} with this {_words(item.property.option)}.", *_form(item)]
            options[item.property.option] = {"description": lines, "type": _type(item)}
    options["filter"] = {
        "description": [
            f"An OData filter in the words of the PBX, passed on as it is, such as V({_filter_example(entity)}).",
            "Properties are spelt in it as the XAPI spells them.",
        ],
        "type": "str",
    }
    options["search"] = {
        "description": ["A text to search for, as in the search field of the admin console."],
        "type": "str",
    }
    if _has_secret(entity.properties):
        options["reveal_secrets"] = {
            "description": [
                "Whether to return credentials too. Results are shown and logged: combine it with C(no_log) on the task.",
            ],
            "type": "bool",
            "default": False,
        }
    return {
        "module": f"threecx_{notes.name}_info",
        "short_description": f"Look at the {notes.labels} of a 3CX phone system",
        "version_added": entity.version_added,
        "description": [
            f"Lists the {notes.labels} of a PBX: every one of them, however many there are, unless the options say which.",
            f"{notes.article.capitalize()} {notes.label} that does not exist is no error: the list is empty.",
        ],
        "author": ["The threecx.xapi authors (@threecx-xapi)"],
        "extends_documentation_fragment": ["threecx.xapi.connection", "threecx.xapi.attributes.info"],
        "options": options,
        "seealso": [{"module": f"threecx.xapi.threecx_{notes.name}"}],
    }


def returned(entity: Entity) -> dict[str, Any]:
    """RETURN of the module that changes entities."""
    notes = entity.notes
    if entity.can_write:
        what = f"The {notes.label} as it is now; where it was removed, as it was before. Without credentials."
    else:
        what = f"The {notes.label} as it was before it was removed."
    return {
        notes.name: {
            "description": [what, "In check mode, as it would be."] if entity.can_write else [what],
            "returned": f"success, unless there is no such {notes.label}",
            "type": "dict",
            "contains": {**_contains(entity.properties, reveal=False), "etag": _etag("O(if_match)")},
        },
        "diff": {
            "description": f"The {notes.label} before and after, without credentials.",
            "returned": "changed, in diff mode",
            "type": "dict",
            "contains": {
                "before": {"description": "What differs, as it was.", "returned": "always", "type": "dict"},
                "after": {
                    "description": "What differs, as it is now or would be.",
                    "returned": "always",
                    "type": "dict",
                },
            },
        },
        **_failure(),
    }


def info_returned(entity: Entity) -> dict[str, Any]:
    """RETURN of the module that reads entities."""
    notes = entity.notes
    return {
        notes.plural: {
            "description": [f"The {notes.labels} that were found."],
            "returned": "success",
            "type": "list",
            "elements": "dict",
            "contains": {
                **_contains(entity.properties, reveal=True),
                "etag": _etag(f"O(threecx.xapi.threecx_{notes.name}#module:if_match)"),
            },
        },
        **_failure(),
    }


def _failure() -> dict[str, Any]:
    """What every module says when it fails, beside msg."""
    return {
        "pbx": {
            "description": "The PBX that was asked.",
            "returned": "failure",
            "type": "str",
            "sample": "https://pbx.example.com:5001",
        },
        "status": {
            "description": "The HTTP status of the PBX's answer, where there was one.",
            "returned": "failure",
            "type": "int",
            "sample": 412,
        },
        "code": {
            "description": "The PBX's own code for what is wrong, where it gave one.",
            "returned": "failure",
            "type": "str",
            "sample": "WARNINGS.XAPI.ALREADY_IN_USE",
        },
        "target": {
            "description": "The property that is wrong, where the PBX named one.",
            "returned": "failure",
            "type": "str",
            "sample": "Number",
        },
    }


def _short_description(entity: Entity) -> str:
    verb = "Manage" if entity.can_write else "Remove"
    return f"{verb} {entity.notes.labels} of a 3CX phone system"


def _found_by(entity: Entity) -> str:
    keys = [f"O({key.option})" for key in (entity.description.key, *entity.description.natural_keys)]
    return f"{entity.notes.article.capitalize()} {entity.notes.label} is found by {' or '.join(keys)}."


def _state(entity: Entity) -> dict[str, Any]:
    label, article = entity.notes.label, entity.notes.article
    absent = f"V(absent) removes the {label}. One that is gone already is no error and no change."
    if not entity.can_write:
        why = f"There is no default: nothing is removed that was not asked to be, and the API can do nothing else with {article} {label}."
        return {"description": [absent, why], "type": "str", "required": True, "choices": ["absent"]}
    if entity.description.can_create:
        present = f"V(present) makes the {label} where there is none, and changes what differs where there is one."
    else:
        present = f"V(present) changes what differs. The API cannot make {article} {label}."
    if not entity.description.can_delete:
        return {"description": [present], "type": "str", "default": "present", "choices": ["present"]}
    return {"description": [present, absent], "type": "str", "default": "present", "choices": ["present", "absent"]}


def _if_match(entity: Entity) -> dict[str, Any]:
    doing = "changed or removed" if entity.can_write else "removed"
    info = f"M(threecx.xapi.threecx_{entity.notes.name}_info)"
    return {
        "description": [
            f"The ETag that the {entity.notes.label} must still have, as {info} returned it. If the PBX has another version by"
            f" now, the task fails and nothing is {doing}.",
            'V("*") means whatever its version.',
            "Without it, the version that the task itself has just read is the one that must still be there.",
        ],
        "type": "str",
        "aliases": ["etag"],
    }


def _update_secrets() -> dict[str, Any]:
    return {
        "description": [
            "When to set the credentials that are given.",
            "V(always) sets those that differ from the PBX's, and those that the PBX does not show each time.",
            "V(on_create) sets them when the entity is made, and leaves them alone from then on.",
        ],
        "type": "str",
        "default": "always",
        "choices": ["always", "on_create"],
    }


def _option(item: Documented, *, required: bool = False, key: bool = False) -> dict[str, Any]:
    option: dict[str, Any] = {"description": [*item.description, *_form(item), *_rules(item, key)], "type": _type(item)}
    if option["type"] == "list":
        option["elements"] = _element(item)
    if required:
        option["required"] = True
    if item.property.choices:
        option["choices"] = list(item.property.choices)
    if item.fields:
        option["suboptions"] = {inner.property.option: _option(inner) for inner in item.fields}
    return option


def _rules(item: Documented, key: bool) -> list[str]:
    """What the description of a property means for the one who sets it."""
    facts = item.property
    if key:
        return ["It names one that is there and cannot be chosen."] if facts.read_only else []
    if facts.read_only:
        return ["Filled by the PBX: taken from an earlier result, never sent."]
    rules = []
    if (facts.minimum, facts.maximum) not in ((None, None), _INT32, _INT64):
        rules.append(f"From V({facts.minimum}) to V({facts.maximum}).")
    if facts.secret:
        rules.append("It is never shown in a result.")
    if facts.immutable:
        rules.append("It cannot be changed later.")
    if facts.many and facts.item_key:
        keys = " and ".join(
            f"C({inner.property.option})" for inner in item.fields if inner.property.name in facts.item_key
        )
        rules.append(
            f"The list replaces the one the PBX has. Items are told apart by {keys}; their order means nothing."
        )
    elif facts.many and facts.ordered:
        rules.append("The list replaces the one the PBX has, and its order counts.")
    elif facts.many:
        rules.append("The list replaces the one the PBX has; its order means nothing.")
    return rules


def _form(item: Documented) -> list[str]:
    return [_FORMS[item.property.kind]] if item.property.kind in _FORMS else []


def _type(item: Documented) -> str:
    return "list" if item.property.many or item.property.kind == "flags" else _element(item)


def _element(item: Documented) -> str:
    return _TYPES.get(item.property.kind, "str")


def _contains(properties: Iterable[Documented], *, reveal: bool) -> dict[str, Any]:
    """The results of one entity or structure: credentials only where they can be revealed."""
    found: dict[str, Any] = {}
    for item in properties:
        facts = item.property
        if facts.write_only or (facts.secret and not reveal):
            continue
        value: dict[str, Any] = {
            "description": list(item.description),
            "returned": _when(item, reveal),
            "type": _type(item),
        }
        if value["type"] == "list":
            value["elements"] = _element(item)
        if item.fields:
            value["contains"] = _contains(item.fields, reveal=reveal)
        sample = item.sample if item.sample is not None else True if facts.kind == "bool" else None
        if sample is not None and not facts.secret:
            value["sample"] = sample
        found[facts.option] = value
    return found


def _etag(option: str) -> dict[str, Any]:
    return {
        "description": f"Its version, to be given to {option}.",
        "returned": "when the PBX gives ETags",
        "type": "str",
        "sample": 'W/"3"',
    }


def _when(item: Documented, reading: bool) -> str:
    if item.property.secret:
        return "when O(reveal_secrets=true)"
    if item.property.large:
        return "when one was asked for by its key" if reading else "when the task gives it"
    return "when the PBX has it" if item.property.nullable else "always"


def _has_secret(properties: Iterable[Documented]) -> bool:
    return any(item.property.secret or _has_secret(item.fields) for item in properties)


def _sets_secret(properties: Iterable[Documented]) -> bool:
    return any(
        not item.property.read_only and (item.property.secret or _sets_secret(item.fields)) for item in properties
    )


def _filter_example(entity: Entity) -> str:
    """A filter by what people recognise one by, with Ansible's escape for a parenthesis where there is one."""
    option = entity.description.title
    item = next(item for item in entity.properties if item.property.option == option)
    value = item.sample if item.property.kind == "int" else f"'{item.sample}'"
    return f"{item.property.name} eq {value}".replace(")", "\\)")


def _words(option: str) -> str:
    return option.replace("_", " ").replace("mac ", "MAC ")
