"""Points in time, as texts stand for them."""

from __future__ import annotations

import datetime
from typing import Any


def moment(text: Any) -> datetime.datetime | None:
    """What an ISO date and time stands for, in UTC where it does not say; None where it is none."""
    try:
        found = datetime.datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)
