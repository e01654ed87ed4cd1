"""Facts of a generated module about its entity, and what follows from them.

A generated module is its documentation and one of these descriptions; everything it does is in the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Final, Literal, TypeAlias

from threecx_xapi.record import Record

#: How a value is written in Ansible, sent to the PBX and compared with what the PBX answers.
Kind = Literal[
    "str",
    "int",
    "float",
    "bool",
    "datetime",  # RFC 3339, compared as an instant
    "date",
    "time",
    "duration",  # ISO 8601 such as PT30S, compared as a length of time
    "uuid",
    "enum",  # one of `choices`
    "flags",  # several of `choices`; on the wire "A, B", compared as a set
    "mac",  # twelve hexadecimal digits; any usual notation is taken
    "network",  # an IP address with or without a mask, compared by what it means
    "number",  # an internal number such as 100 or SP8, compared without regard to case and to blanks around it
    "telephone",  # a telephone number, compared by its digits; a pattern such as *0102 as it stands
    "email",  # an e-mail address, compared without regard to case
    "profile",  # the name of a forwarding profile, or its index from 0
    "day_begin",  # the time of day at which something begins, as a duration; none is midnight
    "day_end",  # the time of day at which something ends, as a duration; none is the end of the day
    "concealed",  # a credential in a wrapping: {"Concealed": true} says there is one without saying which
    "complex",  # a structure: see `fields`
]
DEPARTMENTS = "Groups"
"""The entity set of departments."""
GONE: Final = -1
"""Id in the place of a deleted object. Outbound rules have it in their empty routes, too."""


def is_empty_route(entity_set: str, text: object) -> bool:
    """Whether the name of a trunk is the one that stands for none: the PBX fills the free routes of a rule with it.

    Parameters:
        entity_set: of what is referred to
        text: its name
    """
    return entity_set == "Trunks" and text == str(GONE)


class Reference(Record):
    """How one entity names another: ids mean nothing to people, and something else on another PBX."""

    label: str
    """For people, what is referred to: "department", "trunk"."""
    entity_set: str
    """Entity set in which it is looked up, such as Groups or Peers."""
    stores: str
    """Which of its properties stands for it here, such as Id or Number."""
    names: tuple[str, ...]
    """Properties by which people name it, the displayed one first; Gateway/Name is one in a structure of it."""
    sends: tuple[str, ...] = ()
    """Properties of the structure that takes its place here."""


class Property(Record):
    """One property of an entity or of a structure within it."""

    name: str
    """As the PBX spells it, such as OutboundCallerId."""
    option: str
    """As Ansible spells it, such as outbound_caller_id."""
    kind: Kind = "str"
    many: bool = False
    """A collection of `kind`."""
    choices: tuple[str, ...] = ()
    """Values listed by the document; a PBX may answer newer ones."""
    fields: tuple[Property, ...] = ()
    """The properties of a complex value."""
    nullable: bool = False
    minimum: int | None = None
    maximum: int | None = None
    max_length: int | None = None
    secret: bool = False
    """A credential: no_log, removed from everything that is returned or shown."""
    write_only: bool = False
    """The PBX takes it and never answers it: see the option update_secrets."""
    read_only: bool = False
    """Filled by the PBX: returned, accepted as input so that results can be fed back, never sent."""
    immutable: bool = False
    """Settable at creation alone."""
    navigation: bool = False
    """Absent unless named in $expand."""
    large: bool = False
    """Absent unless named in $select."""
    ordered: bool = False
    """The order of a collection means something."""
    ordered_when: tuple[str, tuple[str, ...]] | None = None
    """The order means something with some values of another property: the XAPI name of that one, and those values."""
    item_key: tuple[str, ...] = ()
    """The XAPI names by which the items of a collection of structures are told apart."""
    standing: bool = False
    """The items of a collection with item_key are always there: each can be changed, and what is not given stays."""
    order_only: bool = False
    """Whether the items of an ordered collection are separate entities, of which a task sets the order only."""
    led_by: tuple[str, ...] = ()
    """XAPI names of the fields of a structure upon which its others depend: where one of them changes, only those
    before it are kept.
    """
    reference: Reference | None = None
    """It stands for another entity; in Ansible it is a name of that one."""
    since: str | None = None
    """The first known release of 3CX that has it, such as 20.0.8; None where the oldest known one does."""
    newer: tuple[tuple[str, str], ...] = ()
    """Those of `choices` that the oldest known release lacks, each with the first that has it."""
    encoding: str = ""
    """Encoding of a list of structures that the PBX keeps as one text, see engine/compare/encoded_values.py."""
    conceals: bool = False
    """A structure with a mark Concealed: where that is true, the PBX keeps the credentials in it to itself."""

    def anywhere(self, is_so: Callable[[Property], bool], *, writable: bool = False) -> bool:
        """Whether something is so of the property, or of a field within it.

        Parameters:
            is_so: of one property
            writable: leave out what only the PBX fills in
        """
        if writable and self.read_only:
            return False
        return is_so(self) or any(field.anywhere(is_so, writable=writable) for field in self.fields)

    @cached_property
    def is_plain(self) -> bool:
        """Whether a result shows its value as the PBX answers it, unless it is empty."""
        return not (self.many or self.fields or self.kind in ("complex", "concealed", "flags", "time"))

    @cached_property
    def refers(self) -> bool:
        """Whether anything in it stands for another entity."""
        return self.anywhere(lambda prop: prop.reference is not None)

    @cached_property
    def lists_departments(self) -> bool:
        """Whether it is a list of departments: memberships, names or numbers."""
        return self.many and (self.is_department or any(field.is_department for field in self.fields))

    @property
    def is_department(self) -> bool:
        """Whether it stands for a department, or is a list of names of departments."""
        if self.reference is None:
            return self.kind == "str" and self.many and self.name.endswith("Groups")
        return self.reference.entity_set == DEPARTMENTS

    @cached_property
    def has_newer(self) -> bool:
        """Whether a known release lacks anything of it."""
        return self.anywhere(lambda prop: prop.since is not None or bool(prop.newer))

    @cached_property
    def has_times(self) -> bool:
        """Whether anything in it is a time of day."""
        return self.anywhere(lambda prop: prop.kind == "time")

    @cached_property
    def has_secrets(self) -> bool:
        """Whether anything in it is a credential."""
        return self.anywhere(lambda prop: prop.secret)

    @cached_property
    def has_hidden(self) -> bool:
        """Whether anything in it is left out of results: a credential, or what the PBX never answers."""
        return self.anywhere(lambda prop: prop.secret or prop.write_only)

    @cached_property
    def takes_hidden(self) -> bool:
        """Whether anything in it that a task can set is left out of results."""
        return self.anywhere(lambda prop: prop.secret or prop.write_only, writable=True)


class Key(Record):
    """A property, or its option, by which one entity is found."""

    name: str
    option: str
    kind: Kind = "str"
    ending: str = ""
    """Ending of a new object's key, given or not: nightly is stored as nightly.zip."""

    def whole(self, value: str) -> str:
        """A value with its ending."""
        return value if value.lower().endswith(self.ending) else value + self.ending


