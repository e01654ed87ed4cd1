"""Documentation of each option of a module: the entity's properties and the module's common options.

plugins/module_utils/_spec.py accepts the options documented here; ansible-test's validate-modules proves it.
"""

from __future__ import annotations

from typing import Any

from openapi.codegen.modules import release
from openapi.codegen.modules.naming import snake_case
from openapi.codegen.modules.notes import InitNotes
from openapi.codegen.modules.order import order
from openapi.codegen.modules.properties import Documented, Entity
from openapi.codegen.modules.types import element_of, type_of
from pbx_as_code.engine.options.history import HISTORIES, LONGEST_WINDOW
from pbx_as_code.engine.options.option_specs import MAKING_TIMEOUT

#: Ranges of storage types, which say nothing about a property.
_BYTE = (0, 255)
_INT32 = (-(2**31), 2**31 - 1)
_INT64 = (-(2**63), 2**63 - 1)
_FORMS = {
    "datetime": "Date and time, such as V(2026-01-31T08:00:00Z).",
    "date": "Date, such as V(2026-01-31).",
    "time": "Time of day, such as V(08:30). It is sent as V(08:30:00).",
    "duration": "Duration, such as V(PT30S) or V(PT1H30M).",
    "network": "The mask is optional. V(192.0.2.7), V(192.0.2.7/32) and V(192.0.2.7/255.255.255.255) are equal.",
    "mac": "Any usual notation is accepted. Results use the notation of the PBX.",
    "telephone": "Compared by its digits only. V(+1 555-0133) and V(15550133) are equal.",
    "email": "Compared without case.",
    "day_begin": "Time of day, such as V(08:30) or V(PT8H30M). V(00:00), V(PT0S) and null are equal.",
    "day_end": "Time of day, such as V(17:30) or V(PT17H30M). V(23:59), V(PT24H) and null all stand for the end of "
    "the day.",
}


def property_option(item: Documented, *, required: bool = False, key: bool = False) -> dict[str, Any]:
    """An option for a property; `key` is what stands in parentheses in the URL, or else names one."""
    option: dict[str, Any] = {
        "description": [*item.description, *form(item), *_rules(item, key), *release.of_option(item)],
        "type": type_of(item),
    }
    if option["type"] == "list":
        option["elements"] = element_of(item)
    if required:
        option["required"] = True
    if item.property.choices:
        option["choices"] = list(item.property.choices)
    if item.fields:
        option["suboptions"] = {
            inner.property.option: property_option(inner)
            for inner in item.fields
            if item.property.order_only or inner.property.name in item.property.item_key or settable(inner)
        }
    return option


def settable(item: Documented) -> bool:
    """Whether a task can set anything with a property. Read-only properties are accepted in a result that is given
    back: they are no options.
    """
    if item.fields and not item.property.order_only:
        return not item.property.read_only and any(map(settable, item.fields))
    return not item.property.read_only


def _rules(item: Documented, key: bool) -> list[str]:
    """Describe a property's meaning to a user who sets it."""
    facts = item.property
    if key:
        return (
            ["Identifies an existing object. The PBX assigns it, so it cannot be chosen."]
            if facts.read_only
            else _quoting(item)
            if facts.kind == "mac"
            else []
        )
    if facts.read_only:
        return ["Read-only. Ignored on input."]
    rules = _naming(item)
    if (facts.minimum, facts.maximum) not in ((None, None), _BYTE, _INT32, _INT64):
        rules.append(f"Allowed range is V({facts.minimum}) to V({facts.maximum}).")
    if facts.secret:
        rules.append("Never returned in a result.")
    if facts.immutable:
        rules += [*_quoting(item), "Cannot be changed after creation."]
    if facts.order_only:
        rules += [
            "Sets the order of the items. Given items come first, the others follow in their present order.",
            "Each item is found by its given fields. The task fails if an item does not exist. Items are never created,"
            " changed or removed.",
        ]
    elif facts.many and facts.item_key:
        keys = " and ".join(
            f"C({inner.property.option})" for inner in item.fields if inner.property.name in facts.item_key
        )
        rules.append(f"{_effect(item)} Items are identified by {keys}. {order(facts)}")
    elif facts.many:
        rules.append(f"Replaces the list on the PBX. {order(facts)}")
    return rules


