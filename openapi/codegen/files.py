"""Generated files on disk: compared, written where they differ, removed where nothing generates them any more."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from openapi.codegen.errors import CodegenError

SHOWN = 20


def replace(path: Path, text: str) -> None:
    """Replace a file as a whole or, on failure, not at all.

    Raises:
        CodegenError: where the file cannot be written.
    """
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_bytes(text.encode())
        scratch.replace(path)
    except OSError as error:
        raise CodegenError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        scratch.unlink(missing_ok=True)


def compare(texts: Mapping[str, str], place: Path, existing: Iterable[str]) -> dict[str, str]:
    """Which files are missing, stale or different in a folder, each with the word for it.

    Args:
        texts: of a fresh generation, by path below the folder.
        place: the folder.
        existing: paths of the files in it that an earlier generation made.
    """
    words = dict.fromkeys(set(existing) - texts.keys(), "stale")
    for name, text in texts.items():
        if not (place / name).is_file():
            words[name] = "missing"
        elif (place / name).read_bytes() != text.encode():
            words[name] = "differs"
    return dict(sorted(words.items()))


def write(texts: Mapping[str, str], place: Path, words: Mapping[str, str]) -> None:
    """Bring what differs into a folder; what is stale goes, and folders it leaves empty."""
    for name, word in words.items():
        if word != "stale":
            replace(place / name, texts[name])
            continue
        (place / name).unlink()
        with contextlib.suppress(OSError):
            (place / name).parent.rmdir()


def update(texts: Mapping[str, str], place: Path, existing: Iterable[str], *, check: bool, command: str) -> None:
    """Bring what differs into a folder, or only compare.

    Args:
        command: of make, which writes the files.

    Raises:
        CodegenError: with check, where a file differs.
    """
    words = compare(texts, place, existing)
    if check and words:
        shown = [f"  {word:8} {name}" for name, word in list(words.items())[:SHOWN]]
        more = [f"  and {len(words) - SHOWN} more"] if len(words) > SHOWN else []
        head = f"{len(words)} files of {place.name} differ from a fresh generation; `make {command}` writes them:"
        raise CodegenError("\n".join([head, *shown, *more]))
    write(texts, place, words)
    stale = sum(word == "stale" for word in words.values())
    print(f"{place.name}: {len(texts)} generated files, {len(words) - stale} written, {stale} removed")
