"""Markers become credentials, or nothing: a marker never reaches the wire."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from pbx_as_code.config.kinds import KINDS
from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.config.secrets import Resolver, from_command, from_environment, from_file, names_in
from pbx_as_code.config.values import Secret
from pbx_as_code.description import Property

_VALUE = "canary-51ab"  # invented


def _nested(properties: tuple[Property, ...], path: list[str], inner: Any) -> dict[str, Any]:
    prop = next(one for one in properties if one.option == path[0])
    value = inner if len(path) == 1 else _nested(prop.fields, path[1:], inner)
    return {prop.option: [value] if prop.many else value}


def test_every_secret_property_is_resolved_or_left_out() -> None:
    unset, known = Resolver([]), Resolver([lambda name: _VALUE if name == "x" else None])
    tried = 0
    for kind in KINDS.values():
        for path in kind.secrets:
            values = _nested(kind.description.properties, path.split("."), Secret("x"))
            assert list(names_in(values)) == ["x"]
            assert unset.missing(values) == ["x"]
            assert "Secret" not in repr(unset.resolved(values))
            assert json.dumps(known.resolved(values)).count(_VALUE) == 1  # json refuses a marker
            tried += 1
    assert tried > 30


def test_sources_are_asked_in_their_order(tmp_path: Path) -> None:
    file = tmp_path / "secrets.yml"
    file.write_text(f"a: '1'\nb: 0123\nc: {_VALUE}\n")
    command = from_command([sys.executable, "-c", "import sys; sys.exit(1) if sys.argv[1] != 'd' else print('4')"])
    resolver = Resolver(
        [from_environment({"THREECX_SECRET_A": "env", "THREECX_SECRET_C": ""}), from_file(file), command]
    )
    assert [resolver.value(name) for name in "abcde"] == ["env", "0123", _VALUE, "4", None]


def test_a_file_that_cannot_be_used_is_said_without_its_values(tmp_path: Path) -> None:
    file = tmp_path / "secrets.yml"
    file.write_text(f"a: [{_VALUE}]\n")
    with pytest.raises(ConfigError) as caught:
        from_file(file)
    assert _VALUE not in str(caught.value)
    with pytest.raises(ConfigError, match="It cannot be read"):
        from_file(tmp_path / "none.yml")
