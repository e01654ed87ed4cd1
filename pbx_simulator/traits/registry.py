"""Names and meanings of the traits, exclusions between them, and the two named sets."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pbx_simulator.seeds.repeated import SeedError

#: The names of the traits a PBX has.
Traits = frozenset[str]

#: Every trait by its name, with one line that says what such a PBX does.
TRAITS: dict[str, str] = {
    # answers
    "no-etags": "no entity carries an ETag, and If-Match is ignored",
    "omit-nulls": "a property that is null is left out, in entities and in structures",
    "omit-zeros": "zero, empty text and midnight are left out",
    "seven-decimals": "times of day have seven decimals: 09:00:00.0000000",
    "membership-rows": "a membership has its own Id, and the Number, MemberName and Type of the member",
    "default-grp0000": "the number of the default department is GRP0000",
    # requests
    "require-if-match": "a PATCH or DELETE without If-Match is refused with 428",
    "refuse-hhmm": "a time of day without seconds is refused with 400",
    "refuse-large-top": "a $top above 100 is refused with 400",
    "no-read-by-key": "an entity cannot be read by its key (404); lists and alternate keys work",
    "history-needs-filter": (
        "CallHistoryView and ChatHistoryView answer an empty 504 without a filter for some days, and "
        "CallHistoryView an empty 500 where it compares a date-time: date(SegmentStartTime) ge 2026-09-01 works"
    ),
    "any-case-sets": "names of entity sets are found in any case",
    "trailing-semicolon": "a ; may stand at the end of nested query options",
    "select-paths": "a $select may name a property of a structure: HolidaysRoute/Prompt",
    "service-document": "GET /xapi/v1/ lists entity sets and singletons",
    "refuse-expand": "every $expand is refused with 400",
    "refuse-two-expands": "an $expand of more than one property is refused with 400",
    # storage
    "empty-as-null": "empty text is stored as null",
    "null-as-empty": "a text that is null, or was never set, is stored as empty text",
    "drop-plus": "telephone numbers are stored without their leading +",
    "lower-case-emails": "e-mail addresses are stored in lower case",
    "favourites-kept": "hidden ___FAVORITES___ departments; a PATCH that leaves one out keeps it",
    "favourites-dropped": "hidden ___FAVORITES___ departments; a PATCH that leaves one out drops it",
    "holiday-needs-group": "a holiday is created only with the number of its department in Group",
    "duplicate-holiday-500": "a second holiday of the same name is a 500 with an empty body",
    # rights
    "stale-token-403": "a token that has expired or was replaced answers 403, not 401",
    "roles-with-next-token": "a changed role counts from the next token on, not at once",
    "missing-rights-401": "missing rights answer 401, not 403",
    "hidden-objects": "the numbers 199, 899, 10099 and SP9 are in use by objects that are not shown to anybody",
}  # fmt: skip

#: Traits that cannot be together.
CONFLICTS: tuple[frozenset[str], ...] = (
    frozenset({"no-etags", "require-if-match"}),
    frozenset({"empty-as-null", "null-as-empty"}),
    frozenset({"favourites-kept", "favourites-dropped"}),
)

#: Observed on real systems.
AS_SEEN: Traits = frozenset(
    {
        "no-etags",
        "omit-nulls",
        "seven-decimals",
        "membership-rows",
        "default-grp0000",
        "refuse-hhmm",
        "refuse-large-top",
        "history-needs-filter",
        "any-case-sets",
        "trailing-semicolon",
        "select-paths",
        "service-document",
        "null-as-empty",
        "favourites-dropped",
        "holiday-needs-group",
        "duplicate-holiday-500",
        "roles-with-next-token",
    }
)
#: Required by the OData specification: ETags, null where a property is null, 428 without If-Match.
STRICT_ODATA: Traits = frozenset({"require-if-match"})
SETS: dict[str, Traits] = {"as-seen": AS_SEEN, "strict-odata": STRICT_ODATA}
#: The traits of a PBX about which nothing is said.
DEFAULT: Traits = AS_SEEN


class TraitError(SeedError):
    """Traits that do not exist, exclude each other or cannot be read; the message says which, and what to do."""


def resolve(names: Iterable[str]) -> Traits:
    """Turn names of traits, and of the sets as-seen and strict-odata, into the traits they stand for.

    A trait that is named replaces those of a named set that exclude it: as-seen with empty-as-null has no
    null-as-empty.

    Raises:
        TraitError: for a name that is none, and for traits that exclude each other.
    """
    given = [names] if isinstance(names, str) else list(names)
    for name in given:
        if name not in TRAITS and name not in SETS:
            raise TraitError(_unknown(name))
    named = frozenset(name for name in given if name in TRAITS)
    of_sets = frozenset(trait for name in given for trait in SETS.get(name, ()))
    replaced = {trait for pair in CONFLICTS if pair & named for trait in pair - named}
    return checked(named | (of_sets - replaced))


def checked(traits: Traits) -> Traits:
    """These traits, unless some of them exclude each other.

    Raises:
        TraitError: where they do.
    """
    for pair in CONFLICTS:
        if pair <= traits:
            first, second = sorted(pair)
            raise TraitError(f"the traits {first} and {second} exclude each other: name one of them")
    return traits


def with_etags(traits: Traits, etags: bool | None, strict_etags: bool) -> Traits:
    """The same traits with or without ETags, and with or without 428, where that was asked for on its own."""
    if etags is False:
        return traits - {"require-if-match"} | {"no-etags"}
    if strict_etags:
        traits |= {"require-if-match"}
    return traits - {"no-etags"} if etags or strict_etags else traits


def read(source: str | Path) -> Traits:
    """Read traits from a text, names with commas between, or from a YAML or JSON file: a list of names, or a mapping
    that has one under `traits`.

    Raises:
        TraitError: where it cannot be read, or says what cannot be.
    """
    path = Path(source)
    if path.suffix not in (".yml", ".yaml", ".json"):
        return resolve(name.strip() for name in str(source).split(",") if name.strip())
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TraitError(f"cannot read {path}: {error.strerror}") from None
    try:
        found = json.loads(content) if path.suffix == ".json" else _yaml(content)
    except (ValueError, RecursionError) as error:
        raise TraitError(f"cannot read {path}: {' '.join(str(error).split())}") from None
    if isinstance(found, Mapping):
        found = found.get("traits")
    return listed(found, str(path))


def listed(given: Any, where: str) -> Traits:
    """The traits of a list that was read from somewhere.

    Raises:
        TraitError: where it is no list of names, or the names cannot be.
    """
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise TraitError(f"{where}: traits must be a list of names")
    return resolve(given)


def describe() -> str:
    """Every trait with its line, and what the sets have, for people."""
    width = max(map(len, TRAITS))
    lines = [f"{name:{width}}  {meaning}" for name, meaning in TRAITS.items()]
    for name, traits in SETS.items():
        lines += ["", f"{name}: {', '.join(trait for trait in TRAITS if trait in traits)}"]
    return "\n".join(lines)


def _yaml(content: bytes) -> Any:
    import yaml

    try:
        return yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, [*TRAITS, *SETS], n=1)
    hint = f"; did you mean {close[0]}?" if close else ": threecx-simulator --traits lists those there are"
    return f"unknown trait {name}{hint}"
