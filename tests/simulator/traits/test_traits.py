"""Traits by their names: which there are, which exclude each other, and every way to say which a PBX has."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pbx_simulator import AS_SEEN, STRICT_ODATA, TRAITS, SeedError, SimulatedFleet, SimulatedPbx, TraitError, cli
from pbx_simulator.traits import read, registry, resolve
from tests.simulator.support import BARE, Api, refused

Factory = Callable[..., SimulatedPbx]


def test_names_and_sets_are_resolved() -> None:
    for given, wanted in (
        ([], set()),
        (["no-etags"], {"no-etags"}),
        (["as-seen"], AS_SEEN),
        (["strict-odata"], STRICT_ODATA),
        (["as-seen", "empty-as-null"], AS_SEEN - {"null-as-empty"} | {"empty-as-null"}),
        (["require-if-match", "as-seen"], AS_SEEN - {"no-etags"} | {"require-if-match"}),
        ("drop-plus", {"drop-plus"}),
    ):
        assert resolve(given) == wanted
    assert TRAITS.keys() >= AS_SEEN | STRICT_ODATA


def test_what_cannot_be_is_refused_in_one_line() -> None:
    for given, wanted in (
        (["omit-null"], "unknown trait omit-null; did you mean omit-nulls?"),
        (["asseen"], "unknown trait asseen; did you mean as-seen?"),
        (["qqq"], "unknown trait qqq: threecx-simulator --traits lists those there are"),
        (["as-seen", "strict-odata"], "the traits no-etags and require-if-match exclude each other: name one of them"),
        *(
            (sorted(pair), f"the traits {min(pair)} and {max(pair)} exclude each other: name one of them")
            for pair in registry.CONFLICTS
        ),
    ):
        with pytest.raises(TraitError) as refusal:
            SimulatedPbx(traits=given)
        assert str(refusal.value) == wanted


def test_the_keyword_outranks_the_seed_and_both_outrank_the_default(pbx_factory: Factory, tmp_path: Path) -> None:
    seeded = {"traits": ["omit-nulls"]}
    assert pbx_factory(seeded).traits == {"omit-nulls"}
    assert pbx_factory(seeded, traits=["drop-plus"]).traits == {"drop-plus"}
    assert pbx_factory(seeded, traits=()).traits == set()
    assert pbx_factory().traits == registry.DEFAULT == set(), "tests have those they name"
    told = [sys.executable, "-c", "import pbx_simulator as it; print(it.SimulatedPbx().traits == it.AS_SEEN)"]
    assert subprocess.run(told, capture_output=True, text=True, check=True).stdout == "True\n"
    file = tmp_path / "seed.yaml"
    file.write_text("traits: [strict-odata]\n")
    assert pbx_factory(str(file)).traits == STRICT_ODATA
    with SimulatedFleet(2, traits=AS_SEEN) as fleet:
        assert [pbx.traits for pbx in fleet] == [AS_SEEN, AS_SEEN]
    for wrong in ("omit-nulls", {"a": 1}, [1]):
        with pytest.raises(SeedError, match="seed: traits must be a list of names"):
            SimulatedPbx({"traits": wrong})


def test_the_keywords_about_etags_go_before_the_traits(pbx_factory: Factory) -> None:
    for keywords, wanted in (
        ({"etags": False}, {"no-etags"}),
        ({"etags": True, "traits": AS_SEEN}, AS_SEEN - {"no-etags"}),
        ({"strict_etags": True, "traits": AS_SEEN}, AS_SEEN - {"no-etags"} | {"require-if-match"}),
        ({"etags": False, "strict_etags": True}, {"no-etags"}),
        ({"etags": False, "traits": STRICT_ODATA}, {"no-etags"}),
    ):
        given = {"traits": (), **keywords}
        assert pbx_factory(**given).traits == wanted, keywords


def test_a_file_says_them_as_a_list_or_under_a_key(tmp_path: Path) -> None:
    for name, text in (
        ("a.yml", "[no-etags, drop-plus]"),
        ("b.yaml", "traits:\n  - no-etags\n  - drop-plus\n"),
        ("c.json", '{"traits": ["no-etags", "drop-plus"]}'),
    ):
        (tmp_path / name).write_text(text)
        assert read(tmp_path / name) == {"no-etags", "drop-plus"}
    assert read("no-etags, drop-plus") == {"no-etags", "drop-plus"}
    (tmp_path / "bad.yml").write_text("traits: {no-etags: true}")
    (tmp_path / "worse.yml").write_text("[")
    for name, wanted in (("bad.yml", "must be a list of names"), ("worse.yml", "cannot read"), ("no.yml", "No such")):
        with pytest.raises(TraitError, match=wanted):
            read(tmp_path / name)


def test_the_command_lists_every_trait_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--traits"]) == 0
    listed = capsys.readouterr().out.splitlines()
    for name, meaning in TRAITS.items():
        assert [line for line in listed if line.split(maxsplit=1) == [name, meaning]]
    assert any(line.startswith("as-seen: no-etags, ") for line in listed)
    assert cli.main(["--trait", "drop-pluses"]) == 1
    assert capsys.readouterr().err == "threecx-simulator: unknown trait drop-pluses; did you mean drop-plus?\n"


def test_the_command_takes_traits_one_by_one_as_sets_and_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "traits.yml"
    file.write_text("[omit-nulls]")
    for arguments, wanted in (
        ([], None),
        (["--trait", "drop-plus", "--trait", "omit-zeros"], {"drop-plus", "omit-zeros"}),
        (["--as-seen"], AS_SEEN),
        (["--strict-odata", "--trait", "drop-plus"], STRICT_ODATA | {"drop-plus"}),
        (["--traits", str(file), "--trait", "drop-plus"], {"omit-nulls", "drop-plus"}),
    ):
        named = cli.named_traits(cli.parser().parse_args(arguments))
        assert (None if named is None else resolve(named)) == wanted


def test_a_running_pbx_tells_its_traits_and_takes_others(pbx_factory: Factory) -> None:
    pbx = pbx_factory(traits=["drop-plus"])
    api = Api(pbx)
    user = f"/Users({api.rows('/Users', select='Id', top='1')[0]['Id']})"
    assert api.one(user)["Mobile"] == "15550110"
    endpoint = f"{pbx.url}/_simulator/traits"
    assert BARE.get(endpoint).json() == ["drop-plus"]
    assert "@odata.etag" in api.rows("/Users")[0]
    assert BARE.put(endpoint, json=["as-seen"]).status_code == 204
    assert pbx.traits == AS_SEEN
    assert "@odata.etag" not in api.rows("/Users")[0]
    assert "FGRP100" in [row["Number"] for row in api.rows("/Groups")]
    for wrong, message in (
        (["drop"], "unknown trait drop; did you mean drop-plus?"),
        ({}, "traits are a list of names"),
    ):
        answer = BARE.put(endpoint, content=json.dumps(wrong))
        assert (answer.status_code, answer.json()) == (400, {"error": message})
    pbx.reset()
    assert pbx.traits == {"drop-plus"}
    pbx.traits = frozenset({"omit-nulls"})
    assert BARE.get(endpoint).json() == ["omit-nulls"]


def test_a_restored_snapshot_has_the_traits_it_had(pbx_factory: Factory) -> None:
    pbx = pbx_factory(traits=())
    kept = pbx.snapshot()
    pbx.traits = AS_SEEN
    pbx.restore(kept)
    assert pbx.traits == set()
    assert not [row for row in pbx.entities("Groups") if row["Number"].startswith("FGRP")]


def test_a_pbx_like_another_with_other_traits_is_planted_on_its_own() -> None:
    with SimulatedPbx(traits=()) as plain, SimulatedPbx(traits=["null-as-empty"], like=plain) as other:
        assert plain.entities("Users")[0]["Mobile"] != other.entities("Users")[1]["Mobile"] == ""


def test_traits_of_rights(pbx_factory: Factory) -> None:
    for trait, status in (("stale-token-403", 403), ("no-etags", 401)):
        pbx = pbx_factory(traits=[trait])
        api = Api(pbx)
        pbx.revoke_tokens()
        refused(api.get("/Users"), status)
        api.http.headers["Authorization"] = "Bearer nonsense"
        refused(api.get("/Users"), 401)
    for trait, status in (("missing-rights-401", 401), ("no-etags", 403)):
        pbx = pbx_factory(traits=[trait])
        api = Api(pbx)
        assert api.get("/Recordings").status_code == 200
        client = next(row for row in pbx.entities("ServicePrincipals") if row["Number"] == "900")
        pbx.put("ServicePrincipals", {"Id": client["Id"], "Groups": [{"GroupId": 1, "Rights": {"RoleName": "users"}}]})
        for path in ("/Recordings", "/ScheduledReports", "/Users"):
            assert api.get(path).status_code == status
        assert api.get("/Queues").status_code == 200


def test_the_documentation_says_what_the_registry_says() -> None:
    text = Path(registry.__file__).parents[1].joinpath("TRAITS.md").read_text()
    rows = [f"| `{name}` | {meaning} |" for name, meaning in TRAITS.items()]
    assert [line for line in text.splitlines() if line.startswith("| `")] == rows
    for name, traits in registry.SETS.items():
        [line] = [line for line in text.splitlines() if line.startswith(f"- `{name}`")]
        assert {trait for trait in TRAITS if f"`{trait}`" in line} == traits
    for pair in registry.CONFLICTS:
        assert " and ".join(f"`{trait}`" for trait in sorted(pair)) in text
