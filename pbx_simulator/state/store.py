"""State of the PBX: rows by key, singletons, settings; and the consequences of changing them.

Rows are never changed in place: a write puts a new dict where the old one was, so that rows in use stay
unchanged. Every write gives the row a revision no other row has had: its ETag.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from pbx_simulator import knowledge
from pbx_simulator.hooks.registry import written
from pbx_simulator.model import samples
from pbx_simulator.model.document import Json
from pbx_simulator.model.routes import Routes, SetDescription
from pbx_simulator.model.schema import Value
from pbx_simulator.traits import Traits
from pbx_simulator.traits.storage import StoredForm

from . import references
from .index import Derive, Index, Plan
from .naming import display_name
from .work import Work

#: Orders in which the rows of a set are kept at a time.
_MOST_ORDERS = 8


class Row:
    """One stored row: its properties, its revision, and its place in the order of its set. It never changes.

    shown: its default projection as JSON, once somebody has asked for it, and the traits it was written with.
    """

    __slots__ = ("data", "place", "revision", "shown")

    def __init__(self, data: Json, revision: int, place: int = 0) -> None:
        self.data = data
        self.revision = revision
        self.place = place
        self.shown: tuple[Traits, bytes] | None = None

    @property
    def etag(self) -> str:
        """The revision as a weak ETag."""
        return f'W/"{self.revision:08x}"'


class Store:
    """Everything one simulated PBX remembers. Changed by the server's thread alone.

    traits: of the PBX; form: the form in which it stores texts.
    """

    def __init__(self, routes: Routes, traits: Traits = frozenset()) -> None:
        self.routes = routes
        self.traits = traits
        self.form = StoredForm(traits)
        self.settings: dict[str, Any] = {}
        self.dn_properties: dict[str, dict[str, Json]] = {}
        #: Of service principals, by number: secrets that were made by GenerateAppToken.
        self.client_secrets: dict[str, str] = {}
        self.work = Work()
        self._rows: dict[str, dict[Any, Row]] = {name: {} for name in routes.sets}
        self._indexes: dict[str, Index] = {}
        self._arranged: dict[str, dict[str, list[Json]]] = {}
        self._places = 0
        self._singletons: dict[str, Row] = {}
        self._numbers: dict[str, tuple[str, Any]] = {}
        self._blanks: dict[str, Json] = {}
        self._revision = 0
        self._last_id: dict[str, int] = {}
        for name, kind in routes.singletons.items():
            blank = samples.blank(kind)
            for prop in kind.properties.values():
                if prop.navigation:
                    continue
                blank[prop.name] = samples.sample(prop.value, 1) if prop.value.kind == "complex" else blank[prop.name]
            self._singletons[name] = Row(self.form(blank, kind), self._next_revision())
        for name, kind in routes.settings.items():
            self.settings[name] = samples.filled(kind, samples.sample(Value("complex", inline=kind)))

    def adopt(self, traits: Traits) -> None:
        """Store texts as a PBX with these traits from now on, those that are stored already included."""
        self.traits, self.form = traits, StoredForm(traits)
        for name, rows in self._rows.items():
            described = self.routes.sets[name]
            adopted = [self._adopted(row, self.form(row.data, described.type)) for row in rows.values()]
            self._rows[name] = {row.data[described.key.name]: row for row in adopted}
        for name, row in self._singletons.items():
            self._singletons[name] = Row(self.form(row.data, self.routes.singletons[name]), row.revision)
        self._indexes, self._arranged = {}, {}

    def copy(self) -> Store:
        """Another one that remembers the same. Rows are shared: they are never changed in place."""
        other = copy.copy(self)
        other.settings = dict(self.settings)
        other.dn_properties = {number: dict(held) for number, held in self.dn_properties.items()}
        other.client_secrets = dict(self.client_secrets)
        other.work = self.work.copy()
        other._rows = {name: dict(rows) for name, rows in self._rows.items()}
        other._indexes = {}
        other._arranged = {}
        other._singletons = dict(self._singletons)
        other._numbers = dict(self._numbers)
        other._last_id = dict(self._last_id)
        return other

    # --- reading

    def describe(self, name: str) -> SetDescription:
        """The description of the entity set called `name`; KeyError where there is none."""
        return self.routes.sets[name]

    def rows(self, name: str) -> Iterator[Row]:
        """Every row of a set, oldest first; none of a set this release does not have."""
        return iter(self._rows.get(name, {}).values())

    def arranged(self, name: str, by: str, arrange: Callable[[list[Json]], list[Json]]) -> list[Json]:
        """The properties of every row of a set in some order, kept until the set changes: pages are read one by one.

        by: the name of the order; arrange: puts rows in it.
        """
        kept = self._arranged.setdefault(name, {})
        if by not in kept:
            if len(kept) >= _MOST_ORDERS:
                kept.clear()
            kept[by] = arrange(datas(self.rows(name)))
        return kept[by]

    def count(self, name: str) -> int:
        """How many rows a set has."""
        return len(self._rows[name])

    def get(self, name: str, key: Any) -> Row | None:
        """The row of a set with that key."""
        return self._rows[name].get(key)

    def singleton(self, name: str) -> Row:
        """A singleton."""
        return self._singletons[name]

    def by_number(self, number: str) -> tuple[str, Row] | None:
        """The set and row that have this number."""
        found = self._numbers.get(number)
        return None if found is None else (found[0], self._rows[found[0]][found[1]])

    def number_taken(self, number: str) -> bool:
        """Whether any entity has this number."""
        return number in self._numbers or ("hidden-objects" in self.traits and number in knowledge.HIDDEN_NUMBERS)

    def numbered(self) -> Iterator[tuple[str, Row]]:
        """Every entity that has a number, with its set."""
        for name, key in list(self._numbers.values()):
            yield name, self._rows[name][key]

    def find(self, name: str, prop: str, value: Any) -> Row | None:
        """The first row of a set whose property has that value; numbers are looked up without a search."""
        if prop == "Number" and isinstance(value, str):
            found = self._numbers.get(value)
            if found is not None and found[0] == name:
                return self._rows[name][found[1]]
        return next(iter(self.having(name, ((prop, (value,)),))), None)

    def having(self, name: str, plan: Plan) -> list[Row]:
        """The rows of a set that have one of these values in one of these properties, oldest first."""
        rows = self._rows[name]
        if len(plan) == 1 and len(plan[0][1]) == 1:
            found: Collection[Any] = self._keys(name, plan[0][0], plan[0][1][0])
        else:
            found = {key for prop, values in plan for value in values for key in self._keys(name, prop, value)}
        return sorted((rows[key] for key in found), key=_place)

    def candidates(self, name: str, plans: Iterable[Plan]) -> Iterable[Row]:
        """Every row of a set that the plan with the fewest of them finds, oldest first; all where there is no plan."""
        best = min(plans, key=lambda plan: self._size(name, plan), default=None)
        return self.rows(name) if best is None else self.having(name, best)

    def _size(self, name: str, plan: Plan) -> int:
        return sum(len(self._keys(name, prop, value)) for prop, values in plan for value in values)

    def _keys(self, name: str, prop: str, value: Any) -> Collection[Any]:
        rows = self._rows[name]
        if prop == self.routes.sets[name].key.name:
            return (value,) if value in rows else ()
        return self._indexes.setdefault(name, Index()).keys(prop, value, rows)

    def derived(self, name: str, label: str, derive: Derive, value: Any) -> Collection[Any]:
        """The keys of the rows of a set among whose derived values is that one (see Index.derived)."""
        return self._indexes.setdefault(name, Index()).derived(label, derive, value, self._rows[name])

    # --- writing

    def insert(self, name: str, data: Json) -> Row:
        """Store a new row as it is (its key included) and return it."""
        description = self.routes.sets[name]
        data = self.form(data, description.type)
        key = data[description.key.name]
        old = self._rows[name].get(key)
        self._places += 1
        row = Row(data, self._next_revision(), self._places if old is None else old.place)
        self._keep(name, key, old, row)
        if isinstance(key, int):
            group = self._id_group(name)
            self._last_id[group] = max(self._last_id.get(group, 0), key)
        self._index(name, key, data)
        self._follow(name, {} if old is None else old.data, data)
        return self._rows[name].get(key, row)

    def change(self, name: str, key: Any, changes: Json) -> Row:
        """Replace some properties of a row. An unchanged row keeps its revision."""
        old = self._rows[name][key]
        changes = self.form(changes, self.routes.sets[name].type)
        if all(prop in old.data and old.data[prop] == value for prop, value in changes.items()):
            return old
        row = Row({**old.data, **changes}, self._next_revision(), old.place)
        self._keep(name, key, old, row)
        number = old.data.get("Number")
        if number is not None and number != row.data.get("Number"):
            self._unindex(name, key, number)
        self._index(name, key, row.data)
        if name in knowledge.PEER_TYPES:
            called = display_name(name, row.data)
            if called != display_name(name, old.data):
                references.renamed(self, name, row.data)
        self._follow(name, old.data, row.data)
        return self._rows[name].get(key, row)

    def amend(self, name: str, key: Any, shown: Json) -> Row:
        """Change what a row shows of other rows; it keeps its revision."""
        old = self._rows[name][key]
        row = Row({**old.data, **shown}, old.revision, old.place)
        self._keep(name, key, old, row)
        return row

    def touch(self, name: str, key: Any) -> Row:
        """Give a row a new revision: what changed is its own and stored elsewhere."""
        old = self._rows[name][key]
        row = Row(old.data, self._next_revision(), old.place)
        self._keep(name, key, old, row)
        return row

    def change_singleton(self, name: str, changes: Json) -> Row:
        """Replace some properties of a singleton."""
        row = self._singletons[name]
        changes = self.form(changes, self.routes.singletons[name])
        if any(row.data.get(prop) != value for prop, value in changes.items()):
            row = self._singletons[name] = Row({**row.data, **changes}, self._next_revision())
        return row

    def remove(self, name: str, key: Any) -> Row | None:
        """Take a row away, and from other rows what points at it."""
        row = self._rows[name].pop(key, None)
        if row is None:
            return None
        self._arranged.pop(name, None)
        if name in self._indexes:
            self._indexes[name].leave(key, row.data)
        if row.data.get("Number") is not None:
            self._unindex(name, key, row.data["Number"])
        if name in knowledge.PEER_TYPES:
            references.gone(self, name, row.data)
        self._follow(name, row.data, {})
        return row

    def blank(self, name: str) -> Json:
        """A new row of a set with every property at its least."""
        if name not in self._blanks:
            self._blanks[name] = samples.blank(self.routes.sets[name].type)
        return dict(self._blanks[name])

    def next_id(self, name: str) -> int:
        """The next id of a set; entities with numbers share one run of ids."""
        return self._last_id.get(self._id_group(name), 0) + 1

    def free_number(self, name: str, group: Json | None) -> str | None:
        """The first number of a set nobody has, from the department's range; None where the range is full."""
        if name in knowledge.NUMBER_PREFIXES:
            prefix, digits = knowledge.NUMBER_PREFIXES[name]
            return next(
                text
                for n in range(1, len(self._numbers) + 2)
                if not self.number_taken(text := f"{prefix}{n:0{digits}}")
            )
        kind = knowledge.NUMBER_RANGES[name]
        low, high = knowledge.DEFAULT_RANGES[kind]
        props = (group or {}).get("Props") or {}
        low = _number(props.get(f"{kind}NumberFrom"), low)
        high = _number(props.get(f"{kind}NumberTo"), high)
        return next((str(n) for n in range(low, high + 1) if not self.number_taken(str(n))), None)

    def default_group(self) -> Json | None:
        """The department things belong to when nothing else is said."""
        groups = self._rows.get("Groups", {}).values()
        return next((g.data for g in groups if g.data.get("IsDefault")), next((g.data for g in groups), None))

    def _adopted(self, row: Row, data: Json) -> Row:
        return row if data is row.data else Row(data, self._next_revision(), row.place)

    def _follow(self, name: str, old: Json, new: Json) -> None:
        """Update the other places that show a written value, for writes of the API, a seed or a test."""
        hook = written.of(name)
        if hook is not None:
            hook(self, old, new)

    # --- the indexes

    def _keep(self, name: str, key: Any, old: Row | None, row: Row) -> None:
        """Put a row where the old one was, and where an index would look for it."""
        self._rows[name][key] = row
        self._arranged.pop(name, None)
        index = self._indexes.get(name)
        if index is None:
            return
        if old is None:
            index.enter(key, row.data)
        else:
            index.move(key, old.data, row.data)

    def _index(self, name: str, key: Any, data: Json) -> None:
        number = data.get("Number")
        if isinstance(number, str) and number and name in knowledge.PEER_TYPES:
            self._numbers[number] = (name, key)

    def _unindex(self, name: str, key: Any, number: str) -> None:
        if self._numbers.get(number) == (name, key):
            del self._numbers[number]

    def _id_group(self, name: str) -> str:
        return "DN" if name in knowledge.PEER_TYPES else name

    def _next_revision(self) -> int:
        self._revision += 1
        return self._revision


def _place(row: Row) -> int:
    return row.place


def datas(rows: Iterable[Row]) -> list[Json]:
    """The properties of rows."""
    return [row.data for row in rows]


def _number(text: object, otherwise: int) -> int:
    try:
        return int(str(text))
    except ValueError:
        return otherwise
