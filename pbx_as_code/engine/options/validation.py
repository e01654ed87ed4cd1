"""Validation of a program's options: what Ansible does with the same argument spec for a task.

Stricter than Ansible where it guesses: a text is no list, and what is no number or truth value is refused and not read.
Whole numbers are taken for texts, as in a task: an extension is often written so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NoReturn

from pbx_as_code.engine.compare.values import is_repeated
from pbx_as_code.engine.options.invalid_values import invalid_values, option_of, without_nulls
from pbx_as_code.engine.report.failures import nearest, refused
from pbx_as_code.errors import BadOption
from pbx_as_code.suggestions import either, nearest_names

_TRUTHS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
_NEEDED = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "dict": "a structure",
    "str": "a text",
}


_NO_TEXT: Final[Any] = object.__str__
"""The text of objects whose class does not define one."""


def plain(value: Any, where: str = "") -> Any:
    """A copy of what a program gave, of dicts and lists alone.

    Parameters:
        value: options, or the value of one
        where: it stands, for messages

    Raises:
        BadOption: an object is no value, such as a marker in the place of a credential: its `repr` would be sent
    """
    if isinstance(value, Mapping):
        return {name: plain(inner, f"{where}.{name}" if where else str(name)) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, f"{where}[{number}]") for number, item in enumerate(value)]
    if isinstance(value, set | frozenset):
        return [plain(item, where) for item in value]
    written = value is None or isinstance(value, str | int | float)
    if not written and (isinstance(value, bytes | bytearray) or type(value).__str__ is _NO_TEXT):
        raise refused(where, f"a value is needed here, not an object of the type {type(value).__name__}.")
    return value


def validated(what: str, arguments: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a program with their defaults, of the types that the engine expects.

    Parameters:
        what: the options are of, for messages, such as user
        arguments: from option_specs, the keyword arguments of AnsibleModule
        given: the options, plain

    Raises:
        BadOption: one of them does not exist, is missing, or has a value that it cannot have
    """
    spec = arguments["argument_spec"]
    _refuse_unknown(what, spec, given, "")
    for name, problem in invalid_values(spec, given).items():
        raise BadOption(problem, target=name)
    found = _converted(what, spec, without_nulls(spec, given), "")
    for names in arguments.get("required_one_of", ()):
        if all(found.get(name) is None for name in names):
            raise BadOption(f"one of the following is required: {', '.join(names)}. Nothing was sent.", target=names[0])
    return found


def no_such(option: str, what: str, known: Iterable[str]) -> BadOption:
    """An option that does not exist.

    Parameters:
        option: as it was given
        what: of what it is none
        known: the options that there are
    """
    names = sorted(known)
    near = nearest_names(option.rpartition(".")[2], names)
    hint = f"did you mean {either(near)}?" if near else f"there are {', '.join(names)}."
    failure = refused(option, f"{what} has no such option; {hint}")
    assert isinstance(failure, BadOption)  # noqa: S101 it is the kind that refused() makes
    failure.nearest = next(iter(near), None)
    return failure


def _refuse_unknown(what: str, spec: Mapping[str, Any], given: Mapping[str, Any], within: str) -> None:
    for name, value in given.items():
        option = option_of(spec, name)
        if option is None:
            raise no_such(f"{within}{name}", what, spec)
        if option.get("options"):
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, Mapping):
                    _refuse_unknown(f"{within}{name} of {what}", option["options"], item, f"{within}{name}.")


def _converted(what: str, spec: Mapping[str, Any], given: Mapping[str, Any], within: str) -> dict[str, Any]:
    """Every option of a spec; None for what is neither given nor has a default, as in a task."""
    found: dict[str, Any] = {}
    for name, option in spec.items():
        value = given.get(name)
        if value is None:
            aliases = option.get("aliases", ())
            value = next((given[one] for one in aliases if given.get(one) is not None), option.get("default"))
        if value is None and option.get("required"):
            raise BadOption(f"missing required arguments: {within}{name}. Nothing was sent.", target=f"{within}{name}")
        found[name] = None if value is None else _value(what, option, value, f"{within}{name}")
    return found


def _value(what: str, option: Mapping[str, Any], value: Any, where: str) -> Any:
    if option.get("type") != "list":
        return _one(what, option, option.get("type", "str"), value, where)
    if not isinstance(value, list):
        _refuse(where, "a list", value)
    kind = option.get("elements", "str")
    return [None if item is None else _one(what, option, kind, item, f"{where}[{n}]") for n, item in enumerate(value)]


def _one(what: str, option: Mapping[str, Any], kind: str, value: Any, where: str) -> Any:
    if kind == "dict":
        if not isinstance(value, Mapping):
            _refuse(where, _NEEDED[kind], value)
        options = option.get("options")
        return _converted(what, options, value, f"{where}.") if options else dict(value)
    if kind in ("raw", "path"):
        return value
    found = _scalar(kind, value, where)
    choices = option.get("choices")
    if choices and found not in choices and not is_repeated(found):
        failure = BadOption(
            f"value of {where} must be one of: {', '.join(map(str, choices))}, got: {found}. Nothing was sent.",
            target=where,
        )
        failure.nearest = nearest(str(found), map(str, choices))
        raise failure
    return found


def _scalar(kind: str, value: Any, where: str) -> Any:
    if isinstance(value, Mapping | list):
        _refuse(where, _NEEDED[kind], value)
    if kind == "str":
        return value if isinstance(value, str) else str(value)
    if kind == "bool":
        found = value if isinstance(value, bool) else _TRUTHS.get(value.lower()) if isinstance(value, str) else None
        return _refuse(where, _NEEDED[kind], value) if found is None else found
    try:
        if isinstance(value, bool) or (kind == "int" and int(value) != float(value)):
            raise ValueError
        return int(value) if kind == "int" else float(value)
    except (TypeError, ValueError, OverflowError):
        return _refuse(where, _NEEDED[kind], value)


def _refuse(where: str, needed: str, value: Any) -> NoReturn:
    kinds = {dict: "a structure", list: "a list", str: "a text", bool: "true or false", int: "a number"}
    raise refused(where, f"{needed} is needed here, not {kinds.get(type(value), f'a {type(value).__name__}')}.")
