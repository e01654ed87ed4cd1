"""Failures of a task: refused options and exceptions of the client.

A message names the failed action and object, the PBX, the reason and the remedy.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, Protocol

from threecx_xapi import errors
from threecx_xapi.record import Record

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
from pbx_as_code.suggestions import nearest_names

if TYPE_CHECKING:
    from threecx_xapi.errors import XapiError

    from pbx_as_code.description import Description
    from pbx_as_code.engine.connection import Connection


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
    return next(iter(nearest_names(name, known, 1)), None)


Verb = Literal["read", "create", "change", "remove"]
_FAILED: dict[Verb, str] = {
    "read": "{what} could not be read on {pbx}",
    "create": "{what} could not be created on {pbx}",
    "change": "{what} could not be changed on {pbx}",
    "remove": "{what} could not be removed on {pbx}",
}
_IN_DOUBT: dict[Verb, str] = {
    "create": "It is not known whether it was created: run the task again; it checks first.",
    "change": "It is not known whether it was changed: run the task again; it checks first.",
    "remove": "It is not known whether it was removed: run the task again; it checks first.",
}
#: Advice for a 404 of something that was read before.
_CANNOT: dict[Verb, str] = {
    "change": "It can be read but not changed: check the release and the licence of the PBX, and the role of {who}.",
    "remove": "It can be read but not removed: check the release and the licence of the PBX, and the role of {who}.",
}
_CREDENTIALS = {
    "access_token": "access_token; it may have expired, or another sign-in of the same client has replaced it",
    "api_client_id": "api_client_id and api_client_secret (Integrations > API in the admin console)",
    "login_username": "login_username, login_password and security_code",
}

_TOKEN_REFUSED = "the access token is refused"  # noqa: S105  (how the client's reason begins)
_ANOTHER_HOLDER = (
    "Another program has probably signed in as {who}, which ends this access token: give each machine and program "
    "its own service principal (admin console: Integrations > API). Or the PBX does not accept requests from here: "
    "check its console restrictions."
)

#: Complaints about a value that another object has already.
IN_USE = ("WARNINGS.XAPI.ALREADY_IN_USE", "WARNINGS.XAPI.DUPLICATE", "WARNINGS.MAC_ADDRESS_ALREADY_IN_USE")
_STILL_IN_USE = (
    "The PBX refused to delete it, probably because it is still in use: look in the admin console for objects that "
    "refer to it."
)
#: Advice for a removal that is refused, by the code of the PBX.
_REMOVALS = {
    "WARNINGS.GROUP_WITH_MEMBERS_CANNOT_BE_DELETED": "Empty the department first: threecx_group_info with its name and "
    "expand: [members] lists its members. Give users another primary_group and groups without it (threecx_user), do "
    "the same for the groups of queues, ring groups and other members, or remove them.",
    "WARNINGS.GROUP_CANNOT_BE_DELETED": "The default department of a PBX cannot be removed. Make another one the "
    "default in the admin console first, or keep it.",
    "WARNINGS.OPERATOR_CANNOT_BE_DELETED": "It is the operator extension of the PBX. Make another extension the "
    "operator in the admin console first.",
    "WARNINGS.FAX_SERVER_CANNOT_BE_DELETED": "The fax server is part of the PBX and always exists.",
}
_INSECURE = "Only in a test environment, set validate_certs to false."
_CERTIFICATES = {
    "expired": f"Renew the certificate of the PBX, and check the clock of this machine. {_INSECURE}",
    "not yet valid": "Check the clocks of this machine and of the PBX, and the date from which its certificate is "
    f"valid. {_INSECURE}",
    "wrong name": f"Set host to the name in the certificate, or issue a certificate for this name. {_INSECURE}",
    "self-signed": f"Set ca_path to the certificate itself. {_INSECURE}",
    "unknown authority": f"Set ca_path to the certificate of its authority. {_INSECURE}",
    "plain text": "Give the port on which the PBX speaks https (443 or 5001), or an address that begins with http://.",
}


class Attempted(Protocol):
    """An action on a PBX that may fail; the sentences are whole, with all names in them."""

    @property
    def connection(self) -> Connection:
        """To which PBX, and as whom."""

    @property
    def failed(self) -> str:
        """That it failed, such as: Fax 12 could not be read on https://pbx.example.com."""

    @property
    def writes(self) -> bool:
        """Whether it is a write."""

    @property
    def was_read(self) -> bool:
        """Whether its object was read before, and without an ETag if none goes with a write."""

    @property
    def reader(self) -> str:
        """Module that reads it, such as threecx_fax_info."""

    @property
    def missing(self) -> str:
        """Advice for a 404."""

    @property
    def removes(self) -> bool:
        """Whether an object is to be removed."""

    @property
    def creates(self) -> bool:
        """Whether a new object is to be stored."""

    @property
    def in_doubt(self) -> str:
        """Advice for a write with an unknown outcome."""


