"""A folder that is its owner's alone, and the files in it: what is needed to leave a token on a disk.

Another user of the machine may have created the path first: as a folder, a link, a pipe, or a file that others can read
or write. So nothing is believed for its name. The folder has to be ours, closed to others, and below folders in which
nobody else can put another in its place; a file is opened relative to that folder, by its last name, never through a
link, and looked at once more when it is open.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_LINKS = os.O_NOFOLLOW | os.O_CLOEXEC if hasattr(os, "O_NOFOLLOW") else 0
_MOST_LINKS = 40  # on the way to a folder; where Linux stops too
_TRIES = 10  # at a lock file that others remove at the same time
_ABANDONED = 60.0  # seconds after which a file half written is nobody's any more


class Distrusted(Exception):
    """A file or folder is not used, and its text says why."""


class PrivateFolder:
    """A folder that only its owner can look into.

    Parameters:
        path: absolute

    Raises (its methods):
        Distrusted: somebody else could read or have written what is asked for
        OSError: anything else
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def make(self, below: Path | None = None) -> None:
        """Make it, and what is missing above it, for the owner alone, whatever the umask.

        Parameters:
            below: what has to be there already; None where anything may be made
        """
        missing = [self.path]
        while not os.path.lexists(missing[-1]) and missing[-1] != below:
            missing.append(missing[-1].parent)
        self.check_way(missing[-1])
        for folder in reversed(missing[:-1]):
            with contextlib.suppress(FileExistsError):
                os.mkdir(folder, 0o700)
                # A umask may have taken the owner's own bits. Nobody else can have put a link here since: see above.
                os.chmod(folder, 0o700)
        self.check_way(self.path.parent)
        with self._opened():
            pass

    def check_way(self, path: Path) -> None:
        """Make sure that nobody else can lead us elsewhere on the way to a folder: not its owner, not by a link."""
        names = list(reversed(path.parts[1:]))
        seen = Path(path.anchor)
        _check_step(seen, os.lstat(seen))
        links = 0
        while names:
            name = names.pop()
            if name == "..":
                seen = seen.parent
                continue
            step = seen / name
            found = os.lstat(step)
            if not stat.S_ISLNK(found.st_mode):
                _check_step(step, found)
                seen = step
                continue
            if found.st_uid not in (0, os.geteuid()):
                raise Distrusted(f"{step} is a link that belongs to another user")
            if (links := links + 1) > _MOST_LINKS:
                raise Distrusted(f"{step} is a link that leads in circles")
            target = Path(os.readlink(step))
            names += reversed(target.parts[1:] if target.is_absolute() else target.parts)
            seen = Path(target.anchor) if target.is_absolute() else seen

    def read(self, name: str, limit: int) -> bytes | None:
        """A file's content; None where there is none.

        Parameters:
            name: of the file, without a folder
            limit: bytes; a larger file is not believed
        """
        with self._opened() as folder:
            try:
                # Looked at before it is opened: to open a device may do something.
                _check_file(self.path, name, os.stat(name, dir_fd=folder, follow_symlinks=False))
                descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | _LINKS, dir_fd=folder)
            except FileNotFoundError:
                return None
        try:
            found = os.fstat(descriptor)
            _check_file(self.path, name, found)
            if found.st_size > limit:
                raise Distrusted(f"{self.path / name} is too large ({found.st_size} bytes)")
            return os.read(descriptor, limit)
        finally:
            os.close(descriptor)

    def write(self, name: str, content: bytes) -> None:
        """Replace a file whole: a reader sees the old one or the new one; a link in its place is replaced, not
        followed.
        """
        scratch = f".{name}.{os.getpid()}.{threading.get_ident()}.{time.monotonic_ns()}"
        with self._opened() as folder:
            self._sweep(folder, name)
            descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _LINKS, 0o600, dir_fd=folder)
            try:
                try:
                    os.fchmod(descriptor, 0o600)  # a umask may have taken the owner's own bits
                    while content:
                        content = content[os.write(descriptor, content) :]
                finally:
                    os.close(descriptor)
                os.replace(scratch, name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(scratch, dir_fd=folder)
                raise

    def remove(self, name: str) -> None:
        """Remove a file of that name, whatever it is, and what was left half written of it."""
        with self._opened() as folder:
            self._sweep(folder, name)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)

    def listing(self, most: int) -> list[tuple[str, float]]:
        """Names of files and when each was last changed, in seconds of ``time.time()``.

        Parameters:
            most: files that are looked at; of more, some are left out
        """
        found = []
        with self._opened() as folder, os.scandir(folder) as entries:
            for entry in itertools.islice(entries, most):
                with contextlib.suppress(FileNotFoundError):
                    found.append((entry.name, entry.stat(follow_symlinks=False).st_mtime))
        return found

    def lock(self, name: str) -> HeldLock | None:
        """The lock of a file, which is made; None while another process or thread has it. Never waits."""
        import fcntl

        for _ in range(_TRIES):
            with self._opened() as folder:
                descriptor = self._open_lock(folder, name)
                if descriptor is None:
                    continue
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    found = os.fstat(descriptor)
                    if _same(found, folder, name):
                        return HeldLock(descriptor, found)
                except BlockingIOError:
                    os.close(descriptor)
                    return None
                except BaseException:
                    os.close(descriptor)
                    raise
                os.close(descriptor)  # removed while we got it: it would keep nobody out
        return None

    def _open_lock(self, folder: int, name: str) -> int | None:
        """Open the lock file, or create it; return None if another process has created or removed it meanwhile."""
        try:
            _check_file(self.path, name, os.stat(name, dir_fd=folder, follow_symlinks=False))
            descriptor = os.open(name, os.O_RDWR | os.O_NONBLOCK | _LINKS, dir_fd=folder)
        except FileNotFoundError:
            return self._make_lock(folder, name)
        except Distrusted:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)  # in a folder of ours; what a link leads to stays as it is
            return None
        try:
            _check_file(self.path, name, os.fstat(descriptor))
        except Distrusted:
            os.close(descriptor)
            return None
        return descriptor

    def _make_lock(self, folder: int, name: str) -> int | None:
        try:
            descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | _LINKS, 0o600, dir_fd=folder)
        except FileExistsError:
            return None
        os.fchmod(descriptor, 0o600)
        return descriptor

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int]:
        """Open and verify the folder on every use: it may have been replaced since it was created."""
        _check_own(self.path, os.lstat(self.path), stat.S_ISDIR)  # says more than what opening a link raises
        folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | _LINKS)
        try:
            _check_own(self.path, os.fstat(folder), stat.S_ISDIR)
            yield folder
        finally:
            os.close(folder)

    def _sweep(self, folder: int, name: str) -> None:
        """Remove what processes that were killed have left half written: a token may be in it."""
        for left in os.listdir(folder):
            if left.startswith(f".{name}."):
                with contextlib.suppress(OSError):
                    age = time.time() - os.stat(left, dir_fd=folder, follow_symlinks=False).st_mtime
                    if not 0 <= age < _ABANDONED:
                        os.unlink(left, dir_fd=folder)


