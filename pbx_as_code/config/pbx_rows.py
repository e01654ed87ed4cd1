"""Every object of some kinds of a PBX."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar, overload

from threecx_xapi.simultaneous import at_most

from pbx_as_code.config.configuration import Identity, identity_of
from pbx_as_code.config.kinds import KINDS, ConfigKind
from pbx_as_code.description import EntityDescription
from pbx_as_code.engine.compare.answered_nulls import NO_NULLS, Nulls, nulls_of
from pbx_as_code.entities import description
from pbx_as_code.errors import Forbidden, SignInRefused, Unsupported
from pbx_as_code.pbx import FoundList, Pbx

Taken = TypeVar("Taken")


def answered_nulls(rows: Mapping[str, list[Any]], kind: str, row: Mapping[str, Any]) -> Nulls:
    """Options of an object that the PBX answered as null: it may have left out others that are None, if they are zero.

    Parameters:
        rows: by the names of kinds, as `read` returned them
        kind: its kind
        row: of the object
    """
    about = description(kind)
    key = row.get(about.key.option) if isinstance(about, EntityDescription) else None
    found = rows[kind]
    return nulls_of(found.nulls, key) if isinstance(found, FoundList) else NO_NULLS


def standing(rows: Mapping[str, list[dict[str, Any]]]) -> Iterator[tuple[ConfigKind, Identity, dict[str, Any]]]:
    """Objects of kinds that files hold, with their identities.

    Parameters:
        rows: by the names of kinds, as `read` returned them
    """
    for name, found in rows.items():
        kind = KINDS.get(name)
        if kind is not None and not kind.settings:
            yield from ((kind, identity_of(kind, row), row) for row in found)


@overload
def read(
    pbx: Pbx,
    kinds: list[str],
    parallel: int,
    unread: dict[str, str],
    lacking: dict[str, list[str]] | None = None,
    *,
    spared: Collection[str] = (),
    refused: list[str] | None = None,
) -> list[list[dict[str, Any]]]: ...


@overload
def read(
    pbx: Pbx,
    kinds: list[str],
    parallel: int,
    unread: dict[str, str],
    lacking: dict[str, list[str]] | None,
    each: Callable[[str, dict[str, Any]], Taken],
) -> list[list[Taken]]: ...


def read(
    pbx: Pbx,
    kinds: list[str],
    parallel: int,
    unread: dict[str, str],
    lacking: dict[str, list[str]] | None = None,
    each: Callable[[str, dict[str, Any]], Any] | None = None,
    *,
    spared: Collection[str] = (),
    refused: list[str] | None = None,
) -> list[list[Any]]:
    """Every object of some kinds, in the order of the kinds; as many requests as there are pages.

    Parameters:
        pbx: to read
        kinds: their names
        parallel: requests at a time, once the first kind has been read
        unread: filled with the kinds that this PBX does not offer, or of which it refuses to show what tells their
            objects apart, by the key of their section, and why
        lacking: filled with the options that this PBX refuses to show, by the key of their section
        spared: kinds that count as unread if the role of the client does not admit them
        refused: filled with the sections of these
        each: makes of each object, which follows the name of its kind, what is returned; in several threads

    Raises:
        Forbidden: the role of the client does not admit some of the kinds; the message names all of them
        PbxError: something else cannot be read; the first failure ends it
    """
    forbidden: dict[str, Forbidden] = {}

    def one(kind: str) -> list[Any]:
        about = description(kind)
        section = about.plural if isinstance(about, EntityDescription) else kind
        try:
            found = pbx.everything(kind, each=None if each is None else partial(each, kind))
        except Unsupported as error:
            unread[section] = str(error)
            return []
        except SignInRefused:
            raise
        except Forbidden as error:
            if kind not in spared:
                if kind not in KINDS:
                    raise
                forbidden[section] = error
                return []
            unread[section] = str(error)
            if refused is not None:
                refused.append(section)
            return []
        if kind in KINDS and (unknown := found.lacking & {*KINDS[kind].identity}):
            # Objects that cannot be told apart would pass for missing ones, and be created again.
            options = ", ".join(sorted(unknown))
            unread[section] = f"{pbx.url} refuses to show {options}, without which no {about.label} can be told apart."
            return []
        if found.lacking and lacking is not None:
            lacking[section] = sorted(found.lacking)
        return found

    if not kinds:
        return []
    first = one(kinds[0])  # a PBX that cannot be reached fails here, once
    with at_most(parallel), ThreadPoolExecutor(max_workers=parallel) as pool:
        # With the context of this thread, which holds the limits of time and of requests for the whole.
        waiting = [pool.submit(copy_context().run, one, kind) for kind in kinds[1:]]
        try:
            found = [first, *(future.result() for future in waiting)]
        except BaseException:  # Ctrl-C too: nothing more is asked for
            pool.shutdown(cancel_futures=True)
            raise
    if forbidden:
        raise _naming_all(forbidden, len(kinds))
    return found


def _naming_all(forbidden: Mapping[str, Forbidden], asked: int) -> Forbidden:
    """The refusal of one kind, with the names of all that were refused, by the key of their section.

    If the PBX refuses every kind, such as to this address, nothing is left to go on with.
    """
    sections = sorted(forbidden)
    error = forbidden[sections[0]]
    if len(sections) == asked > 1:
        return error
    this = "this kind" if len(sections) == 1 else f"the {len(sections)} kinds that are not admitted"
    return error.saying(f"{error.msg} To go on without {this}, exclude {', '.join(sections)}.")
