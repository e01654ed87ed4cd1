"""How a task fails: one readable message, and what a playbook may want to decide upon."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_LONGEST = 1600
"""Characters of a message."""


class Failure(Exception):
    """A task cannot go on.

    Parameters:
        msg: what happened to what, on which PBX, and what to do next
        status: HTTP status of the answer, None where there was none
        code: the code the PBX gave, None where it gave none
        target: the option or the property complained about
        changed: whether the PBX was changed before the task failed
        in_doubt: whether a write may have been carried out although it failed
        kind: "unreachable" where the PBX did not answer and no write may have been carried out; else None
    """

    def __init__(
        self,
        msg: str,
        *,
        status: int | None = None,
        code: str | None = None,
        target: str | None = None,
        changed: bool = False,
        in_doubt: bool = False,
        kind: str | None = None,
    ) -> None:
        super().__init__(msg)
        self.msg = msg
        self.status = status
        self.code = code
        self.target = target
        self.changed = changed
        self.in_doubt = in_doubt
        self.kind = kind

    def result(self, pbx: str | None) -> dict[str, Any]:
        """As the result of a task."""
        return {
            "failed": True,
            "changed": self.changed,
            "msg": _for_people(self.msg),
            "status": self.status,
            "code": self.code,
            "target": self.target,
            "pbx": pbx,
            "kind": None if self.changed else self.kind,
        }


def _for_people(msg: str) -> str:
    """A message of one line and of a length that is read: what it quotes, of a task or of a PBX, may be anything."""
    line = "".join(letter if letter.isprintable() else _shown(letter) for letter in msg)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 2]} [...] {line[-_LONGEST // 2 :]}"


def _shown(letter: str) -> str:
    return " " if letter == "\n" else letter.encode("unicode_escape").decode()


def refused(option: str, why: str) -> Failure:
    """An option that cannot be meant: the task fails before anything is sent."""
    return Failure(f"{option}: {why} Nothing was sent.", target=option)


@contextmanager
def after(done: str) -> Iterator[None]:
    """Reading after a write: where that fails, the PBX has been changed all the same.

    Parameters:
        done: what the write has done, for the message

    Raises:
        Failure: what became of the write cannot be read
    """
    try:
        yield
    except Failure as failure:
        raise Failure(
            f"{done}, and what became of it could not be read. {failure.msg}",
            status=failure.status,
            code=failure.code,
            target=failure.target,
            changed=True,
        ) from None


@contextmanager
def also_done(done: str, changed: bool) -> Iterator[None]:
    """One of several writes: where it fails, those before it stay.

    Parameters:
        done: what they have done, for the message
        changed: whether there were any

    Raises:
        Failure: it failed
    """
    try:
        yield
    except Failure as failure:
        if not changed:
            raise
        raise Failure(
            f"{failure.msg.removesuffix(' Nothing was changed.')} {done}, and stays so.",
            status=failure.status,
            code=failure.code,
            target=failure.target,
            changed=True,
        ) from None
