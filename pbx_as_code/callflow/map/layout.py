"""Layout of pictures by Graphviz: the package graphviz-pure (extra map), or an installed `dot`."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Final

from pbx_as_code.callflow.map.dot import as_dot
from pbx_as_code.callflow.map.pictures import Picture
from pbx_as_code.callflow.model.refs import Ref

_SECONDS: Final = 120
_HEAD: Final = re.compile(r"\A.*?(?=<svg)", re.DOTALL)
_EDGE: Final = re.compile(r'class="edge[ "]')
_TITLES: Final = re.compile(r"<title>.*?</title>\n?|<!--.*?-->\n?", re.DOTALL)


class LayoutError(Exception):
    """A picture cannot be laid out; the message says why and what to do."""


def program() -> str | None:
    """Path of the program that lays pictures out; None if there is none."""
    own = Path(sysconfig.get_path("scripts")) / "graphviz-pure"
    for name in (str(own), "graphviz-pure", "dot"):
        if (found := shutil.which(name)) is not None:
            return found
    return None


def as_svg(picture: Picture, links: dict[Ref, str] | None = None) -> str:
    """The picture as an SVG element, without the head of a file.

    Parameters:
        picture: to draw
        links: addresses that boxes lead to, by object

    Raises:
        LayoutError: there is no program for it, it fails, or it loses an edge
    """
    found = program()
    if found is None:
        raise LayoutError("There is no Graphviz. Run: pip install 'threecx-xapi[map]', or write a .dot or .mmd file.")
    try:
        run = subprocess.run(  # noqa: S603 a program that was found above
            [found, "-Kdot", "-Tsvg"], input=as_dot(picture, links), capture_output=True, text=True,
            encoding="utf-8", timeout=_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LayoutError(f"{found} failed for {picture.title}: {error}.") from None
    if run.returncode or "<svg" not in run.stdout:
        said = " ".join(run.stderr.split())[:200]
        raise LayoutError(f"{found} failed for {picture.title}: {said or f'exit status {run.returncode}'}.")
    drawn = len(_EDGE.findall(run.stdout))
    if drawn != len(picture.lines):  # Graphviz drops edges in some layouts, and says nothing
        raise LayoutError(f"{found} drew {drawn} of {len(picture.lines)} ways of {picture.title}.")
    return _TITLES.sub("", _HEAD.sub("", run.stdout))
