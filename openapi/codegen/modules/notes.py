"""Form of the entries of openapi/catalogue/."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from openapi.codegen.errors import nearest

_Each = TypeVar("_Each")


def _wrong(what: str) -> PydanticCustomError:
    return PydanticCustomError("catalogue", "{what}", {"what": what})


def _checked(wanted: str, is_right: Callable[[Any], bool]) -> Callable[[Any], Any]:
    """Make a validator that refuses a value by the words that tell which one is wanted."""

    def check(value: Any) -> Any:
        if not is_right(value):
            raise _wrong(f"{wanted}, not {value!r:.60}")
        return value

    return check


mapping = _checked(
    "expected a mapping of names",
    lambda value: isinstance(value, dict) and all(isinstance(name, str) for name in value),
)
_text = _checked("expected a text", lambda value: isinstance(value, str) and bool(value.strip()))
_list = _checked("expected a list of names", lambda value: isinstance(value, list))
_ordering = _checked("expected the name of one property with its values", lambda value: len(value) == 1)


def _sentences(value: Any) -> tuple[str, ...]:
    """One text or a list of them: paragraphs of the documentation."""
    return tuple(" ".join(_text(text).split()) for text in (value if isinstance(value, list) else [value]))


Text = Annotated[str, BeforeValidator(_text)]
Truth = Annotated[bool, BeforeValidator(_checked("true or false", lambda value: isinstance(value, bool)))]
Rows = Annotated[
    int, BeforeValidator(_checked("expected a number of rows", lambda value: type(value) is int and value > 0))
]
Sentences = Annotated[tuple[str, ...], BeforeValidator(_sentences)]
Names = Annotated[tuple[str, ...], BeforeValidator(lambda value: tuple(map(_text, _list(value))))]
#: Gateway.TemplateFilename: from the outside in.
Steps = Annotated[tuple[str, ...], BeforeValidator(lambda value: tuple(_text(value).split(".")))]
By = Annotated[Mapping[str, _Each], BeforeValidator(mapping)]
OneOrdering = Annotated[Mapping[str, Names], BeforeValidator(lambda value: _ordering(mapping(value)))]


class Said(BaseModel):
    """Something the catalogue says: nothing unknown, and everything that is needed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, value: Any) -> Any:
        raw = mapping(value)
        for name in raw:
            if name not in cls.model_fields:
                raise _wrong(f"{name} is not a key of the catalogue{nearest(name, cls.model_fields)}")
        for name, field in cls.model_fields.items():
            if field.is_required() and raw.get(name) in (None, "", []):
                raise _wrong(f"{name} is missing")
        if "labels" in cls.model_fields and isinstance(raw["label"], str):
            return {"labels": f"{raw['label']}s", **raw}
        return raw


class Notes(Said):
    """Catalogue entry of one property."""

    description: Sentences = ()
    """Sentences in our own words, in Ansible's documentation markup."""
    omit: Text | None = None
    """Why the property is no option and no result; nothing else is said about it then."""
    option: Text | None = None
    """Another spelling than the plain snake_case."""
    kind: Text | None = None
    """Type of value behind a plain string, such as mac."""
    secret: Truth | None = None
    write_only: Truth = False
    read_only: Truth = False
    immutable: Truth = False
    large: Truth = False
    ordered: Truth = False
    standing: Truth = False
    order_only: Truth = False
    ordered_when: OneOrdering = {}
    """The sibling property, and its values for which the order of the list matters."""
    item_key: Names = ()
    reference: Text | None = None
    """Which of the catalogue's references it is: it stands for another entity."""
    fields: By[Notes] = {}
    """Entries here take precedence over those of `structures` for the properties of the structure."""
    sample: Any = None
    """An example of the value, as Ansible returns it."""

    @model_validator(mode="after")
    def _omitted(self) -> Self:
        if "omit" in self.model_fields_set and len(self.model_fields_set) > 1:
            raise _wrong("a property with omit has no other keys")
        return self


class ReferenceNotes(Said):
    """How one entity names another."""

    label: Text
    entity_set: Text
    stores: Text
    names: Names
    sends: Names = ()


class InitNotes(Said):
    """A parameter of the function that returns a pre-filled entity."""

    description: Sentences
    sample: Text
    stored_in: Steps = ()


class MakingNotes(Said):
    """An action that makes an entity in its own time."""

    action: Text
    """Of the entity set: Backup."""
    name: Text
    """Property of the action's structure that takes the key of the new object."""
    ending: Text = ""
    """Ending of the key, given or not: .zip."""
    ready: Text | None = None
    """A function of the entity set that says whether one can be made now."""


class BelowNotes(Said):
    """Catalogue entry of entities that exist only within another entity: their calls, by operationId."""

    list: Text
    create: Text
    update: Text
    delete: Text
    key: Text
    """The property by which one is told from another within the same one."""


