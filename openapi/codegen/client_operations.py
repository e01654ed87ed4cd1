"""Content of a tag's module: its operations as methods of one class, sync and async.

Decisions are here, where they are typed and tested; the templates only lay out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import ModelProperty, Property
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.union import UnionProperty

from openapi.codegen import client_names as names
from openapi.codegen.client_document import BODY, NULLABLE_KEY, Json
from openapi.codegen.client_parameters import Parameters
from openapi.codegen.client_types import Import, TypeOf, properties, type_of
from openapi.codegen.document import resolve
from openapi.codegen.errors import CodegenError

PAGING = {"$top", "$skip"}
ENVELOPE = {"value", "@odata.count", "@odata.nextLink"}
KEY = "x-ms-docs-key-type"  # marks a parameter that is the key of an entity, and says of which kind
NOTHING = TypeOf("None")


@dataclass(frozen=True)
class Argument:
    """One argument of a method: its declaration, and the sentence about it."""

    name: str
    annotation: str
    doc: str
    default: str | None = None

    @property
    def declaration(self) -> str:
        """As the signature has it."""
        return f"{self.name}: {self.annotation}" + ("" if self.default is None else f" = {self.default}")


@dataclass(frozen=True)
class Rows:
    """How the rows of a list are read one page after the other."""

    type: str
    name: str
    read: str
    key: str | None
    """Key that tells rows apart, so that pages can be read concurrently; None if there is none."""


@dataclass(frozen=True)
class Method:
    """One operation."""

    name: str
    id: str
    method: str
    path: str
    result: str
    operation: str
    """The arguments of Operation."""
    positional: list[Argument]
    named: list[Argument]
    call: str
    """Arguments that the method passes on after the operation."""
    path_values: str
    imports: list[Import]
    rows: Rows | None = None

    @property
    def constant(self) -> str:
        """The name of its Operation in the module."""
        return f"_{self.name.upper()}"

    @property
    def signature(self) -> str:
        """Its arguments behind self."""
        return _signature(self.positional, self.named)

    @property
    def arguments(self) -> list[Argument]:
        """All of them."""
        return [*self.positional, *self.named]

    @property
    def row_signature(self) -> str:
        """The arguments of `iterate`, behind self."""
        return ", ".join([*(each.declaration for each in self.positional), "**options: Unpack[RowOptions]"])


@dataclass(frozen=True)
class Tag:
    """Content of a tag's module."""

    title: str
    attribute: str
    methods: list[Method] = field(default_factory=list)

    @property
    def class_name(self) -> str:
        """The class of its operations."""
        return names.class_name(self.title)

    @property
    def imports(self) -> list[Import]:
        """The models it names."""
        return sorted({each for method in self.methods for each in method.imports})


def tags(document: Json, endpoints: Iterable[Endpoint], parameters: Parameters) -> list[Tag]:
    """Every tag with its operations, in alphabetical order; the operations in the order of the document.

    Raises:
        CodegenError: two operations would have one name, or one has a form that is new here
    """
    order = {operation["operationId"]: place for place, operation in enumerate(_operations(document))}
    found: dict[str, Tag] = {}
    methods = [_Reader(document, parameters, endpoint).method() for endpoint in endpoints]
    for title, method in sorted(methods, key=lambda each: order[each[1].id]):
        tag = found.setdefault(title, Tag(title, names.attribute(title)))
        same = next((each for each in tag.methods if method.name in _names(each)), None)
        if same is not None:
            raise CodegenError(f"{tag.attribute}.{method.name} would be both {same.id} and {method.id}")
        tag.methods.append(method)
    return [found[title] for title in sorted(found, key=names.attribute)]


def _names(method: Method) -> set[str]:
    return {method.name, method.constant} | ({method.rows.name} if method.rows else set())


