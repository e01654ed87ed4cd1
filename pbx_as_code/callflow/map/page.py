"""All pictures on one page with search, links and a time slider, or in one SVG file. Nothing is fetched."""

from __future__ import annotations

import json
import re
from datetime import datetime
from html import escape
from typing import Any, Final

from pbx_as_code.callflow.hours.state import State
from pbx_as_code.callflow.map import times
from pbx_as_code.callflow.map.dot import Names
from pbx_as_code.callflow.map.layout import as_svg
from pbx_as_code.callflow.map.pictures import Picture
from pbx_as_code.callflow.map.style import PALETTE
from pbx_as_code.callflow.model.graph import CallGraph
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.config.reporting.page_head import HEAD

_SIZE: Final = re.compile(r'<svg width="([\d.]+)pt" height="([\d.]+)pt"')
_GAP: Final = 24
_HEADING: Final = 26
_SMALLEST: Final = 0.75
"""Scale below which text of a picture is too small to read."""
_PAGE: Final = (
    HEAD
    + """<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 0; padding: 0 1rem 3rem; }}
header {{ position: sticky; top: 0; background: Canvas; padding: .6rem 0; border-bottom: 1px solid GrayText; \
display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; z-index: 1; }}
h1 {{ font-size: 1.2rem; margin: 0; }}
h2 {{ font-size: 1.05rem; margin: 0 0 .4rem; }}
input[type=range] {{ width: min(22rem, 60vw); }}
input[type=search] {{ font: inherit; width: min(16rem, 80vw); }}
main {{ display: flex; flex-wrap: wrap; gap: 1.5rem; margin-top: 1rem; align-items: flex-start; }}
section {{ border: 1px solid color-mix(in srgb, GrayText 40%, transparent); border-radius: .5rem; padding: .8rem; \
max-width: 100%; box-sizing: border-box; scroll-margin-top: 6rem; }}
section:target {{ outline: 2px solid #0969da; }}
.scroll {{ overflow: auto; max-height: 85vh; }}
#none {{ display: none; }}
{palette}
</style>
</head>
<body>
<header>
<h1>{title}</h1>
<label>Find <input type="search" id="find" placeholder="number or name"></label>
{slider}
</header>
<main>
{sections}
</main>
<p id="none">Nothing here has this name.</p>
<script>
"use strict";
const ways = {ways};
const moments = {moments};
const range = document.getElementById("time");
function show(index) {{
  const moment = moments[index];
  document.getElementById("clock").textContent = moment ? moment.label : "any time";
  for (const [id, choices] of Object.entries(ways)) {{
    const way = document.getElementById(id);
    if (!way) continue;
    const unknown = !moment || choices.some(([department]) => moment.states[department] === "unknown");
    const live = !unknown && choices.some(([department, states]) => states.includes(moment.states[department]));
    way.classList.toggle("live", live);
    way.classList.toggle("dead", !unknown && !live);
  }}
}}
function fit() {{  // shrink wide pictures as long as they can be read; scroll the rest
  for (const box of document.querySelectorAll(".scroll")) {{
    const picture = box.querySelector("svg");
    const width = picture.width.baseVal.value;
    const edges = 2 * parseFloat(getComputedStyle(box.parentElement).paddingLeft) + 2;
    const room = document.querySelector("main").clientWidth - edges;
    picture.style.width = `${{width * Math.min(1, Math.max({smallest}, room / width))}}px`;
    picture.style.height = "auto";
  }}
}}
fit();
addEventListener("resize", fit);
for (const box of document.querySelectorAll(".scroll")) {{  // begin at the first object, not at an empty corner
  const first = box.querySelector(".did, .trunk");
  if (first) {{
    const distance = first.getBoundingClientRect().top - box.getBoundingClientRect().top;
    box.scrollTop = distance - box.clientHeight / 2;
  }}
}}
if (range) {{ range.addEventListener("input", () => show(Number(range.value) - 1)); show({begin}); }}
const find = document.getElementById("find");
function search() {{
  const wanted = find.value.trim().toLowerCase();
  let shown = 0;
  for (const section of document.querySelectorAll("section")) {{
    let hit = section.querySelector("h2").textContent.toLowerCase().includes(wanted);
    for (const node of section.querySelectorAll(".node")) {{
      const found = wanted !== "" && node.textContent.toLowerCase().includes(wanted);
      node.classList.toggle("found", found);
      hit = hit || found;
    }}
    section.hidden = wanted !== "" && !hit;
    shown += section.hidden ? 0 : 1;
  }}
  document.getElementById("none").style.display = shown ? "none" : "block";
}}
find.addEventListener("input", search);
addEventListener("hashchange", () => {{  // a link may lead to a picture that the search hides
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target || !target.hidden) return;
  find.value = "";
  search();
  target.scrollIntoView();
}});
</script>
</body>
</html>
"""
)


