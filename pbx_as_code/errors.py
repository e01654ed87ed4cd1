"""How a task fails: one class for each thing a program may want to do about it, all of them a PbxError."""

from __future__ import annotations

from typing import Any, Self

__all__ = [
    "Ambiguous",
    "BadOption",
    "Conflict",
    "Forbidden",
    "MissingPackage",
    "NotFound",
    "NotStored",
    "PbxError",
    "PbxFailed",
    "Refused",
    "SignInRefused",
    "Throttled",
    "Unreachable",
    "Unsupported",
]

_LONGEST = 1600
"""Characters of a message."""


class PbxError(Exception):
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

    def __str__(self) -> str:
        return _for_people(self.msg)

    def saying(self, msg: str, *, changed: bool = False) -> Self:
        """The same failure in other words; whether a write is in doubt is for the words to say.

        Parameters:
            msg: what to say
            changed: whether the PBX was changed before the task failed
        """
        other = type(self)(msg, status=self.status, code=self.code, target=self.target, changed=changed)
        other.__dict__.update({name: held for name, held in vars(self).items() if name not in vars(other)})
        return other

    def result(self, pbx: str | None) -> dict[str, Any]:
        """As the result of a task.

        Parameters:
            pbx: its URL, None where that is not known
        """
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


class BadOption(PbxError):
    """An option that does not exist, lacks a value or has one that cannot be meant; `target` names it.

    Attributes:
        nearest: the option or the value that may have been meant; None where nothing is like it
    """

    nearest: str | None = None


class MissingPackage(PbxError, ImportError):
    """A package of an extra is not installed. The message names the pip command."""


class NotFound(PbxError):
    """There is no such object: the one that is named, one that an option refers to, or the endpoint itself (404)."""


class Ambiguous(PbxError):
    """Several objects are called so; the message names them."""


class Unsupported(PbxError):
    """The configuration API cannot do this, or the release of the PBX lacks it."""


class Refused(PbxError):
    """The PBX refused a value (400, 422) or the state something is in."""


class Forbidden(PbxError):
    """The signed-in account is not allowed to do this (403)."""


class SignInRefused(Forbidden):
    """The PBX refused the credentials."""


class Conflict(PbxError):
    """Somebody else has changed the object (409, 412), or the PBX wants an ETag (428): read it again, then decide."""


class NotStored(PbxError):
    """The PBX accepted a write, and does not have what was written."""


class Throttled(PbxError):
    """The PBX is busy (429)."""


class Unreachable(PbxError):
    """The PBX did not answer. `in_doubt` tells whether a write may have been carried out."""


class PbxFailed(PbxError):
    """The PBX, or a proxy before it, failed (5xx) or answered in a way that cannot be understood."""


def one_line(msg: str) -> str:
    """A message of one line, in which nothing is obeyed by a terminal: what it quotes may be anything."""
    return "".join(letter if letter.isprintable() else _shown(letter) for letter in msg)


def _for_people(msg: str) -> str:
    """A message of one line and of a length that is read."""
    line = one_line(msg)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 2]} [...] {line[-_LONGEST // 2 :]}"


def _shown(letter: str) -> str:
    return " " if letter == "\n" else letter.encode("unicode_escape").decode()


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
