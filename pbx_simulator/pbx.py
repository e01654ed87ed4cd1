"""A simulated PBX in a thread of its own, on a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import functools
import math
import socket
import struct
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import uvicorn
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from . import knowledge
from .behaviours import related
from .faults import plan
from .faults.clock import Clock
from .faults.fault import Fault, Faults, Gate
from .faults.when import ALWAYS, When
from .http.app import build
from .http.auth import SignIn
from .http.control import Control
from .http.corked import Corked
from .http.exchange import Rules
from .http.guard import ExposedWarning, exposed, is_loopback
from .http.log import LoggedRequest
from .http.service import Service
from .http.tls import Certificate, throw_away
from .http.tokens import Tokens
from .model import document as documents
from .model import releases
from .model.document import DocumentError
from .model.routes import Routes
from .seeds import seed
from .state.store import Store
from .traits import Traits, planting, registry, resolve, rights

T = TypeVar("T")
_NOW = struct.pack("ii", 1, 0)
_BACKLOG = 2048  # as uvicorn has it


class _Protocol(H11Protocol):
    """Knows its transport by the peer's address, so that a fault can reset a connection."""

    transports: dict[Any, asyncio.Transport]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        corked = Corked(transport)
        super().connection_made(corked)
        self.transports[self.client] = corked

    def connection_lost(self, exc: Exception | None) -> None:
        self.transports.pop(self.client, None)
        super().connection_lost(exc)


