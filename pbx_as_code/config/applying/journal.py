"""What an apply has begun and ended, line by line on the disk: what is left when it is killed.

A line is written before a request is sent and after its answer has come, so that whatever was in flight when the
process ended is known by name.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from threading import Lock as Mutex
from typing import IO, Any, Final, Self

from pbx_as_code.config.planning.operations import Operation

JOURNAL_FILE: Final = ".threecx-journal.jsonl"
"""In the directory of the files; hidden, so that it is none of them."""


class Journal:
    """A journal that is being written; several threads may write."""

    def __init__(self, path: Path, about: Mapping[str, Any]) -> None:
        """Begin a journal in the place of an earlier one.

        Parameters:
            path: of the file
            about: the plan: which PBX, which digest, how many operations
        """
        self._file: IO[str] = path.open("w", encoding="utf-8")
        self._mutex = Mutex()
        self._write({"apply": dict(about)})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def begun(self, operation: Operation) -> None:
        """Say that the request of an operation is about to be sent."""
        self._write({"begun": operation.number, **_about(operation)})

    def ended(self, operation: Operation, state: str, why: str) -> None:
        """Say what became of an operation."""
        self._write({"ended": operation.number, **_about(operation), "state": state, "why": why})

    def complete(self) -> None:
        """Say that nothing is left to do."""
        self._write({"complete": True})

    def _write(self, line: Mapping[str, Any]) -> None:
        text = json.dumps(line, ensure_ascii=False, default=str)
        with self._mutex:
            self._file.write(text + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())


def interrupted(path: Path) -> list[str]:
    """What an earlier apply had begun and not ended when it was interrupted, for people; empty where it was not.

    Parameters:
        path: of its journal; there may be none
    """
    open_ones: dict[int, str] = {}
    complete = True
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    for text in lines:
        try:
            line = json.loads(text)
        except ValueError:  # the last line of a process that was killed
            continue
        if "apply" in line:
            complete = False
        elif "begun" in line:
            open_ones[line["begun"]] = f"{line['doing']} {line['kind']} {' / '.join(map(str, line['identity']))}"
        elif "ended" in line:
            open_ones.pop(line["ended"], None)
        elif "complete" in line:
            complete = True
    return [] if complete else list(open_ones.values()) or ["nothing was in flight"]


def _about(operation: Operation) -> dict[str, Any]:
    return {"doing": operation.doing.value, "kind": operation.kind, "identity": list(operation.identity)}
