"""Resolve names to addresses within a time limit: nothing can interrupt ``getaddrinfo``, so it runs in a separate
thread.

The thread is a daemon: it may hang for as long as the system's resolver does, and holds up neither the request nor the
end of the program.
"""

from __future__ import annotations

import socket
import threading
from ipaddress import ip_address
from typing import TYPE_CHECKING, TypeAlias

import httpcore

if TYPE_CHECKING:
    import asyncio

UNRESOLVED = "the name was not resolved in time"

_Found: TypeAlias = "list[str] | OSError | UnicodeError"


def is_literal(host: str) -> bool:
    """Whether a host is an IP address already."""
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def addresses(host: str, port: int, timeout: float) -> list[str]:
    """The IP addresses of a host, in the order in which they are to be tried.

    Parameters:
        host: its name
        port: the port
        timeout: seconds

    Raises:
        ConnectTimeout: the resolver has not answered in time
        ConnectError: there is no such name
    """
    found: list[_Found] = []
    done = threading.Event()

    def work() -> None:
        found.append(_look_up(host, port))
        done.set()

    threading.Thread(target=work, name="threecx-xapi-resolver", daemon=True).start()
    if not done.wait(timeout):
        raise httpcore.ConnectTimeout(UNRESOLVED)
    return _read(found[0])


async def addresses_async(host: str, port: int, timeout: float) -> list[str]:
    """The IP addresses of a host; see :func:`addresses`. Needs a running asyncio loop."""
    import asyncio  # the sync side does not need it

    loop = asyncio.get_running_loop()
    future: asyncio.Future[_Found] = loop.create_future()

    def done(found: _Found) -> None:
        if not future.done():
            future.set_result(found)

    def work() -> None:
        found = _look_up(host, port)
        try:
            loop.call_soon_threadsafe(done, found)
        except RuntimeError:  # the loop has been closed in the meantime
            return

    threading.Thread(target=work, name="threecx-xapi-resolver", daemon=True).start()
    try:
        return _read(await asyncio.wait_for(future, timeout))
    except TimeoutError:
        raise httpcore.ConnectTimeout(UNRESOLVED) from None


def _look_up(host: str, port: int) -> _Found:
    try:
        listed = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return error
    return list(dict.fromkeys(_address(entry[4]) for entry in listed))


def _address(found: tuple[object, ...]) -> str:
    host = str(found[0])
    scope = found[3] if len(found) > 3 else 0
    return f"{host}%{scope}" if scope and "%" not in host else host


def _read(found: _Found) -> list[str]:
    if isinstance(found, list) and found:
        return found
    problem = found if isinstance(found, Exception) else socket.gaierror("no address")
    raise httpcore.ConnectError(str(problem)) from problem