class Making(Record):
    """An action that makes an entity in its own time, where nothing can be POSTed to the entity set."""

    action: str
    """As in the URL, such as Backups/Pbx.Backup."""
    parameter: str
    """The one parameter it takes, a structure."""
    name: str
    """Property of that structure that takes the key."""
    properties: tuple[Property, ...] = ()
    """The rest of the structure: options that count when one is made."""
    ready: str | None = None
    """A function that says whether one can be made now, such as Backups/Pbx.GetCanCreateBackup()."""


class Steering(Record):
    """Actions that start, stop, enable and disable what a list shows, by their names."""

    start: str
    """As in the URL, such as Services/Pbx.Start; so are the others."""
    stop: str
    restart: str
    enable: str
    disable: str
    parameter: str
    """The one parameter they take, a structure."""
    names: str
    """Property of that structure that takes the list of objects."""
    status: str
    """The property that says whether one is running."""
    can_start: str
    """The property that says whether an object can be started and stopped."""
    can_restart: str
    """The property that says whether an object can be restarted."""

    @property
    def actions(self) -> tuple[str, ...]:
        """All of them."""
        return (self.start, self.stop, self.restart, self.enable, self.disable)


class InitParameter(Record):
    """Arguments of the function that returns a pre-filled entity: options that count at creation only."""

    name: str
    """As the function spells it, such as template."""
    option: str
    stored_in: tuple[str, ...] = ()
    """Path of the property that stores it, such as Gateway, TemplateFilename. It cannot be changed later."""


class Reload(Record):
    """An action that makes devices of an entity take what was changed, where a task asks for it."""

    option: str
    action: str
    """As in the URL, such as Users/Pbx.ReprovisionPhone."""
    parameter: str
    """Of the action: what names one device."""
    devices: str
    """The navigation property that lists the devices."""
    device: str
    """Property that identifies an item."""


class Below(Record):
    """How entities are reached that are there only within another one: by calls that all name that one first."""

    within: Key
    """Property that identifies the parent: a parameter of the calls, and an option, which is a property here."""
    create: str
    update: str
    """The actions, such as DNProperties/Pbx.UpdateDNProperty; they take the whole of one."""
    delete: str
    parameter: str
    """Of the actions that make and change one: what takes it."""
    named: str
    """Of the action that removes one: what takes its key."""


