"""ansible-doc shows every module: options, examples, results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import warm_ansible
from tests.collection.tree import NAMES, environment
from tests.each import each


def ansible_doc(scratch: Path, *arguments: str) -> str:
    done = warm_ansible.run(["ansible-doc", *arguments], env=environment(scratch), cwd=scratch)
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr
    assert "WARNING" not in done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    shown = ansible_doc(tmp_path_factory.mktemp("doc"), "--json", *(f"threecx.xapi.{name}" for name in NAMES))
    found: dict[str, Any] = json.loads(shown)
    return found


def test_the_list_has_every_module(tmp_path: Path) -> None:
    listed = json.loads(ansible_doc(tmp_path, "--list", "--json", "threecx.xapi"))
    assert sorted(listed) == [f"threecx.xapi.{name}" for name in NAMES]
    assert all("3CX phone system" in short for short in listed.values())


@each("name", NAMES)
def test_a_module_is_complete(name: str, documented: dict[str, Any]) -> None:
    shown = documented[f"threecx.xapi.{name}"]
    assert {"host", "api_client_id", "token_cache"} <= set(shown["doc"]["options"]), "the connection's fragment"
    assert {"check_mode", "diff_mode", "idempotent"} <= set(shown["doc"]["attributes"]), "the attributes' fragment"
    assert shown["doc"]["requirements"]
    assert shown["doc"]["seealso"]
    assert f"threecx.xapi.{name}:" in shown["examples"]
    assert shown["return"]


def test_it_reads_as_text(tmp_path: Path) -> None:
    text = ansible_doc(tmp_path, *(f"threecx.xapi.{name}" for name in NAMES))
    assert text.count("RETURN VALUES") == len(NAMES)
    assert text.count("EXAMPLES") == len(NAMES)
    for markup in ("O(", "V(", "M(", "C(", "E(", "RV("):
        assert markup not in text, "markup that ansible-doc did not understand"
