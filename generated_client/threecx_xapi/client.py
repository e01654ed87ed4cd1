"""The client: one PBX, one way to sign in. The common base of both clients, and the sync one."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import cached_property
from typing import IO, TYPE_CHECKING, Generic, Self, TypeVar

import httpx

from ._request.address import base_url
from ._request.connector import Connector
from ._request.session import Session, body_of, checked, target_of
from ._request.steps import SAFE, Answer, Flow, Outcome, Pause, Send
from ._resources import Resources
from ._unset import UNSET, Unset
from ._version import __version__
from .auth import XapiAuth, choose
from .errors import ConfigurationError, XapiError
from .retry import RetryPolicy

if TYPE_CHECKING:
    from types import TracebackType

    from .reply import Reply
    from .tokens import Token

Transport = TypeVar("Transport", httpx.BaseTransport, httpx.AsyncBaseTransport)

_PATIENT = RetryPolicy()
# Exceptions httpx raises for a request that got no answer; any other is a bug and is not translated.
_FAILURES = (httpx.HTTPError, httpx.InvalidURL, UnicodeError, OSError)

CONNECT_TIMEOUT = 10.0
"""Seconds to wait for a connection, where a client is told nothing else."""
DEADLINE = 300.0
"""Seconds a request may take in all, where a client is told nothing else."""
MAX_ANSWER = 32 << 20
"""Bytes an answer may have, where a client is told nothing else. A page of 100 users has 0.2 million; JSON read into
Python takes up to 25 times its size."""
MAX_DOWNLOAD = 1 << 30
"""Bytes a generated operation that answers a file reads into memory; ``download`` writes what is larger to a file."""


class _Client(Generic[Transport]):
    """Common base of the sync and the async client.

    Attributes:
        base_url: where the PBX is, such as ``https://pbx.example.com:5001``
        deadline: seconds a request may take in all, None for no bound
        max_answer: bytes an answer may have, None for no limit
    """

    def __init__(
        self,
        host: str,
        *,
        port: int | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        username: str | None = None,
        password: str | None = None,
        security_code: str = "",
        access_token: str | None = None,
        auth: XapiAuth | None = None,
        verify: bool = True,
        ca_path: str | None = None,
        timeout: float = 30.0,
        connect_timeout: float = CONNECT_TIMEOUT,
        deadline: float | None = DEADLINE,
        max_answer: int | None = MAX_ANSWER,
        proxy: str | None = None,
        read_only: bool = False,
        retry: RetryPolicy = _PATIENT,
        token_cache: bool | str = True,
        user_agent: str | None = None,
        transport: Transport | None = None,
    ) -> None:
        """Nothing is sent, opened or read before the first request.

        Parameters:
            host: name, ``name:port`` or URL of the PBX; https unless a URL says http
            port: port, where the host names none
            client_id, client_secret: a service principal (admin console: Integrations > API)
            username, password, security_code: a person; the code is the second factor, empty where there is none
            access_token: a token obtained elsewhere
            auth: any other way to sign in
            verify: check the PBX's certificate
            ca_path: file or folder of the only CA certificates to trust; None trusts the usual ones
            timeout: seconds to wait for each piece of an answer
            connect_timeout: seconds to wait for a connection, its name and TLS included; never more than ``timeout``
            deadline: seconds a request may take in all: its sign-in, the wait for another worker's, retries and the
                pauses between them, and an answer that never ends; None for no such bound. ``time_limit`` sets one for
                several requests together
            max_answer: bytes an answer may have, decompressed; None for no limit. Files are another matter, see
                :meth:`download`
            proxy: URL of a proxy; None goes by the environment (HTTPS_PROXY, NO_PROXY)
            read_only: refuse every method but GET and HEAD before anything is sent
            retry: how patient to be
            token_cache: share the token with other processes through a file only its owner can read; False keeps it
                in memory, and every process signs in (which ends the session of the others); a file that an earlier
                run has left for the same PBX and credentials is then removed. The URL of a redis server
                (``redis://``, ``rediss://`` or ``unix://``; extra ``redis``) shares it among machines
            user_agent: what to call the program; this client's own name is appended
            transport: an httpx transport instead of sockets

        Raises:
            ConfigurationError: host, credentials, timeout, deadline, limit or user agent cannot work
        """
        for seconds in (timeout, connect_timeout):
            if not seconds > 0:
                raise ConfigurationError(f"A timeout is a positive number of seconds, not {seconds!r}.")
        if deadline is not None and not deadline > 0:
            raise ConfigurationError(f"A deadline is a positive number of seconds, or None, not {deadline!r}.")
        if max_answer is not None and max_answer < 1:
            raise ConfigurationError(f"max_answer is a positive number of bytes, not {max_answer!r}.")
        own = f"threecx-xapi/{__version__}"
        agent = f"{user_agent} {own}" if user_agent else own
        if not (agent.isascii() and agent.isprintable()):
            raise ConfigurationError("The user agent must be one line of ASCII.")
        if isinstance(token_cache, str):
            from ._token_store.redis_server import checked_url

            checked_url(token_cache)
        self.base_url = base_url(host, port)
        self._session = Session(
            self.base_url,
            choose(
                client_id=client_id,
                client_secret=client_secret,
                username=username,
                password=password,
                security_code=security_code,
                access_token=access_token,
                auth=auth,
            ),
            retry=retry,
            read_only=read_only,
            share_token=token_cache,
            timeout=timeout,
            user_agent=agent,
        )
        self.deadline, self.max_answer = deadline, max_answer
        self._connector: Connector[Transport] = Connector(
            self.base_url,
            verify=verify,
            ca_path=ca_path,
            timeout=timeout,
            connect_timeout=min(connect_timeout, timeout),
            proxy=proxy,
            transport=transport,
        )
        self._closed = False

    @property
    def release(self) -> str | None:
        """The PBX's release as it said last (header X-3CX-Version), such as ``20.0.9.995``; None before that."""
        return self._session.release

    @property
    def read_only(self) -> bool:
        """Whether this client refuses every write."""
        return self._session.read_only

    @property
    def timeout(self) -> float:
        """Seconds to wait for each piece of an answer."""
        return self._connector.timeout

    @property
    def signs_in(self) -> tuple[str, str]:
        """The way to sign in, such as ``client_credentials`` or ``person``, and who does, such as ``client id 900``."""
        return self._session.auth.grant, self._session.auth.who

    @property
    def token(self) -> Token | None:
        """The access token in use, a credential; None before the first request."""
        return self._session.sign_in.current

    def take_notices(self) -> list[str]:
        """Warnings about things that did not fail, such as another holder of the client id. Empties the list."""
        notices = self._session.sign_in.notices
        taken, notices[:] = list(notices), []
        return taken

    def __repr__(self) -> str:
        mode = ", read-only" if self.read_only else ""
        return f"<{type(self).__name__} {self.base_url} as {self._session.auth.who}{mode}>"

    def _call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        json: object,
        headers: Mapping[str, str] | None,
        limit: int | None | Unset,
        idempotent: bool | None,
    ) -> Flow:
        return self._fetch(method, target_of(path, params or {}), json, headers, limit=limit, idempotent=idempotent)

    def _fetch(
        self,
        method: str,
        target: str,
        json: object = UNSET,
        headers: Mapping[str, str] | None = None,
        *,
        limit: int | None | Unset = UNSET,
        into: IO[bytes] | None = None,
        idempotent: bool | None = None,
    ) -> Flow:
        """A request for a path with its query, both encoded."""
        from .deadline import within  # not before the first request

        if self._closed:
            raise ConfigurationError("This client has been closed.")
        sent = {"accept": "application/json, */*;q=0.8"}
        if headers:
            sent |= checked(headers)
        content: bytes | None = None
        if json is not UNSET:
            content = body_of(json)
            sent["content-type"] = "application/json"
        return self._session.call(
            method.upper(),
            target,
            sent,
            content,
            limit=self.max_answer if isinstance(limit, Unset) else limit,
            into=into,
            deadline=within(self.deadline),
            idempotent=idempotent,
        )