class EntityDescription(Record):
    """One entity set and what can be done with it."""

    name: str
    """Singular, snake_case: the name of the module without threecx_, and of its result."""
    plural: str
    """The name under which the _info module returns its list."""
    label: str
    """For people: "fax", "call flow app"."""
    entity_set: str
    """As in the URL, such as Fax or CallFlowApps."""
    key: Key
    """The key of the entity set: what stands in parentheses in its URL."""
    properties: tuple[Property, ...]
    natural_keys: tuple[Key, ...] = ()
    """Other ways to name one, such as the number; tried when the key is not given."""
    together: bool = False
    """The natural keys are parts of one: what a task leaves out of them, the entity does not have."""
    local_number: bool = False
    """The PBX numbers them itself: the same number means another one on another PBX."""
    scope: tuple[Key, ...] = ()
    """Properties that become part of a natural key if a task gives them: holidays of two departments are different
    objects.
    """
    can_create: bool = False
    can_update: bool = False
    can_delete: bool = False
    init: str | None = None
    """A function that returns a pre-filled entity to POST, such as Fax/Pbx.InitFax()."""
    init_with: tuple[InitParameter, ...] = ()
    """Its parameters; they stand in `init` as {name}."""
    steering: Steering | None = None
    """Actions that start and stop an object which cannot be changed otherwise."""
    making: Making | None = None
    """Action that creates an object, if a POST to the entity set does not."""
    required_for_create: tuple[str, ...] = ()
    """Options without which the PBX refuses to create one."""
    default_department: str = ""
    """The XAPI name of the property that refers to the default department where a task says nothing, at creation."""
    title: str | None = None
    """The option people recognise one by, for messages."""
    listed_by: str | None = None
    """The function that lists them where the entity set does not; it is not relied upon to filter. {name} stands for
    the parent. DNProperties/Pbx.GetPropertiesByDn(dnNumber={dnNumber}).
    """
    can_order: bool = True
    """Whether its list takes $orderby: what a function lists often does not."""
    order: str = ""
    """How its _info module orders the list where a task says nothing; by the key where this is empty."""
    below: Below | None = None
    """How they are reached where they are there only within another one."""
    limit: int | None = None
    """How many its _info module reads where a task says nothing, for what grows with every call; None: every one."""
    since: str | None = None
    """The first known release of 3CX that has them, such as 20.0.8; None where the oldest known one does."""
    reload: Reload | None = None
    """Action that makes devices apply a change."""
    article: str = "a"
    """Word before the label: a or an."""

    @property
    def one(self) -> str:
        """Any of them, for messages: "an inbound rule"."""
        return f"{self.article} {self.label}"

    @property
    def keys(self) -> tuple[Key, ...]:
        """Properties that identify one entity: its key first."""
        return (self.key, *self.natural_keys)

    @cached_property
    def other_keys(self) -> tuple[Key, ...]:
        """Keys that are no properties."""
        known = {prop.name for prop in self.properties}
        return tuple(key for key in self.keys if key.name not in known)

    @cached_property
    def assigned_key(self) -> bool:
        """Whether the PBX assigns the key, such as an id."""
        return any(prop.name == self.key.name and prop.read_only for prop in self.properties)

    @cached_property
    def changeable_names(self) -> tuple[Key, ...]:
        """Natural keys that an existing object can get a new value for, such as a name."""
        fixed = {prop.name for prop in self.properties if prop.immutable or prop.read_only}
        return tuple(key for key in self.natural_keys if key.name not in fixed)

    @cached_property
    def local_keys(self) -> tuple[Key, ...]:
        """Keys whose values the PBX assigns, such as an id or the number of a department: on another PBX they belong to
        another object.
        """
        numbers = (key for key in self.natural_keys if self.local_number and key not in self.changeable_names)
        return (*((self.key,) if self.assigned_key else ()), *numbers)

    @property
    def changeable(self) -> bool:
        """Whether there is more to it than a list to look at."""
        return self.can_create or self.can_update or self.can_delete

    @property
    def endpoint(self) -> str:
        """Path in the XAPI, for messages."""
        return self.entity_set


class Action(Record):
    """Action that changes settings which are no singleton: it replaces all of them, in whatever version."""

    path: str
    """As in the URL, such as Backups/Pbx.SetBackupSettings or PromptSets({Id})/Pbx.SetActive."""
    parameter: str
    """The one parameter that it takes."""
    form: Literal["structure", "list", "value", "key"] = "structure"
    """Kind of the parameter: the settings, a list with one or all of them, the single value, or the key of the chosen
    object, which is part of the URL.
    """
    answered_as: str = ""
    """Of a value or a key: the property of the answer that says how it is."""


class SettingsDescription(Record):
    """One singleton, or what is read and set by a pair of calls: there is exactly one of it, always."""

    name: str
    """snake_case: the name of the module without threecx_, and of its result."""
    label: str
    """For people: "mail settings"."""
    singleton: str
    """Path that returns them, such as MailSettings; with an action also a function or a list."""
    properties: tuple[Property, ...]
    action: Action | None = None
    """Action that changes them, if the singleton cannot be written."""
    changeable: bool = True
    """Whether it can be changed; otherwise there is nothing but its _info module."""
    since: str | None = None
    """The first known release of 3CX that has them, such as 20.0.8; None where the oldest known one does."""

    @property
    def one(self) -> str:
        """They, for messages: "the mail settings"."""
        return f"the {self.label}"

    @property
    def keys(self) -> tuple[Key, ...]:
        """Properties that identify it: none, for there is only one."""
        return ()

    @property
    def other_keys(self) -> tuple[Key, ...]:
        """Keys that are no properties: none."""
        return ()

    @property
    def endpoint(self) -> str:
        """Path in the XAPI, for messages."""
        return self.singleton


Description: TypeAlias = "EntityDescription | SettingsDescription"
"""Object of a module."""
