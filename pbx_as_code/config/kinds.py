"""Which kinds of objects and settings are kept in files, where, and by which options they are told apart.

The generated descriptions say what an object is. This file adds the facts that matter only to files: the topic, the
composite key, which of two sides declares a relation, and which writable properties are state or mean something on one
PBX only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Final

from pbx_as_code.config.credentials import may_be_credential
from pbx_as_code.config.left_out import BOUND, DECLARED_ELSEWHERE, NAMED_VALUES, PERSONAL, SECRETS, STATE
from pbx_as_code.description import Description, EntityDescription, Property, Reference, SettingsDescription
from pbx_as_code.entities import NAMES, description


class Creation(Enum):
    """How an object that is declared comes to be on a PBX."""

    CREATED = "created"
    """Created where it is missing."""
    ADOPTED = "adopted"
    """Cannot be created: what every PBX has is changed, and an object that is missing is an error of the plan."""
    REQUIRED = "required"
    """Cannot be created or changed by files: listed under `required`, and must be on the target."""


class Reason(Enum):
    """Why an export leaves out a property that can be written."""

    STATE = "state"
    """It changes while people telephone. It may be declared, and then it is compared."""
    BOUND = "bound to one PBX"
    """It means something on one PBX only. It may be declared, and then it is compared."""
    ELSEWHERE = "declared elsewhere"
    """Another kind declares the relation. Declaring it here is an error."""


RENAMED_FROM: Final = "renamed_from"
"""Option of files: the earlier name of an object that is to be renamed."""


@dataclass(frozen=True)
class LeftOut:
    """A property that an export leaves out."""

    reason: Reason
    hint: str = ""
    """For ELSEWHERE: where to declare it instead."""


@dataclass(frozen=True)
class ConfigKind:
    """One kind in files."""

    name: str
    """As in `pbx_as_code.entities`, such as ring_group."""
    file: str
    """Path of the file an export writes it to; {department} stands for the slug of its department."""
    identity: tuple[str, ...] = ()
    """Options that tell two objects apart, on any PBX. One that is absent counts as null. Empty for settings."""
    twins: bool = False
    """Several objects with equal identity may stand in one list: they are paired with equal rows, then with the
    nearest.
    """
    department: str = ""
    """The option that names the department it is filed under: a name, or a list of {group: name}."""
    creation: Creation = Creation.CREATED
    renamed_from: bool = False
    """Whether a declaration may name the object by an earlier name as well, so that it is renamed and not replaced."""
    in_default_department: str = ""
    """The option that means the default department where it is null: a PBX stores either for the same thing."""
    order: str = ""
    """Option whose number tells in which order a PBX tries objects of this kind, the lowest first; null is zero."""
    rank: int = 0
    """Objects of a lower rank are created first; removal is in reverse. Equal ranks do not depend on each other."""

    @cached_property
    def description(self) -> Description:
        """Description of the kind."""
        return description(self.name)

    @property
    def label(self) -> str:
        """For people: ring group."""
        return self.description.label

    @property
    def settings(self) -> bool:
        """Whether every PBX has exactly one."""
        return isinstance(self.description, SettingsDescription)

    @property
    def section(self) -> str:
        """The key of files under which it stands: the plural of an entity, the name of settings."""
        about = self.description
        return about.plural if isinstance(about, EntityDescription) else about.name

    @cached_property
    def left_out(self) -> Mapping[str, LeftOut]:
        """Options that an export leaves out, by path, such as gateway.internal; items of lists have no index."""
        found = {path: LeftOut(Reason.STATE) for path in STATE.get(self.name, ())}
        found |= {path: LeftOut(Reason.BOUND) for path in BOUND.get(self.name, ())}
        found |= {path: LeftOut(Reason.ELSEWHERE, hint) for path, hint in DECLARED_ELSEWHERE.get(self.name, {}).items()}
        return found

    @cached_property
    def bound(self) -> tuple[tuple[str, list[str]], ...]:
        """Options that mean something on one PBX only: path and steps of each."""
        return tuple((path, path.split(".")) for path, out in self.left_out.items() if out.reason is Reason.BOUND)

    @cached_property
    def secrets(self) -> frozenset[str]:
        """Paths of options that hold a credential, or may, see `conceals`: files name credentials by markers."""
        flagged = {path for path, prop in self.paths() if prop.secret or prop.write_only}
        return frozenset(flagged | set(SECRETS.get(self.name, ())))

    @cached_property
    def secret_paths(self) -> tuple[list[str], ...]:
        """The steps of each path of `secrets`, sorted."""
        return tuple(path.split(".") for path in sorted(self.secrets))

    def conceals(self, path: str, owner: Mapping[str, Any], *values: Any) -> bool:
        """Whether a value of an option is a credential, or may be one: then nothing shows it.

        Parameters:
            path: of the option
            owner: options of the object
            values: that the option has, had or is to have
        """
        if path not in self.secrets:
            return False
        if self.name not in NAMED_VALUES:
            return True
        name = str(owner.get("name") or "")
        return any(may_be_credential(name, value) for value in values)

    @cached_property
    def options(self) -> Mapping[str, Property]:
        """Options that files may contain: every writable property, the identity, and what an object starts from."""
        found = {
            prop.option: prop
            for prop in self.description.properties
            if not prop.read_only or prop.option in self.identity
        }
        also = [*self.started_from, *([RENAMED_FROM] if self.renamed_from else [])]
        return found | {option: Property(option, option) for option in also}

    @cached_property
    def started_from(self) -> Mapping[str, tuple[str, ...]]:
        """Options that count at creation only, such as template, and where an object shows them: options from the
        outside in.
        """
        about = self.description
        if not isinstance(about, EntityDescription):
            return {}
        return {one.option: _by_option(about.properties, one.stored_in) for one in about.init_with}

    @cached_property
    def personal(self) -> frozenset[str]:
        """Options whose value belongs to one object and is no default: names, addresses, numbers, dates, and what
        leads somewhere.
        """
        found = {prop.option for prop in self.options.values() if _personal(prop)}
        return frozenset(found.union(PERSONAL.get(self.name, ())))

    @cached_property
    def memberships(self) -> frozenset[str]:
        """Options that say to which department an object belongs."""
        return frozenset({self.department, "groups"} & self.options.keys()) if self.department else frozenset()

    @cached_property
    def never_null(self) -> tuple[tuple[str, ...], ...]:
        """Options outside of lists that no write can clear, from the outside in, such as the active prompt set."""
        return tuple(_never_null(tuple(p for p in self.options.values() if p.option not in self.identity), ()))

    def paths(self) -> Iterator[tuple[str, Property]]:
        """Every option that can be declared, by its path; structures before their fields."""
        yield from _paths(tuple(self.options.values()), "")


def _personal(prop: Property) -> bool:
    if prop.kind in ("telephone", "email", "mac"):
        return True
    if prop.fields:
        return not prop.many and prop.reference is None and any(inner.option == "to" for inner in prop.fields)
    return False


def _by_option(properties: tuple[Property, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    found = []
    for name in names:
        prop = next(prop for prop in properties if prop.name == name)
        found.append(prop.option)
        properties = prop.fields
    return tuple(found)


def _never_null(properties: tuple[Property, ...], within: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for prop in properties:
        if prop.many or prop.read_only:
            continue
        if prop.fields:
            yield from _never_null(prop.fields, (*within, prop.option))
        elif not prop.nullable:
            yield (*within, prop.option)


def _paths(properties: tuple[Property, ...], within: str) -> Iterator[tuple[str, Property]]:
    for prop in properties:
        if prop.read_only and within:
            continue
        yield within + prop.option, prop
        yield from _paths(prop.fields, f"{within}{prop.option}.")


_DEPARTMENT = "departments/{department}.yml"

_ENTITIES: Final = (
    ConfigKind("playlist", "playlists.yml", ("name",), rank=10),
    ConfigKind("parameter", "parameters.yml", ("name",), rank=10),
    ConfigKind("tenant_property", "parameters.yml", ("name",), rank=10),
    ConfigKind("email_template", "email_templates.yml", ("name", "language"), creation=Creation.ADOPTED, rank=10),
    ConfigKind("group", _DEPARTMENT, ("name",), rank=20, renamed_from=True),
    ConfigKind("trunk", "trunks.yml", ("number",), rank=30),
    ConfigKind("sbc", "devices.yml", ("name",), rank=30),
    ConfigKind("user", _DEPARTMENT, ("number",), department="primary_group", rank=40),
    ConfigKind("parking", _DEPARTMENT, ("number",), department="groups", rank=50),
    ConfigKind("fax", "fax.yml", ("number",), rank=50),
    ConfigKind("call_flow_app", "call_flow_apps.yml", ("number",), rank=50),
    ConfigKind("fxs", "devices.yml", ("mac_address",), rank=50),
    ConfigKind("queue", _DEPARTMENT, ("number",), department="groups", rank=60),
    ConfigKind("ring_group", _DEPARTMENT, ("number",), department="groups", rank=60),
    ConfigKind("receptionist", _DEPARTMENT, ("number",), department="groups", rank=60),
    ConfigKind("outbound_rule", "outbound.yml", ("name",), twins=True, order="priority", rank=70),
    ConfigKind(
        "inbound_rule", "inbound.yml", ("trunk", "condition", "data", "call_type"), twins=True, rank=70
    ),
    ConfigKind("holiday", _DEPARTMENT, ("group", "name", "year"), twins=True, department="group",
               in_default_department="group", rank=80),
    ConfigKind("website_link", "website_links.yml", ("link",), rank=80),
    ConfigKind("service_principal", "security.yml", ("number",), rank=80),
    ConfigKind("black_list_number", "security.yml", ("caller_id",), twins=True, rank=80),
    ConfigKind("blocklist_address", "security.yml", ("address",), twins=True, rank=80),
    ConfigKind("contact", "contacts.yml", ("last_name", "first_name", "company_name"), twins=True, rank=80),
    ConfigKind("scheduled_report", "reports.yml", ("name",), twins=True, rank=80),
)  # fmt: skip

DIALLED: Final = (
    "user", "queue", "ring_group", "receptionist", "parking", "fax", "call_flow_app", "service_principal", "trunk",
)  # fmt: skip
"""Kinds that share one set of numbers."""


@dataclass(frozen=True)
class Listed:
    """A list that gives objects of another kind their order. The objects themselves are declared elsewhere."""

    kind: str
    """Kind of the objects."""
    option: str
    """Option of such an object that says in whose list it is."""
    equal_to: str
    """Option of the list's owner that is equal to it."""
    key: tuple[str, ...]
    """Options, of an item and of an object, that tell which object an item means."""
    name: str
    """Option that an item repeats from its object."""

    def key_of(self, values: Mapping[str, Any], owner: Any) -> tuple[Any, ...]:
        """Key of an item, or of its object, among all lists of this kind.

        Parameters:
            values: of the item or of the object
            owner: whose list it is in
        """
        return (owner, *(values.get(option) for option in self.key))


