"""Failures of a task: refused options, exceptions of the client, and failures after something was done already.

A message names the failed action and object, the PBX, the reason and the remedy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from threecx_xapi import errors

from pbx_as_code.errors import (
    BadOption,
    Conflict,
    Forbidden,
    NotFound,
    PbxError,
    PbxFailed,
    Refused,
    SignInRefused,
    Throttled,
    Unreachable,
)

if TYPE_CHECKING:
    from threecx_xapi.errors import XapiError

    from pbx_as_code.description import Description
    from pbx_as_code.engine.connection import Connection
    from pbx_as_code.engine.task import Task


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
        msg = f"{done}, but the result could not be read back. {failure.msg}"
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


_PAST = {"read": "read", "create": "created", "change": "changed", "remove": "removed", "call": "called"}
_CREDENTIALS = {
    "access_token": "access_token; it may have expired, or another sign-in of the same client has replaced it",
    "api_client_id": "api_client_id and api_client_secret (Integrations > API in the admin console)",
    "login_username": "login_username, login_password and security_code",
}

_INSECURE = "Only in a test environment, set validate_certs to false."
_CERTIFICATES = {
    "expired": f"Renew the certificate of the PBX, and check the clock of this machine. {_INSECURE}",
    "not yet valid": "Check the clocks of this machine and of the PBX, and the date from which its certificate is "
    f"valid. {_INSECURE}",
    "wrong name": f"Set host to the name in the certificate, or issue a certificate for this name. {_INSECURE}",
    "self-signed": f"Set ca_path to the certificate itself. {_INSECURE}",
    "unknown authority": f"Set ca_path to the certificate of its authority. {_INSECURE}",
}


class Doing(Protocol):
    """The action that failed."""

    @property
    def connection(self) -> Connection:
        """To which PBX, and as whom."""

    @property
    def pbx(self) -> str:
        """The URL of the PBX."""

    @property
    def verb(self) -> str:
        """read, create, change, remove or call."""

    @property
    def what(self) -> str:
        """For people, such as: fax 12."""

    @property
    def writes(self) -> bool:
        """Whether it was a write."""

    @property
    def unversioned(self) -> str:
        """Why no ETag went with a write that needs one, where that is worth saying."""

    @property
    def reader(self) -> str:
        """Module that reads it, such as threecx_fax_info."""

    @property
    def missing(self) -> str:
        """Explain a 404."""

    @property
    def doubt(self) -> str:
        """Return the advice for a write with an unknown outcome."""


@dataclass(frozen=True)
class Context:
    """The action on an entity that failed."""

    description: Description
    connection: Connection
    pbx: str
    """The URL of the PBX."""
    verb: str = "read"
    """read, create, change or remove."""
    what: str = ""
    """For people, such as: fax 12."""
    endpoint: str | None = None
    """Where it is in the XAPI, where that is not the entity's own place."""

    @classmethod
    def of(cls, task: Task[Any]) -> Context:
        """Action of a task, initially reading."""
        return cls(task.description, task.connection, task.pbx)

    @property
    def writes(self) -> bool:
        """Whether it was a write."""
        return self.verb != "read"

    @property
    def unversioned(self) -> str:
        """Why no ETag went with it."""
        return " but returned none when it was read"

    @property
    def reader(self) -> str:
        """The module that reads it."""
        return f"threecx_{self.description.name}_info"

    @property
    def missing(self) -> str:
        """It was looked for in its set, so it is the set that is not there."""
        return (
            f"The PBX does not offer {self.endpoint or self.description.endpoint} here: check its release, its "
            f"licence (XAPI needs Enterprise) and the role of {self.connection.who}."
        )

    @property
    def doubt(self) -> str:
        """The engine reads before it writes."""
        return "run the task again; it checks first"


@contextmanager
def explained(context: Doing) -> Iterator[None]:
    """Translate exceptions of the client raised within the block into a failure of the task. A client's refusal to
    write (check mode) is one of our own mistakes and is not translated.

    Parameters:
        context: what is being done
    """
    try:
        yield
    except errors.WriteRefused:
        raise
    except errors.XapiError as error:
        raise explain(error, context) from error


def explain(error: XapiError, context: Doing) -> PbxError:
    """The failure of a task for what the client raised.

    Parameters:
        error: what the client raised
        context: what was being done
    """
    kind = next((kind for of, kind in _KINDS.items() if isinstance(error, of)), PbxError)
    return kind(
        f"{_problem(error, context)} {_advice(error, context)}",
        status=error.status,
        code=error.code,
        target=error.target,
        in_doubt=context.writes and _in_doubt(error),
        kind="unreachable" if _is_unreachable(error) else None,
    )


def _is_unreachable(error: XapiError) -> bool:
    """Whether the PBX did not answer, and no write may have been carried out."""
    silent = isinstance(error, errors.TransportError) and not isinstance(error, errors.TlsError)
    return silent and not error.maybe_processed