class HeldLock:
    """A lock that is held, by this process and by no fork of it."""

    def __init__(self, descriptor: int, found: os.stat_result) -> None:
        self._descriptor = descriptor
        self._file = found
        self._pid = os.getpid()
        _held.add(descriptor)

    def release(self) -> None:
        """Let the next one in."""
        import fcntl

        descriptor, self._descriptor = self._descriptor, -1
        if self._pid == os.getpid() and descriptor in _held:
            _held.discard(descriptor)
            # Other code may have closed the descriptor, which releases the lock, and opened another file.
            with contextlib.suppress(OSError):
                if os.path.samestat(self._file, os.fstat(descriptor)):
                    # A fork may have inherited the descriptor: closing it only here would not release the lock.
                    fcntl.flock(descriptor, fcntl.LOCK_UN)
                    os.close(descriptor)


_held: set[int] = set()


def _leave_to_the_parent() -> None:
    """In a fork: the lock is the parent's, and must not outlive it here."""
    for descriptor in _held:
        with contextlib.suppress(OSError):
            os.close(descriptor)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_the_parent)


def _same(found: os.stat_result, folder: int, name: str) -> bool:
    try:
        return os.path.samestat(found, os.stat(name, dir_fd=folder, follow_symlinks=False))
    except FileNotFoundError:
        return False


def _check_file(folder: Path, name: str, found: os.stat_result) -> None:
    if problem := _wrong(found, stat.S_ISREG):
        raise Distrusted(f"{folder / name} {problem}")
    if found.st_nlink > 1:  # none is fine: it has just been replaced
        raise Distrusted(f"{folder / name} has a second name (a hard link)")


def _check_own(path: Path, found: os.stat_result, is_kind: Callable[[int], bool]) -> None:
    if problem := _wrong(found, is_kind):
        raise Distrusted(f"{path} {problem}")


def _wrong(found: os.stat_result, is_kind: Callable[[int], bool]) -> str:
    """Why a file or folder is not for us alone; empty if it is."""
    if not is_kind(found.st_mode):
        return "is not of the expected kind (perhaps a link)"
    if found.st_uid != os.geteuid():
        return "belongs to another user"
    if found.st_mode & 0o077:
        return f"is accessible to other users (mode {stat.S_IMODE(found.st_mode):04o}; fix it with chmod go=)"
    return ""


def _check_step(path: Path, found: os.stat_result) -> None:
    """A folder on the way: only root or we can rename what is in it, or it is one like /tmp, where
    all keep their own.
    """
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(20, "Not a directory", str(path))
    if found.st_uid not in (0, os.geteuid()):
        raise Distrusted(f"{path} belongs to another user")
    if found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX:
        raise Distrusted(f"{path} is writable by other users (mode {stat.S_IMODE(found.st_mode):04o})")
