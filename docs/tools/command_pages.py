"""A page for each command of `threecx`, from the declarations that its own help is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from docs.tools.staging import DOCS, Stage
from pbx_as_code.cli.main import cli

_INDEX = """\
# Reference of the commands

The pages are generated from the help of `threecx`, so they say the same as `threecx COMMAND --help`.

| command | |
|---|---|
{rows}

```{{toctree}}
:hidden:

{names}
```

{epilog}
"""
_PAGE = """\
# `{path}`

```text
{usage}
```

{help}

{guide}{options}{epilog}
"""
_FOLDER = "command/reference"


def write(stage: Stage) -> None:
    """Write the reference: one page per command, and one that lists them.

    Parameters:
        stage: the sources of the site
    """
    context = click.Context(cli, info_name="threecx")
    rows, names = [], []
    for path, command, inner in _commands(cli, context):
        name = "-".join(path.split()[1:])
        stage.write(f"{_FOLDER}/{name}.md", _page(path, name, command, inner))
        rows.append(f"| [`{path}`]({name}.md) | {cell(command.get_short_help_str(200))} |")
        names.append(f"{path} <{name}>")
    index = _INDEX.format(rows="\n".join(rows), names="\n".join(names), epilog=_epilog(cli.epilog or "", "##"))
    stage.write(f"{_FOLDER}/index.md", index)


def _commands(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command, click.Context]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from _commands(command, inner)
        else:
            yield inner.command_path, command, inner


def _page(path: str, name: str, command: click.Command, context: click.Context) -> str:
    pieces = command.collect_usage_pieces(context)
    guide = f"Guide: [{path}](../{name}.md)\n\n" if (DOCS / "command" / f"{name}.md").is_file() else ""
    return _PAGE.format(
        path=path,
        usage=" ".join([path, *pieces]),
        help=_paragraphs(command.help or ""),
        guide=guide,
        options=_options(command, context),
        epilog=_epilog(command.epilog or "", "##"),
    )


def _options(command: click.Command, context: click.Context) -> str:
    rows = []
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None:
            names, text = record
            rows.append(f"| {code(names)} | {cell(text)} |")
    return "\n".join(["## Options", "", "| option | meaning |", "|---|---|", *rows, "", ""])


def _paragraphs(text: str) -> str:
    """The paragraphs of a help text; one that begins with \\b keeps its lines."""
    done = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        if paragraph.startswith("\b\n"):
            done.append(_block(paragraph.removeprefix("\b\n")))
        else:
            done.append(_escaped(" ".join(paragraph.split())))
    return "\n\n".join(done)


def _epilog(text: str, heading: str) -> str:
    return "\n\n".join(_section(paragraph, heading) for paragraph in re.split(r"\n\s*\n", text.strip()) if paragraph)


def _section(paragraph: str, heading: str) -> str:
    lines = paragraph.removeprefix("\b\n").splitlines()
    title, *rest = lines
    if re.fullmatch(r"Examples?:", title.strip()):
        return (
            f"{heading} {title.strip().rstrip(':')}\n\n```console\n" + "".join(_command(line) for line in rest) + "```"
        )
    return _block("\n".join(lines))


def _command(line: str) -> str:
    stripped = line.strip()
    return f"$ {stripped}\n" if stripped else "\n"


def _block(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```"


def code(text: str) -> str:
    """Text as code within a cell of a table.

    Parameters:
        text: any; | would end the cell
    """
    return f"`{text.replace('|', '&#124;')}`" if "|" not in text else f"<code>{_escaped(text)}</code>"


def cell(text: str) -> str:
    """Text within a cell of a table: one line, its special characters as such.

    Parameters:
        text: any
    """
    return _escaped(" ".join(text.split()))


def _escaped(text: str) -> str:
    """Text whose special characters Markdown does not read; code in backticks stays code."""
    parts = re.split(r"(`[^`]*`)", text)
    escape = re.compile(r"([\\*_\[\]<>|#])")
    return "".join(part if index % 2 else escape.sub(r"\\\1", part) for index, part in enumerate(parts))
