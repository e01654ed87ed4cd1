# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New entries of the event log and the audit log of PBXs as events for rulebooks."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

DOCUMENTATION = r"""
short_description: Event log and audit log of 3CX phone systems
description:
  - Emits an event for each new entry of the event log and of the audit log of a PBX, or of the PBXs of a fleet file.
  - The position in each log is kept in a file, so a restart neither repeats nor loses an entry. If the process is
    killed while a rule runs, the entry of this rule may be repeated.
  - If a PBX does not answer, the source emits an event with O(log=connection) and O(state=away), and another with
    O(state=back) and then the entries that were written in the meantime.
  - Events contain no credentials. The data of changes in the audit log is never read.
options:
  host:
    description: Address of the PBX. Needs O(client_id) and O(client_secret).
    type: str
  client_id:
    description: Client ID of a service principal.
    type: str
  client_secret:
    description:
      - Client secret of the service principal. Use a variable of the environment, as in
        C(client_secret=SECRET) with C(ansible-rulebook --env-vars).
    type: str
  ca_path:
    description: PEM file with the certificate authorities to trust.
    type: str
  validate_certs:
    description: Whether the TLS certificate must be valid.
    type: bool
    default: true
  fleet:
    description: Path of a C(fleet.yml), instead of O(host). Its secrets must be available without Ansible variables.
    type: str
  limit:
    description: PBXs and groups of O(fleet) to read from, as in C(--limit).
    type: str
    default: all
  logs:
    description: Logs to read.
    type: list
    elements: str
    choices: [event_log, audit_log]
    default: [event_log, audit_log]
  interval:
    description: Seconds between two requests for each log.
    type: float
    default: 30
  state_dir:
    description: Directory of the files with the positions. The default is C(threecx) in the user's state directory.
    type: str
  feedback:
    description: Whether the rule engine confirms each event. Needs a source with a name, and C(--persistence-id) of
      ansible-rulebook or an activation with persistence.
    type: bool
    default: false
  from_beginning:
    description: Whether to emit the entries that exist when the source reads a log for the first time.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: React to phone systems
  hosts: localhost
  sources:
    - threecx.xapi.events:
        fleet: fleet.yml
        limit: customers
        interval: 60
  rules:
    - name: Report blocked addresses
      condition: event.log == "event_log" and event.event_id == 12290
      action:
        debug:
          msg: "{{ event.name }}: {{ event.message }}"
    - name: Report drift after a change by hand
      condition: event.log == "audit_log"
      action:
        run_job_template:
          name: Drift of 3CX phone systems
          organization: Default
          job_args:
            limit: "{{ event.name }}"
"""

try:
    from threecx_xapi import XapiClient

    from pbx_as_code import Pbx
    from pbx_as_code.config.nodes import ConfigError
    from pbx_as_code.errors import PbxError
    from pbx_as_code.events import LOGS, Cursor, CursorError, new_entries
    from pbx_as_code.fleet import PatternError, load_fleet, select
    from pbx_as_code.profiles import ProfileError
except ImportError as error:
    MISSING: str | None = f"threecx.xapi.events needs the Python package threecx-xapi: {error}."
else:
    MISSING = None

_OPTIONS = frozenset(
    {
        "host", "client_id", "client_secret", "ca_path", "validate_certs", "fleet", "limit", "logs", "interval",
        "state_dir", "from_beginning", "feedback",
    }
)  # fmt: skip
_BY_RULEBOOK = "eda_feedback_queue"
_log = logging.getLogger(__name__)
for _library in ("httpx", "httpcore"):  # they would log several lines for each request
    logging.getLogger(_library).setLevel(logging.WARNING)


class SourceError(Exception):
    """The source cannot be used; its text is one sentence without credentials."""