def as_page(graph: CallGraph, pictures: list[Picture], title: str, start: datetime, at: datetime | None = None) -> str:
    """The page.

    Parameters:
        graph: of the pictures
        pictures: to show
        title: of the page
        start: first moment of the slider, with a zone
        at: moment to show first; any time if this is None

    Raises:
        LayoutError: see as_svg
    """
    links = _links(graph, pictures)
    sections = "\n".join(
        f'<section id="s-{one.id}"><h2>{escape(one.title)}</h2>'
        f'<div class="scroll map">{as_svg(one, links)}</div></section>'
        for one in pictures
    )
    found = times.moments(graph, at or start)
    slider = (
        f'<label>Time <input type="range" id="time" min="0" max="{len(found)}" value="{1 if at else 0}"> '
        '<output id="clock"></output></label>'
    )
    return _PAGE.format(
        title=escape(title),
        palette=PALETTE,
        slider=slider,
        sections=sections,
        ways=_json(_ways(graph, pictures)),
        moments=_json([_moment(graph, moment) for moment in found]),
        begin=0 if at else -1,
        smallest=_SMALLEST,
    )


def as_file(graph: CallGraph, pictures: list[Picture], at: datetime | None = None) -> str:
    """All pictures in one SVG file, one below the other.

    Parameters:
        graph: of the pictures
        pictures: to show
        at: marks what is live at this moment

    Raises:
        LayoutError: see as_svg
    """
    placed, top, widest = [], 0.0, 0.0
    marks = _marks(graph, pictures, at)
    for one in pictures:
        svg = as_svg(one)
        for id_, mark in marks.items():
            svg = svg.replace(f'id="{id_}" class="edge', f'id="{id_}" class="edge {mark}')
        size = _SIZE.search(svg)
        width, height = (float(size[1]), float(size[2])) if size else (800.0, 600.0)
        placed.append(f'<text x="0" y="{top + 16:.0f}" font-weight="bold">{escape(one.title)}</text>')
        placed.append(svg.replace("<svg ", f'<svg x="0" y="{top + _HEADING:.0f}" ', 1))
        top += _HEADING + height * 4 / 3 + _GAP
        widest = max(widest, width * 4 / 3, 12.0 * len(one.title))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" class="map" ' \
           f'width="{widest + _GAP:.0f}" height="{top:.0f}">'  # fmt: skip
    paper = '<rect width="100%" height="100%" style="fill: var(--paper)"/>'
    return (
        f'{head}\n<style>{PALETTE}</style>\n{paper}\n<g transform="translate(12 4)">\n{"".join(placed)}\n</g>\n</svg>\n'
    )


def _links(graph: CallGraph, pictures: list[Picture]) -> dict[Ref, str]:
    """Where a click on an object leads: to its own picture, else to that of its department."""
    own = {one.subject: f"#s-{one.id}" for one in pictures if one.subject is not None}
    found = {}
    for ref in graph.nodes:
        if ref.kind in (Kind.DID, Kind.TRUNK, Kind.DEPARTMENT):
            target = own.get(ref)
        else:
            departments = graph.departments_of(ref).departments
            target = own.get(departments[0]) if departments else None
        if target is not None:
            found[ref] = target
    return found


def _ways(graph: CallGraph, pictures: list[Picture]) -> dict[str, Any]:
    """By id of a line: pairs of department and states with which one of its edges is live."""
    found: dict[str, Any] = {}
    for one in pictures:
        names = Names(one)
        for line in one.lines:
            decided = [times.deciding(graph, edge) for edge in line.edges if edge.counts is not False]
            choices = [[choice[0].key, sorted(map(str, choice[1]))] for choice in decided if choice is not None]
            if len(choices) == len(decided):  # otherwise it is live whatever the time
                found[names.lines[id(line)]] = choices
    return found


def _marks(graph: CallGraph, pictures: list[Picture], at: datetime | None) -> dict[str, str]:
    if at is None:
        return {}
    now = {ref.key: str(state) for ref, state in times.states(graph, at).items()}
    return {
        id_: "live" if any(now.get(department) in states for department, states in choices) else "dead"
        for id_, choices in _ways(graph, pictures).items()
        if not any(now.get(department) == str(State.UNKNOWN) for department, _ in choices)
    }


def _moment(graph: CallGraph, moment: datetime) -> dict[str, Any]:
    states = times.states(graph, moment)
    return {"label": times.wall_clock(graph, moment), "states": {ref.key: str(one) for ref, one in states.items()}}


def _json(value: Any) -> str:
    """JSON that ends no script, whatever names contain."""
    return json.dumps(value, ensure_ascii=True).replace("<", "\\u003c")
