"""A page for each tag of the client: its methods with their signatures and the requests they send."""

from __future__ import annotations

import inspect
import re
from typing import Any

from threecx_xapi.__main__ import methods, tags

from docs.tools.staging import Stage

_INDEX = """\
# Methods of the client

Every operation of XAPI v1 is a method of `client.TAG`. `AsyncXapiClient` has the same methods, awaited.
[The table of operations](../../modules/operations.md) leads from the `operationId` of the API to the module.

| tag | methods |
|---|---|
{rows}

```{{toctree}}
:hidden:

{names}
```
"""
_PAGE = """\
# `client.{name}`

{methods}
"""
_TITLES = {"Args": "Parameters"}
_METHOD = """\
## `{method}`

{words}

```python
{signature}
```
{details}
"""


#: Tags with a page of `--sample`: entities, functions with parameters, downloads.
SAMPLE = {"fax", "recordings", "users"}


def write(stage: Stage, *, sample: bool) -> None:
    """Write the pages.

    Parameters:
        stage: the sources of the site
        sample: those of a few tags
    """
    rows, names = [], []
    for name in sorted(SAMPLE if sample else tags()):
        found = list(methods(tags()[name]).values())
        stage.write(
            f"python/client/{name}.md",
            _PAGE.format(name=name, methods="\n".join(_method(name, method) for method in found)),
        )
        rows.append(f"| [`{name}`]({name}.md) | {', '.join(f'`{method.__name__}`' for method in found)} |")
        names.append(f"{name} <{name}>")
    stage.write("python/client/index.md", _INDEX.format(rows="\n".join(rows), names="\n".join(names)))


def _method(tag: str, method: Any) -> str:
    words, _, details = inspect.cleandoc(method.__doc__ or "").partition("\n\n")
    return _METHOD.format(
        method=method.__name__,
        words=" ".join(words.split()),
        signature=_signature(f"client.{tag}.{method.__name__}", method),
        details=_details(details),
    )


def _signature(name: str, method: Any) -> str:
    parameters = list(inspect.signature(method).parameters.values())[1:]
    words = []
    for parameter in parameters:
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and "*" not in words:
            words.append("*")
        words.append(str(parameter).replace("'", ""))
    returned = str(inspect.signature(method).return_annotation).strip("'")
    one_line = f"{name}({', '.join(words)}) -> {returned}"
    if len(one_line) <= 88:
        return one_line
    return f"{name}(\n" + "".join(f"    {word},\n" for word in words) + f") -> {returned}"


def _details(text: str) -> str:
    """The sections of the docstring as lists."""
    done = []
    for line in text.splitlines():
        if title := re.fullmatch(r"(\w+):", line):
            done.append(f"\n**{_TITLES.get(title[1], title[1])}**\n")
        elif item := re.fullmatch(r" {4}(\w+): (.*)", line):
            done.append(f"- `{item[1]}`: {item[2]}")
        else:
            done.append(f"  {line.strip()}" if line.strip() else "")
    return "\n".join(done)
