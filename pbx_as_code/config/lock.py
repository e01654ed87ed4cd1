"""The file threecx.lock: names of the objects that the files of a directory created or adopted. It holds no values."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pbx_as_code.config.configuration import Identity, as_identity
from pbx_as_code.config.kinds import KINDS, SECTIONS
from pbx_as_code.config.nodes import ConfigError, Place, Problem

LOCK_FILE: Final = "threecx.lock"
JOURNAL_FILE: Final = ".threecx-journal.jsonl"
"""Journal of an apply, in the directory of the files; hidden, so that it is none of them."""
_VERSION: Final = 1
Owned = tuple[str, Identity]
"""Name of a kind, and an identity within it."""


@dataclass
class Lock:
    """Objects that files own on one PBX."""

    identity: str = ""
    """Name that tells the PBX from others, see `Plan.identity`."""
    owned: set[Owned] = field(default_factory=set)


def home(last: Path) -> Path:
    """Directory that keeps the lock and the journal of files.

    Parameters:
        last: their last layer, a directory or one file
    """
    return last.parent if last.is_file() else last


def read_lock(directory: Path) -> Lock:
    """The lock of a directory; an empty one where there is no file.

    Raises:
        ConfigError: the file or the journal cannot be read, or the file cannot be understood
    """
    path = directory / LOCK_FILE
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        if said["version"] != _VERSION:
            raise _wrong(f"It is of version {said['version']}; this release of threecx reads version {_VERSION}.")
        owned = begun(directory) | {
            (SECTIONS[section].name, as_identity(one))
            for section, identities in said["owned"].items() if section in SECTIONS
            for one in identities
        }  # fmt: skip
        return Lock(str(said["pbx"]), owned)
    except FileNotFoundError:
        return Lock("", begun(directory))
    except OSError as error:  # not damaged: nobody should delete it for this
        raise _unreadable(LOCK_FILE, error) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _wrong("It was edited. Restore it from version control, or delete it to own nothing.") from None


def begun(directory: Path) -> set[Owned]:
    """Objects whose creation an interrupted apply had begun: if they are there, they are of these files.

    Parameters:
        directory: of the files, with the journal of the apply

    Raises:
        ConfigError: the journal cannot be read
    """
    return {
        (line["kind"], tuple(line["identity"]))
        for line in journal_lines(directory)
        if "begun" in line and line["doing"] == "create" and line["kind"] in KINDS
    }


def journal_lines(directory: Path) -> list[dict[str, Any]]:
    """The journal that an interrupted apply has left in a directory; empty if there is none.

    Raises:
        ConfigError: it cannot be read; without it, nobody knows what the apply created
    """
    try:
        texts = (directory / JOURNAL_FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _unreadable(JOURNAL_FILE, error) from None
    lines = []
    for text in texts:
        with suppress(ValueError):  # the last line of a process that was killed
            line = json.loads(text)
            if isinstance(line, dict) and ("apply" in line or _about_operation(line)):
                lines.append(line)
    return lines


def _about_operation(line: dict[str, Any]) -> bool:
    return isinstance(line.get("identity"), list) and {"doing", "kind"} <= line.keys()


def write_lock(directory: Path, lock: Lock) -> None:
    """Write the lock of a directory: all of it or nothing, sorted, so that version control shows what changed.

    Raises:
        OSError: it cannot be written, and is as it was
    """
    owned: dict[str, list[list[Any]]] = {}
    for kind, identity in sorted(lock.owned, key=lambda one: (one[0], _sortable(one[1]))):
        owned.setdefault(KINDS[kind].section, []).append(list(identity))
    lines = [
        f"  {json.dumps(section)}: [\n"
        + ",\n".join(f"   {json.dumps(one, ensure_ascii=False)}" for one in identities)
        + "\n  ]"
        for section, identities in sorted(owned.items())
    ]
    text = (
        f'{{\n "version": {_VERSION},\n "pbx": {json.dumps(lock.identity)},\n "owned": {{\n'
        + ",\n".join(lines)
        + "\n }\n}\n"
    )
    path = directory / LOCK_FILE
    beside = path.with_name(f".{LOCK_FILE}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from None  # the name that the user knows


def _sortable(identity: Identity) -> list[tuple[int, int, str]]:
    texts = ["" if part is None else str(part) for part in identity]
    return [(0, int(text), "") if text.isascii() and text.isdigit() else (1, 0, text) for text in texts]


def _unreadable(name: str, error: OSError) -> ConfigError:
    return ConfigError([Problem(Place(name, 1, 1), f"It cannot be read: {error.strerror}.")])


def _wrong(message: str) -> ConfigError:
    return ConfigError([Problem(Place(LOCK_FILE, 1, 1), message)])
