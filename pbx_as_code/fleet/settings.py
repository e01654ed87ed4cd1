"""Settings of a PBX as one level of a fleet file gives them: its defaults, a group, or the PBX itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from pbx_as_code.config.nodes import Entries, Items, Marker, Node, Place, Problem, Removal, Scalar
from pbx_as_code.config.rules import limits
from pbx_as_code.config.spelling import unknown
from pbx_as_code.fleet.model import SECRET_SOURCES
from pbx_as_code.profiles import ProfileError, read_profile

SETTINGS: Final = frozenset(
    {"url", "client_id", *SECRET_SOURCES, "ca_path", "validate_certs", "profile", "layers", "limits", "canary", "vars"}
)
"""Settings that every level may give."""
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_{}]*(\[[A-Za-z0-9_.{}-]+\])?")
_TRUTH: Final = {"true": True, "yes": True, "false": False, "no": False}
_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_SECRET: Final = re.compile(r"secret|password|token|api_key|security_code")


@dataclass
class Level:
    """The settings of one level, each with its place."""

    place: Place
    values: dict[str, tuple[Any, Place]] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    groups: list[tuple[str, Place]] = field(default_factory=list)
    children: list[tuple[str, Place]] = field(default_factory=list)


def level(node: Node, place: Place, what: str, more: frozenset[str], problems: list[Problem]) -> Level:
    """Read the settings of one level; what is wrong with them is added to the problems.

    Parameters:
        node: of the level; an empty one has no settings
        place: of its name
        what: it is called in messages, such as "PBX north"
        more: settings that only this level has: groups or children
        problems: of the file
    """
    found = Level(place)
    if empty(node):
        return found
    if not isinstance(node, Entries):
        problems.append(Problem(node.place, f"{what} is a structure of settings."))
        return found
    for name, value in node.values.items():
        key = node.keys[name]
        if name in ("client_secret", "threecx_client_secret", "password", "secret"):
            message = f"{name}: this file contains no secrets. Name where it is: {', '.join(SECRET_SOURCES)}."
            problems.append(Problem(key, message))
        elif name not in SETTINGS | more:
            problems.append(Problem(key, unknown(f"setting of a {what.split()[0]}", name, SETTINGS | more)))
        elif name in ("groups", "children"):
            setattr(found, name, texts(value, name, problems))
        elif name == "vars":
            found.variables = _variables(value, problems)
        elif not empty(value):
            _setting(found, name, value, problems)
    _one_secret(found, problems)
    _with_profile(found, problems)
    return found


def empty(node: Node) -> bool:
    """Whether nothing is given."""
    return isinstance(node, Scalar) and node.plain and node.text in ("", "~", "null")


def texts(node: Node, what: str, problems: list[Problem]) -> list[tuple[str, Place]]:
    """A list of texts, or one text, with their places.

    Parameters:
        node: as it was written
        what: it is called in messages
        problems: of the file
    """
    if empty(node):
        return []
    found = []
    for item in node.values if isinstance(node, Items) else [node]:
        if isinstance(item, Scalar) and item.text:
            found.append((item.text, item.place))
        else:
            problems.append(Problem(item.place, f"{what} is a list of texts."))
    return found


def _setting(found: Level, name: str, node: Node, problems: list[Problem]) -> None:
    value: Any
    if name == "limits":
        value = limits(node, name, problems)
    elif name in ("layers", "client_secret_command"):
        value = texts(node, name, problems)
        if name == "client_secret_command":
            value = tuple(text for text, _ in value)
    elif not isinstance(node, Scalar):
        problems.append(Problem(node.place, f"{name} is one value."))
        return
    elif name in ("validate_certs", "canary", "keyring"):
        value = _TRUTH.get(node.text.lower())
        if value is None or (name == "keyring" and not value):
            problems.append(Problem(node.place, f"{name} is {'true' if name == 'keyring' else 'true or false'}."))
            return
    elif name == "client_secret_variable" and not _VARIABLE.fullmatch(node.text):
        message = f"{name} is the name of an Ansible variable, such as vault_acme or vault_secrets[{{name}}]."
        problems.append(Problem(node.place, message))
        return
    else:
        value = node.text
    found.values[name] = (value, node.place)


def _one_secret(found: Level, problems: list[Problem]) -> None:
    given = [name for name in SECRET_SOURCES if name in found.values]
    for name in given[1:]:
        message = f"{name} and {given[0]} exclude each other. Leave one of them out."
        problems.append(Problem(found.values.pop(name)[1], message))


def _with_profile(found: Level, problems: list[Problem]) -> None:
    """Add what the profile says and the level itself does not."""
    if "profile" not in found.values:
        return
    name, place = found.values.pop("profile")
    try:
        profile = read_profile(name)
    except ProfileError as error:
        problems.append(Problem(place, str(error)))
        return
    own_secret = any(source in found.values for source in SECRET_SOURCES)
    for setting, value in profile.items():
        if setting in SECRET_SOURCES:
            if own_secret or value is False:
                continue
            value = tuple(value) if isinstance(value, list) else value
        found.values.setdefault(setting, (value if isinstance(value, bool | tuple) else str(value), place))


def _variables(node: Node, problems: list[Problem]) -> dict[str, Any]:
    if empty(node):
        return {}
    if not isinstance(node, Entries):
        problems.append(Problem(node.place, "vars is a structure of variables."))
        return {}
    for name, value in node.values.items():
        if not _NAME.fullmatch(name):
            problems.append(Problem(node.keys[name], f"{name!r} is no name of a variable."))
        elif name.startswith(("threecx_", "client_secret")) and _SECRET.search(name) and not _refers(value):
            message = f"{name}: this file contains no secrets. Use client_secret_variable or an expression."
            problems.append(Problem(value.place, message))
    return {name: plain(value, problems) for name, value in node.values.items()}


def _refers(node: Node) -> bool:
    return isinstance(node, Scalar) and "{{" in node.text


def plain(node: Node, problems: list[Problem]) -> Any:
    """The value of a variable. Only what every reader of YAML takes for a number or a truth value is one.

    Parameters:
        node: as it was written
        problems: of the file
    """
    if isinstance(node, Entries):
        return {name: plain(value, problems) for name, value in node.values.items()}
    if isinstance(node, Items):
        return [plain(value, problems) for value in node.values]
    if isinstance(node, Marker | Removal):
        problems.append(Problem(node.place, "!secret has no meaning here. Use an expression such as {{ vault_acme }}."))
        return None
    if not node.plain:
        return node.text
    if empty(node):
        return None
    if node.text in ("true", "false"):
        return node.text == "true"
    if _INTEGER.fullmatch(node.text):
        return int(node.text)
    return float(node.text) if _DECIMAL.fullmatch(node.text) else node.text
