"""A successful answer of the PBX."""

from __future__ import annotations

import contextlib
import json
import math
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import httpx

from .errors import UnexpectedAnswer
from .record import Record

_EXCERPT = 200
_TOKEN = re.compile(r"(?i)\bbearer\s+\S+|[\w.~+/=-]{40,}")
_TITLE = re.compile(rb"<title[^>]*>(.{0,300}?)</title>", re.IGNORECASE | re.DOTALL)
_TRACE = re.compile(rb"\s*\n\s+at \S|\s*Traceback \(most recent")
_LONGEST_ID = 128  # characters; an access token that a server repeats has more
_REQUEST_IDS = ("x-request-id", "request-id", "x-correlation-id")


def excerpt(content: bytes, clean: Callable[[str], str] | None = None) -> str:
    """The beginning of a body as one short printable line, for a message.

    Parameters:
        content: the body
        clean: takes out of a text what must not be repeated; None hides what is called like a credential
    """
    if clean is None:
        from .redact import redacting

        clean = redacting(())
    # Cut after it was cleaned: what is left of a secret that was cut before could not be told.
    text = " ".join(clean(content.decode("utf-8", "replace"))[: 4 * _EXCERPT].split())
    text = _TOKEN.sub("***", text)  # a proxy that shows what it was sent shows the access token
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "\u2026"


def prose(content: bytes, clean: Callable[[str], str] | None = None) -> str:
    """Return a short summary of a body that is not JSON, for a message: the title of a web page, the beginning of any
    other text.

    The lines of a stack trace are left out, because they do not help the reader.
    """
    if content.lstrip()[:1] == b"<":
        if (found := _TITLE.search(content[:65536])) and (title := excerpt(found[1], clean)):
            return f"the answer is a web page entitled {title!r}, which a PBX's API does not send; a proxy may have"
        return "the answer is a web page, which a PBX's API does not send; a proxy may have"
    return excerpt(_TRACE.split(content[:65536], maxsplit=1)[0], clean)


def request_id(headers: httpx.Headers) -> str | None:
    """The id the server gave the request, under any of the usual names; what is too long for one is none."""
    found = (headers.get(name, "") for name in _REQUEST_IDS)
    return next((one for one in found if one and len(one) <= _LONGEST_ID and one.isprintable()), None)


def filename(headers: httpx.Headers) -> str | None:
    """The file name of a download (RFC 6266, the extended form first), without any folder in it."""
    disposition = headers.get("content-disposition", "")
    name: str | None = None
    if found := re.search(r"filename\*\s*=\s*([\w-]*)'[^']*'([^;]+)", disposition, re.IGNORECASE):
        try:
            name = unquote(found[2].strip().strip('"'), encoding=found[1] or "utf-8", errors="replace")
        except LookupError:  # a character set nobody knows
            name = None
    if not name and (found := re.search(r'filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))', disposition, re.I)):
        name = re.sub(r"\\(.)", r"\1", found[1]) if found[1] is not None else found[2]
    # A name is a suggestion of the other side: a path in it must not lead anywhere.
    last = "".join(letter for letter in re.split(r"[/\\]", name)[-1] if letter.isprintable()) if name else ""
    return last if last.strip(". ") else None


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


#: NaN and Infinity are Python's own idea of JSON: what has them could neither be sent back nor shown as a result.
_DECODER = json.JSONDecoder(parse_constant=_no_number, parse_float=_finite)


def data(content: bytes) -> Any:
    """JSON as plain data whose texts are whole: in the place of half a surrogate pair there is U+FFFD.

    A PBX that cuts a name in the middle of an emoji answers such a half. Nothing could show, store or send it again,
    and the result of a task that has it would be lost.

    Raises:
        ValueError, RecursionError: that is no JSON, too deep, or has a number that is none or too large
    """
    value = _DECODER.decode(content.decode(json.detect_encoding(content), "surrogatepass"))
    # As an escape, as bytes that are no UTF-8, or in another encoding: what has none of these need not be looked
    # through.
    may = any(mark in content for mark in (b"\\ud", b"\\uD", b"\xed")) or b"\0" in content[:4]
    return _whole(value) if may else value


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return re.sub("[\ud800-\udfff]", "\ufffd", value)
    elif isinstance(value, dict):
        return {_whole(name): _whole(inner) for name, inner in value.items()}
    elif isinstance(value, list):
        return [_whole(inner) for inner in value]
    return value


