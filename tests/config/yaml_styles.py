"""Values as YAML in any style that people write: quotes, braces, blocks, anchors, comments, indentation."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any, Final

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*")
_WORDS: Final = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


class Style:
    """Writes values; each choice is made by the random numbers, and every comment is unique."""

    def __init__(self, random: Random, *, anchors: bool = False) -> None:
        """A style.

        Parameters:
            random: makes the choices
            anchors: whether values that are equal to earlier ones may be aliases
        """
        self._random = random
        self._anchors: dict[str, str] | None = {} if anchors else None
        self._step = random.choice((2, 3, 4))
        self.comments: list[str] = []
        """Comments that were written."""

    def file(self, sections: dict[str, Any]) -> str:
        """The text of a file."""
        lines = self._own_line(0)
        lines += ["---"] if self._maybe(0.3) else []
        lines += self._entries(sections, 0, top=True)
        return "\n".join([*lines, *self._own_line(0)]) + ("\n" if self._maybe(0.8) else "")

    def _maybe(self, chance: float) -> bool:
        return self._random.random() < chance

    def _comment(self) -> str:
        self.comments.append(f"#c{len(self.comments)}")
        return self.comments[-1]

    def _trailing(self) -> str:
        return self._random.choice(("  ", "\t", " ")) + self._comment() if self._maybe(0.4) else ""

    def _own_line(self, indent: int) -> list[str]:
        found = [""] if self._maybe(0.1) else []
        if self._maybe(0.25):
            found.append(" " * self._random.choice((indent, indent, 0)) + self._comment())
        return found

    def _entries(self, values: dict[str, Any], indent: int, *, top: bool = False) -> list[str]:
        lines: list[str] = []
        for key, value in values.items():
            if lines or top:
                lines += self._own_line(indent)
            name = key if self._maybe(0.8) else self._random.choice((f'"{key}"', f"'{key}'"))
            start = f"{' ' * indent}{name}{' ' if self._maybe(0.1) else ''}:"
            lines += self._value(start, value, indent, top=top)
        return lines

    def _value(self, start: str, value: Any, indent: int, *, top: bool) -> list[str]:
        if isinstance(value, dict | list) and value and (top or self._maybe(0.6)):
            tag = self._anchor(value)
            if tag.startswith("*"):
                return [f"{start} {tag}{self._trailing()}"]
            head = f"{start}{f' {tag}' if tag else ''}{self._trailing()}"
            if isinstance(value, dict):
                return [head, *self._entries(value, indent + self._step)]
            return [head, *self._items(value, indent + self._random.choice((0, self._step)))]
        if isinstance(value, str) and "\n" in value and self._maybe(0.7):
            return self._literal(start, value, indent)
        if isinstance(value, dict | list):
            return [f"{start} {self._flow(value, indent + self._step)}{self._trailing()}"]
        text = self._scalar(value)
        gap = self._random.choice((" ", "  ", "\t")) if text else ""
        return [f"{start}{gap}{text}{self._trailing()}"]

    def _literal(self, start: str, value: str, indent: int) -> list[str]:
        """A text of several lines after |."""
        body = value.removesuffix("\n").split("\n")
        head = f"{start} {'|' if value.endswith(chr(10)) else '|-'}{self._trailing()}"
        return [head, *(f"{' ' * (indent + self._step)}{line}" if line else "" for line in body)]

    def _items(self, values: list[Any], indent: int) -> list[str]:
        lines: list[str] = []
        for number, value in enumerate(values):
            if number:
                lines += self._own_line(indent)
            gap = " " * self._random.choice((1, 1, self._step - 1))
            if isinstance(value, dict) and value and self._maybe(0.6):
                inner = self._entries(value, indent + 1 + len(gap))
                lines.append(f"{' ' * indent}-{gap}{inner[0].lstrip(' ')}")
                lines += inner[1:]
            elif isinstance(value, dict | list):
                lines.append(f"{' ' * indent}-{gap}{self._flow(value, indent + self._step)}{self._trailing()}")
            else:
                lines.append(f"{' ' * indent}-{gap}{self._scalar(value)}{self._trailing()}")
        return lines

    def _flow(self, value: Any, indent: int) -> str:
        """A value in braces or brackets, perhaps over several lines with comments."""
        if not isinstance(value, dict | list):
            return self._scalar(value, flow=True)
        if not value:
            return "{}" if isinstance(value, dict) else "[]"
        tag = self._anchor(value)
        if tag.startswith("*"):
            return tag + " "
        if isinstance(value, dict):
            parts = [f"{key}: {self._flow(inner, indent)}" for key, inner in value.items()]
        else:
            parts = [self._flow(inner, indent) for inner in value]
        text = parts[0]
        for part in parts[1:]:
            if self._maybe(0.15):
                text += f",{self._trailing()}\n{' ' * (indent + 1)}{part}"
            else:
                text += f",{' ' if self._maybe(0.9) else '  '}{part}"
        edge = " " if self._maybe(0.2) else ""
        first, last = "{}" if isinstance(value, dict) else "[]"
        return f"{f'{tag} ' if tag else ''}{first}{edge}{text}{edge}{last}"

    def _scalar(self, value: Any, *, flow: bool = False) -> str:
        if value is None:
            return "null" if flow else self._random.choice(("null", "~", ""))
        tag = self._anchor(value)
        if tag.startswith("*"):
            return f"{tag} " if flow else tag
        return (f"{tag} " if tag else "") + self._text(value)

    def _text(self, value: str | int) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return str(value) if self._maybe(0.8) else f'"{value}"'
        if _PLAIN.fullmatch(value) and value.lower() not in _WORDS and self._maybe(0.5):
            return value
        if self._maybe(0.5) and value.isprintable():
            return "'" + value.replace("'", "''") + "'"
        return json.dumps(value, ensure_ascii=self._maybe(0.3))

    def _anchor(self, value: Any) -> str:
        """An alias of an equal value, an anchor, or nothing."""
        if self._anchors is None:
            return ""
        known = json.dumps(value)
        if known in self._anchors and self._maybe(0.5):
            return f"*{self._anchors[known]}"
        if self._maybe(0.1) and known not in self._anchors:
            self._anchors[known] = f"a{len(self._anchors)}"
            return f"&{self._anchors[known]}"
        return ""
