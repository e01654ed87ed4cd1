"""Values that a PBX may hold although no task could set them, put into a simulated PBX behind its checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from itertools import count
from typing import Any

from pbx_as_code.config.kinds import KINDS, ConfigKind
from pbx_as_code.description import EntityDescription, Property
from pbx_simulator import SimulatedPbx
from pbx_simulator.state.store import Row
from tests.collection.entity_values import ENTITIES
from tests.collection.entity_values import plant as plant_entity
from tests.collection.settings_values import SETTINGS
from tests.collection.settings_values import plant as plant_settings

_TEXTS = (
    "", " ", "  lead and trail  ", "x" * 3000, "null", "~", "yes", "0123", "a/b", "a: b", "{{ x }}", "!secret y",
    "# c", "\x00\x01\x7f", "e\u0301\u202e\u2028\ufeff\u0085", "1e999", "12345678901234567890123", "-1", None,
)  # fmt: skip
VALUES: dict[str, tuple[Any, ...]] = {
    "bool": (None,),
    "int": (-1, 2**31, 2**62, 0, None),
    "float": (-1.5, 1e300, 1e-7, None),
    "email": ("not an address", "", " a@b.c ", "a@b.c; d@e", "x" * 600 + "@example.com", None),
    "enum": ("NewMember", "", "two words", "yes", None),
    "flags": ("NewMember", "NewMember, Other", "", None),
    "datetime": ("garbage", "", "2026-13-45T99:00:00Z", "9999-12-31T23:59:59.9999999Z", "2026-01-31", None),
    "time": ("25:61:00", "24:00:00", "", "1.00:00:00", "09:00:00.0000000", None),
    "date": ("0000-00-00", "2026-02-30", "", "garbage", None),
    "duration": ("garbage", "-PT1H", "", "P1Y", "P99999999999D", "00:05:00", None),
    "day_begin": ("garbage", "-PT1H", "", "PT25H", "PT99999999H", None),
    "day_end": ("P2D", "garbage", "", "PT25H", None),
    "mac": ("zz", "00-11-22-33-44-55", "", "0011223344", None),
    "network": ("300.1.1.1", "host.example.com", "10.0.0.1/99", "::1%eth0", "", None),
    "uuid": ("garbage", "", None),
}
"""By kind of a property that is no text."""
ROUNDS = 6
"""As many as there are values of a kind that is no text; texts differ from property to property."""


class OddPbx:
    """A simulated PBX with something in every property of one object of each kind."""

    def __init__(self, simulated: SimulatedPbx) -> None:
        self._simulated = simulated
        self._keys: dict[str, list[Any]] = {}
        for settings in SETTINGS.values():
            plant_settings(simulated, settings)
        for kind in KINDS.values():
            about = kind.description
            if isinstance(about, EntityDescription) and about.name in ENTITIES:
                self._keys[kind.name] = [plant_entity(simulated, about)[about.key.name]]
            else:
                self._keys[kind.name] = list(simulated._store._rows.get(place_of(kind), [None]))
        self._whole = simulated.snapshot()

    def hold(self, number: int) -> None:
        """Put the n-th odd value into every property that is no name, no reference and no credential."""
        self._simulated.restore(self._whole)
        texts = count(number)
        for kind in KINDS.values():
            properties = kind.description.properties
            if kind.name in ("call_costs", "emergency_locations"):
                properties = properties[0].fields  # the settings are a list
            fill = partial(_fill, properties=properties, named=set(kind.identity), number=number, texts=texts)
            for key in self._keys[kind.name] if kind.name != "active_prompt_set" else ():
                change_row(self._simulated, kind, key, fill)

    def objects(self) -> Iterator[tuple[ConfigKind, Any]]:
        """Kind and key of each object with odd values; of settings the key is None."""
        for name, keys in self._keys.items():
            if isinstance(KINDS[name].description, EntityDescription):
                yield from ((KINDS[name], key) for key in keys[:1])
            else:
                yield KINDS[name], None

    def rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The objects with odd values as they are stored, by kind."""
        store = self._simulated._store
        for kind in KINDS.values():
            place = place_of(kind)
            for key in self._keys[kind.name]:
                if place in store._rows:
                    yield kind.name, store._rows[place][key].data
                elif place in store._singletons:
                    yield kind.name, store._singletons[place].data
                elif isinstance(store.settings.get(place), dict):
                    yield kind.name, store.settings[place]


def change_row(simulated: SimulatedPbx, kind: ConfigKind, key: Any, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a stored object, or settings, without any check."""
    store, place = simulated._store, place_of(kind)
    if place in store.settings:
        held = store.settings[place] = deepcopy(store.settings[place])
        change(held)
        return
    rows: Any = store._rows.get(place, store._singletons)
    where = key if place in store._rows else place
    row = deepcopy(rows[where].data)
    change(row)
    rows[where] = Row(row, store._next_revision(), rows[where].place)
    store._indexes.pop(place, None)
    store._arranged.pop(place, None)


def let_differ(simulated: SimulatedPbx) -> None:
    """Give a PBX one value of each sort that no task could set: of a newer release, or stored by an older one."""
    period = {"DayOfWeek": "Friday", "Start": "09:00:00", "Stop": "08:00:00"}
    change_row(simulated, KINDS["office_hours"], None, lambda row: row["Hours"].update(Periods=[period]))
    change_row(simulated, KINDS["queue"], 15, lambda row: row.update(RingTimeout=2**40, Name="a: b"))
    change_row(simulated, KINDS["user"], 7, lambda row: row.update(EmailAddress="ada.moreno@example.com"))
    holiday = next(iter(simulated._store._rows["Holidays"]))
    change_row(simulated, KINDS["holiday"], holiday, lambda row: row.update(Day=31, Month=6))
    change_row(simulated, KINDS["group"], 2, lambda row: row["Props"].update(UserNumberTo="100"))


def place_of(kind: ConfigKind) -> str:
    """Entity set, singleton or function of a kind, as the simulated PBX stores it."""
    about = kind.description
    if isinstance(about, EntityDescription):
        return about.entity_set
    return about.singleton.replace("Pbx.", "").removesuffix("()")


def _fill(
    row: dict[str, Any], properties: tuple[Property, ...], named: set[str], number: int, texts: Iterator[int]
) -> None:
    for prop in properties:
        value = row.get(prop.name)
        if prop.read_only or prop.reference or prop.encoding or prop.order_only or prop.option in named or prop.secret:
            continue
        if prop.kind == "complex":
            for inner in value if isinstance(value, list) else [value]:
                if isinstance(inner, dict):
                    keys = {field.option for field in prop.fields if field.name in prop.item_key}
                    _fill(inner, prop.fields, keys, number, texts)
        elif prop.name not in ("Id", "Number") and prop.kind != "concealed":
            odd = VALUES.get(prop.kind, _TEXTS)
            one = odd[(next(texts) if odd is _TEXTS else number) % len(odd)]
            row[prop.name] = [one, one] if prop.many else one
