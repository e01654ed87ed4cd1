"""Extract the prose of a file: comments, docstrings, messages, descriptions, help texts and Markdown paragraphs."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

PROSE = re.compile(r"[A-Za-z]{2,}.* .*[a-z]{2,}")
SENTENCE_END = re.compile(r"(?<=[.!?:])\s+(?=[A-Z`\"(])")


@dataclass(frozen=True)
class Text:
    """A piece of prose and the line on which it starts."""

    line: int
    words: str

    def sentences(self) -> list[str]:
        """Return the sentences; a text after a colon counts as one, because lists of options are written that way."""
        return [part.strip() for part in SENTENCE_END.split(" ".join(self.words.split())) if part.strip()]


def texts(path: Path, content: str) -> Iterator[Text]:
    """Yield the prose in `content`, the text of `path`, by the kind of file its name tells.

    Args:
        path: Decides the kind: Python, YAML, Markdown, Makefile or template. Other files have no prose.
        content: The text of the file.
    """
    if path.suffix == ".py":
        yield from _of_python(content)
    elif path.suffix in (".yml", ".yaml"):
        yield from _of_yaml(content)
    elif path.suffix == ".md":
        yield from _of_markdown(content)
    elif path.name == "Makefile":
        yield from _of_makefile(content)
    elif path.suffix == ".jinja":
        yield from _of_template(content)


def _of_python(content: str) -> Iterator[Text]:
    yield from _comments_of_python(content)
    tree = ast.parse(content)
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            words = "".join(
                part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "{}"
                for part in node.values
            )
            if _is_prose(words):
                yield Text(node.lineno, words)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield from _of_literal(node.lineno, node.value)


def _of_literal(line: int, value: str) -> Iterator[Text]:
    """Yield the paragraphs of a string; one that is a YAML document (DOCUMENTATION, a playbook) is read as such."""
    if value.startswith(("\n", "---\n")) and re.search(r"^(- )?\w+:", value, re.MULTILINE):
        for text in _of_yaml(value):
            yield Text(line + text.line - 1, text.words)
        return
    for text in _paragraphs(re.sub(r"\n(?=\s*[\w*]+: )", "\n\n", value)):
        if _is_prose(text.words):
            yield Text(line + text.line - 1, re.sub(r"^\s*[\w*]+: ", "", text.words))


def _comments_of_python(content: str) -> Iterator[Text]:
    lines: list[tuple[int, str]] = []
    for token in tokenize.generate_tokens(io.StringIO(content).readline):
        if token.type == tokenize.COMMENT:
            alone = token.line.strip().startswith("#")
            lines.append((token.start[0] if alone else -token.start[0], token.string.lstrip("#! ").strip()))
    yield from _joined(lines)


def _joined(comments: list[tuple[int, str]]) -> Iterator[Text]:
    """Join the comments on consecutive lines; a negative line number marks a comment behind code, which is alone."""
    start, last, words = 0, -1, ""
    for line, comment in comments:
        if line > 0 and line == last + 1 and words:
            words = f"{words} {comment}"
        else:
            if words:
                yield Text(abs(start), words)
            start, words = line, comment
        last = line
    if words:
        yield Text(abs(start), words)


def _of_yaml(content: str) -> Iterator[Text]:
    lines = content.splitlines()
    comments = [(number, line.strip().lstrip("# ")) for number, line in enumerate(lines, 1) if line.strip()[:1] == "#"]
    yield from _joined(comments)
    try:
        for document in yaml.compose_all(content, yaml.SafeLoader):
            yield from _scalars(document)
    except yaml.YAMLError:  # a template, or Python that only looks like YAML
        yield from _paragraphs(content)


def _scalars(node: yaml.Node | None) -> Iterator[Text]:
    if isinstance(node, yaml.ScalarNode):
        if _is_prose(node.value):
            yield from (Text(node.start_mark.line + text.line, text.words) for text in _paragraphs(node.value))
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _scalars(item)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _scalars(key)
            yield from _scalars(value)


def _of_markdown(content: str) -> Iterator[Text]:
    prose = re.sub(
        r"^( *)```.*?^ *```", lambda code: "\n" * code[0].count("\n"), content, flags=re.DOTALL | re.MULTILINE
    )
    for paragraph in _paragraphs(prose):
        for offset, line in enumerate(_items(paragraph.words)):
            for cell in line.strip().strip("|").split(" | "):
                if _is_prose(cell):
                    yield Text(paragraph.line + offset, re.sub(r"^[-*#>|\d. ]+", "", cell.strip()))


def _items(paragraph: str) -> list[str]:
    """Split a paragraph at list items and table rows; other lines belong together."""
    found: list[str] = []
    for line in paragraph.splitlines():
        starts_item = re.match(r"\s*([-*|#>]|\d+\.) ?", line)
        if found and not starts_item and not found[-1].startswith("#"):
            found[-1] += " " + line.strip()
        else:
            found.append(line)
    return found


def _of_makefile(content: str) -> Iterator[Text]:
    for number, line in enumerate(content.splitlines(), 1):
        if "## " in line:
            yield Text(number, line.split("## ", 1)[1])
        elif line.startswith("# "):
            yield Text(number, line[2:])
        else:
            yield from (Text(number, words) for words in re.findall(r'echo "([^"]+)"', line) if _is_prose(words))


def _of_template(content: str) -> Iterator[Text]:
    for number, line in enumerate(content.splitlines(), 1):
        for words in re.split(r"\{\{.*?\}\}|\{%.*?%\}", line):
            if _is_prose(words):
                yield Text(number, re.sub(r"^[-#\"'\s{]+", "", words))


def _paragraphs(content: str) -> Iterator[Text]:
    line = 1
    for part in re.split(r"(\n\s*\n)", content):
        if part.strip():
            yield Text(line, part)
        line += part.count("\n")


def _is_prose(words: str) -> bool:
    return bool(PROSE.search(words.replace("\n", " ")))
