"""One property by document and catalogue, with the words about it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, cast

from openapi.codegen.errors import Mistake, refuse_unknown
from openapi.codegen.modules.notes import Catalogue, Notes
from openapi.codegen.modules.schema import CONCEALED, Fact, SchemaReader
from pbx_as_code.description import Key, Kind, Property, Reference

#: A text whose name reads like a credential must be called one, or said not to be one, by the catalogue.
_LOOKS_SECRET = re.compile(r"pass|secret|token|key|credential|link|PIN|Pin$|License", re.IGNORECASE)
#: Catalogue name for a plain string that looks like a telephone number or an e-mail address and is neither.
_PLAIN_TEXT = "text"
_KINDS_OF_TEXT: tuple[Kind, ...] = (
    "mac", "network", "uuid", "datetime", "date", "time", "duration", "number", "telephone", "email",
    "profile",
)  # fmt: skip
#: Catalogue names allowed for a type of the document.
_OTHER_KINDS: Mapping[Kind, tuple[str, ...]] = {
    "str": (*_KINDS_OF_TEXT, _PLAIN_TEXT),
    "duration": ("day_begin", "day_end"),
}
#: A text of which people use several spellings, so the catalogue must say whether it is one.
_LOOKS_SPELLED = re.compile(
    r"(phone|mobile|caller_?id|external(number)?|did(number)?|pager|fax(number)?)s?[0-9]?$|(?<!voic)e-?mail|mail_?address",
    re.IGNORECASE,
)
#: Fields of a property that the document fills, and those that the catalogue fills under the same names.
_FACTS = tuple(field.name for field in fields(Property) if field.name not in ("fields", "reference", "led_by"))
_SAID = ("write_only", "read_only", "immutable", "large", "ordered", "item_key", "standing", "order_only")
#: The fields of a property that is the name of another entity.
_OF_REFERENCE = ("many", "nullable", "read_only", "immutable", "navigation", "ordered", "since")


@dataclass(frozen=True)
class Documented:
    """A property and the words about it."""

    property: Property
    description: tuple[str, ...]
    sample: Any
    fields: tuple[Documented, ...] = ()


class PropertyDescriber:
    """Describes properties, and refuses what the catalogue says of them and the document does not bear out.

    Args:
        taken: options that every module has.
    """

    def __init__(self, catalogue: Catalogue, reader: SchemaReader, taken: Collection[str]) -> None:
        self._catalogue = catalogue
        self._reader = reader
        self._taken = taken

    def _described(
        self,
        facts: Mapping[str, Fact],
        overrides: Mapping[str, Notes],
        where: str,
        *first: str,
        schema: str,
        own: bool = True,
        above: tuple[str, ...] = (),
    ) -> list[Documented]:
        """Every property that the catalogue does not omit.

        Args:
            facts: of the document, by name.
            overrides: entries of the catalogue that take precedence over those of `structures`.
            where: the place of these entries.
            first: names of properties that come first.
            schema: has the properties.
            own: whether they are options of a module, or fields within one.
            above: schemas in which this one is.
        """
        refuse_unknown(overrides, facts, where, f"{schema} has no property {{}}")
        found = [
            self._property(fact, overrides.get(fact.name), where, own, (*above, schema))
            for fact in self._ordered(facts, *first)
        ]
        properties = [item for item in found if item]
        refuse_double_options(properties, where.removesuffix(".properties").removesuffix(".fields"))
        _check_order(properties, where.removesuffix(".fields"), nested=not own)
        return properties

    def _ordered(self, facts: Mapping[str, Fact], *first: str) -> list[Fact]:
        """Named properties come first, then the order of the catalogue, then declared before inherited properties of a
        schema.
        """
        owners = list(dict.fromkeys(fact.owner for fact in facts.values()))[::-1]
        written = [name for owner in owners for name in self._catalogue.structures.get(owner, {}) if name in facts]
        return [facts[name] for name in dict.fromkeys((*first, *written, *facts))]

    def _property(
        self, fact: Fact, override: Notes | None, where: str, own: bool, above: tuple[str, ...]
    ) -> Documented | None:
        """One property with what is below it, or None where the catalogue omits it."""
        notes = _merged(self._catalogue.structures.get(fact.owner, {}).get(fact.name), override)
        here = f"structures.{fact.owner}.{fact.name}" if override is None else f"{where}.{fact.name}"
        if notes is None or not (notes.description or notes.omit):
            what = f"the catalogue does not describe {fact.owner}.{fact.name}: give it a description, or omit: and why"
            raise Mistake(here, what)
        if notes.omit:
            return None
        _check(fact, notes, here)
        option = notes.option or fact.option
        if own and option in self._taken:
            raise Mistake(
                here,
                f"every module has an option {option}, which would be mistaken for that of {fact.owner}.{fact.name}: "
                "rename the module's option, or give the property another name with option:",
            )
        said = {name: getattr(fact, name) for name in _FACTS} | {name: getattr(notes, name) for name in _SAID}
        said |= {"option": option, "secret": bool(notes.secret) or fact.kind == "concealed"}
        inner: list[Documented] = []
        if notes.reference:
            kept = {name: said[name] for name in _OF_REFERENCE}
            prop = Property(fact.name, option, **kept, reference=self._reference(fact, notes.reference, here))
        else:
            inner = self._fields(fact, notes, here, above)
            prop = replace(
                Property(**said),
                kind=cast(Kind, notes.kind) if notes.kind not in (None, _PLAIN_TEXT) else fact.kind,
                ordered_when=next(iter(notes.ordered_when.items()), None),
                led_by=self._catalogue.led_by.get(fact.structure or "", ()),
                fields=tuple(item.property for item in inner),
            )
        described = Documented(prop, notes.description, notes.sample, tuple(inner))
        return as_read_only(described) if notes.read_only else described

    def _fields(self, fact: Fact, notes: Notes, here: str, above: tuple[str, ...]) -> list[Documented]:
        """The properties of a structure; none of other values."""
        if not fact.structure:
            return []
        if fact.structure in above:
            raise Mistake(here, f"{fact.structure} is described within itself; omit the property and say why")
        facts = {name: one for name, one in self._reader.facts(fact.structure).items() if name != CONCEALED}
        found = self._described(facts, notes.fields, f"{here}.fields", schema=fact.structure, own=False, above=above)
        names = {item.property.name for item in found}
        refuse_unknown(notes.item_key, names, f"{here}.item_key", f"{fact.structure} has no property {{}}")
        return found

    def _reference(self, fact: Fact, name: str, here: str) -> Reference:
        """How a property stands for another entity."""
        refuse_unknown([name], self._catalogue.references, f"{here}.reference", "there is no reference {}")
        said = self._catalogue.references[name]
        carried = self._reader.facts(fact.structure) if fact.structure else {}
        sends = tuple(name for name in said.sends if name in carried)
        if fact.structure and said.stores not in sends:
            raise Mistake(f"{here}.reference", f"{fact.structure} does not carry {said.stores} of a {said.label}")
        return Reference(said.label, said.entity_set, said.stores, said.names, sends)


def _check(fact: Fact, notes: Notes, here: str) -> None:
    """Refuse what contradicts the document, and silence where a mistake would hurt."""
    plain, durations = (", ".join(_OTHER_KINDS[kind]) for kind in ("str", "duration"))
    plain_text = fact.kind == "str" and not (notes.kind or notes.reference or notes.read_only or notes.secret)
    unsaid_secret = fact.kind == "str" and notes.secret is None and not notes.reference
    structures = fact.many and fact.structure
    has_value = (not fact.structure or notes.reference) and fact.kind not in ("bool", "concealed") and not fact.choices
    wrong: tuple[tuple[object, str, str], ...] = (
        (fact.kind == "concealed" and notes.secret is not None,
         ".secret", "the document already says that it is a credential"),
        (notes.kind and notes.kind not in _OTHER_KINDS.get(fact.kind, ()),
         ".kind", f"only a plain string can be called one of {plain}, and a duration one of {durations}"),
        (plain_text and _LOOKS_SPELLED.search(fact.name),
         "", f"the name looks like one of several spellings: say kind: telephone, email, {_PLAIN_TEXT}"),
        (notes.item_key and not structures, ".item_key", "only a collection of structures has items with keys"),
        (notes.ordered and not fact.many, ".ordered", "only a collection has an order"),
        (notes.standing and not notes.item_key, ".standing", "standing needs item_key"),
        (notes.order_only and (notes.item_key or not notes.ordered),
         ".order_only", "order_only needs ordered and no item_key"),
        (notes.reference and (notes.item_key or notes.fields or notes.kind or notes.secret is not None),
         "", "a reference to another entity is a name, and has no fields, kind, key or secret"),
        (notes.fields and not fact.structure, ".fields", "only a structure has fields"),
        (structures and not (notes.item_key or notes.ordered or notes.read_only or notes.reference),
         "", "a collection of structures needs item_key: (how its items are told apart) or ordered: true"),
        (notes.read_only and (notes.immutable or notes.write_only),
         "", "a read_only property is neither immutable nor write_only"),
        (notes.write_only and not notes.secret, "", "write_only needs secret: true"),
        (unsaid_secret and _LOOKS_SECRET.search(fact.name),
         "", "the name looks like a credential: say secret: true or secret: false"),
        (has_value and notes.sample is None and not notes.secret, "", "sample is missing"),
    )  # fmt: skip
    for is_wrong, place, what in wrong:
        if is_wrong:
            raise Mistake(f"{here}{place}", what)


def _check_order(properties: Collection[Documented], where: str, *, nested: bool) -> None:
    """Refuse an ordered_when that the engine could not obey.

    Args:
        properties: of an entity, of settings or of a structure.
        where: their place in the catalogue.
        nested: they are of a structure, whose lists have an order always or never.
    """
    beside = {item.property.name: item.property for item in properties}
    for name, prop in beside.items():
        if prop.ordered_when is None:
            continue
        here = f"{where}.{name}.ordered_when"
        other, values = prop.ordered_when
        if nested or not prop.item_key or prop.ordered:
            raise Mistake(here, "only a list of the entity itself, with item_key and without ordered, has one")
        refuse_unknown([other], beside, here, "there is no sibling property {}")
        refuse_unknown(values, beside[other].choices, here, f"{other} is never {{}}")


def refuse_double_options(properties: Collection[Documented], where: str) -> None:
    """Refuse two properties that would be one option."""
    seen: dict[str, str] = {}
    for item in properties:
        option, name = item.property.option, item.property.name
        if seen.setdefault(option, name) != name:
            raise Mistake(where, f"{seen[option]} and {name} would both be the option {option}")


def _merged(shared: Notes | None, override: Notes | None) -> Notes | None:
    """The entity's entries take precedence over those of its structure."""
    if shared is None or override is None or override.omit or shared.omit:
        return override or shared
    return shared.model_copy(update={name: getattr(override, name) for name in override.model_fields_set})


def as_read_only(item: Documented) -> Documented:
    """The same, filled by the PBX, with everything below it.

    Without choices: what a result held is accepted as input, also where the PBX knows more members than the document.
    """
    inner = tuple(map(as_read_only, item.fields))
    changed = replace(item.property, read_only=True, immutable=False, write_only=False, choices=(), newer=())
    return replace(item, property=replace(changed, fields=tuple(each.property for each in inner)), fields=inner)


def key_of(item: Property) -> Key:
    """The property as one by which an entity is found."""
    return Key(name=item.name, option=item.option, kind=item.kind)
