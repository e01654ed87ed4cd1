"""Markers become credentials, or nothing: a marker never reaches the wire."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from threecx_xapi import XapiClient

from pbx_as_code import Pbx
from pbx_as_code.cli.secrets import with_secrets
from pbx_as_code.config.kinds import KINDS
from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.config.secrets import Resolver, from_command, from_environment, from_file, names_in
from pbx_as_code.config.values import Secret
from pbx_as_code.config.vault import Vault
from pbx_as_code.description import Property
from pbx_as_code.errors import BadOption
from pbx_simulator import SimulatedPbx

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


def test_a_marker_never_reaches_the_wire(tmp_path: Path) -> None:
    """Every option that may hold a credential, given as a marker to the library: it fails, and nothing is sent."""
    tried = 0
    with SimulatedPbx() as simulated:
        with XapiClient(simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret) as client:
            pbx = Pbx(client)
            for kind in KINDS.values():
                for path in kind.secrets:
                    values: dict[str, Any] = dict.fromkeys(kind.identity, "1")
                    values |= _nested(kind.description.properties, path.split("."), Secret("marker-name"))
                    with pytest.raises(BadOption, match=f"{path.rpartition('.')[2]}.*Secret") as caught:
                        pbx.ensure(kind.name, **values)
                    assert "marker-name" not in str(caught.value)
                    tried += 1
        assert list(simulated.requests) == []
    assert tried > 30


def test_no_object_without_a_text_is_taken_for_one(tmp_path: Path) -> None:
    with XapiClient("http://127.0.0.1:9", client_id="900", client_secret="invented") as client:
        for value in (object(), b"x", [Secret("x")], {"a": {"b": (object(),)}}):
            with pytest.raises(BadOption, match="a value is needed here"):
                Pbx(client).ensure("user", number="100", first_name=value)


def test_threads_ask_for_a_secret_once() -> None:
    asked: list[str] = []
    resolver = Resolver([lambda name: asked.append(name) or name])  # type: ignore[func-returns-value]
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(resolver.value, ["x"] * 100)) == {"x"}
    assert asked == ["x"]


def test_a_program_that_cannot_be_asked_is_said(tmp_path: Path) -> None:
    for command in ([], ["no-such-program"]):
        with pytest.raises(BadOption, match="There is no program"):
            from_command(command)
    binary = from_command([sys.executable, "-c", f"import sys; sys.stdout.buffer.write(b'{_VALUE}\\xff')"])
    with pytest.raises(BadOption, match="printed no text") as caught:
        binary("x")
    assert _VALUE not in "".join(traceback.format_exception(caught.value))


_PASSWORD = "vault-password"  # invented


def _encrypted(text: str) -> str:
    vault = pytest.importorskip("ansible.parsing.vault")
    library = vault.VaultLib([("default", vault.VaultSecret(_PASSWORD.encode()))])
    return str(library.encrypt(text.encode()).decode())


def test_ansible_vault_files_and_values_are_decrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, part, password = tmp_path / "whole.yml", tmp_path / "part.yml", tmp_path / "password"
    whole.write_text(_encrypted(f"a: 0123\nb: {_VALUE}\n"))
    lines = "".join(f"  {line}\n" for line in _encrypted(_VALUE).splitlines())
    part.write_text(f"c: plain\nd: !vault |\n{lines}e: |\n{lines}")
    password.write_text(_PASSWORD + "\n")
    for path, names in ((whole, {"a": "0123", "b": _VALUE}), (part, {"c": "plain", "d": _VALUE, "e": _VALUE})):
        source = from_file(path, Vault(password))
        assert {name: source(name) for name in names} == names
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho {_PASSWORD}\n")
    program.chmod(0o700)
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", str(program))
    assert from_file(whole)("a") == "0123"


def test_a_vault_that_cannot_be_opened_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, password = tmp_path / "whole.yml", tmp_path / "password"
    whole.write_text(_encrypted(f"a: {_VALUE}\n"))
    monkeypatch.delenv("ANSIBLE_VAULT_PASSWORD_FILE", raising=False)
    with pytest.raises(BadOption, match="Give --vault-password-file or set ANSIBLE_VAULT_PASSWORD_FILE"):
        from_file(whole)
    with pytest.raises(BadOption, match="cannot be read"):
        from_file(whole, Vault(password))
    for held, why in (("wrong", "does not fit"), ("", "is empty")):
        password.write_text(held)
        with pytest.raises(BadOption, match=why) as caught:
            from_file(whole, Vault(password))
        assert _VALUE not in str(caught.value)
    damaged = tmp_path / "damaged.yml"
    damaged.write_text(_encrypted("a: 1\n")[:-20])
    password.write_text(_PASSWORD)
    with pytest.raises(BadOption, match="does not fit"):
        from_file(damaged, Vault(password))
    monkeypatch.setitem(sys.modules, "ansible.parsing.vault", None)
    with pytest.raises(BadOption, match="pip install ansible-core"):
        from_file(whole, Vault(password))


def test_a_file_without_vault_loads_no_ansible(tmp_path: Path) -> None:
    (tmp_path / "s.yml").write_text("a: 1\n")
    code = (
        "import sys, pathlib; from pbx_as_code.config.secrets import from_file; "
        "print(from_file(pathlib.Path(sys.argv[1]))('a'), 'ansible' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "s.yml")], capture_output=True, text=True)
    assert done.stdout == "1 False\n", done.stderr


def test_the_options_of_secrets_give_a_command_a_resolver(tmp_path: Path) -> None:
    @click.command
    @with_secrets
    def command(secrets: Resolver) -> None:
        click.echo(str([secrets.value(name) for name in ("a-b", "b", "c", "d")]))

    (tmp_path / "1.yml").write_text("a-b: file\nb: file\n")
    (tmp_path / "2.yml").write_text("b: second\nc: second\n")
    printing = f"{shlex.quote(sys.executable)} -c 'import sys; print(sys.argv[1])'"
    arguments = ["--secrets-file", str(tmp_path / "1.yml"), "--secrets-file", str(tmp_path / "2.yml")]
    runner = CliRunner(env={"THREECX_SECRET_A_B": "environment"})
    done = runner.invoke(command, [*arguments, "--secrets-command", printing])
    assert done.output == "['environment', 'file', 'second', 'd']\n"
    assert "--secrets-command" in runner.invoke(command, ["--secrets-command", "'"]).output


@pytest.mark.parametrize("name", ["", "~", "null", "''", "[a]"])
def test_a_marker_without_a_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="1:45: secret needs the name of a secret"):
        load_sources([("a.yml", f"users: [{{number: 1, auth_password: {{secret: {name}}}}}]\n".encode())])


@pytest.mark.parametrize("null", ["", "~", "null", "Null"])
def test_a_secret_that_is_null_is_unset(tmp_path: Path, null: str) -> None:
    file = tmp_path / "secrets.yml"
    file.write_text(f"a: {null}\nb: 'null'\n")
    source = from_file(file)
    assert (source("a"), source("b")) == (None, "null")
    assert Resolver([source]).missing({"auth_password": Secret("a")}) == ["a"]
