"""Document and catalogue together: the description of everything that has modules, with the words about it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from openapi.codegen.errors import Mistake, refuse_unknown
from openapi.codegen.modules import calls
from openapi.codegen.modules.catalogue import KINDS
from openapi.codegen.modules.naming import snake_case
from openapi.codegen.modules.notes import (
    BelowNotes,
    Catalogue,
    EntityNotes,
    KindNotes,
    ListedNotes,
    ListNotes,
    SettingsNotes,
    StatusNotes,
)
from openapi.codegen.modules.own_options import CONNECTION, OWN_OPTIONS
from openapi.codegen.modules.properties import (
    Documented,
    PropertyDescriber,
    as_read_only,
    key_of,
    refuse_double_options,
)
from openapi.codegen.modules.schema import Fact, Readable, SchemaReader
from pbx_as_code.description import Action, Description, EntityDescription, SettingsDescription


@dataclass(frozen=True)
class Kind:
    """Everything that the modules of one kind of thing are generated from."""

    where: str
    """Its place in the catalogue."""
    notes: KindNotes
    description: Description
    properties: tuple[Documented, ...]
    version_added: str
    made_of: tuple[Documented, ...] = ()
    """Properties that count only when an action creates an object."""

    @property
    def name(self) -> str:
        """The name of its modules without threecx_."""
        return self.description.name


def describe(catalogue: Catalogue, reader: SchemaReader) -> list[Kind]:
    """Describe everything in the catalogue that has modules, in its order.

    Raises:
        Mistake: where the catalogue names what the document does not have, or says too little or too much.
    """
    for holder, place, known, where, what in places(dict(catalogue), reader):
        refuse_unknown(holder[place], known, where, what)
    for notes in catalogue.settings.values():
        for name in {notes.name, notes.write} & catalogue.left_out.keys():
            raise Mistake(f"left_out.{name}", "it is among the settings")
    describer = Describer(catalogue, reader)
    kinds = [describer.kind(section, name) for section in KINDS for name in getattr(catalogue, section)]
    plurals: set[str] = set()
    modules: dict[str, str] = {}
    for kind in kinds:
        if isinstance(kind.notes, ListedNotes):
            if kind.notes.plural in plurals:
                raise Mistake(f"{kind.where}.plural", f"{kind.notes.plural} is taken")
            plurals.add(kind.notes.plural)
        # Each section has its own names; the modules of all of them share one folder.
        if (other := modules.setdefault(kind.name, kind.where)) != kind.where:
            raise Mistake(kind.where, f"threecx_{kind.name}_info is the module of {other} already")
    return kinds


def places(said: Mapping[str, Any], reader: SchemaReader) -> Iterator[tuple[Any, str, Collection[str], str, str]]:
    """Places of the catalogue that name things of the document beside the kinds: `structures`, `led_by`, `left_out`.

    Returns:
        of each: its holder and its key there, the names that the document has, and as `refuse_unknown` takes them, the
        place and what is wrong with another name.
    """
    yield said, "structures", reader.schemas, "structures.{}", "the document has no such schema"
    for schema in said["structures"]:
        where = f"structures.{schema}.{{}}"
        yield said["structures"], schema, reader.declared(schema), where, "the schema has no such property"
    for schema in said["led_by"]:
        known = reader.facts(schema) if reader.has_schema(schema) else ()
        yield said["led_by"], schema, known, f"led_by.{schema}", f"the document has no {schema}.{{}}"
    what = "the document has no {}, singleton that can be changed or action"
    yield said, "left_out", {*reader.singletons, *reader.setters}, "left_out.{}", what


class Describer(PropertyDescriber):
    """Describes what has modules, one kind of thing at a time."""

    def __init__(self, catalogue: Catalogue, reader: SchemaReader) -> None:
        super().__init__(catalogue, reader, CONNECTION | frozenset(OWN_OPTIONS))

    def kind(self, section: str, name: str) -> Kind:
        """Describe one entry of a section of the catalogue; raises Mistake as `describe` does."""
        describe: dict[str, Callable[[Any, str], Kind]] = {
            "entities": self._entity, "settings": self._settings, "lists": self._list, "status": self._status
        }  # fmt: skip
        return describe[section](getattr(self._catalogue, section)[name], f"{section}.{name}")

    def _entity(self, notes: EntityNotes, where: str) -> Kind:
        if notes.below:
            return self._below(notes, notes.below, where)
        reader, sets = self._reader, self._reader.entity_sets
        refuse_unknown([notes.entity_set], sets, f"{where}.entity_set", "the document has no entity set {}")
        entity_set = sets[notes.entity_set]
        facts = reader.facts(entity_set.schema)
        listed_by = calls.lister(reader, notes, entity_set, where)
        if not (entity_set.can_list or listed_by):
            # The engine looks an entity up in its list: only then does a 404 mean that the endpoint is not there.
            raise Mistake(f"{where}.entity_set", f"the document has no list of {notes.entity_set} to find one in")
        if notes.together and len(notes.natural_keys) < 2:
            raise Mistake(f"{where}.together", "together needs at least two natural_keys")
        found = self._own(notes, where, entity_set.schema, facts, {"entity_set": entity_set.key})
        making, takes = calls.making(reader, notes, entity_set, where)
        made_of: list[Documented] = []
        if making:
            rest = {name: fact for name, fact in reader.facts(takes).items() if name != making.name}
            made_of = self._described(rest, {}, where, schema=takes)
            making = replace(making, properties=tuple(item.property for item in made_of))
        if not (entity_set.can_create or entity_set.can_update or making):
            found = [item if item.property.name == entity_set.key else as_read_only(item) for item in found]
        options = {item.property.name: item.property for item in found}
        taken = {*self._taken, *(prop.option for prop in options.values())}
        said: dict[str, Any] = {
            "can_create": entity_set.can_create or making is not None,
            "can_update": entity_set.can_update,
            "can_delete": entity_set.can_delete,
            "listed_by": listed_by,
            "can_order": listed_by is None,
            "making": making,
            "reload": calls.reload(reader, notes, options, taken, where),
            "since": reader.since(listed_by or notes.entity_set),
            **{name: getattr(notes, name) for name in ("together", "local_number", "default_department")},
            **calls.init(reader, notes, taken, where),
        }
        return self._listed(notes, where, found, entity_set.key, notes.entity_set, made_of, **said)

    def _below(self, notes: EntityNotes, said: BelowNotes, where: str) -> Kind:
        """Entities that are there only within another one: functions and actions stand for their URLs."""
        schema, facts, below, place, can_order = calls.below(self._reader, notes, said, where)
        found = self._own(notes, where, schema, facts, {"below": below.within.name, "below.key": said.key})
        [within] = [key_of(item.property) for item in found if item.property.name == below.within.name]
        can: dict[str, Any] = dict.fromkeys(("can_create", "can_update", "can_delete"), True)
        can |= {"can_order": can_order, "listed_by": place, "since": self._reader.since(place)}
        return self._listed(notes, where, found, said.key, notes.entity_set, below=replace(below, within=within), **can)

    def _list(self, notes: ListNotes, where: str) -> Kind:
        """A list that can only be looked at: everything in it is filled by the PBX."""
        readable = self._readable(where, notes.read_from, is_list=True)
        key, facts = notes.key or readable.key, self._reader.facts(readable.schema)
        if key is None:
            raise Mistake(where, "key is missing: the document does not say which property identifies a row")
        if notes.key and readable.key:
            raise Mistake(f"{where}.key", f"the document already says that the key is {readable.key}")
        if notes.order_by and not readable.can_order:
            raise Mistake(f"{where}.order_by", f"{notes.read_from} takes no $orderby")
        order = [term.split()[0] for term in (notes.order_by or "").split(",") if term.strip()]
        refuse_unknown(order, facts, f"{where}.order_by", f"{readable.schema} has no property {{}}")
        found = list(map(as_read_only, self._own(notes, where, readable.schema, facts, {"key": key})))
        said: dict[str, Any] = {
            "can_order": readable.can_order,
            "order": notes.order_by or "",
            "limit": notes.limit,
            "steering": calls.steering(self._reader, notes, facts, where),
            "since": self._reader.since(notes.read_from),
        }
        return self._listed(notes, where, found, key, notes.read_from, **said)

    def _own(
        self, notes: ListedNotes, where: str, schema: str, facts: Mapping[str, Fact], keys: Mapping[str, str]
    ) -> list[Documented]:
        """The properties of a thing of which there are several.

        Args:
            keys: properties that come first, by the places of the catalogue that name them.
        """
        needed: dict[str, Iterable[str]] = {
            place: (name,) for place, name in (*keys.items(), ("title", notes.title)) if name
        }
        needed |= {place: getattr(notes, place, ()) for place in ("natural_keys", "scope", "required_for_create")}
        department = getattr(notes, "default_department", "")
        for place, names in (*needed.items(), ("default_department", filter(None, [department]))):
            refuse_unknown(names, facts, f"{where}.{place}", f"{schema} has no property {{}}")
        first = (*keys.values(), *notes.natural_keys)
        found = self._described(facts, notes.properties, f"{where}.properties", *first, schema=schema)
        described = {item.property.name for item in found}
        for name in (name for names in needed.values() for name in names):
            if name not in described:
                raise Mistake(f"{where}.properties.{name}", "keys and titles cannot be omitted")
        return found

    def _listed(
        self,
        notes: ListedNotes,
        where: str,
        found: Sequence[Documented],
        key: str,
        entity_set: str,
        made_of: Sequence[Documented] = (),
        **facts: Any,
    ) -> Kind:
        """A thing of which there are several, with what else its description says."""
        refuse_double_options([*found, *made_of], where)
        options = {item.property.name: item.property for item in found}
        ending = ""
        if isinstance(notes, EntityNotes):
            ending = notes.made_by.ending if notes.made_by else ""
            facts["scope"] = tuple(key_of(options[name]) for name in notes.scope)
            facts["required_for_create"] = tuple(options[name].option for name in notes.required_for_create)
        description = EntityDescription(
            name=notes.name,
            plural=notes.plural,
            label=notes.label,
            article=notes.article,
            entity_set=entity_set,
            key=replace(key_of(options[key]), ending=ending),
            natural_keys=tuple(key_of(options[name]) for name in notes.natural_keys),
            title=options[notes.title or key].option,
            properties=tuple(item.property for item in found),
            **facts,
        )
        return Kind(where, notes, description, tuple(found), self._catalogue.version_added, tuple(made_of))

    def _settings(self, notes: SettingsNotes, where: str) -> Kind:
        singletons = self._reader.singletons
        action: Action | None = None
        if notes.read and notes.write:
            place, schema, facts, action = calls.pair(self._reader, notes, where)
        else:
            refuse_unknown([notes.name], singletons, where, "the document has no singleton {} that can be changed")
            place, schema = notes.name, singletons[notes.name]
            facts = self._reader.facts(schema)
        found = self._described(facts, notes.properties, f"{where}.properties", schema=schema or notes.name)
        return self._single(notes, where, found, place, action=action)

    def _status(self, notes: StatusNotes, where: str) -> Kind:
        """A structure that can only be looked at: everything in it is filled by the PBX."""
        schema = self._readable(where, notes.read_from, is_list=False).schema
        found = self._described(self._reader.facts(schema), notes.properties, f"{where}.properties", schema=schema)
        return self._single(notes, where, list(map(as_read_only, found)), notes.read_from, changeable=False)

    def _single(self, notes: KindNotes, where: str, found: Sequence[Documented], place: str, **facts: Any) -> Kind:
        """A thing of which there is one."""
        description = SettingsDescription(
            name=snake_case(notes.name),
            label=notes.label,
            singleton=place,
            since=self._reader.since(place),
            properties=tuple(item.property for item in found),
            **facts,
        )
        return Kind(where, notes, description, tuple(found), self._catalogue.version_added)

    def _readable(self, where: str, path: str, *, is_list: bool) -> Readable:
        """Facts about a path that can only be read."""
        what = "list" if is_list else "structure"
        found = {name: one for name, one in self._reader.readables.items() if one.is_list == is_list}
        refuse_unknown([path], found, f"{where}.read_from", f"the document has no {what} at {{}}")
        if found[path].can_write:
            other = "entities" if is_list else "settings"
            raise Mistake(f"{where}.read_from", f"{path} can be changed too: it belongs to {other}")
        return found[path]
