"""Export into files that exist: options of the command, and its report."""

from __future__ import annotations

from collections.abc import Sized
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pbx_as_code.cli.output import print_json

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

    from pbx_as_code.config.adopting.adopt import Wanted
    from pbx_as_code.config.adopting.outcome import Adoption, Conflict, Value


def adopt_into(layers: list[Path], client: XapiClient, wanted: Wanted, *, dry_run: bool, as_json: bool) -> int:
    """Adopt the state of a PBX into the files of layers, and tell what was done.

    Parameters:
        layers: directories, from the lowest
        client: of the PBX
        wanted: what to adopt
        dry_run: write nothing
        as_json: tell it as JSON

    Returns:
        exit status: 0 done, 2 if something needs a decision
    """
    from pbx_as_code.cli.progress import watched
    from pbx_as_code.config.adopting.adopt import adopt
    from pbx_as_code.config.adopting.store import store
    from pbx_as_code.config.loader import read_layers

    with watched(client) as pbx:
        adoption = adopt(read_layers(layers), pbx, wanted)
    if not dry_run:
        store(adoption)
    if as_json:
        print_json(_as_json(adoption))
    else:
        click.echo("\n".join(_lines(adoption, dry_run=dry_run)))
    return 2 if adoption.conflicts else 0


def _lines(adoption: Adoption, *, dry_run: bool) -> list[str]:
    lines = [f"~ {_told(value)}" for value in adoption.adopted]
    lines += [f"+ {title}" for title in adoption.added]
    lines += [f"- {title}" for title in adoption.removed]
    for conflict in adoption.conflicts:
        lines.append(f"! {_told(conflict.value)}")
        lines.append(f"    not adopted: {_why(conflict)}.{_advice(conflict)}")
    lines += [f"? not compared: {line}" for line in adoption.not_compared]
    written = "would be written" if dry_run else "written"
    return [*lines, *(f"{written}: {path}" for path in sorted(adoption.files)), summary(adoption)]


def summary(adoption: Adoption) -> str:
    """One line with counts."""
    return (
        f"{_count(adoption.adopted, 'value')} adopted, {_count(adoption.added, 'object')} added, "
        f"{len(adoption.removed)} removed, {len(adoption.conflicts)} left for you to decide, "
        f"{_count(adoption.files, 'file')} changed."
    )


def _count(found: Sized, what: str) -> str:
    return f"{len(found)} {what}{'' if len(found) == 1 else 's'}"


def _told(value: Value) -> str:
    from pbx_as_code.config.adopting.telling import told

    return told(value, gap="  ")


def _why(conflict: Conflict) -> str:
    return f"{conflict.reason.value}{f' ({conflict.why})' if conflict.why else ''}"


def _advice(conflict: Conflict) -> str:
    return f" Decide with {' or '.join(conflict.choices)}." if conflict.choices else " Change the file by hand."


def _as_json(adoption: Adoption) -> dict[str, Any]:
    return {
        "adopted": [_value(value) for value in adoption.adopted],
        "added": adoption.added,
        "removed": adoption.removed,
        "not_compared": adoption.not_compared,
        "conflicts": [
            {**_value(one.value), "reason": one.reason.name.lower(), "why": one.why, "choices": list(one.choices)}
            for one in adoption.conflicts
        ],
        "files": [str(path) for path in sorted(adoption.files)],
    }


def _value(value: Value) -> dict[str, Any]:
    return {
        "kind": value.kind,
        "object": value.title,
        "option": value.option,
        "declared": value.declared,
        "actual": value.actual,
        "place": None if value.place is None else value.place._asdict(),
    }
