"""Content of a tag's module: its operations as methods of one class, sync and async.

Decisions are here, where they are typed and tested; the templates only lay out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
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
from openapi.codegen.document import ApiDocument
from openapi.codegen.errors import CodegenError

PAGING = {"$top", "$skip"}
ENVELOPE = {"value", "@odata.count", "@odata.nextLink"}
KEY = "x-ms-docs-key-type"  # marks a parameter that is the key of an entity, and says of which kind
NOTHING = TypeOf("None")


@dataclass(frozen=True)
class Argument:
    """One argument of a method: its declaration, the sentence about it, and its name in the API."""

    name: str
    annotation: str
    doc: str
    default: str | None = None
    wire: str = ""


@dataclass(frozen=True)
class Rows:
    """How the rows of a list are read one page after the other."""

    type: str
    name: str
    read: str
    key: str | None
    """Key that tells rows apart, so that pages can be read concurrently; None if there is none."""


@dataclass(frozen=True)
class Answer:
    """The type of a result, what reads it, and whether it may be null."""

    type: TypeOf
    read: str = ""
    nullable: bool = False

    @property
    def annotation(self) -> str:
        """Annotation of the method that returns it."""
        return self.type.optional if self.nullable else self.type.annotation


@dataclass(frozen=True)
class Body:
    """Content that a method sends: one object, or the properties of a body described inline, each an argument."""

    arguments: Sequence[Argument] = ()
    is_inline: bool = False

    @property
    def by_name(self) -> bool:
        """Whether its arguments are given by name only."""
        return self.is_inline or any(each.default is not None for each in self.arguments)


@dataclass(frozen=True)
class Method:
    """One operation."""

    name: str
    id: str
    method: str
    path: str
    answer: Answer
    path_arguments: list[Argument]
    body: Body
    if_match: list[Argument]
    queries: list[Argument]
    rows: Rows | None
    imports: set[Import]

    @property
    def positional(self) -> list[Argument]:
        """Its arguments that may be given without a name."""
        given = [*self.path_arguments, *(() if self.body.by_name else self.body.arguments)]
        return sorted(given, key=lambda each: each.default is not None)

    @property
    def named(self) -> list[Argument]:
        """Its arguments that are given by name only."""
        return [*(self.body.arguments if self.body.by_name else ()), *self.if_match, *self.queries]


@dataclass(frozen=True)
class Tag:
    """Content of a tag's module."""

    title: str
    attribute: str
    methods: list[Method] = field(default_factory=list)

    @property
    def class_name(self) -> str:
        """The class of its operations; `Api` keeps it apart from the model of the same name."""
        return f"{self.title}Api"

    @property
    def imports(self) -> list[Import]:
        """The models it names."""
        return sorted({each for method in self.methods for each in method.imports})


def tags(api: ApiDocument, endpoints: Iterable[Endpoint], descriptions: Parameters) -> list[Tag]:
    """Every tag with its operations, in alphabetical order; the operations in the order of the document.

    Raises:
        CodegenError: two operations would have one name, or one has a form that is new here
    """
    order = [operation["operationId"] for _, _, operation in api.operations()]
    found: dict[str, Tag] = {}
    methods = [_Reader(api, descriptions, endpoint).method() for endpoint in endpoints]
    for title, method in sorted(methods, key=lambda each: order.index(each[1].id)):
        tag = found.setdefault(title, Tag(title, names.attribute(title)))
        same = next((each for each in tag.methods if method.name in _names(each)), None)
        if same is not None:
            raise CodegenError(f"{tag.attribute}.{method.name} would be both {same.id} and {method.id}")
        tag.methods.append(method)
    return [found[title] for title in sorted(found, key=names.attribute)]


def _names(method: Method) -> set[str]:
    return {method.name} | ({method.rows.name} if method.rows else set())


