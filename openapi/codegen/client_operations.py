"""Content of a tag's module: its operations as methods of one class, sync and async.

Decisions are here, where they are typed and tested; the templates only lay out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import ModelProperty, Property
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.union import UnionProperty

from openapi.codegen import client_names as names
from openapi.codegen.client_document import BODY, NULLABLE_KEY, Json
from openapi.codegen.client_parameters import Parameters
from openapi.codegen.client_types import Import, TypeOf, properties_of, type_of
from openapi.codegen.document import operations, parameters, properties, resolve
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


def tags(document: Json, endpoints: Iterable[Endpoint], descriptions: Parameters) -> list[Tag]:
    """Every tag with its operations, in alphabetical order; the operations in the order of the document.

    Raises:
        CodegenError: two operations would have one name, or one has a form that is new here
    """
    order = [operation["operationId"] for _, _, operation in operations(document)]
    found: dict[str, Tag] = {}
    methods = [_Reader(document, descriptions, endpoint).method() for endpoint in endpoints]
    for title, method in sorted(methods, key=lambda each: order.index(each[1].id)):
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

    def __init__(self, document: Json, descriptions: Parameters, endpoint: Endpoint) -> None:
        self._document = document
        self._descriptions = descriptions
        self._endpoint = endpoint
        self._path = _path(endpoint)
        self._method = endpoint.method.upper()
        self._where = f"{self._method} {self._path}"
        self._operation: Json = document["paths"][self._path][endpoint.method]
        self._id: str = self._operation["operationId"]
        self._described = {each["name"]: each for each in parameters(document, self._operation)}
        self._queries = [prop.name.get_untrusted_value() for prop in endpoint.query_parameters]

    def method(self) -> tuple[str, Method]:
        """The tag, and the operation as its method."""
        title = names.tag_of(self._operation["tags"][0])
        name = names.method_name(title, self._method, self._path, self._id)
        result, read, nullable = self._answer()
        path = [self._path_argument(prop) for prop in self._endpoint.path_parameters]
        body, is_inline, sent, classes = self._body()
        queries = [self._query_argument(prop) for prop in self._endpoint.query_parameters]
        if_match = [self._if_match(prop) for prop in self._endpoint.header_parameters]
        optional = is_inline or any(each.default is not None for each in body)
        positional = sorted(path if optional else [*path, *body], key=lambda each: each.default is not None)
        named = [*(body if optional else ()), *if_match, *queries]
        self._check(positional, named)
        path_values = _tuple(each.name for each in path)
        call = [path_values] if path_values else []
        call += [f"query={_tuple(each.name for each in queries)}"] if queries else []
        call += ["if_match=if_match"] if if_match else []
        call += [f"body={sent}"] if sent else []
        rows, row_classes = self._rows(name)
        found = Method(
            name=name,
            id=self._id,
            method=self._method,
            path=self._path,
            result=result.optional if nullable else result.annotation,
            operation=self._declaration(read, nullable),
            positional=positional,
            named=named,
            call=", ".join(call),
            path_values=path_values,
            imports=sorted({*result.classes, *classes, *row_classes}),
            rows=rows,
        )
        return title, found

    def _check(self, positional: list[Argument], named: list[Argument]) -> None:
        given = [each.name for each in [*positional, *named]]
        if twice := {name for name in given if given.count(name) > 1}:
            raise CodegenError(f"{self._method} {self._path}: two arguments are called {', '.join(sorted(twice))}")

    def _path_argument(self, prop: Property) -> Argument:
        name = prop.name.get_untrusted_value()
        described, kind = self._described[name], type_of(prop)
        if KEY in described:  # a key comes from an entity, which may not have been sent with it
            return Argument(prop.python_name, kind.optional, self._descriptions.key(name, described[KEY], described))
        if "Pbx." not in self._path and self._path.count("(") == 1 and f"{name}=" in self._path:
            doc = self._descriptions.alternate_key(name)
            return Argument(prop.python_name, kind.optional, doc)
        doc, default = self._descriptions.parameter(self._id, name, described["schema"])
        annotation = kind.optional if described.get(NULLABLE_KEY) else kind.annotation
        return Argument(prop.python_name, annotation, doc, default)

    def _query_argument(self, prop: Property) -> Argument:
        kind = type_of(prop).annotation
        kind = kind.replace("list[", "Sequence[", 1) if kind.startswith("list[") else kind
        doc = self._descriptions.query(prop.name.get_untrusted_value())
        return Argument(prop.python_name, f"{kind} | None", doc, "None")

    def _if_match(self, prop: Property) -> Argument:
        if prop.name.get_untrusted_value() != "If-Match":
            raise CodegenError(f"{self._method} {self._path}: a header {prop.name} is not supported")
        return Argument("if_match", "str | None", self._descriptions.if_match, "None")

    def _body(self) -> tuple[list[Argument], bool, str, Sequence[Import]]:
        """The arguments, whether they are the properties of a body described inline, the expression that is sent, and
        the classes these name.
        """
        if not self._endpoint.bodies:
            return [], False, "", ()
        prop = self._endpoint.bodies[0].prop
        if not (isinstance(prop, ModelProperty) and self._described_inline()):
            kind = type_of(prop)
            doc = self._descriptions.body(kind.annotation)
            if prop.required or kind.nullable or self._method == "PATCH":
                return [Argument("body", kind.annotation, doc)], False, "body", kind.classes
            argument = Argument("body", kind.optional, doc, "None")
            return [argument], False, "UNSET if body is None else body", kind.classes
        found: list[Argument] = []
        classes: list[Import] = []
        pairs: list[str] = []
        for part in properties_of(prop):
            kind, name = type_of(part), part.name.get_untrusted_value()
            classes += kind.classes
            annotation = kind.annotation.removesuffix(" | None") if part.required else kind.optional
            doc, default = self._descriptions.parameter(self._id, name, {})
            default = default if default is not None or part.required else "None"
            found.append(Argument(part.python_name, re.sub(r"^list\[", "Sequence[", annotation), doc, default))
            pairs.append(f'"{name}": {part.python_name}')
        return found, True, f"given({{{', '.join(pairs)}}})", classes

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
        queries = _tuple(f'"{name}"' for name in self._queries)
        said += [f"query={queries}"] if queries else []
        said += ["nullable=True"] if nullable and not read.startswith("value") else []
        return ", ".join(said)

    def _rows(self, name: str) -> tuple[Rows | None, Sequence[Import]]:
        """How the rows of a list are read, and the classes that names: `iterate` beside `list`, `iterate_members`
        beside `list_members`.
        """
        value = _value(next(iter(self._endpoint.responses)).prop)
        item = None if value is None else _item(value)
        if not isinstance(item, ModelProperty) or not set(self._queries) >= PAGING:
            return None, ()
        row = type_of(item)
        head, _, tail = name.partition("_")
        name = "_".join(filter(None, ["iterate", tail if head in ("list", "get") else name]))
        key = self._row_key(item) if "$orderby" in self._queries else None
        return Rows(row.annotation, name, f"model({row.kind})", key), row.classes

    def _row_key(self, item: ModelProperty) -> str | None:
        """The property by which an entity of the list is asked for, else its Id."""
        by_key = re.compile(re.escape(self._path) + r"\(\{(\w+)\}\)")
        keys = [found[1] for found in map(by_key.fullmatch, self._document["paths"]) if found]
        # Not as the generator has it: it may not have come to the properties yet.
        schemas, title = self._document["components"]["schemas"], item.class_info.name
        known = properties(self._document, schemas.get(f"Pbx.{title}") or schemas.get(title) or {})
        return next((key for key in [*keys, "Id"] if key in known), None)


def _signature(positional: list[Argument], named: list[Argument]) -> str:
    parts = ["self", *(each.declaration for each in positional)]
    return ", ".join([*parts, *(["*"] if named else []), *(each.declaration for each in named)])


def _path(endpoint: Endpoint) -> str:
    """The endpoint's path as the document spells it."""
    path: str = endpoint.path.get_untrusted_value()
    for prop in endpoint.path_parameters:
        path = path.replace(f"{{{prop.python_name}}}", f"{{{prop.name.get_untrusted_value()}}}")
    return path


def _tuple(parts: Iterable[str]) -> str:
    given = list(parts)
    return f"({', '.join(given)}{',' if len(given) == 1 else ''})" if given else ""


def _value(answer: PropertyProtocol) -> PropertyProtocol | None:
    """Kind of envelope of an answer: its rows or its one value; None if the answer has none."""
    if not isinstance(answer, ModelProperty):
        return None
    found = {prop.name.get_untrusted_value(): prop for prop in properties_of(answer)}
    return found.get("value") if found and set(found) <= ENVELOPE else None


def _item(value: PropertyProtocol) -> PropertyProtocol | None:
    inner = value.inner_properties[0] if isinstance(value, UnionProperty) else value
    return inner.inner_property if isinstance(inner, ListProperty) else None
