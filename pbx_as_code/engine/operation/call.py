"""A call of one operation, as far as messages about it are concerned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from threecx_xapi.record import Record

from pbx_as_code.engine.connection import Connection

if TYPE_CHECKING:
    from threecx_xapi.index import Described


class Call(Record):
    """See failures.Attempted."""

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
    def failed(self) -> str:
        """The operation, or the reading of its object, failed."""
        if self.reading:
            return f"The object of operation {self.described.id} could not be read on {self.pbx}"
        return f"Operation {self.described.id} could not be called on {self.pbx}"

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return not (self.reading or self.described.reads)

    @property
    def was_read(self) -> bool:
        """Nothing is read before an operation is called."""
        return False

    @property
    def reader(self) -> str:
        """The operation that reads its object."""
        reader = self.described.reader
        return f"operation {reader.id}" if reader else "threecx_operation"

    @property
    def missing(self) -> str:
        """Either the object is not there, or the operation is not."""
        if self.described.path_parameters:
            return (
                "The object named by the parameters does not exist, or the PBX does not offer "
                f"{self.described.id} here: check the parameters, its release, its licence (XAPI needs Enterprise) and "
                f"the role of {self.connection.who}."
            )
        return (
            f"The PBX does not offer {self.described.id} here: check the parameters, its release, its licence (XAPI "
            f"needs Enterprise) and the role of {self.connection.who}."
        )

    @property
    def removes(self) -> bool:
        """A refused call is explained by the PBX alone."""
        return False

    @property
    def creates(self) -> bool:
        """A refused call is explained by the PBX alone."""
        return False

    @property
    def in_doubt(self) -> str:
        """Advice for a write with an unknown outcome."""
        if self.described.reader:
            return f"It is not known whether it was called: look with {self.reader} before you call it again."
        return "It is not known whether it was called: look before you call it again."