class Context(Record):
    """An action on an entity or on settings; see Attempted."""

    description: Description
    connection: Connection
    pbx: str
    """The URL of the PBX."""
    verb: Verb = "read"
    what: str = ""
    """For people, such as: fax 12."""
    endpoint: str | None = None
    """Where it is in the XAPI, where that is not the entity's own place."""

    @property
    def failed(self) -> str:
        """See Attempted."""
        return _FAILED[self.verb].format(what=_upper(self.what), pbx=self.pbx)

    @property
    def writes(self) -> bool:
        """See Attempted."""
        return self.verb != "read"

    @property
    def was_read(self) -> bool:
        """The engine reads before it writes."""
        return True

    @property
    def reader(self) -> str:
        """See Attempted."""
        return f"threecx_{self.description.name}_info"

    @property
    def missing(self) -> str:
        """It is looked for in its set. So the set is not there, or cannot be written."""
        if self.verb in _CANNOT:
            return _CANNOT[self.verb].format(who=self.connection.who)
        return (
            f"The PBX does not offer {self.endpoint or self.description.endpoint} here: check its release, its "
            f"licence (XAPI needs Enterprise) and the role of {self.connection.who}."
        )

    @property
    def removes(self) -> bool:
        """See Attempted."""
        return self.verb == "remove"

    @property
    def creates(self) -> bool:
        """See Attempted."""
        return self.verb == "create"

    @property
    def in_doubt(self) -> str:
        """See Attempted."""
        return _IN_DOUBT[self.verb]


def explain(error: XapiError, attempted: Attempted) -> PbxError:
    """The failure of a task for what the client raised.

    Parameters:
        error: what the client raised
        attempted: the action
    """
    kind = next((kind for of, kind in _KINDS.items() if isinstance(error, of)), PbxError)
    return kind(
        f"{_problem(error, attempted)} {_advice(error, attempted)}".strip(),
        status=error.status,
        code=error.code,
        target=error.target,
        in_doubt=attempted.writes and _in_doubt(error),
        kind="unreachable" if _is_unreachable(error) else None,
    )


def told_by_client(error: XapiError) -> PbxError:
    """The same failure in the words of the client, where no task says what was attempted.

    Parameters:
        error: what the client raised
    """
    return next((kind for of, kind in _KINDS.items() if isinstance(error, of)), PbxError)(
        str(error),
        status=error.status,
        code=error.code,
        target=error.target,
        in_doubt=_in_doubt(error),
        kind="unreachable" if _is_unreachable(error) else None,
    )


def _is_unreachable(error: XapiError) -> bool:
    """Whether the PBX did not answer, and no write may have been carried out."""
    silent = isinstance(error, errors.TransportError) and not isinstance(error, errors.TlsError)
    return silent and not error.maybe_processed


def _problem(error: XapiError, attempted: Attempted) -> str:
    # A person's sign-in is refused with a friendly 200; that is no news.
    status = f" ({error.status})" if error.status is not None and error.status >= 300 else ""
    what = attempted.failed
    reason = _reason(error)
    if _token_refused(error, attempted):
        more = reason.removeprefix(_TOKEN_REFUSED).removeprefix("; ").strip()
        who = f"{attempted.connection.who}{status}{f': {more}' if more else ''}"
        return f"{what}: the PBX refused even a new access token of {who}."
    if isinstance(error, errors.SignInFailed):
        return f"{what}: the PBX refused the sign-in of {attempted.connection.who}{status}: {reason}."
    if isinstance(error, errors.PreconditionFailed):
        return f"{what}: it has changed since its ETag was read{status}."
    if isinstance(error, errors.PreconditionRequired):
        if attempted.was_read:
            return f"{what}: the PBX requires an ETag for every write of it{status} but returned none when it was read."
        return f"{what}: the PBX requires an ETag for every write of it{status}."
    return f"{what}{status}: {reason}."


