"""YAML for documentation: the order as given, lists indented, long texts folded, the same bytes each time."""

from __future__ import annotations

import functools
import io
from typing import Any

import yaml


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        """Indent the items of a list below its name, as yamllint and people expect."""
        super().increase_indent(flow, False)

    def analyze_scalar(self, scalar: str) -> Any:
        """How a text may be written: the same for the same text, and most come again and again."""
        return _analysis(scalar)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        """Write out what occurs twice: an anchor helps no reader."""
        return True


@functools.lru_cache(maxsize=1 << 15)
def _analysis(text: str) -> Any:
    return _PLAIN.analyze_scalar(text)


_PLAIN = yaml.SafeDumper(io.StringIO(), allow_unicode=True)


def to_yaml(value: Any, width: int = 118) -> str:
    """Return `value` as a YAML document of block style, ending in a newline."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, width=width, allow_unicode=True)