def _problem(error: XapiError, context: Doing) -> str:
    # A person's sign-in is refused with a friendly 200; that is no news.
    status = f" ({error.status})" if error.status is not None and error.status >= 300 else ""
    what = f"{_upper(context.what)} could not be {_PAST[context.verb]} on {context.pbx}"
    reason = _reason(error)
    if isinstance(error, errors.SignInFailed):
        return f"{what}: the PBX refused the sign-in of {context.connection.who}{status}: {reason}."
    if isinstance(error, errors.PreconditionFailed):
        return f"{what}: it has changed since its ETag was read{status}."
    if isinstance(error, errors.PreconditionRequired):
        return f"{what}: the PBX requires an ETag for each write of it{status}{context.unversioned}."
    return f"{what}{status}: {reason}."


def _reason(error: XapiError) -> str:
    """Return the PBX's complaint; without one, the client's message repeats the status."""
    reason = error.reason.strip().rstrip(".").removesuffix(f" ({error.status})")
    reason = reason.removeprefix("was refused: ").removeprefix("failed: ")
    return "no reason was given" if reason in ("failed", "was refused") else reason


def _advice(error: XapiError, context: Doing) -> str:
    kind = next((kind for kind in _ADVICE if isinstance(error, kind)), None) if _ADVICE else None
    advice = _ADVICE[kind].format(
        who=context.connection.who,
        credentials=_CREDENTIALS[context.connection.way],
        info=context.reader,
        missing=context.missing,
    ) if kind else "See the log of the PBX for more."  # fmt: skip
    if isinstance(error, errors.NotFound) and context.verb in ("change", "remove"):
        advice = (
            f"It can be read, but not {_PAST[context.verb]}: check the release and the licence of the PBX, "
            f"and the role of {context.connection.who}."
        )
    if isinstance(error, errors.ValidationFailed) and context.verb == "remove":
        advice = (
            "The PBX refused to delete it, probably because it is still in use: look in the admin console for objects "
            "that refer to it."
        )
    if isinstance(error, errors.TlsError):
        advice = _CERTIFICATES.get(error.problem, advice)
    if error.retry_after is not None:
        advice += f" It asks to wait {error.retry_after:g} seconds."
    return f"{_upper(advice)} {_aftermath(error, context)}".strip()


def _aftermath(error: XapiError, context: Doing) -> str:
    if not context.writes:
        return ""
    if _in_doubt(error):
        return f"It is not known whether it was {_PAST[context.verb]}: {context.doubt}."
    return "Nothing was changed."


def _in_doubt(error: XapiError) -> bool:
    """Whether a write may have been carried out; a 429 or 503 may come from a proxy that had already passed it on."""
    uncertain = error.maybe_processed or isinstance(
        error, errors.ServerError | errors.RateLimited | errors.UnexpectedAnswer
    )
    return uncertain and not error.signing_in


def _advices() -> dict[type[XapiError], str]:
    if errors is None:
        return {}
    return {  # the first that fits is taken: TLS and the like come before what they are kinds of
        errors.SignInFailed: "Check {credentials}.",
        errors.Forbidden: "{who} is not allowed to do this: give it a role and a department that may, or check the "
        "licence.",
        errors.NotFound: "{missing}",
        errors.PreconditionFailed: "Read it again with {info}, then retry.",
        errors.PreconditionRequired: "Give if_match: the etag that {info} returns, or '*' to overwrite any version.",
        errors.Conflict: "Read it again with {info}, then retry.",
        errors.RateLimited: "The PBX is busy: try again later, or with fewer forks.",
        errors.ValidationFailed: "Correct the value and run the task again.",
        errors.ServerError: "The PBX, or a proxy in front of it, failed: see its log.",
        errors.ConfigurationError: "Correct the options of the task; nothing was sent.",
        errors.TlsError: "Check that host and host_port are those of the PBX. Where its certificate is not a public "
        "one, give its certificate authority as ca_path, or, only in a test environment, set validate_certs to false.",
        errors.ConnectFailed: "Check host and host_port, and that the PBX is running and can be reached from here.",
        errors.DeadlineExceeded: "Check that the PBX can be reached and is not overloaded, or give the task a longer "
        "task_deadline.",
        errors.Timeout: "Check that the PBX can be reached and is not overloaded, or give a longer request_timeout.",
        errors.TransportError: "Check the network between here and the PBX.",
        errors.UnexpectedAnswer: "Check that host and host_port lead to the PBX itself and not to a proxy or another "
        "service.",
    }


_ADVICE = _advices()
_KINDS: dict[type[XapiError], type[PbxError]] = {  # the first that fits is taken
    errors.SignInFailed: SignInRefused,
    errors.Forbidden: Forbidden,
    errors.NotFound: NotFound,
    errors.PreconditionFailed: Conflict,
    errors.PreconditionRequired: Conflict,
    errors.Conflict: Conflict,
    errors.RateLimited: Throttled,
    errors.ValidationFailed: Refused,
    errors.ServerError: PbxFailed,
    errors.UnexpectedAnswer: PbxFailed,
    errors.ConfigurationError: BadOption,
    errors.TransportError: Unreachable,
}


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