def _token_refused(error: XapiError, attempted: Attempted) -> bool:
    """Whether a sign-in succeeded, and the token it returned was refused."""
    refused = isinstance(error, errors.SignInFailed) and error.reason.startswith(_TOKEN_REFUSED)
    return refused and attempted.connection.way != "access_token"


def _reason(error: XapiError) -> str:
    """Return the PBX's complaint; without one, the client's message repeats the status."""
    reason = error.reason.strip().rstrip(".").removesuffix(f" ({error.status})")
    reason = reason.removeprefix("was refused: ").removeprefix("failed: ")
    return "no reason was given" if reason in ("failed", "was refused") else reason


def _advice(error: XapiError, attempted: Attempted) -> str:
    kind = next((kind for kind in _ADVICE if isinstance(error, kind)), None)
    advice = _ADVICE[kind].format(
        who=attempted.connection.who,
        credentials=_CREDENTIALS[attempted.connection.way],
        info=attempted.reader,
        missing=attempted.missing,
    ) if kind else "See the log of the PBX for more."  # fmt: skip
    if _token_refused(error, attempted):
        advice = _ANOTHER_HOLDER.format(who=attempted.connection.who)
    if isinstance(error, errors.PreconditionRequired) and attempted.was_read:
        advice = "Set if_match to '*' to write it whatever its version is."
    taken = error.code in IN_USE or (isinstance(error, errors.Conflict) and attempted.creates)
    if taken and attempted.writes and not attempted.removes:
        advice = (
            f"Another object has this value, perhaps one that {attempted.connection.who} may not see. Look for it in "
            f"the admin console, then choose another value, or give {attempted.connection.who} a role that may see it."
        )
    if isinstance(error, errors.ValidationFailed) and attempted.removes:
        advice = _REMOVALS.get(error.code or "", _STILL_IN_USE)
    if isinstance(error, errors.TlsError):
        advice = _CERTIFICATES.get(error.problem, advice)
    elif isinstance(error, errors.TransportError) and error.proxy is not None:
        advice = f"Check the proxy {error.proxy}, or name the PBX in NO_PROXY."
    elif isinstance(error, errors.ConfigurationError) and "environment variable" in error.reason:
        advice = ""  # no option is wrong, and it says what is
    if error.retry_after is not None:
        advice += f" The PBX asks to wait {error.retry_after:g} seconds."
    return f"{_upper(advice)} {_aftermath(error, attempted)}".strip()


def _aftermath(error: XapiError, attempted: Attempted) -> str:
    if not attempted.writes:
        return ""
    if _in_doubt(error):
        return attempted.in_doubt
    return "Nothing was changed."


def _in_doubt(error: XapiError) -> bool:
    """Whether a write may have been carried out; a 429 or 503 may come from a proxy that had already passed it on."""
    uncertain = error.maybe_processed or isinstance(
        error, errors.ServerError | errors.RateLimited | errors.UnexpectedAnswer
    )
    return uncertain and not error.signing_in


#: The first that fits is taken: TLS and the like come before what they are kinds of.
_ADVICE: dict[type[XapiError], str] = {
    errors.SignInFailed: "Check {credentials}.",
    errors.Forbidden: "{who} is not allowed to do this: give it a role with this right in the department of the "
    "object, or check the licence.",
    errors.NotFound: "{missing}",
    errors.PreconditionFailed: "Read it again with {info}, then retry.",
    errors.PreconditionRequired: "Set if_match to the etag that {info} returns, or to '*' for any version.",
    errors.Conflict: "Read it again with {info}, then retry.",
    errors.RateLimited: "The PBX is busy: try again later, or with fewer forks.",
    errors.ValidationFailed: "Correct the value and run the task again.",
    errors.ServerError: "The PBX, or a proxy in front of it, has failed: see its log.",
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
