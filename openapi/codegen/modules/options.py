"""What each option of a module is documented as: the entity's properties and the module's own.

What is documented here is what plugins/module_utils/_spec.py accepts; ansible-test's validate-modules proves it.
"""

from __future__ import annotations

from typing import Any

from openapi.codegen.modules import release
from openapi.codegen.modules.catalogue import InitNotes
from openapi.codegen.modules.describe import Documented, Entity
from openapi.codegen.modules.naming import snake_case
from openapi.codegen.modules.order import order
from openapi.codegen.modules.types import element_of, type_of
from pbx_as_code.engine.find.history import HISTORIES, LONGEST_WINDOW
from pbx_as_code.engine.options.option_specs import MAKING_TIMEOUT

_INT32 = (-(2**31), 2**31 - 1)
_INT64 = (-(2**63), 2**63 - 1)
_FORMS = {
    "datetime": "A point in time as in V(2026-01-31T08:00:00Z).",
    "date": "A day as in V(2026-01-31).",
    "time": "A time of day as in V(08:30). It is sent as V(08:30:00).",
    "duration": "A length of time as in V(PT30S) or V(PT1H30M).",
    "network": "With or without a mask: V(192.0.2.7), V(192.0.2.7/32) and V(192.0.2.7/255.255.255.255) are the same.",
    "mac": "Any usual notation is taken; results have the one the PBX uses.",
    "telephone": "Compared by its digits: V(+1 555-0133) and V(15550133) are the same.",
    "email": "Compared without regard to case.",
    "day_begin": "A time of day as in V(08:30) or V(PT8H30M). V(00:00), V(PT0S) and null are the same.",
    "day_end": "A time of day as in V(17:30) or V(PT17H30M). V(23:59), V(PT24H) and null all are the end of the day.",
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
        option["suboptions"] = {inner.property.option: property_option(inner) for inner in item.fields}
    return option


def _rules(item: Documented, key: bool) -> list[str]:
    """What the description of a property means for the one who sets it."""
    facts = item.property
    if key:
        return (
            ["It names one that is there and cannot be chosen."]
            if facts.read_only
            else _quoting(item)
            if facts.kind == "mac"
            else []
        )
    if facts.read_only:
        return ["Filled by the PBX: taken from an earlier result, never sent."]
    rules = _naming(item)
    if (facts.minimum, facts.maximum) not in ((None, None), _INT32, _INT64):
        rules.append(f"From V({facts.minimum}) to V({facts.maximum}).")
    if facts.secret:
        rules.append("It is never shown in a result.")
    if facts.immutable:
        rules += [*_quoting(item), "It cannot be changed later."]
    if facts.order_only:
        rules += [
            "Sets the order of the items. The list starts with those that are given; the others follow in the order they have.",
            "An item is found by the fields given for it. An item that does not exist is an error: none is created, changed"
            " or removed.",
        ]
    elif facts.many and facts.item_key:
        keys = " and ".join(
            f"C({inner.property.option})" for inner in item.fields if inner.property.name in facts.item_key
        )
        rules.append(f"{_effect(item)} Items are told apart by {keys}; {order(facts)}.")
    elif facts.many and facts.ordered:
        rules.append("The list replaces the one the PBX has, and its order counts.")
    elif facts.many:
        rules.append("The list replaces the one the PBX has; its order means nothing.")
    return rules


def _effect(item: Documented) -> str:
    """What a list that is given does to the one that is there."""
    return (
        "Items that are not given stay as they are; none can be removed."
        if item.property.standing
        else "The list replaces the one the PBX has."
    )


def _naming(item: Documented) -> list[str]:
    """How something that stands for another entity is written."""
    reference = item.property.reference
    if reference is None:
        return []
    ways = list(dict.fromkeys(_plainly(name) for name in (*reference.names, reference.stores)))
    choice = f"{', '.join(ways[:-1])} or {ways[-1]}" if len(ways) > 1 else ways[0]
    return [f"Given by its {choice}; results have its {ways[0]}. One that does not exist is an error."]


def _plainly(name: str) -> str:
    """What a property is called by which people name something: PromptSetName and Gateway/Name are names."""
    words = snake_case(name.rpartition("/")[2]).replace("_", " ")
    return "name" if words.endswith(" name") else words


def _quoting(item: Documented) -> list[str]:
    """A warning about what YAML makes of digits: 0100 is the number 64 there, and nobody can tell afterwards."""
    reads = {"mac": "C(001122334455) as another number", "str": "C(0100) as 64", "telephone": "C(0100) as 64"}.get(
        item.property.kind
    )
    return [f"Put it in quotes: YAML reads {reads}."] if reads else []


def form(item: Documented) -> list[str]:
    """How a value is written that is no plain text, in no or one sentence."""
    return [_FORMS[item.property.kind]] if item.property.kind in _FORMS else []


def rename(label: str) -> dict[str, Any]:
    """The option rename of what the PBX numbers itself."""
    return {
        "description": [
            f"Whether the {label} with the given number or id may get another name.",
            "Numbers and ids differ from PBX to PBX. Without V(true), a task fails where the number or id belongs to a"
            f" {label} with another name, so that it does not rename an unrelated one.",
        ],
        "type": "bool",
        "default": False,
    }


def lists() -> dict[str, Any]:
    """The option lists."""
    return {
        "description": [
            "What the lists that are given mean for those that are there. It counts for the options of the module itself;"
            " a list within another option is always replaced.",
            "V(replace) makes each list what is given.",
            "V(add) adds what is missing and changes what is there with the same key; everything else stays.",
            "V(remove) takes out what is given; everything else stays.",
        ],
        "type": "str",
        "default": "replace",
        "choices": ["replace", "add", "remove"],
    }


def waiting(what: str, seconds: int = MAKING_TIMEOUT) -> dict[str, dict[str, Any]]:
    """The options of what a PBX does in its own time.

    Args:
        what: is waited for, such as: the new backup is there.
        seconds: how long, where a task says nothing.
    """
    return {
        "wait": {"description": [f"Whether to wait until {what}."], "type": "bool", "default": True},
        "wait_timeout": {
            "description": [f"How long to wait until {what}, in seconds. The task fails when the time is up."],
            "type": "int",
            "default": seconds,
        },
    }


def init_parameter(notes: InitNotes, label: str) -> dict[str, Any]:
    """An option that counts when one is made."""
    return {
        "description": [
            *notes.description,
            f"Needed to make a new {label}, such as V({notes.sample}). It cannot be changed later.",
        ],
        "type": "str",
    }


def expand(choices: list[str], labels: str) -> dict[str, Any]:
    """The option expand of an _info module."""
    return {
        "description": [
            "What to bring along that the PBX answers only where it is asked for.",
            f"Left out, everything for one that is named by its key, and nothing for a list of {labels}: it makes long lists slow.",
        ],
        "type": "list",
        "elements": "str",
        "choices": choices,
    }


def state(entity: Entity) -> dict[str, Any]:
    """The option state: what can be done with the entity, and what is done where nothing is said."""
    label, article = entity.notes.label, entity.notes.article
    absent = f"V(absent) removes the {label}. One that is gone already is no error and no change."
    if not entity.can_write:
        why = f"There is no default: nothing is removed that was not asked to be, and the API can do nothing else with {article} {label}."
        return {"description": [absent, why], "type": "str", "required": True, "choices": ["absent"]}
    absent += f" Where properties are given too, only {article} {label} that has them is removed."
    if entity.description.making:
        present = f"V(present) makes the {label} where there is none of that name. One that is there is no error and no change."
    elif entity.description.can_create:
        present = f"V(present) makes the {label} where there is none, and changes what differs where there is one."
    else:
        present = f"V(present) changes what differs. The API cannot make {article} {label}."
    if not entity.description.can_delete:
        return {"description": [present], "type": "str", "default": "present", "choices": ["present"]}
    return {"description": [present, absent], "type": "str", "default": "present", "choices": ["present", "absent"]}


def if_match(name: str, label: str, doing: str) -> dict[str, Any]:
    """The option if_match, alias etag.

    Args:
        name: of the module, without threecx_.
        label: what it changes, for people.
        doing: what is not done where the version is another one, such as changed or removed.
    """
    info = f"M(threecx.xapi.threecx_{name}_info)"
    return {
        "description": [
            f"The ETag that the {label} must still have, as {info} returned it. If the PBX has another version by"
            f" now, the task fails and nothing is {doing}.",
            'V("*") means whatever its version.',
            "Without it, the version that the task itself has just read is the one that must still be there.",
        ],
        "type": "str",
        "aliases": ["etag"],
    }


def update_secrets() -> dict[str, Any]:
    """The option update_secrets."""
    return {
        "description": [
            "When to set the credentials that are given.",
            "V(always) sets those that differ from the PBX's, and those that the PBX does not show each time.",
            "V(on_create) sets them when the entity is made, or a new item of a list in it, and leaves them alone from then on.",
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
        usual = (
            f"Without it, V({facts.order})." if facts.order else f"Without it, by {facts.key.option.replace('_', ' ')}."
        )
        key = facts.order.removesuffix(" desc") or facts.key.name
        options["order_by"] = {
            "description": [
                f"By what the {labels} are ordered, in the words of the PBX: V({key}), or V({key} desc) for the reverse.",
                usual,
            ],
            "type": "str",
        }
    what = f"How many {labels} to return at most, the first ones in their order. V(0) means every one."
    if facts.limit is None:
        return {**options, "limit": {"description": [what], "type": "int"}}
    more = (
        "There may be very many: where nothing is said, a warning tells that there are more than are returned. The default"
        " does not apply where the task names what it means."
    )
    return {**options, "limit": {"description": [what, more], "type": "int", "default": facts.limit}}


def history(entity: Entity) -> dict[str, Any]:
    """The window of days of an _info module that reads a history; none for other lists."""
    if entity.description.entity_set not in HISTORIES:
        return {}
    labels = entity.notes.labels
    return {
        "start_date": {
            "description": [
                f"First day of the {labels} to read, as in V(2026-09-01). Put it in quotes.",
                "Required, because a query of the whole history can take down the database of a PBX.",
            ],
            "type": "str",
            "required": True,
        },
        "end_date": {
            "description": [
                f"Last day of the {labels} to read. Without it, O(start_date) alone is read."
                f" The window has at most {LONGEST_WINDOW} days."
            ],
            "type": "str",
        },
    }


def reveal_secrets() -> dict[str, Any]:
    """The option reveal_secrets of an _info module."""
    return {
        "description": [
            "Whether to return credentials too. Results are shown and logged: combine it with C(no_log) on the task.",
        ],
        "type": "bool",
        "default": False,
    }


def update_secrets_of_settings() -> dict[str, Any]:
    """The option update_secrets where nothing is ever created."""
    return {
        "description": [
            "When to set the credentials that are given.",
            "V(always) sets those that differ from the PBX's, and those that the PBX does not show each time.",
            "V(on_create) sets those that the PBX has none of yet, and leaves the others alone.",
        ],
        "type": "str",
        "default": "always",
        "choices": ["always", "on_create"],
    }