class _Reader:
    """Reads one endpoint of the generator together with the operation of the document."""

    def __init__(self, document: Json, parameters: Parameters, endpoint: Endpoint) -> None:
        self._document = document
        self._parameters = parameters
        self._endpoint = endpoint
        self._path = _path(endpoint)
        self._method = endpoint.method.upper()
        self._operation: Json = document["paths"][self._path][endpoint.method]
        self._id: str = self._operation["operationId"]
        self._described = {
            each["name"]: each for each in (resolve(document, each) for each in self._operation.get("parameters", ()))
        }

    def method(self) -> tuple[str, Method]:
        """The tag, and the operation as its method."""
        title = names.tag_of(self._operation["tags"][0])
        result, read, nullable = self._answer()
        path = [self._path_argument(prop) for prop in self._endpoint.path_parameters]
        positional, named, body, classes = self._body()
        queries = [self._query_argument(prop) for prop in self._endpoint.query_parameters]
        if_match = [self._if_match(prop) for prop in self._endpoint.header_parameters]
        positional = sorted([*path, *positional], key=lambda each: each.default is not None)
        named = [*named, *if_match, *queries]
        self._check(positional, named)
        path_values = _tuple(each.name for each in path)
        call = [path_values] if path_values else []
        call += [f"query={_tuple(each.name for each in queries)}"] if queries else []
        call += ["if_match=if_match"] if if_match else []
        call += [f"body={body}"] if body else []
        rows = self._rows()
        imports = {*result.classes, *classes, *(rows[1].classes if rows else ())}
        found = Method(
            name=names.method_name(title, self._method, self._path, self._id),
            id=self._id,
            method=self._method,
            path=self._path,
            result=result.optional if nullable else result.annotation,
            operation=self._declaration(read, nullable),
            positional=positional,
            named=named,
            call=", ".join(call),
            path_values=path_values,
            imports=sorted(imports),
        )
        return title, found if rows is None else replace(found, rows=self._named_rows(rows[0], found.name))

    def _check(self, positional: list[Argument], named: list[Argument]) -> None:
        given = [each.name for each in [*positional, *named]]
        if twice := {name for name in given if given.count(name) > 1}:
            raise CodegenError(f"{self._method} {self._path}: two arguments are called {', '.join(sorted(twice))}")

    def _path_argument(self, prop: Property) -> Argument:
        name = prop.name.get_untrusted_value()
        described, kind = self._described[name], type_of(prop)
        if KEY in described:  # a key comes from an entity, which may not have been sent with it
            return Argument(prop.python_name, kind.optional, self._parameters.key(name, described[KEY], described))
        if "Pbx." not in self._path and self._path.count("(") == 1 and f"{name}=" in self._path:
            doc = self._parameters.alternate_key(name)
            return Argument(prop.python_name, kind.optional, doc)
        doc, default = self._parameters.parameter(self._id, name, described["schema"])
        annotation = kind.optional if described.get(NULLABLE_KEY) else kind.annotation
        return Argument(prop.python_name, annotation, doc, default)

    def _query_argument(self, prop: Property) -> Argument:
        kind = type_of(prop).annotation
        kind = kind.replace("list[", "Sequence[", 1) if kind.startswith("list[") else kind
        doc = self._parameters.query(prop.name.get_untrusted_value())
        return Argument(prop.python_name, f"{kind} | None", doc, "None")

    def _if_match(self, prop: Property) -> Argument:
        if prop.name.get_untrusted_value() != "If-Match":
            raise CodegenError(f"{self._method} {self._path}: a header {prop.name} is not supported")
        return Argument("if_match", "str | None", self._parameters.if_match, "None")

    def _body(self) -> tuple[list[Argument], list[Argument], str, list[Import]]:
        """Positional and named arguments, the expression that is sent, and the classes these name."""
        if not self._endpoint.bodies:
            return [], [], "", []
        prop = self._endpoint.bodies[0].prop
        if not (isinstance(prop, ModelProperty) and self._described_inline()):
            kind = type_of(prop)
            required = prop.required or kind.nullable or self._method == "PATCH"
            annotation, default = (kind.annotation, None) if required else (kind.optional, "None")
            argument = Argument("body", annotation, self._parameters.body(kind.annotation), default)
            sent = "body" if default is None else "UNSET if body is None else body"
            return (
                ([argument], [], sent, list(kind.classes))
                if default is None
                else ([], [argument], sent, [*kind.classes])
            )
        named: list[Argument] = []
        classes: list[Import] = []
        pairs: list[str] = []
        for part in properties(prop):
            kind, name = type_of(part), part.name.get_untrusted_value()
            classes += kind.classes
            annotation = kind.annotation.removesuffix(" | None") if part.required else kind.optional
            annotation = re.sub(r"^list\[", "Sequence[", annotation)
            doc, default = self._parameters.parameter(self._id, name, {})
            default = default if default is not None or part.required else "None"
            named.append(Argument(part.python_name, annotation, doc, default))
            pairs.append(f'"{name}": {part.python_name}')
        return [], named, f"given({{{', '.join(pairs)}}})", classes

    def _described_inline(self) -> bool:
        body = resolve(self._document, self._operation["requestBody"])
        return all(content.get("schema", {}).get(BODY) for content in body["content"].values())

    def _answer(self) -> tuple[TypeOf, str, bool]:
        """The type of the result, what reads it, and whether it may be null."""
        answers = list(self._endpoint.responses)
        if len(answers) != 1:
            raise CodegenError(f"{self._where}: one success answer is expected, {len(answers)} are described")
        prop = answers[0].prop
        if answers[0].source["attribute"] == "None":
            return NOTHING, "", False
        value = _value(prop)
        if value is not None:
            item = _item(value)
            if item is not None:
                kind = type_of(item)
                return TypeOf(f"Page[{kind.annotation}]", None, kind.classes), f"page({kind.kind or ''})", False
            kind = type_of(value)
            return kind, f"value({kind.kind or ''})", kind.nullable
        kind = type_of(prop)
        if kind.annotation == "bytes":
            return kind, "bytes", False
        if len(kind.classes) != 1 or kind.annotation.startswith("list["):
            raise CodegenError(f"{self._where}: an answer of type {kind.annotation} is not supported")
        return kind, f"model({kind.kind})", kind.nullable

    def _declaration(self, read: str, nullable: bool) -> str:
        said = [f'"{self._id}"', f'"{self._method}"', f'"{self._path}"']
        said += ['"bytes"'] if read == "bytes" else ['"json"', read] if read else []
        queries = [prop.name.get_untrusted_value() for prop in self._endpoint.query_parameters]
        said += [f"query={_tuple(map(_quoted, queries))}"] if queries else []
        said += ["nullable=True"] if nullable and not read.startswith("value") else []
        return ", ".join(said)

    def _rows(self) -> tuple[Rows, TypeOf] | None:
        queries = {prop.name.get_untrusted_value() for prop in self._endpoint.query_parameters}
        value = _value(next(iter(self._endpoint.responses)).prop)
        item = None if value is None else _item(value)
        if not isinstance(item, ModelProperty) or not queries >= PAGING:
            return None
        row = type_of(item)
        key = self._row_key(item) if "$orderby" in queries else None
        return Rows(row.annotation, "", f"model({row.kind})", key), row

    def _named_rows(self, rows: Rows, name: str) -> Rows:
        """`iterate` beside `list`, `iterate_members` beside `list_members`."""
        head, _, tail = name.partition("_")
        return replace(rows, name="_".join(filter(None, ["iterate", tail if head in ("list", "get") else name])))

    def _row_key(self, item: ModelProperty) -> str | None:
        """The property by which an entity of the list is asked for, else its Id."""
        by_key = re.compile(re.escape(self._path) + r"\(\{(\w+)\}\)")
        keys = [found[1] for found in map(by_key.fullmatch, self._document["paths"]) if found]
        # Not as the generator has it: it may not have come to the properties yet.
        schemas, title = self._document["components"]["schemas"], item.class_info.name
        known = _property_names(self._document, schemas.get(f"Pbx.{title}") or schemas.get(title) or {})
        return next((key for key in [*keys, "Id"] if key in known), None)

    @property
    def _where(self) -> str:
        return f"{self._method} {self._path}"


