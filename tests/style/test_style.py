"""The checker of plain English finds planted riddles in every kind of text, and leaves plain sentences alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.size import too_large
from tests.style.__main__ import ROOT, files
from tests.style.riddles import riddles

RIDDLE = "By what the agent knows such a call."
PLACES = {
    "a.py": f'"""{RIDDLE}"""\n',
    "comment.py": f"import os\n\n# {RIDDLE}\nprint(os)\n",
    "message.py": f'raise ValueError(f"Nothing was sent. {RIDDLE}")\n',
    "documentation.py": f'DOCUMENTATION = """\noptions:\n  number:\n    description:\n      - {RIDDLE}\n"""\n',
    "a.yml": f"description:\n  - {RIDDLE}\n",
    "comment.yml": f"# {RIDDLE}\nkey: value\n",
    "a.md": f"# Title\n\nPlain text. {RIDDLE}\n",
    "table.md": f"| option | meaning |\n|---|---|\n| `a` | {RIDDLE} |\n",
    "Makefile": f"test: ## {RIDDLE}\n",
    "a.jinja": f'"""{RIDDLE}"""\n{{{{ name }}}}\n',
}


@pytest.mark.parametrize("name", PLACES)
def test_a_planted_riddle_is_found(name: str) -> None:
    assert [riddle.sentence.rstrip('"') for riddle in riddles(Path(name), PLACES[name])] == [RIDDLE]


@pytest.mark.parametrize(
    "sentence",
    [
        "What of a call is held against `data`.",
        "Whoever knows it can read the passwords.",
        "Where a caller goes whom nobody answered in time.",
        "Read it again with threecx_fax_info and decide anew.",
        "Each runs in a process of its own.",
        "If an earlier task makes it, all is well.",
        "The PBX does not let go of it.",
        "Fail each so many-th request.",
        "It is what the task has read.",
    ],
)
def test_each_pattern_finds_a_riddle(sentence: str) -> None:
    assert len(list(riddles(Path("a.md"), sentence))) == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "Seconds before the department answers a call itself.",
        "Which part of the call is matched against `data`.",
        "What did you run?",
        "Where the PBX gives no ETags, the object is read again.",
        "Whether each module has its own lock.",
    ],
)
def test_plain_sentences_pass(sentence: str) -> None:
    assert list(riddles(Path("a.md"), sentence)) == []


def test_a_code_block_is_no_prose() -> None:
    assert list(riddles(Path("a.md"), f"Text\n\n```\n{RIDDLE}\n```\n")) == []


def test_all_parts_written_by_hand_are_read() -> None:
    found = {path.as_posix() for path in files(ROOT)}
    assert {
        "README.md",
        "Makefile",
        "openapi/catalogue/users.yaml",
        "openapi/codegen/modules/words.py",
        "generated_client/threecx_xapi/client.py",
        "pbx_as_code/pbx.py",
        "pbx_simulator/__init__.py",
        "ansible_collection/README.md",
    } <= found


def test_code_that_is_too_large_is_found(tmp_path: Path) -> None:
    paths = [Path("one/long.py"), *(Path(f"full/n{number}.py") for number in range(25))]
    generated = [Path(f"pbx_as_code/entities/n{number}.py") for number in range(26)]
    for path in (*paths, *generated):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x = 1\n" * 450)
    assert list(too_large([*paths, *generated], root=tmp_path)) == []
    (tmp_path / "full/more.py").touch()
    (tmp_path / "one/long.py").write_text("x = 1\n" * 451)
    assert list(too_large([*paths, Path("full/more.py"), *generated], root=tmp_path)) == [
        "one/long.py: 451 lines, more than 450. Split the file.",
        "full: 26 files of code, more than 25. Group them in folders.",
    ]
