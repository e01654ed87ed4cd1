"""fleet.yml: what it declares, and one message with its place for each thing that is wrong with it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.fleet import Fleet, PatternError, load_fleet, select
from pbx_as_code.profiles import ProfileError

CANARY = "CANARY-fl33t"  # invented
WHOLE = """
plugin: threecx.xapi.fleet
parallel: 8
max_failures: 2
objects: [users]
defaults:
  url: https://{name}.example.com
  client_id: "900"
  client_secret_command: [pass, show, "3cx/{name}"]
  layers: [layers/standard]
  vars: {country: DE, postcode: 01234, floor: 3}
groups:
  customers: {children: [acme], layers: [layers/customers], limits: {objects: 9}}
  acme: {layers: [layers/acme], limits: {objects: 5}, vars: {tier: gold}}
  berlin:
  large: threecx_users > 100
pbxs:
  north: {groups: [berlin, acme], canary: true, layers: ["pbxs/{name}"], ca_path: ca.pem}
  south-1: {groups: [berlin], client_secret_env: "SECRET_{NAME}", validate_certs: false}
  west: {url: "pbx.example.org:5001", client_secret_variable: "vault_secrets[{name}]"}
"""
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str, name: str = "fleet.yml") -> Path:
        (tmp_path / name).write_text(textwrap.dedent(text).lstrip("\n"))
        return tmp_path / name

    return written


@pytest.fixture
def fleet(write: Write) -> Fleet:
    return load_fleet(write(WHOLE))


def test_defaults_groups_and_pbxs_add_up(fleet: Fleet, tmp_path: Path) -> None:
    north, south, west = fleet.pbxs.values()
    assert [pbx.url for pbx in (north, south, west)] == [
        "https://north.example.com",
        "https://south-1.example.com",
        "https://pbx.example.org:5001",
    ]
    assert [layer.path.relative_to(tmp_path).as_posix() for layer in north.layers] == [
        "layers/standard",
        "layers/customers",
        "layers/acme",
        "pbxs/north",
    ]
    assert str(north.layers[2].place).endswith("fleet.yml:13:19")
    assert (north.limits, south.limits) == ({"objects": 5}, {}), "the inner group wins"
    assert [pbx.secret[:2] for pbx in (north, south, west)] == [
        ("client_secret_command", ("pass", "show", "3cx/north")),
        ("client_secret_env", "SECRET_SOUTH_1"),
        ("client_secret_variable", "vault_secrets[west]"),
    ]
    assert (north.canary, south.canary, north.validate_certs, south.validate_certs) == (True, False, True, False)
    assert north.ca_path == str(tmp_path / "ca.pem")
    assert fleet.variables == {"country": "DE", "postcode": "01234", "floor": 3}
    assert fleet.groups["acme"].variables == {"tier": "gold"}
    assert fleet.conditions == {"large": "threecx_users > 100"}
    assert (fleet.parallel, fleet.max_failures, fleet.objects) == (8, 2, ("users",))


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("all", ["north", "south-1", "west"]),
        ("customers", ["north"]),
        ("berlin:!north", ["south-1"]),
        ("*,&customers", ["north"]),
        ("!berlin", ["west"]),
        ("west,north", ["north", "west"]),
        ("s*", ["south-1"]),
        ("c*", ["north"]),
        ("pbx_canaries", ["north"]),
    ],
)
def test_patterns_are_those_of_ansible(fleet: Fleet, pattern: str, names: list[str]) -> None:
    assert [pbx.name for pbx in select(fleet, pattern)] == names


@pytest.mark.parametrize(
    ("pattern", "why"),
    [("bertin", "did you mean berlin?"), ("large", "Only Ansible can tell"), ("north:!berlin", "No PBX of")],
)
def test_a_pattern_without_a_pbx_is_refused(fleet: Fleet, pattern: str, why: str) -> None:
    with pytest.raises(PatternError, match=why):
        select(fleet, pattern)


@pytest.mark.parametrize(
    ("was", "becomes", "why"),
    [
        ("plugin: threecx.xapi.fleet", "plugin: §amazon.aws.aws_ec2", "plugin is threecx.xapi.fleet"),
        ("parallel: 8", "§parallels: 8", "did you mean parallel?"),
        ("parallel: 8", "parallel: §many", "whole number from 1"),
        ("objects: [users]", "objects: [§fones]", "did you mean phones?"),
        ("client_id: ", "§clientid: ", "did you mean client_id?"),
        ("client_id: ", f"§client_secret: {CANARY}\n  client_id: ", "contains no secrets"),
        ("country: DE", f"threecx_client_secret: §{CANARY}", "contains no secrets"),
        ("country: DE", "§a-b: DE", "is no name of a variable"),
        ("country: DE", "country: §!secret de", "!secret has no meaning here"),
        ("https://{name}.example.com", "§https://{names}.example.com", "{names} has no meaning"),
        ("https://{name}.example.com", "§https://{name}.example.com/path", "without a path"),
        ("children: [acme]", "children: [acme, §acne]", "did you mean acme?"),
        ("large: ", "§outer: {children: [inner]}\n  inner: {children: [outer]}\n  large: ", "within itself"),
        ("berlin:\n", "§all:\n  berlin:\n", "cannot be the name of a group"),
        ("groups: [berlin, acme]", "groups: [berlin, §akme]", "did you mean acme?"),
        ("canary: true", "canary: §perhaps", "true or false"),
        ("limits: {objects: 5}", "limits: {objects: §many}", "limits.objects is a whole number"),
        ("limits: {objects: 5}", "limits: {§objekts: 5}", "There is no limit called objekts"),
        ("west: {", "§north: {", "is given twice"),
        ("west: {", "§acme: {", "of a PBX and of a group"),
        ("west: {", "§we st: {", "cannot be the name of a PBX"),
        ("west: {", "§west: {url: https://north.example.com}\n  east: {", "have the same address"),
        ('client_secret_variable: "v', 'client_secret_env: A, client_secret_variable: §"v', "exclude each other"),
        ('"vault_secrets[{name}]"', '§"{{ vault_secrets }}"', "is the name of an Ansible variable"),
        ("west: {", "§west: {groups: [left, right], ", "its groups left and right both give client_id"),
        ("west: {", "west: {profile: §acme, ", "there is no profile acme"),
        ('layers: ["pbxs/{name}"]', "layers: [pbxs/a, §layers/./standard]", "has the layer layers/./standard already"),
        ("west: {", "west: §[", "This is not YAML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, was: str, becomes: str, why: str
) -> None:
    """§ marks the place."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    more = "berlin:\n  left: {client_id: 7}\n  right: {client_id: 8}\n"
    text = WHOLE.replace("berlin:\n", more).replace(was, becomes, 1).lstrip("\n")
    before = text.partition("§")[0]
    assert before != text
    place = f"fleet.yml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: "
    with pytest.raises(ConfigError) as failure:
        load_fleet(write(text.replace("§", "")))
    [found] = [str(problem) for problem in failure.value.problems if why in str(problem)][:1]
    assert place in found or "not YAML" in found, found
    assert CANARY not in str(failure.value)


