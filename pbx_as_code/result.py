"""Result of one call that makes an object be as given, or that removes it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from pbx_as_code.engine.report.results import diff, entity, to_be_created

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pbx_as_code.description import Description
    from pbx_as_code.engine.report.results import Outcome


_SHOWN: Final = ("changed", "before", "after", "diff", "warnings")


class Result:
    """Result for one object or for settings.

    Its states are converted when they are first asked for: who changes thousands of objects rarely looks at them.

    Attributes:
        changed: whether anything was changed, or would be
        warnings: warnings about things that did not fail
    """

    def __init__(self, shown: Description, outcome: Outcome, warnings: Iterable[str], *, check: bool) -> None:
        """`Pbx` makes them.

        Parameters:
            shown: what is shown of the object or settings
            outcome: what was done
            warnings: about things that did not fail
            check: whether it was only looked at
        """
        self.changed = outcome.changed
        self.warnings = list(warnings)
        self._outcome = outcome
        self._shown = shown
        self._would_be_new = check and outcome.changed and outcome.before is None

    @cached_property
    def before(self) -> dict[str, Any] | None:
        """As it was; None where it was not there."""
        return None if self._outcome.before is None else entity(self._shown, self._outcome.before)

    @cached_property
    def after(self) -> dict[str, Any] | None:
        """As it is, or would be; None where it is not there any more. A value that the PBX will assign to a new object
        is None.
        """
        if self._outcome.after is None:
            return None
        return (to_be_created if self._would_be_new else entity)(self._shown, self._outcome.after)

    @cached_property
    def diff(self) -> dict[str, dict[str, Any]]:
        """`before` and `after` with only what differs between them; empty where nothing changed. Credentials are not
        shown.
        """
        if not self.changed:
            return {}
        return diff(self._shown, self._outcome, self.before, None if self._would_be_new else self.after)

    def __getstate__(self) -> dict[str, Any]:
        """Return the displayed states, for copies and pickle: the object as the PBX answered it holds credentials."""
        return {name: getattr(self, name) for name in _SHOWN}

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in _SHOWN)
        return f"Result({', '.join(shown)})"
