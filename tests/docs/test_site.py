"""The generator of the documentation: links, reference pages, and the checks of the finished site."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click
from threecx_xapi.__main__ import methods, tags
from threecx_xapi.index import operation_ids

from docs.tools import command_pages, links
from docs.tools.module_pages import shortened
from docs.tools.staging import DOCS, Stage, staged
from pbx_as_code.cli.main import cli


def test_links_to_files_lead_to_their_pages() -> None:
    page = staged(
        "[a](../../SECURITY.md#x) [`conftest.py`](../../tests/conftest.py) `[c](d)`", "docs/help/a.md", "help/a.md"
    )
    assert page == "[a](../project/security.md#x) `tests/conftest.py` `[c](d)`"


def test_files_and_changes_of_a_tutorial_get_a_caption() -> None:
    page = staged("<!-- file: a.yml -->\n```yaml\nb: c\n```\n", "docs/a.md", "a.md")
    assert page == "```{code-block} yaml\n:caption: a.yml\n\nb: c\n```\n"


def test_broken_links_and_files_from_elsewhere_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<p id="here"><a href="#here">1</a><a href="#there">2</a><a href="b.html">3</a><a href="https://example.com">4</a>'
        '<script src="https://cdn.example.com/x.js"></script>'
    )
    assert links.broken(tmp_path) == [
        "a.html: #there: the page has no such place",
        "a.html: b.html: there is no such file",
        'a.html: loads <script src="https://cdn.example.com/x.js"',
    ]


def test_examples_come_before_options() -> None:
    title = "threecx.xapi.threecx_a module -- Manage a"
    page = shortened(
        f"{title}\n{'+' * len(title)}\n\n.. Collection note\n\n.. note::\n    Long.\n\n.. version_added\n\n"
        ".. contents::\n   :local:\n\n"
        ".. Options\n\nO\n\n.. Examples\n\nE\n\n.. Facts\n\nF\n\n.. Authors\n\nA\n\n.. Extra links\n"
    )
    assert page.startswith("threecx_a -- Manage a\n+++++++++++++++++++++\n")
    assert re.findall(r"^(O|E|F|A|    Long\.)$", page, re.MULTILINE) == ["E", "O", "F"]


def test_each_command_and_each_option_is_in_the_reference(tmp_path: Path) -> None:
    command_pages.write(Stage(tmp_path))
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            continue
        page = (tmp_path / "command/reference" / f"{name}.md").read_text()
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                assert all(spelt in page for spelt in parameter.opts), (name, parameter.opts)


def test_each_operation_is_a_method_of_the_reference() -> None:
    names = [method.__name__ for kind in tags().values() for method in methods(kind).values()]
    assert len([name for name in names if not name.startswith("iterate")]) == len(operation_ids())


def test_the_tools_of_the_site_are_documented() -> None:
    for path in (DOCS / "tools").glob("*.py"):
        assert ast.get_docstring(ast.parse(path.read_text())), path