def test_everything_a_pbx_needs_is_asked_for(write: Write) -> None:
    with pytest.raises(ConfigError) as failure:
        load_fleet(write("pbxs:\n  a:\n  b: {url: b.example.com}\n"))
    said = str(failure.value)
    assert said.count("has no client secret") == said.count("has no client_id") == 2
    assert said.count("has no url") == 1
    for text in ("", "[a]", "plugin: threecx.xapi.fleet\n"):
        with pytest.raises(ConfigError, match="section pbxs"):
            load_fleet(write(text))


def test_a_profile_says_how_a_pbx_is_reached(write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "threecx").mkdir()
    (tmp_path / "threecx" / "config.toml").write_text(
        '[profiles.acme]\nurl = "https://acme.example.com"\nclient_id = "901"\n'
        'client_secret_env = "ACME"\nvalidate_certs = false\n'
    )
    text = 'defaults: {client_id: "900", client_secret_command: ["pass"]}\npbxs:\n  a: {profile: acme}\n'
    own = '  b: {profile: acme, url: b.example.com, client_secret_env: "B"}\n'
    a, b = load_fleet(write(text + own)).pbxs.values()
    assert (a.url, a.client_id, a.secret[:2]) == ("https://acme.example.com", "901", ("client_secret_env", "ACME"))
    assert (b.url, b.secret[:2], b.validate_certs) == ("https://b.example.com", ("client_secret_env", "B"), False)