class _Reader:
    """Reads one endpoint of the generator together with the operation of the document."""

    def __init__(self, api: ApiDocument, descriptions: Parameters, endpoint: Endpoint) -> None:
        self._api = api
        self._descriptions = descriptions
        self._endpoint = endpoint
        self._path = _path(endpoint)
        self._method = endpoint.method.upper()
        self._where = f"{self._method} {self._path}"
        self._operation: Json = api.paths[self._path][endpoint.method]
        self._id: str = self._operation["operationId"]
        self._described = {each["name"]: each for each in api.parameters(self._operation)}
        self._imports: set[Import] = set()

    def method(self) -> tuple[str, Method]:
        """The tag, and the operation as its method."""
        title = names.tag_of(self._operation["tags"][0])
        name = names.method_name(title, self._method, self._path, self._id)
        body = self._body()
        queries = [self._query_argument(prop) for prop in self._endpoint.query_parameters]
        found = Method(
            name=name,
            id=self._id,
            method=self._method,
            path=self._path,
            answer=self._answer(),
            path_arguments=[self._path_argument(prop) for prop in self._endpoint.path_parameters],
            body=body,
            if_match=[self._if_match(prop) for prop in self._endpoint.header_parameters],
            queries=queries,
            rows=self._rows(name, {each.wire for each in queries}),
            imports=self._imports,
        )
        given = [each.name for each in (*found.positional, *found.named)]
        if twice := {name for name in given if given.count(name) > 1}:
            raise CodegenError(f"{self._where}: two arguments are called {', '.join(sorted(twice))}")
        return title, found

    def _type(self, prop: PropertyProtocol) -> TypeOf:
        """The type of a property; its classes are imported."""
        found = type_of(prop)
        self._imports.update(found.classes)
        return found

    def _path_argument(self, prop: Property) -> Argument:
        name = prop.name.get_untrusted_value()
        described, kind = self._described[name], self._type(prop)
        if KEY in described:  # a key comes from an entity, which may not have been sent with it
            return Argument(prop.python_name, kind.optional, self._descriptions.key(name, described[KEY], described))
        if "Pbx." not in self._path and self._path.count("(") == 1 and f"{name}=" in self._path:
            doc = self._descriptions.alternate_key(name)
            return Argument(prop.python_name, kind.optional, doc)
        doc, default = self._descriptions.parameter(self._id, name, described["schema"])
        annotation = kind.optional if described.get(NULLABLE_KEY) else kind.annotation
        return Argument(prop.python_name, annotation, doc, default)

    def _query_argument(self, prop: Property) -> Argument:
        kind = self._type(prop).annotation
        kind = kind.replace("list[", "Sequence[", 1) if kind.startswith("list[") else kind
        name = prop.name.get_untrusted_value()
        return Argument(prop.python_name, f"{kind} | None", self._descriptions.query(self._id, name), "None", name)

    def _if_match(self, prop: Property) -> Argument:
        if prop.name.get_untrusted_value() != "If-Match":
            raise CodegenError(f"{self._where}: a header {prop.name} is not supported")
        return Argument("if_match", "str | None", self._descriptions.if_match, "None")

    def _body(self) -> Body:
        if not self._endpoint.bodies:
            return Body()
        prop = self._endpoint.bodies[0].prop
        described = self._api.resolve(self._operation["requestBody"])["content"].values()
        if not (isinstance(prop, ModelProperty) and all(each.get("schema", {}).get(BODY) for each in described)):
            kind = self._type(prop)
            doc = self._descriptions.body(kind.annotation)
            if prop.required or kind.nullable or self._method == "PATCH":
                return Body([Argument("body", kind.annotation, doc)])
            return Body([Argument("body", kind.optional, doc, "None")])
        found: list[Argument] = []
        for part in properties_of(prop):
            kind, name = self._type(part), part.name.get_untrusted_value()
            annotation = kind.annotation.removesuffix(" | None") if part.required else kind.optional
            doc, default = self._descriptions.parameter(self._id, name, {})
            default = default if default is not None or part.required else "None"
            found.append(Argument(part.python_name, re.sub(r"^list\[", "Sequence[", annotation), doc, default, name))
        return Body(found, is_inline=True)

    def _answer(self) -> Answer:
        answers = list(self._endpoint.responses)
        if len(answers) != 1:
            raise CodegenError(f"{self._where}: one success answer is expected, {len(answers)} are described")
        prop = answers[0].prop
        if answers[0].source["attribute"] == "None":
            return Answer(NOTHING)
        value = _value(prop)
        kind, item = self._type(value or prop), _item(value)
        if item is not None:
            row = self._type(item)
            return Answer(TypeOf(f"Page[{row.annotation}]", None, row.classes), f"page({row.kind or ''})")
        if value is not None:
            return Answer(kind, f"value({kind.kind or ''})", kind.nullable)
        if kind.annotation == "bytes":
            return Answer(kind, "bytes")
        if len(kind.classes) != 1 or kind.annotation.startswith("list["):
            raise CodegenError(f"{self._where}: an answer of type {kind.annotation} is not supported")
        return Answer(kind, f"model({kind.kind})", kind.nullable)

    def _rows(self, name: str, queries: Set[str]) -> Rows | None:
        """How the rows of a list are read: `iterate` beside `list`, `iterate_members` beside `list_members`."""
        item = _item(_value(next(iter(self._endpoint.responses)).prop))
        if not isinstance(item, ModelProperty) or not queries >= PAGING:
            return None
        row = self._type(item)
        head, _, tail = name.partition("_")
        name = "_".join(filter(None, ["iterate", tail if head in ("list", "get") else name]))
        key = self._row_key(item) if "$orderby" in queries else None
        return Rows(row.annotation, name, f"model({row.kind})", key)

    def _row_key(self, item: ModelProperty) -> str | None:
        """The property by which an entity of the list is asked for, else its Id."""
        by_key = re.compile(re.escape(self._path) + r"\(\{(\w+)\}\)")
        keys = [found[1] for found in map(by_key.fullmatch, self._api.paths) if found]
        # Not as the generator has it: it may not have come to the properties yet.
        known = self._api.properties(self._api.titled(item.class_info.name))
        return next((key for key in [*keys, "Id"] if key in known), None)


def _path(endpoint: Endpoint) -> str:
    """The endpoint's path as the document spells it."""
    path: str = endpoint.path.get_untrusted_value()
    for prop in endpoint.path_parameters:
        path = path.replace(f"{{{prop.python_name}}}", f"{{{prop.name.get_untrusted_value()}}}")
    return path


def _value(answer: PropertyProtocol) -> PropertyProtocol | None:
    """Kind of envelope of an answer: its rows or its one value; None if the answer has none."""
    if not isinstance(answer, ModelProperty):
        return None
    found = {prop.name.get_untrusted_value(): prop for prop in properties_of(answer)}
    return found.get("value") if found and set(found) <= ENVELOPE else None


def _item(value: PropertyProtocol | None) -> PropertyProtocol | None:
    """Kind of the rows of an envelope; None if it holds one value."""
    inner = value.inner_properties[0] if isinstance(value, UnionProperty) else value
    return inner.inner_property if isinstance(inner, ListProperty) else None
