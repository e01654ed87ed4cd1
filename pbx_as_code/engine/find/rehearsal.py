"""Objects that the earlier tasks of a run in check mode would have created.

On an empty PBX every task of a play in check mode refers to something that does not exist yet. Warning of each such
name hides the one that is misspelt. So the tasks of one run note what they would create: references to that are silent
after one summary, and others are told apart from them.

Ansible forks a process for each task. They share a file without a name that the
controller opened (see start); it ends with the run. Programs have no such run: their tasks warn one by one.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

from pbx_as_code.description import EntityDescription, Reference
from pbx_as_code.engine.find.knowledge import value

try:
    import fcntl
except ImportError:  # no Ansible controller runs there
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from pbx_as_code.engine.task import EntityTask

#: Properties by which references name an object; see the catalogue.
_NAMES = ("Number", "Name", "Id", "Gateway/Name", "PromptSetName", "FriendlyName", "Folder")
_SAID = "said"
_SHOWN = 10
"""Objects that a summary names."""
_LARGEST = 16 << 20
"""Bytes of notes that are read."""

_file: list[BinaryIO] = []


def start() -> None:
    """Begin a run: processes forked from this one share their notes."""
    if not _file and fcntl is not None:
        with contextlib.suppress(OSError):  # where there is no place for it, every task warns by itself
            made: BinaryIO = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 see stop
            flags = fcntl.fcntl(made.fileno(), fcntl.F_GETFL)
            fcntl.fcntl(made.fileno(), fcntl.F_SETFL, flags | os.O_APPEND)
            _file.append(made)


def stop() -> None:
    """Forget the run."""
    while _file:
        _file.pop().close()


def note(task: EntityTask, body: Mapping[str, Any]) -> None:
    """Note that a task in check mode would create an object.

    Parameters:
        task: in check mode
        body: that would be sent, with names instead of ids
    """
    if not _file:
        return
    about: EntityDescription = task.description
    keys = {key.name for key in about.keys if not key.name.endswith("Id")}
    names = {name: str(held) for name in (*_NAMES, *keys) if isinstance(held := value(body, name), str | int) and held}
    shown = next((names[name] for name in ("Number", "Name", *sorted(names)) if name in names), "")
    _append({"pbx": task.pbx, "set": about.entity_set, "what": f"{about.label} {shown}".strip(), "names": names})


def expected(pbx: str, reference: Reference, text: str) -> tuple[bool, str | None]:
    """Whether an earlier task would have created what a name means, and the summary where this is the first such name.

    Parameters:
        pbx: its URL
        reference: to what
        text: the name
    """
    notes = [one for one in _notes() if one.get("pbx") == pbx]
    found = any(
        (one.get("set") == reference.entity_set or (reference.entity_set == "Peers" and "Number" in one["names"]))
        and text in one["names"].values()
        for one in notes
        if "names" in one
    )
    if not found:
        return False, None
    if any(_SAID in one for one in notes):
        return True, None
    _append({"pbx": pbx, _SAID: True})
    made = list(dict.fromkeys(one["what"] for one in notes if "what" in one))
    more = f" and {len(made) - _SHOWN} more" if len(made) > _SHOWN else ""
    return True, (
        f"Check mode: earlier tasks of this run would create objects that do not exist on {pbx} yet: "
        f"{', '.join(made[:_SHOWN])}{more}. References to such objects are taken as valid, here and in later tasks."
    )


def _append(entry: Mapping[str, Any]) -> None:
    line = json.dumps(entry).encode() + b"\n"
    with contextlib.suppress(OSError):
        os.write(_file[0].fileno(), line)  # opened to append: a line is whole, whoever else writes


def _notes() -> Iterator[dict[str, Any]]:
    if not _file:
        return
    try:
        content = os.pread(_file[0].fileno(), _LARGEST, 0)
    except OSError:
        return
    for line in content.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            yield entry