class _Server(uvicorn.Server):
    """uvicorn without its tenth-of-a-second ticks: it starts and stops at once."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self._stop = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None: there may be many in one loop, and who runs the loop is told to stop (see cli)."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    def leave(self) -> None:
        """Refuse connections from now on."""
        for server in self.servers:
            server.close()
        self.servers = []

    async def come_back(self, listening: socket.socket) -> None:
        """Take connections again."""

        def protocol() -> asyncio.Protocol:
            kind: Any = self.config.http_protocol_class
            made: asyncio.Protocol = kind(config=self.config, server_state=self.server_state, app_state={})
            return made

        loop = asyncio.get_running_loop()
        self.servers = [await loop.create_server(protocol, sock=listening, ssl=self.config.ssl, backlog=_BACKLOG)]

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            try:
                await asyncio.wait_for(self._stop.wait(), 1.0)
            except TimeoutError:
                continue

    def stop(self) -> None:
        self.should_exit = True
        self._stop.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        for task in self.server_state.tasks:
            task.cancel()
        if self.server_state.tasks:
            await asyncio.gather(*self.server_state.tasks, return_exceptions=True)


class SimulatedPbx:
    """A simulated PBX: `with SimulatedPbx() as pbx: ... pbx.url`.

    seed: a YAML or JSON file, the same as a mapping, "empty" for a PBX just installed, or None for the built-in company; release: what X-3CX-Version says and how
    it behaves, from 20.0.5 on; traits: names of what makes it differ from others, also of the sets as-seen and strict-odata (see
    traits), None for what the seed says, else as-seen; etags: whether entities carry ETags whatever the traits say, None for what they say;
    strict_etags: 428 for a write without If-Match; tls: https with a throw-away CA, see ca_path; token_lifetime: seconds (default an hour);
    page_cap: rows of a page at most; slowness: how many looks at a list find what takes its time (a backup, a service that
    starts) not done yet; port: 0 for a free one; document: the OpenAPI document that drives it, None for
    its own, without what came after the release; faults: a fault plan, a YAML file or the same as a mapping (see plan);
    like: another PBX that was set up with the same seed, release and document: what was planted there is not planted again.

    Raises:
        SeedError, DocumentError, PlanError, ValueError: where it cannot be set up; OSError where the port is taken.
    """

    _seed: seed.Seed
    _planted: Store

    def __init__(
        self,
        seed: str | Path | Mapping[str, Any] | None = None,
        release: str = "20.0.10",
        etags: bool | None = None,
        strict_etags: bool = False,
        tls: bool = False,
        token_lifetime: int | None = None,
        page_cap: int = 100,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        document: str | Path | None = None,
        slowness: int = 2,
        faults: str | Path | Mapping[str, Any] | None = None,
        traits: Iterable[str] | None = None,
        like: SimulatedPbx | None = None,
    ) -> None:
        self.release = release
        self._seed_source = seed
        self._rules = Rules(release=release, page_cap=page_cap, slowness=slowness)
        self._named_traits = None if traits is None else resolve(traits)
        self._etags, self._strict_etags = etags, strict_etags
        self._lifetime = token_lifetime
        if not 0 <= port <= 65535:
            raise ValueError(f"a port is a number from 0 to 65535, not {port}")
        self._host, self._port, self._tls = host, port, tls
        self._document = None if document is None else Path(document)
        self._faults = Faults()
        self.clock = Clock()
        self._plan_source = faults
        self.log: list[LoggedRequest] = []
        self._transports: dict[Any, asyncio.Transport] = {}
        self._certificate: Certificate | None = None
        self._of_fleet = False
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: _Server | None = None
        self._socket: socket.socket | None = None
        self._failure: BaseException | None = None
        self._kept: socket.socket | None = None
        self._return: asyncio.TimerHandle | None = None
        self._set_up(like)
        self.go_by(faults)

    def _set_up(self, like: SimulatedPbx | None) -> None:
        number = knowledge.release_number(self.release)
        routes = _routes(self._document, number)
        planted = self._seed = seed.read(self._seed_source) if like is None else like._seed
        self._people, self._clients = planted.people, planted.clients
        self.client_id = planted.clients[0]["id"] if planted.clients else ""
        self.client_secret = planted.clients[0]["secret"] if planted.clients else ""
        person = planted.people[0] if planted.people else {}
        self.username = person.get("username", "")
        self.password = person.get("password", "")
        self.security_code = person.get("security_code", "")
        self._rules = replace(self._rules, traits=self._own_traits())
        # Rows are shared and the rest is copied: a fresh start, here and in others, costs next to nothing.
        alike = like is not None and like._rules.traits == self._rules.traits
        self._planted = like._planted if like and alike else _planted(planted, routes, self._rules)
        self._store = self._planted.copy()
        self._tokens = Tokens(self._lifetime, number, self.clock, lambda who: rights.role_of(self._store, who))
        own = self._document
        text = functools.partial(documents.read_text, own) if own else functools.partial(releases.text, number)
        self._service = Service(routes, self._store, self._tokens, self._rules, text, _parsed(own, number))
        self._sign_in = SignIn(self._tokens, planted.clients, planted.people)

    def _own_traits(self) -> Traits:
        """The traits it starts with: those it was given, else the seed's, else the usual ones."""
        named = self._named_traits
        if named is None:
            named = registry.DEFAULT if self._seed.traits is None else self._seed.traits
        return registry.checked(registry.with_etags(named, self._etags, self._strict_etags))

    # --- running

    def start(self) -> SimulatedPbx:
        """Listen, in a thread of its own; return when requests are answered."""
        self.bind()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="simulated-pbx", daemon=True)
        self._thread.start()
        ready.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def bind(self) -> None:
        """Take the port, so that url is known. An ExposedWarning says where others than this machine reach it."""
        if not is_loopback(self._host):
            warnings.warn(exposed(self._host), ExposedWarning, stacklevel=2)
        self._socket = self._bound_to(self._port)
        self._bound = int(self._socket.getsockname()[1])

    def _bound_to(self, port: int) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # With the protocol named, asyncio switches Nagle's algorithm off: 40 ms for each answer otherwise.
        taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind((self._host, port))
        except OSError:
            taken.close()
            raise
        return taken

    def _config(self) -> uvicorn.Config:
        protocol = type("Protocol", (_Protocol,), {"transports": self._transports})
        application = build(self._service, self._sign_in, Control(self), self.log, self._faults, self, self._host)
        config = uvicorn.Config(
            application, http=protocol, ws="none", lifespan="off", loop="asyncio", log_config=None, access_log=False,
            server_header=False, date_header=False, timeout_keep_alive=60,
        )  # fmt: skip
        config.load()
        if self._tls:
            self._certificate = self._certificate or throw_away(self._host)
            config.ssl = self._certificate.context
        return config

    async def serve(self, ready: Callable[[], None]) -> None:
        """Serve in the running loop until told to stop."""
        assert self._socket is not None
        self._loop = asyncio.get_running_loop()
        self._server = _Server(self._config(), ready)
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            self._socket.close()
            if self._kept is not None:
                self._kept.close()
            self._ended.set()

    def _run(self, ready: threading.Event) -> None:
        try:
            asyncio.run(self.serve(ready.set))
        except BaseException as error:  # whatever it is, the thread that waits must hear of it
            self._failure = error
        finally:
            ready.set()

    def close(self) -> None:
        """Stop serving; what was logged and stored stays readable."""
        thread, self._thread = self._thread, None
        if thread is None or self._loop is None or self._server is None:
            return
        if thread.is_alive():
            self._loop.call_soon_threadsafe(self._server.stop)
            self._ended.wait()
        if not self._of_fleet:
            thread.join()
            self.discard()

    # --- as one of a fleet

    def served_by(self, thread: threading.Thread) -> None:
        """The thread in which the fleet will call serve()."""
        self._thread, self._of_fleet = thread, True

    def trusted_by(self, certificate: Certificate) -> None:
        """The certificate to serve https with, instead of one of its own; whoever gave it discards it."""
        self._certificate = certificate

    def release_port(self) -> None:
        """Give back the port that bind() took."""
        if self._socket is not None:
            self._socket.close()

    def stop(self) -> None:
        """Have serve() end; to be called in its loop."""
        if self._server is not None:
            self._server.stop()

    def discard(self) -> None:
        """Delete the throw-away CA's file."""
        if self._certificate is not None:
            self._certificate.remove()

    def __enter__(self) -> SimulatedPbx:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- what it is

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._socket is not None, "not started"
        return self._bound

    @property
    def url(self) -> str:
        """Scheme, host and port, such as http://127.0.0.1:43121."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}"

    @property
    def ca_path(self) -> str | None:
        """With tls: the file of the throw-away CA (PEM); gone when the PBX is closed."""
        return None if self._certificate is None else self._certificate.ca_path

    # --- the log

    @property
    def requests(self) -> list[LoggedRequest]:
        """Every request since the start or the last clear_log, sign-ins included."""
        return list(self.log)

    @property
    def writes(self) -> list[LoggedRequest]:
        """Those that are POST, PATCH, PUT or DELETE below /xapi/v1, actions included."""
        return [logged for logged in self.log if logged.is_write]

    @property
    def sign_ins(self) -> int:
        """How many tokens were granted."""
        return self._tokens.granted

    def clear_log(self) -> None:
        """Forget the requests; the count of sign-ins stays."""
        self._in_loop(self.log.clear)

    # --- the state, behind the API's back

    def entities(self, name: str) -> list[dict[str, Any]]:
        """The rows of an entity set as stored, navigation included; copies. Of a singleton, the one there is.

        Raises:
            KeyError: where there is no such set or singleton.
        """
        return self._in_loop(lambda: self.stored(name))

    def put(self, name: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """Store a row, or change the one with its key, or change a singleton; its ETag changes. Returns it as stored.

        Raises:
            KeyError, SeedError: where there is no such set or singleton or the row does not fit it.
        """
        return self._in_loop(lambda: self.store_row(name, dict(row)))

    def remove(self, name: str, key: Any) -> bool:
        """Take a row away; False where there was none."""
        return self._in_loop(lambda: self.drop_row(name, key))

    def revoke_tokens(self) -> None:
        """Every live token answers 401 from now on."""
        self._in_loop(self._tokens.revoke)

    def fail(
        self,
        path: str,
        status: int | None = None,
        times: int | None = 1,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        method: str | None = None,
        delay: float | Gate | None = None,
        disconnect: bool | str = False,
        drip: float | None = None,
        when: When = ALWAYS,
    ) -> None:
        """Let the next requests whose raw path matches go wrong; see faults.Fault for what can."""
        fault = Fault(path, status, times, body, dict(headers or {}), method, delay, disconnect, drip, when)
        self._in_loop(lambda: self._faults.add(fault))

    def go_by(self, faults: str | Path | Mapping[str, Any] | None) -> None:
        """Let go wrong what a fault plan says, and nothing else; None: nothing, and the clock is right.

        Raises:
            PlanError: a plan that cannot be meant
        """
        self._in_loop(lambda: self.follow({} if faults is None else faults))

    @property
    def faults(self) -> list[Fault]:
        """The faults that are switched on and may still be met."""
        return self._in_loop(lambda: list(self._faults))

    def go_away(self, seconds: float = math.inf) -> None:
        """Refuse connections and reset those there are, for some seconds or until come_back."""
        self._in_loop(lambda: self.leave(seconds))

    def come_back(self) -> None:
        """Take connections again, at once."""
        assert self._loop is not None, "not started"
        asyncio.run_coroutine_threadsafe(self._come_back(), self._loop).result()

    @property
    def traits(self) -> Traits:
        """The names of the traits it has."""
        return self._service.rules.traits

    @traits.setter
    def traits(self, names: Iterable[str]) -> None:
        self._in_loop(lambda: self.take_on(names))

    def give_favourites(self, number: str) -> dict[str, Any]:
        """Give a user a hidden department of favourites, as with favourites-kept and favourites-dropped, and return it.

        Raises:
            KeyError: where nobody has this number.
        """
        return self._in_loop(lambda: copy.deepcopy(planting.give_favourites(self._store, number)))

    def snapshot(self) -> Store:
        """Everything that is stored, to be put back with restore; nothing changes it."""
        return self._in_loop(lambda: self._store.copy())

    def restore(self, snapshot: Store) -> None:
        """Everything is stored as it was when the snapshot was taken, ids and ETags to come included."""

        def put_back() -> None:
            self._store = self._service.store = snapshot.copy()
            self._service.rules = replace(self._service.rules, traits=self._store.traits)

        self._in_loop(put_back)

    def hold(self, path: str, method: str | None = None, times: int | None = 1, when: When = ALWAYS) -> Gate:
        """Let the next requests whose raw path matches wait until the returned gate is opened."""
        gate = Gate()
        self.fail(path, times=times, method=method, delay=gate, when=when)
        return gate

    def reset(self) -> None:
        """Start over: the seed again, the fault plan it was set up with, no tokens, an empty log."""
        self._in_loop(self.start_over)

    # --- the same, in the server's thread (see control.Controlled)

    def sign_in_count(self) -> int:
        """How many tokens were granted."""
        return self._tokens.granted

    def drop_tokens(self) -> None:
        """Revoke every token."""
        self._tokens.revoke()

    def switch_on(self, **fault: Any) -> None:
        """Switch a fault on."""
        self._faults.add(Fault(**fault))

    def follow(self, faults: str | Path | Mapping[str, Any]) -> None:
        """Go by a fault plan from now on."""
        told = plan.read(faults)
        self._faults.clear()
        for fault in told.faults:
            self._faults.add(fault)
        self.clock.offset = told.clock

    def trait_names(self) -> list[str]:
        """The names of the traits it has."""
        return sorted(self._service.rules.traits)

    def take_on(self, names: Iterable[str]) -> None:
        """Have these traits and no others from now on; what is stored takes the form they say."""
        traits = resolve(names)
        self._store.adopt(traits)
        planting.plant(self._store)
        self._service.rules = replace(self._service.rules, traits=traits)

    def told(self) -> list[dict[str, Any]]:
        """The faults that are switched on: what they are about, how many requests they could have met and have met."""
        return [
            {"path": fault.path, "method": fault.method, "seen": fault.seen, "met": fault.met} for fault in self._faults
        ]

    def stored(self, name: str) -> list[dict[str, Any]]:
        """Copies of the rows of a set, or of the one there is of a singleton."""
        if name in self._store.routes.settings:
            return [copy.deepcopy(self._store.settings[name])]
        if name in self._store.routes.singletons:
            return [copy.deepcopy(self._store.singleton(name).data)]
        self._store.describe(name)
        return copy.deepcopy(related.complete(self._store, name))

    def store_row(self, name: str, row: Any) -> dict[str, Any]:
        """Store a row, or change a singleton."""
        routes = self._store.routes
        store = seed.settle if name in routes.singletons or name in routes.settings else seed.upsert
        return copy.deepcopy(store(self._store, name, row))

    def drop_row(self, name: str, key: Any) -> bool:
        """Take a row away."""
        self._store.describe(name)
        return self._store.remove(name, key) is not None

    def start_over(self) -> None:
        """The seed again."""
        fresh = seed.read(self._seed_source)
        if not fresh.same_as(self._seed):
            self._seed = fresh
            self._planted = _planted(fresh, self._store.routes, replace(self._rules, traits=self._own_traits()))
        self._store = self._service.store = self._planted.copy()
        self._service.rules = replace(self._service.rules, traits=self._store.traits)
        self._tokens.revoke()
        self._tokens.granted = 0
        self.follow({} if self._plan_source is None else self._plan_source)
        self.log.clear()

    # --- what a fault does to the PBX as a whole and to a connection (see wire.Line)

    def line_reset(self, scope: Scope) -> None:
        """Reset the connection of a request."""
        _reset(self._transports.get(scope["client"]))

    def hang_up(self, scope: Scope) -> None:
        """End the connection of a request in order."""
        transport = self._transports.get(scope["client"])
        if transport is not None:
            transport.close()

    def leave(self, seconds: float, spared: Scope | None = None) -> None:
        """Refuse connections for some seconds, and reset those there are but one."""
        assert self._server is not None, "not started"
        for client, transport in list(self._transports.items()):
            if spared is None or client != spared["client"]:
                _reset(transport)
        if self._kept is None:
            self._server.leave()
            # Nobody listens, and nobody else can take the port meanwhile.
            self._kept = self._bound_to(self._bound)
        loop = asyncio.get_running_loop()
        if self._return is not None:
            self._return.cancel()
            self._return = None
        if seconds < math.inf:
            self._return = loop.call_later(seconds, lambda: loop.create_task(self._come_back()))

    async def _come_back(self) -> None:
        assert self._server is not None
        if self._kept is not None:
            listening, self._kept = self._kept, None
            await self._server.come_back(listening)

    def _in_loop(self, act: Callable[[], T]) -> T:
        """Run in the server's thread; directly while there is none, or when this is it."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None or not thread.is_alive() or thread is threading.current_thread():
            return act()

        async def run() -> T:
            return act()

        return asyncio.run_coroutine_threadsafe(run(), loop).result()


def _planted(content: seed.Seed, routes: Routes, rules: Rules) -> Store:
    """A store that has what a seed and the traits say; it is copied, and stays as it is."""
    store = Store(routes, rules.traits)
    seed.plant(content, store, rules.release)
    planting.plant(store)
    return store


def _reset(transport: asyncio.Transport | None) -> None:
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    if raw is not None:
        # No lingering: the peer sees a reset, not an orderly end.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NOW)
    transport.abort()


@functools.lru_cache(maxsize=16)
def _routes(path: Path | None, release: tuple[int, ...]) -> Routes:
    """Route tables are shared like the document: nobody changes them.

    Raises:
        DocumentError: where it is an OpenAPI document of something else, or cut off.
    """
    refused = DocumentError(f"{path or 'the document'} does not describe XAPI v1, or is cut off")
    try:
        routes = Routes(_parsed(path, release))
    except (AttributeError, LookupError, StopIteration, TypeError, ValueError, AssertionError) as error:
        raise refused from error
    if not routes.sets:
        raise refused
    return routes


def _parsed(path: Path | None, release: tuple[int, ...]) -> dict[str, Any]:
    """A given document is taken as it is; our own, as the release has it."""
    return releases.load(release) if path is None else documents.load(path)
