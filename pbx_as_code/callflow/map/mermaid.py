"""A picture in Mermaid, which pull requests show."""

from __future__ import annotations

from html import escape
from typing import Final

from pbx_as_code.callflow.map.layout import LayoutError
from pbx_as_code.callflow.map.pictures import Box, Picture
from pbx_as_code.callflow.model.refs import Kind

MOST_EDGES: Final = 500
MOST_CHARACTERS: Final = 50_000
_MOST_ROWS: Final = 12
_SHAPES: Final = {Kind.DID: ("([", "])"), Kind.RECEPTIONIST: ("{{", "}}"), Kind.VOICEMAIL: ("[/", "/]")}


def as_mermaid(picture: Picture) -> str:
    """The picture as a flow chart.

    Parameters:
        picture: to draw

    Raises:
        LayoutError: it is larger than Mermaid draws
    """
    names = {box.ref: f"n{number}" for number, box in enumerate(picture.boxes)}
    lines = [f"%% {_text(picture.title)}", "flowchart LR"]
    lines += [f"  {names[box.ref]}{_box(box)}" for box in picture.boxes]
    for line in picture.lines:
        rows = {row.ref: row.text for box in picture.boxes if box.ref == line.source for row in box.rows}
        begun = [f"{rows[line.row]}: "] if line.row in rows else [""]
        label = _text(begun[0] + ", ".join(line.labels))
        lines.append(f'  {names[line.source]} -->|"{label}"| {names[line.target]}')
    text = "\n".join(lines) + "\n"
    if len(picture.lines) > MOST_EDGES or len(text) > MOST_CHARACTERS:
        raise LayoutError(
            f"{picture.title} has {len(picture.lines)} ways and {len(text):,} characters; Mermaid draws {MOST_EDGES} "
            f"and {MOST_CHARACTERS:,}. Draw one number (--number), or write .html or .svg."
        )
    return text


def _box(box: Box) -> str:
    begin, end = _SHAPES.get(box.ref.kind, ("[", "]"))
    rows = [row.text for row in box.rows[:_MOST_ROWS]]
    more = len(box.rows) - len(rows)
    said = [box.title, *box.facts, *rows, *([f"and {more} more"] if more else [])]
    return f'{begin}"{"<br>".join(_text(one) for one in said)}"{end}'


def _text(text: str) -> str:
    """Text that Mermaid takes for nothing else: quotes and brackets of names break its syntax."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return escape(shown, quote=False).replace('"', "#quot;").replace("|", "#124;").replace("`", "#96;")
