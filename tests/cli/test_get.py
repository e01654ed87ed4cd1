"""`threecx get`: every kind in every form; cells that are safe in a spreadsheet."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
import yaml

from pbx_as_code.cli.rows import cell, written
from pbx_as_code.description import EntityDescription
from pbx_as_code.engine.options.option_specs import info_argument_spec
from pbx_as_code.entities import NAMES, description
from pbx_simulator import SimulatedPbx
from tests.cli.conftest import Threecx

_NEEDED = {"start_date": "2026-01-01", "number": "100"}


def test_every_kind_is_shown_in_every_form(threecx: Threecx, shared_pbx: SimulatedPbx) -> None:
    for name in sorted(NAMES):
        about = description(name)
        spec = info_argument_spec(about)["argument_spec"]
        named = [f"{option}={_NEEDED[option]}" for option, one in spec.items() if one.get("required")]
        section = about.plural if isinstance(about, EntityDescription) else name
        rows = threecx("get", section, *named, "--json", pbx=shared_pbx).json
        assert isinstance(rows, list), name
        shown = threecx("get", name, *named, "-o", "yaml", pbx=shared_pbx)
        assert len(yaml.safe_load(shown.out)[section]) == len(rows), name
        done = threecx("get", name, *named, "-o", "csv", pbx=shared_pbx)
        lines = list(csv.reader(io.StringIO(done.out)))
        assert len(lines) == (len(rows) + 1 if rows else 0), name
        table = threecx("get", name, *named, pbx=shared_pbx)
        assert (table.status, bool(table.out)) == (0, bool(rows)), name
    assert shared_pbx.writes == []


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("-2+3", "'-2+3"), ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"), ("\n=1", "'\n=1"), ("\r=1", "'\r=1"), ("+", "'+"), ("-", "'-"),
        ("+15550133", "+15550133"), ("a=b", "a=b"), (-5, "-5"), (None, ""), (True, "true"), ("+1\u0663", "'+1\u0663"),
        ("\uff1d1+1", "'\uff1d1+1"), ("\uff0b1", "'\uff0b1"),
    ],
)  # fmt: skip
def test_no_cell_is_taken_for_a_formula(value: object, written: str) -> None:
    assert cell(value) == written


def test_columns_may_lead_into_structures(threecx: Threecx, shared_pbx: SimulatedPbx) -> None:
    rows = threecx("get", "trunks", "--columns", "number,gateway.host", "--json", pbx=shared_pbx).json
    assert rows
    assert [list(row) for row in rows] == [["number", "gateway.host"]] * len(rows)
    assert any(row["gateway.host"] for row in rows)
    listed = threecx("get", "users", "--columns", "number,groups.group", "--json", pbx=shared_pbx).json
    assert all(isinstance(row["groups.group"], list) for row in listed)
    (user,) = threecx("get", "user", "number=100", "--expand", "groups", "--json", pbx=shared_pbx).json
    assert user["groups"]
    wrong = threecx("get", "users", "--expand", "group", pbx=shared_pbx)
    assert (wrong.status, "did you mean groups?" in wrong.err) == (1, True)
    wrong = threecx("get", "users", "--columns", "first_nam", pbx=shared_pbx)
    assert (wrong.status, "did you mean first_name" in wrong.err) == (1, True)


def test_a_table_shows_structures_without_nulls(threecx: Threecx, shared_pbx: SimulatedPbx) -> None:
    arguments = ("get", "users", "--filter", "Number eq '200'", "--columns", "number,groups")
    shown = threecx(*arguments, pbx=shared_pbx)
    assert "null" not in shown.out
    assert '"rights": {"role_name": "managers"' in shown.out
    (row,) = threecx(*arguments, "--json", pbx=shared_pbx).json
    assert row["groups"][0]["rights"]["allow_ivr"] is None


def test_one_object_is_named_by_its_key(threecx: Threecx, shared_pbx: SimulatedPbx) -> None:
    (user,) = threecx("get", "user", "number=100", "--json", pbx=shared_pbx).json
    assert user["number"] == "100"
    wrong = threecx("get", "user", "numbr=100", "--json", pbx=shared_pbx).error
    assert "did you mean number?" in wrong["message"]
    assert "usrs" in threecx("get", "usrs", "-o", "json", pbx=shared_pbx).error["message"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("users", "number=100", "number=101"), "number is given twice."),
        (("users", "--limit", "1", "limit=2"), "limit is given twice."),
        (("call_history_segments",), "call_history_segments cannot be listed as a whole. Give start_date=VALUE."),
        (("dn_properties",), "dn_properties cannot be listed as a whole. Give number=VALUE."),
    ],
)
def test_what_is_asked_for_is_clear(
    threecx: Threecx, simulated: SimulatedPbx, arguments: tuple[str, ...], said: str
) -> None:
    done = threecx("get", *arguments, pbx=simulated)
    assert (done.status, said in done.err) == (1, True), done.err
    assert list(simulated.requests) == []


def test_options_of_lists_are_refused_for_settings(threecx: Threecx, shared_pbx: SimulatedPbx) -> None:
    for option, value in (("--limit", "1"), ("--filter", "x"), ("--search", "x")):
        done = threecx("get", "mail_settings", option, value, pbx=shared_pbx)
        assert done.status == 1
        assert f"Invalid value for {option}: it has no meaning for mail_settings. Leave it out." in done.err


def test_credentials_are_shown_on_request_only(threecx: Threecx, shared_pbx: SimulatedPbx) -> None:
    secret = "invented-mail-password"
    assert secret not in threecx("get", "mail_settings", pbx=shared_pbx).out
    assert secret in threecx("get", "mail_settings", "reveal_secrets=true", pbx=shared_pbx).out


def test_kinds_and_profiles_are_completed(threecx: Threecx, tmp_path: Path) -> None:
    (tmp_path / "threecx").mkdir()
    (tmp_path / "threecx" / "config.toml").write_text("[profiles.acme]\n[profiles.beta]\n")
    here = {"_THREECX_COMPLETE": "bash_complete", "XDG_CONFIG_HOME": str(tmp_path)}
    assert threecx(COMP_WORDS="threecx get use", COMP_CWORD="2", **here).out.split() == ["plain,users"]
    assert threecx(COMP_WORDS="threecx get users --profile a", COMP_CWORD="4", **here).out.split() == ["plain,acme"]
    for words, found in (
        ("plan --include queu", ["plain,queues"]),
        ("export --exclude dep", ["plain,department:"]),
        ("apply --prune ring", ["plain,ring_groups"]),
    ):
        assert threecx(COMP_WORDS=f"threecx {words}", COMP_CWORD="3", **here).out.split() == found


def test_a_terminal_obeys_nothing_that_a_pbx_has_stored(threecx: Threecx, simulated: SimulatedPbx) -> None:
    simulated.put("Contacts", {"FirstName": "A\x1b[2Jb\x9bc", "LastName": "[bold]x[/bold]"})
    for form in ("table", "json", "yaml"):
        out = threecx("get", "contacts", "-o", form, pbx=simulated).out
        assert "[bold]x[/bold]" in out
        assert "\x1b" not in out
        assert "\x9b" not in out


_COLORED = "E\x1b[31mvil"


def test_csv_has_the_values_as_they_are(threecx: Threecx, simulated: SimulatedPbx) -> None:
    simulated.put("Contacts", {"FirstName": _COLORED, "LastName": "Terminal"})
    given = ("get", "contacts", "last_name=Terminal", "--columns", "first_name", "-o", "csv")
    done = threecx(*given, pbx=simulated)
    assert list(csv.reader(io.StringIO(done.out))) == [["first_name"], [_COLORED]]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_obeys_no_value_in_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    written("contacts", [{"first_name": _COLORED}], "csv", complete=True)
    assert terminal.getvalue() == "first_name \nE [31mvil \n"
