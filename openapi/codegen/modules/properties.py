"""One property by document and catalogue, with the words about it; what entities and settings are described as."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from openapi.codegen.modules.mistakes import mistake, nearest
from openapi.codegen.modules.naming import snake_case
from openapi.codegen.modules.notes import (
    Catalogue,
    EntityNotes,
    ListNotes,
    Notes,
    SettingsNotes,
    StatusNotes,
)
from openapi.codegen.modules.order import check_order
from openapi.codegen.modules.schema import CONCEALED, Fact, SchemaReader
from pbx_as_code.description import (
    EntityDescription,
    Key,
    Kind,
    Property,
    Reference,
    SettingsDescription,
)

#: A text whose name reads like a credential must be called one, or said not to be one, by the catalogue.
_LOOKS_SECRET = re.compile(r"pass|secret|token|key|credential|link|PIN|Pin$|License", re.IGNORECASE)
#: Kinds a plain string of the document may be called by the catalogue.
_STRING_KINDS = ("mac", "network", "uuid", "datetime", "date", "time", "duration", "telephone", "email")
#: Catalogue names for a plain string that looks like a telephone number or an e-mail address and is neither.
_PLAIN_TEXT = "text"
_SPELLED = ("telephone", "email", _PLAIN_TEXT)
#: Catalogue names allowed for a type of the document.
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
    """Properties that count only when an action creates an object."""

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


class PropertyDescriber:
    """Describes properties, and refuses what the catalogue says of them and the document does not bear out."""

    def __init__(self, catalogue: Catalogue, reader: SchemaReader, taken: frozenset[str]) -> None:
        self._catalogue = catalogue
        self._reader = reader
        self._taken = taken

    def _ordered(self, facts: Mapping[str, Fact], *first: str) -> list[Fact]:
        """Named properties come first, then the order of the catalogue, then declared before inherited properties of a
        schema.
        """
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
                f"every module has an option {option}, which would be mistaken for that of {fact.owner}.{fact.name}: "
                "rename the module's option, or give the property another name with option:",
            )
        if notes.reference:
            return self._referring(fact, notes, option, here)
        inner: tuple[Documented, ...] = ()
        if fact.structure:
            if fact.structure in above:
                raise mistake(here, f"{fact.structure} is described within itself; omit the property and say why")
            inner_facts = self._reader.facts(fact.structure)
            check_names(notes.fields, inner_facts, fact.structure, f"{here}.fields")
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
        return as_read_only(described) if notes.read_only else described

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
        return as_read_only(described) if notes.read_only else described

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
            raise mistake(here, "a reference to another entity is a name, and has no fields, kind, key or secret")
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


def check_names(names: Iterable[str], facts: Mapping[str, Fact], owner: str, where: str) -> None:
    """Refuse what the catalogue names at a place and the schema, or what else is read, does not have."""
    for name in names:
        if name not in facts:
            raise mistake(where, f"{owner} has no property {name}{nearest(name, facts)}")


def _merged(shared: Notes | None, override: Notes | None) -> Notes | None:
    """The entity's entries take precedence over those of its structure."""
    if shared is None or override is None or override.omit or shared.omit:
        return override or shared
    said = {
        name: value
        for name, value in vars(override).items()
        if value is not None and value is not False and value not in ((), {})
    }
    return shared.model_copy(update=said)


def as_read_only(item: Documented) -> Documented:
    """The same, filled by the PBX, with everything below it.

    Without choices: what a result held is accepted as input, also where the PBX knows more members than the document.
    """
    changed = replace(item.property, read_only=True, immutable=False, write_only=False, choices=(), newer=())
    return replace(item, property=changed, fields=tuple(as_read_only(inner) for inner in item.fields))


def whole(item: Documented) -> Property:
    """The property with its fields, without the words."""
    return replace(item.property, fields=tuple(whole(inner) for inner in item.fields))


def key_of(item: Property) -> Key:
    return Key(name=item.name, option=item.option, kind=item.kind)
