"""Compare the declared state of one object with that of the PBX: the differences, the body to send, and the resulting
lists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from threecx_xapi.record import Record

from pbx_as_code.description import Property
from pbx_as_code.engine.compare.values import canonical, conceals, is_zero, sent_back, without_control
from pbx_as_code.errors import PbxError
from pbx_as_code.walk import ABSENT, Absent, places

Row = dict[str, Any]
#: Values of the option lists, with their effect on an existing list.
REPLACE, ADD, REMOVE = "replace", "add", "remove"


class Difference(Record, hidden=("before", "after")):
    """One property that is not as it should be."""

    property: Property
    before: Any
    """In wire form; ABSENT where the PBX did not answer it."""
    after: Any
    """As it is to be sent: structures are whole, with what the task left alone."""


def differences(
    properties: tuple[Property, ...], wanted: Mapping[str, Any], current: Mapping[str, Any]
) -> list[Difference]:
    """The wanted properties that are otherwise now.

    Parameters:
        properties: of the entity
        wanted: by XAPI name, in wire form; what is not in it is left alone
        current: what the PBX answered
    """
    given = (in_order(prop, wanted, current) for prop in properties if prop.name in wanted)
    return [
        Difference(prop, current.get(prop.name, ABSENT), merged(prop, wanted[prop.name], current.get(prop.name)))
        for prop in given
        if not same_within(prop, wanted[prop.name], current)
    ]


def undecided(
    properties: tuple[Property, ...], wanted: Mapping[str, Any], current: Mapping[str, Any]
) -> list[Difference]:
    """The wanted zeros that a PBX may have left out, or that are null there: nobody can tell before it shows one.

    They go along with another change; else that change may show that they are null, and the next run would set them.

    Parameters:
        properties, wanted, current: see differences
    """
    return [
        Difference(prop, ABSENT, wanted[prop.name])
        for prop in properties
        if prop.nullable
        and not (prop.many or prop.read_only or prop.immutable)
        and prop.name in wanted
        and prop.name not in current
        and is_zero(prop.kind, wanted[prop.name])
    ]


def same(prop: Property, wanted: Any, current: Any) -> bool:
    """Whether a property is as wanted; of a structure, only what is wanted of it counts.

    Null, an empty text, a time of zero and an empty list are the same, and so is absent, for a PBX may leave out any of
    them. It may also leave out zero and false, which null is only where the document knows no null for the property.
    The desired value may be an earlier answer: a value of another type than documented differs from everything.
    """
    if isinstance(current, Absent) and prop.navigation:
        return wanted is None
    if prop.many:
        return _same_items(prop, *(value if isinstance(value, list) else [] for value in (wanted, current)))
    return _same_item(prop, wanted, current)


def same_within(prop: Property, wanted: Any, row: Mapping[str, Any]) -> bool:
    """Whether a property of a row or structure is as wanted."""
    current = row.get(prop.name, ABSENT)
    if (
        isinstance(current, Absent)
        and is_zero(prop.kind, wanted)
        and any(_as_is(wanted, held) for held in row.values())
    ):
        return False  # a PBX that answers one zero leaves none out: this one is null
    return same(prop, wanted, current)


def _as_is(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other


def merged(prop: Property, wanted: Any, current: Any) -> Any:
    """A property as it is to be sent: what is wanted, upon what is there.

    A collection is replaced as a whole and a structure perhaps too, so what the task left alone must go along.
    """
    if prop.kind != "complex" or wanted is None:
        return wanted
    if not prop.many:
        return _overlaid(prop, wanted, current)
    pool = [item for item in current if isinstance(item, Mapping)] if isinstance(current, list) else []
    if prop.standing:  # in their order: the keys of a phone name forwarding profiles by their place
        given = [item for item in wanted if isinstance(item, Mapping)]
        standing = [_overlaid(prop, take(prop, item, given) or {}, item) for item in pool]
        return _without_nulls(prop, [*standing, *(_overlaid(prop, item, None) for item in given)])
    if prop.ordered and not prop.item_key:
        partners = (None if n is None else pool[n] for n in by_place(prop, wanted, pool))
        return _without_nulls(prop, [_overlaid(prop, *pair) for pair in zip(wanted, partners, strict=True)])
    return _without_nulls(prop, [_overlaid(prop, item, take(prop, item, pool)) for item in wanted])


def by_place(prop: Property, wanted: Sequence[Any], there: Sequence[Any]) -> list[int | None]:
    """For each item of an ordered list without keys, the number of the one that it changes: an equal one, else the one
    in its place; None for an item that is new.

    Parameters:
        prop: the list
        wanted: its items
        there: items of the PBX
    """
    left = set(range(len(there)))
    found: list[int | None] = [None] * len(wanted)
    for number, item in enumerate(wanted):
        found[number] = next(
            (n for n in (number, *sorted(left)) if n in left and _same_item(prop, item, there[n])), None
        )
        left -= {found[number]}
    return [number if one is None and number in left else one for number, one in enumerate(found)]


def _without_nulls(prop: Property, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Items without null where they cannot have it. The list is replaced as a whole, so what is left out is cleared."""
    for item in items:
        for inner in prop.fields:
            value = item.get(inner.name, ABSENT)
            if value is None and not inner.nullable:
                del item[inner.name]
            elif value.__class__ is dict and inner.kind == "complex":
                _without_nulls(inner, [value])
    return items


