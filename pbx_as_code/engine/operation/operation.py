"""Run threecx_operation: one operation of the API by its operationId, validated before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from threecx_xapi import deadline, errors, index, paging
from threecx_xapi.record import Record

from pbx_as_code.engine.access import releases as _release
from pbx_as_code.engine.access.etags import agree, unchecked_etag, unknown_etag
from pbx_as_code.engine.access.pbx import accepted
from pbx_as_code.engine.access.target import check_etag, etag_of
from pbx_as_code.engine.connection import Connection, client_for, connection, connection_of
from pbx_as_code.engine.limits import LARGEST_LIST
from pbx_as_code.engine.operation import download as _download
from pbx_as_code.engine.operation import kept_credential
from pbx_as_code.engine.operation.call import Call
from pbx_as_code.engine.options.history import MOST_OF_LOG, check_operation, is_log
from pbx_as_code.engine.options.invalid_values import check_digits_within
from pbx_as_code.engine.options.redaction import credentials_in, hidden, texts, without, without_credentials
from pbx_as_code.engine.options.validation import plain, validated
from pbx_as_code.engine.perform import attempt, without_aliases
from pbx_as_code.engine.report.failures import refused
from pbx_as_code.engine.task import explained
from pbx_as_code.errors import PbxError

if TYPE_CHECKING:
    from threecx_xapi.client import XapiClient
    from threecx_xapi.index import Described, Prepared
    from threecx_xapi.reply import Reply


class OperationRunner:
    """The module threecx_operation; see runner.Runner."""

    def arguments(self) -> dict[str, Any]:
        """Options other than those of the connection."""
        options: dict[str, Any] = {}
        options["operation"] = {"type": "str", "required": True}
        options["parameters"] = {"type": "dict", "default": {}}
        options["body"] = {"type": "dict"}
        options["if_match"] = {"type": "str", "aliases": ["etag"]}
        options["dest"] = {"type": "path"}
        options["mode"] = {"type": "raw"}
        options["reveal_secrets"] = {"type": "bool", "default": False, "no_log": False}
        return {"argument_spec": options, "supports_check_mode": True}

    def perform(
        self, *, given: Mapping[str, Any], validated: Mapping[str, Any], check_mode: bool, diff_mode: bool
    ) -> tuple[dict[str, Any], list[str]]:
        """The result of the task and its warnings."""
        return attempt(_Task(without_aliases(given), validated, check_mode, diff_mode))


def call_operation(
    client: XapiClient, options: Mapping[str, Any], *, deadline: float = 300.0, one_page: bool = False
) -> tuple[dict[str, Any], list[str]]:
    """Call an operation on a client that the caller has made.

    Parameters:
        client: of the PBX; one that refuses to write is good for operations that read
        options: those of threecx_operation but for the connection
        deadline: seconds the call may take, its retries included
        one_page: read only the first page of a list; `more` of the result says that there is another one

    Returns:
        the result as that of threecx_operation, and warnings

    Raises:
        PbxError: an option cannot be meant, or the call failed; no credential is in what it says
    """
    given = plain(options)
    complete = validated("an operation", OperationRunner().arguments(), given)
    reached = (client, connection_of(client, deadline))
    return _Task(without_aliases(given), complete, False, False, one_page=one_page, reached=reached).perform()


@dataclass
class _Task:
    given: Mapping[str, Any] = field(repr=False)
    validated: Mapping[str, Any] = field(repr=False)
    check_mode: bool
    diff_mode: bool
    one_page: bool = False
    reached: tuple[XapiClient, Connection] | None = field(default=None, repr=False)
    """Client of a program and its connection; None where the options say how to connect."""
    pbx: str | None = None
    client: XapiClient | None = field(default=None, repr=False)
    warnings: list[str] = field(default_factory=list)

    def perform(self) -> tuple[dict[str, Any], list[str]]:
        try:
            return self._perform()
        except PbxError as failure:
            # The client hides what a request has sent; what was looked at before that is refused with other words.
            shown = texts(hidden([self.given.get("parameters"), self.given.get("body")], ""))
            without(failure, _secrets(self.given), {self.pbx or "", *shown, str(failure.status)})
            raise

    def _perform(self) -> tuple[dict[str, Any], list[str]]:
        if_match = self.validated.get("if_match")
        for option in ("parameters", "body"):
            check_digits_within(self.given.get(option), option)
        check_etag(self.given.get("if_match"))
        described, prepared = self._prepared(if_match)
        check_operation(described.path, prepared.params)
        mode = self._check_dest(described)
        self._check_kept(described)
        client, reached = self._client(read_only=self.check_mode or described.reads)
        self.client, self.pbx = client, client.base_url
        with deadline.time_limit(reached.deadline):
            _release.check_call(client, prepared.newer)
            called = _Called(client, Call(described, reached, self.pbx), described, prepared)
            if described.answer == "bytes":
                return self._download(called, mode), [*self.warnings, *client.take_notices()]
            result = self._read(called, mode) if described.reads else self._write(called, mode)
            return result, [*self.warnings, *client.take_notices()]

    def _client(self, *, read_only: bool) -> tuple[XapiClient, Connection]:
        if self.reached is None:
            reached = connection(self.given, self.validated)
            return client_for(reached, read_only=read_only), reached
        client, reached = self.reached
        return client.without_writes() if read_only and not client.read_only else client, reached

    def _prepared(self, if_match: str | None) -> tuple[Described, Prepared]:
        try:
            described = index.describe(self.validated["operation"])
            parameters = self.validated["parameters"]
            return described, described.prepare(parameters, self.validated.get("body"), if_match=if_match)
        except errors.ConfigurationError as error:
            raise PbxError(f"{error.message} Nothing was sent.", target=error.target) from None

    def _check_dest(self, described: Described) -> int | None:
        dest, mode = self.validated.get("dest"), self.validated.get("mode")
        if described.answer == "bytes":
            if dest is None:
                raise refused("dest", f"{described.id} returns a file; give its path.")
            return _download.check(dest, mode)
        if dest is not None and kept_credential.answers_one(described):
            return kept_credential.check_place(described, dest, mode)
        for option, value in (("dest", dest), ("mode", mode)):
            if value is not None:
                raise refused(option, f"{described.id} does not return a file.")
        return None

    def _check_kept(self, described: Described) -> None:
        """Refuse to ask for a credential that nobody would see: some are made by the call, and shown this once."""
        seen = self.validated["reveal_secrets"] or self.validated.get("dest") is not None
        if kept_credential.answers_one(described) and not seen:
            raise refused(
                "reveal_secrets",
                f"{described.id} answers with a credential, which the result would not show, and a new one may "
                "replace the one in use. Name a file in dest, which only its owner can read; or set reveal_secrets: "
                "true, register the result, and set no_log: true on the task.",
            )

    def _read(self, called: _Called, mode: int | None) -> dict[str, Any]:
        if not called.described.pages or self.one_page:
            return {"changed": False, **self._answer(called.send(), called.described, mode)}
        rows = called.rows()
        if called.is_limited and len(rows) >= MOST_OF_LOG:
            self.warnings.append(
                f"There may be more rows than the {MOST_OF_LOG} that are returned: {called.described.id} reads a log, "
                "and reading all of it can slow down the PBX. Set $top in parameters to the number of rows you need."
            )
        result: dict[str, Any] = {"changed": False, "status": 200, "result": self._shown(rows)}
        if called.prepared.params.get("$count") == "true":
            result["count"] = called.count()
        return result

    def _write(self, called: _Called, mode: int | None) -> dict[str, Any]:
        before: Any = None
        if_match = self.validated.get("if_match")
        if self.diff_mode or if_match:
            before = called.stored()
        checked = (
            not if_match or if_match.strip() == "*" or (isinstance(before, Mapping) and etag_of(before) is not None)
        )
        if self.check_mode:
            self._compare_etag(called, before)
            result: dict[str, Any] = {"changed": True}
            if self.validated.get("dest") is not None:
                result["file"] = _download.file_path(self.validated["dest"], called.described.id)
        else:
            reply = called.send()
            checked = checked or reply.etag is not None
            result = {"changed": True, **self._answer(reply, called.described, mode)}
        if not checked:
            about = f"what operation {called.described.id} is about"
            known = isinstance(before, Mapping)
            self.warnings.append((unchecked_etag if known else unknown_etag)(called.call.pbx, about))
        if self.diff_mode:
            diff = _diff(called.described, called.prepared.body, before)
            if diff is not None:
                result["diff"] = diff
        return result

    def _compare_etag(self, called: _Called, before: Any) -> None:
        """Nobody else will compare the ETag in check mode."""
        seen = before.get("@odata.etag") if isinstance(before, Mapping) else None
        given = self.validated.get("if_match")
        if given and isinstance(seen, str) and not agree(given, seen):
            raise PbxError(
                f"Operation {called.described.id} would be refused by {called.call.pbx}: the object has changed "
                f"since the ETag given as if_match was read (412). Read it again with {called.call.reader}, then "
                "retry. Nothing was changed.",
                status=412,
            )

    def _download(self, called: _Called, mode: int | None) -> dict[str, Any]:
        with _download.scratch() as content:
            reply = called.fetch(content)
            stored = _download.store(self.validated["dest"], reply.filename, content, mode, write=not self.check_mode)
        result: dict[str, Any] = {
            "changed": stored.changed,
            "status": reply.status,
            "file": stored.path,  # not dest: AnsibleModule would add owner, group and the like to what has one
            "checksum": stored.checksum,
            "size": stored.size,
        }
        if self.diff_mode and stored.before != stored.checksum:
            old = {} if stored.before is None else {"file": stored.path, "checksum": stored.before}
            result["diff"] = {"before": old, "after": {"file": stored.path, "checksum": stored.checksum}}
        return result

    def _answer(self, reply: Reply, described: Described, mode: int | None) -> dict[str, Any]:
        """Answer of an operation; a credential is written to `dest`, with the permissions `mode`."""
        result: dict[str, Any] = {"status": reply.status}
        if reply.etag is not None:
            result["etag"] = reply.etag
        empty = described.answer == "none" or not reply.content.strip()
        if empty and mode is None:
            return result
        value = None if empty else reply.json()
        if described.answer in ("rows", "value") and isinstance(value, Mapping) and "value" in value:
            if isinstance(value.get("@odata.count"), int):
                result["count"] = value["@odata.count"]
            if self.one_page and value.get("@odata.nextLink"):
                result["more"] = True
            value = value["value"]
        if mode is not None:
            write = not self.check_mode
            result.update(kept_credential.kept(described, value, self.validated["dest"], mode, write=write))
            if not isinstance(value, Mapping) and not self.validated["reveal_secrets"]:
                return result
        result["result"] = self._shown(value)
        return result

    def _shown(self, value: Any) -> Any:
        return value if self.validated["reveal_secrets"] else without_credentials(value)


class _Called(Record):
    """One operation on one PBX; every method raises PbxError where it or the way to it fails."""

    client: XapiClient
    call: Call
    described: Described
    prepared: Prepared

    def send(self) -> Reply:
        """Call it."""
        with explained(lambda: self.call):
            body: dict[str, Any] = {} if self.prepared.body is None else {"json": self.prepared.body}
            reply = self.client.request(
                self.prepared.method,
                self.prepared.path,
                params=self.prepared.params,
                headers=self.prepared.headers,
                **body,
            )
            if self.described.answer not in ("bytes", "text"):
                accepted(reply)  # here, where what it raises is explained
            return reply

    def fetch(self, into: IO[bytes]) -> Reply:
        """Call it, and write what it answers to a file, of whatever size."""
        with explained(lambda: self.call):
            try:
                return self.client.download(
                    self.prepared.path, into, params=self.prepared.params, headers=self.prepared.headers
                )
            except OSError as error:
                raise PbxError(
                    f"The answer of {self.call.subject} could not be stored: {error.strerror or error}. "
                    "Check the free space for temporary files."
                ) from None

    @property
    def is_limited(self) -> bool:
        """Whether it reads a log, of which only so many rows are read."""
        return is_log(self.described.path) and "$top" not in self.prepared.params

    def rows(self) -> list[Any]:
        """Every row of the list, or as many as $top says; of a log not all, unless $top says so."""
        params = {name: value for name, value in self.prepared.params.items() if name != "$count"}
        if self.is_limited:
            params["$top"] = str(MOST_OF_LOG)
        if "$count" in self.described.query_parameters and not is_log(self.described.path):
            params["$count"] = "true"
        if params.get("$top") == "0" and self.prepared.params.get("$count") != "true":
            self.send()  # pages of no rows need no request, but the result says what the PBX answered
            return []
        with explained(lambda: self.call):
            return list(paging.iterate_values(self.client, self.prepared.path, params=params, max_bytes=LARGEST_LIST))

    def count(self) -> int | None:
        """How many rows the PBX says there are; None where it does not."""
        kept = {name: value for name, value in self.prepared.params.items() if name in ("$filter", "$search", "$count")}
        with explained(lambda: self.call):
            answer = self.client.request("GET", self.prepared.path, params={**kept, "$top": "1"}).json()
        count = answer.get("@odata.count") if isinstance(answer, Mapping) else None
        return count if isinstance(count, int) else None

    def stored(self) -> Any:
        """Return the object of a write as it is now; None if no operation reads it."""
        if self.described.reader is None:
            return None
        with explained(lambda: self.call.altered(reading=True)):
            try:
                reply = self.client.request("GET", self.prepared.path)
                stored = reply.json()
                if isinstance(stored, dict) and reply.etag is not None:
                    stored.setdefault("@odata.etag", reply.etag)
                return stored
            except (errors.NotFound, errors.Forbidden, errors.ValidationFailed):
                return None  # the write itself will tell


def _secrets(given: Mapping[str, Any]) -> set[str]:
    return credentials_in(given.get("parameters")) | credentials_in(given.get("body"))


def _diff(described: Described, body: Any, before: Any) -> dict[str, Any] | None:
    """Difference made by an update or a removal, if the object could be read, or by a creation."""
    old = hidden(before, "(hidden)") if isinstance(before, Mapping) else {}
    new = hidden(body, "(hidden, changed)") if isinstance(body, Mapping) else {}
    if described.method == "DELETE":
        return {"before": _plain(old), "after": {}} if old else None
    if described.method == "PATCH" and old:
        return {"before": {name: old[name] for name in new if name in old}, "after": new}
    if described.method == "POST" and described.answer == "json" and "/Pbx." not in described.path:
        return {"before": {}, "after": new}
    return None


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.startswith("@odata")}
