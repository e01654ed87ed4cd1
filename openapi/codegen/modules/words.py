"""Texts of modules, rendered from the templates: sentences about options, and everything else on a page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jinja2
import yaml

from openapi.codegen.modules.describe import Kind
from openapi.codegen.modules.naming import snake_case
from openapi.codegen.modules.properties import Documented
from openapi.codegen.modules.results import only_given
from pbx_as_code.description import EntityDescription, Property, Reference
from pbx_as_code.engine.options.history import LONGEST_WINDOW

#: Ranges of storage types, which say nothing about a property.
_UNBOUNDED = ((None, None), (0, 255), (-(2**31), 2**31 - 1), (-(2**63), 2**63 - 1))
ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701 templates produce Python and YAML, not HTML
)


def context(kind: Kind, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Variables of the templates of a module.

    Args:
        kind: what the module is about.
        spec: its options, as in its argument spec.
    """
    facts, notes = kind.description, kind.notes
    known: dict[str, Any] = {
        "kind": kind,
        "facts": facts,
        "notes": notes,
        "name": kind.name,
        "label": notes.label,
        "spec": spec,
    }
    if isinstance(facts, EntityDescription):
        known |= {"writes": facts.can_create or facts.can_update, "filter_example": _filter_example(kind, facts)}
    return {**known, "say": ENVIRONMENT.get_template("sentences.jinja").make_module(known)}


def rendered(template: str, context: Mapping[str, Any]) -> dict[str, Any]:
    """Content of a template, such as sentences by their keys: notes, examples."""
    text = ENVIRONMENT.get_template(f"{template}.yaml.jinja").render(context)
    found: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return found


def settable(item: Documented) -> bool:
    """Whether a task can set anything with a property. Read-only properties are accepted in a result that is given
    back: they are no options.
    """
    facts = item.property
    return not facts.read_only and (facts.order_only or not item.fields or any(map(settable, item.fields)))


def sentences(text: str) -> list[str]:
    """The sentences that a macro says, each on its line."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _filter_example(kind: Kind, facts: EntityDescription) -> str:
    """Example of an OData filter by the title of the entity. A closing parenthesis is escaped for Ansible."""
    item = next(item for item in kind.properties if item.property.option == facts.title)
    value = item.sample if item.property.kind == "int" else f"'{item.sample}'"
    return f"{item.property.name} eq {value}".replace(")", "\\)")


def _listed(words: Iterable[str], last: str) -> str:
    *others, final = words
    return f"{', '.join(others)} {last} {final}" if others else final


def _words(option: str) -> str:
    return " ".join({"id": "ID", "mac": "MAC"}.get(word, word) for word in option.split("_"))


def _ways(reference: Reference) -> list[str]:
    """Words for the properties that name what is referred to: PromptSetName and Gateway/Name are names."""
    spelt = [_words(snake_case(name.rpartition("/")[2])) for name in (*reference.names, reference.stores)]
    return list(dict.fromkeys("name" if words.endswith(" name") else words for words in spelt))


def _any_newer(properties: Iterable[Property]) -> bool:
    """Whether an option, at any depth, or a choice came with a later release than the oldest known one."""
    return any(prop.anywhere(lambda one: bool(one.since or one.newer), writable=True) for prop in properties)


def _any_unseen(properties: Iterable[Property]) -> bool:
    """Whether there is a credential that the PBX never shows: nobody can tell whether it is another."""
    return any(
        prop.anywhere(lambda one: one.kind == "concealed" or one.conceals or one.write_only, writable=True)
        for prop in properties
    )


ENVIRONMENT.globals.update(unbounded=_UNBOUNDED, longest_window=LONGEST_WINDOW)
ENVIRONMENT.filters.update(
    any_newer=_any_newer,
    any_unseen=_any_unseen,
    listed=_listed,
    marked=lambda names, kind: [f"{kind}({name})" for name in names],
    only_given=only_given,
    quoted=lambda value: json.dumps(value, ensure_ascii=False),
    snake_case=snake_case,
    ways=_ways,
    words=_words,
)
