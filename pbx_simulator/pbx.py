"""A simulated PBX in a separate thread, on a real socket."""

from __future__ import annotations

import copy
import math
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from starlette.types import ASGIApp, Scope

from .faults.fault import Fault, Gate
from .faults.when import ALWAYS, When
from .http.app import build
from .http.control import Control
from .http.exchange import Rules
from .http.listener import Listener
from .http.log import LoggedRequest
from .http.tls import Certificate
from .inside import Inside
from .state.store import Store
from .traits import Traits, planting

T = TypeVar("T")


class SimulatedPbx(Inside):
    """A simulated PBX: `with SimulatedPbx() as pbx: ... pbx.url`.

    seed: a YAML or JSON file, the same as a mapping, "empty" for a PBX just installed, or None for the built-in
    company; release: what X-3CX-Version says and how it behaves, from 20.0.5 on; traits: names of what makes it differ
    from others, also of the sets as-seen and strict-odata (see traits), None for what the seed says, else as-seen;
    etags: whether entities carry ETags whatever the traits say, None for what they say;
    strict_etags: 428 for a write without If-Match; tls: https with a temporary CA, see ca_path; token_lifetime:
    seconds (default an hour);
    page_cap: rows of a page at most; slowness: how many looks at a list find what takes its time (a backup, a service
    that starts) not done yet; port: 0 for a free one; document: the OpenAPI document that drives it, None for its own,
    without what came after the release; faults: a fault plan, a YAML file or the same as a mapping (see plan);
    like: another PBX that was set up with the same seed, release and document: what was planted there is not planted
    again.

    Raises:
        SeedError, DocumentError, PlanError, ValueError: where it cannot be set up; OSError where the port is taken.
    """

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
        self._listener = Listener(host, port, tls, self._application)
        super().__init__(
            Rules(release=release, page_cap=page_cap, slowness=slowness),
            seed,
            traits=traits,
            etags=etags,
            strict_etags=strict_etags,
            token_lifetime=token_lifetime,
            own=None if document is None else Path(document),
            faults=faults,
            like=like,
        )

    def _application(self) -> ASGIApp:
        return build(self._service, self._sign_in, Control(self), self.log, self._faults, self, self._listener.host)

    # --- running

    def start(self) -> SimulatedPbx:
        """Listen in a separate thread; return when requests are answered."""
        self._listener.start()
        return self

    def bind(self) -> None:
        """Take the port, so that url is known. An ExposedWarning says where others than this machine reach it."""
        self._listener.bind()

    async def serve(self, ready: Callable[[], None]) -> None:
        """Serve in the running loop until told to stop."""
        await self._listener.serve(ready)

    def close(self) -> None:
        """Stop serving; what was logged and stored stays readable."""
        self._listener.close()

    # --- as one of a fleet

    def served_by(self, thread: threading.Thread) -> None:
        """The thread in which the fleet will call serve()."""
        self._listener.served_by(thread)

    def trusted_by(self, certificate: Certificate) -> None:
        """The certificate to serve https with, instead of a generated one; the caller discards it."""
        self._listener.trusted_by(certificate)

    def release_port(self) -> None:
        """Give back the port that bind() took."""
        self._listener.release_port()

    def stop(self) -> None:
        """Have serve() end; to be called in its loop."""
        self._listener.stop()

    def discard(self) -> None:
        """Delete the temporary CA's file."""
        self._listener.discard()

    def __enter__(self) -> SimulatedPbx:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- where it is

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._listener.port

    @property
    def url(self) -> str:
        """Scheme, host and port, such as http://127.0.0.1:43121."""
        return self._listener.url

    @property
    def ca_path(self) -> str | None:
        """With tls: the file of the temporary CA (PEM), deleted when the PBX is closed."""
        return self._listener.ca_path

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
        self._listener.come_back()

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

    # --- what a fault does to it and to a connection (see wire.Line)

    def line_reset(self, scope: Scope) -> None:
        """Reset the connection of a request."""
        self._listener.line_reset(scope)

    def hang_up(self, scope: Scope) -> None:
        """End the connection of a request in order."""
        self._listener.hang_up(scope)

    def leave(self, seconds: float, spared: Scope | None = None) -> None:
        """Refuse connections for some seconds, and reset those there are but one."""
        self._listener.leave(seconds, spared)

    def _in_loop(self, act: Callable[[], T]) -> T:
        """Run in the server's thread; directly while there is none, or when this is it."""
        return self._listener.in_loop(act)