LISTED: Final[Mapping[tuple[str, str], Listed]] = {
    ("trunk", "routing_rules"): Listed(
        "inbound_rule", "trunk", "number", ("condition", "data", "call_type"), "rule_name"
    ),
}
"""By kind and option of the list's owner."""


def has_items(prop: Property) -> bool:
    """Whether an option is a list of structures."""
    return prop.many and prop.kind == "complex"


def item_key(kind: ConfigKind | None, prop: Property) -> tuple[str, ...]:
    """Options that tell the items of a list apart; empty where nothing does.

    Parameters:
        kind: whose option the list is; None within structures
        prop: the list
    """
    listed = LISTED.get((kind.name, prop.option)) if kind is not None else None
    if listed is not None:
        return listed.key
    called = {inner.name: inner.option for inner in prop.fields}
    return tuple(called.get(name, name) for name in prop.item_key)


SENT_TOGETHER: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("call_parking_settings", "auto_pickup_forward_dn"): ("auto_pickup_forward_type",),
    ("receptionist", "timeout_forward_dn"): ("timeout_forward_type", "timeout_forward_peer_type"),
}
"""By kind and an option that refers to another object: options that a PBX refuses without it, and changes where that
object is removed. An object that is created before its target gets them with the reference.
"""


class NumberList(Reference):
    """Several numbers in one text, such as 100,101."""


