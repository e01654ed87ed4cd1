"""Comments in files that ignore a finding: `# lint: ignore RULE reason`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from pbx_as_code.callflow.lint.findings import Finding
from pbx_as_code.config.nodes import Place

_COMMENT: Final = re.compile(r"#\s*lint:\s*ignore\b\s*(?P<rule>[\w-]*)\s*(?P<reason>.*)$")


class Comment(NamedTuple):
    """A comment that ignores a rule.

    Attributes:
        place: of the comment
        rule: id of the rule; empty if it names none
        reason: why it is ignored; empty if it gives none
    """

    place: Place
    rule: str
    reason: str


class Comments:
    """The comments of a directory, found when a file is first asked for."""

    def __init__(self, directory: Path | None) -> None:
        """Comments of files.

        Parameters:
            directory: of the files; None for a PBX, which has no comments. A place in a layer names its own
        """
        self._directory = directory
        self._lines: dict[tuple[str, str], Sequence[str]] = {}

    def reason(self, finding: Finding, place: Place | None) -> str | None:
        """Reason to ignore a finding; None if it is not ignored.

        Parameters:
            finding: the finding
            place: of the object that has it
        """
        for where in (finding.place, place):
            if where is not None and where.line:
                for comment in self._at(where):
                    if comment.rule == finding.rule and comment.reason:
                        return comment.reason
        return None

    def wrong(self, files: Sequence[Place], known: Mapping[str, object]) -> Iterator[tuple[Place, str]]:
        """Comments that ignore nothing, because they name no rule or give no reason.

        Parameters:
            files: the first place of each file
            known: rules by id
        """
        for file in files:
            for number, line in enumerate(self._of(file), 1):
                comment = _comment(file._replace(line=number), line)
                if comment is None:
                    continue
                if comment.rule not in known:
                    named = f"There is no rule {comment.rule}." if comment.rule else "It names no rule."
                    yield comment.place, f"{named} threecx lint --rules lists them."
                elif not comment.reason:
                    yield comment.place, f"It gives no reason. Write: # lint: ignore {comment.rule} REASON"

    def _at(self, place: Place) -> Iterator[Comment]:
        """Comments on the line of a place, and on the comment lines right above it."""
        lines = self._of(place)
        number = place.line
        while 0 < number <= len(lines):
            comment = _comment(place._replace(line=number), lines[number - 1])
            if comment is not None:
                yield comment
            number -= 1
            if number < 1 or not lines[number - 1].lstrip().startswith("#"):
                return

    def _of(self, place: Place) -> Sequence[str]:
        key = (place.layer, place.file)
        if key not in self._lines:
            self._lines[key] = self._read(place)
        return self._lines[key]

    def _read(self, place: Place) -> Sequence[str]:
        if self._directory is None:
            return ()
        named = Path(place.layer) if place.layer else self._directory
        base = named if named.is_dir() else named.parent
        try:
            return (base / place.file).read_text(encoding="utf-8-sig", errors="replace").split("\n")
        except OSError:
            return ()


def _comment(place: Place, line: str) -> Comment | None:
    found = _COMMENT.search(line)
    if found is None:
        return None
    return Comment(place._replace(column=found.start() + 1), found["rule"], found["reason"].strip())
