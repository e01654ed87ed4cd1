"""Parts of messages: numbers with their nouns, articles, and options in the words of a command or of a task."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from pbx_as_code.config.collection.wording import for_a_task
from pbx_as_code.config.planning.operations import Plan
from pbx_as_code.config.reporting import report
from pbx_as_code.config.spelling import counted
from pbx_as_code.entities import NAMES, description

CONFIG = Path(__file__).resolve().parents[3] / "pbx_as_code" / "config"
#: Options of the command as `--waive`; text within backticks is a command to type in a shell.
OPTION = re.compile(r"--[a-z][a-z-]+")
#: Not for tasks: choices that collection/adopted.py words itself, and a page whose style has variables.
NOT_SAID = (CONFIG / "adopting" / "outcome.py", CONFIG / "planning" / "drift_page.py")


def texts(path: Path) -> Iterator[str]:
    """The texts of a module, with X for values, without its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped.update(node.values)
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in skipped:
            yield node.value


def test_no_message_about_files_tells_a_task_to_use_an_option_of_the_command() -> None:
    found = [
        text
        for folder in ("planning", "applying", "adopting")
        for path in sorted((CONFIG / folder).rglob("*.py"))
        if path not in NOT_SAID
        for text in texts(path)
        if OPTION.search(re.sub(r"`[^`]*`", "", text))
    ]
    assert len(found) >= 7, "the messages are elsewhere now"
    assert [text for text in map(for_a_task, found) if OPTION.search(re.sub(r"`[^`]*`", "", text))] == []


def test_options_of_a_task_are_written_as_in_a_playbook() -> None:
    assert for_a_task("To replace it, give --replace users:399: user 100 is removed.") == (
        "To replace it, give replace: users:399: user 100 is removed."
    )
    assert for_a_task("Waive them: --waive 0a1b. Or give --other-pbx, or not.") == (
        "Waive them: waiver: 0a1b. Or give other_pbx: true, or not."
    )
    assert for_a_task("removed -- replaced --") == "removed -- replaced --"


@pytest.mark.parametrize(("number", "said"), [(0, "0 files"), (1, "1 file"), (2, "2 files")])
def test_a_number_has_its_noun(number: int, said: str) -> None:
    assert counted(number, "file") == said


def test_every_kind_has_the_article_that_its_label_is_spoken_with() -> None:
    """Capitals are spoken by letter, except SIP: an FXS gateway, an SBC, but a CRM template."""
    spoken = re.compile(
        r"an ([aeio]|(?!SIP)[AEFHILMNORSX][A-Z])|a ([bcdfghj-np-tv-z]|u[ns]|SIP |[BCDGJKPQTUVWYZ][A-Z]|[A-Z][a-z])|the "
    )
    assert [one for one in (description(name).one for name in NAMES) if not spoken.match(one)] == []


def test_no_message_puts_an_article_of_its_own_before_a_label() -> None:
    root = CONFIG.parents[1]
    wrong: list[str] = []
    for folder in (root / "pbx_as_code", root / "ansible_collection" / "plugins"):
        for path in folder.rglob("*.py"):
            if {"entities", "modules", "doctor"} & set(path.parts):  # the doctor labels four kinds itself
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.JoinedStr):
                    continue
                for text, value in pairwise(node.values):
                    if (
                        isinstance(text, ast.Constant)
                        and re.search(r"\b[Aa]n? $", str(text.value))
                        and isinstance(value, ast.FormattedValue)
                        and isinstance(value.value, ast.Attribute)
                        and value.value.attr == "label"
                    ):
                        wrong.append(f"{path.name}:{node.lineno}")
    assert wrong == [], "say description.one, which has the article"


def test_many_objects_that_are_kept_take_one_line_for_each_kind() -> None:
    made = Plan("https://pbx.example.com", "20.0.10", "0" * 64)
    made.unmanaged = [("user", (str(number),)) for number in range(100, 172)] + [("queue", ("800",))]
    made.unmanaged += [("user", ("900",))]
    made.kept = {("user", ("900",)): "a system owner is removed only where it is named"}
    lines = [line.strip() for line in report.text(made).splitlines()[1:-1]]
    assert lines == [
        "unmanaged and kept: 72 users: user 100, user 101, user 102 and 69 more; --json lists all",
        "unmanaged and kept: queue 800",
        "unmanaged and kept: user 900 (a system owner is removed only where it is named)",
    ]
    assert report.markdown(made).count("user ") == 4
    assert len(report.as_json(made)["unmanaged"]) == 74