class _Target(NamedTuple):
    name: str
    url: str
    connect: Callable[[], Any]


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Emit events until the rulebook ends.

    Parameters:
        queue: of the rulebook
        args: see DOCUMENTATION

    Raises:
        SourceError: an option is wrong, or another source uses the same position
    """
    if MISSING is not None:
        raise SourceError(MISSING)
    logs, interval = _checked(args)
    with _targets(args) as targets:
        output = _Output(queue, args.get(_BY_RULEBOOK))
        await asyncio.gather(*(_follow(output, target, logs, interval, args) for target in targets))


async def _follow(output: _Output, target: _Target, logs: list[str], interval: float, args: dict[str, Any]) -> None:
    """Emit the events of one PBX."""
    away = False
    try:
        cursor = Cursor(_state_file(target, args))
        with ExitStack() as stack:
            stack.enter_context(cursor.locked())
            pbx = Pbx(stack.enter_context(target.connect()), deadline=min(60.0, max(10.0, interval)))
            while True:
                for log in logs:
                    try:
                        found = await asyncio.to_thread(
                            new_entries, pbx, cursor, log, from_beginning=bool(args.get("from_beginning"))
                        )
                    except PbxError as failure:
                        if not away:
                            _log.warning("%s: %s", target.name, failure)
                            await output.put(_connection(target, "away", str(failure)))
                        away = True
                        break  # the other log would not answer either
                    if away:
                        await output.put(_connection(target, "back", ""))
                        away = False
                    for entry in found:
                        await output.put({"name": target.name, **entry})
                        cursor.take(log, entry)
                        cursor.save()
                    if not found:
                        cursor.save()
                await asyncio.sleep(interval)
    except (CursorError, ProfileError, ValueError) as error:
        raise SourceError(f"threecx.xapi.events: {target.name}: {error}") from None


class _Output:
    """The queue of the rulebook, with the knowledge of when an event has been taken. Only then is it not lost."""

    def __init__(self, queue: Any, feedback: asyncio.Queue[Any] | None) -> None:
        self._queue, self._feedback = queue, feedback
        # ansible-rulebook passes its queue within an object that only filters events.
        self._taken_from = getattr(queue, "queue", queue)
        self._one_at_a_time = asyncio.Lock()

    async def put(self, event: dict[str, Any]) -> None:
        """Emit an event, and wait until a rule engine has it."""
        async with self._one_at_a_time:
            await self._queue.put(event)
            if self._feedback is not None:
                await self._feedback.get()
                return
            while not self._taken_from.empty():
                await asyncio.sleep(0.01)


def _connection(target: _Target, state: str, message: str) -> dict[str, Any]:
    return {"name": target.name, "pbx": target.url, "log": "connection", "state": state, "message": message}


def _checked(args: dict[str, Any]) -> tuple[list[str], float]:
    """The logs and the interval. Raises SourceError for options that cannot be used."""
    for name in sorted(args.keys() - _OPTIONS - {_BY_RULEBOOK}):
        raise SourceError(f"threecx.xapi.events has no option {name}; there are {', '.join(sorted(_OPTIONS))}.")
    logs = args.get("logs") or list(LOGS)
    for log in logs if isinstance(logs, list) else [logs]:
        if log not in LOGS:
            raise SourceError(f"threecx.xapi.events: there is no log {log}; there are {', '.join(LOGS)}.")
    try:
        interval = float(args.get("interval", 30))
    except (TypeError, ValueError):
        interval = -1.0
    if not 0 < interval <= 86400:
        raise SourceError("threecx.xapi.events: interval is a number of seconds from 0 to 86400.")
    return list(logs) if isinstance(logs, list) else [logs], interval


@contextmanager
def _targets(args: dict[str, Any]) -> Iterator[list[_Target]]:
    if args.get("fleet"):
        try:
            pbxs = select(load_fleet(str(args["fleet"])), str(args.get("limit", "all")))
        except (ConfigError, PatternError) as error:
            raise SourceError(f"threecx.xapi.events: {error}") from None
        yield [_Target(pbx.name, pbx.url, pbx.connect) for pbx in pbxs]
        return
    missing = [name for name in ("host", "client_id", "client_secret") if not args.get(name)]
    if missing:
        raise SourceError(f"threecx.xapi.events needs {', '.join(missing)}, or fleet.")

    def connect() -> Any:
        return XapiClient(
            str(args["host"]), client_id=str(args["client_id"]), client_secret=str(args["client_secret"]),
            ca_path=args.get("ca_path"), verify=bool(args.get("validate_certs", True)), read_only=True,
        )  # fmt: skip

    try:
        with connect() as client:
            url = client.base_url
    except ValueError as error:
        raise SourceError(f"threecx.xapi.events: {error}") from None
    yield [_Target(str(args["host"]), url, connect)]


def _state_file(target: _Target, args: dict[str, Any]) -> Path:
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    folder = Path(args["state_dir"] if args.get("state_dir") else Path(base) / "threecx")
    return folder / f"events-{hashlib.sha256(target.url.encode()).hexdigest()[:16]}.json"
