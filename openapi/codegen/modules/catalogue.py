"""Facts that the document lacks: the files of openapi/catalogue/, read strictly, as one.

The form of the catalogue is checked here; describe.py checks it against the document. Every mistake is one
message that names the place in the file.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from openapi.codegen.document import ROOT, SINCE
from openapi.codegen.errors import CodegenError

PATH = ROOT / "openapi" / "catalogue"


@dataclass(frozen=True)
class Notes:
    """Catalogue entry of one property."""

    description: tuple[str, ...] = ()
    """Sentences in our own words, in Ansible's documentation markup."""
    omit: str | None = None
    """Why the property is no option and no result; nothing else is said about it then."""
    option: str | None = None
    """Another spelling than the plain snake_case."""
    kind: str | None = None
    """Type of value behind a plain string, such as mac."""
    secret: bool | None = None
    write_only: bool = False
    read_only: bool = False
    immutable: bool = False
    large: bool = False
    ordered: bool = False
    standing: bool = False
    order_only: bool = False
    ordered_when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The sibling property, and its values for which the order of the list matters."""
    item_key: tuple[str, ...] = ()
    reference: str | None = None
    """Which of the catalogue's references it is: it stands for another entity."""
    fields: Mapping[str, Notes] = field(default_factory=dict)
    """Entries here take precedence over those of `structures` for the properties of the structure."""
    sample: Any = None
    """An example of the value, as Ansible returns it."""


@dataclass(frozen=True)
class ReferenceNotes:
    """How one entity names another."""

    label: str
    entity_set: str
    stores: str
    names: tuple[str, ...]
    sends: tuple[str, ...] = ()


@dataclass(frozen=True)
class InitNotes:
    """A parameter of the function that hands out a pre-filled entity."""

    description: tuple[str, ...]
    sample: str
    stored_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class MakingNotes:
    """An action that makes an entity in its own time."""

    action: str
    """Of the entity set: Backup."""
    name: str
    """Property of the action's structure that takes the key of the new object."""
    ending: str = ""
    """Ending of the key, given or not: .zip."""
    ready: str | None = None
    """A function of the entity set that says whether one can be made now."""


@dataclass(frozen=True)
class BelowNotes:
    """Catalogue entry of entities that exist only within another entity: their calls, by operationId."""

    list: str
    create: str
    update: str
    delete: str
    key: str
    """The property by which one is told from another within the same one."""


@dataclass(frozen=True)
class ReloadNotes:
    """Catalogue entry of the action that makes an entity's devices apply a change."""

    option: str
    action: str
    parameter: str
    devices: str
    device: str
    description: str


@dataclass(frozen=True)
class EntityNotes:
    """Catalogue entry of one entity: a module and its _info module."""

    name: str
    entity_set: str
    plural: str
    label: str
    """For people, in the singular: fax."""
    labels: str
    """For people, in the plural: faxes."""
    article: str
    """a or an, before the label."""
    description: tuple[str, ...]
    examples: str
    info_examples: str
    natural_keys: tuple[str, ...] = ()
    together: bool = False
    local_number: bool = False
    """The natural keys are parts of one."""
    scope: tuple[str, ...] = ()
    """Properties that belong to a natural key where they are given."""
    title: str | None = None
    """The property people recognise one by; the key where there is no better one."""
    made_by: MakingNotes | None = None
    """Action that creates an object, if the document has no creation."""
    listed_by: str | None = None
    """A function of the entity set that lists them, where the document has no list of it."""
    reload: ReloadNotes | None = None
    below: BelowNotes | None = None
    """The calls that reach them, where they are there only within another entity."""
    init: str | None = None
    init_with: Mapping[str, InitNotes] = field(default_factory=dict)
    """The parameters of the function `init`, by its own names."""
    default_department: str = ""
    """The property that refers to the default department where a task that creates one says nothing."""
    required_for_create: tuple[str, ...] = ()
    properties: Mapping[str, Notes] = field(default_factory=dict)
    """Entries here take precedence over those of `structures`."""


