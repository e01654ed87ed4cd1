"""Names in files: those that mean an object of another spelling on the PBX, and those that no object can have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from pbx_as_code.config.checking.fixed_lists import Row, row_problems
from pbx_as_code.config.checking.items import item_doubts, null_problems
from pbx_as_code.config.configuration import Definition, Identity
from pbx_as_code.config.kinds import ConfigKind
from pbx_as_code.config.planning.ordering import Change
from pbx_as_code.description import EntityDescription
from pbx_as_code.engine.compare.values import folded
from pbx_as_code.engine.find.lookup import read_key
from pbx_as_code.errors import PbxError


def by_spelling(kind: ConfigKind, identities: Iterable[Identity]) -> dict[Identity, Identity]:
    """Identities by their form without case and blanks, where no two of them have the same one.

    Parameters:
        kind: of the objects; case is a part of the address of a website link
        identities: of objects that the files do not name exactly
    """
    found: dict[Identity, list[Identity]] = defaultdict(list)
    for identity in identities if kind.identity != ("link",) else ():
        found[spelling(identity)].append(identity)
    return {spelt: alike[0] for spelt, alike in found.items() if len(alike) == 1}


def spelling(identity: Identity) -> Identity:
    """An identity without case and blanks."""
    return tuple(folded(part) if isinstance(part, str) else part for part in identity)


class Namesakes:
    """Names of the objects of one kind: no object is created whose name differs from another in case or blanks only."""

    def __init__(self, kind: ConfigKind, identities: Iterable[Identity]) -> None:
        """Names that are taken.

        Parameters:
            kind: of the objects; some may have twins, and case is a part of the address of a website link
            identities: of objects on the PBX
        """
        self._told = not kind.twins and kind.identity != ("link",)
        self._there = tuple(identities)
        self._taken: dict[Identity, Identity] = {}

    def refusal(self, one: Definition) -> str | None:
        """Why an object is not created, or None: then its name is taken.

        Parameters:
            one: a declared object that is not on the PBX
        """
        if not self._taken:  # plans that create nothing need no spellings of ten thousand users
            self._taken.update((spelling(identity), identity) for identity in self._there)
        known = self._taken.setdefault(spelling(one.identity), one.identity)
        if not self._told or known == one.identity:
            return None
        names, options = (" / ".join(map(str, identity)) for identity in (known, one.kind.identity))
        return (
            f"its {options} differs from that of the {one.kind.label} {names} in case or blanks only. Give it a name "
            f"that people can tell apart, or declare one of the two. See {one.place_of(one.kind.identity[0])}."
        )


def fixed(kind: ConfigKind) -> set[str]:
    """Options of an identity that an object keeps for as long as it exists."""
    about = kind.description
    key = about.key.option if isinstance(about, EntityDescription) else None
    return {p.option for p in about.properties if p.option in kind.identity and (p.immutable or p.option == key)}


def unusable_values(
    change: Change, options: Collection[str], rows: Sequence[Row], declared: Iterable[Definition]
) -> Iterator[str]:
    """Reasons for which the engine refuses some of its values.

    Parameters:
        change: to one object
        options: those that are set
        rows: all objects of its kind on the PBX
        declared: all declared objects
    """
    one = change.definition
    cleared = {leaf.path for leaf in change.changes if leaf.new is None and leaf.old is not None}
    for problem in (
        *(doubt.problem for doubt in item_doubts(one, options)),
        *null_problems(one, None if change.row is None else cleared),
        *row_problems(one, options, change.row, rows, declared),
    ):
        yield f"{problem.message} See {problem.place}."
    about = one.kind.description
    if not isinstance(about, EntityDescription):
        return
    for key in about.natural_keys:
        value = one.values.get(key.option)
        if key.option not in options or value in (None, ""):
            continue
        try:
            read_key(about, key, value, value)
        except PbxError as failure:
            yield f"{failure.msg.removesuffix(' Nothing was sent.')} See {one.place_of(key.option)}."
