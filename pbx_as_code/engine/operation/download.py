"""Store a download completely or not at all, and only at the given path."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from typing import IO, Any

from threecx_xapi.record import Record

from pbx_as_code.engine.report.failures import refused
from pbx_as_code.errors import PbxError

_MOST_LINKS = 40
"""On the way to a file; where Linux stops too."""
_ANYBODYS = stat.S_ISVTX | stat.S_IWOTH
"""A folder like /tmp, in which everybody may put something, and nobody take away what others have put there."""
_AS_IT_IS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_LONGEST = 200
"""Bytes of a file name; file systems stop at 255."""
_IN_MEMORY = 8 << 20
"""Bytes of a download that need no file while it is under way."""
_PRIVATE = 0o600
"""Exports, recordings and backups are nobody else's business until somebody says so."""


class Stored(Record):
    """Result of a download."""

    path: str
    checksum: str
    """SHA-256 of the bytes, in hexadecimal."""
    size: int
    changed: bool
    before: str | None
    """The checksum of the file that was there, None where there was none."""


def scratch() -> IO[bytes]:
    """Temporary storage of a download: a file without a name, or memory if it is small."""
    return tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)


def check(dest: Any, mode: Any) -> int | None:
    """Refuse a place that cannot work, before anything is asked for; return the mode as a number.

    Parameters:
        dest: a file, or a folder that is there
        mode: octal digits as text, or a number; None where none was given

    Raises:
        PbxError: there is no such folder, somebody else may have chosen it, or the mode is none
    """
    if not dest or "\0" in dest:
        raise refused("dest", "give the path of a file or folder.")
    folder = _real(dest) if _is_folder(dest) else os.path.dirname(_real(dest))
    if not os.path.isdir(folder):
        raise refused("dest", f"there is no folder {folder}.")
    return _mode(mode)


def file_path(dest: str, what: str) -> str:
    """Default path of a file without a suggested name.

    Parameters:
        dest: as given, after check
        what: the operation, for the message

    Raises:
        PbxError: it is a folder, or something that is no file
    """
    if _is_folder(dest):
        raise refused("dest", f"{dest} is a folder, and {what} suggests no name. Give the name of a file.")
    path = _real(dest)
    if os.path.lexists(path) and not os.path.isfile(path):
        raise refused("dest", f"{path} is not a regular file and would be replaced.")
    return path


def store(dest: str, suggested: str | None, content: IO[bytes], mode: int | None, *, write: bool) -> Stored:
    """Bring a download to where it belongs, where it is not there already.

    Parameters:
        dest: a file (a link is followed), or a folder, in which the file gets the name the PBX suggests
        suggested: the name the PBX suggests
        content: the download, whole
        mode: of the file; None leaves that of an older one of ours, and keeps a new one private
        write: False only tells what would change

    Raises:
        PbxError: the PBX suggests no name for a folder, or the file cannot be written
    """
    path = _within(dest, suggested) if _is_folder(dest) else _real(dest)
    try:
        there = os.lstat(path)
    except FileNotFoundError:
        there = None
    except OSError as error:
        raise _failed(path, error) from None
    if there is not None and not (stat.S_ISREG(there.st_mode) or stat.S_ISLNK(there.st_mode)):
        what = "a folder" if stat.S_ISDIR(there.st_mode) else "no file, and would be replaced by one"
        raise PbxError(f"dest: {path} is {what}. Nothing was written.", target="dest")
    # A link with the suggested name is replaced; its target is neither read nor written.
    plain = there is not None and stat.S_ISREG(there.st_mode)
    old_mode = stat.S_IMODE(there.st_mode) if there is not None and plain else None
    new, size = _digest(content), content.tell()
    try:
        before = _checksum_of(path) if plain else None
        # An existing file of another user does not decide who may read the new one.
        kept = there is not None and (before == new or there.st_uid == os.geteuid())
        wanted = mode if mode is not None else old_mode if old_mode is not None and kept else _PRIVATE
        if write and before != new:
            _replace(path, content, wanted)
        elif write and old_mode != wanted:
            with _opened(path) as file:
                os.fchmod(file.fileno(), wanted)
    except OSError as error:
        raise _failed(path, error) from None
    return Stored(path, new, size, before != new or old_mode != wanted, before)


