"""The call flow: one graph of everything that a call can pass on a PBX, from files or from one read of the PBX.

    graph = from_directory(Path("acme"))                 # or from_configuration(configuration), from_pbx(client)
    for did in graph.entries: ...                        # DIDs; graph.of(Queue), graph.of(User), ... are the objects
    graph.edges_from(ref); graph.edges_to(ref); graph.edges
    graph.node(ref)                                      # a typed, immutable node; also of mailboxes, outside numbers
    graph.place(edge); graph.nodes[ref].place("agents", 0)   # file:line:column; None for a PBX

The contract, on which lint, map, trace, expectations and rehearse rest:

- **Ref** `(kind, key)` names a place. It is the same for files and for the PBX they come from, so two graphs can be
  compared: `set(before.edges) ^ set(after.edges)`. Places that are no objects have refs too: `voicemail 101`,
  `external number +49...`, `end of the call`, `missing number 899`, `unknown destination`.
- **Nodes** (`callflow.model`) hold what is declared, with destinations as declared (`Destination`). They are equal if
  they say the same; their `origin` leads to the `Definition`, which has everything else (secrets of users, prompts).
- **None is unknown**, never a default: an absent timeout is no 20 seconds, an absent flag is not off. An empty tuple is
  an empty list that is declared.
- **Edges** say under which condition (`When`) a call goes on, for whom (`caller`, `profile`), after how long
  (`seconds`; `waits` with None: unknown seconds), in which order (`position`), on which rules they rest (`rules`,
  explained in `callflow.rules`), and whether their switch is on (`counts`; None: unknown). A destination that stays in
  its object (ProceedWithNoExceptions) has no edge. An edge to a `missing` ref is a reference to nothing;
  `graph.node(ref).certain` tells whether the configuration is complete enough to be sure.
- **Hours** belong to the department of the object where the call arrives, at every hop: `graph.departments_of(ref)`.
- **States** (profile, queue login, registration, override) are in `User.state`, `Trunk.online`, `Department.override`
  and `CallFlowApp.invalid`; exported files lack them. `graph.live` tells which of both it is.
- Nodes and edges are made when they are first asked for, so a trace does not pay for users it does not meet. A graph is
  immutable and may be shared by threads.

Further modules: `callflow.hours` (state of a department at a time), `callflow.trace` (path of one call),
`callflow.outbound` (outgoing calls), `callflow.rules` (the numbered rules with source and confidence).
"""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from pbx_as_code.callflow.build.graphs import from_configuration
from pbx_as_code.callflow.build.reading import read_pbx
from pbx_as_code.callflow.model.edges import Edge, When
from pbx_as_code.callflow.model.graph import CallGraph
from pbx_as_code.callflow.model.refs import Kind, Ref

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

    from pbx_as_code.pbx import Pbx

__all__ = ["CallGraph", "Edge", "Kind", "Ref", "When", "from_configuration", "from_directory", "from_pbx", "read_pbx"]


def from_directory(directory: Path) -> CallGraph:
    """The call graph of the files of one PBX.

    Parameters:
        directory: of the configuration, or a single file

    Raises:
        ConfigError: the files cannot be read
    """
    from pbx_as_code.config.loader import load

    return from_configuration(load(directory))


def from_pbx(client: XapiClient, *, pbx: Pbx | None = None, parallel: int = 4) -> CallGraph:
    """The call graph of a PBX, read once and without writing; see `read_pbx`.

    Parameters:
        client: of the PBX; a client that refuses writes is made of it
        pbx: reads the kinds, such as one that shows its progress
        parallel: requests at a time

    Raises:
        PbxError: something cannot be read
    """
    configuration = read_pbx(client, pbx=pbx, parallel=parallel)
    return from_configuration(configuration, taken_at=datetime.now(timezone.utc))  # noqa: UP017 for Python 3.10
