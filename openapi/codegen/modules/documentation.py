"""DOCUMENTATION and RETURN of each module.

The templates have the words, the library's argument specs have type, choices and default of every option.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from openapi.codegen.modules.describe import Kind
from openapi.codegen.modules.notes import EntityNotes, ListedNotes, ListNotes, SettingsNotes
from openapi.codegen.modules.properties import Documented
from openapi.codegen.modules.results import fields_of
from openapi.codegen.modules.words import context, rendered, sentences, settable
from pbx_as_code.engine.options.option_specs import argument_spec, info_argument_spec

#: The module that calls any operation.
OPERATION = "threecx_operation"
_RULES = ("type", "elements", "required", "default", "choices", "aliases")


@dataclass(frozen=True)
class Module:
    """One module: what it is about, the template of its words, and its examples."""

    kind: Kind
    template: str
    where: str
    """Its place in the catalogue."""
    examples: str

    @property
    def reads(self) -> bool:
        """Whether it is an _info module."""
        return self.template.endswith("info")

    @property
    def name(self) -> str:
        """As a playbook has it, without the collection."""
        return f"threecx_{self.kind.name}{'_info' if self.reads else ''}"

    @cached_property
    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of AnsibleModule, without those of the connection."""
        return (info_argument_spec if self.reads else argument_spec)(self.kind.description)

    @cached_property
    def _context(self) -> dict[str, Any]:
        return context(self.kind, self.arguments["argument_spec"])

    @cached_property
    def page(self) -> dict[str, Any]:
        """The texts of its template."""
        return rendered(self.template, self._context)

    @property
    def documentation(self) -> dict[str, Any]:
        """DOCUMENTATION."""
        known = {**self._context, "module": self, "page": self.page, "operation": OPERATION}
        return {**rendered("documentation", known), "options": self.options}

    @cached_property
    def options(self) -> dict[str, Any]:
        """Options as DOCUMENTATION has them: those for properties first."""
        spec, facts = self.arguments["argument_spec"], self.kind.description
        identifying = [key.name for key in facts.keys]
        below, scope = getattr(facts, "below", None), {key.name for key in getattr(facts, "scope", ())}
        owner = {below.within.name} if below else set[str]()
        found: dict[str, Any] = {}
        for item in (*self.kind.properties, *self.kind.made_of):
            name, option = item.property.name, item.property.option
            if self.reads and name in identifying:
                found[option] = _option(sentences(self._context["say"].selecting(item.property)), spec[option])
            elif self.reads and name in owner:
                found[option] = _option(list(item.description), spec[option])
            elif not self.reads and (settable(item) or name in {*identifying, *scope, *owner}):
                is_key = identifying[:1] == [name] or (name in {*identifying, *scope} and item.property.read_only)
                found[option] = self._documented(item, spec[option], key=is_key)
        common = rendered("options", self._context)
        return found | {name: _option(said, spec[name]) for name, said in common.items() if name in spec}

    def _documented(self, item: Documented, rule: Mapping[str, Any], *, key: bool = False) -> dict[str, Any]:
        facts, say = item.property, self._context["say"]
        said = sentences(f"{say.form(facts)}{say.rules(item, key)}{say.needed_releases(facts)}")
        option = _option([*item.description, *said], rule)
        if item.fields:
            option["suboptions"] = {
                inner.property.option: self._documented(inner, rule["options"][inner.property.option])
                for inner in item.fields
                if facts.order_only or inner.property.name in facts.item_key or settable(inner)
            }
        return option

    @cached_property
    def fields(self) -> dict[str, Any]:
        """Fields of the result, for an _info module; the documentation of other modules links to them."""
        return fields_of(self.kind) if self.reads else {}

    @property
    def returned(self) -> dict[str, Any]:
        """RETURN."""
        many = self.template == "info"
        shape = {"type": "list", "elements": "dict"} if many else {"type": "dict"}
        result = {"description": self.page["result"], "returned": self.page["returned"], **shape}
        return {self.result: {**result, **({"contains": self.fields} if self.reads else {})}}

    @property
    def tasks(self) -> str:
        """EXAMPLES."""
        return f"{(self.examples or str(self.page['examples'])).strip()}\n"

    @property
    def path(self) -> str:
        """The path of the fields of its result, such as users[]."""
        return f"{self.result}[]" if self.template == "info" else self.result

    @property
    def result(self) -> str:
        """Key of the result, such as users or fax."""
        notes = self.kind.notes
        return notes.plural if self.template == "info" and isinstance(notes, ListedNotes) else self.kind.name


def modules_of(kind: Kind) -> Iterator[Module]:
    """The modules of one kind of thing: one that changes, one that reads, or both."""
    notes, where = kind.notes, kind.where
    match notes:
        case EntityNotes():
            yield Module(kind, "entity", where, notes.examples)
            yield Module(kind, "info", where, notes.info_examples)
        case ListNotes():
            yield Module(kind, "info", where, notes.examples)
            if notes.steered_by:
                yield Module(kind, "service", f"{where}.steered_by", notes.steered_by.examples)
        case SettingsNotes():
            yield Module(kind, "settings", where, notes.examples)
            yield Module(kind, "settings_info", where, "")
        case _:
            yield Module(kind, "settings_info", where, notes.examples)


def _option(said: list[str], rule: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": said, **{name: rule[name] for name in _RULES if name in rule}}
