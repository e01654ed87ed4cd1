"""Names instead of ids, in both directions: what is read has them from here on, what is sent has ids again.

So everything between (comparing, showing, telling what somebody else has changed) knows names alone, and what stands
for an entity on one PBX means the same on another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from threecx_xapi import errors

from pbx_as_code.description import DEPARTMENTS, GONE, Property, Reference, is_empty_route
from pbx_as_code.engine.compare.encoded_values import check, decoded, encoded
from pbx_as_code.engine.compare.favourites import put_back, refuse_hidden, taken_out, without_hidden
from pbx_as_code.engine.compare.values import folded
from pbx_as_code.engine.find.knowledge import Directory, known_through
from pbx_as_code.engine.find.rehearsal import expected
from pbx_as_code.engine.options.desired import check_items
from pbx_as_code.engine.report.failures import refused
from pbx_as_code.errors import Ambiguous, NotFound, PbxError
from pbx_as_code.suggestions import did_you_mean, either, existing
from pbx_as_code.walk import Names, Place, by_identity, mapped, renamed, steps

if TYPE_CHECKING:
    from threecx_xapi.errors import XapiError

    from pbx_as_code.engine.task import Task

Row = dict[str, Any]
Visit = Callable[[Reference, Any, str], Any]
#: Values that stand for no reference.
_NOTHING = (None, "", 0)


class _Looked(NamedTuple):
    """Of the properties of a kind, those that references look at."""

    referring: tuple[Property, ...]
    departments: tuple[Property, ...]
    """Lists of departments."""
    encoded: tuple[Property, ...]


@by_identity
def _looked_at(properties: tuple[Property, ...]) -> _Looked:
    return _Looked(
        tuple(prop for prop in properties if prop.refers),
        tuple(prop for prop in properties if prop.lists_departments),
        tuple(prop for prop in properties if prop.encoding),
    )


class References:
    """References of one task."""

    def __init__(self, task: Task[Any]) -> None:
        self._task = task
        self._properties, self._departments, self._encoded = _looked_at(task.properties)
        self._steps = steps(task.properties)
        self._names: Names = {}
        self._stood: dict[tuple[Reference, str], Any] = {}
        self._unreadable: dict[Reference, XapiError] = {}
        """Lists that the signed-in account may not read, with the PBX's answer."""
        self._unlisted: set[tuple[Reference, str]] = set()
        """Ids that no list has although the list could be read."""
        self._told: set[Reference] = set()
        self.warnings: list[str] = []
        """Objects that do not exist yet (in check mode) or any more; ids whose names cannot be read."""
        self._knowledge = known_through(task.client)
        self._directories: dict[Reference, Directory] = {}
        """This task's: what others write does not change what it has resolved."""
        self.uncertain = False
        """Whether the task has written since it resolved anything: what it refers to has to be resolved again."""

    def named(self, row: Row) -> Row:
        """Return the rows with names instead of ids. A reference that cannot be looked up keeps its id."""
        if not self._task.info:  # rows that are only shown are not kept: there may be ten thousand
            self._task.seen.append(row)
        if self._encoded:
            row = decoded(self._encoded, row)
        named = renamed(self._steps, row, self._name, self._names) if self._properties else row
        departments = self._departments_in(row)
        named = taken_out(departments, row, named) if departments else named
        if self._unlisted:
            self._warn_of_ids(named)
        return named

    def _warn_of_ids(self, named: Row) -> None:
        """Warn once about each list that lacks what the displayed part of a row refers to."""
        for reference, text in _found(self._properties, named):
            if reference not in self._told and isinstance(text, str | int) and (reference, text) in self._unlisted:
                self._told.add(reference)
                self._warn(
                    f"{self._task.pbx} lists no {reference.label} with {reference.stores} {text}, so results contain "
                    f"ids instead of names. It was deleted, or {self._task.connection.who} may not see it."
                )

    def stored(self, body: Row, row: Mapping[str, Any] | None = None) -> Row:
        """Return the body with ids instead of names, and with the hidden departments of the row it changes."""
        stored = _mapped(self._properties, body, self._store) if self._properties else body
        if self._encoded:
            stored = encoded(self._encoded, stored)
        return put_back(body, stored, row or {}) if self._departments_in(body) else stored

    def _departments_in(self, row: Mapping[str, Any]) -> tuple[Property, ...]:
        """The lists of departments that a row has."""
        return tuple(prop for prop in self._departments if prop.name in row)

    def written(self, entity_set: str, *, removal: bool = False) -> None:
        """An entity of this set was, or may have been, written: what was read before may be wrong now, for any task."""
        self.uncertain = True
        self._knowledge.writes.note(entity_set, removal=removal)
        self._names.clear()
        for reference in [one for one in self._directories if one.entity_set in (entity_set, "Peers")]:
            del self._directories[reference]

    def resolved(
        self, wanted: Row, row: Row | None = None, gone: Collection[str] = (), *, removing: bool = False
    ) -> Row:
        """Return the desired values with the names that rows use, however the task spelled them.

        Parameters:
            wanted: from desired
            row: what is there; what it refers to already is only a warning where it does not exist any more
            gone: options that say what is not to be there: to what does not exist, nothing refers either
            removing: the entity itself is to be removed, so what it refers to already does not matter

        Raises:
            PbxError: there is no such entity, or there are several, or whether there is one cannot be read
        """
        self.uncertain = False
        check(self._encoded, wanted)
        departments = self._departments_in(wanted)
        wanted = without_hidden(departments, wanted) if departments else wanted
        found = _found(self._properties, wanted)
        if not found:
            return wanted
        asked = [
            (reference, text)
            for reference, text in found
            if text not in _NOTHING and not is_empty_route(reference.entity_set, text)
        ]
        here: set[tuple[Reference, Any]] = {
            (ref, text) for ref, text in _found(self._properties, row or {}) if isinstance(text, str | int)
        }
        if row is None:  # a new queue may lead to its own voicemail, and is nowhere to be found yet
            itself = {(ref, text) for ref, text in asked if ref.stores in wanted and text == wanted[ref.stores]}
            self._stood |= {(ref, text): text for ref, text in itself if not ref.sends}
            here |= {one for one in itself if one in self._stood}
        self._look_up([one for one in asked if one not in here])
        checked = set() if row is None or removing else self._look_again([one for one in asked if one in here])

        def resolve(reference: Reference, text: Any, option: str) -> Any:
            if text in _NOTHING:  # a template without a value, as a rule
                if option.endswith("]"):
                    raise refused(option, f"it is empty and identifies no {reference.label}.")
                return None
            if is_empty_route(reference.entity_set, text):
                return text
            leaving = option.partition("[")[0] in gone
            if (reference, text) in here:
                if (reference, text) in checked and not leaving and not self._means(reference, text):
                    self._warn(
                        f"{option}: there is no {reference.label} {text} on {self._task.pbx} any more, or "
                        f"{self._task.connection.who} may not see it. It was left unchanged; name another one."
                    )
                return text
            if leaving and not self._means(reference, text):
                self._refuse_other_spelling(reference, text, option)
                return text
            return self._resolve(reference, text, option)

        return self._each_once(_mapped(self._properties, wanted, resolve))

    def _refuse_other_spelling(self, reference: Reference, text: str, option: str) -> None:
        """Refuse to leave something alone that is there under another spelling, and that the task is to take out."""
        known = self._directory(reference)
        if reference.stores == reference.names[0]:  # looked up one by one
            names = [one for one in dict.fromkeys((text.strip(), text.strip().upper(), text.strip().lower())) if one]
            with self._reading(reference):
                known.look_up([one for one in names if one != text])
            names = [one for one in names if self._means(reference, one)]
        else:
            names = list(known.some()[0])
        meant = [one for one in names if folded(one) == folded(text)]
        if meant:
            raise refused(
                option,
                f"there is no {reference.label} '{text}' on {self._task.pbx}, but '{either(meant)}', which differs in "
                f"case or blanks only. Write it as it is there.",
                NotFound,
            )
        hint = did_you_mean(text, names)
        if hint != ".":
            self._warn(f"{option}: there is no {reference.label} {text} on {self._task.pbx} to be taken out{hint}")

    def _each_once(self, resolved: Row) -> Row:
        """Return the desired values without entities that a list names twice, in two ways."""
        for prop in self._properties:
            if not prop.many or not isinstance(resolved.get(prop.name), list):
                continue
            if prop.item_key:
                check_items(prop, resolved[prop.name], prop.option)
            elif prop.reference is not None and not prop.ordered:
                resolved[prop.name] = list(dict.fromkeys(resolved[prop.name]))
        return resolved

    def default_of(self, reference: Reference) -> str | None:
        """Return the name of the default department; None if it cannot be determined, so that the PBX reports what is
        missing.

        Raises:
            PbxError: it cannot be read
        """
        # Departments are numbered from GRP0000 on most systems, and the first of them is the default one.
        for condition in ("IsDefault eq true", "Number eq 'GRP0000'"):
            asked = {"$filter": condition, "$select": "Id,Name,Number"}
            try:
                with self._reading(reference):
                    reply = self._task.client.request("GET", f"/{reference.entity_set}", params=asked)
                    rows = reply.json().get("value") or []
            except PbxError as failure:
                if failure.status in (403, 404):
                    return None
                raise
            if len(rows) == 1:
                stored = rows[0].get(reference.stores)
                self._look_up([(reference, str(stored))])
                return self._directory(reference).name(stored)
        return None

    def _look_up(self, asked: list[tuple[Reference, str]]) -> None:
        """Read what is needed to know what a task names. An id that stands for a name it could be
        is not good enough.
        """
        for reference, texts in _by_reference(asked).items():
            with self._reading(reference):
                if reference in self._unreadable:
                    raise self._unreadable[reference]
                self._directory(reference).look_up(texts)

    def _look_again(self, asked: list[tuple[Reference, str]]) -> set[tuple[Reference, str]]:
        """Read whether there still is what is referred to already: a PBX may keep the number of what was deleted.

        Returns:
            those of which it is known now
        """
        for reference, texts in _by_reference(asked).items():
            if reference not in self._unreadable:
                with self._reading(reference), self._unless_refused(reference):
                    self._directory(reference).look_up(texts, stored=True)
        return {one for one in asked if one[0] not in self._unreadable}

    @contextmanager
    def _unless_refused(self, reference: Reference) -> Iterator[None]:
        """Read a directory. The signed-in account may not be allowed to list it; any other error is reported."""
        try:
            yield
        except (errors.Forbidden, errors.NotFound) as error:
            self._unreadable[reference] = error

    def _warn(self, warning: str) -> None:
        if warning not in self.warnings:
            self.warnings.append(warning)

    def _directory(self, reference: Reference) -> Directory:
        if reference not in self._directories:
            self._directories[reference] = self._knowledge.directory(reference)
        return self._directories[reference]

    def _means(self, reference: Reference, text: str) -> tuple[Row, ...]:
        return self._directory(reference).named(text)

    def _resolve(self, reference: Reference, text: str, option: str) -> str:
        known = self._directory(reference)
        found = known.named(text)
        if reference.entity_set in (DEPARTMENTS, "Peers"):
            for name in (text, *(row.get("Name") for row in found)):
                refuse_hidden(option, name)
        if len(found) == 1:
            return known.name(found[0].get(reference.stores)) or text
        if found:
            those = ", ".join(f"{reference.stores} {row.get(reference.stores)}" for row in found)
            raise refused(
                option,
                f"{text} means {len(found)} of the {reference.label}s of {self._task.pbx}: {those}.",
                Ambiguous,
            )
        pbx = self._task.pbx
        if self._task.check_mode:
            is_expected, summary = expected(pbx, reference, text)
            if summary is not None:
                self._warn(summary)
            if is_expected:
                return text
            self._warn(
                f"{option}: there is no {reference.label} {text} on {pbx} yet. Ignore this if an earlier task in the "
                "play creates it."
            )
            return text
        there, more = known.some()
        hint = existing(text, there, more=more)
        raise refused(option, f"there is no {reference.label} {text} on {pbx}{hint}", NotFound)

    def _name(self, reference: Reference, stands: Any) -> Any:
        if isinstance(stands, Mapping):
            stored = stands.get(reference.stores)
        elif reference.sends:  # a structure is wanted, and something else is there
            return stands
        else:
            stored = stands
        if stored in _NOTHING:
            return None
        text = self._known_as(reference, stored)
        self._stood[reference, text] = stands
        return text

    def _known_as(self, reference: Reference, stored: Any) -> str:
        if reference.stores == reference.names[0]:
            return str(stored)
        known = self._directory(reference)
        name = known.name(stored)
        if name is None and not known.fresh and stored != GONE and reference not in self._unreadable:
            with self._reading(reference), self._unless_refused(reference):
                known.read()
            if reference in self._unreadable:
                self._warn(
                    f"The {reference.label}s of {self._task.pbx} cannot be read, so results contain ids "
                    f"instead of names. Give {self._task.connection.who} a role that may list them."
                )
            name = known.name(stored)
        if name is None and stored != GONE and reference not in self._unreadable:
            self._unlisted.add((reference, str(stored)))
        return str(stored) if name is None else name

    def _store(self, reference: Reference, text: Any, option: str) -> Any:
        if text is None:
            return None
        if (reference, text) in self._stood:
            stands = self._stood[reference, text]
            return {name: stands[name] for name in reference.sends if name in stands} if reference.sends else stands
        if is_empty_route(reference.entity_set, text):
            return GONE
        found = self._directory(reference).named(text)
        if len(found) != 1 or not (reference.sends or reference.stores in found[0]):
            raise PbxError(f"{option}: the object named {text} is no longer known. Nothing was changed.", target=option)
        row = found[0]
        if reference.sends:
            return {name: row[name] for name in reference.sends if row.get(name) is not None}
        return row[reference.stores]

    def _reading(self, reference: Reference) -> AbstractContextManager[None]:
        return self._task.explained("read", f"{reference.label}s", reference.entity_set)


def _by_reference(asked: list[tuple[Reference, str]]) -> dict[Reference, list[str]]:
    """Texts that name entities, by what they refer to."""
    texts: dict[Reference, list[str]] = {}
    for reference, text in asked:
        texts.setdefault(reference, []).append(text)
    return texts


def _found(properties: tuple[Property, ...], row: Mapping[str, Any]) -> list[tuple[Reference, Any]]:
    """Everything in a row that refers to an entity."""
    found: list[tuple[Reference, Any]] = []

    def note(reference: Reference, value: Any, _option: str) -> Any:
        found.append((reference, value))
        return value

    _mapped(properties, row, note)
    return found


def _mapped(properties: tuple[Property, ...], row: Mapping[str, Any], visit: Visit) -> Row:
    """A copy with everything that refers to an entity replaced."""

    def change(place: Place) -> Any:
        prop, path, (value,), *_ = place
        if prop.reference is None or (prop.many and not path.endswith("]")):  # of a list, its items stand for something
            return value
        return visit(prop.reference, value, path)

    return mapped(properties, row, change=change, concerns=_REFERS)


_REFERS = attrgetter("refers")
