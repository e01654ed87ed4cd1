"""Pictures of call flows: nothing of the graph is missing, and no name breaks them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pbx_as_code.callflow import CallGraph, from_configuration, from_directory
from pbx_as_code.callflow.map import (
    LayoutError,
    all_pictures,
    as_dot,
    as_file,
    as_mermaid,
    as_page,
    as_svg,
    layout,
    of_number,
)
from pbx_as_code.callflow.map.times import live, moments, states
from pbx_as_code.callflow.model.edges import When
from pbx_as_code.config.loader import load_sources
from tests.callflow.lint_company import COMPANY

ROOT = Path(__file__).parents[2]
ACME = Path(__file__).parent / "acme"
_START = datetime(2026, 12, 7, tzinfo=UTC)  # a Monday
needs_graphviz = pytest.mark.skipif(layout.program() is None, reason="there is no Graphviz: pip install graphviz-pure")


def _graph(text: str = COMPANY) -> CallGraph:
    return from_configuration(load_sources([("company.yml", text.encode())]))


def _hostile(text: str) -> str:
    """The company with names that mean something to Graphviz, Mermaid, HTML or JavaScript."""
    for number, old in enumerate(("name: Service\n", "name: Sales\n", "name: Menu\n")):
        assert old in text
        name = f"""</script><b>"|[{{`\\\\N {number}"""
        text = text.replace(old, f"name: {json.dumps(name)}\n")
    department = json.dumps("</script><b>Night")  # stands in the script of the page as well
    return text.replace("name: Night\n", f"name: {department}\n").replace("group: Night", f"group: {department}")


def test_every_edge_is_in_a_picture() -> None:
    graph = _graph()
    assert len(graph.edges) > 10
    assert set(graph.edges) - {edge for picture in all_pictures(graph) for edge in picture.edges} == set()


def test_the_picture_of_a_number_has_what_its_calls_reach_and_no_other_rule() -> None:
    picture = of_number(_graph(), "+15550101")
    assert [box.title for box in picture.boxes] == [
        "DID +15550101", "trunk 10000", "queue 800 (Service)", "user 101", "voicemail of 101",
    ]  # fmt: skip
    [trunk] = [box for box in picture.boxes if box.title.startswith("trunk")]
    assert [row.text for row in trunk.rows] == ["Service: +15550101"]
    with pytest.raises(KeyError):
        of_number(_graph(), "+1999")


def test_many_users_are_rows_and_not_boxes() -> None:
    more = "".join(f'- number: "{number}"\n  groups: [{{group: Head office}}]\n' for number in range(103, 198))
    graph = _graph(COMPANY.replace("queues:\n", f"{more}queues:\n", 1))
    [picture] = [one for one in all_pictures(graph) if one.title == "department Head office"]
    assert len(picture.boxes) < 12
    assert sum(len(box.rows) for box in picture.boxes) > 95


def test_a_picture_is_the_same_in_every_process() -> None:
    code = (
        "from pathlib import Path\nfrom pbx_as_code.callflow import from_directory\n"
        "from pbx_as_code.callflow.map import all_pictures, as_dot\n"
        f"print(''.join(map(as_dot, all_pictures(from_directory(Path({str(ACME)!r}))))))"
    )
    drawn = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(drawn) == 1


def test_many_members_are_several_in_a_row() -> None:
    agents = ", ".join(f'{{number: "{number}"}}' for number in range(101, 124))
    graph = _graph(COMPANY.replace('agents: [{number: "101"}, {number: "102"}]', f"agents: [{agents}]"))
    [box] = [box for box in of_number(graph, "+15550101").boxes if box.title.startswith("queue")]
    assert [row.text for row in box.rows][:2] == ["101, 102, 103, 104, 105", "106, 107, 108, 109, 110"]
    assert sum(len(row.edges) for row in box.rows) == 23


