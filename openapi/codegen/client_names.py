"""Name the operations of the client: `client.users.list_groups`, by their tag and by the end of their path.

The rules follow the path, not the operationId, because the path is what people know of the API. openapi/names.yaml has
the names for which the rules give poor results; a name that two operations of a tag would share is refused.
"""

from __future__ import annotations

import re
from keyword import iskeyword
from typing import Final

import yaml

from openapi.codegen.document import ROOT
from openapi.codegen.errors import CodegenError

_SEGMENT = re.compile(r"/(?:Pbx\.)?(\w+)(\([^/]*\))?$")
_WORD = re.compile(r"[A-Z]\d+|[A-Z]+(?=[A-Z][a-z]|\d|$)|[A-Z]?[a-z]+|\d+|[A-Z]+")
#: Words that may follow a verb before the noun that the tag already names.
_BATCH: Final = ("bulk", "multi", "batch")
#: Exceptions from the rules: tags and names of methods by operationId.
EXCEPTIONS: Final = yaml.safe_load((ROOT / "openapi" / "names.yaml").read_text(encoding="utf-8"))


def tag_of(tag: str) -> str:
    """The tag an operation is found under: one that holds a single function joins its relatives."""
    return str(EXCEPTIONS["tags"].get(tag, tag))


def attribute(tag: str) -> str:
    """The attribute of the client for a tag, such as `black_list_numbers`."""
    name = "_".join(words(tag))
    return f"{name}_" if iskeyword(name) else name


def words(name: str) -> list[str]:
    """The words of a name in camel case, in lower case: `GetMCURow` is get, mcu, row."""
    return [word.lower() for word in _WORD.findall(name.replace("OAuth", "Oauth"))]


def method_name(tag: str, method: str, path: str, operation_id: str) -> str:
    """The name of an operation within its tag.

    Parameters:
        tag: as the document has it
        method: of HTTP, in capitals
        path: template, such as `/Users({Id})/Pbx.GetPhoneSecret()`
        operation_id: of the document

    Raises:
        CodegenError: the path ends in a way that is new here
    """
    if operation_id in EXCEPTIONS["methods"]:
        return str(EXCEPTIONS["methods"][operation_id])
    matched = _SEGMENT.search(path)
    if matched is None:
        raise CodegenError(f"{method} {path}: no rule names an operation with such a path")
    last, arguments = matched[1], matched[2] or ""
    if "Pbx." in path or last != path.strip("/").split("(")[0].split("/")[0] or last not in (tag,):
        return _below(tag, method, path, last)
    if arguments.startswith("({"):
        return {"GET": "get", "PATCH": "update", "DELETE": "delete"}[method]
    if arguments:  # (Number={Number})
        return "get_by_" + "_".join(words(arguments[1:].partition("=")[0]))
    if method == "GET":
        return "list" if operation_id.startswith("List") else "get"
    return {"POST": "create", "PATCH": "update"}[method]


def _below(tag: str, method: str, path: str, last: str) -> str:
    if method == "GET" and "Pbx." not in path and path.count("/") > 1:  # a navigation property
        return "list_" + "_".join(words(last))
    if tag.startswith("Report"):
        if last.startswith("Download"):
            return "download"
        if (last.endswith("Data") and "Old" not in last) or last.removeprefix("Get") == tag.removeprefix("Report"):
            return "list"
    return "_".join(_without_noun(words(last), words(tag)))


def _without_noun(name: list[str], noun: list[str]) -> list[str]:
    """Without the noun of the tag directly behind the verb, or behind what says that there are several.

    The whole noun and its last word may leave a verb alone (`init`, `export`); its first word only what says more.
    """
    for each, alone in ((noun, True), (noun[-1:], True), (noun[:1], False)):
        for spelling in (each, [*each[:-1], _singular(each[-1])]):
            end = 1 + len(spelling)
            if name[1:end] == spelling and (alone or len(name) > end):
                return [name[0], *name[end:]]
            if name[0] in _BATCH and name[2 : end + 1] == spelling:  # multi_user_update, batch_delete_files
                return [*name[:2], *name[end + 1 :]]
    return name


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "xs")) else word
