"""Error answers of the PBX: the OData form everywhere below /xapi/v1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

REQUIRED = "WARNINGS.XAPI.REQUIRED"
NOT_FOUND = "WARNINGS.XAPI.NOT_FOUND"
DUPLICATE = "WARNINGS.XAPI.DUPLICATE"
ALREADY_IN_USE = "WARNINGS.XAPI.ALREADY_IN_USE"
FORBIDDEN_CHANGE = "WARNINGS.XAPI.FORBIDDEN_CHANGE"
OUT_OF_RANGE = "WARNINGS.XAPI.OUT_OF_THE_RANGE"
INVALID = "WARNINGS.INVALID"
TOO_LONG = "WARNINGS.LENGTH_NOT_MORE_255_CHARS"
NO_CONTACT_NAME = "WARNINGS.CONTACTS_SPECIFY_NAME_SURNAME_COMPANY"
INVALID_HEX = "WARNINGS.INVALID_HEX_CHARACTER"
INVALID_IP_MASK = "WARNINGS.INVALID_IP_MASK"
INVALID_PIN = "WARNINGS.XAPI.INVALID_PIN_NUMBER"
INVALID_TIMEZONE = "WARNINGS.XAPI.INVALID_TIMEZONE"
FILE_NOT_FOUND = "WARNINGS.XAPI.FILE_NOT_FOUND"
MAC_IN_USE = "WARNINGS.MAC_ADDRESS_ALREADY_IN_USE"
NON_EXISTENT_NUMBER = "WARNINGS.XAPI.NON_EXISTENT_EXT_NUMBER"
NO_MORE_NUMBERS = "WARNINGS.NO_MORE_NUMBERS_AVAILABLE"
NOT_SUPPORTED = "WARNINGS.XAPI.NOT_SUPPORTED"


@dataclass
class Refusal(Exception):
    """An answer other than success: an HTTP status and the OData error that goes with it; empty: without a body."""

    status: int
    message: str
    code: str = ""
    target: str | None = None
    detail: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    empty: bool = False

    def body(self) -> Json:
        """The error object, in the OData form."""
        details = []
        if self.detail is not None:
            details.append({"code": "", "message": self.detail, "target": self.target})
        return {
            "error": {
                "code": self.code,
                "message": self.message,
                "target": None,
                "details": details,
                "innererror": {"message": self.detail or self.message},
            }
        }


def warning(code: str, target: str | None, status: int = 400) -> Refusal:
    """A refusal with one of the document's WARNINGS codes; the message joins target and code by a newline."""
    return Refusal(status, f"{target}:\n{code}" if target else code, target=target, detail=code)


def empty_500() -> Refusal:
    """The answer of a PBX that has stumbled: it says nothing at all."""
    return Refusal(500, "", empty=True)


def unbound() -> Refusal:
    """The misleading answer to any body that does not fit the schema: there is no field called delta."""
    missing = "The delta field is required."
    return Refusal(400, f"The input was not valid.\n\ndelta:\n{missing}", target="delta", detail=missing)


def bad_query(message: str) -> Refusal:
    """A query option that cannot be read or names what is not there."""
    return Refusal(400, f"The query specified in the URI is not valid. {message}")


def no_such_resource(method: str, path: str) -> Refusal:
    """A request the document does not know; the message names it."""
    return Refusal(404, f"No resource is found for the request {method} {path}.")