def _overlaid(prop: Property, wanted: Mapping[str, Any], current: Any) -> dict[str, Any]:
    base = _kept(prop, wanted, current) if isinstance(current, Mapping) else {}
    for inner in prop.fields:
        if inner.name not in wanted or inner.read_only:
            continue
        base[inner.name] = merged(inner, wanted[inner.name], base.get(inner.name))
        if prop.conceals and inner.secret:
            base["Concealed"] = False
    return base


def _kept(prop: Property, wanted: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a structure to keep although the task omits them: all, unless a field they depend on
    changes.

    The rights of another role and the name of another number do not stay. A field named earlier in led_by stays: a call
    redirected to another number still goes to an extension.
    """
    fields = {field.name: field for field in prop.fields}
    for n, name in enumerate(prop.led_by):
        if name in wanted and name in fields and not same(fields[name], wanted[name], current.get(name)):
            return {before: current[before] for before in prop.led_by[:n] if before in current}
    return sent_back(prop.fields, without_control(current))


def take(prop: Property, wanted: Mapping[str, Any], pool: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The item of the pool that is the wanted one: by its key, where it has one."""
    for number, item in enumerate(pool):
        if _same_key(prop, wanted, item) if prop.item_key else _same_item(prop, wanted, item):
            return pool.pop(number)
    return None


def has_item(prop: Property, items: list[Any], wanted: Any) -> bool:
    """Whether one of the items is as wanted."""
    return any(_same_item(prop, wanted, item) for item in items)


def _same_key(prop: Property, wanted: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    fields = {field.name: field for field in prop.fields}
    return isinstance(wanted, Mapping) and all(
        name in wanted and _same_item(fields.get(name, Property(name, name)), wanted[name], item.get(name, ABSENT))
        for name in prop.item_key
    )


def _same_items(prop: Property, wanted: list[Any], current: list[Any]) -> bool:
    if prop.reference is not None and not prop.ordered:  # nobody is in a list twice
        return set(map(repr, wanted)) == set(map(repr, current))  # of a list in a list no set can be made
    if len(wanted) != len(current) and not prop.standing:
        return False
    if prop.ordered:
        return all(_same_item(prop, one, other) for one, other in zip(wanted, current, strict=True))
    if prop.kind != "complex":
        return sorted(map(repr, _canonicals(prop, wanted))) == sorted(map(repr, _canonicals(prop, current)))
    if prop.item_key:
        pool = [item for item in current if isinstance(item, Mapping)]
        return all((item := take(prop, one, pool)) is not None and _same_item(prop, one, item) for one in wanted)
    return _pairs_up(prop, wanted, current)


def _canonicals(prop: Property, values: list[Any]) -> list[Any]:
    found = (canonical(prop.kind, value) for value in values)
    return [sorted(value) if isinstance(value, frozenset) else value for value in found]


def _pairs_up(prop: Property, wanted: list[Any], current: list[Any]) -> bool:
    """Return whether each desired item can be matched with a different current one.

    Greedy pairing is not enough: an item that names few fields may take the only one another could have had.
    """
    fits = [[n for n, item in enumerate(current) if _same_item(prop, one, item)] for one in wanted]
    holder: dict[int, int] = {}

    def place(one: int, tried: set[int]) -> bool:
        for n in fits[one]:
            if n not in tried:
                tried.add(n)
                if n not in holder or place(holder[n], tried):
                    holder[n] = one
                    return True
        return False

    return all(place(one, set()) for one in range(len(wanted)))


def _same_item(prop: Property, wanted: Any, current: Any) -> bool:
    if prop.kind == "complex":
        return _same_structure(prop, wanted, current)
    one = canonical(prop.kind, wanted)
    other = None if isinstance(current, Absent) else canonical(prop.kind, current)
    if one is None and is_zero(prop.kind, current):  # cleared, as far as it can be
        return True
    if other is None and is_zero(prop.kind, wanted):
        return isinstance(current, Absent) or (prop.kind in ("int", "float", "bool") and not prop.nullable)
    return bool(one == other)


def _same_structure(prop: Property, wanted: Any, current: Any) -> bool:
    if wanted is None:
        return nothing_in(prop, current)
    if not isinstance(wanted, Mapping):
        return bool(wanted == current)
    if not isinstance(current, Mapping):
        nothing = current is None or isinstance(current, Absent)
        return nothing and all(
            field.read_only or same(field, wanted[field.name], current) for field in prop.fields if field.name in wanted
        )
    concealed = prop.conceals and conceals(current)
    return all(
        field.read_only
        # A concealed credential equals no value that is given, not even an empty one.
        or (not (concealed and field.secret) and same_within(field, wanted[field.name], current))
        for field in prop.fields
        if field.name in wanted
    )


def nothing_in(prop: Property, value: Any) -> bool:
    """Whether a value of a property says as little as null; of a structure, that everything in it does."""
    if value is None or isinstance(value, Absent) or (prop.many and value == []):
        return True
    if prop.kind != "complex":
        return canonical(prop.kind, value) is None or is_zero(prop.kind, value)
    if not isinstance(value, Mapping) or conceals(value):
        return False
    fields = {field.name: field for field in prop.fields}
    return all(
        nothing_in(fields[name], held) if name in fields else not held for name, held in without_control(value).items()
    )


def in_order(prop: Property, wanted: Mapping[str, Any], current: Mapping[str, Any]) -> Property:
    """Return the property, ordered if its siblings require it: the order of members matters unless all ring together.

    Parameters:
        prop: of the entity
        wanted: what a task asks for, by XAPI name, in wire form
        current: what the PBX has; it counts for what the task leaves alone
    """
    if prop.ordered_when is None:
        return prop
    name, values = prop.ordered_when
    return prop.altered(ordered=wanted.get(name, current.get(name)) in values)


def taken_out(mode: str, properties: tuple[Property, ...]) -> list[str]:
    """The options of the lists from which a task takes out what it gives."""
    return [prop.option for prop in properties if prop.many] if mode == REMOVE else []


def combined(mode: str, properties: tuple[Property, ...], wanted: Row, row: Row, *, new: bool = False) -> Row:
    """Return the desired values with every list complete.

    Parameters:
        mode: the option lists
        properties: of the entity; lists in its structures are always replaced
        wanted: from desired, with names instead of ids
        row: what is there, or what one that is made starts from
        new: it is made, so that it has nothing but that; what it has no list of, nothing is taken out of

    Raises:
        PbxError: the PBX does not answer a list, so nobody can say what is in it
    """
    if mode == REPLACE:
        return wanted
    whole = dict(wanted)
    for prop in properties:
        if prop.name not in wanted or not prop.many or prop.read_only:
            continue
        if prop.order_only and mode == ADD:  # what is not given stays in any case
            continue
        if (prop.standing or prop.order_only) and mode == REMOVE:
            raise PbxError(
                f"{prop.option}: items of this list can be changed, but not removed. Nothing was changed.",
                target=prop.option,
            )
        current = row.get(prop.name, ABSENT)
        if new and isinstance(current, Absent):
            if mode == REMOVE:
                del whole[prop.name]
            continue
        if isinstance(current, Absent):
            raise PbxError(
                f"{prop.option}: the PBX does not answer this list, so nothing can be added to it or removed from it. "
                f"Give all of it, with lists: replace. Nothing was changed.",
                target=prop.option,
            )
        items = [sent_back(prop.fields, item) if isinstance(item, Mapping) else item for item in current or []]
        whole[prop.name] = (_added if mode == ADD else _left)(prop, items, wanted[prop.name] or [])
    return whole


def _added(prop: Property, items: list[Any], wanted: list[Any]) -> list[Any]:
    """The items that are there, those that are given in their place or after them."""
    pool = [item for item in wanted if isinstance(item, Mapping)] if prop.item_key else []
    kept = [take(prop, item, pool) or item for item in items] if prop.item_key else items
    new = pool if prop.item_key else [item for item in wanted if not has_item(prop, items, item)]
    return [*kept, *new]


def _left(prop: Property, items: list[Any], wanted: list[Any]) -> list[Any]:
    if not prop.item_key:
        return [item for item in items if not any(has_item(prop, [item], one) for one in wanted)]
    pool = [item for item in items if isinstance(item, Mapping)]
    for one in wanted:
        while take(prop, one, pool) is not None:  # in an order it may be there more than once
            pass
    return pool


class Declaration(Record, hidden=("wanted",)):
    """Desired state of a task.

    Parameters:
        properties: of the object
        wanted: what the task gives, in wire form, with references resolved
        lists: the option of that name
        spared: what of it is left alone, given what is there; None where nothing is
    """

    properties: tuple[Property, ...]
    wanted: Row
    lists: str = REPLACE
    spared: Callable[[Row, Row], Row] | None = None

    def on(self, row: Row) -> Row:
        """How the object is to be, where it is like this now.

        Raises:
            PbxError: a list cannot be added to or taken from
        """
        whole = combined(self.lists, self.properties, self.wanted, row)
        return whole if self.spared is None else self.spared(whole, row)

    def merges(self, prop: Property) -> bool:
        """Whether a property is a list that is added to or taken from: whatever else is in it stays."""
        return self.lists != REPLACE and prop.many and not prop.read_only

    def overtaken(self, before: Row, now: Row) -> list[str]:
        """The options this declares, that somebody has changed between two reads, and that are not as declared now.

        Parameters:
            before: as the object was when the task decided what to write
            now: as it is now
        """
        declared = self.on(now)
        replaced = [prop for prop in self.properties if prop.name in declared and not self.merges(prop)]
        return [
            place.path
            for place in places(replaced, declared, before, now)
            if not (place.divided or place.prop.read_only) and _is_overtaken(place.prop, *place.values)
        ]


def _is_overtaken(prop: Property, declared: Any, old: Any, new: Any) -> bool:
    return not _unchanged(prop, old, new) and not same(prop, declared, new)


def _unchanged(prop: Property, old: Any, new: Any) -> bool:
    if isinstance(old, Absent) or isinstance(new, Absent):
        return isinstance(old, Absent) and isinstance(new, Absent)
    return bool(old == new) or same(prop, old, new)
