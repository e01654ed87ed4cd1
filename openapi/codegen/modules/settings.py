"""DOCUMENTATION, EXAMPLES and RETURN of the two modules of a singleton."""

from __future__ import annotations

from typing import Any

from openapi.codegen.modules import release
from openapi.codegen.modules.documentation import (
    AUTHOR,
    KEPT_UNLESS_GIVEN,
    given_back,
    has_secret,
    noted,
    set_each_time,
)
from openapi.codegen.modules.options import (
    if_match,
    lists,
    property_option,
    reveal_secrets,
    settable,
    update_secrets_of_settings,
)
from openapi.codegen.modules.properties import Settings
from openapi.codegen.modules.results import UNCONDITIONAL, contains, etag, fields_of
from openapi.codegen.modules.shapes import Shapes
from pbx_as_code.engine.options.option_specs import takes_lists, takes_update_secrets

#: Facts about settings that an action takes.
_AS_A_WHOLE = (
    "There is no C(if_match), because the API accepts these settings only as a whole and without a version. The task "
    "reads all of them, changes those that differ and sends all of them. A change that somebody else makes at the "
    "same time may be lost."
)


#: Fact about a single value, or about a choice among several objects.
_AS_ONE = "There is no C(if_match), because the API accepts this setting without a version."


def _without_version(settings: Settings) -> list[str]:
    action = settings.description.action
    return [] if action is None else [_AS_ONE if action.form in ("value", "key") else _AS_A_WHOLE]


def documentation(settings: Settings) -> dict[str, Any]:
    """DOCUMENTATION of the module that changes the settings."""
    name, label = settings.description.name, settings.notes.label
    options = {item.property.option: property_option(item) for item in settings.properties if settable(item)}
    if settings.description.action is None:
        options["if_match"] = if_match(name, label, "changed")
    if takes_update_secrets(settings.description):
        options["update_secrets"] = update_secrets_of_settings()
    if takes_lists(settings.description):
        options["lists"] = lists()
    return {
        "module": f"threecx_{name}",
        "short_description": f"Manage the {label} of a 3CX phone system",
        "version_added": settings.version_added,
        "description": list(settings.notes.description),
        "author": AUTHOR,
        "extends_documentation_fragment": ["threecx.xapi.connection", "threecx.xapi.attributes"],
        **set_each_time(settings.properties),
        "options": options,
        "notes": [
            KEPT_UNLESS_GIVEN,
            given_back(name),
            *_without_version(settings),
            *release.of_module(settings.description.since, settings.properties),
        ],
        "seealso": [{"module": f"threecx.xapi.threecx_{name}_info"}],
    }


def info_documentation(settings: Settings) -> dict[str, Any]:
    """DOCUMENTATION of the module that reads the settings."""
    name, label, changeable = settings.description.name, settings.notes.label, settings.description.changeable
    return {
        "module": f"threecx_{name}_info",
        "short_description": f"Read the {label} of a 3CX phone system",
        "version_added": settings.version_added,
        "description": [
            f"Returns the {label} of a PBX.",
            f"The result can be used as options of M(threecx.xapi.threecx_{name}).",
        ]
        if changeable
        else list(settings.notes.description),
        "author": AUTHOR,
        "extends_documentation_fragment": ["threecx.xapi.connection", "threecx.xapi.attributes.info"],
        "options": {"reveal_secrets": reveal_secrets()} if has_secret(settings.properties) else {},
        **noted(release.of_module(settings.description.since)),
        "seealso": [{"module": f"threecx.xapi.threecx_{name if changeable else 'operation'}"}],
    }


def info_examples(settings: Settings) -> str:
    """EXAMPLES of the module that reads the settings: the same for all that can be changed."""
    if not settings.description.changeable:
        return settings.notes.examples
    name, label = settings.description.name, settings.notes.label
    return f"""\
- name: Read the {label}
  threecx.xapi.threecx_{name}_info:
  register: current

- name: Show them
  ansible.builtin.debug:
    var: current.{name}
"""


def returned(settings: Settings) -> dict[str, Any]:
    """RETURN of the module that changes the settings."""
    name, label = settings.description.name, settings.notes.label
    versioned = "O(if_match)" if settings.description.action is None else ""
    return {
        name: {
            "description": [
                f"State of the {label} after the task. Never contains credentials.",
                "In check mode, the predicted state.",
                *fields_of(f"threecx_{name}_info", name, settings.properties, versioned),
            ],
            "returned": "success",
            "type": "dict",
        }
    }


def info_returned(settings: Settings, shapes: Shapes) -> dict[str, Any]:
    """RETURN of the module that reads the settings."""
    name = settings.description.name
    return {
        name: {
            "description": [f"The {settings.notes.label}.", UNCONDITIONAL],
            "returned": "success",
            "type": "dict",
            "contains": shapes.linked(f"threecx_{name}_info", name, info_contains(settings)),
        }
    }


def info_contains(settings: Settings) -> dict[str, Any]:
    """The fields of the settings as their _info module returns them."""
    found, action = contains(settings.properties), settings.description.action
    if not settings.description.changeable:
        return found
    if action is None:
        return {**found, "etag": etag(f"O(threecx.xapi.threecx_{settings.description.name}#module:if_match)")}
    if action.form in ("value", "key"):  # it cannot be set to null, and may be answered as that
        for value in found.values():
            value["returned"] = "when the PBX has a value"
    return found