def test_secrets_are_read_when_they_are_needed(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_A", CANARY)
    text = """
    defaults: {client_id: "900", url: "{name}.example.com"}
    pbxs:
      a: {client_secret_env: "SECRET_{NAME}"}
      b: {client_secret_command: [printf, "%s", "of {name}"]}
      c: {client_secret_env: NOT_SET_BY_ANYONE}
      d: {client_secret_command: ["/nowhere/at/all"]}
      e: {client_secret_variable: vault_e}
    """
    pbxs = load_fleet(write(text)).pbxs
    assert [pbxs[name].client_secret() for name in "ab"] == [CANARY, "of b"]
    assert CANARY not in repr(pbxs["a"])
    for name, why in {"c": "NOT_SET_BY_ANYONE", "d": "/nowhere/at/all", "e": "only Ansible knows"}.items():
        with pytest.raises(ProfileError, match=rf"fleet\.yml:\d+:\d+: {name}: .*{why}"):
            pbxs[name].client_secret()


def test_pbxs_of_a_table(write: Write, tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_bytes(
        "name;url;groups;layers;client_secret_command;postcode\r\n"
        "north;north.example.com;acme berlin;a, b;pass show 'x y';01234\r\n\r\n"
        "süd;;;;;\r\n".replace("süd", "south").encode("utf-8-sig")
    )
    text = """
    defaults: {client_id: "900", client_secret_env: "S_{NAME}", url: "{name}.example.org"}
    groups: [acme, berlin]
    tables: customers.csv
    """
    north, south = load_fleet(write(text)).pbxs.values()
    assert (north.groups, north.variables) == (("acme", "berlin"), {"postcode": "01234"})
    assert [layer.path.name for layer in north.layers] == ["a", "b"]
    assert north.secret.value == ("pass", "show", "x y")
    assert (south.url, south.secret.value) == ("https://south.example.org", "S_SOUTH")
    assert str(south.place).endswith("customers.csv:4:1")


def test_a_table_can_be_the_whole_fleet(write: Write, tmp_path: Path) -> None:
    (tmp_path / "fleet.csv").write_text("name,url,client_id,client_secret_env,groups\na,a.example.com,900,A,x y\n")
    fleet = load_fleet(tmp_path / "fleet.csv")
    assert fleet.members("x") == fleet.members("y") == ["a"]


def test_a_table_as_a_spreadsheet_saves_it(tmp_path: Path) -> None:
    table = 'name;url;"city";plz;client_id;client_secret_env;;\r\na;a.example.com;Köln;="01234";900;A;;\r\n;;;;;;;\r\n'
    for content in (
        table.encode("utf-8-sig"),
        table.encode("cp1252"),
        table.replace(";", "\t").encode("utf-16"),
        ("sep=;\r\n" + table).encode(),
        ("sep=|\r\n" + table.replace(";", "|")).encode("utf-8-sig"),
        table.replace("\r\n", "\r").encode(),
    ):
        (tmp_path / "fleet.csv").write_bytes(content)
        [one] = load_fleet(tmp_path / "fleet.csv").pbxs.values()
        assert (one.url, one.variables) == ("https://a.example.com", {"city": "Köln", "plz": "01234"}), content


@pytest.mark.parametrize(
    ("table", "place", "why"),
    [
        ("url\na.example.com\n", "1:1", "no column name"),
        ("name,name\na,b\n", "1:2", "there twice"),
        ("name,a b\na,b\n", "1:2", "no name of a column"),
        ("name,url\na,b,c\n", "2:3", "more cells"),
        ("name,url\n,b.example.com\n", "2:1", "has no name"),
        ("name,client_secret\na,x\n", "2:2", ""),
        ('name,url\n"a,b\n', "2:1", "cannot be read"),
        ("name,client_secret_command\na,pass 'x\n", "2:2", "quote is not closed"),
        ("name,validate_certs\na,maybe\n", "2:2", "true or false"),
        ("name,groups\na,nowhere\na,nowhere\n", "3:1", "there twice"),
        ("sep=;\nname;url\na;b;c\n", "3:3", "more cells"),
        ("name;tel\na;4,91512E+12\n", "2:2", "has rounded 4,91512E+12"),
        ("name;url\na;b\0c\n", "1:1", "no text that can be read"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(write: Write, table: str, place: str, why: str) -> None:
    path = write(table, "fleet.csv")  # type: ignore[call-arg]
    with pytest.raises(ConfigError) as failure:
        load_fleet(path)
    assert f"fleet.csv:{place}: " in str(failure.value)
    assert (why or "contains no secrets") in str(failure.value)
