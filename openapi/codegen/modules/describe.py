"""Document and catalogue together: the description of each entity, with the words that go into its documentation."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from openapi.codegen.errors import CodegenError
from openapi.codegen.modules.mistakes import mistake, nearest
from openapi.codegen.modules.naming import snake_case
from openapi.codegen.modules.notes import (
    BelowNotes,
    Catalogue,
    EntityNotes,
    ListNotes,
    Notes,
    SettingsNotes,
    StatusNotes,
)
from openapi.codegen.modules.order import check_order
from openapi.codegen.modules.schema import CONCEALED, EntitySet, Fact, Readable, SchemaReader
from pbx_as_code.description import (
    Action,
    Below,
    EntityDescription,
    InitParameter,
    Key,
    Kind,
    Making,
    Property,
    Reference,
    Reload,
    SettingsDescription,
    Steering,
)

#: Options every module has beside those of the connection and of its entity.
OWN_OPTIONS = (
    "state",
    "if_match",
    "etag",
    "update_secrets",
    "filter",
    "search",
    "order_by",
    "limit",
    "reveal_secrets",
    "lists",
    "rename",
    "expand",
    "wait",
    "wait_timeout",
    "start_date",
    "end_date",
)
#: A text whose name reads like a credential must be called one, or said not to be one, by the catalogue.
_LOOKS_SECRET = re.compile(r"pass|secret|token|key|credential|link|PIN|Pin$|License", re.IGNORECASE)
#: Kinds a plain string of the document may be called by the catalogue.
_STRING_KINDS = ("mac", "network", "uuid", "datetime", "date", "time", "duration", "telephone", "email")
#: What the catalogue calls a plain string that reads like a telephone number or an e-mail address and is neither.
_PLAIN_TEXT = "text"
_SPELLED = ("telephone", "email", _PLAIN_TEXT)
#: What the catalogue may call a value of a kind of the document.
_OTHER_KINDS: Mapping[Kind, tuple[str, ...]] = {
    "str": (*_STRING_KINDS, _PLAIN_TEXT),
    "duration": ("day_begin", "day_end"),
}
#: A text of which people use several spellings, so the catalogue must say whether it is one.
_LOOKS_SPELLED = re.compile(
    r"(phone|mobile|caller_?id|external(number)?|did(number)?|pager|fax(number)?)s?[0-9]?$|(?<!voic)e-?mail|mail_?address",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Documented:
    """A property and the words about it."""

    property: Property
    description: tuple[str, ...]
    sample: Any
    fields: tuple[Documented, ...] = ()


@dataclass(frozen=True)
class Entity:
    """Everything two modules are generated from."""

    notes: EntityNotes | ListNotes
    description: EntityDescription
    properties: tuple[Documented, ...]
    version_added: str
    made_of: tuple[Documented, ...] = ()
    """What only counts when one is made by an action."""

    @property
    def can_write(self) -> bool:
        """Whether one can be made or changed, not only removed."""
        return self.description.can_create or self.description.can_update


@dataclass(frozen=True)
class Settings:
    """Everything the two modules of a singleton are generated from."""

    notes: SettingsNotes | StatusNotes
    description: SettingsDescription
    properties: tuple[Documented, ...]
    version_added: str


def describe_lists(catalogue: Catalogue, reader: SchemaReader, connection: Collection[str]) -> list[Entity]:
    """Describe every list of the catalogue that can only be looked at, in its order; as describe_all does entities."""
    describer = _Describer(catalogue, reader, frozenset(connection) | frozenset(OWN_OPTIONS))
    lists = [describer.listed(notes) for notes in catalogue.lists]
    taken = {notes.plural for notes in catalogue.entities}
    for one in catalogue.lists:
        if one.plural in taken:
            raise mistake(f"lists.{one.name}.plural", f"{one.plural} is taken")
        taken.add(one.plural)
    _refuse_double_modules(catalogue)
    return lists


def describe_status(catalogue: Catalogue, reader: SchemaReader, connection: Collection[str]) -> list[Settings]:
    """Describe every structure of the catalogue that can only be looked at, in its order; as describe_all does
    entities.
    """
    describer = _Describer(catalogue, reader, frozenset(connection) | frozenset(OWN_OPTIONS))
    return [describer.status(notes) for notes in catalogue.status]


def _check_names(names: Iterable[str], facts: Mapping[str, Fact], owner: str, where: str) -> None:
    """Refuse what the catalogue names at a place and the schema, or what else is read, does not have."""
    for name in names:
        if name not in facts:
            raise mistake(where, f"{owner} has no property {name}{nearest(name, facts)}")


def _refuse_double_modules(catalogue: Catalogue) -> None:
    """Each section has its own names; the modules of all of them share one folder."""
    taken: dict[str, str] = {}
    places = [(one.name, f"entities.{one.name}") for one in catalogue.entities]
    places += [(snake_case(one.name), f"settings.{one.name}") for one in catalogue.settings]
    places += [(one.name, f"lists.{one.name}") for one in catalogue.lists]
    places += [(one.name, f"status.{one.name}") for one in catalogue.status]
    for name, place in places:
        other = taken.setdefault(name, place)
        if other != place:
            raise mistake(place, f"threecx_{name}_info is the module of {other} already")


def describe_settings(catalogue: Catalogue, reader: SchemaReader, connection: Collection[str]) -> list[Settings]:
    """Describe every singleton of the catalogue, in its order; as describe_all does entities."""
    describer = _Describer(catalogue, reader, frozenset(connection) | frozenset(OWN_OPTIONS))
    known = {*reader.singletons, *reader.setters}
    for name in catalogue.left_out:
        if name not in known:
            hint = nearest(name, known)
            raise mistake(
                f"left_out.{name}", f"the document has no {name}, singleton that can be changed or action{hint}"
            )
        if name in {said for notes in catalogue.settings for said in (notes.name, notes.write)}:
            raise mistake(f"left_out.{name}", "it is among the settings")
    return [describer.settings(notes) for notes in catalogue.settings]


def describe_all(catalogue: Catalogue, reader: SchemaReader, connection: Collection[str]) -> list[Entity]:
    """Describe every entity of the catalogue, in its order.

    Args:
        connection: the names of the connection options, which no property may take.

    Raises:
        CodegenError: where the catalogue names what the document does not have, or says too little or too much.
    """
    for schema, properties in catalogue.structures.items():
        if not reader.has_schema(schema):
            raise mistake(f"structures.{schema}", f"the document has no such schema{nearest(schema, reader.schemas)}")
        declared = reader.declared(schema)
        for name in properties:
            if name not in declared:
                raise mistake(
                    f"structures.{schema}.{name}", f"the schema has no such property{nearest(name, declared)}"
                )
    for schema, names in catalogue.led_by.items():
        declared = reader.facts(schema) if reader.has_schema(schema) else {}
        for name in names:
            if name not in declared:
                raise mistake(f"led_by.{schema}", f"the document has no {schema}.{name}{nearest(name, declared)}")
    describer = _Describer(catalogue, reader, frozenset(connection) | frozenset(OWN_OPTIONS))
    entities = [describer.entity(notes) for notes in catalogue.entities]
    plurals = [entity.notes.plural for entity in entities]
    for entity in entities:
        if plurals.count(entity.notes.plural) > 1:
            raise mistake(f"entities.{entity.notes.name}.plural", f"{entity.notes.plural} is taken")
    return entities


class _Describer:
    def __init__(self, catalogue: Catalogue, reader: SchemaReader, taken: frozenset[str]) -> None:
        self._catalogue = catalogue
        self._reader = reader
        self._taken = taken

    def entity(self, notes: EntityNotes) -> Entity:
        where = f"entities.{notes.name}"
        if notes.below:
            return self._below(notes, notes.below, where)
        if notes.entity_set not in self._reader.entity_sets:
            hint = nearest(notes.entity_set, self._reader.entity_sets)
            raise mistake(f"{where}.entity_set", f"the document has no entity set {notes.entity_set}{hint}")
        entity_set = self._reader.entity_sets[notes.entity_set]
        listed_by = self._lister(notes, entity_set)
        if not (entity_set.can_list or listed_by):
            # The engine looks an entity up in its list: only then does a 404 mean that the endpoint is not there.
            raise mistake(f"{where}.entity_set", f"the document has no list of {notes.entity_set} to find one in")
        facts = self._reader.facts(entity_set.schema)
        for place, names in {
            "properties": notes.properties,
            "natural_keys": notes.natural_keys,
            "scope": notes.scope,
            "required_for_create": notes.required_for_create,
            "default_department": [notes.default_department] if notes.default_department else [],
            "title": [notes.title] if notes.title else [],
        }.items():
            _check_names(names, facts, entity_set.schema, f"{where}.{place}")
        if notes.together and len(notes.natural_keys) < 2:
            raise mistake(f"{where}.together", "it takes several natural_keys to be parts of one")
        making, made_of = self._making(notes, entity_set)
        writable = entity_set.can_create or entity_set.can_update or making is not None
        properties = []
        for fact in self._ordered(facts, entity_set.key, *notes.natural_keys):
            described = self._property(fact, notes.properties.get(fact.name), notes.name, where, (entity_set.schema,))
            if described is None:
                if fact.name in (
                    entity_set.key,
                    *notes.natural_keys,
                    *notes.scope,
                    *notes.required_for_create,
                    notes.title,
                ):
                    raise mistake(f"{where}.properties.{fact.name}", "a key or a title cannot be omitted")
                continue
            properties.append(described if writable or fact.name == entity_set.key else _read_only(described))
        options = {item.property.name: item.property for item in properties}
        self._refuse_double_options((*properties, *made_of), where)
        check_order(properties, where)
        if notes.init_with and not notes.init:
            raise mistake(f"{where}.init_with", "there is no init: whose parameters these could be")
        call = f"{notes.init}({','.join(f'{name}={{{name}}}' for name in notes.init_with)})"
        if notes.init and not self._reader.has_function(notes.entity_set, call):
            raise mistake(f"{where}.init", f"{notes.entity_set} has no function {call} in the document")
        for name in notes.init_with:
            if snake_case(name) in self._taken or snake_case(name) in {prop.option for prop in options.values()}:
                raise mistake(f"{where}.init_with.{name}", f"the option {snake_case(name)} is taken")
        title = options[notes.title or entity_set.key].option
        return Entity(
            notes=notes,
            properties=tuple(properties),
            version_added=self._catalogue.version_added,
            made_of=made_of,
            description=EntityDescription(
                name=notes.name,
                plural=notes.plural,
                label=notes.label,
                entity_set=notes.entity_set,
                key=replace(_key(options[entity_set.key]), ending=notes.made_by.ending if notes.made_by else ""),
                natural_keys=tuple(_key(options[name]) for name in notes.natural_keys),
                title=title,
                can_create=entity_set.can_create or making is not None,
                can_update=entity_set.can_update,
                can_delete=entity_set.can_delete,
                together=notes.together,
                local_number=notes.local_number,
                scope=tuple(_key(options[name]) for name in notes.scope),
                listed_by=listed_by,
                making=making,
                can_order=listed_by is None,
                reload=self._reload(notes, options),
                init=f"{notes.entity_set}/Pbx.{call}" if notes.init else None,
                init_with=tuple(
                    InitParameter(name, snake_case(name), parameter.stored_in)
                    for name, parameter in notes.init_with.items()
                ),
                default_department=notes.default_department,
                required_for_create=tuple(options[name].option for name in notes.required_for_create),
                since=self._reader.since(listed_by or notes.entity_set),
                properties=tuple(_whole(item) for item in properties),
            ),
        )

    def _reload(self, notes: EntityNotes, options: Mapping[str, Property]) -> Reload | None:
        """The action by which devices of an entity take a change."""
        said, where = notes.reload, f"entities.{notes.name}.reload"
        if said is None:
            return None
        if not self._reader.has_action(notes.entity_set, said.action):
            raise mistake(f"{where}.action", f"{notes.entity_set} has no action {said.action} in the document")
        if said.devices not in options:
            raise mistake(f"{where}.devices", f"there is no property {said.devices}{nearest(said.devices, options)}")
        if said.option in self._taken or said.option in {prop.option for prop in options.values()}:
            raise mistake(f"{where}.option", f"the option {said.option} is taken")
        action = f"{notes.entity_set}/Pbx.{said.action}"
        return Reload(said.option, action, said.parameter, said.devices, said.device)

    def _making(self, notes: EntityNotes, entity_set: EntitySet) -> tuple[Making | None, tuple[Documented, ...]]:
        """The action that makes one, and the words about what it is told."""
        if notes.made_by is None:
            return None, ()
        said, where = notes.made_by, f"entities.{notes.name}.made_by"
        if entity_set.can_create:
            raise mistake(where, f"{notes.entity_set} has a creation of its own")
        taken = self._reader.action(notes.entity_set, said.action)
        if taken is None:
            raise mistake(f"{where}.action", f"{notes.entity_set} has no action {said.action} that takes one structure")
        parameter, schema = taken
        facts = self._reader.facts(schema)
        if said.name not in facts:
            raise mistake(f"{where}.name", f"{schema} has no property {said.name}{nearest(said.name, facts)}")
        if said.ready and not self._reader.has_function(notes.entity_set, f"{said.ready}()"):
            raise mistake(f"{where}.ready", f"{notes.entity_set} has no function {said.ready}() in the document")
        rest = [fact for fact in self._ordered(facts) if fact.name != said.name]
        found = [self._property(fact, None, notes.name, where, (schema,)) for fact in rest]
        made_of = tuple(item for item in found if item)
        making = Making(
            action=f"{notes.entity_set}/Pbx.{said.action}",
            parameter=parameter,
            name=said.name,
            properties=tuple(_whole(item) for item in made_of),
            ready=f"{notes.entity_set}/Pbx.{said.ready}()" if said.ready else None,
        )
        return making, made_of

    def _below(self, notes: EntityNotes, calls: BelowNotes, where: str) -> Entity:
        """Entities that are there only within another one: functions and actions stand for their URLs."""
        try:
            found = self._reader.within(notes.name, calls.list, calls.create, calls.update, calls.delete)
        except CodegenError as error:
            raise mistake(f"{where}.below", str(error)) from None
        facts = {found.owner.name: found.owner, **self._reader.facts(found.schema)}
        for place, names in {"properties": list(notes.properties), "below.key": [calls.key]}.items():
            _check_names(names, facts, found.schema, f"{where}.{place}")
        said = [
            self._property(fact, notes.properties.get(fact.name), notes.name, where, (found.schema,))
            for fact in self._ordered(facts, found.owner.name, calls.key)
        ]
        properties = tuple(item for item in said if item)
        self._refuse_double_options(properties, where)
        options = {item.property.name: item.property for item in properties}
        if calls.key not in options or found.owner.name not in options:
            raise mistake(f"{where}.properties", "a key, or what names the other one, cannot be omitted")
        return Entity(
            notes=notes,
            properties=properties,
            version_added=self._catalogue.version_added,
            description=EntityDescription(
                name=notes.name,
                plural=notes.plural,
                label=notes.label,
                entity_set=notes.entity_set,
                key=_key(options[calls.key]),
                title=options[calls.key].option,
                can_create=True,
                can_update=True,
                can_delete=True,
                listed_by=found.list,
                can_order=found.can_order,
                since=self._reader.since(found.list),
                below=Below(
                    within=_key(options[found.owner.name]),
                    create=found.create,
                    update=found.update,
                    delete=found.delete,
                    parameter=found.parameter,
                    named=found.named,
                ),
                required_for_create=tuple(options[name].option for name in notes.required_for_create),
                properties=tuple(_whole(item) for item in properties),
            ),
        )

    def _lister(self, notes: EntityNotes, entity_set: EntitySet) -> str | None:
        """The function that lists what the entity set does not."""
        if notes.listed_by is None:
            return None
        where = f"entities.{notes.name}.listed_by"
        if entity_set.can_list:
            raise mistake(where, f"{notes.entity_set} is a list itself")
        path = f"{notes.entity_set}/Pbx.{notes.listed_by}()"
        found = self._reader.readables.get(path)
        if found is None or not found.is_list or found.schema != entity_set.schema:
            raise mistake(where, f"the document has no function {path} that lists {entity_set.schema}")
        return path

    def settings(self, notes: SettingsNotes) -> Settings:
        where = f"settings.{notes.name}"
        endpoint, schema = notes.name, ""
        facts: Mapping[str, Fact] = {}
        action: Action | None = None
        if notes.read and notes.write:
            endpoint, schema, facts, action = self._pair(notes, where)
        elif notes.name in self._reader.singletons:
            schema = self._reader.singletons[notes.name].schema
            facts = self._reader.facts(schema)
        else:
            hint = nearest(notes.name, self._reader.singletons)
            raise mistake(where, f"the document has no singleton {notes.name} that can be changed{hint}")
        _check_names(notes.properties, facts, schema or notes.name, f"{where}.properties")
        module = snake_case(notes.name)
        found = [
            self._property(fact, notes.properties.get(fact.name), module, where, (schema,) if schema else ())
            for fact in self._ordered(facts)
        ]
        properties = tuple(item for item in found if item)
        self._refuse_double_options(properties, where)
        check_order(properties, where)
        return Settings(
            notes=notes,
            properties=properties,
            version_added=self._catalogue.version_added,
            description=SettingsDescription(
                name=module,
                label=notes.label,
                singleton=endpoint,
                since=self._reader.since(endpoint),
                properties=tuple(_whole(item) for item in properties),
                action=action,
            ),
        )

    def _pair(self, notes: SettingsNotes, where: str) -> tuple[str, str, dict[str, Fact], Action]:
        """What answers the settings, the schema of them (none of a list or a value), their facts, what takes them."""
        try:
            pair = self._reader.pair(str(notes.read), str(notes.write), notes.name)
        except CodegenError as error:
            raise mistake(where, str(error)) from None
        if notes.name in self._reader.singletons:
            raise mistake(where, "a singleton has this name")
        taken = pair.parameter
        if taken.structure and pair.answer == taken.structure and pair.lists == taken.many and not notes.answered_as:
            form: Literal["list", "structure"] = "list" if taken.many else "structure"
            facts = {taken.name: taken} if taken.many else self._reader.facts(taken.structure)
            action = Action(path=pair.write, parameter=taken.name, form=form)
            return pair.read, "" if taken.many else taken.structure, facts, action
        if taken.structure or taken.many or pair.lists or not notes.answered_as:
            raise mistake(where, f"{notes.write} does not take what {notes.read} answers (or answered_as: is missing)")
        answered = self._reader.facts(pair.answer).get(notes.answered_as)
        if answered is None or answered.kind != taken.kind:
            raise mistake(
                f"{where}.answered_as", f"{pair.answer} has no property {notes.answered_as} of the kind that is set"
            )
        how: Literal["key", "value"] = "key" if "{" in pair.write else "value"
        action = Action(path=pair.write, parameter=taken.name, form=how, answered_as=notes.answered_as)
        return pair.read, "", {taken.name: taken}, action

    def listed(self, notes: ListNotes) -> Entity:
        """A list that can only be looked at: everything in it is filled by the PBX."""
        where = f"lists.{notes.name}"
        found = self._readable(where, notes.read_from, is_list=True)
        key = notes.key or found.key
        if key is None:
            raise mistake(where, "key is missing: the document does not say what one is told from another by")
        if notes.key and found.key:
            raise mistake(f"{where}.key", f"the document says itself that it is {found.key}")
        if notes.order_by and not found.can_order:
            raise mistake(f"{where}.order_by", f"{notes.read_from} takes no $orderby")
        facts = self._reader.facts(found.schema)
        order = [term.split()[0] for term in (notes.order_by or "").split(",") if term.strip()]
        named = {"key": [key], "natural_keys": notes.natural_keys, "title": [notes.title or key], "order_by": order}
        for place, names in {**named, "properties": list(notes.properties)}.items():
            _check_names(names, facts, found.schema, f"{where}.{place}")
        properties = self._looked_at(notes, where, found.schema, key, *notes.natural_keys)
        options = {item.property.name: item.property for item in properties}
        for name in (key, *notes.natural_keys, notes.title or key):
            if name not in options:
                raise mistake(f"{where}.properties.{name}", "a key or a title cannot be omitted")
        return Entity(
            notes=notes,
            properties=properties,
            version_added=self._catalogue.version_added,
            description=EntityDescription(
                name=notes.name,
                plural=notes.plural,
                label=notes.label,
                entity_set=notes.read_from,
                key=_key(options[key]),
                natural_keys=tuple(_key(options[name]) for name in notes.natural_keys),
                title=options[notes.title or key].option,
                can_order=found.can_order,
                order=notes.order_by or "",
                limit=notes.limit,
                steering=self._steering(notes, facts),
                since=self._reader.since(notes.read_from),
                properties=tuple(_whole(item) for item in properties),
            ),
        )

    def _steering(self, notes: ListNotes, facts: Mapping[str, Fact]) -> Steering | None:
        """The actions that start and stop what a list shows: all of them take the same."""
        said = notes.steered_by
        if said is None:
            return None
        where = f"lists.{notes.name}.steered_by"
        actions = {name: getattr(said, name) for name in ("start", "stop", "restart", "enable", "disable")}
        taken = {self._reader.action(notes.read_from, action) for action in actions.values()}
        if len(taken) != 1 or None in taken:
            raise mistake(where, f"{notes.read_from} has no such actions that all take the same structure")
        [(parameter, schema)] = [one for one in taken if one is not None]
        inner = self._reader.facts(schema)
        if said.names not in inner or not inner[said.names].many:
            raise mistake(f"{where}.names", f"{schema} has no list {said.names}{nearest(said.names, inner)}")
        _check_names((said.status, said.can_start, said.can_restart), facts, notes.read_from, where)
        return Steering(
            **{name: f"{notes.read_from}/Pbx.{action}" for name, action in actions.items()},
            parameter=parameter,
            names=said.names,
            status=said.status,
            can_start=said.can_start,
            can_restart=said.can_restart,
        )

    def status(self, notes: StatusNotes) -> Settings:
        """A structure that can only be looked at: everything in it is filled by the PBX."""
        where = f"status.{notes.name}"
        found = self._readable(where, notes.read_from, is_list=False)
        facts = self._reader.facts(found.schema)
        _check_names(notes.properties, facts, found.schema, f"{where}.properties")
        properties = self._looked_at(notes, where, found.schema)
        return Settings(
            notes=notes,
            properties=properties,
            version_added=self._catalogue.version_added,
            description=SettingsDescription(
                name=notes.name,
                label=notes.label,
                singleton=notes.read_from,
                since=self._reader.since(notes.read_from),
                properties=tuple(_whole(item) for item in properties),
                changeable=False,
            ),
        )

    def _readable(self, where: str, path: str, *, is_list: bool) -> Readable:
        """What is read from a path, where that can only be looked at."""
        found = self._reader.readables.get(path)
        what = "list" if is_list else "structure"
        if found is None or found.is_list != is_list:
            known = [name for name, one in self._reader.readables.items() if one.is_list == is_list]
            raise mistake(f"{where}.read_from", f"the document has no {what} at {path}{nearest(path, known)}")
        if found.can_write:
            other = "entities" if is_list else "settings"
            raise mistake(f"{where}.read_from", f"{path} can be changed too: it belongs to {other}")
        return found

    def _looked_at(
        self, notes: ListNotes | StatusNotes, where: str, schema: str, *first: str
    ) -> tuple[Documented, ...]:
        found = [
            self._property(fact, notes.properties.get(fact.name), notes.name, where, (schema,))
            for fact in self._ordered(self._reader.facts(schema), *first)
        ]
        properties = tuple(_read_only(item) for item in found if item)
        self._refuse_double_options(properties, where)
        return properties

    def _ordered(self, facts: Mapping[str, Fact], *first: str) -> list[Fact]:
        """What is named first, then the order of the catalogue, what a schema declares itself before what it inherits."""
        owners = list(dict.fromkeys(fact.owner for fact in facts.values()))[::-1]
        written = [name for owner in owners for name in self._catalogue.structures.get(owner, {}) if name in facts]
        return [facts[name] for name in dict.fromkeys((*first, *written, *facts))]

    def _property(
        self, fact: Fact, override: Notes | None, entity: str | None, where: str, above: tuple[str, ...]
    ) -> Documented | None:
        """One property with what is below it, or None where the catalogue omits it."""
        shared = self._catalogue.structures.get(fact.owner, {}).get(fact.name)
        notes = _merged(shared, override)
        place = where if where.endswith(".fields") else f"{where}.properties"
        here = f"structures.{fact.owner}.{fact.name}" if override is None else f"{place}.{fact.name}"
        if notes is None or not (notes.description or notes.omit):
            raise mistake(
                here, f"nothing is said about {fact.owner}.{fact.name}: give it a description, or omit: and why"
            )
        if notes.omit:
            return None
        self._check(fact, notes, here)
        option = notes.option or snake_case(fact.name)
        if entity and option in self._taken:
            raise mistake(
                here,
                f"every module has an option {option} of its own, which would be taken for that of "
                f"{fact.owner}.{fact.name}: "
                "rename the module's own option, or give the property another name with option:",
            )
        if notes.reference:
            return self._referring(fact, notes, option, here)
        inner: tuple[Documented, ...] = ()
        if fact.structure:
            if fact.structure in above:
                raise mistake(here, f"{fact.structure} is described within itself; omit the property and say why")
            inner_facts = self._reader.facts(fact.structure)
            _check_names(notes.fields, inner_facts, fact.structure, f"{here}.fields")
            found = [
                self._property(item, notes.fields.get(item.name), None, f"{here}.fields", (*above, fact.structure))
                for item in self._ordered(inner_facts)
                if item.name != CONCEALED
            ]
            inner = tuple(item for item in found if item)
            self._refuse_double_options(inner, here)
            check_order(inner, here, nested=True)
            for name in notes.item_key:
                if name not in {item.property.name for item in inner}:
                    raise mistake(
                        f"{here}.item_key", f"{fact.structure} has no property {name}{nearest(name, inner_facts)}"
                    )
        described = Documented(
            property=Property(
                name=fact.name,
                option=option,
                kind=cast(Kind, notes.kind) if notes.kind not in (None, _PLAIN_TEXT) else fact.kind,
                many=fact.many,
                choices=fact.choices,
                nullable=fact.nullable,
                minimum=fact.minimum,
                maximum=fact.maximum,
                max_length=fact.max_length,
                secret=bool(notes.secret) or fact.kind == "concealed",
                write_only=notes.write_only,
                read_only=notes.read_only,
                immutable=notes.immutable,
                navigation=fact.navigation,
                large=notes.large,
                ordered=notes.ordered,
                ordered_when=next(iter(notes.ordered_when.items()), None),
                item_key=notes.item_key,
                standing=notes.standing,
                order_only=notes.order_only,
                led_by=self._catalogue.led_by.get(fact.structure or "", ()),
                encoding=fact.encoding,
                conceals=bool(fact.structure and self._reader.conceals(fact.structure)),
                since=fact.since,
                newer=fact.newer,
            ),
            description=notes.description,
            sample=notes.sample,
            fields=inner,
        )
        return _read_only(described) if notes.read_only else described

    def _referring(self, fact: Fact, notes: Notes, option: str, here: str) -> Documented:
        """A property that stands for another entity: in Ansible, a name of that one."""
        said = self._catalogue.references.get(notes.reference or "")
        if said is None:
            known = self._catalogue.references
            raise mistake(
                f"{here}.reference", f"there is no reference {notes.reference}{nearest(str(notes.reference), known)}"
            )
        sends: tuple[str, ...] = ()
        if fact.structure:
            carried = self._reader.facts(fact.structure)
            sends = tuple(name for name in said.sends if name in carried)
            if said.stores not in sends:
                raise mistake(f"{here}.reference", f"{fact.structure} does not carry {said.stores} of a {said.label}")
        described = Documented(
            property=Property(
                name=fact.name,
                option=option,
                many=fact.many,
                nullable=fact.nullable,
                read_only=notes.read_only,
                immutable=notes.immutable,
                navigation=fact.navigation,
                ordered=notes.ordered,
                reference=Reference(said.label, said.entity_set, said.stores, said.names, sends),
                since=fact.since,
            ),
            description=notes.description,
            sample=notes.sample,
        )
        return _read_only(described) if notes.read_only else described

    @staticmethod
    def _check(fact: Fact, notes: Notes, here: str) -> None:
        """Refuse what contradicts the document, and silence where a mistake would hurt."""
        if fact.kind == "concealed" and notes.secret is not None:
            raise mistake(f"{here}.secret", "the document says itself that it is a credential")
        if notes.kind and notes.kind not in _OTHER_KINDS.get(fact.kind, ()):
            raise mistake(
                f"{here}.kind",
                f"only a plain string can be called one of {', '.join(_OTHER_KINDS['str'])}, "
                f"and a duration one of {', '.join(_OTHER_KINDS['duration'])}",
            )
        plain = fact.kind == "str" and not (notes.kind or notes.reference or notes.read_only or notes.secret)
        if plain and _LOOKS_SPELLED.search(fact.name):
            raise mistake(here, f"the name looks like one of several spellings: say kind: {', '.join(_SPELLED)}")
        if notes.item_key and not (fact.many and fact.structure):
            raise mistake(f"{here}.item_key", "only a collection of structures has items with keys")
        if notes.ordered and not fact.many:
            raise mistake(f"{here}.ordered", "only a collection has an order")
        if notes.standing and not notes.item_key:
            raise mistake(
                f"{here}.standing", "only a list whose items have keys is one of things that are always there"
            )
        if notes.order_only and (notes.item_key or not notes.ordered):
            raise mistake(f"{here}.order_only", "only an ordered list without item_key has nothing but an order to set")
        if notes.reference and (notes.item_key or notes.fields or notes.kind or notes.secret is not None):
            raise mistake(
                here, "what stands for another entity is a name, and has no fields, kind, key or secret of its own"
            )
        if notes.fields and not fact.structure:
            raise mistake(f"{here}.fields", "only a structure has fields")
        if fact.many and fact.structure and not (notes.item_key or notes.ordered or notes.read_only or notes.reference):
            raise mistake(
                here, "a collection of structures needs item_key: (how its items are told apart) or ordered: true"
            )
        if notes.read_only and (notes.immutable or notes.write_only):
            raise mistake(here, "what the PBX fills is neither immutable nor write_only")
        if notes.write_only and not notes.secret:
            raise mistake(here, "write_only goes with secret: true")
        if fact.kind == "str" and notes.secret is None and not notes.reference and _LOOKS_SECRET.search(fact.name):
            raise mistake(here, "the name looks like a credential: say secret: true or secret: false")
        if (
            notes.sample is None
            and (not fact.structure or notes.reference)
            and not notes.secret
            and fact.kind not in ("bool", "concealed")
            and not fact.choices
        ):
            raise mistake(here, "sample is missing")

    @staticmethod
    def _refuse_double_options(properties: Collection[Documented], where: str) -> None:
        seen: dict[str, str] = {}
        for item in properties:
            other = seen.setdefault(item.property.option, item.property.name)
            if other != item.property.name:
                raise mistake(
                    where, f"{other} and {item.property.name} would both be the option {item.property.option}"
                )


def _merged(shared: Notes | None, override: Notes | None) -> Notes | None:
    """What an entity says itself goes before what is said about the structure."""
    if shared is None or override is None or override.omit or shared.omit:
        return override or shared
    said = {
        name: value
        for name, value in vars(override).items()
        if value is not None and value is not False and value not in ((), {})
    }
    return shared.model_copy(update=said)


def _read_only(item: Documented) -> Documented:
    """The same, filled by the PBX, with everything below it.

    Without choices: what a result held is accepted as input, also where the PBX knows more members than the document.
    """
    changed = replace(item.property, read_only=True, immutable=False, write_only=False, choices=(), newer=())
    return replace(item, property=changed, fields=tuple(_read_only(inner) for inner in item.fields))


def _whole(item: Documented) -> Property:
    """The property with its fields, without the words."""
    return replace(item.property, fields=tuple(_whole(inner) for inner in item.fields))


def _key(item: Property) -> Key:
    return Key(name=item.name, option=item.option, kind=item.kind)
