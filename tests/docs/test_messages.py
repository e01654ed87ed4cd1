"""Every message that docs/help/troubleshooting.md quotes exists in the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.docs.pages import DOCS

ROOT = DOCS.parent
PARTS = ("pbx_as_code", "generated_client/threecx_xapi", "ansible_collection/plugins")
GENERATED = ("pbx_as_code/entities", "threecx_xapi/api", "threecx_xapi/models", "plugins/modules")
PLACEHOLDER = "\0"
"""Stands for a value in a message, which the page writes as three dots."""


END = "\1"
"""Between two texts of the code."""


def quoted() -> list[str]:
    """The first column of each table of messages."""
    rows = re.findall(r"^\| `(.+?)` \| .+ \| .+ \|$", (DOCS / "help/troubleshooting.md").read_text(), re.MULTILINE)
    assert len(rows) > 25
    return rows


def messages() -> Iterator[str]:
    """Every text of the code; the values that are put into it are placeholders."""
    for part in PARTS:
        for path in sorted((ROOT / part).rglob("*.py")):
            if not any(generated in path.as_posix() for generated in GENERATED):
                yield from _texts(ast.parse(path.read_text()))


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else PLACEHOLDER
                for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def pattern(message: str) -> re.Pattern[str]:
    """Matches a text that holds the quoted message; three dots are placeholders, with any text around them."""
    return re.compile(f"[^{END}]*".join(re.escape(part) for part in re.split(r" ?\.\.\. ?", message)))


def test_each_quoted_message_exists() -> None:
    # A placeholder may stand within {braces} of a text that is formatted later.
    texts = END.join(re.sub(r"\{\w*\}", PLACEHOLDER, text) for text in messages())
    missing = [message for message in quoted() if not pattern(message).search(texts)]
    assert missing == [], "these messages are not in the code any more"


def test_a_message_that_does_not_exist_is_noticed() -> None:
    assert not pattern("There is no dragon on ...").search(END.join(messages()))