def _effect(item: Documented) -> str:
    """Describe the effect of a given list on the existing one."""
    return (
        "Items that are not given stay unchanged. Items cannot be removed."
        if item.property.standing
        else "Replaces the list on the PBX."
    )


def _naming(item: Documented) -> list[str]:
    """Accepted names of a reference to another entity."""
    reference = item.property.reference
    if reference is None:
        return []
    ways = list(dict.fromkeys(_plainly(name) for name in (*reference.names, reference.stores)))
    choice = f"{', '.join(ways[:-1])} or {ways[-1]}" if len(ways) > 1 else ways[0]
    return [f"Accepts the {choice}. Results contain the {ways[0]}. The task fails if there is no such object."]


def _plainly(name: str) -> str:
    """Words for a property that serves as a name: PromptSetName and Gateway/Name are names."""
    words = snake_case(name.rpartition("/")[2]).replace("_", " ")
    return "name" if words.endswith(" name") else words


def _quoting(item: Documented) -> list[str]:
    """Warning about unquoted digits in YAML: 0100 is read as the number 64, which cannot be detected later."""
    reads = {"mac": "C(001122334455) as another number", "str": "C(0100) as 64", "telephone": "C(0100) as 64"}.get(
        item.property.kind
    )
    return [f"Put it in quotes: YAML reads {reads}."] if reads else []


def form(item: Documented) -> list[str]:
    """Notation of a value that is not plain text: one sentence or none."""
    return [_FORMS[item.property.kind]] if item.property.kind in _FORMS else []


def rename(label: str) -> dict[str, Any]:
    """The option rename of entities that the PBX numbers itself."""
    return {
        "description": [
            f"Whether the task may rename the {label} with the given number or ID.",
            "Numbers and IDs differ from PBX to PBX. With V(false), the task fails if the number or ID belongs to a "
            f"{label} with another name. This prevents renaming an unrelated one.",
        ],
        "type": "bool",
        "default": False,
    }


def lists() -> dict[str, Any]:
    """The option lists."""
    return {
        "description": [
            "How given lists are applied to the lists on the PBX. This affects top-level options only; a list within"
            " another option is always replaced.",
            "V(replace) replaces each list by the given one.",
            "V(add) adds missing items and changes existing items with the same key. All other items stay.",
            "V(remove) removes the given items. All other items stay.",
        ],
        "type": "str",
        "default": "replace",
        "choices": ["replace", "add", "remove"],
    }


def waiting(what: str, seconds: int = MAKING_TIMEOUT) -> dict[str, dict[str, Any]]:
    """The options wait and wait_timeout of an asynchronous action.

    Args:
        what: condition to wait for, such as: the new backup exists.
        seconds: default of wait_timeout.
    """
    return {
        "wait": {"description": [f"Whether to wait until {what}."], "type": "bool", "default": True},
        "wait_timeout": {
            "description": [f"Maximum time to wait until {what}, in seconds. The task fails after it."],
            "type": "int",
            "default": seconds,
        },
    }


def init_parameter(notes: InitNotes, label: str) -> dict[str, Any]:
    """An option that is used on creation only."""
    return {
        "description": [
            *notes.description,
            f"Required to create a {label}, such as V({notes.sample}). Cannot be changed after creation.",
        ],
        "type": "str",
    }


def expand(choices: list[str], labels: str) -> dict[str, Any]:
    """The option expand of an _info module."""
    return {
        "description": [
            "Properties to return in addition to those the PBX returns by default.",
            f"By default, all of them if the task selects a single object by its key, and none in a list of {labels}, "
            "which they slow down.",
        ],
        "type": "list",
        "elements": "str",
        "choices": choices,
    }


