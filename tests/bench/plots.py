"""The report's plots, as SVG: what is compared with what, and what grows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.figures import Figure, Growth

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

COMPARISONS, GROWTH = "comparisons.svg", "growth.svg"
_INK, _SOFT, _LINE = "#1f2933", "#66727f", "#d5dbe1"
_OURS, _OTHERS = "#0b7a75", "#aab4be"
_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same plot on every machine
    "font.size": 10,
    "text.color": _INK,
    "axes.edgecolor": _LINE,
    "axes.labelcolor": _SOFT,
    "xtick.color": _SOFT,
    "ytick.color": _SOFT,
    "svg.hashsalt": "threecx",
}
_BAR = 0.34  # inches


def draw(figures: Sequence[Figure], growth: Sequence[Growth], stated: str, folder: Path) -> list[Path]:
    """Draw what there is to draw; returns the files written. One that an earlier run left does not stay beside others.

    stated: what all was measured on, in one line.
    """
    # Some seconds to import, and not before something is to be drawn.
    import matplotlib as mpl

    mpl.use("svg")
    written = []
    with mpl.rc_context(_STYLE):
        for name, canvas in (
            (COMPARISONS, _comparisons(list(comparisons(figures)), stated)),
            (GROWTH, _growth(growth, stated)),
        ):
            path = folder / name
            path.unlink(missing_ok=True)
            if canvas is not None:
                canvas.savefig(path, metadata={"Date": None})
                written.append(path)
    return written


def comparisons(figures: Sequence[Figure]) -> Iterator[tuple[str, str, list[Figure]]]:
    """Title, unit and figures of everything that several sides were measured of.

    A row that is not indented begins something new; what stands below it in the same unit belongs to it.
    """
    groups: dict[tuple[str, str], list[Figure]] = {}
    head = ""
    for figure in figures:
        if not figure.what.startswith(" "):
            head = figure.what
        if figure.side and figure.value is not None:
            groups.setdefault((head, figure.unit), []).append(figure)
    for (title, unit), members in groups.items():
        if len({figure.side for figure in members}) > 1:
            same = title if members[0].what == title else f"{title}: {members[0].what.strip()}"
            yield same, unit, members


def _comparisons(groups: Sequence[tuple[str, str, list[Figure]]], stated: str) -> Canvas | None:
    from matplotlib.figure import Figure as New

    if not groups:
        return None
    heights = [len(members) + 1.9 for _, _, members in groups]
    top, below = 0.75, 0.15
    canvas = New(figsize=(9, sum(heights) * _BAR + top + below))
    total = canvas.get_figheight()
    _titled(canvas, "Comparison with the alternatives (medians)", stated)
    y = total - top
    for (title, unit, members), height in zip(groups, heights, strict=True):
        y -= height * _BAR
        axes = canvas.add_axes((0.30, (y + 0.3 * _BAR) / total, 0.56, len(members) * _BAR / total))
        _bars(axes, title, unit, members)
    return canvas


def _bars(axes: Axes, title: str, unit: str, members: Sequence[Figure]) -> None:
    values = [figure.value or 0.0 for figure in members]
    mine = [figure.side.startswith("threecx") for figure in members]
    places = range(len(members))
    axes.barh(places, values, height=0.68, color=[_OURS if own else _OTHERS for own in mine])
    axes.set_yticks(places, [figure.side for figure in members])
    axes.invert_yaxis()
    axes.set_xlim(0, max(values) or 1)
    for place, (figure, value) in enumerate(zip(members, values, strict=True)):
        axes.annotate(
            figure.shown(), (value, place), (5, 0), textcoords="offset points", va="center", annotation_clip=False
        )
    for label, own in zip(axes.get_yticklabels(), mine, strict=True):
        label.set_color(_INK)
        label.set_fontweight("bold" if own else "normal")
    better = "more is better" if unit == "hosts/s" else "less is better"
    axes.annotate(
        title, (0, 1), (-axes.get_position().x0 * 9 * 72 + 22, 9),
        xycoords="axes fraction", textcoords="offset points", va="bottom", fontweight="bold",
    )  # fmt: skip
    axes.annotate(
        better, (1, 1), (0.12 * 9 * 72, 9),
        xycoords="axes fraction", textcoords="offset points", va="bottom", ha="right", color=_SOFT, fontsize=8,
    )  # fmt: skip
    _bare(axes)
    axes.xaxis.set_visible(False)
    axes.tick_params(axis="y", length=0)


def _growth(panels: Sequence[Growth], stated: str) -> Canvas | None:
    from matplotlib.figure import Figure as New

    if not panels:
        return None
    columns = 2
    rows = -(-len(panels) // columns)
    canvas = New(figsize=(11, 3.6 * rows + 0.9))
    _titled(canvas, "How it grows", stated)
    head = 1 - 0.85 / canvas.get_figheight()
    grid = canvas.subplots(rows, columns, squeeze=False)
    canvas.subplots_adjust(left=0.07, right=0.925, top=head - 0.035, bottom=0.07, hspace=0.42, wspace=0.3)
    for axes in grid.flat[len(panels) :]:
        axes.set_axis_off()
    for axes, panel in zip(grid.flat, panels, strict=False):
        _lines(axes, panel)
    return canvas


def _lines(axes: Axes, panel: Growth) -> None:
    most = 0.0
    for line in panel.lines:
        many, values = zip(*line.points, strict=True)
        own = line.name.startswith("threecx")
        color = _OURS if own else _OTHERS
        axes.plot(many, values, marker="o", markersize=5, linewidth=2.2 if own else 1.6, color=color, label=line.name)
        # Its last value, beside the line; a little apart from that of a line close by.
        below = any(other.points[-1][1] > values[-1] for other in panel.lines)
        axes.annotate(
            f"{values[-1]:,.1f} {line.unit}", (many[-1], values[-1]), (9, -3 if below else 3),
            textcoords="offset points", ha="left", va="center", annotation_clip=False,
            color=color if own else _SOFT, fontweight="bold" if own else "normal", fontsize=9,
        )  # fmt: skip
        if panel.first and own:
            axes.annotate(
                panel.first, (many[0], values[0]), (10, 0), textcoords="offset points", va="center", color=_SOFT,
                fontsize=9,
            )  # fmt: skip
        most = max(most, *values)
    axes.set_xscale("log")
    counts = sorted({many for line in panel.lines for many, _ in line.points})
    axes.set_xticks(counts, [f"{count:,}" for count in counts])
    axes.minorticks_off()
    axes.set_ylim(0, most * 1.3 or 1)
    axes.set_xlabel(panel.over)
    axes.set_ylabel(panel.unit)
    axes.set_title(panel.title[:1].upper() + panel.title[1:], loc="left", fontsize=11, fontweight="bold", color=_INK)
    axes.grid(axis="y", color=_LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.legend(framealpha=1, edgecolor="none", fontsize=9, loc="upper right", labelcolor=_INK, ncols=2)
    _bare(axes, keep="bottom")


def _bare(axes: Axes, keep: str = "") -> None:
    for name, spine in axes.spines.items():
        spine.set_visible(name == keep or (not keep and name == "left"))


def _titled(canvas: Any, title: str, stated: str) -> None:
    inches = canvas.get_figheight()
    left = 0.3 / canvas.get_figwidth()
    canvas.text(left, 1 - 0.2 / inches, title, fontsize=14, fontweight="bold", va="top")
    canvas.text(left, 1 - 0.47 / inches, stated, fontsize=8, color=_SOFT, va="top")
