"""Whether a PBX is at rest, so that objects may be created and removed on it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from threecx_xapi.errors import XapiError

from pbx_as_code.callflow import from_configuration
from pbx_as_code.callflow.build.reading import read_hours
from pbx_as_code.callflow.hours.state import State, standing
from pbx_as_code.callflow.model.departments import Department
from pbx_as_code.doctor.wire import Wire
from pbx_as_code.errors import PbxError, Unreachable

_AT_WORK: Final = frozenset({State.OPEN, State.BREAK, State.OPERATOR})


def busy(wire: Wire, now: datetime | None = None) -> list[str]:
    """Return sentences about why this is not an empty hour: calls, or a department that is open.

    Hours, holidays, breaks, time zones and what somebody set by hand count as they do for a call.

    Parameters:
        wire: to the PBX
        now: with a time zone; the present if this is None

    Raises:
        XapiError: the PBX gives no answer
        PbxError: the PBX gives no answer
    """
    found = []
    calls = wire.get("/ActiveCalls", top="1")
    if not calls.good:
        found.append(f"It is not known whether there are calls: the PBX answered {calls.status}.")
    elif calls.rows:
        found.append("There are calls.")
    moment = now or datetime.now(UTC)
    try:
        graph = from_configuration(read_hours(wire.client), taken_at=moment)
    except Unreachable:
        raise
    except (PbxError, XapiError) as error:
        return [*found, f"It is not known whether a department is open: {error}"]
    if any(standing(graph, one, moment).state in _AT_WORK for one in graph.of(Department)):
        found.append("A department is open now.")
    return found
