"""DOCUMENTATION and RETURN of a module that starts and stops what a list shows."""

from __future__ import annotations

from typing import Any

from openapi.codegen.modules.documentation import AUTHOR, given_back, partly_idempotent
from openapi.codegen.modules.notes import SteeringNotes
from openapi.codegen.modules.options import property_option, settable, waiting
from openapi.codegen.modules.properties import Entity
from openapi.codegen.modules.results import fields_of
from pbx_as_code.engine.options.option_specs import STEERING_TIMEOUT


def documentation(entity: Entity, steering: SteeringNotes) -> dict[str, Any]:
    """DOCUMENTATION of the module."""
    name, label, key = entity.notes.name, entity.notes.label, entity.description.key.name
    options = {
        item.property.option: property_option(item, required=item.property.name == key, key=item.property.name == key)
        for item in entity.properties
        if settable(item) or item.property.name == key
    }
    options["state"] = {
        "description": [
            f"V(started) starts the {label} if it is not running. V(stopped) stops it if it is running.",
            f"V(restarted) restarts the {label} on every run of the task.",
            f"Without it, the {label} keeps its current status.",
        ],
        "type": "str",
        "choices": ["started", "stopped", "restarted"],
    }
    options["enabled"] = {
        "description": [
            f"Whether the {label} is enabled and can be started. Disabling it also stops it.",
            "At least one of O(state) and O(enabled) is needed.",
        ],
        "type": "bool",
    }
    options |= waiting(f"the PBX reports the requested status of the {label}", STEERING_TIMEOUT)
    return {
        "module": f"threecx_{name}",
        "short_description": f"Start and stop {entity.notes.labels} of a 3CX phone system",
        "version_added": entity.version_added,
        "description": list(steering.description),
        "author": AUTHOR,
        "extends_documentation_fragment": ["threecx.xapi.connection", "threecx.xapi.attributes"],
        **partly_idempotent("V(restarted) restarts on every run."),
        "options": options,
        "notes": [given_back(name)],
        "seealso": [{"module": f"threecx.xapi.threecx_{name}_info"}, {"module": "ansible.builtin.service"}],
    }


def returned(entity: Entity) -> dict[str, Any]:
    """RETURN of the module."""
    label = entity.notes.label
    return {
        entity.notes.name: {
            "description": [
                f"State of the {label} after the task.",
                "In check mode, the predicted state.",
                *fields_of(f"threecx_{entity.notes.name}_info", entity.notes.plural, entity.properties, ""),
            ],
            "returned": "success",
            "type": "dict",
        }
    }
