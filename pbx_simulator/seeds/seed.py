"""Seeds: what a simulated PBX has when it starts."""

from __future__ import annotations

import contextlib
import difflib
import functools
import json
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pbx_simulator import knowledge
from pbx_simulator.checks import rules
from pbx_simulator.errors import Refusal
from pbx_simulator.hooks import users
from pbx_simulator.model import binding, samples
from pbx_simulator.model.document import Json
from pbx_simulator.model.routes import Operation
from pbx_simulator.model.schema import Type
from pbx_simulator.state import defaults, destinations, links
from pbx_simulator.state.store import Store
from pbx_simulator.traits import registry

from . import repeated
from .adaptation import Adaptation, is_newer
from .adaptation import SeedWarning as SeedWarning
from .repeated import SeedError as SeedError

BUILT_IN = Path(__file__).resolve().parent / "seed.yaml"
#: By the word that stands for it: a PBX that has just been installed.
NAMED = {"empty": Path(__file__).resolve().parent / "empty.yaml"}
CLIENT = {"id": "900", "secret": "simulated-secret-of-900"}  # invented
PERSON = {"username": "admin", "password": "simulated-password", "security_code": "123456"}  # invented
#: Sections are planted in this order, whatever their order in the file: what others refer to first. The rest follows.
_ORDER = (
    "Defs", "Groups", "Trunks", "DidNumbers", "DeviceInfos", "SipDevices", "Users", "Queues", "RingGroups",
    "Receptionists",
    "Parkings", "ServicePrincipals", "CallFlowApps", "Fax",
)  # fmt: skip
_PLACES = {name: place for place, name in enumerate(_ORDER)}
_MOST_NAMED = 5
_DEPARTMENT = {"Name": "DEFAULT", "IsDefault": True}


@dataclass
class Seed:
    """Accounts and objects.

    clients: id and secret; people: username, password and security_code; content: rows by entity set, properties by
    singleton; traits: of the PBX, None where it does not say; built_in: whether it is the company this package brings;
    file: what was read, where it was a file; release: the release it was written for, where it says so.
    """

    clients: list[dict[str, str]] = field(default_factory=lambda: [dict(CLIENT)])
    people: list[dict[str, str]] = field(default_factory=lambda: [dict(PERSON)])
    content: Json = field(default_factory=dict)
    traits: registry.Traits | None = None
    built_in: bool = False
    file: Json | None = None
    release: str | None = None

    def same_as(self, other: Seed) -> bool:
        """Whether it is surely what another was: of a mapping, which its owner may change, nobody knows."""
        return self.file is not None and self.file is other.file


def read(source: str | Path | Mapping[str, Any] | None) -> Seed:
    """Read a seed: a YAML or JSON file's path, the same as a mapping, "empty" for a PBX that has just been installed,
    or None for the built-in company.

    A seed is a mapping of entity sets to lists of rows and of singletons to properties; so are settings that functions
    show and actions set, such as Backups/GetBackupSettings. Any other function without parameters stands there by its
    path, such as SystemStatus/Pbx.SystemExtensions(), with what it answers. `clients` and `people` say who may sign in,
    `traits` in what the PBX differs from others, `release` for which release it was written.
    Everything it does not name is empty. A row with `$times` stands for so many (see repeated); SEEDS.md tells it all.

    Raises:
        SeedError: where it cannot be read.
    """
    seed = Seed(built_in=source is None)
    if source is None:
        source = BUILT_IN
    if isinstance(source, str):
        source = NAMED.get(source, source)
    if not isinstance(source, Mapping):
        source = seed.file = _from_file(Path(source))
    data = dict(source)
    if "clients" in data:
        seed.clients = _accounts(data.pop("clients"), "clients", ("id", "secret"))
    if "people" in data:
        seed.people = _accounts(data.pop("people"), "people", ("username", "password"), ("security_code",))
    if "release" in data:
        seed.release = str(data.pop("release"))
    if "traits" in data:
        seed.traits = registry.listed(data.pop("traits"), "seed")
    seed.content = data
    return seed


def _accounts(given: Any, name: str, needed: tuple[str, ...], more: tuple[str, ...] = ()) -> list[dict[str, str]]:
    """Accounts: required and optional keys of each; the first key identifies it."""
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise SeedError(f"{name} must be a list of mappings")
    accounts: dict[str, dict[str, str]] = {}
    for item in given:
        unknown = next((str(key) for key in item if key not in needed + more), None)
        if unknown is not None:
            raise SeedError(f"{name} know no {unknown}")
        if any(item.get(key) in (None, "") for key in needed):
            raise SeedError(f"{name} need {' and '.join(needed)}")
        account = {key: "" if value is None else str(value) for key, value in item.items()}
        if account[needed[0]] in accounts:
            raise SeedError(f"{name} has {account[needed[0]]} twice")
        accounts[account[needed[0]]] = account
    return list(accounts.values())


