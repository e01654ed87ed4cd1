"""Journal of an apply: its operations as they start and end, written to disk line by line.

A line is written before the first request of an operation and after its result is known. If the process is killed, the
operations in progress are known by name.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from threading import Lock as Mutex
from typing import IO, Any, Self

from pbx_as_code.config.lock import JOURNAL_FILE, journal_lines
from pbx_as_code.config.planning.operations import Operation


class Journal:
    """A journal that is being written; several threads may write."""

    def __init__(self, directory: Path, about: Mapping[str, Any]) -> None:
        """A journal that nothing has been written to.

        Parameters:
            directory: of the files
            about: the plan: which PBX, which digest, how many operations
        """
        self._path = directory / JOURNAL_FILE
        self._about = dict(about)
        self._file: IO[str] | None = None
        self._mutex = Mutex()

    def start(self) -> None:
        """Begin it in the place of an earlier one, before the first write of the apply.

        Raises:
            OSError: it cannot be written
        """
        self._file = self._path.open("w", encoding="utf-8")
        self._write({"apply": self._about})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def begun(self, operation: Operation) -> None:
        """Record that an operation starts."""
        self._write({"begun": operation.number, **_about(operation)})

    def ended(self, operation: Operation, state: str, why: str) -> None:
        """Record the result of an operation."""
        self._write({"ended": operation.number, **_about(operation), "state": state, "why": why})

    def complete(self) -> None:
        """Remove the journal: the apply has ended by itself, and has told the result of each operation."""
        self._path.unlink(missing_ok=True)

    def _write(self, line: Mapping[str, Any]) -> None:
        text = json.dumps(line, ensure_ascii=False, default=str)
        assert self._file is not None  # noqa: S101 nothing is begun before it
        with self._mutex:
            self._file.write(text + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())


def interrupted(directory: Path, identity: str = "") -> list[str]:
    """Operations that an interrupted apply had started and not ended; empty if no apply was interrupted.

    Parameters:
        directory: of the files, with its journal
        identity: of the PBX, see `Plan.identity`; the journal of another one, which may be at work, says nothing
    """
    lines = journal_lines(directory)
    of_pbx = next((line["apply"].get("identity") for line in lines if isinstance(line.get("apply"), dict)), None)
    if of_pbx and identity and of_pbx != identity:
        return []
    in_progress: dict[int, str] = {}
    for line in lines:
        if "begun" in line:
            in_progress[line["begun"]] = f"{line['doing']} {line['kind']} {' / '.join(map(str, line['identity']))}"
        elif "ended" in line:
            in_progress.pop(line["ended"], None)
    return list(in_progress.values()) or (["nothing was in progress"] if lines else [])


def _about(operation: Operation) -> dict[str, Any]:
    return {"doing": operation.doing.value, "kind": operation.kind, "identity": list(operation.identity)}
