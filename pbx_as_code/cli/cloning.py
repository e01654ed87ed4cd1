"""Files of a clone that are more than its configuration: expectations about calls, and what is not carried over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from pbx_as_code.callflow.expectations import Expectation
    from pbx_as_code.cloning import Clone

_COMMENT: Final = re.compile(rb"(?m)(?:^|[ \t])#")


def add_expectations(made: Clone, layers: Sequence[Path]) -> None:
    """Add calls.yml to the files of a clone: the expectations of all layers with the new numbers and names.

    Parameters:
        made: the clone
        layers: of the source, from the lowest

    Raises:
        ConfigError: something in the expectations cannot be understood
    """
    from pbx_as_code.callflow import expectations
    from pbx_as_code.cloning import line_hints
    from pbx_as_code.config.exporting.emitter import emit

    files = [file for file in map(expectations.file_of, layers) if file.is_file()]
    if not files:
        return
    wanted = expectations.read_files(files)
    if len(files) == 1:
        content = files[0].read_bytes()
    else:
        content = emit({"calls": [_as_values(one) for one in wanted]}).encode()
    content = expectations.renamed(content, made.names)
    made.files[expectations.FILE] = content.decode()
    made.hints += line_hints(content, expectations.FILE, made.olds)


def not_carried(layers: Sequence[Path]) -> str:
    """A sentence about parts of files that a clone does not have; empty if there are none.

    Parameters:
        layers: of the source, from the lowest
    """
    lost = list(_lost(layers))
    named = " + ".join(map(str, layers))
    parts = " and ".join([", ".join(lost[:-1]), lost[-1]] if len(lost) > 1 else lost)
    return (
        f"Note: the {parts} of {named} are not carried over: the clone has the values they amount to." if lost else ""
    )


def _lost(layers: Sequence[Path]) -> Iterator[str]:
    from pbx_as_code.config.loader import read_layers
    from pbx_as_code.config.variables import VARIABLES

    sources = [source for layer in read_layers(layers) for source in layer.sources]
    if len(layers) > 1:
        yield "layers"
    if any(_COMMENT.search(content) for _, content in sources):
        yield "comments"
    if any(path in VARIABLES for path, _ in sources):
        yield "variables"


def _as_values(one: Expectation) -> dict[str, Any]:
    """An expectation as it is written."""
    options = ("name", "call", "dial", "extension", "at", "caller", "assume", "press", "expect", "avoid", "within")
    found: dict[str, Any] = {option: getattr(one, option) for option in (*options, "caller_id")}
    found |= {"uncertain": True} if one.uncertain else {}
    if one.name == f"{one.call or one.dial} at {one.at or 'any time'}":  # it was given none
        del found["name"]
    return {
        option: list(value) if isinstance(value, tuple) else value
        for option, value in found.items()
        if value not in (None, ())
    }


def places_of(places: tuple[str, ...], named: tuple[Path, ...]) -> tuple[str | None, str]:
    """The source and the target that the arguments of the command name; no source with layers.

    Parameters:
        places: arguments
        named: layers of -f

    Raises:
        click.UsageError: there are too few or too many
    """
    if named:
        if len(places) != 1:
            raise click.UsageError("With -f, which names the layers of A, B is the only argument.")
        return None, places[0]
    if len(places) != 2:
        raise click.UsageError("Name A and B: a directory or profile:NAME, and where the clone goes.")
    return places[0], places[1]
