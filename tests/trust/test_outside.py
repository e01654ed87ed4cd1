"""YAML and JSON from outside: plain data of a size that somebody has written, or one sentence that says what is wrong.

A machine that is asked to read what is too deep or too much must not be busy with it: each of these texts would take
minutes, or more memory than there is, where it is read as it stands.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from openapi.codegen import source
from openapi.codegen.errors import CodegenError
from pbx_simulator.faults import outside, plan
from pbx_simulator.faults.plan import PlanError
from pbx_simulator.seeds import seed
from pbx_simulator.seeds.seed import SeedError

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
DANGEROUS = {
    "deep in flow style": "[" * 200_000,
    "deep in a mapping": "{a: " * 100_000,
    "deep by indentation": "".join(f"{' ' * n}a:\n" for n in range(2000)),
    "a billion laughs": LAUGHS,
    "an alias of itself": "a: &a [*a]",
    "a program": "!!python/object/apply:os.system ['touch {}']",
    "a name": "a: !!python/name:os.system",
    "a number of thousands of digits": f"a: {'9' * 10_000}",
    "cut off": "a: [1, 2",
    "bytes": "\x00\x01",
}
dangerous = pytest.mark.parametrize("name", DANGEROUS)


@pytest.fixture
def written(tmp_path: Path) -> Any:
    def write(name: str, ending: str = "yaml") -> Path:
        path = tmp_path / f"file.{ending}"
        path.write_text(DANGEROUS[name].replace("{}", str(tmp_path / "pwned")))
        return path

    yield write
    assert not (tmp_path / "pwned").exists()


@dangerous
def test_a_document(name: str, written: Any) -> None:
    with pytest.raises(CodegenError) as caught:
        source.read(str(written(name)))
    assert len(str(caught.value).splitlines()) == 1


@dangerous
def test_a_seed(name: str, written: Any) -> None:
    with pytest.raises(SeedError) as caught:
        seed.read(written(name))
    assert len(str(caught.value).splitlines()) == 1


@dangerous
def test_a_fault_plan(name: str, written: Any) -> None:
    with pytest.raises(PlanError) as caught:
        plan.read(written(name))
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("text", ['{"a":' * 200_000, "[" * 200_000, f'{{"a": {"9" * 10_000}}}', '{"a": 1', "\x00"])
def test_json(text: str, tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text(text)
    with pytest.raises(CodegenError):
        source.read(str(path))
    with pytest.raises(SeedError):
        seed.read(path)


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.yaml"
    path.write_text("a: 1\n")
    monkeypatch.setattr(source, "MAX_BYTES", 4)
    monkeypatch.setattr(outside, "MAX_BYTES", 4)
    with pytest.raises(CodegenError, match="larger than"):
        source.read(str(path))
    with pytest.raises(outside.TooMuch, match="longer than"):
        outside.load("a: 1\n")


def test_what_is_meant_is_read() -> None:
    texts = ["a: &x {b: [1, 2]}\nc: *x\nd: *x\n", "", "[1, 2]", "a: 2026-01-01\n", json.dumps({"a": [{"b": None}]})]
    for text in texts:
        assert outside.load(text) == yaml.safe_load(text)
    assert outside.load("[" * 100 + "]" * 100)
    with pytest.raises(outside.TooMuch):
        outside.load("[" * 101 + "]" * 101)
