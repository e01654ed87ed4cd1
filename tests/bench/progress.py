"""Show the current measurement on standard error: a line that changes on a terminal, else one line for each."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

_shown: list[tuple[Progress, TaskID]] = []


@contextlib.contextmanager
def showing(title: str) -> Iterator[None]:
    """Show a line for a group of figures while it is measured, with what `step` says; a finished one stays."""
    columns = (
        SpinnerColumn(finished_text="[green]✓[/]"),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[step]}[/]"),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=1, step="")
        _shown.append((progress, task))
        try:
            yield
            progress.update(task, completed=1, step="")
        finally:
            _shown.pop()


def step(words: str) -> None:
    """Say what is done now."""
    for progress, task in _shown[-1:]:
        progress.update(task, step=words)
        if words and not progress.console.is_terminal:
            progress.console.print(f"{progress.tasks[0].description}: {words}", highlight=False)
