"""Questions that only writing answers, asked of a department, a user and holidays that exist for that only."""

from __future__ import annotations

from typing import Any, Final

from pbx_as_code.doctor.findings import Examination
from pbx_as_code.doctor.marked import MARK
from pbx_as_code.doctor.reading import HIDDEN, Reading, _leaves
from pbx_as_code.doctor.wire import Answer, Wire

# A number of the range that is reserved for fiction, and an address that no mail can reach.
_NUMBER: Final = "+15550100"
_ADDRESS: Final = "Probe@Example.invalid"
#: A day that is over, so that a holiday that holds for everybody closes nothing.
_DAY: Final = {
    "Year": 2001, "Month": 2, "Day": 3, "YearEnd": 2001, "MonthEnd": 2, "DayEnd": 3, "IsRecurrent": False,
}  # fmt: skip


class ProbeFailed(Exception):
    """The objects to probe with cannot be created; the message says which and why."""


class Writing:
    """The marked department with its user, and the questions asked of them."""

    def __init__(self, wire: Wire, found: Examination, reading: Reading, tag: str) -> None:
        """Something to ask, and a place for the answers.

        Parameters:
            wire: to the PBX, with a client that may write
            found: receives findings
            reading: has looked before
            tag: distinguishes this run from others in names
        """
        self._wire, self._found, self._reading, self._tag = wire, found, reading, tag
        self._strict = False
        self._headers: dict[str, str] = {}
        self.department: dict[str, Any] = {}
        self._user: dict[str, Any] = {}

    def look(self) -> None:
        """Create a department and a user, and answer every question they can answer.

        Raises:
            ProbeFailed: one of them cannot be created
            XapiError: the PBX gives no answer
        """
        self.department = self._made("Groups", {"Name": f"{MARK} {self._tag}"}, "department")
        number = self._wire.get("/Users/Pbx.GetFirstAvailableExtensionNumber()").body or {}
        self._user = self._made(
            "Users",
            {
                "Number": number.get("Number"), "FirstName": MARK, "LastName": f"probe {self._tag}", "Enabled": False,
                "Mobile": "", "Groups": [{"GroupId": self.department["Id"]}],
            },
            "user",
        )  # fmt: skip
        self._if_match()
        self._texts()
        self._hours()
        self._favourites()
        self._holidays()

    def _made(self, entity_set: str, row: dict[str, Any], what: str) -> dict[str, Any]:
        answer = self._wire.ask("POST", f"/{entity_set}", row)
        if not answer.good or not isinstance(answer.body, dict) or "Id" not in answer.body:
            advice = " Use a client whose role may, such as system_owners." if answer.status in (401, 403) else ""
            raise ProbeFailed(f"A {what} to probe with cannot be created: the PBX answered {answer.status}.{advice}")
        return dict(answer.body)

    def _change(self, entity_set: str, key: int, changes: dict[str, Any]) -> Answer:
        return self._wire.ask("PATCH", f"/{entity_set}({key})", changes, headers=self._headers)

    def _if_match(self) -> None:
        key = self._user["Id"]
        bare = self._change("Users", key, {"LastName": f"probe {self._tag}."})
        refused = bare.status == 428
        self._found.note("require-if-match", refused, f"A change without If-Match was answered {bare.status}.")
        if refused:
            self._headers = {"If-Match": "*"}

    def _texts(self) -> None:
        for trait, sent, stored in (("empty-as-null", "", None), ("null-as-empty", None, "")):
            changed = self._change("Users", self._user["Id"], {"Mobile": sent})
            row = self._row()
            present: bool | None
            if not changed.good:
                present, evidence = None, f"The change was answered {changed.status}."
            elif "Mobile" in row:
                present, evidence = (
                    row["Mobile"] == stored,
                    f"It is shown as {'text' if row['Mobile'] == '' else 'null'}.",
                )
            else:
                # A text that is not shown is null, unless this PBX leaves out empty text as well.
                hidden = self._found.has("omit-zeros") is not False
                present, evidence = (None if hidden else stored is None), "It is not shown afterwards."
            self._found.note(trait, present, evidence)
        for trait, name, sent in (("drop-plus", "Mobile", _NUMBER), ("lower-case-emails", "EmailAddress", _ADDRESS)):
            changed = self._change("Users", self._user["Id"], {name: sent})
            kept = self._row().get(name)
            other = sent.removeprefix("+") if name == "Mobile" else sent.lower()
            known = changed.good and kept in (sent, other)
            said = "as it was sent" if kept == sent else "in another form"
            evidence = f"It was stored {said}." if known else f"The change was answered {changed.status}."
            self._found.note(trait, kept == other if known else None, evidence)

    def _hours(self) -> None:
        key = self.department["Id"]

        def hours(start: str, stop: str) -> Answer:
            period = {"DayOfWeek": "Monday", "Start": start, "Stop": stop}
            return self._change("Groups", key, {"Hours": {"Type": "OfficeHours", "Periods": [period]}})

        short, full = hours("09:00", "17:00"), hours("09:00:00", "17:00:00")
        known = full.good
        evidence = f"It was answered {short.status}, with seconds {full.status}."
        self._found.note("refuse-hhmm", short.status == 400 if known else None, evidence)
        found = [row for row in self._wire.all("/Groups", filter=f"Id eq {key}") if row.get("Id") == key]
        self._reading.note_times([leaf for row in found for leaf in _leaves(row.get("Hours"))])

    def _favourites(self) -> None:
        exist = any(str(row.get("Name") or "").startswith(HIDDEN) for row in self._reading.samples["Groups"])
        if not exist:
            for trait in ("favourites-kept", "favourites-dropped"):
                self._found.note(trait, None, "There are no hidden departments of favourites.")
            return
        hidden = self._wire.ask("POST", "/Groups", {"Name": f"{HIDDEN}{MARK} {self._tag}"})
        kept: bool | None = None
        if hidden.good:
            ids = [self.department["Id"], hidden.body["Id"]]
            both = self._change("Users", self._user["Id"], {"Groups": [{"GroupId": one} for one in ids]})
            if both.good and hidden.body["Id"] in self._groups():
                self._change("Users", self._user["Id"], {"Groups": [{"GroupId": ids[0]}]})
                kept = hidden.body["Id"] in self._groups()
        evidence = "A hidden department was left out of a change." if kept is not None else "None could be created."
        self._found.note("favourites-kept", kept, evidence)
        self._found.note("favourites-dropped", None if kept is None else not kept, evidence)

    def _groups(self) -> list[int]:
        key = self._user["Id"]
        rows = self._wire.get("/Users", filter=f"Number eq '{self._user['Number']}'", expand="Groups").rows
        found = rows[0].get("Groups") if rows else self._wire.get(f"/Users({key})/Groups").rows
        return [one["GroupId"] for one in found or ()]

    def _row(self) -> dict[str, Any]:
        rows = self._wire.get("/Users", filter=f"Number eq '{self._user['Number']}'").rows
        return next((row for row in rows if row.get("Id") == self._user["Id"]), {})

    def _holidays(self) -> None:
        name = f"{MARK} {self._tag}"
        bare = self._wire.ask("POST", "/Holidays", {"Name": f"{name} bare", **_DAY})
        row = {"Name": name, "Group": self.department["Number"], **_DAY}
        first = self._wire.ask("POST", "/Holidays", row)
        evidence = f"Without a department it was answered {bare.status}, with one {first.status}."
        needed = True if first.good and not bare.good else False if bare.good else None
        self._found.note("holiday-needs-group", needed, evidence)
        if not first.good:
            self._found.note("duplicate-holiday-500", None, evidence)
            return
        second = self._wire.ask("POST", "/Holidays", row)
        known = second.status in (201, 200, 400, 409, 500)
        evidence = f"The second was answered {second.status}."
        self._found.note("duplicate-holiday-500", second.status == 500 if known else None, evidence)