def safe_name(suggested: str | None) -> str | None:
    """A name the PBX suggests as one that is a plain file's in a folder, None where nothing is left of it."""
    last = (suggested or "").replace("\\", "/").rpartition("/")[2]
    name = "".join("_" if letter in '<>:"|?*' or not letter.isprintable() else letter for letter in last)
    name = name.strip().lstrip(".").strip()
    while len(os.fsencode(name)) > _LONGEST:
        stem, ending = os.path.splitext(name)
        name = f"{stem[:-1]}{ending}" if stem[1:] else name[:-1]
    return name or None


def _within(folder: str, suggested: str | None) -> str:
    name = safe_name(suggested)
    if name is None:
        raise PbxError(
            f"dest: {folder} is a folder, and the PBX suggests no name for this download. Give the name of a file. "
            "Nothing was written.",
            target="dest",
        )
    return os.path.join(_real(folder), name)


def _real(path: str) -> str:
    """Resolve the links of a path; refuse links of other users in folders that everybody can write to.

    As Linux does where fs.protected_symlinks is set; here it would not, as links are read and not gone through.

    Raises:
        PbxError: there is such a link
    """
    waiting, links, seen = _steps(os.path.join(os.getcwd(), path)), 0, os.sep
    while waiting:
        name = waiting.pop()
        if name == os.pardir:
            seen = os.path.dirname(seen)
            continue
        folder, seen = seen, os.path.join(seen, name)
        if not os.path.islink(seen):
            continue
        if (links := links + 1) > _MOST_LINKS:
            raise PbxError(f"dest: {path} is a loop of symbolic links. Nothing was written.", target="dest")
        try:
            whose, around, target = os.lstat(seen).st_uid, os.stat(folder), os.readlink(seen)
        except OSError as error:
            raise _failed(path, error) from None
        if around.st_mode & _ANYBODYS == _ANYBODYS and whose not in (os.geteuid(), around.st_uid):
            raise PbxError(
                f"dest: {seen} is a symbolic link of another user in a folder that everybody can write to. Nothing was "
                "written.",
                target="dest",
            )
        waiting += _steps(target)
        seen = os.sep if os.path.isabs(target) else folder
    return seen


def _steps(path: str) -> list[str]:
    """The names in a path, the first one last."""
    return [name for name in reversed(path.split(os.sep)) if name not in ("", os.curdir)]


def _is_folder(dest: str) -> bool:
    return os.path.isdir(dest) or dest.endswith("/")


def _mode(mode: Any) -> int | None:
    if mode is None:
        return None
    if isinstance(mode, str):
        try:
            mode = int(mode, 8)
        except ValueError:
            raise refused("mode", "octal digits in quotes are needed, such as '0640'.") from None
    elif isinstance(mode, int) and mode > 0o777:
        # 644 without quotes and without a zero before it is 01204: for everybody to read but the owner.
        raise refused("mode", f"{mode} is no mode as it is read; octal digits in quotes are needed, such as '0640'.")
    if not isinstance(mode, int) or isinstance(mode, bool) or not 0 <= mode <= 0o7777:
        raise refused("mode", "octal digits in quotes are needed, such as '0640'.")
    return mode


def _checksum_of(path: str) -> str:
    with _opened(path) as file:
        return _digest(file)


def _opened(path: str) -> IO[bytes]:
    """A file that is there; no link that has come in its place since it was looked at, and no pipe that keeps us
    waiting.
    """
    return open(path, "rb", opener=lambda name, flags: os.open(name, flags | _AS_IT_IS))


def _digest(file: IO[bytes]) -> str:
    """SHA-256 of a file, in hexadecimal; the file stands at its end afterwards."""
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(1 << 20):
        digest.update(piece)
    return digest.hexdigest()


def _replace(path: str, content: IO[bytes], mode: int) -> None:
    """Write to the same folder and rename, so that the file is never incomplete and no link is followed."""
    handle, part = tempfile.mkstemp(prefix=".threecx-", dir=os.path.dirname(path))
    try:
        with open(handle, "wb") as file:
            content.seek(0)
            shutil.copyfileobj(content, file, 1 << 20)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), mode)
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(part)
        raise


def _failed(path: str, error: OSError) -> PbxError:
    return PbxError(f"dest: {path} cannot be written: {error.strerror or error}. Nothing was written.", target="dest")