def _from_file(path: Path) -> Json:
    try:
        status = path.stat()
    except OSError as error:
        raise SeedError(f"cannot read {path}: {error.strerror}") from None
    return _parsed(path, status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=16)
def _parsed(path: Path, _changed: int, _size: int) -> Json:
    data = _from_json(path) if path.suffix == ".json" else _from_yaml(path)
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise SeedError(f"{path} must be a mapping of entity sets")
    return data


def _from_json(path: Path) -> Any:
    """Ten thousand rows in a blink, which YAML takes seconds for."""
    from pbx_simulator.faults import outside

    try:
        return json.loads(path.read_bytes(), object_pairs_hook=outside.once)
    except OSError as error:
        raise SeedError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise SeedError(f"cannot read {path}: {' '.join(str(error).split())}") from None


def _from_yaml(path: Path) -> Any:
    import yaml

    from pbx_simulator.faults import outside

    try:
        return outside.load(path.read_bytes())
    except OSError as error:
        raise SeedError(f"cannot read {path}: {error.strerror}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SeedError(f"cannot read {path}: {' '.join(str(error).split())}") from None


def plant(seed: Seed, store: Store, release: str) -> None:
    """Put a seed's rows into a fresh store, ids and numbers assigned where it leaves them out.

    A property that only a newer release has is left out with a SeedWarning, except in the built-in company.

    release: the simulated one.

    Raises:
        SeedError: where it names what no release knows.
    """
    content = _adapted(seed, store, release)
    if "Groups" in store.routes.sets and not content.get("Groups", ()):
        upsert(store, "Groups", dict(_DEPARTMENT))
    members: list[tuple[int, Json, Any]] = []
    for name in sorted(content, key=lambda name: _PLACES.get(name, len(_PLACES))):
        given = content[name]
        if name in knowledge.WORKED_OUT:
            raise SeedError(f"{name} is worked out from {knowledge.WORKED_OUT[name]}: seed those")
        if name in store.routes.sets:
            if not isinstance(given, Iterable) or isinstance(given, Mapping | str):
                raise SeedError(f"{name} is an entity set: give a list of rows")
            for number, row in enumerate(repeated.rows(name, given), 1):
                with _row(name, number, row):
                    if name == "Groups" and isinstance(row, dict) and isinstance(row.get("Members"), list):
                        alone = {prop: value for prop, value in row.items() if prop != "Members"}
                        members.append((number, row, upsert(store, name, alone)["Id"]))
                    else:
                        upsert(store, name, row)
        elif name in store.routes.singletons or name in store.routes.settings:
            settle(store, name, given)
        elif (function := store.routes.function(name)) is not None:
            prepare(store, function, given)
        else:
            close = difflib.get_close_matches(name, [*store.routes.sets, *store.routes.singletons], n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise SeedError(
                f"the document knows no entity set or singleton called {name}, and no such function without "
                f"parameters{hint}"
            )
    for number, row, key in members:  # what belongs to a department comes after it
        with _row("Groups", number, row):
            there = [{"Number": member["Number"]} for _, member in rules.members(store, key)]
            upsert(store, "Groups", {"Id": key, "Members": [*there, *row["Members"]]})
    destinations.complete_all(store)


@contextlib.contextmanager
def _row(name: str, number: int, row: Any) -> Iterator[None]:
    """Say which row of an entity set cannot be stored."""
    try:
        yield
    except SeedError as error:
        held = row if isinstance(row, dict) else {}
        called = next((f" ({key} {held[key]})" for key in ("Number", "Name", "RuleName") if held.get(key)), "")
        raise SeedError(f"{name}, row {number}{called}: {str(error).removeprefix(f'{name}: ')}") from None


def _adapted(seed: Seed, store: Store, release: str) -> Json:
    try:
        newer = seed.release is not None and is_newer(seed.release, release)
    except ValueError as error:
        raise SeedError(f"release: {error}") from None
    adaptation = Adaptation(store.routes, lenient=seed.built_in or newer)
    content = adaptation.content(seed.content)
    if adaptation.dropped and not seed.built_in:
        named = ", ".join(adaptation.dropped[:_MOST_NAMED])
        more = len(adaptation.dropped) - _MOST_NAMED
        warnings.warn(
            f"release {release} does not have {named}{f' and {more} more' if more > 0 else ''}: left out of the seed",
            SeedWarning,
            stacklevel=2,
        )
    return content


def prepare(store: Store, function: Operation, given: Any) -> None:
    """Say what a function answers: rows where it lists something, else properties."""
    answer = function.answer
    kind = None if answer.value is None else answer.value.type
    if kind is None:
        raise SeedError(f"{function.path[1:]} answers neither rows nor properties, and cannot be seeded")
    if (answer.kind == "collection") != isinstance(given, list):
        what = "a list of rows" if answer.kind == "collection" else "properties"
        raise SeedError(f"{function.path[1:]} answers {what}: give those")
    rows = given if isinstance(given, list) else [given]
    bound = [samples.filled(kind, _bound(row, kind, function.path[1:])) for row in rows]
    store.settings[f"{function.owner}/{function.name}"] = bound if isinstance(given, list) else bound[0]


def settle(store: Store, name: str, given: Any) -> Json:
    """Change some properties of a singleton, or of what a function shows and an action sets."""
    if name in store.routes.settings:
        kind = store.routes.settings[name]
        store.settings[name] = binding.merged(store.settings[name], _bound(given, kind, name), kind)
        return dict(store.settings[name])
    kind = store.routes.singletons[name]
    bound = _bound(given, kind, name)
    merged = binding.merged(store.singleton(name).data, bound, kind)
    return store.change_singleton(name, destinations.completed(store, kind, merged)).data


def upsert(store: Store, name: str, given: Any) -> Json:
    """Store a row, or change the one that has its key; what it leaves out is assigned or stays."""
    description = store.describe(name)
    key = description.key.name
    changes = store.form(_bound(given, description.type, name), description.type)
    taken = links.take(store, name, changes)
    members = taken.pop("Members", None)
    row = _stored(store, name, changes)
    if members is not None:
        with _refused(name):
            rules.set_members(store, row[key], members)
    for prop, items in taken.items():
        _plant_linked(store, name, row[key], prop, items)
    found = store.get(name, row[key])
    return row if found is None else found.data


def _plant_linked(store: Store, name: str, key: Any, prop: str, items: list[Json]) -> None:
    """Store the rows that a collection of an entity consists of, and remove those it does not have."""
    link, owner = links.LINKS[name][prop], store.get(name, key)
    assert owner is not None
    before = [row["Id"] for row in links.items(store, name, prop, owner.data)]
    rows = ({field: value for field, value in item.items() if field != "Id" or value} for item in items)
    kept = [upsert(store, link.target, {**row, **link.stamp(owner.data)})["Id"] for row in rows]
    for gone in before:
        if gone not in kept:
            store.remove(link.target, gone)
    if link.ordered:
        store.change(name, key, {prop: [{"Id": one} for one in kept]})


def _stored(store: Store, name: str, changes: Json) -> Json:
    description = store.describe(name)
    key = description.key.name
    if key in changes and store.get(name, changes[key]) is not None:
        old = store.get(name, changes[key])
        assert old is not None
        merged = binding.merged(old.data, changes, description.type)
        _check_number(store, name, merged, old.data.get("Number"))
        _complete(store, name, merged, old.data)
        return store.change(name, changes[key], merged).data
    row = binding.merged(store.blank(name), changes, description.type)
    if not row.get(key):
        if description.key.value.kind != "integer":
            raise SeedError(f"a row of {name} lacks its key, {key}")
        row[key] = store.next_id(name)
    _check_number(store, name, row, None)
    if name in knowledge.PEER_TYPES and not row.get("Number"):
        row["Number"] = store.free_number(name, store.default_group())
    defaults.complete(store, name, row, changes)
    _complete(store, name, row, None)
    for prop in description.type.properties.values():
        inner = prop.value.type
        if inner is None or row.get(prop.name) is None:
            continue
        if row[prop.name] is users.PROFILES:
            row[prop.name] = _filled_profiles(inner)
        elif prop.value.collection:
            row[prop.name] = [samples.filled(inner, item) for item in row[prop.name]]
        else:
            row[prop.name] = samples.filled(inner, row[prop.name])
    return store.insert(name, row).data


@functools.lru_cache(maxsize=64)
def _filled_profiles(kind: Type) -> list[Json]:
    return [samples.filled(kind, item) for item in users.PROFILES]


def _complete(store: Store, name: str, row: Json, old: Json | None) -> None:
    with _refused(name):
        rules.check_unique(store, name, row, row[store.describe(name).key.name])
        rules.complete_references(store, name, row, old)


@contextlib.contextmanager
def _refused(name: str) -> Iterator[None]:
    """Say what of an entity set breaks a rule."""
    try:
        yield
    except Refusal as refusal:
        raise SeedError(f"{name}: {refusal.detail} in {refusal.target}") from None


def _check_number(store: Store, name: str, row: Json, own: Any) -> None:
    number = row.get("Number")
    if name in knowledge.PEER_TYPES and number and number != own and store.number_taken(number):
        raise SeedError(f"{name}: the number {number} is taken")


def _bound(given: Any, kind: Any, name: str) -> Json:
    try:
        return binding.bind(given, kind, whole=False)
    except Refusal:
        raise SeedError(f"{name}: {_culprit(given, kind)}") from None


def _culprit(given: Any, kind: Any) -> str:
    if not isinstance(given, dict):
        return "a row is a mapping"
    for prop, value in given.items():
        if prop not in kind.properties:
            return f"there is no property {prop}"
        try:
            binding.bind({prop: value}, kind, whole=False)
        except Refusal:
            return f"{prop} cannot be {value!r}"
    return "it does not fit the schema"
