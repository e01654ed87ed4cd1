"""Documentation of the arguments of an operation: meaning, unit, default, example."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from openapi.codegen.client_document import Json
from openapi.codegen.errors import CodegenError

UNITS = {
    "int32": "integer, 32 bits",
    "int64": "integer, 64 bits",
    "uint8": "integer, 8 bits",
    "date-time": "date-time; one without offset is taken as UTC",
    "uuid": "UUID",
}


@dataclass(frozen=True)
class Parameters:
    """The sentences of parameters.yaml, and those about what every operation has.

    Attributes:
        common: of the parameters that mean the same wherever they are
        operations: of those that mean something else in one operation, by its operationId
        queries: of the query options of OData
        if_match: of the header If-Match
    """

    common: dict[str, Json]
    operations: dict[str, dict[str, Json]]
    queries: dict[str, str]
    if_match: str

    @classmethod
    def load(cls, path: Path) -> Parameters:
        """Read the file.

        Raises:
            CodegenError: it is not as its head describes it
        """
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
        if set(read) != {"common", "operations", "queries", "if_match"}:
            raise CodegenError(f"{path.name} has other parts than common, operations, queries and if_match")
        return cls(**read)

    def parameter(self, operation_id: str, name: str, schema: Json) -> tuple[str, str | None]:
        """The sentence about a parameter of a function or an action, and its default as Python spells it.

        A PBX of a newer release may have parameters that nobody has described yet: their type is said.
        """
        known = self.operations.get(operation_id, {}).get(name) or self.common.get(name)
        if known is None:
            return f"{name}; {UNITS.get(schema.get('format', '')) or schema.get('type', 'see the type')}.", None
        text = known if isinstance(known, str) else known["text"]
        default = None if isinstance(known, str) or "default" not in known else _spelled(known["default"])
        unit = UNITS.get(schema.get("format", ""))
        text = f"{text.rstrip('.')}; {unit}" if unit and unit.partition(",")[0] not in text else text.rstrip(".")
        return f"{text}." if default is None else f"{text}; default {default}.", default

    def key(self, name: str, entity: str, parameter: Json) -> str:
        """The sentence about the key of an entity."""
        schema = parameter["schema"]
        unit = UNITS.get(schema.get("format", "")) or str(schema["type"])
        return f"{name} of the {_words(entity)}; {unit}. None is refused: nothing is sent."

    def alternate_key(self, name: str) -> str:
        """The sentence about a key other than the Id."""
        return f"{name} of the entity; string. None is refused: nothing is sent."

    def query(self, operation_id: str, name: str) -> str:
        """The sentence about a query option of an operation.

        Raises:
            CodegenError: nobody has described it
        """
        if name not in self.queries:
            raise CodegenError(f"openapi/parameters.yaml does not describe the query option {name}")
        return str(self.operations.get(operation_id, {}).get(name) or self.queries[name])

    def body(self, kind: str) -> str:
        """The sentence about a body that is one object."""
        return f"the {_words(kind.removesuffix(' | None'))}; only what was given is sent."


def _spelled(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
