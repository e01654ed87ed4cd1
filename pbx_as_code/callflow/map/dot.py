"""A picture as a graph in the language of Graphviz."""

from __future__ import annotations

from html import escape
from itertools import pairwise

from pbx_as_code.callflow.map.pictures import Box, Line, Picture
from pbx_as_code.callflow.model.refs import Kind, Ref

_WIDEST = 60
_TERMINAL = (Kind.VOICEMAIL, Kind.EXTERNAL, Kind.END, Kind.MISSING, Kind.UNKNOWN)


class Names:
    """Names of boxes and rows in a graph, which are the ids of their shapes in SVG."""

    def __init__(self, picture: Picture) -> None:
        """Number everything.

        Parameters:
            picture: to draw
        """
        self.boxes = {box.ref: f"{picture.id}-n{number}" for number, box in enumerate(picture.boxes)}
        self.rows = {(box.ref, row.ref): number for box in picture.boxes for number, row in enumerate(box.rows)}
        self.lines = {id(line): f"{picture.id}-e{number}" for number, line in enumerate(picture.lines)}


# Boxes are measured with a larger font than they are shown with (see style.py), because fonts differ in width.
def as_dot(picture: Picture, links: dict[Ref, str] | None = None) -> str:
    """The graph; colours are classes, which a style sheet fills.

    Parameters:
        picture: to draw
        links: addresses that boxes lead to, by object
    """
    names = Names(picture)
    lines = [
        f'digraph "{picture.id}" {{',
        f'  graph [id="{picture.id}", rankdir=LR, newrank=true, nodesep=0.25, ranksep=0.4, bgcolor=transparent];',
        '  node [shape=plain, fontname="Helvetica", fontsize=13];',
        '  edge [fontname="Helvetica", fontsize=11, arrowsize=0.7];',
    ]
    lines += [_box(box, names, (links or {}).get(box.ref)) for box in picture.boxes]
    lines += [_line(line, names) for line in picture.lines]
    lines += _beside(picture, names)
    return "\n".join([*lines, "}"]) + "\n"


def _beside(picture: Picture, names: Names) -> list[str]:
    """Order boxes that no way leads to or from beside each other, not in one tall column."""
    tied = {ref for line in picture.lines for ref in (line.source, line.target)}
    alone = [names.boxes[box.ref] for box in picture.boxes if box.ref not in tied]
    return [f'  "{first}" -> "{second}" [style=invis];' for first, second in pairwise(alone)]


def _box(box: Box, names: Names, link: str | None) -> str:
    href = f' HREF="{escape(link)}" TITLE="{escape(_printable(box.title))}"' if link else ""
    style = ' STYLE="ROUNDED"' if box.stub or box.ref.kind in _TERMINAL else ""
    title = escape(_short(f"\u2192 {box.title}" if box.stub and link else box.title))
    shown = title if box.stub else f"<B>{title}</B>"
    cells = [f'<TR><TD PORT="top" ALIGN="LEFT"{href}>{shown}</TD></TR>']
    cells += [f'<TR><TD ALIGN="LEFT"><I>{escape(_short(fact))}</I></TD></TR>' for fact in box.facts]
    cells += [
        f'<TR><TD PORT="r{number}" ALIGN="LEFT">{escape(_short(row.text)) or " "}</TD></TR>'
        for number, row in enumerate(box.rows)
    ]
    table = f'<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="4"{style}>{"".join(cells)}</TABLE>'
    classes = f"box {box.ref.kind.value.replace('_', '-')}{' stub' if box.stub else ''}"
    name = names.boxes[box.ref]
    return f'  "{name}" [id="{name}", class="{classes}", label=<{table}>];'


def _line(line: Line, names: Names) -> str:
    port = ":top"
    if line.row is not None:
        port = f":r{names.rows[line.source, line.row]}"
    label = "\\n".join(_quoted(_short(label)) for label in line.labels)
    name = names.lines[id(line)]
    off = " off" if all(edge.counts is False for edge in line.edges) else ""
    attributes = f'id="{name}", class="way{off}", label="{label}"'
    return f'  "{names.boxes[line.source]}"{port} -> "{names.boxes[line.target]}":top [{attributes}];'


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _short(text: str) -> str:
    shown = _printable(text)
    return shown if len(shown) <= _WIDEST else shown[: _WIDEST - 1] + "\u2026"