def names_in(reference: Reference, text: str) -> list[str]:
    """The names in a text that refers to objects. Of a list of numbers, ranges and patterns are left out.

    Parameters:
        reference: what the text refers to
        text: as it is declared or answered
    """
    if not isinstance(reference, NumberList):
        return [text]
    return [part for part in _BETWEEN_NUMBERS.split(text) if part.isdecimal() and part.strip("0")]


_BETWEEN_NUMBERS: Final = re.compile(r"[,;\s]+")
_DEPARTMENT_NAME: Final = Reference("department", "Groups", "Name", ("Name",))
_NUMBER: Final = Reference("number", "Peers", "Number", ("Number",))
_NUMBERS: Final = NumberList("number", "Peers", "Number", ("Number",))
_SBC: Final = Reference("SBC", "Sbcs", "Name", ("Name",))
TEXT_REFERENCES: Final[Mapping[str, Mapping[str, Reference]]] = {
    "fxs": {"group": _DEPARTMENT_NAME, "fxs_lines.number": _NUMBER, "provisioning.sbc_name": _SBC},
    "general_settings_for_pbx": {"operator_extension": _NUMBER},
    "hotel_services": {"hotel_groups": _DEPARTMENT_NAME},
    "sbc": {"group": _DEPARTMENT_NAME},
    "scheduled_report": {"number": _NUMBERS},
    "trunk": {"public_info_groups": _DEPARTMENT_NAME},
    "user": {
        "agent_settings.allowed_extensions": _NUMBERS,
        "phones.settings.custom_queue_ringtones.queue": _NUMBER,
        "phones.settings.sbc_name": _SBC,
    },
    "website_link": {"group": _DEPARTMENT_NAME},
}
"""By kind and path: options that name an object although a PBX stores them as plain texts. The engine sends them as
they are; files check them, and plans wait for the object, as for any reference.
"""