def _signature(positional: list[Argument], named: list[Argument]) -> str:
    parts = ["self", *(each.declaration for each in positional)]
    return ", ".join([*parts, *(["*"] if named else []), *(each.declaration for each in named)])


def _operations(document: Json) -> Iterable[Json]:
    return (
        operation for item in document["paths"].values() for operation in item.values() if "operationId" in operation
    )


def _path(endpoint: Endpoint) -> str:
    """The endpoint's path as the document spells it."""
    path: str = endpoint.path.get_untrusted_value()
    for prop in endpoint.path_parameters:
        path = path.replace(f"{{{prop.python_name}}}", f"{{{prop.name.get_untrusted_value()}}}")
    return path


def _tuple(parts: Iterable[str]) -> str:
    given = list(parts)
    return f"({', '.join(given)}{',' if len(given) == 1 else ''})" if given else ""


def _quoted(text: str) -> str:
    return f'"{text}"'


def _value(answer: PropertyProtocol) -> PropertyProtocol | None:
    """Kind of envelope of an answer: its rows or its one value; None if the answer has none."""
    if not isinstance(answer, ModelProperty):
        return None
    found = {prop.name.get_untrusted_value(): prop for prop in properties(answer)}
    return found.get("value") if found and set(found) <= ENVELOPE else None


def _item(value: PropertyProtocol) -> PropertyProtocol | None:
    inner = value.inner_properties[0] if isinstance(value, UnionProperty) else value
    return inner.inner_property if isinstance(inner, ListProperty) else None


def _property_names(document: Json, schema: Json) -> set[str]:
    """Of a schema and of those it is made of."""
    parts = (_property_names(document, resolve(document, part)) for part in schema.get("allOf", ()))
    return set(schema.get("properties", ())).union(*parts)
