"""threecx api"""

from __future__ import annotations

import json
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.shell_completion import CompletionItem

from pbx_as_code.cli.connection import Connect, connectable

if TYPE_CHECKING:
    from threecx_xapi.index import Described

_FULL_PAGE: Final = 100
"""Rows at which a PBX ends a page without saying whether there is another one."""


def _operations() -> dict[str, Any]:
    """The index of operations, without importing the client: completion has to be fast."""
    spec = find_spec("threecx_xapi")
    assert spec is not None  # noqa: S101 this package requires it
    assert spec.origin is not None  # noqa: S101 it is a file
    found: dict[str, Any] = json.loads(Path(spec.origin).with_name("index.json").read_bytes())["operations"]
    return found


def _complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    begun = incomplete.lower()
    return [
        CompletionItem(name, help=f"{about['method']} {about['path']}")
        for name, about in _operations().items()
        if name.lower().startswith(begun)
    ]


@click.command(
    epilog="""\b
Examples:
  threecx api --list fax
  threecx api ListUser -f '$top=5' -f '$select=Number,FirstName'
  threecx api ListUser --paginate
  threecx api GetTrunk -f Id=12
  threecx api UpdateUser -f Id=12 --input change.json --write
  echo '{"EmailAddress": "a@example.com"}' | threecx api UpdateUser -f Id=12 --input - --write
  threecx api ExportExtensions --output extensions.csv
"""
)
@click.argument("operation", required=False, shell_complete=_complete)
@click.option(
    "-f",
    "--field",
    "fields",
    multiple=True,
    metavar="NAME=VALUE",
    help="Path or query parameter, by its name in the API. Repeatable.",
)
@click.option("--input", "body_file", metavar="FILE", help="JSON file with the body; - is standard input.")
@click.option("--if-match", help="ETag that the object must have.")
@click.option("--write", is_flag=True, help="Allow an operation that may change the PBX.")
@click.option("--paginate", is_flag=True, help="Read all pages of a list instead of the first one.")
@click.option("--reveal-secrets", is_flag=True, help="Show credentials in the response.")
@click.option(
    "--output",
    "dest",
    metavar="FILE",
    help="File or directory for a download or a credential. Only you can read a new file.",
)
@click.option("--list", "listing", is_flag=True, help="List operations whose name or path contains OPERATION.")
@click.option("--json", "as_json", is_flag=True, help="Print status, ETag and result as one JSON object.")
@connectable
def command(
    operation: str | None,
    fields: tuple[str, ...],
    body_file: str | None,
    if_match: str | None,
    write: bool,
    paginate: bool,
    reveal_secrets: bool,
    dest: str | None,
    listing: bool,
    as_json: bool,
    connect: Connect,
) -> None:
    """Call an OPERATION of the configuration API by its operationId, such as ListUser.

    The call is checked against the API's document before anything is sent. Operations that read use a client that
    cannot write; the others need --write. The response is printed as JSON, or unchanged if it is a text.
    """
    if listing:
        _list(operation or "", as_json)
        return
    if operation is None:
        raise click.UsageError("Name an operation. To find one: threecx api --list WORD")
    from threecx_xapi.errors import ConfigurationError
    from threecx_xapi.index import describe

    from pbx_as_code.cli.failures import for_commands
    from pbx_as_code.engine.operation.operation import call_operation
    from pbx_as_code.errors import BadOption, PbxError

    try:
        described = describe(operation)
    except ConfigurationError as error:
        raise BadOption(f"{error.message} To find one: threecx api --list WORD", target="operation") from None
    _check(described, write=write, revealed=reveal_secrets or dest is not None, dest=dest, paginate=paginate)
    options = {
        "operation": operation,
        "parameters": _parameters(described, fields),
        "body": None if body_file is None else _body(body_file),
        "if_match": if_match,
        "dest": dest,
        "reveal_secrets": reveal_secrets,
    }
    given = {name: value for name, value in options.items() if value is not None}
    try:
        with connect(read_only=described.reads) as client:
            result, warnings = call_operation(client, given, one_page=not paginate)
    except PbxError as failure:
        raise failure.saying(_in_options(failure.msg), changed=failure.changed) from None
    for warning in warnings:
        click.echo(f"Warning: {for_commands(warning)}", err=True)
    _show(described, result, fields, paginate=paginate, as_json=as_json)