def state(entity: Entity) -> dict[str, Any]:
    """The option state, with its choices and default."""
    label, article = entity.notes.label, entity.notes.article
    absent = f"V(absent) removes the {label}. If it does not exist, nothing changes."
    if not entity.can_write:
        why = (
            f"Required, so that a task never removes {article} {label} unintentionally. The API cannot create or "
            "change one."
        )
        return {"description": [absent, why], "type": "str", "required": True, "choices": ["absent"]}
    absent += f" If properties are also given, only {article} {label} with these values is removed."
    if entity.description.making:
        present = f"V(present) creates the {label} if none with this name exists. An existing one is not changed."
    elif entity.description.can_create:
        present = f"V(present) creates the {label} if it does not exist, and changes properties that differ if it does."
    else:
        present = f"V(present) changes properties that differ. The API cannot create {article} {label}."
    if not entity.description.can_delete:
        return {"description": [present], "type": "str", "default": "present", "choices": ["present"]}
    return {"description": [present, absent], "type": "str", "default": "present", "choices": ["present", "absent"]}


def if_match(name: str, label: str, doing: str) -> dict[str, Any]:
    """The option if_match, alias etag.

    Args:
        name: name of the module, without threecx_.
        label: label of the entity.
        doing: what the task would do, such as changed or removed.
    """
    info = f"M(threecx.xapi.threecx_{name}_info)"
    return {
        "description": [
            f"ETag that the {label} must have, as returned by {info}. If the {label} has changed in the meantime, the "
            f"task fails and nothing is {doing}.",
            'V("*") accepts any version.',
            "By default, the task uses the ETag that it reads itself, if the PBX returns one.",
        ],
        "type": "str",
        "aliases": ["etag"],
    }


def update_secrets() -> dict[str, Any]:
    """The option update_secrets."""
    return {
        "description": [
            "When to set given credentials.",
            "V(always) sets credentials that differ, and on every run those that the PBX does not return.",
            "V(on_create) sets them when the object, or a new item of one of its lists, is created, and never changes "
            "them later.",
        ],
        "type": "str",
        "default": "always",
        "choices": ["always", "on_create"],
    }


def portion(entity: Entity) -> dict[str, Any]:
    """The options order_by and limit of an _info module."""
    facts, labels = entity.description, entity.notes.labels
    options: dict[str, Any] = {}
    if facts.can_order:
        usual = f"Defaults to V({facts.order})." if facts.order else f"Defaults to V({facts.key.name})."
        key = facts.order.removesuffix(" desc") or facts.key.name
        options["order_by"] = {
            "description": [
                f"Sort order of the {labels} in OData notation, such as V({key}), or V({key} desc) for the reverse.",
                usual,
            ],
            "type": "str",
        }
    what = f"Maximum number of {labels} to return. V(0) returns all."
    if facts.limit is None:
        return {**options, "limit": {"description": [what], "type": "int"}}
    more = "If the default truncates the list, the task warns. The default does not apply if the task gives a key."
    return {**options, "limit": {"description": [what, more], "type": "int", "default": facts.limit}}


def history(entity: Entity) -> dict[str, Any]:
    """The window of days of an _info module that reads a history; none for other lists."""
    if entity.description.entity_set not in HISTORIES:
        return {}
    labels = entity.notes.labels
    return {
        "start_date": {
            "description": [
                f"First day of the {labels} to read, such as V(2026-09-01). Put it in quotes.",
                "Required, because a query of the whole history can take down the database of a PBX.",
            ],
            "type": "str",
            "required": True,
        },
        "end_date": {
            "description": [
                f"Last day of the {labels} to read. Defaults to O(start_date)."
                f" The window may have at most {LONGEST_WINDOW} days."
            ],
            "type": "str",
        },
    }


def reveal_secrets() -> dict[str, Any]:
    """The option reveal_secrets of an _info module."""
    return {
        "description": [
            "Whether to return credentials. Ansible shows and logs results, so set C(no_log) on the task as well.",
        ],
        "type": "bool",
        "default": False,
    }


def update_secrets_of_settings() -> dict[str, Any]:
    """The option update_secrets where nothing is ever created."""
    return {
        "description": [
            "When to set given credentials.",
            "V(always) sets credentials that differ, and on every run those that the PBX does not return.",
            "V(on_create) sets only credentials that are still missing on the PBX.",
        ],
        "type": "str",
        "default": "always",
        "choices": ["always", "on_create"],
    }
