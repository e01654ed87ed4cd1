"""Read-only objects: lists and structures by document and catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from openapi.codegen.modules.mistakes import mistake, nearest
from openapi.codegen.modules.notes import (
    ListNotes,
    StatusNotes,
)
from openapi.codegen.modules.properties import (
    Documented,
    Entity,
    PropertyDescriber,
    Settings,
    as_read_only,
    check_names,
    key_of,
    whole,
)
from openapi.codegen.modules.schema import Fact, Readable
from pbx_as_code.description import (
    EntityDescription,
    SettingsDescription,
    Steering,
)


class ReadOnlyDescriber(PropertyDescriber):
    """Describes lists and structures in which everything is filled by the PBX."""

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
            check_names(names, facts, found.schema, f"{where}.{place}")
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
                key=key_of(options[key]),
                natural_keys=tuple(key_of(options[name]) for name in notes.natural_keys),
                title=options[notes.title or key].option,
                can_order=found.can_order,
                order=notes.order_by or "",
                limit=notes.limit,
                steering=self._steering(notes, facts),
                since=self._reader.since(notes.read_from),
                properties=tuple(whole(item) for item in properties),
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
        check_names((said.status, said.can_start, said.can_restart), facts, notes.read_from, where)
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
        check_names(notes.properties, facts, found.schema, f"{where}.properties")
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
                properties=tuple(whole(item) for item in properties),
                changeable=False,
            ),
        )

    def _readable(self, where: str, path: str, *, is_list: bool) -> Readable:
        """Return the read-only facts of a path."""
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
        properties = tuple(as_read_only(item) for item in found if item)
        self._refuse_double_options(properties, where)
        return properties
