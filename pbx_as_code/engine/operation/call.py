"""A call of one operation, as far as messages about it are concerned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pbx_as_code.engine.connection import Connection

if TYPE_CHECKING:
    from threecx_xapi.index import Described


@dataclass(frozen=True)
class Call:
    """See explain.Doing."""

    described: Described
    connection: Connection
    pbx: str
    reading: bool = False
    """The operation only reads its object."""

    @property
    def subject(self) -> str:
        """The operation, such as: operation DeleteFax."""
        return f"operation {self.described.id}"

    @property
    def verb(self) -> str:
        """It is called, or what it is about is read."""
        return "read" if self.reading else "call"

    @property
    def what(self) -> str:
        """The operation, or what it is about."""
        return f"what {self.subject} is about" if self.reading else self.subject

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return not (self.reading or self.described.reads)

    @property
    def unversioned(self) -> str:
        """Nothing was read; if_match is advised anyway."""
        return ""

    @property
    def reader(self) -> str:
        """The operation that reads what it is about."""
        reader = self.described.reader
        return f"operation {reader.id}" if reader else "threecx_operation"

    @property
    def missing(self) -> str:
        """Either what is named is not there, or the operation is not."""
        named = "The object named by the parameters does not exist, or the" if self.described.path_parameters else "The"
        return (
            f"{named} PBX does not offer {self.described.id} here: check the parameters, its release, its licence "
            f"(XAPI needs Enterprise) and the role of {self.connection.who}."
        )

    @property
    def doubt(self) -> str:
        """Nothing is read before an operation is called."""
        return (
            f"look with {self.reader} before you call it again"
            if self.described.reader
            else "look before you call it again"
        )