class ReloadNotes(Said):
    """Catalogue entry of the action that makes an entity's devices apply a change."""

    option: Text
    action: Text
    parameter: Text
    devices: Text
    device: Text
    description: Text


class KindNotes(Said):
    """Entry of any kind of thing that has modules."""

    name: Text
    """The name of the module without threecx_. Of settings in the spelling of the document: MailSettings."""
    label: Text
    """For people, in the singular: fax; mail settings."""
    description: Sentences
    examples: Text
    properties: By[Notes] = {}
    """Entries here take precedence over those of `structures`."""


class ListedNotes(KindNotes):
    """Entry of a kind of thing of which a PBX has several."""

    plural: Text
    labels: Text = ""
    """For people, in the plural: faxes."""
    article: Text = "a"
    """a or an, before the label."""
    natural_keys: Names = ()
    title: Text | None = None
    """The property people recognise one by; the key where there is no better one."""


class EntityNotes(ListedNotes):
    """Catalogue entry of one entity: a module and its _info module."""

    entity_set: Text
    info_examples: Text
    together: Truth = False
    """The natural keys are parts of one."""
    local_number: Truth = False
    """The PBX assigns the number, so that it means another one on another PBX."""
    scope: Names = ()
    """Properties that belong to a natural key where they are given."""
    made_by: MakingNotes | None = None
    """Action that creates an object, if the document has no creation."""
    listed_by: Text | None = None
    """A function of the entity set that lists them, where the document has no list of it."""
    reload: ReloadNotes | None = None
    below: BelowNotes | None = None
    """The calls that reach them, where they are there only within another entity."""
    init: Text | None = None
    init_with: By[InitNotes] = {}
    """The parameters of the function `init`, by its own names."""
    default_department: Text = ""
    """The property that refers to the default department where a task that creates one says nothing."""
    required_for_create: Names = ()


class SettingsNotes(KindNotes):
    """Catalogue entry of one singleton, or one pair of calls: a module and its _info module."""

    read: Text | None = None
    """For settings with a pair of calls: operationId of the GET that returns them."""
    write: Text | None = None
    """For settings with a pair of calls: operationId of the action that stores them."""
    answered_as: Text | None = None
    """For a pair that stores a single value: property of the response that holds the current value."""

    @model_validator(mode="after")
    def _pair(self) -> Self:
        if (self.read is None) != (self.write is None):
            raise _wrong(
                "a pair needs both read (the operation that returns the settings) and write (the one that stores them)"
            )
        if self.answered_as is not None and self.read is None:
            raise _wrong("answered_as needs read and write")
        return self


class SteeringNotes(Said):
    """Actions that start and stop the rows of a list: a module."""

    start: Text
    """An action of the list: Start. So are the others."""
    stop: Text
    restart: Text
    enable: Text
    disable: Text
    names: Text
    """Property of the actions' structure that takes the list of objects."""
    status: Text
    """The property that says whether an object is running."""
    can_start: Text
    """The property that says whether an object can be started and stopped."""
    can_restart: Text
    description: Sentences
    examples: Text


class ListNotes(ListedNotes):
    """Catalogue entry of a read-only list: an _info module."""

    read_from: Text
    """As in the URL: EventLogs, Defs/TimeZones, SystemStatus/Pbx.SystemExtensions()."""
    key: Text | None = None
    """Properties that identify a row, if no URL of the document does."""
    order_by: Text | None = None
    """How the list is ordered where a task says nothing, such as TimeGenerated desc; by the key otherwise."""
    limit: Rows | None = None
    """How many are read where a task says nothing, for what may be endless."""
    steered_by: SteeringNotes | None = None


class StatusNotes(KindNotes):
    """Catalogue entry of one read-only structure: an _info module."""

    read_from: Text
    """As in the URL: SystemStatus, SystemStatus/Pbx.SystemHealthStatus()."""


class Catalogue(Said):
    """The whole catalogue; what has modules by its name."""

    version_added: Text
    entities: By[EntityNotes]
    structures: By[By[Notes]] = {}
    """By schema (without Pbx.) and property."""
    settings: By[SettingsNotes] = {}
    references: By[ReferenceNotes] = {}
    led_by: By[Names] = {}
    """By schema (without Pbx.): the properties upon which its others depend."""
    left_out: By[Text] = {}
    """Singletons, and actions that set something (by operationId), without a module, each with the reason."""
    areas: By[Text] = {}
    """Topics of the page that lists all modules: patterns for words in the names of modules."""
    homes: By[Names] = {}
    """By module: the options or results at which it documents structures that others share."""
    documented_as_results: By[Text] = {}
    """By module#option: the module#result that documents its suboptions."""
    lists: By[ListNotes] = {}
    status: By[StatusNotes] = {}