@dataclass(frozen=True)
class SettingsNotes:
    """Catalogue entry of one singleton, or one pair of calls: a module and its _info module."""

    name: str
    """Of the singleton, as the document has it: MailSettings. Of a pair, in the same spelling: BackupSettings. The
    module is named after it."""
    label: str
    """For people: mail settings."""
    description: tuple[str, ...]
    examples: str
    properties: Mapping[str, Notes] = field(default_factory=dict)
    """Entries here take precedence over those of `structures`."""
    read: str | None = None
    """Of a pair: the operationId of what answers the settings."""
    write: str | None = None
    """Of a pair: the operationId of the action that takes them."""
    answered_as: str | None = None
    """Of a pair that sets one value: the property of the answer that says how it is."""


@dataclass(frozen=True)
class SteeringNotes:
    """Actions that start and stop the rows of a list: a module."""

    start: str
    """An action of the list: Start. So are the others."""
    stop: str
    restart: str
    enable: str
    disable: str
    names: str
    """Property of the actions' structure that takes the list of objects."""
    status: str
    """The property that says whether one is running."""
    can_start: str
    """The property that says whether one lets itself be started and stopped."""
    can_restart: str
    description: tuple[str, ...]
    examples: str


@dataclass(frozen=True)
class ListNotes:
    """Catalogue entry of a read-only list: an _info module."""

    name: str
    read_from: str
    """As in the URL: EventLogs, Defs/TimeZones, SystemStatus/Pbx.SystemExtensions()."""
    plural: str
    label: str
    labels: str
    article: str
    description: tuple[str, ...]
    examples: str
    key: str | None = None
    """Properties that identify a row, if no URL of the document does."""
    natural_keys: tuple[str, ...] = ()
    title: str | None = None
    order_by: str | None = None
    """How the list is ordered where a task says nothing, such as TimeGenerated desc; by the key otherwise."""
    limit: int | None = None
    """How many are read where a task says nothing, for what may be endless."""
    steered_by: SteeringNotes | None = None
    properties: Mapping[str, Notes] = field(default_factory=dict)
    """Entries here take precedence over those of `structures`."""


@dataclass(frozen=True)
class StatusNotes:
    """Catalogue entry of one read-only structure: an _info module."""

    name: str
    read_from: str
    """As in the URL: SystemStatus, SystemStatus/Pbx.SystemHealthStatus()."""
    label: str
    description: tuple[str, ...]
    examples: str
    properties: Mapping[str, Notes] = field(default_factory=dict)
    """Entries here take precedence over those of `structures`."""


@dataclass(frozen=True)
class Catalogue:
    """The whole catalogue."""

    version_added: str
    entities: tuple[EntityNotes, ...]
    structures: Mapping[str, Mapping[str, Notes]]
    """By schema (without Pbx.) and property."""
    settings: tuple[SettingsNotes, ...] = ()
    references: Mapping[str, ReferenceNotes] = field(default_factory=dict)
    led_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By schema (without Pbx.): the properties upon which its others depend."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Singletons, and actions that set something (by operationId), without a module, each with the reason."""
    lists: tuple[ListNotes, ...] = ()
    status: tuple[StatusNotes, ...] = ()


_PROPERTY_KEYS = {item.name for item in fields(Notes)}
_ENTITY_KEYS = {item.name for item in fields(EntityNotes)} - {"name"}
_SETTINGS_KEYS = {item.name for item in fields(SettingsNotes)} - {"name"}
_BELOW_KEYS = {item.name for item in fields(BelowNotes)}
_LIST_KEYS = {item.name for item in fields(ListNotes)} - {"name"}
_LIST_REQUIRED = ("read_from", "plural", "label", "description", "examples")
_STATUS_KEYS = {item.name for item in fields(StatusNotes)} - {"name"}
_STATUS_REQUIRED = ("read_from", "label", "description", "examples")
_ENTITY_REQUIRED = ("entity_set", "plural", "label", "description", "examples", "info_examples")
_SETTINGS_REQUIRED = ("label", "description", "examples")
_REFERENCE_KEYS = {item.name for item in fields(ReferenceNotes)}
_INIT_KEYS = {item.name for item in fields(InitNotes)}
_SECTIONS = ("references", "led_by", "structures", "entities", "settings", "lists", "status", "left_out")
_TRUTHS = ("secret", "write_only", "read_only", "immutable", "large", "ordered", "standing", "order_only")


