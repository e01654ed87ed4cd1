"""Document and catalogue together: the description of each entity, with the words that go into its documentation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Literal

from openapi.codegen.errors import CodegenError
from openapi.codegen.modules.mistakes import mistake, nearest
from openapi.codegen.modules.naming import snake_case
from openapi.codegen.modules.notes import (
    BelowNotes,
    Catalogue,
    EntityNotes,
    SettingsNotes,
)
from openapi.codegen.modules.order import check_order
from openapi.codegen.modules.properties import (
    Documented,
    Entity,
    Settings,
    as_read_only,
    check_names,
    key_of,
    whole,
)
from openapi.codegen.modules.read_only import ReadOnlyDescriber
from openapi.codegen.modules.schema import EntitySet, Fact, SchemaReader
from pbx_as_code.description import (
    Action,
    Below,
    EntityDescription,
    InitParameter,
    Making,
    Property,
    Reload,
    SettingsDescription,
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


class _Describer(ReadOnlyDescriber):
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
            "entity_set": [entity_set.key],
            "properties": notes.properties,
            "natural_keys": notes.natural_keys,
            "scope": notes.scope,
            "required_for_create": notes.required_for_create,
            "default_department": [notes.default_department] if notes.default_department else [],
            "title": [notes.title] if notes.title else [],
        }.items():
            check_names(names, facts, entity_set.schema, f"{where}.{place}")
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
            properties.append(described if writable or fact.name == entity_set.key else as_read_only(described))
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
                key=replace(key_of(options[entity_set.key]), ending=notes.made_by.ending if notes.made_by else ""),
                natural_keys=tuple(key_of(options[name]) for name in notes.natural_keys),
                title=title,
                can_create=entity_set.can_create or making is not None,
                can_update=entity_set.can_update,
                can_delete=entity_set.can_delete,
                together=notes.together,
                local_number=notes.local_number,
                scope=tuple(key_of(options[name]) for name in notes.scope),
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
                properties=tuple(whole(item) for item in properties),
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
            raise mistake(where, f"{notes.entity_set} can also be created by a POST")
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
            properties=tuple(whole(item) for item in made_of),
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
            check_names(names, facts, found.schema, f"{where}.{place}")
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
                key=key_of(options[calls.key]),
                title=options[calls.key].option,
                can_create=True,
                can_update=True,
                can_delete=True,
                listed_by=found.list,
                can_order=found.can_order,
                since=self._reader.since(found.list),
                below=Below(
                    within=key_of(options[found.owner.name]),
                    create=found.create,
                    update=found.update,
                    delete=found.delete,
                    parameter=found.parameter,
                    named=found.named,
                ),
                required_for_create=tuple(options[name].option for name in notes.required_for_create),
                properties=tuple(whole(item) for item in properties),
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
        check_names(notes.properties, facts, schema or notes.name, f"{where}.properties")
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
                properties=tuple(whole(item) for item in properties),
                action=action,
            ),
        )

    def _pair(self, notes: SettingsNotes, where: str) -> tuple[str, str, dict[str, Fact], Action]:
        """Return the GET of the settings, their schema (None for a list or a value), their facts, and the action that
        takes them.
        """
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
