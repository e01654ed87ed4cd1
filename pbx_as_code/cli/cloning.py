"""Files of a clone that are more than its configuration: expectations about calls, and what is not carried over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from pbx_as_code.cli.paths import refuse_empty

if TYPE_CHECKING:
    from pbx_as_code.cloning import Clone
    from pbx_as_code.config.nodes import Node

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
    expectations.read_files(files)  # refuses what cannot be understood
    texts = [file.read_bytes() for file in files]
    content = texts[0] if len(texts) == 1 else emit({"calls": [one for text in texts for one in _calls(text)]}).encode()
    content = expectations.renamed(content, made.names)
    made.files[expectations.FILE] = content.decode()
    made.hints += line_hints(content, expectations.FILE, made.olds)


def note_what_is_lost(layers: Sequence[Path]) -> None:
    """Say which parts of files a clone does not have, if there are any.

    Parameters:
        layers: of the source, from the lowest
    """
    lost = list(_lost(layers))
    if lost:
        parts = " and ".join([", ".join(lost[:-1]), lost[-1]] if len(lost) > 1 else lost)
        named = " + ".join(map(str, layers))
        said = f"Note: the {parts} of {named} are not carried over: the clone has the values they amount to."
        click.echo(said, err=True)


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


def _calls(content: bytes) -> Iterator[dict[str, Any]]:
    """The expectations of a file as plain values."""
    from pbx_as_code.config.nodes import Entries, Items
    from pbx_as_code.config.reader import read_yaml

    root = read_yaml(content, "")
    items = root.values.get("calls") if isinstance(root, Entries) else None
    for item in items.values if isinstance(items, Items) else ():
        if isinstance(item, Entries):
            yield {option: _plain(option, node) for option, node in item.values.items()}


def _plain(option: str, node: Node) -> Any:
    from pbx_as_code.config.nodes import Items, Scalar

    if isinstance(node, Items):
        return [_plain(option, one) for one in node.values]
    text = node.text if isinstance(node, Scalar) else ""
    return int(text) if option == "within" else text == "true" if option == "uncertain" else text


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
        refuse_empty(places[0])
        return None, places[0]
    if len(places) != 2:
        raise click.UsageError("Name A and B: a directory or profile:NAME, and where the clone goes.")
    refuse_empty(places[1])
    return places[0], places[1]
