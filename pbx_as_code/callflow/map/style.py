"""Colours of pictures, light and dark. Text is shown smaller than it was measured: fonts differ in width."""

from typing import Final

PALETTE: Final = """
.map, svg.map { --ink: #1f2328; --soft: #57606a; --line: #57606a; --paper: #ffffff; --box: #f6f8fa;
  --enter: #ddf4ff; --spread: #dafbe1; --choose: #fff8c5; --end: #ffebe9; --mail: #fbefff; --live: #0969da; }
@media (prefers-color-scheme: dark) {
.map, svg.map { --ink: #e6edf3; --soft: #9198a1; --line: #9198a1; --paper: #0d1117; --box: #161b22;
  --enter: #10304e; --spread: #12351f; --choose: #3b2f0b; --end: #4c1a1f; --mail: #33204a; --live: #4493f8; }
}
.map text { fill: var(--ink); font-family: Helvetica, Arial, "Liberation Sans", sans-serif; font-size: 10.7px; }
.map .edge text { fill: var(--soft); font-size: 9.6px; }
.map .graph > polygon { fill: none; stroke: none; }
.map .node polygon, .map .node path { fill: var(--box); stroke: var(--line); }
.map .node a polygon { fill: transparent; stroke: none; }
.map .did polygon, .map .trunk polygon, .map .inbound-rule polygon { fill: var(--enter); }
.map .queue polygon, .map .ring-group polygon { fill: var(--spread); }
.map .receptionist polygon { fill: var(--choose); }
.map .missing path, .map .end path { fill: var(--end); }
.map .voicemail path, .map .external path { fill: var(--mail); }
.map .edge path { fill: none; stroke: var(--line); }
.map .edge polygon { fill: var(--line); stroke: var(--line); }
.map .edge.off path { stroke-dasharray: 3 3; }
.map .edge.live path { stroke: var(--live); stroke-width: 2; }
.map .edge.live polygon { fill: var(--live); stroke: var(--live); }
.map .edge.dead { opacity: .25; }
.map .found polygon, .map .found path { stroke: var(--live); stroke-width: 2; }
"""
