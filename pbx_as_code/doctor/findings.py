"""Findings about a PBX: one for each trait by which builds differ, with advice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple


class Question(NamedTuple):
    """One way in which builds of the PBX differ.

    Attributes:
        asks: the question, for people
        advice: what to mind if the answer is yes; empty if there is nothing to mind
    """

    asks: str
    advice: str = ""


#: By the name of the trait, which the simulator has too.
QUESTIONS: Final[dict[str, Question]] = {
    "no-etags": Question(
        "Are ETags missing?",
        "Changes that two machines make to one object at the same time can be lost. Write from one machine.",
    ),
    "omit-nulls": Question("Are properties that are null left out?"),
    "omit-zeros": Question("Are zero and empty text left out?"),
    "seven-decimals": Question("Do times of day have seven decimals?"),
    "membership-rows": Question("Do memberships of departments name the member?"),
    "default-grp0000": Question("Is GRP0000 the number of the default department?"),
    "require-if-match": Question(
        "Is a change without If-Match refused?", "Programs of your own must send the ETag with each change."
    ),
    "refuse-hhmm": Question("Is a time without seconds refused?", "Programs of your own must send 09:00:00."),
    "refuse-large-top": Question("Is a $top above 100 refused?", "Programs of your own must read pages of 100 rows."),
    "no-read-by-key": Question(
        "Are some objects not found by their key?", "Programs of your own must use lists with a filter."
    ),
    "history-needs-filter": Question(
        "Does the call history fail with date-times?", "Use date(SegmentStartTime) and a few days, never all of it."
    ),
    "any-case-sets": Question("Are entity sets found in any case?"),
    "trailing-semicolon": Question("May a semicolon end nested query options?"),
    "select-paths": Question("Can a $select name a property of a structure?"),
    "service-document": Question("Is there a service document?"),
    "refuse-expand": Question("Is every $expand refused?", "Departments of members cannot be read with their members."),
    "refuse-two-expands": Question("Are two expanded properties refused?", "Reading takes more requests."),
    "empty-as-null": Question("Is empty text stored as null?"),
    "null-as-empty": Question("Is a text that is null stored as empty text?"),
    "drop-plus": Question(
        "Is the + of telephone numbers dropped?", "Write numbers as this PBX stores them, to avoid notes in results."
    ),
    "lower-case-emails": Question("Are email addresses stored in lower case?"),
    "favourites-kept": Question("Are hidden departments of favourites kept by a change that omits them?"),
    "favourites-dropped": Question(
        "Are hidden departments of favourites dropped by a change that omits them?",
        "Programs of your own must send hidden departments back, or users lose their favourites.",
    ),
    "holiday-needs-group": Question("Does a holiday need a department?"),
    "duplicate-holiday-500": Question(
        "Does a second holiday of one name fail?", "Put the year into the names of holidays."
    ),
    "stale-token-403": Question("Does an old token answer 403?"),
    "roles-with-next-token": Question(
        "Does a changed role count from the next sign-in on?", "Sign in again after a change of the client's role."
    ),
    "missing-rights-401": Question("Do missing rights answer 401?", "A 401 need not mean a wrong secret."),
    "hidden-objects": Question(
        "Are there objects that this client cannot see?",
        "Their numbers are in use although nothing shows them. Give the client the role system_owners.",
    ),
}

#: The traits that the simulator assumes by default: its set as-seen.
ASSUMED: Final = frozenset(
    {
        "any-case-sets", "default-grp0000", "duplicate-holiday-500", "favourites-dropped", "history-needs-filter",
        "holiday-needs-group", "membership-rows", "no-etags", "null-as-empty", "omit-nulls", "refuse-hhmm",
        "refuse-large-top", "roles-with-next-token", "select-paths", "service-document", "seven-decimals",
        "trailing-semicolon",
    }
)  # fmt: skip


class Finding(NamedTuple):
    """The answer to one question.

    Attributes:
        trait: its name
        present: whether this PBX has it; None if that is not known
        evidence: what shows it, or why it is not known; free of names, numbers and secrets
    """

    trait: str
    present: bool | None
    evidence: str


class Access(NamedTuple):
    """Whether the client may read one kind of objects or settings.

    Attributes:
        kind: its name in files, such as user
        status: HTTP status of the answer
    """

    kind: str
    status: int


@dataclass
class Examination:
    """Everything that was found out about one PBX.

    Attributes:
        release: of 3CX, None if the PBX does not say
        token_lifetime: seconds an access token lives, None if not known
        findings: by trait
        access: of each kind that was asked for
        left_over: sentences about marked objects that are still there
        probed: whether objects were created and removed
        requests: number of requests that were sent
    """

    release: str | None = None
    token_lifetime: int | None = None
    findings: dict[str, Finding] = field(default_factory=dict)
    access: list[Access] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)
    probed: bool = False
    requests: int = 0

    def note(self, trait: str, present: bool | None, evidence: str) -> None:
        """Record an answer. One that is known is not replaced by one that is not.

        Parameters:
            trait: its name
            present: whether this PBX has it, None if not known
            evidence: see Finding
        """
        known = self.findings.get(trait)
        if known is None or known.present is None or present is not None:
            self.findings[trait] = Finding(trait, present, evidence)

    def has(self, trait: str) -> bool | None:
        """Whether this PBX has a trait, as far as it is known."""
        found = self.findings.get(trait)
        return found.present if found else None

    @property
    def traits(self) -> list[str]:
        """Names of the traits that this PBX has, in the order of the questions."""
        return [trait for trait in QUESTIONS if self.has(trait)]

    @property
    def unknown(self) -> list[str]:
        """Names of the traits that could not be determined."""
        return [trait for trait in QUESTIONS if self.has(trait) is None]