class CatalogueMistake(CodegenError):
    """An error at a place of the catalogue."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"catalogue: {where}: {what}")
        self.where = where
        self.what = what


def mistake(where: str, what: str) -> CatalogueMistake:
    """An error at a place of the catalogue."""
    return CatalogueMistake(where, what)


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for a misspelt name, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=3)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def load(folder: Path = PATH) -> Catalogue:
    """Read the catalogue.

    Raises:
        CodegenError: for the first thing in it that is missing, unknown, said twice or of the wrong form.
    """
    return parse(read(folder))


def read(folder: Path = PATH) -> dict[str, Any]:
    """Read and merge all files of a folder, in the order of their names; raises CodegenError as `load` does."""
    # since.yaml stands beside the others and is not written by hand: document.load reads it.
    paths = [path for path in sorted(folder.glob("*.yaml")) if path.name != SINCE.name]
    if not paths:
        raise CodegenError(f"cannot read the catalogue: there is no .yaml file in {folder.name}")
    whole: dict[str, Any] = {}
    said_in: dict[tuple[str, ...], str] = {}
    for path in paths:
        for name, value in _mapping(_file(path), path.name).items():
            inner = _mapping(value, f"{path.name}: {name}") if name in _SECTIONS else None
            for place in [(name,)] if inner is None else [(name, key) for key in inner]:
                other = said_in.setdefault(place, path.name)
                if other != path.name:
                    raise CodegenError(f"catalogue: {'.'.join(place)} is said twice: in {other} and in {path.name}")
            whole[name] = value if inner is None else whole.get(name, {}) | inner
    return whole


def _file(path: Path) -> Any:
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        loader.name = path.name
        return loader.get_single_data()
    except OSError as error:
        raise CodegenError(f"cannot read {path.name}: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise CodegenError(f"{path.name} is no YAML: {' '.join(str(error).split())}") from None


def parse(raw: Any) -> Catalogue:
    """Turn what the files hold into a Catalogue; raises CodegenError as `load` does."""
    top = _mapping(raw, "the files")
    _known(top, {"version_added", *_SECTIONS}, "the files")
    for name in ("version_added", "entities"):
        if name not in top:
            raise mistake("the files", f"{name} is missing")
    structures = {
        schema: {
            name: _notes(value, f"structures.{schema}.{name}")
            for name, value in _mapping(notes, f"structures.{schema}").items()
        }
        for schema, notes in _mapping(top.get("structures", {}), "structures").items()
    }
    entities = tuple(_entity(name, value) for name, value in _mapping(top["entities"], "entities").items())
    return Catalogue(
        _text(top["version_added"], "version_added"),
        entities,
        structures,
        tuple(_settings(name, value) for name, value in _mapping(top.get("settings", {}), "settings").items()),
        {name: _reference(name, value) for name, value in _mapping(top.get("references", {}), "references").items()},
        {name: _names(value, f"led_by.{name}") for name, value in _mapping(top.get("led_by", {}), "led_by").items()},
        {name: _text(why, f"left_out.{name}") for name, why in _mapping(top.get("left_out", {}), "left_out").items()},
        tuple(_list(name, value) for name, value in _mapping(top.get("lists", {}), "lists").items()),
        tuple(_status(name, value) for name, value in _mapping(top.get("status", {}), "status").items()),
    )


def _entity(name: str, value: Any) -> EntityNotes:
    where = f"entities.{name}"
    raw = _said(value, where, _ENTITY_KEYS, _ENTITY_REQUIRED)
    label = _text(raw["label"], f"{where}.label")
    return EntityNotes(
        name=name,
        entity_set=_text(raw["entity_set"], f"{where}.entity_set"),
        plural=_text(raw["plural"], f"{where}.plural"),
        label=label,
        labels=_text(raw.get("labels", f"{label}s"), f"{where}.labels"),
        article=_text(raw.get("article", "a"), f"{where}.article"),
        description=_sentences(raw["description"], f"{where}.description"),
        examples=_text(raw["examples"], f"{where}.examples"),
        info_examples=_text(raw["info_examples"], f"{where}.info_examples"),
        natural_keys=_names(raw.get("natural_keys", []), f"{where}.natural_keys"),
        together=_truth(raw.get("together", False), f"{where}.together"),
        local_number=_truth(raw.get("local_number", False), f"{where}.local_number"),
        scope=_names(raw.get("scope", []), f"{where}.scope"),
        title=raw.get("title") and _text(raw["title"], f"{where}.title"),
        made_by=_making(raw["made_by"], f"{where}.made_by") if "made_by" in raw else None,
        listed_by=raw.get("listed_by") and _text(raw["listed_by"], f"{where}.listed_by"),
        reload=_reload(raw["reload"], f"{where}.reload") if "reload" in raw else None,
        below=_below(raw["below"], f"{where}.below") if "below" in raw else None,
        init=raw.get("init") and _text(raw["init"], f"{where}.init"),
        init_with={
            name: _init(value, f"{where}.init_with.{name}")
            for name, value in _mapping(raw.get("init_with", {}), f"{where}.init_with").items()
        },
        default_department=_text(raw["default_department"], f"{where}.default_department")
        if "default_department" in raw
        else "",
        required_for_create=_names(raw.get("required_for_create", []), f"{where}.required_for_create"),
        properties=_properties(raw, where),
    )


def _reload(value: Any, where: str) -> ReloadNotes:
    names = [item.name for item in fields(ReloadNotes)]
    raw = _said(value, where, names, names)
    return ReloadNotes(**{name: _text(text, f"{where}.{name}") for name, text in raw.items()})


def _making(value: Any, where: str) -> MakingNotes:
    raw = _said(value, where, (item.name for item in fields(MakingNotes)), ("action", "name"))
    return MakingNotes(**{name: _text(text, f"{where}.{name}") for name, text in raw.items()})


def _reference(name: str, value: Any) -> ReferenceNotes:
    where = f"references.{name}"
    raw = _said(value, where, _REFERENCE_KEYS, ("label", "entity_set", "stores", "names"))
    return ReferenceNotes(
        label=_text(raw["label"], f"{where}.label"),
        entity_set=_text(raw["entity_set"], f"{where}.entity_set"),
        stores=_text(raw["stores"], f"{where}.stores"),
        names=_names(raw["names"], f"{where}.names"),
        sends=_names(raw.get("sends", []), f"{where}.sends"),
    )


def _init(value: Any, where: str) -> InitNotes:
    raw = _said(value, where, _INIT_KEYS, ("description", "sample"))
    stored_in = _text(raw["stored_in"], f"{where}.stored_in").split(".") if raw.get("stored_in") else ()
    description = _sentences(raw["description"], f"{where}.description")
    return InitNotes(description, _text(raw["sample"], f"{where}.sample"), tuple(stored_in))


def _below(value: Any, where: str) -> BelowNotes:
    raw = _said(value, where, _BELOW_KEYS, sorted(_BELOW_KEYS))
    return BelowNotes(**{name: _text(text, f"{where}.{name}") for name, text in raw.items()})


def _settings(name: str, value: Any) -> SettingsNotes:
    where = f"settings.{name}"
    raw = _said(value, where, _SETTINGS_KEYS, _SETTINGS_REQUIRED)
    if ("read" in raw) != ("write" in raw):
        raise mistake(where, "a pair has both: read, what answers the settings, and write, what takes them")
    if "answered_as" in raw and "read" not in raw:
        raise mistake(where, "only of a pair it can be said what the value is answered as")
    return SettingsNotes(
        name=name,
        label=_text(raw["label"], f"{where}.label"),
        description=_sentences(raw["description"], f"{where}.description"),
        examples=_text(raw["examples"], f"{where}.examples"),
        properties=_properties(raw, where),
        **{key: _text(raw[key], f"{where}.{key}") for key in ("read", "write", "answered_as") if key in raw},
    )


def _list(name: str, value: Any) -> ListNotes:
    where = f"lists.{name}"
    raw = _said(value, where, _LIST_KEYS, _LIST_REQUIRED)
    label, limit = _text(raw["label"], f"{where}.label"), raw.get("limit")
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
        raise mistake(f"{where}.limit", f"a number of rows is wanted, not {limit!r}")
    return ListNotes(
        name=name,
        read_from=_text(raw["read_from"], f"{where}.read_from"),
        plural=_text(raw["plural"], f"{where}.plural"),
        label=label,
        labels=_text(raw.get("labels", f"{label}s"), f"{where}.labels"),
        article=_text(raw.get("article", "a"), f"{where}.article"),
        description=_sentences(raw["description"], f"{where}.description"),
        examples=_text(raw["examples"], f"{where}.examples"),
        key=raw.get("key") and _text(raw["key"], f"{where}.key"),
        natural_keys=_names(raw.get("natural_keys", []), f"{where}.natural_keys"),
        title=raw.get("title") and _text(raw["title"], f"{where}.title"),
        order_by=raw.get("order_by") and _text(raw["order_by"], f"{where}.order_by"),
        limit=limit,
        steered_by=_steering(raw["steered_by"], f"{where}.steered_by") if "steered_by" in raw else None,
        properties=_properties(raw, where),
    )


def _steering(value: Any, where: str) -> SteeringNotes:
    names = {item.name for item in fields(SteeringNotes)}
    raw = _said(value, where, names, sorted(names))
    texts = {name: _text(raw[name], f"{where}.{name}") for name in names - {"description"}}
    return SteeringNotes(description=_sentences(raw["description"], f"{where}.description"), **texts)


def _status(name: str, value: Any) -> StatusNotes:
    where = f"status.{name}"
    raw = _said(value, where, _STATUS_KEYS, _STATUS_REQUIRED)
    return StatusNotes(
        name=name,
        read_from=_text(raw["read_from"], f"{where}.read_from"),
        label=_text(raw["label"], f"{where}.label"),
        description=_sentences(raw["description"], f"{where}.description"),
        examples=_text(raw["examples"], f"{where}.examples"),
        properties=_properties(raw, where),
    )


def _properties(raw: Mapping[str, Any], where: str) -> dict[str, Notes]:
    return {
        prop: _notes(notes, f"{where}.properties.{prop}", complete=False)
        for prop, notes in _mapping(raw.get("properties", {}), f"{where}.properties").items()
    }


def _notes(value: Any, where: str, *, complete: bool = True) -> Notes:
    raw = _said(value, where, _PROPERTY_KEYS)
    if "omit" in raw:
        if set(raw) != {"omit"}:
            raise mistake(where, "a property that is omitted says nothing but why")
        return Notes(omit=_text(raw["omit"], f"{where}.omit"))
    if complete and not raw.get("description"):
        raise mistake(where, "description is missing (or omit: and why)")
    for truth in _TRUTHS:
        if truth in raw:
            _truth(raw[truth], f"{where}.{truth}")
    given = dict(raw)
    if "description" in raw:
        given["description"] = _sentences(raw["description"], f"{where}.description")
    if "item_key" in raw:
        given["item_key"] = _names(raw["item_key"], f"{where}.item_key")
    if "ordered_when" in raw:
        given["ordered_when"] = {
            name: _names(values, f"{where}.ordered_when.{name}")
            for name, values in _mapping(raw["ordered_when"], f"{where}.ordered_when").items()
        }
        if len(given["ordered_when"]) != 1:
            raise mistake(f"{where}.ordered_when", "the name of one property is wanted, and the values of that one")
    if "fields" in raw:
        given["fields"] = {
            name: _notes(notes, f"{where}.fields.{name}", complete=False)
            for name, notes in _mapping(raw["fields"], f"{where}.fields").items()
        }
    for text in ("option", "kind", "reference"):
        if text in raw:
            given[text] = _text(raw[text], f"{where}.{text}")
    return Notes(**given)


def _said(value: Any, where: str, known: Iterable[str], required: Iterable[str] = ()) -> Mapping[str, Any]:
    """A mapping that says nothing unknown, and everything that is needed."""
    raw = _mapping(value, where)
    _known(raw, set(known), where)
    for needed in required:
        if not raw.get(needed):
            raise mistake(where, f"{needed} is missing")
    return raw


def _known(raw: Mapping[str, Any], known: set[str], where: str) -> None:
    for name in raw:
        if name not in known:
            raise mistake(where, f"{name} is nothing the catalogue can say{nearest(name, known)}")


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise mistake(where, f"a mapping of names is wanted, not {value!r:.60}")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise mistake(where, f"text is wanted, not {value!r:.60}")
    return value


def _truth(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise mistake(where, f"true or false, not {value!r}")
    return value


def _sentences(value: Any, where: str) -> tuple[str, ...]:
    """One text or a list of them: paragraphs of the documentation."""
    texts = value if isinstance(value, list) else [value]
    return tuple(" ".join(_text(text, where).split()) for text in texts)


def _names(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise mistake(where, f"a list of names is wanted, not {value!r:.60}")
    return tuple(_text(name, where) for name in value)


class _Loader(yaml.CSafeLoader):
    """YAML lets a later key replace an earlier one in silence; here that is a mistake. name: of the file."""

    name: str


def _mapping_once(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            raise CodegenError(f"catalogue: {loader.name}: line {key_node.start_mark.line + 1}: {key} is said twice")
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_once)