REQUIRED: Final[Mapping[str, str]] = {
    "crm_template": "name",
    "custom_prompt": "filename",
    "firmware": "id",
    "fxs_template": "id",
    "oauth_client": "client_id",
    "phone_logo": "filename",
    "phone_template": "id",
    "prompt_set": "name",
    "system_extension": "number",
    "trunk_template": "id",
}
"""Objects that files cannot create but may refer to: the option that names one. An export lists it under `required`.
"""

NOT_IN_FILES: Final[Mapping[str, str]] = {
    "backup": "a backup is made in the PBX's own time, see threecx_backup",
    "conference_mcu_request_status": "it shows a request to a remote conference server, and is no setting",
    "device": "phones are declared with their user",
    "dn_property": "the PBX lists them number by number only",
    "secure_sip_settings": "its certificate and key belong to one PBX",
    "service": "services are started and stopped, not configured",
}
"""Kinds that can be changed and that files do not hold, and why."""

SETTINGS_RANK: Final = 90
_EARLIER_SETTINGS: Final = {"emergency_locations": 10}
"""Settings that users and trunks refer to."""


def _settings() -> Iterator[ConfigKind]:
    for name in sorted(NAMES - {kind.name for kind in _ENTITIES} - NOT_IN_FILES.keys() - REQUIRED.keys()):
        about = description(name)
        if isinstance(about, SettingsDescription) and about.changeable:
            rank = _EARLIER_SETTINGS.get(name, SETTINGS_RANK)
            yield ConfigKind(name, f"system/{name.removesuffix('_settings')}.yml", rank=rank)


KINDS: Final[Mapping[str, ConfigKind]] = {kind.name: kind for kind in (*_ENTITIES, *_settings())}
"""Every kind that files hold, by its name; entities in an order in which they can be created, then settings."""
SECTIONS: Final[Mapping[str, ConfigKind]] = {kind.section: kind for kind in KINDS.values()}
"""The same by the key under which they stand in files."""
