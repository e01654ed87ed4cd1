"""Questions that reading answers. No request asks for more than a page, and none for history without a single day."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from pbx_as_code.doctor.findings import Access, Examination
from pbx_as_code.doctor.wire import PAGE, Answer, Wire

Row: TypeAlias = dict[str, Any]

HIDDEN: Final = "___FAVORITES___"
_SAMPLED: Final = ("Groups", "Users", "Queues", "RingGroups", "Receptionists", "Trunks", "Holidays", "OutboundRules")
_SAMPLED_SETTINGS: Final = ("SystemStatus", "OfficeHours", "MailSettings", "AntiHackingSettings")
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?")
_MIDNIGHT: Final = frozenset({"00:00", "00:00:00", "00:00:00.0000000"})
#: Enough values that a property which is null, or zero, would be among them.
_MANY: Final = 60
_NOT_THERE: Final = "There is nothing to tell by."


class Reading:
    """One look at a PBX; samples are read once."""

    def __init__(self, wire: Wire, found: Examination) -> None:
        """Something to ask, and a place for the answers.

        Parameters:
            wire: to the PBX
            found: receives findings
        """
        self._wire = wire
        self._found = found
        self.samples: dict[str, list[Row]] = {}
        self._etag_seen = False

    def look(self) -> None:
        """Answer every question that reading can answer.

        Raises:
            XapiError: the PBX gives no answer
        """
        self._take_samples()
        self._values()
        self._departments()
        self._keys()
        for ask in (self._pages, self._sets, self._expands, self._queries, self._history, self._hidden_objects):
            ask()
        without = None if not any(self.samples.values()) else not self._etag_seen
        self._found.note("no-etags", without, _of(self._etag_seen, "An ETag", "answers"))

    def _take_samples(self) -> None:
        for name in _SAMPLED:
            self.samples[name] = self._seen(self._wire.get(f"/{name}", top=str(PAGE))).rows
        for name in _SAMPLED_SETTINGS:
            body = self._seen(self._wire.get(f"/{name}")).body
            self.samples[name] = [body] if isinstance(body, dict) else []

    def _seen(self, answer: Answer) -> Answer:
        rows = answer.rows or ([answer.body] if isinstance(answer.body, dict) else [])
        self._etag_seen = self._etag_seen or bool(answer.etag) or any("@odata.etag" in row for row in rows)
        return answer

    def _values(self) -> None:
        leaves = [leaf for rows in self.samples.values() for row in rows for leaf in _leaves(row)]
        enough = len(leaves) >= _MANY
        for trait, absent, what in (
            ("omit-nulls", lambda leaf: leaf is None, "A null"),
            ("omit-zeros", _is_zero, "A zero or an empty text"),
        ):
            seen = any(map(absent, leaves))
            self._found.note(trait, not seen if seen or enough else None, _of(seen, what, f"{len(leaves)} values"))
        self.note_times(leaves)

    def note_times(self, leaves: list[Any]) -> None:
        """Answer how times of day look.

        Parameters:
            leaves: values, some of which may be times of day
        """
        times = [leaf for leaf in leaves if isinstance(leaf, str) and _TIME.fullmatch(leaf)]
        long = any(time.partition(".")[2] for time in times)
        self._found.note("seven-decimals", long if times else None, _of(long, "A decimal", f"{len(times)} times"))

    def _departments(self) -> None:
        default = next((row for row in self.samples["Groups"] if row.get("IsDefault")), None)
        if default is None:
            self._found.note("default-grp0000", None, "The default department is not shown.")
        else:
            same = default.get("Number") == "GRP0000"
            self._found.note("default-grp0000", same, "The default department was looked at.")
        memberships = self._memberships()
        named = any(one.get("MemberName") for one in memberships)
        evidence = _of(named, "The name of a member", f"{len(memberships)} memberships")
        self._found.note("membership-rows", named if memberships else None, evidence)

    def _memberships(self) -> list[Row]:
        users = self._wire.get("/Users", top="5", expand="Groups")
        found = [one for user in users.rows for one in user.get("Groups") or ()]
        for user in () if found else self.samples["Users"][:5]:
            found += self._wire.get(f"/Users({user['Id']})/Groups").rows
        return found

    def _keys(self) -> None:
        tried = missing = 0
        for name in ("Groups", "Users", "Queues", "RingGroups", "Holidays"):
            for row in self.samples[name][:1]:
                answer = self._seen(self._wire.get(f"/{name}({row['Id']})"))
                tried += answer.good or answer.status == 404
                missing += answer.status == 404
        self._found.note("no-read-by-key", missing > 0 if tried else None, f"{missing} of {tried} reads answered 404.")

    def _pages(self) -> None:
        self._status("refuse-large-top", self._wire.get("/Groups", top=str(PAGE + 1)), yes=(400,), no=(200,))

    def _sets(self) -> None:
        self._status("any-case-sets", self._wire.get("/groups", top="1"), yes=(200,), no=(404, 400))
        self._status("service-document", self._wire.get("/"), yes=(200,), no=(404, 400))

    def _expands(self) -> None:
        one = self._status(
            "refuse-expand", self._wire.get("/Users", top="1", expand="Groups"), yes=(400,), no=(200,)
        )  # fmt: skip
        if one.good:
            two = self._wire.get("/Users", top="1", expand="Groups,ForwardingProfiles")
            self._status("refuse-two-expands", two, yes=(400,), no=(200,))
            nested = self._wire.get("/Users", top="1", expand="Groups($select=GroupId;)")
            self._status("trailing-semicolon", nested, yes=(200,), no=(400, 404, 500))
        else:
            for trait in ("refuse-two-expands", "trailing-semicolon"):
                self._found.note(trait, None, f"A single $expand was answered {one.status}.")

    def _queries(self) -> None:
        answer = self._wire.get("/Queues", top="1", select="HolidaysRoute/Prompt")
        self._status("select-paths", answer, yes=(200,), no=(400, 404, 500))

    def _history(self) -> None:
        """The filter admits one day only, so that no build reads much; the comparison is what some builds refuse."""
        now = datetime.now(UTC)
        day = f"date(SegmentStartTime) eq {now:%Y-%m-%d} and SegmentStartTime ge {now:%Y-%m-%dT00:00:00Z}"
        answer = self._wire.get("/CallHistoryView", top="1", filter=day)
        self._status("history-needs-filter", answer, yes=(500,), no=(200,))

    def _hidden_objects(self) -> None:
        status = next(iter(self.samples["SystemStatus"]), {})
        told = status.get("TrunksTotal")
        if told is None:
            self._found.note("hidden-objects", None, "The PBX does not say how many trunks there are.")
            return
        listed = sum(1 for _ in self._wire.all("/Trunks", select="Id"))
        hidden = listed < int(told)
        self._found.note(
            "hidden-objects", hidden, f"The PBX counts {'more' if hidden else 'no more'} trunks than listed."
        )

    def _status(self, trait: str, answer: Answer, *, yes: tuple[int, ...], no: tuple[int, ...]) -> Answer:
        present = True if answer.status in yes else False if answer.status in no else None
        self._found.note(trait, present, f"The request was answered {answer.status}.")
        return answer


def access(wire: Wire, found: Examination, noticed: Callable[[str], None]) -> None:
    """Ask for one object of every kind, and for all settings.

    Parameters:
        wire: to the PBX
        found: receives the answers
        noticed: is called with each kind before it is asked for

    Raises:
        XapiError: the PBX gives no answer
    """
    from pbx_as_code.description import EntityDescription
    from pbx_as_code.entities import NAMES, description

    for name in sorted(NAMES):
        about = description(name)
        if isinstance(about, EntityDescription):
            if about.listed_by or about.entity_set in _HEAVY:
                continue
            path, params = f"/{about.entity_set}", {"top": "1"}
        else:
            if about.action is not None:
                continue
            path, params = f"/{about.singleton}", {}
        noticed(name)
        found.access.append(Access(name, wire.get(path, **params).status))


#: Views that can take down the database of a PBX.
_HEAVY: Final = frozenset({"CallHistoryView", "ChatHistoryView", "ChatMessagesHistoryView"})


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if not name.startswith("@"):
                yield from _leaves(inner)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _is_zero(leaf: Any) -> bool:
    if isinstance(leaf, str):
        return not leaf or leaf in _MIDNIGHT
    return not isinstance(leaf, bool) and leaf == 0


def _of(seen: bool, what: str, among: str) -> str:
    return f"{what} is among {among}." if seen else f"No {what.split(' ', 1)[1]} is among {among}."
