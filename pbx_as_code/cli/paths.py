"""Files and directories that arguments of commands name."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click


class NamedPath(click.Path):
    """A path that is not empty: an unset variable of a script does not mean the working directory."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path.

        Raises:
            click.BadParameter: it is empty
        """
        refuse_empty(value, param, ctx)
        return super().convert(value, param, ctx)


def refuse_empty(value: Any, param: click.Parameter | None = None, ctx: click.Context | None = None) -> None:
    """Refuse an empty path.

    Parameters:
        value: as it was given
        param: that names it, for the message
        ctx: of the command

    Raises:
        click.BadParameter: it is empty
    """
    if not str(value).strip():
        raise click.BadParameter("It is empty. Name a file or a directory.", ctx=ctx, param=param)


PATH: Final = NamedPath(path_type=Path)
"""A file or a directory, which need not exist."""
