"""YAML for documentation: the order as given, lists indented, long texts folded, the same bytes each time."""

from __future__ import annotations

import functools
import io
from typing import Any

import yaml


class OneLine(list[Any]):
    """A list to be written in brackets."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        """Indent the items of a list below its name, as yamllint and people expect."""
        super().increase_indent(flow, False)

    def analyze_scalar(self, scalar: str) -> Any:
        """How a text may be written: the same for the same text, and most come again and again."""
        return _analysis(scalar)

    def represent_in_one_line(self, data: OneLine) -> yaml.Node:
        """A list in brackets."""
        return self.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        """Write out what occurs twice: an anchor helps no reader."""
        return True


_Dumper.add_representer(OneLine, _Dumper.represent_in_one_line)


@functools.lru_cache(maxsize=1 << 15)
def _analysis(text: str) -> Any:
    return _PLAIN.analyze_scalar(text)


_PLAIN = yaml.SafeDumper(io.StringIO(), allow_unicode=True)


def to_yaml(value: Any, width: int = 118) -> str:
    """Return `value` as a YAML document of block style, ending in a newline."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, width=width, allow_unicode=True)


def brief(document: Any) -> Any:
    """DOCUMENTATION or RETURN with fewer lines and the same meaning.

    A description of one sentence is a text instead of a list; choices and samples that are lists stand in brackets.
    """
    if not isinstance(document, dict):
        return document
    found: dict[str, Any] = {}
    for name, value in document.items():
        if name in ("choices", "sample") and isinstance(value, list):
            found[name] = OneLine(value)
        elif name == "description" and isinstance(value, list) and len(value) == 1:
            found[name] = value[0]
        elif isinstance(value, dict) and name != "sample":
            found[name] = brief(value)
        else:
            found[name] = value
    return found
