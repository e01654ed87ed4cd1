"""Writing changed files: each one whole or not at all, and none if somebody has changed one meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

from pbx_as_code.config.adopting.outcome import Adoption
from pbx_as_code.errors import BadOption


def store(adoption: Adoption) -> None:
    """Write the files of an adoption.

    Every new content is on the disk before the first file is replaced; permissions and symbolic links are kept.

    Raises:
        BadOption: a file was changed after it was read; nothing was written
        OSError: a file cannot be written
    """
    for path, (before, _) in adoption.files.items():
        now = path.read_bytes() if path.is_file() else None
        if now != before:
            raise BadOption(
                f"{path} was changed meanwhile. Nothing was written. Run the command again.", target="files"
            )
    prepared: list[tuple[Path, Path]] = []
    try:
        for path, (before, after) in adoption.files.items():
            real = path.resolve()
            real.parent.mkdir(parents=True, exist_ok=True)
            new = real.with_name(f".{real.name}.{os.getpid()}.new")
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as stream:
                prepared.append((new, real))
                stream.write(after)
            if before is not None:
                new.chmod(real.stat().st_mode & 0o7777)
        for new, real in prepared:
            new.replace(real)
    finally:
        for new, _ in prepared:
            new.unlink(missing_ok=True)
