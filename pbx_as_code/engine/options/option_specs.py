"""Options of a task in addition to the connection, derived from the description of its entity, as an argument spec."""

from __future__ import annotations

from typing import Any

from pbx_as_code.description import Description, EntityDescription, Key, Kind, Property, SettingsDescription
from pbx_as_code.engine.options.history import history_options

#: Seconds to wait for what a PBX makes in its own time, where a task says nothing.
MAKING_TIMEOUT = 600
#: Seconds to wait for what starts or stops.
STEERING_TIMEOUT = 120
_TYPES: dict[Kind, str] = {"int": "int", "float": "float", "bool": "bool", "complex": "dict"}


def argument_spec(description: Description) -> dict[str, Any]:
    """The keyword arguments of AnsibleModule for a module that creates, updates or removes."""
    if isinstance(description, SettingsDescription):
        return {"argument_spec": _settings_options(description), "supports_check_mode": True}
    if description.steering is not None:
        return _steering_spec(description)
    writes = description.can_create or description.can_update
    options: dict[str, Any] = {}
    if writes:
        choices = ["present", "absent"] if description.can_delete else ["present"]
        options["state"] = {"type": "str", "choices": choices, "default": "present"}
    else:  # no default: a deletion that nobody asked for is no default
        options["state"] = {"type": "str", "choices": ["absent"], "required": True}
    options.update(_write_options(description))
    for key in description.keys:
        options[key.option] = _key_option(key)
    for parameter in description.init_with:
        options[parameter.option] = {"type": "str"}
    if description.making is not None:
        options |= _waiting(MAKING_TIMEOUT) | {prop.option: _option(prop) for prop in description.making.properties}
    for prop in description.properties:
        options[prop.option] = _option(prop)
    if description.reload is not None:
        options[description.reload.option] = {"type": "bool", "default": False}
    arguments: dict[str, Any] = {"argument_spec": options, "supports_check_mode": True}
    if description.below is not None:
        options[description.below.within.option]["required"] = True
    if description.natural_keys:
        arguments["required_one_of"] = [[key.option for key in description.keys]]
    else:
        options[description.key.option]["required"] = True
    return arguments


def _steering_spec(description: EntityDescription) -> dict[str, Any]:
    """An object that can only be started and stopped: its other properties are accepted because an _info module returns
    them.
    """
    options = _waiting(STEERING_TIMEOUT)
    options["state"] = {"type": "str", "choices": ["started", "stopped", "restarted"]}
    options["enabled"] = {"type": "bool"}
    for prop in description.properties:
        options[prop.option] = _option(prop)
    options[description.key.option]["required"] = True
    needed = [["state", "enabled"]]
    return {"argument_spec": options, "required_one_of": needed, "supports_check_mode": True}


def _waiting(seconds: int) -> dict[str, dict[str, Any]]:
    """Options for objects that the PBX creates in the background."""
    return {"wait": {"type": "bool", "default": True}, "wait_timeout": {"type": "int", "default": seconds}}


def _settings_options(description: SettingsDescription) -> dict[str, Any]:
    """No state: there is one of it always, and nothing to choose."""
    options = _write_options(description)
    for prop in description.properties:
        options[prop.option] = _option(prop)
    return options


def _write_options(description: Description) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if takes_if_match(description):
        options["if_match"] = {"type": "str", "aliases": ["etag"]}
    if takes_update_secrets(description):
        options["update_secrets"] = {
            "type": "str", "choices": ["always", "on_create"], "default": "always", "no_log": False,
        }  # fmt: skip
    if takes_rename(description):
        options["rename"] = {"type": "bool", "default": False}
    if takes_lists(description):
        options["lists"] = {"type": "str", "choices": ["replace", "add", "remove"], "default": "replace"}
    return options


def info_argument_spec(description: Description) -> dict[str, Any]:
    """The keyword arguments of AnsibleModule for a module that reads."""
    options: dict[str, Any] = {}
    if not isinstance(description, SettingsDescription):
        for key in description.keys:
            options[key.option] = _key_option(key)
        if description.below is not None:
            options[description.below.within.option] = {**_key_option(description.below.within), "required": True}
        options.update(history_options(description.entity_set))
        options["filter"] = {"type": "str"}
        options["search"] = {"type": "str"}
        if description.changeable and expandable(description):
            choices = [prop.option for prop in expandable(description)]
            options["expand"] = {"type": "list", "elements": "str", "choices": choices}
        if description.can_order:
            options["order_by"] = {"type": "str"}
        options["limit"] = (
            {"type": "int"} if description.limit is None else {"type": "int", "default": description.limit}
        )
    if any(prop.has_secrets for prop in description.properties):
        options["reveal_secrets"] = {"type": "bool", "default": False, "no_log": False}
    return {"argument_spec": options, "supports_check_mode": True}


def takes_rename(description: Description) -> bool:
    """Whether an object can be found by what its PBX assigned, and get another name."""
    return (
        isinstance(description, EntityDescription)
        and description.can_update
        and bool(description.local_keys and description.changeable_names)
    )


def takes_if_match(description: Description) -> bool:
    """Whether a write can be made to depend on a version: an action takes no ETag, so nothing could be promised."""
    calls = description.action if isinstance(description, SettingsDescription) else description.below
    return description.changeable and calls is None


def takes_update_secrets(description: Description) -> bool:
    """Whether there is anything the PBX may take and never answer."""
    can_update = isinstance(description, SettingsDescription) or description.can_update
    return can_update and any(prop.takes_hidden for prop in description.properties)


def takes_lists(description: Description) -> bool:
    """Whether there is a list to which something can be added."""
    can_write = isinstance(description, SettingsDescription) or description.can_create or description.can_update
    return can_write and any(prop.many and not prop.read_only for prop in description.properties)


def expandable(description: EntityDescription) -> tuple[Property, ...]:
    """Properties that an _info module reads on request."""
    return tuple(prop for prop in description.properties if prop.navigation)


def _key_option(key: Key) -> dict[str, Any]:
    return {"type": _TYPES.get(key.kind, "str")}


def _option(prop: Property) -> dict[str, Any]:
    kind = "list" if prop.kind == "flags" else _TYPES.get(prop.kind, "str")
    spec: dict[str, Any] = {"type": "list", "elements": kind} if prop.many else {"type": kind}
    if prop.kind == "flags":
        spec = {"type": "list", "elements": "str"}
    if prop.choices:
        spec["choices"] = list(prop.choices)
    if prop.kind == "complex":
        spec["options"] = {field.option: _option(field) for field in prop.fields}
    # Said either way: Ansible warns of anything that is merely called like a password.
    spec["no_log"] = prop.secret
    return spec
