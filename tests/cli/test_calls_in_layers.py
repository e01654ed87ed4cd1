"""Commands about calls read layers as one configuration, and times by the clock of the PBX."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.callflow.lint_company import write
from tests.cli.conftest import Threecx

OWN = """\
queues:
- {number: "800", forward_no_answer: {to: VoiceMail, number: "102"}}
pbx: {time_zone: Europe/Berlin, time_zones: {Head office: America/New_York}}
"""
STANDARD_CALLS = """\
calls:
- {dial: "112", extension: "101", expect: external 112}
"""
OWN_CALLS = """\
calls:
- {call: queue 800, at: 2026-11-30 16:00, expect: voicemail 102}
- {call: queue 800, at: 2026-11-30 10:00 America/New_York, expect: voicemail 102}
- {call: queue 800, at: 2026-11-30 16:00, expect: voicemail 101}
"""


@pytest.fixture
def layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Options that name two layers, in the current directory."""
    monkeypatch.chdir(tmp_path)
    write(Path("fleet"))
    Path("acme").mkdir()
    Path("acme/own.yml").write_text(OWN)
    Path("fleet/calls.yml").write_text(STANDARD_CALLS)
    Path("acme/calls.yml").write_text(OWN_CALLS)
    return ("-f", "fleet", "--layer", "acme")


def test_a_trace_names_the_layer_of_each_step(threecx: Threecx, layers: tuple[str, ...]) -> None:
    done = threecx("trace", "queue", "800", *layers, "--at", "2026-11-30 16:00")
    assert done.out.startswith("call to queue 800 (Service), Mon 2026-11-30 16:00 Europe/Berlin\n"), done.err
    assert "voicemail of 102" in done.out
    assert "fleet/company.yml:" in done.out
    assert "local time Mon 10:00" in done.out


def test_expectations_of_each_layer_count_and_the_last_one_is_recorded(
    threecx: Threecx, layers: tuple[str, ...]
) -> None:
    done = threecx("test", *layers, "--json")
    assert done.status == 2
    assert [(one["state"], one["place"]) for one in done.json["calls"]] == [
        ("ok", "fleet/calls.yml:2:3"), ("ok", "acme/calls.yml:2:3"), ("ok", "acme/calls.yml:3:3"),
        ("failed", "acme/calls.yml:4:3"),
    ]  # fmt: skip
    Path("acme/calls.yml").unlink()
    assert threecx("test", *layers).out.endswith("1 ok.\n")
    assert threecx("test", *layers, "--record").out.startswith("acme/calls.yml: ")
    assert threecx("test", *layers).status == 0
    Path("fleet/calls.yml").write_text("calls:\n- 3")
    assert "fleet/calls.yml:2:3: An expectation is a structure" in threecx("test", *layers).err


def test_a_map_shows_the_layers_as_one(threecx: Threecx, layers: tuple[str, ...]) -> None:
    assert threecx("map", *layers, "-o", "map.dot").status == 0
    assert "voicemail of 102" in Path("map.dot").read_text()


@pytest.mark.parametrize("command", [("trace", "800"), ("test",), ("map", "-o", "map.dot"), ("lint",)])
def test_wrong_layers_are_one_message(threecx: Threecx, layers: tuple[str, ...], command: tuple[str, ...]) -> None:
    named = ("--from", "acme") if command[0] == "trace" else ("acme",)
    Path("empty").mkdir()
    for arguments, message in (
        ((*named, *layers), "Name acme with -f as well"),
        (("-f", "acme", "-f", "./acme"), "This layer is named twice."),
        (("-f", "nowhere"), "nowhere"),
        (("-f", "empty", "--json"), "declares anything"),
    ):
        done = threecx(*command, *arguments)
        assert done.status == 1, (arguments, done.out)
        assert message in done.out + done.err, arguments


def test_a_time_that_comes_twice_or_never_is_told(threecx: Threecx, layers: tuple[str, ...]) -> None:
    drawn = ("map", *layers, "-o", "map.dot", "--at")
    assert "comes twice" in threecx(*drawn, "2026-10-25 02:30").err
    assert "the clocks go forward to 03:30" in threecx(*drawn, "2026-03-29 02:30").err
    assert not threecx(*drawn, "2026-03-29 02:30 UTC").err
