"""List the operations of the client on the command line: `python -m threecx_xapi [TAG[.METHOD]]`. Sends nothing."""

from __future__ import annotations

import argparse
import inspect
import os
import sys
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from . import __version__
from ._resources import Resources


def main(arguments: list[str] | None = None) -> int:
    """List the tags, the methods of one tag, or what one method takes.

    Returns:
        the exit status: 0, or 1 where there is no such tag or method
    """
    parser = argparse.ArgumentParser(
        prog="python -m threecx_xapi",
        description="The operations of the client of the 3CX Configuration API (XAPI v1). Nothing is sent.",
        epilog="examples: python -m threecx_xapi users; python -m threecx_xapi users.make_call",
    )
    parser.add_argument(
        "what", nargs="?", metavar="TAG[.METHOD]", help="such as users, or users.get (default: all tags)"
    )
    parser.add_argument("--version", action="version", version=f"threecx-xapi {__version__}")
    what = parser.parse_args(arguments).what
    if what is None:
        print(overview())
        return 0
    tag, _, method = what.removeprefix("client.").partition(".")
    found = tags().get(tag)
    known = methods(found) if found is not None else {}
    if found is None or (method and method not in known):
        name, names = (tag, list(tags())) if found is None else (method, list(known))
        near = get_close_matches(name, names, n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else ". Run `python -m threecx_xapi` for a list."
        print(f"There is no {'tag' if found is None else f'method of {tag}'} called {name}{hint}", file=sys.stderr)
        return 1
    print(described(tag, method, known[method]) if method else of_tag(tag, known))
    return 0


def overview() -> str:
    """Every tag, with how many operations it has."""
    every = tags()
    width = max(map(len, every))
    rows = (f"  {name:{width}}  {', '.join(methods(kind))}" for name, kind in sorted(every.items()))
    shown = [row if len(row) <= 120 else row[:115].rpartition(",")[0] + ", ..." for row in rows]
    head = [
        f"threecx-xapi {__version__}: {len(every)} groups of operations, attributes of XapiClient and AsyncXapiClient.",
        "",
        "    with XapiClient('https://pbx.example.com', client_id='900', client_secret='...') as client:",
        "        client.users.get_by_number('100')",
        "",
    ]
    return "\n".join([*head, *shown, "", "python -m threecx_xapi users shows the operations of one of them."])


def of_tag(tag: str, known: dict[str, Callable[..., Any]]) -> str:
    """The methods of a tag with their arguments."""
    return "\n".join(f"client.{tag}.{name}{_signature(method)}" for name, method in known.items())


def described(tag: str, name: str, method: Callable[..., Any]) -> str:
    """One method with the meaning of its arguments."""
    return f"client.{tag}.{name}{_signature(method)}\n\n{inspect.getdoc(method)}"


def tags(client: type[Any] = Resources) -> dict[str, type[Any]]:
    """The class of each tag, by the attribute of the client.

    Args:
        client: the resources of the sync or of the async client.
    """
    return {name: getattr(client, name) for name in vars(client) if not name.startswith("_")}


def methods(tag: type[Any]) -> dict[str, Callable[..., Any]]:
    """The methods of a tag by their names, in the order of the document."""
    return {name: each for name, each in vars(tag).items() if inspect.isfunction(each) and not name.startswith("_")}


def _signature(method: Callable[..., Any]) -> str:
    said = inspect.signature(method)
    parts = [each for each in said.parameters.values() if each.name != "self"]
    return str(said.replace(parameters=parts)).replace("'", "")


def _run() -> int:
    """Run the command; a reader that has seen enough, such as `head`, is no failure."""
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter flushes once more at its end
        return 0
    return status


if __name__ == "__main__":
    sys.exit(_run())
