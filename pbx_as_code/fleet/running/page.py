"""All PBXs of a fleet on one HTML page. It needs nothing but itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from pbx_as_code.config.planning.operations import Doing, Plan
from pbx_as_code.config.reporting.page_head import HEAD
from pbx_as_code.config.reporting.report import old_and_new, undeclared
from pbx_as_code.config.reporting.titles import section, title
from pbx_as_code.extras import extra
from pbx_as_code.fleet.running.facts import Alert
from pbx_as_code.fleet.running.outcomes import Outcome, State
from pbx_as_code.fleet.running.report import summary

_TEMPLATE: Final = (
    HEAD
    + """<title>{{ title }}</title>
<style>
:root { color-scheme: light dark; --line: #d0d7de; --soft: #57606a; --old: #a40e26; --new: #116329; --bad: #a40e26;
  --warn: #7d4e00; }
@media (prefers-color-scheme: dark) {
  :root { --line: #3d444d; --soft: #9198a1; --old: #ff9492; --new: #72f088; --bad: #ff9492; --warn: #f0b72f; }
}
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 1rem; }
h1 { font-size: 1.4rem; margin: 0; }
h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; margin: .8rem 0; }
select, input { font: inherit; max-width: 100%; }
.soft { color: var(--soft); }
.failed, .unreachable { color: var(--bad); font-weight: 600; }
.differs, .not-compared, .skipped { color: var(--warn); font-weight: 600; }
details { border-bottom: 1px solid var(--line); padding: .35rem 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: .3rem 0 .6rem; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem .25rem 0; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
details.names { border: 0; display: inline-block; padding: 0; vertical-align: top; }
.old { color: var(--old); } .new { color: var(--new); }
[hidden] { display: none; }
@media (max-width: 45rem) {
  thead { display: none; } tr, td { display: block; border: 0; padding: 0; }
  tr { border-bottom: 1px solid var(--line); padding: .4rem 0; }
  td[data-name]:not(:empty)::before { content: attr(data-name) ": "; color: var(--soft); }
  tr[hidden] { display: none; }
}
</style>
</head>
<body>
<h1>{{ title }}</h1>
<p class="soft">{{ summary }}</p>
<form>
<label>Find <input type="search" id="find" placeholder="PBX, object or value"></label>
<label>State <select id="state"><option value="">all</option>
{%- for one in states %}<option>{{ one }}</option>{% endfor %}</select></label>
<label>Kind <select id="kind"><option value="">all</option>
{%- for one in kinds %}<option>{{ one }}</option>{% endfor %}</select></label>
</form>
{% if alerts %}<h2>Alerts</h2>
<table><thead><tr><th>about</th><th>alert</th><th>PBXs</th></tr></thead><tbody>
{% for alert, names in alerts -%}
<tr><td data-name="about">{{ alert.about }}</td><td data-name="alert">{{ alert.text }}</td><td data-name="PBXs">
{%- if names | length > 3 %}<details class="names"><summary>{{ names | length }}</summary>
{{- names | join(", ") }}</details>
{%- else %}{{ names | join(", ") }}{% endif %}</td></tr>
{% endfor %}</tbody></table>
{% endif %}<h2>PBXs</h2>
{% for one in pbxs -%}
<details data-state="{{ one.state }}"{% if one.rows and pbxs | length < 12 %} open{% endif %}>
<summary>{{ one.name }} <span class="{{ one.state | replace(' ', '-') }}">{{ one.state }}</span>
{%- if one.rows %} ({{ one.rows | length }}){% endif %} <span class="soft">{{ one.url }}</span></summary>
{% if one.why %}<p>{{ one.why }}</p>
{% endif %}{% for hint in one.hints -%}
<p>{{ hint }}</p>
{% endfor %}{% if one.rows %}<table><thead><tr><th>object</th><th>option</th><th>on the PBX</th><th>in the files</th>
<th>declared at</th></tr></thead><tbody>
{% for row in one.rows -%}
<tr data-kind="{{ row.kind }}"><td data-name="object">{{ row.object }}</td><td data-name="option">{{ row.option }}</td>
<td data-name="PBX" class="old">{{ row.old }}</td><td data-name="files" class="new">{{ row.new }}</td>
<td data-name="at">{{ row.place }}</td></tr>
{% endfor %}</tbody></table>
{% endif %}</details>
{% endfor %}
<script>
"use strict";
const find = document.getElementById("find"), state = document.getElementById("state"),
  kind = document.getElementById("kind");
function choose() {
  const wanted = find.value.trim().toLowerCase();
  for (const pbx of document.querySelectorAll("details[data-state]")) {
    const named = pbx.querySelector("summary").textContent.toLowerCase().includes(wanted);
    let hits = 0;
    for (const row of pbx.querySelectorAll("tr[data-kind]")) {
      row.hidden = (kind.value !== "" && row.dataset.kind !== kind.value)
        || !(named || row.textContent.toLowerCase().includes(wanted));
      hits += row.hidden ? 0 : 1;
    }
    pbx.hidden = (state.value !== "" && pbx.dataset.state !== state.value)
      || (kind.value !== "" && hits === 0) || !(named || hits > 0);
  }
}
for (const one of [find, state, kind]) one.addEventListener("input", choose);
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
</script>
</body>
</html>
"""
)


class Row(NamedTuple):
    """One difference."""

    kind: str
    object: str
    option: str
    old: str
    new: str
    place: str


def page(outcomes: Sequence[Outcome], name: str) -> str:
    """The page. PBXs that were not reached are shown as such, never as equal.

    Parameters:
        outcomes: of all PBXs
        name: of the fleet

    Raises:
        MissingPackage: Jinja2 is not installed
    """
    with extra("cli"):
        from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=False)
    rows = {one.pbx.name: list(_rows(one.plan)) if one.plan is not None else [] for one in outcomes}
    shown: list[dict[str, Any]] = [
        {
            "name": one.pbx.name,
            "url": one.pbx.url,
            "state": one.state.value,
            "why": one.why,
            "rows": rows[one.pbx.name],
            "hints": one.plan.hints if one.plan is not None else [],
        }
        for one in sorted(outcomes, key=lambda one: (one.state is State.EQUAL, one.pbx.name))
    ]
    return environment.from_string(_TEMPLATE).render(
        title=f"Drift of {name}",
        summary=summary(outcomes),
        states=sorted({one["state"] for one in shown}),
        kinds=sorted({row.kind for found in rows.values() for row in found}),
        alerts=_alerts(outcomes),
        pbxs=shown,
    )


def _alerts(outcomes: Sequence[Outcome]) -> list[tuple[Alert, list[str]]]:
    """Each alert once, with the names of the PBXs that have it: those of the most PBXs first."""
    found: dict[Alert, list[str]] = {}
    for one in outcomes:
        for alert in one.alerts:
            found.setdefault(alert, []).append(one.pbx.name)
    return sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))


def _rows(plan: Plan) -> Iterator[Row]:
    for kind, identity, why in plan.impossible:
        yield Row(section(kind), title(kind, identity), "impossible", "", why, "")
    for one in plan.operations:
        what, shown = title(one.kind, one.identity), section(one.kind)
        if one.doing is Doing.CREATE:
            yield Row(shown, what, "", "missing", "declared", str(one.place or ""))
        elif one.alters:
            for change in one.changes:
                yield Row(shown, what, change.called, *old_and_new(change), ", ".join(map(str, change.places)))
    for kind, identity in undeclared(plan):
        yield Row(section(kind), title(kind, identity), "", "present", "not declared", "")
