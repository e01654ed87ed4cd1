"""The worked scenarios: a company in files, one change, one call, and every path that is expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from pbx_as_code.callflow import CallGraph, Kind, Ref, from_configuration
from pbx_as_code.callflow.trace.calls import Call, assumptions
from pbx_as_code.callflow.trace.starts import moments, start_of
from pbx_as_code.callflow.trace.steps import Path as Way
from pbx_as_code.callflow.trace.tracing import Trace, trace, trace_out
from pbx_as_code.config.loader import load_sources

FOLDER = Path(__file__).parent
ACME = FOLDER / "acme"


@dataclass(frozen=True)
class Scenario:
    """One call of one scenario."""

    name: str
    at: str
    expected: list[str]
    start: str = ""
    out: str | None = None
    extension: str | None = None
    caller: str | None = "+15551234"
    assume: tuple[str, ...] = ()
    replace: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Texts to replace, by file."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Files to add."""

    def graph(self) -> CallGraph:
        """The company with the change."""
        sources = {path.name: path.read_text(encoding="utf-8") for path in sorted(ACME.iterdir())}
        for name, texts in self.replace.items():
            for old, new in texts.items():
                assert old in sources[name], (name, old)
                sources[name] = sources[name].replace(old, new, 1)
        sources |= self.files
        return from_configuration(load_sources([(name, text.encode()) for name, text in sources.items()]))

    def traces(self) -> Iterator[Trace]:
        """The traces of the call: two in the hour that comes twice."""
        graph = self.graph()
        given = assumptions(graph, self.assume)
        for moment in moments(graph, self.at):
            if self.out is None:
                begins = start_of(graph, self.start.split())
                yield trace(graph, Call(begins, moment.at, self.caller, self.extension, given))
            else:
                begins = Ref(Kind.USER, str(self.extension))
                yield trace_out(graph, Call(begins, moment.at, None, self.extension, given), self.out)


def scenarios() -> list[Scenario]:
    """Every scenario of the file."""
    return [Scenario(**one) for one in yaml.safe_load((FOLDER / "scenarios.yml").read_text(encoding="utf-8"))]


def told(way: Way) -> str:
    """A path as the file of scenarios has it: places with the conditions that lead to them, and the end."""
    words: list[str] = []
    for position, step in enumerate(way.steps):
        label = way.branches[position - 1].label if position else ""
        named = _named(step.ref, step.title)
        words.append(f"({label}) {named}" if label else named)
    return f"{' > '.join(words)}: {way.end.ending} after {way.elapsed}"


def _named(ref: Ref, title: str) -> str:
    return title if ref.kind is Kind.INBOUND_RULE else str(ref)


def at(text: str) -> datetime:
    """A time with its offset."""
    return datetime.fromisoformat(text)


def dump(value: Any) -> str:
    """YAML of a value."""
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=200)
