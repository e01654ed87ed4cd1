"""The drift page in a real browser: it fits a phone, filters by kind, and fetches nothing. Skipped without Chromium."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from pbx_as_code.config.nodes import Place
from pbx_as_code.config.planning.operations import Doing, LeafChange, Operation, Plan, Uncompared
from pbx_as_code.config.reporting.drift_page import page
from pbx_as_code.config.reporting.report import as_json, junit, markdown
from tests.browser import needs_chromium, reported

_PROBE = """
  const select = document.getElementById("kind");
  const shown = () => [...document.querySelectorAll("tr[data-kind]")].filter((row) => row.offsetParent).length;
  const cells = [...document.querySelectorAll("td")];
  const found = {
    all: shown(), width: document.documentElement.scrollWidth, inner: innerWidth,
    fetched: performance.getEntriesByType("resource").length, kinds: select.options.length,
    text: getComputedStyle(document.body).color,
    narrowest: Math.min(...cells.filter((cell) => cell.innerText).map((cell) => cell.offsetWidth))
  };
  select.value = "users";
  select.dispatchEvent(new Event("change"));
  found.users = shown();
  return found;
"""


def drifted() -> Plan:
    """Drift with long words, markup, and one of each table."""
    at = Place("departments/a-very-long-name-of-a-department-without-any-space-in-it.yml", 12, 3)
    leaves = (
        LeafChange(("mobile",), "+15550199", "+15550110", None, at),
        LeafChange(("note",), "x" * 300, "<b>", None, at),
    )
    found = Plan("https://pbx.example.com", "20.0.10", "0" * 64)
    found.operations = [
        Operation(1, Doing.UPDATE, "user", ("100",), changes=leaves, place=at),
        Operation(2, Doing.CREATE, "group", ("Warehouse",), place=at),
    ]
    found.impossible = [("email_template", ("W" * 200, "EN"), "it cannot be created.")]
    found.unmanaged = [("contact", ("A", "B", None))]
    found.hints = [f"users: {'p' * 300} refuses to show <i>."]
    found.uncompared = [Uncompared("trunk", ("10000",), ("auth_password",), "the PBX does not show credentials", at)]
    return found


@needs_chromium
@pytest.mark.parametrize(("width", "scheme"), [(1100, "light"), (1100, "dark"), (390, "light"), (390, "dark")])
def test_the_page_fits_and_fetches_nothing(tmp_path: Path, width: int, scheme: str) -> None:
    found = reported(page(drifted()), _PROBE, tmp_path, width=width, scheme=scheme)
    assert (found["all"], found["users"], found["fetched"]) == (6, 2, 0)
    assert found["kinds"] == 6
    assert found["width"] <= found["inner"]
    assert found["narrowest"] > 100  # long words squeezed other columns to one letter
    dark_text = sum(map(int, re.findall(r"\d+", found["text"])[:3])) < 3 * 128
    assert dark_text is (scheme == "light")


def test_the_page_allows_no_source_but_itself() -> None:
    shown = page(drifted())
    assert "default-src 'none'" in shown
    assert not re.search(r"(src|href)=|@import|url\(", shown)
    assert "<b>" not in shown


def test_every_report_calls_the_pbx_by_its_own_name() -> None:
    found = replace(drifted(), url="https://192.0.2.7:5001", identity="acme.example.com")
    assert "<h1>Drift of acme.example.com</h1>" in page(found)
    assert "https://192.0.2.7:5001" in page(found)
    assert markdown(found).startswith("### acme.example.com\n")
    assert 'name="drift of acme.example.com"' in junit(found)
    assert as_json(found)["pbx"]["identity"] == "acme.example.com"


def test_the_page_has_the_hints_of_the_plan() -> None:
    shown = page(drifted())
    assert "<h2>To know</h2>" in shown
    assert "refuses to show &lt;i&gt;.</li>" in shown
    assert "To know" not in page(replace(drifted(), hints=[]))
