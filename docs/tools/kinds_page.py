"""The page that lists the kinds of objects and settings in files, from the facts that the command itself uses."""

from __future__ import annotations

from docs.tools.staging import Stage
from pbx_as_code.config.kinds import KINDS, ConfigKind, Creation

_PAGE = """\
# Kinds of objects in files

Each section of a file holds the objects of one kind, or one group of settings. The options of an object are those of
its module. The file is the one that `threecx export` writes; you may split and name files in any way.

## Objects

| section | identified by | file of an export | how it gets onto a PBX |
|---|---|---|---|
{objects}

## Settings

| section | file of an export |
|---|---|
{settings}

## Left out by an export

State and values that mean something on one PBX only are left out. You may declare them; then they are compared. A
relation that another kind declares is refused.

| section | option | why |
|---|---|---|
{left_out}
"""
_CREATION = {
    Creation.CREATED: "created if it is missing",
    Creation.ADOPTED: "cannot be created; must exist",
    Creation.REQUIRED: "listed under `required`; must exist",
}


def write(stage: Stage) -> None:
    """Write command/kinds.md.

    Parameters:
        stage: the sources of the site
    """
    kinds = sorted(KINDS.values(), key=lambda kind: kind.section)
    page = _PAGE.format(
        objects="\n".join(_object(kind) for kind in kinds if not kind.settings),
        settings="\n".join(f"| {_link(kind)} | `{kind.file}` |" for kind in kinds if kind.settings),
        left_out="\n".join(row for kind in kinds for row in _left_out(kind)),
    )
    stage.write("command/kinds.md", page)


def _object(kind: ConfigKind) -> str:
    keys = ", ".join(f"`{option}`" for option in kind.identity)
    return f"| {_link(kind)} | {keys} | `{kind.file}` | {_CREATION[kind.creation]} |"


def _left_out(kind: ConfigKind) -> list[str]:
    return [
        f"| `{kind.section}` | `{path}` | {left.reason.value}{f': {left.hint}' if left.hint else ''} |"
        for path, left in sorted(kind.left_out.items())
    ]


def _link(kind: ConfigKind) -> str:
    about = kind.description
    page = f"threecx_{kind.name}{'' if about.changeable else '_info'}_module"
    return f"[`{kind.section}`](../modules/{page}.rst)"
