"""Plans and applies on a simulated PBX, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from threecx_xapi import XapiClient
from threecx_xapi.retry import RetryPolicy

from pbx_as_code import Pbx
from pbx_as_code.config.applying.apply import Applied, apply
from pbx_as_code.config.applying.files import Recorded
from pbx_as_code.config.configuration import Configuration
from pbx_as_code.config.export import export
from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.lock import read_lock
from pbx_as_code.config.planning.consent import Consent
from pbx_as_code.config.planning.operations import Plan
from pbx_as_code.config.planning.planner import plan
from pbx_as_code.config.secrets import Resolver
from pbx_simulator import SimulatedPbx

INVENTED = "Invented-Secret-1!"  # an invented credential
#: A new department, a member of it, and two queues that forward to each other.
CIRCLE = """
groups: [{name: Warehouse}]
users:
- {number: '392', first_name: Nia, last_name: Berg, primary_group: Warehouse, groups: [{group: Warehouse}]}
queues:
- {number: '870', name: A, agents: [{number: '392'}], forward_no_answer: {to: Queue, number: '871'}}
- {number: '871', name: B, forward_no_answer: {to: Queue, number: '870'}}
"""


@dataclass
class Site:
    """A simulated PBX and a client that may write."""

    simulated: SimulatedPbx
    pbx: Pbx

    def plan(self, files: str | Configuration, directory: Path | None = None, **consent: Any) -> Plan:
        """Plan files, with consent to removals."""
        configuration = declared(files) if isinstance(files, str) else files
        return plan(
            configuration, self.pbx, own_number=self.simulated.client_id, consent=Consent(**consent),
            lock=None if directory is None else read_lock(directory),
        )  # fmt: skip

    def apply(self, files: str | Configuration | Plan, directory: Path | None = None, **options: Any) -> Applied:
        """Apply files, or a plan, without consent to removals."""
        made = files if isinstance(files, Plan) else self.plan(files, directory)
        options = {"secrets": secrets(), **options}
        if directory is None:
            return apply(made, self.pbx, **options)
        return Recorded(made, directory).apply(self.pbx, **options)

    def exported(self) -> Configuration:
        """Everything on the PBX, as files."""
        made = export(self.pbx, own_number=self.simulated.client_id)
        return load_sources([(path, content.encode()) for path, content in made.files.items()])


@contextmanager
def site(simulated: SimulatedPbx) -> Iterator[Site]:
    """A client of a simulated PBX that does not retry."""
    with XapiClient(
        simulated.url,
        client_id=simulated.client_id,
        client_secret=simulated.client_secret,
        retry=RetryPolicy(attempts=1),
    ) as client:
        yield Site(simulated, Pbx(client))


def declared(text: str) -> Configuration:
    """A configuration of one file."""
    return load_sources([("a.yml", text.encode())])


def secrets() -> Resolver:
    """A source that has every credential."""
    return Resolver([lambda _: INVENTED])


def done(made: Plan) -> list[tuple[Any, ...]]:
    """Operations of a plan: what, kind and identity."""
    return [(one.doing.value, one.kind, *one.identity) for one in made.operations]
