"""An answer's body, piece by piece: decompressed and collected, and never more of it than was agreed."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator
from typing import IO, Any

import httpx

_STEP = 1 << 20  # bytes decompressed at once
_MEMBER = b"\x1f\x8b"  # how each member of gzip begins


class TooLarge(httpx.HTTPError):
    """The body is larger than the limit."""

    def __init__(self) -> None:
        super().__init__("too large")


class Damaged(httpx.HTTPError):
    """The body is compressed in a way that cannot be undone."""

    def __init__(self) -> None:
        super().__init__("damaged")


class Endless(httpx.HTTPError):
    """The answer has no length, so it may be incomplete."""

    def __init__(self) -> None:
        super().__init__("endless")


class NotWritten(Exception):
    """The file the body goes to refuses it: ``error`` says why."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


@contextlib.contextmanager
def file_errors() -> Iterator[None]:
    """Raise an error of the download's file unchanged: it is not the PBX's."""
    try:
        yield
    except NotWritten as refused:
        error = refused.error
    else:
        return
    raise error


class Body:
    """Collects a body.

    Parameters:
        encoding: the header Content-Encoding, empty where there is none
        limit: bytes it may have at most, decompressed; None for no limit
        into: where it is written to instead of being kept
    """

    def __init__(self, encoding: str, limit: int | None, into: IO[bytes] | None = None) -> None:
        self._undo = _undoing(encoding)
        self._left = limit
        self._into = into
        self._begun = False
        self._pieces: list[bytes] = []

    def add(self, piece: bytes) -> None:
        """Another piece as it came.

        Raises:
            TooLarge: that is more than the limit; the pieces so far are kept
            Damaged: it cannot be decompressed
            NotWritten: the file refuses it
        """
        if self._undo is None:
            self._keep(piece)
            return
        self._begun = True
        while piece:
            try:
                step = self._undo.decompress(piece, _STEP)
            except zlib.error:
                raise Damaged from None
            rest = self._undo.unconsumed_tail
            self._keep(step)
            if self._undo.eof:
                rest = self._undo.unused_data
                if not rest.startswith(_MEMBER) or isinstance(self._undo, _Deflate):
                    break  # whatever comes after the end belongs to nobody
                self._undo = _gzip()  # gzip may consist of several members
            piece = rest

    def whole(self) -> bytes:
        """The body when its last piece has come.

        Raises:
            TooLarge: what the decompressor still had is more than the limit
            Damaged: the compressed data has no end
        """
        if self._undo is not None and self._begun:
            try:
                self._keep(self._undo.flush())
            except zlib.error:
                raise Damaged from None
            if not self._undo.eof:
                raise Damaged
        return self.beginning()

    def beginning(self) -> bytes:
        """Return the bytes received so far."""
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)

    def _keep(self, piece: bytes) -> None:
        if self._left is not None:
            if len(piece) > self._left:
                self._pieces.append(piece[: self._left])
                raise TooLarge
            self._left -= len(piece)
        if self._into is None:
            self._pieces.append(piece)
            return
        try:
            self._into.write(piece)
        except (OSError, ValueError) as error:
            raise NotWritten(error) from None


class _Deflate:
    """``deflate`` with the zlib header that belongs to it, or without, as some send it."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj()
        self._begun = False

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def unconsumed_tail(self) -> bytes:
        return self._inner.unconsumed_tail

    def flush(self) -> bytes:
        return self._inner.flush()

    def decompress(self, piece: bytes, most: int) -> bytes:
        first, self._begun = not self._begun, True
        try:
            return self._inner.decompress(piece, most)
        except zlib.error:
            if not first:
                raise
            self._inner = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._inner.decompress(piece, most)


def _gzip() -> Any:
    return zlib.decompressobj(zlib.MAX_WBITS | 16)


def _undoing(encoding: str) -> Any:
    """Decoders of the two usual encodings that can be undone in small steps, so that a few bytes never become gigabytes
    unchecked. Only these are asked for (``_request/session.py``).
    """
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip":
            return _gzip()
        case "deflate":
            return _Deflate()
    raise Damaged
