"""Development requirements are pinned with hashes and name no index. Evaluation of audit reports."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from tests import audit
from tests.bounds import lowest
from tests.pins import constraints, pinned

ROOT = Path(__file__).resolve().parents[2]
FILES = [ROOT / "requirements-dev.txt", ROOT / "requirements-galaxy.txt"]
files = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@files
def test_every_pin_is_exact_and_has_hashes(path: Path) -> None:
    blocks = re.split(r"\n(?=\S)", path.read_text().split("\n", 2)[2])
    assert len(blocks) == len(pinned(path)) > 50
    for block in blocks:
        first, *hashes = (line.strip().removesuffix("\\").strip() for line in block.strip().splitlines())
        assert re.fullmatch(r"[\w.-]+==[\w.!+-]+( ; [^#@]+)?", first), first
        assert hashes, f"{first} has no hash"
        for one in hashes:
            assert re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", one), f"{first}: {one}"


@files
def test_it_names_no_place(path: Path) -> None:
    text = path.read_text()
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--(index|extra|find|trusted))", text, re.MULTILINE)


@files
def test_all_platforms_are_meant(path: Path) -> None:
    """A release with one file for each platform has the hashes of all of them: this machine's alone would be one or
    two.
    """
    counts = {
        pin.partition("==")[0]: len(re.findall("--hash", block))
        for pin in pinned(path)
        for block in [path.read_text().split(f"\n{pin} ", 1)[1].split("\n\n")[0].split("==", 1)[0]]
    }
    assert counts[{"requirements-dev.txt": "cryptography", "requirements-galaxy.txt": "cffi"}[path.name]] > 20
    assert any("win32" in pin for pin in pinned(path)), "what Windows alone needs"


@files
def test_everything_asked_for_is_pinned(path: Path) -> None:
    asked = [
        line for line in path.with_suffix(".in").read_text().splitlines() if line.strip() and not line.startswith("#")
    ]
    pins = {canonical(pin.partition("==")[0]): pin.partition("==")[2].partition(" ")[0] for pin in pinned(path)}
    for wish in asked:
        name, _, version = wish.partition("==")
        assert canonical(name) in pins, wish
        assert version in ("", pins[canonical(name)]), wish


def test_the_client_itself_is_developed_on_what_is_pinned() -> None:
    """Otherwise the tests run on what nobody else has."""
    pins = {canonical(pin.partition("==")[0]): pin.partition("==")[2] for pin in pinned(FILES[0]) if ";" not in pin}
    for name in ("httpx", "attrs", "httpcore"):
        if pins[name] != metadata.version(name):
            pytest.skip(
                f"these tests run on {name} {metadata.version(name)}: that is what the matrix and the bounds are for"
            )
    assert not [name for name in ("httpx", "attrs") if name not in pins]


def test_pip_takes_the_pins_without_hashes_as_constraints(tmp_path: Path) -> None:
    path = constraints(FILES[0], tmp_path / "new" / "pins.txt")
    assert len(path.read_text().splitlines()) == len(pinned(FILES[0]))
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--dry-run",
            "--no-index",
            "--no-deps",
            "--quiet",
            "-c",
            path,
            "httpx",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    # It is here already: had the file been a demand for hashes, pip would refuse before it looks.
    assert done.returncode == 0, done.stderr


def test_lower_bounds() -> None:
    assert lowest(["attrs>=23.2", "httpx>=0.27,<1", "python-multipart >= 0.0.9"]) == [
        "attrs==23.2",
        "httpx==0.27",
        "python-multipart==0.0.9",
    ]
    for unbounded in ("attrs", "attrs<30", "attrs~=23.2", "attrs==23.2"):
        with pytest.raises(ValueError, match="no lower bound"):
            lowest([unbounded])


VULNERABLE = {"name": "old", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"], "aliases": []}]}
FINE = {"name": "fine", "version": "1.0", "vulns": []}
SKIPPED = {"name": "unknown", "skip_reason": "Dependency not found"}


@pytest.mark.parametrize(
    ("packages", "fails", "words"),
    [
        ([FINE, FINE], False, "ok: no known vulnerability in 2 packages"),
        ([FINE, SKIPPED], False, "ok: no known vulnerability in 1 packages; 1 more could not be audited"),
        (
            [SKIPPED, SKIPPED],
            False,
            "could not be audited: nobody here knows of vulnerabilities in any of its 2 packages",
        ),
        ([FINE, VULNERABLE, SKIPPED], True, "old 1.0: PYSEC-1 (fixed in: 1.1)"),
        ([], False, "could not be audited"),
    ],
)
def test_the_audit_tells_safe_from_unknown(packages: list[object], fails: bool, words: str) -> None:
    verdict = audit.judge({"dependencies": packages})
    assert bool(verdict.vulnerable) is fails
    assert words in str(verdict)
    assert str(verdict).startswith("ok") is (not fails and verdict.audited > 0)


@pytest.mark.parametrize(
    ("stdout", "status"),
    [("", False), ("nonsense", False), ("{}", False), ('{"dependencies": [{"name": "x"}]}', False)],
)
def test_an_audit_that_fails_is_no_verdict(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stdout: str, status: bool
) -> None:
    done = subprocess.CompletedProcess([], 1, stdout, "ERROR: no way to ask\n")
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_how: done)
    with pytest.raises(SystemExit) as ended:
        audit.main()
    assert ended.value.code is status
    assert capsys.readouterr().out.count("could not be audited: ERROR: no way to ask") == len(audit.FILES)


def test_an_audit_that_finds_something_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = '{"dependencies": [{"name": "old", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": []}]}]}'
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda *_args, **_how: subprocess.CompletedProcess([], 1, found, "Found 1 known vulnerability"),
    )
    with pytest.raises(SystemExit) as ended:
        audit.main()
    assert ended.value.code is True
    assert "VULNERABLE" in capsys.readouterr().out
