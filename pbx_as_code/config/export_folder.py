"""A directory that exports are written to again and again, such as one in version control.

A hidden file lists the files of the last export, and its selection. So the file of a department that is gone can be
removed, and nothing else is.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from pbx_as_code.config.loader import files_of
from pbx_as_code.config.selection import Selection
from pbx_as_code.config.spelling import counted
from pbx_as_code.config.variables import VARIABLES
from pbx_as_code.engine.report.failures import refused
from pbx_as_code.errors import BadOption

LISTED: Final = ".threecx-export"
"""File that lists the files of the last export. It is hidden, so it is not read as configuration."""
_SELECTION: Final = "# "
"""Beginning of the line with the selection of the last export; an export of everything has none."""
_EVERYTHING: Final = Selection()


def check_writable(folder: Path) -> None:
    """Refuse a directory that cannot be written or made, before a whole PBX is read in vain.

    Raises:
        PbxError: naming what is in the way
    """
    nearest = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not nearest.is_dir():
        raise BadOption(f"{nearest} is a file. Name a directory.", target="directory")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise BadOption(
            f"{nearest} cannot be written. Change its permissions, or name another directory.", target="directory"
        )


def write_new(folder: Path, files: Mapping[str, str]) -> None:
    """Write files where there are none: all of them or nothing.

    Parameters:
        folder: it is made where it is missing
        files: content by relative path

    Raises:
        PbxError: they cannot be written, and nothing is left of them
    """
    made: list[Path] = []
    try:
        for name, content in files.items():
            path = folder / name
            missing = [parent for parent in path.parents if not parent.exists()]
            for parent in reversed(missing):
                parent.mkdir()
                made.append(parent)
            made.append(path)
            path.write_bytes(content.encode())
    except OSError as error:
        for path in reversed(made):
            with suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        why = f"{error.filename or folder} cannot be written: {error.strerror}. No file was kept."
        raise BadOption(why, target="directory") from None


def store(
    folder: str | Path, files: Mapping[str, str], *, write: bool, selection: Selection = _EVERYTHING
) -> list[tuple[str, str, str]]:
    """Make a directory hold these files.

    Parameters:
        folder: it is made where it is missing
        files: content by relative path
        write: false to say only what would be written
        selection: what was exported

    Returns:
        relative path, content before and content after of each file that differs; empty for a file that is not there

    Raises:
        PbxError: the directory holds files that no export wrote, or those of another selection, or cannot be written
    """
    place = Path(folder)
    try:
        return _store(place, files, selection, write=write)
    except OSError as error:
        raise refused("dest", f"{error.filename or place} cannot be written: {error.strerror}.") from None


def _store(place: Path, files: Mapping[str, str], selection: Selection, *, write: bool) -> list[tuple[str, str, str]]:
    listing = place / LISTED
    lines = listing.read_text("utf-8").splitlines() if listing.is_file() else []
    listed = {line for line in lines if not line.startswith(_SELECTION)}
    earlier = next((line.removeprefix(_SELECTION) for line in lines if line not in listed), "")
    there = {path.relative_to(place).as_posix() for path in files_of(place)} if place.is_dir() else set()
    foreign = sorted(there - listed - set(VARIABLES))
    if foreign:
        raise refused(
            "dest",
            f"{place} holds {foreign[0]}, which no export wrote here. Name an empty directory, or one that an earlier "
            "export has written. To take changes over into the files that are there, use state=adopted.",
        )
    gone = sorted((there & listed) - files.keys())
    now = " ".join(str(selection).split())
    if gone and now and now != earlier:
        raise refused(
            "dest",
            f"{place} holds another export, of {earlier or 'everything'}. The export of {now} would remove "
            f"{counted(len(gone), 'file')} there, such as {gone[0]}. Name another directory, or take over a part into "
            "the files with state=adopted.",
        )
    changed = []
    for path in sorted(files.keys() | (there & listed)):
        file = place / path
        before = file.read_bytes().decode("utf-8", "replace") if path in there else ""
        after = files.get(path, "")
        if before != after or (path in files) != (path in there):
            changed.append((path, before, after))
            if write and path in files:
                _write(file, after)
            elif write:
                file.unlink()
    if write and (changed or listed != set(files) or now != earlier):
        first = [f"{_SELECTION}{now}"] if now else []
        _write(listing, "".join(f"{line}\n" for line in [*first, *sorted(files)]))
    return changed


def _write(file: Path, content: str) -> None:
    """Write a file whole or not at all; it keeps its permissions."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content.encode())
    if file.exists():
        new.chmod(file.stat().st_mode & 0o777)
    new.replace(file)