class XapiClient(_Client[httpx.BaseTransport], Resources):
    """The configuration API of one PBX, sync.

    A context manager; may be used by many threads at once, and goes on working after a fork.
    """

    _sleep = staticmethod(time.sleep)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: object = UNSET,
        headers: Mapping[str, str] | None = None,
        limit: int | None | Unset = UNSET,
        idempotent: bool | None = None,
    ) -> Reply:
        """One request below /xapi/v1.

        A DELETE that had to be sent again and is answered 404 then has done its work: its reply has status 204.

        Parameters:
            method: HTTP method
            path: begins with /, encoded (``odata.path``, ``odata.key``)
            params: query, not encoded
            json: body, sent as compact UTF-8 JSON; UNSET sends none
            headers: such as If-Match
            limit: bytes this answer may have, None for no limit; UNSET goes by the client's max_answer
            idempotent: whether sending this write twice has the effect of sending it once, as that of an object with a
                unique key has; None says yes for PUT, PATCH and DELETE. Only such a write is sent again where the PBX
                says that it is busy (429, 503), because what says so may be a proxy that gave up waiting

        Raises:
            XapiError: one of its subclasses, for everything but a 2xx; ConfigurationError where a header cannot be sent
        """
        flow = self._call(method, path, params, json, headers, limit, idempotent)
        del json  # a traceback that shows locals shows those of this frame
        return self._drive(flow)

    def download(
        self,
        path: str,
        into: IO[bytes],
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Fetch a file below /xapi/v1 of whatever size into an open one, piece by piece; the reply has no content.

        Parameters:
            path, params, headers: as for :meth:`request`
            into: a binary file opened for writing that can seek. It is written from its current position, and rewritten
                from there when the request is repeated; after an error it may hold a part of the download

        Raises:
            XapiError: as for :meth:`request`
            OSError: the file cannot be written
        """
        from ._transport.body import file_errors

        flow = self._fetch("GET", target_of(path, params or {}), headers=headers, limit=None, into=into)
        with file_errors():
            return self._drive(flow)

    def without_writes(self) -> Self:
        """This client as one that refuses every write. Both share token and connections; close only the one it was made
        of.
        """
        reading = object.__new__(type(self))
        vars(reading).update(_clients=self._clients, base_url=self.base_url, _connector=self._connector, _closed=False)
        vars(reading).update(
            deadline=self.deadline, max_answer=self.max_answer, _session=self._session.without_writes()
        )
        return reading

    def close(self) -> None:
        """Close the connections of this process; the client cannot be used again."""
        self._closed = True
        if (http := self._clients.pop(os.getpid(), None)) is not None:
            http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _drive(self, flow: Flow) -> Reply:
        outcome: Outcome = None
        try:
            while True:
                step = flow.send(outcome)
                outcome = None
                if isinstance(step, Pause):
                    self._sleep(step.seconds)
                else:
                    outcome = self._send(step)
        except StopIteration as done:
            reply: Reply = done.value
            return reply
        finally:
            flow.close()  # always releases the sign-in lock

    def _send(self, step: Send) -> Answer | XapiError:
        from ._transport.exchange import exchange  # not before the first request
        from .simultaneous import slot

        try:
            with slot(step.deadline, write=step.method not in SAFE):
                return exchange(self._http(), step, self._connector.timeout, self._connector.connect_timeout)
        except _FAILURES as error:
            return self._connector.failure(
                error, step
            )  # raised elsewhere, so that the request does not hang on its context

    @cached_property
    def _clients(self) -> dict[int, httpx.Client]:
        """By process: sockets must not be shared with a fork."""
        return {}

    def _http(self) -> httpx.Client:
        pid = os.getpid()
        http = self._clients.get(pid)
        if http is None:
            made = self._connector.make(httpx.Client)
            http = self._clients.setdefault(pid, made)
            if http is not made:  # another thread was faster
                made.close()
        return http
