"""Progress of long reads, on standard error and on terminals only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

from pbx_as_code.config.spelling import counted
from pbx_as_code.pbx import Entity, FoundList, Pbx

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID
    from threecx_xapi import XapiClient


@contextmanager
def watched(client: XapiClient) -> Iterator[Pbx]:
    """A PBX whose reads show how far they are, as long as the context lasts.

    Parameters:
        client: of the PBX
    """
    if not sys.stderr.isatty():
        yield Pbx(client)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(20), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _WatchedPbx(client, progress, progress.add_task("Reading", total=None))


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """Show steps as long as the context lasts: gives a function that takes what is done now."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("Looking") as status:
        yield lambda what: status.update(f"Looking at {what}")


class _WatchedPbx(Pbx):
    """Counts the kinds and objects that were read; used by several threads."""

    def __init__(self, client: XapiClient, progress: Progress, task: TaskID) -> None:
        super().__init__(client)
        self._progress = progress
        self._task = task
        self._counting = Lock()
        self._kinds = self._objects = 0

    def everything(self, kind: str, /, **options: Any) -> FoundList[Any]:
        """See Pbx.everything."""
        return self._counted(super().everything(kind, **options))

    def info(self, kind: str, /, **options: Any) -> FoundList[Entity]:
        """See Pbx.info."""
        return self._counted(super().info(kind, **options))

    def _counted(self, found: FoundList[Any]) -> FoundList[Any]:
        with self._counting:
            self._kinds += 1
            self._objects += len(found)
            objects = "object" if self._objects == 1 else "objects"
            said = f"{self._objects:,} {objects} of {counted(self._kinds, 'kind')} read"
        self._progress.update(self._task, description=said)
        return found
