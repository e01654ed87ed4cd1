"""Failures of a task: refused options, and failures after something was done already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from pbx_as_code.errors import BadOption, PbxError


def refused(option: str, why: str, kind: type[PbxError] = BadOption) -> PbxError:
    """An option that cannot be meant: the task fails before anything is sent.

    Parameters:
        option: its name, as the task spells it
        why: a sentence
        kind: of the failure
    """
    return kind(f"{option}: {why} Nothing was sent.", target=option)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one probably means; None where none is close.

    Parameters:
        name: as it was given
        known: the names that exist
    """
    import difflib  # no task that succeeds needs it

    return next(iter(difflib.get_close_matches(name, sorted(known), n=1)), None)


@contextmanager
def after(done: str) -> Iterator[None]:
    """Reading after a write: where that fails, the PBX has been changed all the same.

    Parameters:
        done: what the write has done, for the message

    Raises:
        PbxError: what became of the write cannot be read
    """
    try:
        yield
    except PbxError as failure:
        msg = f"{done}, and what became of it could not be read. {failure.msg}"
        raise failure.saying(msg, changed=True) from None


@contextmanager
def also_done(done: str, changed: bool) -> Iterator[None]:
    """One of several writes: where it fails, those before it stay.

    Parameters:
        done: what they have done, for the message
        changed: whether there were any

    Raises:
        PbxError: it failed
    """
    try:
        yield
    except PbxError as failure:
        if not changed:
            raise
        msg = f"{failure.msg.removesuffix(' Nothing was changed.')} {done}, and stays so."
        raise failure.saying(msg, changed=True) from None
