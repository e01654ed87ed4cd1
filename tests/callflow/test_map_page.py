"""The page of a map in a real browser: it fits a phone, finds, follows links, and shows which ways are live."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pbx_as_code.callflow import CallGraph, from_configuration
from pbx_as_code.callflow.map import all_pictures, as_page, layout, of_number
from pbx_as_code.callflow.map.dot import Names
from pbx_as_code.callflow.map.times import live, moments, states, wall_clock
from pbx_as_code.config.loader import load_sources
from tests.browser import needs_chromium, reported
from tests.callflow.lint_company import COMPANY

_START = datetime(2026, 12, 7, tzinfo=UTC)  # a Monday
_CLOSED = COMPANY.replace(
    'office_hours_destination: {to: Queue, number: "800"}',
    'office_hours_destination: {to: Queue, number: "800"}\n  alter_destination_during_out_of_office_hours: true\n'
    '  out_of_office_hours_destination: {to: VoiceMail, number: "101"}',
)
_PROBE = """
  const wait = () => new Promise((done) => setTimeout(done, 50));
  const shown = () => [...document.querySelectorAll("section")].filter((one) => one.offsetParent).length;
  const type = (text) => { find.value = text; find.dispatchEvent(new Event("input")); };
  const found = {
    sections: shown(), width: document.documentElement.scrollWidth, inner: innerWidth,
    fetched: performance.getEntriesByType("resource").length,
    text: getComputedStyle(document.body).color, clock: document.getElementById("clock").textContent, times: []
  };
  const range = document.getElementById("time");
  for (let index = 0; index <= Number(range.max); index++) {
    range.value = index;
    range.dispatchEvent(new Event("input"));
    found.times.push({
      clock: document.getElementById("clock").textContent,
      live: [...document.querySelectorAll(".edge.live")].map((one) => one.id),
      dead: [...document.querySelectorAll(".edge.dead")].map((one) => one.id)
    });
  }
  type("Sales");
  found.sales = shown();
  found.marked = document.querySelectorAll(".node.found").length;
  type("nobody of this name");
  found.nothing = [shown(), getComputedStyle(document.getElementById("none")).display];
  type("15550101");
  const before = shown();
  const [link] = [...document.querySelectorAll("section:not([hidden]) a")].filter((one) =>
    document.querySelector(one.getAttribute("xlink:href")).hidden);
  found.leads = Boolean(link);
  const target = document.querySelector(link.getAttribute("xlink:href"));
  link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, view: window }));
  await wait();
  found.followed = [before < found.sections, shown() === found.sections, location.hash === "#" + target.id,
    target.matches(":target") && !target.hidden, find.value];
  found.scaled = [...document.querySelectorAll(".scroll svg")].map((one) =>
    one.getBoundingClientRect().width / one.width.baseVal.value);
  return found;
"""
pytestmark = [needs_chromium, pytest.mark.skipif(layout.program() is None, reason="there is no Graphviz")]


def _graph() -> CallGraph:
    return from_configuration(load_sources([("company.yml", _CLOSED.encode())]))


def _expected(graph: CallGraph) -> list[dict[str, Any]]:
    """Ids of ways by whether one of their edges is live, at any time and at each moment of the slider."""
    found: list[dict[str, Any]] = [{"clock": "any time", "live": set(), "dead": set()}]
    for moment in moments(graph, _START):
        now = states(graph, moment)
        ids: dict[bool, set[str]] = {True: set(), False: set()}
        for picture in all_pictures(graph):
            names = Names(picture)
            for line in picture.lines:
                told = [live(graph, edge, now) for edge in line.edges]
                if None not in told:
                    ids[any(told)].add(names.lines[id(line)])
        found.append({"clock": wall_clock(graph, moment), "live": ids[True], "dead": ids[False]})
    return found


@pytest.mark.parametrize(("width", "scheme"), [(1100, "light"), (500, "dark")])
def test_the_page_finds_follows_links_and_shows_what_is_live(tmp_path: Path, width: int, scheme: str) -> None:
    graph = _graph()
    page = as_page(graph, all_pictures(graph), "Calls of ACME", _START)
    found = reported(page, _PROBE, tmp_path, width=width, scheme=scheme)
    times = [{**one, "live": set(one["live"]), "dead": set(one["dead"])} for one in found["times"]]
    assert times == _expected(graph)
    assert len({frozenset(one["live"]) for one in times}) == 3, "any time, open and closed"
    assert (found["sections"], found["fetched"], found["clock"]) == (len(all_pictures(graph)), 0, "any time")
    assert 0 < found["sales"] < found["sections"]
    assert found["marked"] >= found["sales"]
    assert found["nothing"] == [0, "block"]
    assert found["leads"], "a link leads to a picture that the search hides"
    assert found["followed"] == [True, True, True, True, ""]
    assert found["width"] <= found["inner"]
    assert all(0.74 < one < 1.01 for one in found["scaled"])
    assert min(found["scaled"]) < 0.99, "wide pictures are shrunk"
    dark_text = sum(map(int, re.findall(r"\d+", found["text"])[:3])) < 3 * 128
    assert dark_text is (scheme == "light")


def test_a_moment_that_is_asked_for_is_shown_first(tmp_path: Path) -> None:
    graph = _graph()
    at = datetime(2026, 12, 7, 10, tzinfo=UTC)
    page = as_page(graph, [of_number(graph, "+15550101")], "Calls", _START, at)
    probe = 'return [document.getElementById("clock").textContent, document.querySelectorAll(".edge.live").length];'
    assert reported(page, probe, tmp_path, width=1100, scheme="light") == [wall_clock(graph, at), 2]
