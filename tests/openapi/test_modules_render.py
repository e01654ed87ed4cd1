"""The text of generated files: literals, YAML, drift, leftovers, the program."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from openapi.codegen import __main__ as program
from openapi.codegen import files
from openapi.codegen.document import ROOT
from openapi.codegen.modules import generation
from openapi.codegen.modules.literal import literal
from openapi.codegen.modules.text import to_yaml
from pbx_as_code.description import EntityDescription, Key, Property
from tests.generated import SHARED, module_files

NAMES = {"EntityDescription": EntityDescription, "Key": Key, "Property": Property}


@pytest.mark.parametrize(
    "value",
    [
        Property("Id", "id"),
        Property("Name", "name", kind="enum", choices=("A",), minimum=0, nullable=True),
        Property("Odd", "odd", choices=('"', "'", "'\"", "\\", "é\n")),
        EntityDescription(
            "a", "as", "an a", "A", Key("Id", "id"), (Property("B", "b", fields=(Property("C", "c"),) * 3),)
        ),
    ],
)
def test_a_literal_evaluates_to_what_it_came_from(value: object) -> None:
    assert eval(literal(value), dict(NAMES)) == value


def test_a_literal_leaves_out_what_is_the_default() -> None:
    assert literal(Property("Id", "id", kind="str", secret=True)) == 'Property(name="Id", option="id", secret=True)'


def test_a_long_literal_has_one_thing_a_line() -> None:
    text = literal(Property("Long", "long", choices=tuple(f"choice{number}" for number in range(40))))
    assert max(map(len, text.splitlines())) <= 150
    assert text.count("\n") > 40


def test_what_stands_before_a_value_counts_for_its_width() -> None:
    value = Property("Long", "long", item_key=tuple(f"Name{number}" for number in range(13)), secret=True)
    assert max(map(len, literal((value,) * 2, depth=1).splitlines())) <= 150
    for path in (ROOT / "pbx_as_code" / "entities").glob("*.py"):
        assert max(map(len, path.read_text().splitlines())) <= 150, path.name


def test_yaml_keeps_the_order_and_indents_lists() -> None:
    value = {"b": ["x: y", {"c": "null"}], "a": "8"}
    assert yaml.safe_load(to_yaml(value)) == value
    assert to_yaml(value).startswith("b:\n  - 'x: y'\n")


@SHARED
def test_files_are_written_where_they_differ_and_removed_where_nothing_makes_them(tmp_path: Path) -> None:
    texts = {"plugins/modules/threecx_a.py": f"{generation.MARK}\n", "meta/runtime.yml": "---\n"}

    def words() -> dict[str, str]:
        return files.compare(texts, tmp_path, generation.existing(tmp_path))

    assert set(words().values()) == {"missing"}
    files.write(texts, tmp_path, words())
    assert words() == {}
    modules = tmp_path / "plugins" / "modules"
    (modules / "threecx_gone.py").write_text(f"{generation.MARK} once\n")
    (modules / "by_hand.py").write_text("# mine\n")
    (modules / "threecx_a.py").write_text("changed")
    assert words() == {"plugins/modules/threecx_a.py": "differs", "plugins/modules/threecx_gone.py": "stale"}
    files.write(texts, tmp_path, words())
    assert words() == {}
    assert not (modules / "threecx_gone.py").exists()
    assert (modules / "by_hand.py").exists()


@SHARED
def test_the_program_tells_what_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = {tmp_path: module_files()[generation.COLLECTION], generation.LIBRARY: module_files()[generation.LIBRARY]}
    monkeypatch.setattr(generation, "COLLECTION", tmp_path)
    monkeypatch.setattr(generation, "generate", lambda: made)
    monkeypatch.setattr("sys.argv", ["codegen", "modules", "--check"])
    with pytest.raises(SystemExit) as end:
        program.main()
    assert "`make modules` writes them" in str(end.value.code)
    assert not list(tmp_path.iterdir()), "--check writes nothing"
    monkeypatch.setattr("sys.argv", ["codegen", "modules"])
    program.main()
    assert f"{len(made[tmp_path])} written, 0 removed" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["codegen", "modules", "--check"])
    program.main()
    assert "0 written, 0 removed" in capsys.readouterr().out


def test_the_program_says_a_mistake_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wrong.yaml").write_text("version_added: 0.1.0\nentities: {fax: {}}\n")
    generate = generation.generate
    monkeypatch.setattr(generation, "generate", lambda: generate(tmp_path))
    monkeypatch.setattr("sys.argv", ["codegen", "modules", "--check"])
    with pytest.raises(SystemExit) as end:
        program.main()
    assert end.value.code == "error: catalogue: entities.fax: label is missing"


def test_the_command_line_helps_and_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--help"], *([name, "--help"] for name in ("spec", "since", "client", "entities", "modules"))):
        with pytest.raises(SystemExit) as end:
            program.parser().parse_args(words)
        assert end.value.code == 0
    assert "write the modules of the collection" in " ".join(capsys.readouterr().out.split())


@SHARED
def test_entities_are_written_without_the_collection(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generation, "generate", module_files)
    monkeypatch.setattr("sys.argv", ["codegen", "entities", "--check"])
    program.main()
    assert capsys.readouterr().out.count("0 written, 0 removed") == 1
