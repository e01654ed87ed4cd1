"""Requests whose refusal is an answer as good as any other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from threecx_xapi.errors import XapiError

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

PAGE: Final = 100


class Answer(NamedTuple):
    """An answer of the PBX.

    Attributes:
        status: HTTP status
        body: the decoded JSON, None if there is none
        etag: of the header, None if there is none
    """

    status: int
    body: Any = None
    etag: str | None = None

    @property
    def good(self) -> bool:
        """Whether the request was carried out."""
        return self.status < 300

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Rows of a list; of anything else none."""
        found = self.body.get("value") if isinstance(self.body, dict) else None
        return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


class Wire:
    """A client whose refused requests are answers; counts them."""

    def __init__(self, client: XapiClient) -> None:
        """A client to ask with.

        Parameters:
            client: should not repeat requests, for a refusal is what some of them look for
        """
        self.client = client
        self.requests = 0
        self._signed_in = False

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, **params: str
    ) -> Answer:
        """Send one request.

        Parameters:
            method: HTTP method
            path: below /xapi/v1, encoded
            body: is sent as JSON, unless it is None
            headers: such as If-Match
            params: query options without their $

        Raises:
            XapiError: the PBX gave no answer, or did not sign in at first: each further try would count as an attack
        """
        self.requests += 1
        query = {f"${name}": value for name, value in params.items()}
        sent = {} if body is None else {"json": body}
        try:
            reply = self.client.request(method, path, params=query, headers=headers, **sent)
        except XapiError as error:
            self._signed_in |= self.client.token is not None
            if error.status is None or not self._signed_in:
                raise
            return Answer(error.status)
        self._signed_in = True
        return Answer(reply.status, reply.json() if reply.content else None, reply.headers.get("etag"))

    def get(self, path: str, **params: str) -> Answer:
        """Read; see `ask`."""
        return self.ask("GET", path, None, None, **params)

    def all(self, path: str, **params: str) -> Iterator[dict[str, Any]]:
        """Rows of a list, page by page; none if it is refused."""
        begun = 0
        while True:
            rows = self.get(path, top=str(PAGE), skip=str(begun), **params).rows
            yield from rows
            begun += PAGE
            if len(rows) < PAGE:
                return
