"""`python -m threecx_xapi` tells what the client offers."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from threecx_xapi.__main__ import main, tags

from openapi.codegen.client_surface import GOLDEN


def test_it_lists_every_tag(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines if line.startswith("  ") and "," in line} >= {"users", "queues", "trunks"}
    assert max(map(len, lines)) <= 120
    assert f"{len(tags())} groups" in lines[0]


def test_it_tells_every_method_and_its_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    shown: list[str] = []
    for tag in sorted(tags()):
        assert main([tag]) == 0
        shown += capsys.readouterr().out.splitlines()
    assert shown == GOLDEN.read_text(encoding="utf-8").splitlines()
    assert main(["client.users.make_call"]) == 0
    text = capsys.readouterr().out
    assert "POST /Users/Pbx.MakeCall" in text
    assert "destination: number to call" in text


def test_a_reader_that_has_seen_enough_is_no_failure() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([sys.executable, "-m", "threecx_xapi"], stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("usrs", "no tag called usrs; did you mean users"),
        ("users.lst", "no method of users called lst; did you mean list"),
    ],
)
def test_a_misspelling_is_told(asked: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([asked]) == 1
    assert said in capsys.readouterr().err
