"""Values as the options of a kind want them: the description decides what a plain scalar is, not its spelling."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

from pbx_as_code.config.configuration import Refused
from pbx_as_code.config.kinds import ConfigKind, Reason, has_items, item_key
from pbx_as_code.config.nodes import REMOVE, Entries, Items, Marker, Node, Place, Problem, Removal, Scalar
from pbx_as_code.config.spelling import unknown
from pbx_as_code.description import Property
from pbx_as_code.engine.compare.values import check_text, to_wire
from pbx_as_code.engine.options.invalid_values import check_digits
from pbx_as_code.errors import PbxError

_TRUE: Final = frozenset({"true", "yes", "on"})
_FALSE: Final = frozenset({"false", "no", "off"})
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,19}")
_FLOAT: Final = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})?")
_NOWHERE: Final = Place("", 1, 1)
_OF_TASKS: Final = {
    "state": "To remove an object, leave it out and consent with --remove KIND:NAME.",
    "lists": "A list is declared as a whole.",
    "if_match": "A plan notices by itself whether an object has changed.",
}
"""Options of the modules for one object that people try in declarations, and what to do instead."""


@dataclass(frozen=True)
class Secret:
    """A credential that is named and not known yet. It is no text: nothing can send or show it by mistake."""

    name: str


class Typing:
    """Turns the nodes of one kind into values, and collects what is wrong with them."""

    def __init__(
        self, kind: ConfigKind, problems: list[Problem], accepted: Container[str] = (), refused: Refused | None = None
    ) -> None:
        """Type the objects of one kind.

        Parameters:
            kind: of the objects
            problems: filled with what is wrong
            accepted: texts of values that are kept although no task could set them, because a PBX may hold them
            refused: filled with these values
        """
        self._kind = kind
        self._problems = problems
        self._accepted = accepted
        self._refused = {} if refused is None else refused
        self.removals: list[tuple[tuple[str, ...], Removal]] = []
        """Paths of options that the object just typed does not want to declare."""

    def values(self, entries: Entries) -> dict[str, Any]:
        """The options of one object, typed. An invalid value is left out and reported as a problem."""
        self.removals = []
        return self._structure(tuple(self._kind.options.values()), entries, "")

    def defaults(self, entries: Entries) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """The defaults of the kind, typed, and those of the items of its lists: a structure in the place of a list.

        Parameters:
            entries: of the kind
        """
        of_items = {
            name: node
            for name, node in entries.values.items()
            if isinstance(node, Entries) and (prop := self._kind.options.get(name)) is not None and has_items(prop)
        }
        plain = Entries(entries.place, {n: v for n, v in entries.values.items() if n not in of_items}, entries.keys)
        found = self.values(plain)
        items: dict[str, dict[str, Any]] = {}
        for name, node in of_items.items():
            prop = self._kind.options[name]
            for option in node.values.keys() & set(item_key(self._kind, prop)):
                message = f"{option} tells one item of {name} from another: it has no default."
                self._problems.append(Problem(node.keys[option], message))
            items[name] = self._structure(prop.fields, node, f"{name}.")
        return found, items

    def _structure(self, properties: tuple[Property, ...], entries: Entries, within: str) -> dict[str, Any]:
        known = {prop.option: prop for prop in properties if within == "" or not prop.read_only}
        typed: dict[str, Any] = {}
        for name, node in entries.values.items():
            prop = known.get(name)
            path = within + name
            if prop is None:
                self._unknown(properties, entries, name, within)
                continue
            left_out = self._kind.left_out.get(path)
            if left_out is not None and left_out.reason is Reason.ELSEWHERE:
                message = f"{path} of {self._kind.description.one} is not declared here: {left_out.hint}."
                self._problems.append(Problem(entries.keys[name], message))
                continue
            if isinstance(node, Removal):
                self.removals.append((tuple(path.split(".")), node))
                continue
            try:
                typed[name] = self._value(prop, node, path)
            except _WrongError as wrong:
                self._problems.append(wrong.problem)
        return typed

    def _unknown(self, properties: tuple[Property, ...], entries: Entries, name: str, within: str) -> None:
        place = entries.keys[name]
        all_of_it = self._kind.description.properties if within == "" else properties
        if any(prop.option == name for prop in all_of_it):
            message = (
                f"{within}{name} of {self._kind.description.one} is set by the PBX and cannot be declared. Remove it."
            )
        elif within == "" and name in _OF_TASKS:
            message = f"{name} is an option of tasks that change one object, not of a declaration. {_OF_TASKS[name]}"
        else:
            what = f"option of {self._kind.description.one}" + (f" in {within[:-1]}" if within else "")
            message = unknown(what, name, [p.option for p in properties if within == "" or not p.read_only])
        self._problems.append(Problem(place, message))

    def _value(self, prop: Property, node: Node, path: str) -> Any:
        if isinstance(node, Scalar) and node.is_null:
            return None
        if prop.many or prop.kind == "flags":
            if not isinstance(node, Items):
                raise _wrong(node, f"{path} needs a list.")
            return [self._item(prop, item, path) for item in node.values]
        return self._item(prop, node, path)

    def _item(self, prop: Property, node: Node, path: str) -> Any:
        marker = _marker(prop, node)
        if marker is not None:
            if path not in self._kind.secrets:
                raise _wrong(
                    node, f"{path} of {self._kind.description.one} holds no credential, so it takes no secret."
                )
            return Secret(marker)
        if isinstance(node, Removal) or (isinstance(node, Entries) and node.mark == REMOVE):
            why = "no layer below has it, or the list is replaced as a whole"
            raise _wrong(node, f"There is no such item of {path} to remove: {why}. Delete this line.")
        if prop.kind == "complex":
            if not isinstance(node, Entries):
                raise _wrong(node, f"{path} needs a structure with {_listed([f.option for f in prop.fields])}.")
            return self._structure(prop.fields, node, path + ".")
        if not isinstance(node, Scalar):
            raise _wrong(node, f"{path} is one value, not several.")
        if node.is_null:
            return None
        if prop.secret or prop.write_only:
            raise _wrong(node, f"{path} is a credential. Write `!secret NAME` and keep the value out of the files.")
        if node.parsed is not None:
            _check_parsed(prop, node, path)
        try:
            return _scalar(prop, node, path)
        except _WrongError as wrong:
            held = _as_held(node)
            if prop.kind == "bool" or node.text not in self._accepted:
                raise
            self._refused[path, held] = wrong.problem.message
            return held


def can_be_refused(prop: Property) -> bool:
    """Whether a PBX may hold a value of a property that no task can set."""
    return not (prop.secret or prop.write_only) and (
        prop.kind not in ("bool", "str", "complex", "concealed")
        or prop.max_length is not None
        or prop.reference is not None
        or prop.option == "periods"
    )


def is_refused(prop: Property, value: Any) -> bool:
    """Whether a value that a PBX holds is one that no task can set.

    Parameters:
        prop: its property
        value: one value, no structure
    """
    if value is None or isinstance(value, Secret) or not can_be_refused(prop):
        return False
    try:
        _scalar(prop, Scalar(str(value), False, _NOWHERE), "")
    except _WrongError:
        return True
    return False


def _as_held(node: Scalar) -> Any:
    """The value of a PBX that an export writes so: a number is written without quotes."""
    if node.plain and _INTEGER.fullmatch(node.text):
        return int(node.text)
    return float(node.text) if node.plain and _FLOAT.fullmatch(node.text) else node.text


def _scalar(prop: Property, node: Scalar, path: str) -> Any:
    text = node.text
    if prop.kind == "bool":
        lowered = text.lower()
        if lowered not in _TRUE and lowered not in _FALSE:
            raise _wrong(node, f"{path} is true or false, not {text}.")
        return lowered in _TRUE
    if prop.kind == "int":
        if not _INTEGER.fullmatch(text):
            raise _wrong(node, f"{path} is a whole number, not {text}.")
        return _bounded(prop, node, path, int(text))
    if prop.kind == "float":
        if not (_FLOAT.fullmatch(text) and isfinite(float(text))):
            raise _wrong(node, f"{path} is a number, not {text}.")
        return float(text)
    if prop.choices and prop.kind in ("enum", "flags"):
        if text not in prop.choices:
            raise _wrong(node, unknown(f"choice for {path}", text, prop.choices))
        return text
    if prop.kind in ("enum", "flags"):
        return text
    try:
        to_wire(prop, text, path)
    except PbxError as failure:
        raise _wrong(node, str(failure).removesuffix(" Nothing was sent.")) from None
    return text


def _check_parsed(prop: Property, node: Scalar, path: str) -> None:
    """Refuse a truth value or a number where a text is needed whose spelling matters."""
    if isinstance(node.parsed, bool) and prop.kind in ("int", "float"):
        raise _wrong(node, f"{path} is a number, not true or false.")
    if isinstance(node.parsed, bool) and prop.kind not in ("bool", "enum", "flags"):
        raise _wrong(node, f"{path} is not true or false. If you wrote yes or off, put it in quotes.")
    if isinstance(node.parsed, bool) and prop.kind != "bool" and node.text not in prop.choices:
        raise _wrong(node, f"{path} is one of {', '.join(prop.choices)}. Put it in quotes.")
    try:
        if not isinstance(node.parsed, bool):
            check_text(prop.kind, node.parsed, path)
        check_digits(prop, node.parsed, path)
    except PbxError as failure:
        raise _wrong(node, str(failure).removesuffix(" Nothing was sent.")) from None


def _bounded(prop: Property, node: Scalar, path: str, number: int) -> int:
    low, high = prop.minimum, prop.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        raise _wrong(node, f"{path} is a number from {low} to {high}, not {number}.")
    return number


def _marker(prop: Property, node: Node) -> str | None:
    """The name of the secret a node stands for: a marker, or {secret: NAME} where one value is expected."""
    if isinstance(node, Marker):
        return node.name
    if prop.kind != "complex" and isinstance(node, Entries) and list(node.values) == ["secret"]:
        name = node.values["secret"]
        if not isinstance(name, Scalar) or name.is_null or not name.text.strip():
            raise _wrong(name, "secret needs the name of a secret, such as {secret: trunk_main}.")
        return name.text.strip()
    return None


class _WrongError(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def _wrong(node: Node, message: str) -> _WrongError:
    return _WrongError(Problem(node.place, message))


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