def test_a_menu_that_repeats_itself_is_a_row() -> None:
    graph = _graph(COMPANY.replace("timeout_forward_type: EndCall", "timeout_forward_type: RepeatPrompt"))
    picture = of_number(graph, "+15550100")
    assert not [line for line in picture.lines if line.source == line.target]
    assert "no input after 5 s: begins again" in [row.text for box in picture.boxes for row in box.rows]


@needs_graphviz
@pytest.mark.parametrize("text", [COMPANY, _hostile(COMPANY)], ids=["plain", "hostile"])
def test_svg_and_page_are_well_formed_and_complete(text: str) -> None:
    graph = _graph(text)
    pictures = all_pictures(graph)
    for picture in pictures:
        svg = ElementTree.fromstring(as_svg(picture))
        drawn = [one for one in svg.iter() if (one.get("class") or "").startswith("edge")]
        assert len(drawn) == len(picture.lines)
    whole = ElementTree.fromstring(as_file(graph, pictures, _START))
    assert whole.get("class") == "map"
    page = as_page(graph, pictures, "</title><script>", _START)
    assert page.count("<script>") == page.count("</script>") == 1
    assert page.count("<section id=") == len(pictures)
    assert "://" not in re.sub(r"http://www\.w3\.org/[\w/]+", "", page)
    for target in re.findall(r'xlink:href="#([^"]+)"', page):
        assert f'id="{target}"' in page


def test_mermaid_has_each_way_and_refuses_what_it_cannot_draw() -> None:
    for text in (COMPANY, _hostile(COMPANY)):
        picture = of_number(_graph(text), "+15550100")
        drawn = as_mermaid(picture)
        assert drawn.count("-->") == len(picture.lines)
        labels = [label for line in drawn.splitlines() for label in re.findall(r'"([^"]*)"', line)]
        assert [label for label in labels if re.search(r"[|`]|<(?!br>)", label)] == []
    more = "".join(
        f'- {{input: Input{number}, forward_type: Queue, forward_dn: "{number}"}}\n  ' for number in range(600)
    )
    many = _graph(
        COMPANY.replace("- {input: Input1, forward_type: Queue", f"{more}- {{input: Input1, forward_type: Queue")
    )
    with pytest.raises(LayoutError, match="Mermaid draws 500"):
        as_mermaid(of_number(many, "+15550100"))


def test_live_edges_follow_the_hours() -> None:
    text = COMPANY.replace(
        'office_hours_destination: {to: Queue, number: "800"}',
        'office_hours_destination: {to: Queue, number: "800"}\n  alter_destination_during_out_of_office_hours: true\n'
        '  out_of_office_hours_destination: {to: VoiceMail, number: "101"}',
    )
    graph = _graph(text)
    [open_, closed] = [edge for edge in graph.edges if edge.source.key.startswith("10000 / BasedOnDID")]
    assert (open_.when, closed.when) == (When.OPEN, When.CLOSED)
    shown = [(live(graph, open_, states(graph, moment)), live(graph, closed, states(graph, moment))) for moment in
             moments(graph, _START, days=1)]  # fmt: skip
    assert shown[:3] == [(False, True), (True, False), (False, True)]


def test_without_graphviz_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "program", lambda: None)
    picture = of_number(_graph(), "+15550100")
    with pytest.raises(LayoutError, match=r"pip install 'threecx-xapi\[map\]'"):
        as_svg(picture)
    assert as_dot(picture).startswith('digraph "p1"')


def test_readme_shows_the_picture_of_a_number() -> None:
    readme = (ROOT / "README.md").read_text()
    assert f"```mermaid\n{as_mermaid(of_number(from_directory(ACME), '+4930102'))}```" in readme


@needs_graphviz
def test_an_edge_that_graphviz_drops_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = of_number(_graph(), "+15550100")
    monkeypatch.setattr(layout, "as_dot", lambda *_: "digraph x { a -> b }")
    with pytest.raises(LayoutError, match="drew 1 of"):
        as_svg(picture)