def _is_data(content: bytes) -> bool:
    """Whether it looks like JSON, be it behind a byte order mark or anything else. No local of a frame that raises."""
    begin = content[: 4 * _EXCERPT].lstrip()
    return begin[:1] != b"<" and any(mark in begin for mark in b'{["')


class Reply(Record, hidden=("headers", "content")):
    """A successful (2xx) answer.

    Attributes:
        status: HTTP status
        headers: HTTP headers of the answer
        content: the body
        method: HTTP method that was asked with
        url: address that was asked, without its query
    """

    status: int
    headers: httpx.Headers
    content: bytes
    method: str = "GET"
    url: str = ""

    def without_content(self) -> Reply:
        """The answer with an empty body: who keeps it for a message need not keep its rows."""
        return Reply(self.status, self.headers, b"", self.method, self.url)

    @property
    def request_id(self) -> str | None:
        """The id the PBX gave the request, if it gave one."""
        return request_id(self.headers)

    @property
    def etag(self) -> str | None:
        """The entity's ETag: the header's, else the one in the body; None where the PBX gave none."""
        body: Any = None
        if b"@odata.etag" in self.content:
            with contextlib.suppress(ValueError, RecursionError):
                body = data(self.content)
        return self.etag_of(body)

    def etag_of(self, body: Any) -> str | None:
        """As ``etag``, where the body has been read already.

        Parameters:
            body: the body as JSON
        """
        if header := self.headers.get("etag"):
            return str(header)
        found = body.get("@odata.etag") if isinstance(body, dict) else None
        return found if isinstance(found, str) else None

    @property
    def filename(self) -> str | None:
        """The name the PBX suggests for a download, without any folder in it; None where it suggests none."""
        return filename(self.headers)

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            UnexpectedAnswer: the body is empty or is not JSON
        """
        problem: str
        if not self.content.strip():
            problem = "the answer is empty where data was expected"
        else:
            try:
                return data(self.content)
            except (ValueError, RecursionError):
                # Text that looks like data is not repeated: entities come with passwords.
                size = len(self.content)
                if _is_data(self.content):
                    problem = f"the answer is cut off or damaged: {size} bytes that are not JSON"
                elif self.content.lstrip()[:1] == b"<":
                    problem = prose(self.content)
                else:
                    problem = f"the answer is not JSON; it begins: {prose(self.content)}"
        raise self.unexpected(problem)

    def check_file(self) -> None:
        """Refuse what is not a whole file, although the status is that of a success.

        A file may be of any kind, but a PBX names it; a sign-in page of a proxy has no name.

        Raises:
            UnexpectedAnswer: the answer is a web page, a part of a file, or has no content
        """
        media = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if self.status == 206:
            raise self.unexpected("the answer is a part of the file, which was not asked for")
        if self.status in (204, 205):
            raise self.unexpected("the answer contains no file")
        if media in ("text/html", "application/xhtml+xml") and "content-disposition" not in self.headers:
            raise self.unexpected(prose(self.content if self.content.lstrip()[:1] == b"<" else b"<"))

    def unexpected(self, problem: str) -> UnexpectedAnswer:
        """An exception saying that this answer cannot be used, and why."""
        done = (
            ""
            if self.method in ("GET", "HEAD")
            else " The request was accepted: check its effect before you repeat it."
        )
        return UnexpectedAnswer(
            f"{self.method} {self.url} was answered with {self.status}, and {problem}.{done}",
            reason=problem,
            status=self.status,
            request_id=self.request_id,
            method=self.method,
            url=self.url,
        )
