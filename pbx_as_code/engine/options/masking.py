"""Options of a task without their credentials, told by the option and never by the value.

Ansible itself searches everything it shows for the values of no_log options. A PIN of 178 then turns extension 178 into
asterisks, and a password with a backslash is not found where a structure was written as text. Here the place decides: a
no_log option, an option that does not exist, a credential in free-form data, and a structure that should hold a
credential but is no structure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pbx_as_code.engine.options.credentials import credentials_in, hidden
from pbx_as_code.engine.options.structures import structure_of

MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
_DEEPEST = 100
_LARGEST = 10**64
_IN_A_HOST = re.compile(r"((?:.*?://)?[^:@]*:)(.+)(?=@)", re.DOTALL)
Spec = Mapping[str, Mapping[str, Any]]


def masked(spec: Spec, options: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the options that may be shown and logged.

    Parameters:
        spec: the argument spec of the module
        options: as they were written, or after validation
    """
    names = _names(spec)
    shown: dict[str, Any] = {}
    for name, value in options.items():
        option = spec.get(names.get(name, name))
        if value is None:
            shown[name] = None
        elif option is None or option.get("no_log"):
            shown[name] = MASK
        elif name == "host" and isinstance(value, str):
            shown[name] = _IN_A_HOST.sub(rf"\g<1>{MASK}", value)
        else:
            shown[name] = _masked_value(option, value)
    return shown


def secret_texts(spec: Spec, options: Mapping[str, Any]) -> set[str]:
    """The texts in the places that masked() hides, for messages that may repeat them.

    Options that do not exist are left out: whatever was written there is no credential of this task for certain.
    """
    return {text for text, secret in _texts_of(spec, options) if secret}


def public_texts(spec: Spec, options: Mapping[str, Any]) -> set[str]:
    """The names of the options, and the texts that masked() shows."""
    return {text for text, secret in _texts_of(spec, options) if not secret} | _names_within(spec)


def texts(value: Any, depth: int = 0) -> Iterator[str]:
    """Every text and number in a value, the names within structures included."""
    if depth > _DEEPEST or value is None or isinstance(value, bool):
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name)
            yield from texts(inner, depth + 1)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts(item, depth + 1)
    elif not (isinstance(value, int) and abs(value) >= _LARGEST):  # refused for its size, and Python prints none larger
        yield str(value)
        if isinstance(value, float):
            yield f"{value:g}"


def _masked_value(option: Mapping[str, Any], value: Any) -> Any:
    """The value of an option that is no credential itself."""
    if value is None:
        return None
    if _is_free_form(option):
        return _masked_free_form(value)
    suboptions = option.get("options")
    if not suboptions:
        return value
    if isinstance(value, Mapping):
        return masked(suboptions, value)
    if isinstance(value, list):
        return [
            masked(suboptions, item) if isinstance(item, Mapping) else _unstructured(option, item) for item in value
        ]
    return _unstructured(option, value)


def _unstructured(option: Mapping[str, Any], value: Any) -> Any:
    """Something in the place of a structure; nobody can tell a credential in it from the rest."""
    return MASK if value is not None and _holds_secret(option) else value


def _masked_free_form(value: Any) -> Any:
    """Data without suboptions, in which credentials are told by their names."""
    if _too_deep(value):
        return MASK
    if isinstance(value, str):
        try:
            read = structure_of(value)
        except (TypeError, ValueError):
            return MASK
        return MASK if credentials_in(read) else value
    return hidden(value, MASK)


def _too_deep(value: Any) -> bool:
    """Whether a structure is deeper than anything that is not refused for that."""
    level = [value]
    for _ in range(_DEEPEST):
        inner: list[Any] = []
        for one in level:
            inner += one.values() if isinstance(one, Mapping) else one if isinstance(one, list | tuple) else ()
        if not inner:
            return False
        level = inner
    return True


def _is_free_form(option: Mapping[str, Any]) -> bool:
    return "dict" in (option.get("type"), option.get("elements")) and not option.get("options")


def _holds_secret(option: Mapping[str, Any]) -> bool:
    return bool(option.get("no_log")) or any(map(_holds_secret, (option.get("options") or {}).values()))


def _texts_of(spec: Spec, options: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Every text in the options that exist, and whether it is in the place of a credential."""
    names = _names(spec)
    for name, value in options.items():
        option = spec.get(names.get(name, name))
        if option is None:
            continue
        if name == "host" and isinstance(value, str) and (found := _IN_A_HOST.match(value)):
            yield found[2], True
        elif option.get("no_log"):
            yield from ((text, True) for text in texts(value))
        elif _is_free_form(option):
            if _too_deep(value):
                continue
            secrets = credentials_in(value)
            yield from ((text, True) for text in secrets)
            if not isinstance(value, str):
                yield from ((text, False) for text in texts(hidden(value, "")))
        elif option.get("options"):
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, Mapping):
                    yield from _texts_of(option["options"], item)
                else:
                    yield from ((text, _holds_secret(option)) for text in texts(item))
        else:
            yield from ((text, False) for text in texts(value))


def _names(spec: Spec) -> dict[str, str]:
    return {alias: name for name, option in spec.items() for alias in option.get("aliases", ())}


def _names_within(spec: Spec) -> set[str]:
    found = set(spec) | set(_names(spec))
    return found.union(*(_names_within(option["options"]) for option in spec.values() if option.get("options")))
