"""Drift as one HTML page. It needs nothing but itself: no script, style or font is fetched from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from pbx_as_code.config.nodes import Place
from pbx_as_code.config.planning.operations import Doing, Plan
from pbx_as_code.config.reporting.page_head import HEAD
from pbx_as_code.config.reporting.report import limited, not_compared, old_and_new, summary, undeclared
from pbx_as_code.config.reporting.titles import section, title

_PAGE: Final = (
    HEAD
    + """<title>Drift of {called}</title>
<style>
:root {{ color-scheme: light dark; --line: #d0d7de; --soft: #57606a; --old: #a40e26; --new: #116329; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --line: #3d444d; --soft: #9198a1; --old: #ff9492; --new: #72f088; }}
}}
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem; }}
h1 {{ font-size: 1.4rem; margin: 0; overflow-wrap: anywhere; }}
h2 {{ font-size: 1.05rem; margin: 2rem 0 .5rem; }}
li {{ overflow-wrap: anywhere; }}
.soft {{ color: var(--soft); }}
table {{ border-collapse: collapse; table-layout: fixed; width: 100%; }}
th, td {{ border-bottom: 1px solid var(--line); padding: .35rem .6rem .35rem 0; text-align: left; vertical-align: top; \
overflow-wrap: anywhere; }}
.old {{ color: var(--old); }}
.new {{ color: var(--new); }}
code {{ font-size: .9em; }}
select {{ font: inherit; }}
@media (max-width: 45rem) {{
  thead {{ display: none; }}
  tr, td {{ display: block; border: 0; padding: 0; }}
  tr {{ border-bottom: 1px solid var(--line); padding: .5rem 0; }}
  td[data-name]:not(:empty)::before {{ content: attr(data-name) ": "; color: var(--soft); }}
  tr[hidden] {{ display: none; }}
}}
</style>
</head>
<body>
<h1>Drift of {called}</h1>
<p class="soft">{url}, release {release}. {summary}</p>
<p><label>Kind <select id="kind"><option value="">all</option>{options}</select></label></p>
{tables}
<script>
document.getElementById("kind").addEventListener("change", function (event) {{
  document.querySelectorAll("tr[data-kind]").forEach(function (row) {{
    row.hidden = event.target.value !== "" && row.dataset.kind !== event.target.value;
  }});
}});
</script>
</body>
</html>
"""
)


def page(plan: Plan) -> str:
    """The page.

    Parameters:
        plan: what would make the PBX be as declared; old is what the PBX has, new what the files say
    """
    kinds: set[str] = set()
    changed = _changed(plan, kinds)
    impossible = [
        _row(kinds, kind, title(kind, identity), why=why) for kind, identity, why in plan.impossible
    ]  # fmt: skip
    hidden = [
        _row(kinds, one.kind, what, why=why, places=[place])
        for one, (what, why, place) in zip(plan.uncompared, not_compared(plan), strict=True)
    ]
    unmanaged = [
        _row(kinds, kind, title(kind, identity)) for kind, identity in plan.unmanaged if kind not in plan.complete
    ]
    leaves = ("object", "option", "on the PBX", "in the files", "declared at")
    tables = (
        _table("Not as declared", leaves, changed, "Nothing that was compared differs.")
        + _table("Impossible", ("object", "why"), impossible)
        + _list("To know", plan.hints)
        + _table("Not compared", ("what", "why", "declared at"), hidden)
        + _table("Unmanaged and kept", ("object",), unmanaged)
    )
    options = "".join(f"<option>{escape(kind)}</option>" for kind in sorted(kinds))
    return _PAGE.format(
        called=escape(plan.called),
        url=escape(plan.url),
        release=escape(plan.release or "unknown"),
        summary=escape(" ".join([summary(plan), *limited(plan)])),
        options=options,
        tables=tables,
    )


def _changed(plan: Plan, kinds: set[str]) -> list[str]:
    rows = []
    for one in plan.operations:
        what = title(one.kind, one.identity)
        if one.doing is Doing.CREATE:
            cells = _cell("option", "") + _cell("PBX", "missing", "old") + _cell("files", "declared", "new")
            rows.append(_row(kinds, one.kind, what, cells=cells, places=[one.place] if one.place else []))
        if not one.alters:
            continue
        for change in one.changes:
            old, new = old_and_new(change)
            cells = _cell("option", change.called) + _cell("PBX", old, "old") + _cell("files", new, "new")
            rows.append(_row(kinds, one.kind, what, cells=cells, places=change.places))
    for kind, identity in undeclared(plan):
        cells = _cell("option", "") + _cell("PBX", "present", "old") + _cell("files", "not declared", "new")
        rows.append(_row(kinds, kind, title(kind, identity), cells=cells))
    return rows


def _row(
    kinds: set[str], kind: str, what: str, *, why: str | None = None, cells: str = "", places: Sequence[Place] = ()
) -> str:
    shown = section(kind)
    kinds.add(shown)
    said = _cell("object", what) + cells + ("" if why is None else _cell("why", why))
    listed = "<br>".join(f"<code>{escape(str(place))}</code>" for place in places)
    at = f'<td data-name="at">{listed}</td>' if listed else ""
    return f'<tr data-kind="{escape(shown)}">{said}{at}</tr>'


def _cell(name: str, text: str, style: str = "") -> str:
    styled = f' class="{style}"' if style else ""
    return f'<td data-name="{name}"{styled}>{escape(text)}</td>'


def _table(heading: str, columns: tuple[str, ...], rows: list[str], empty: str = "") -> str:
    if not rows and not empty:
        return ""
    if not rows:
        return f"<h2>{heading}</h2>\n<p>{empty}</p>\n"
    head = "".join(f"<th>{column}</th>" for column in columns)
    body = "\n".join(rows)
    return f"<h2>{heading}</h2>\n<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>\n"


def _list(heading: str, lines: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>\n" for line in lines)
    return f"<h2>{heading}</h2>\n<ul>\n{items}</ul>\n" if items else ""
