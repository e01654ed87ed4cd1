"""threecx-simulator: a simulated PBX in the foreground, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import signal
import sys
import warnings
from collections.abc import Callable, Sequence

from .command import package_version
from .fleet import SimulatedFleet
from .model.document import DocumentError
from .pbx import SimulatedPbx
from .seeds.seed import SeedError
from .traits import describe, read


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    options = argparse.ArgumentParser(
        prog="threecx-simulator",
        description="A simulated 3CX phone system with all operations of XAPI v1. Its data is in memory only.",
    )
    options.add_argument("--version", action="version", version=f"threecx-xapi {package_version()}")
    options.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    options.add_argument("--port", type=int, default=8443, help="port to listen on, 0 for a free one (default 8443)")
    options.add_argument(
        "--count", type=int, default=1, metavar="N",
        help="number of PBXs, each with separate state and on its own port from --port on (default 1)",
    )  # fmt: skip
    options.add_argument(
        "--json", action="store_true", help="print the addresses and credentials of the PBXs as one JSON list"
    )
    options.add_argument(
        "--seed",
        metavar="FILE",
        help="YAML or JSON file with initial data, or empty for a newly installed PBX (default: a small company)",
    )
    options.add_argument(
        "--release", default="20.0.10", help="simulated release of 3CX, 20.0.5 or newer (default 20.0.10)"
    )
    options.add_argument(
        "--etags",
        action=argparse.BooleanOptionalAction,
        help="whether entities have ETags (default: set by the traits)",
    )
    options.add_argument("--strict-etags", action="store_true", help="refuse writes without If-Match with 428")
    options.add_argument(
        "--trait", action="append", default=[], metavar="NAME", help="difference between builds to simulate; repeatable"
    )
    options.add_argument(
        "--traits",
        nargs="?",
        const="",
        metavar="FILE",
        help="YAML or JSON file with traits; without a file, list all traits",
    )
    for name, meaning in (("as-seen", "observed on real systems"), ("strict-odata", "ETags, nulls and 428")):
        options.add_argument(
            f"--{name}", dest="trait", action="append_const", const=name, help=f"the set of traits {name}: {meaning}"
        )
    options.add_argument("--tls", action="store_true", help="serve HTTPS with a temporary certificate")
    options.add_argument(
        "--token-lifetime", type=int, metavar="SECONDS", help="lifetime of access tokens (default 3600)"
    )
    options.add_argument("--faults", metavar="FILE", help="YAML file with a fault plan, see FAULTS.md")
    options.add_argument("--document", metavar="FILE", help="OpenAPI document to simulate (default: the built-in one)")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted. Return the exit status, which is 1 if the PBX cannot be set up."""
    given = parser().parse_args(arguments)
    warnings.showwarning = _warn
    if given.traits == "":
        print(describe())
        return 0
    with contextlib.suppress(KeyboardInterrupt):
        return _serve(given)
    return 0


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    print(f"threecx-simulator: warning: {message}", file=sys.stderr)


def _serve(given: argparse.Namespace) -> int:
    try:
        fleet = SimulatedFleet(
            given.count, seed=given.seed, release=given.release, etags=given.etags, strict_etags=given.strict_etags,
            tls=given.tls, token_lifetime=given.token_lifetime, port=given.port, host=given.host,
            document=given.document, faults=given.faults, traits=named_traits(given),
        )  # fmt: skip
        fleet.bind()
    except (SeedError, DocumentError, ValueError) as error:
        print(f"threecx-simulator: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"threecx-simulator: cannot listen on {given.host}:{given.port}: {error.strerror}", file=sys.stderr)
        return 1
    # Existing objects stay alive: the collector need not scan ten thousand users again and again.
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        asyncio.run(_until_told(fleet, lambda: _announce(fleet, as_json=given.json)))
    finally:
        fleet.discard()
    return 0


def named_traits(given: argparse.Namespace) -> list[str] | None:
    """Return the traits given in a file or one by one, or None.

    Raises:
        TraitError: The file cannot be read.
    """
    named = [*(read(given.traits) if given.traits else ()), *given.trait]
    return named if named or given.traits else None


async def _until_told(fleet: SimulatedFleet, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM, then shut down cleanly."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, fleet.stop)
        except NotImplementedError:  # not available on Windows, where KeyboardInterrupt ends the loop
            break
    await fleet.serve(ready)


def _announce(fleet: SimulatedFleet, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([_told(pbx) for pbx in fleet]), flush=True)
        return
    trust = f", trust {fleet.ca_path}" if fleet.ca_path else ""
    for pbx in fleet:
        print(
            f"Simulated PBX {pbx.release} at {pbx.url} "
            f"(client id {pbx.client_id}, client secret {pbx.client_secret}{trust})"
        )
    sys.stdout.flush()


def _told(pbx: SimulatedPbx) -> dict[str, str | None]:
    names = ("url", "release", "client_id", "client_secret", "username", "password", "security_code", "ca_path")
    return {name: getattr(pbx, name) for name in names}


if __name__ == "__main__":
    sys.exit(main())