def _check(described: Described, *, write: bool, revealed: bool, dest: str | None, paginate: bool) -> None:
    """Refuse a call that lacks consent, before anything is sent."""
    from pbx_as_code.engine.operation.kept_credential import answers_one

    name = described.id
    if not described.reads and not write:
        message = f"{name} is a {described.method} and may change the PBX. Nothing was sent. Add --write to call it."
        raise click.ClickException(message)
    if answers_one(described) and not revealed:
        raise click.ClickException(
            f"{name} answers with a credential, and may replace the one in use. Nothing was sent. Add --output FILE, "
            "which only you can read, or --reveal-secrets."
        )
    if described.answer == "bytes" and dest is None:
        raise click.ClickException(f"{name} answers with a file. Nothing was sent. Add --output FILE.")
    if paginate and not described.pages:
        raise click.ClickException(f"{name} has no pages, so it takes no --paginate. Nothing was sent.")


def _parameters(described: Described, fields: tuple[str, ...]) -> dict[str, Any]:
    """Parameters by name; null where the document allows it and `null` is given."""
    schemas = {**described.path_parameters, **described.query_parameters}
    found: dict[str, Any] = {}
    for field in fields:
        name, given, value = field.partition("=")
        if not given or not name:
            raise click.BadParameter(f"{field} is not NAME=VALUE.", param_hint="-f")
        if name in found:
            raise click.BadParameter(f"{name} is given twice.", param_hint="-f")
        found[name] = None if value == "null" and schemas.get(name, {}).get("nullable") else value
    return found


def _body(file: str) -> Any:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise click.BadParameter(f"{file} is not UTF-8.", param_hint="--input") from None
    try:
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_object, parse_constant=_constant)
    except ValueError as error:
        where = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "it"
        raise click.BadParameter(f"{file} is not JSON: {where} cannot be read.", param_hint="--input") from None
    except RecursionError:
        raise click.BadParameter(f"{file} is nested too deep.", param_hint="--input") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; a name that stands in it twice would lose its first value."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise click.BadParameter(f"{twice} is given twice in one object.", param_hint="--input")
    return found


def _constant(name: str) -> Any:
    """Refuse NaN and Infinity, which Python reads and JSON does not have."""
    raise click.BadParameter(f"{name} is not JSON.", param_hint="--input")


def _in_options(message: str) -> str:
    """A message of the engine, with the options of this command in the place of the module's."""
    message = re.sub(r"^(dest|mode):", "--output:", message)
    message = re.sub(r"\bif_match\b", "--if-match", message)
    message = re.sub(r"(^|\s)body(:|\.)", r"\1--input\2", message)
    return re.sub(r"(^|\s)parameters\.", r"\1-f ", message)


def _show(
    described: Described, result: dict[str, Any], fields: tuple[str, ...], *, paginate: bool, as_json: bool
) -> None:
    from pbx_as_code.cli.output import print_json, print_text

    answer = result.get("result")
    if as_json:
        print_json(result)
    elif "file" in result:
        click.echo(f"{result['file']}: {result['size']} bytes.", err=True)
    elif isinstance(answer, str):
        print_text(answer, data=True)
    elif "result" in result:
        print_json(answer)
    limited = any(field.startswith("$top=") for field in fields)
    full = isinstance(answer, list) and len(answer) >= _FULL_PAGE
    if described.pages and not paginate and (result.get("more") or (full and not limited)):
        click.echo("This is the first page. --paginate reads every page.", err=True)


def _list(word: str, as_json: bool) -> None:
    from pbx_as_code.cli.output import print_json

    found = [
        {"operation": name, "method": about["method"], "path": about["path"]}
        for name, about in _operations().items()
        if word.lower() in name.lower() or word.lower() in about["path"].lower()
    ]
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo(f"No name and no path of an operation contains {word}.", err=True)
    width = max((len(one["operation"]) for one in found), default=0)
    for one in found:
        click.echo(f"{one['operation']:{width}}  {one['method']:6}  {one['path']}")
