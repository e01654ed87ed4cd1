"""Many simulated PBXs in one process, each on a separate port: one event loop, one parsed document, separate states."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, overload

from .http.thread import ServingThread
from .http.tls import Certificate, throw_away
from .pbx import SimulatedPbx


class SimulatedFleet(Sequence[SimulatedPbx]):
    """So many simulated PBXs: `with SimulatedFleet(200) as pbxs: pbxs[0].url`.

    count: how many; port: of the first, the next has the next one, 0 for free ones; options: SimulatedPbx's, the same
    for all. With tls one temporary CA signs the certificates of all of them.

    Raises:
        ValueError: for a count or a port there cannot be; SeedError, DocumentError, PlanError as SimulatedPbx; OSError
            where a port is taken.
    """

    def __init__(
        self, count: int, *, port: int = 0, host: str = "127.0.0.1", tls: bool = False, **options: Any
    ) -> None:
        if count < 1:
            raise ValueError(f"a fleet has at least one PBX, not {count}")
        self._host, self._tls = host, tls
        first = SimulatedPbx(port=port, host=host, tls=tls, **options)
        if port + count > 65536:
            raise ValueError(f"{count} ports from {port} on do not end before 65536")
        self._pbxs = [first]
        for number in range(1, count):
            at = port and port + number
            self._pbxs.append(SimulatedPbx(port=at, host=host, tls=tls, like=first, **options))
        self._certificate: Certificate | None = None
        self._thread: ServingThread | None = None

    @overload
    def __getitem__(self, index: int) -> SimulatedPbx: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[SimulatedPbx]: ...
    def __getitem__(self, index: int | slice) -> SimulatedPbx | Sequence[SimulatedPbx]:
        """One PBX, or some of them."""
        return self._pbxs[index]

    def __len__(self) -> int:
        """How many there are."""
        return len(self._pbxs)

    def __iter__(self) -> Iterator[SimulatedPbx]:
        """Each, in the order of their ports where the first port was given."""
        return iter(self._pbxs)

    @property
    def ca_path(self) -> str | None:
        """With tls: the file of the temporary CA (PEM), deleted when the fleet is closed."""
        return None if self._certificate is None else self._certificate.ca_path

    def start(self) -> SimulatedFleet:
        """Listen, in one thread for all; return when requests are answered."""
        self.bind()
        self._thread = ServingThread("simulated-fleet", self.serve)
        for pbx in self._pbxs:
            pbx.served_by(self._thread)
        self._thread.start_serving()
        return self

    def bind(self) -> None:
        """Take the ports, all or none, so that each url is known."""
        taken: list[SimulatedPbx] = []
        try:
            for pbx in self._pbxs:
                pbx.bind()
                taken.append(pbx)
        except OSError:
            for pbx in taken:
                pbx.release_port()
            raise
        if self._tls:
            self._certificate = throw_away(self._host)
            for pbx in self._pbxs:
                pbx.trusted_by(self._certificate)

    async def serve(self, ready: Callable[[], None]) -> None:
        """Serve in the running loop until told to stop."""
        waiting = len(self._pbxs)

        def one_more() -> None:
            nonlocal waiting
            waiting -= 1
            if waiting == 0:
                ready()

        async with asyncio.TaskGroup() as group:
            for pbx in self._pbxs:
                group.create_task(pbx.serve(one_more))

    def stop(self) -> None:
        """Have serve() end; to be called in its loop."""
        for pbx in self._pbxs:
            pbx.stop()

    def close(self) -> None:
        """Stop serving; what was logged and stored stays readable."""
        for pbx in self._pbxs:
            pbx.close()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()
        self.discard()

    def discard(self) -> None:
        """Delete the temporary CA's file."""
        if self._certificate is not None:
            self._certificate.remove()

    def __enter__(self) -> SimulatedFleet:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
