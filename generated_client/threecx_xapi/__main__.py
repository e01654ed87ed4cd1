"""List the operations of the client on the command line: `python -m threecx_xapi [TAG[.METHOD]]`. Sends nothing."""

from __future__ import annotations

import argparse
import inspect
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
    found = _tags().get(tag)
    known = _methods(found) if found is not None else {}
    if found is None or (method and method not in known):
        name, names = (tag, list(_tags())) if found is None else (method, list(known))
        near = get_close_matches(name, names, n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else ". Run `python -m threecx_xapi` for a list."
        print(f"There is no {'tag' if found is None else f'method of {tag}'} called {name}{hint}", file=sys.stderr)
        return 1
    print(described(tag, method, known[method]) if method else of_tag(tag, known))
    return 0


def overview() -> str:
    """Every tag, with how many operations it has."""
    tags = _tags()
    width = max(map(len, tags))
    rows = (f"  {name:{width}}  {', '.join(_methods(kind))}" for name, kind in sorted(tags.items()))
    shown = [row if len(row) <= 120 else row[:115].rpartition(",")[0] + ", ..." for row in rows]
    head = [
        f"threecx-xapi {__version__}: {len(tags)} groups of operations, attributes of XapiClient and AsyncXapiClient.",
        "",
        "    with XapiClient('https://pbx.example.com', client_id='900', client_secret='...') as client:",
        "        client.users.get_by_number('100')",
        "",
    ]
    return "\n".join([*head, *shown, "", "python -m threecx_xapi users shows the operations of one of them."])


def of_tag(tag: str, methods: dict[str, Callable[..., Any]]) -> str:
    """The methods of a tag with their arguments."""
    return "\n".join(f"client.{tag}.{name}{_signature(method)}" for name, method in methods.items())


def described(tag: str, name: str, method: Callable[..., Any]) -> str:
    """One method with the meaning of its arguments."""
    return f"client.{tag}.{name}{_signature(method)}\n\n{inspect.getdoc(method)}"


def _tags() -> dict[str, type[Any]]:
    return {name: getattr(Resources, name) for name in vars(Resources) if not name.startswith("_")}


def _methods(tag: type[Any]) -> dict[str, Callable[..., Any]]:
    return {name: each for name, each in vars(tag).items() if inspect.isfunction(each) and not name.startswith("_")}


def _signature(method: Callable[..., Any]) -> str:
    said = inspect.signature(method)
    parts = [each for each in said.parameters.values() if each.name != "self"]
    return str(said.replace(parameters=parts)).replace("'", "")


if __name__ == "__main__":
    sys.exit(main())
