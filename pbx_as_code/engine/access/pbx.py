"""One entity set or singleton of one PBX, as plain data. find/knowledge.py reads the names of referenced objects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from threecx_xapi import errors, odata, paging, simultaneous

from pbx_as_code.description import Key, Property
from pbx_as_code.engine.access import releases as _release
from pbx_as_code.engine.access.target import LISTED_IN, etag_of, expansions, lists_of, read_expanded
from pbx_as_code.engine.compare.values import uuid, without_control
from pbx_as_code.engine.find.knowledge import LookAgain, known_through
from pbx_as_code.engine.find.references import References
from pbx_as_code.engine.limits import LARGEST_LIST
from pbx_as_code.engine.options.history import is_log
from pbx_as_code.errors import PbxError, PbxFailed, Refused

if TYPE_CHECKING:
    from threecx_xapi.errors import XapiError
    from threecx_xapi.reply import Reply

    from pbx_as_code.engine.report.failures import Verb
    from pbx_as_code.engine.task import EntityTask, SettingsTask, Task

Row = dict[str, Any]


class _Endpoint:
    """Every method raises PbxError, with a message for people, where the PBX or the way to it fails."""

    def __init__(self, task: Task[Any]) -> None:
        self.task = task
        self._client = task.client

    @property
    def references(self) -> References:
        """Entities it refers to; rows contain names instead of ids, in both directions."""
        return self.task.references

    @property
    def pbx(self) -> str:
        """The URL of the PBX."""
        return self.task.pbx

    def has(self, since: str | None) -> bool:
        """Whether the PBX has what came with a release, or may have it."""
        return since is None or _release.has(self._client, since)

    def check_release(self, properties: tuple[Property, ...], wanted: Row, row: Row | None) -> None:
        """Refuse what is wanted and the release of the PBX does not have; see releases.check_options."""
        if any(prop.has_newer and prop.name in wanted for prop in properties):
            _release.check_options(self._client, properties, wanted, row)

    def look_up(self, changes: Row, row: Row) -> None:
        """Know what changes refer to, and what a write before this one may have made uncertain.

        Parameters:
            changes: what is to be written
            row: what is there; what it refers to is known
        """
        self.references.resolved(changes, row)

    @property
    def place(self) -> str:
        """Path of the collection in the XAPI. Together with a name, it identifies a lock."""
        raise NotImplementedError

    def locked(self, name: object, what: str) -> AbstractContextManager[bool]:
        """Keep other tasks on this machine from writing one of these; True where one was writing it until then.

        Parameters:
            name: which one, by its key, or by what is to be the name of a new one
            what: for messages
        """
        from pbx_as_code.engine.access.target import object_lock  # only for those who write

        return object_lock(self.pbx, self.place, name, what)

    def _unread(self, properties: tuple[Property, ...], what: str, refused: Mapping[str, XapiError]) -> PbxError:
        """Why options that are given cannot be used: what is there is not known, so it can neither be compared nor
        kept.
        """
        error = next(iter(refused.values()))
        options = ", ".join(_options(properties, refused))
        return Refused(
            f"{options} of {what} cannot be compared with what is on {self.pbx}: the PBX refuses $expand="
            f"{','.join(refused)} ({error.status}). Leave {options} out of the task, or change it in the admin "
            "console.",
            status=error.status,
            code=error.code,
            target=_options(properties, refused)[0],
        )


class Singleton(_Endpoint):
    """The settings of a description."""

    def __init__(self, task: SettingsTask) -> None:
        super().__init__(task)
        self._description = task.description

    def read(self, wanted: Row) -> Row:
        """The settings as they are; those of `wanted` that the PBX answers only when asked for too."""
        expand = expansions((prop for prop in self._description.properties if prop.name in wanted), self.has)
        with self.task.explained("read", self._description.label):
            [answer], refused = read_expanded(expand, self._answers, lambda _: self._path)
            if refused:
                raise self._unread(self._description.properties, self._description.label, refused)
        return self.references.named(answer)

    def _answers(self, params: dict[str, str]) -> list[Row]:
        reply = self._client.request("GET", self._path, params=params or None)
        answer = reply.json()
        if not isinstance(answer, dict) or "value" in answer:
            raise not_understood(self.task)
        if reply.etag is not None:
            answer.setdefault("@odata.etag", reply.etag)
        return [answer]

    def write(self, row: Row, changes: Row, etag: str | None, what: str) -> None:
        """Change some of the settings, where their ETag is still the given one."""
        body = self.references.stored(changes, row)
        try:
            with self.task.explained("change", what):
                accepted(self._client.request("PATCH", self._path, json=body, **_guarded_by(etag, row)))
        finally:
            self.references.written(self._description.singleton)

    def locked(self, name: object, what: str) -> AbstractContextManager[bool]:  # noqa: ARG002 there is only one
        """See _Endpoint."""
        return super().locked("", what)

    @property
    def place(self) -> str:
        """See _Endpoint."""
        return self._path

    @property
    def _path(self) -> str:
        return f"/{self._description.singleton}"


class EntitySet(_Endpoint):
    """The entity set of a description."""

    def __init__(self, task: EntityTask, *, look_ahead: bool = False) -> None:
        """Parameters:
        task: of whose description it is
        look_ahead: serve look-ups from what was read ahead, where that is worth it; what is served can be removed if it
            has an ETag, and nothing else can be written then
        """
        super().__init__(task)
        self._description = task.description
        self._look_ahead = look_ahead and task.description.can_order
        self.removing = task.removing
        """Whether what is looked for is to be removed."""
        self._showing = task.info or (self.removing and task.accept is not None)
        self.warnings: list[str] = []
        """Facts that displayed rows lack."""
        self.lacking: list[str] = []
        """Options that displayed rows lack, because the PBX refuses to expand them."""
        self.looked_ahead = False
        """Whether anything was served that is a few seconds old."""
        self.wrote = False
        """Whether a write was sent, whatever has come of it."""

    def known(self, key: Key, values: tuple[Any, ...], expand: tuple[str, ...] = ()) -> list[Row] | None:
        """The rows that have one of these values, as they were read ahead; None where the PBX has to be asked.

        Parameters:
            key: property to search by
            values: accepted values of the key
            expand: from expansions, navigation properties to bring along
        """
        if not self._look_ahead:
            return None
        listed = known_through(self._client).list(self._path, self._description.key.name, expand)
        rows = listed.candidates(self._client, key, values, removing=self.removing)
        if rows is None:
            return None
        self.looked_ahead = True
        return [self.references.named(dict(row)) for row in rows]

    def query(self, condition: str, what: str, expand: tuple[str, ...] = ()) -> list[Row]:
        """The rows a $filter selects: a page at most, for look-ups by what is unique."""
        params = {"$filter": condition}
        with self.task.explained("read", what):
            return self._expanded(
                expand,
                lambda more: self._rows(self._client.request("GET", self._path, params={**params, **more}).json()),
            )

    def every(
        self,
        what: str,
        condition: str | None = None,
        search: str | None = None,
        *,
        order_by: str | None = None, limit: int | None = None, expand: tuple[str, ...] = (),
        each: Callable[[Row], Any] | None = None,
    ) -> list[Any]:  # fmt: skip
        """Every row a $filter and a $search select, or every one there is.

        Parameters:
            what: for messages
            condition: the $filter
            search: the $search
            order_by: the $orderby; by the key, where nothing else is said and the list takes one
            limit: how many at most; None for all
            expand: from expansions, navigation properties to bring along
            each: makes of a row what is returned, while further pages come: there may be ten thousand
        """
        params = {} if is_log(self._list) else {"$count": "true"}
        if self._description.can_order:
            params["$orderby"] = order_by or self._description.order or self._description.key.name
        top = None if limit is None else str(limit)
        asked = {"$top": top, "$filter": condition, "$search": search}
        params |= {name: text for name, text in asked.items() if text}
        several = simultaneous.allowed() if self._description.can_order and self._list == self._path else 1
        made = False

        def read(more: dict[str, str]) -> list[Any]:
            nonlocal made
            rows = paging.iterate(
                self._client, self._list, params={**params, **more}, concurrency=several,
                key=self._description.key.name, max_bytes=LARGEST_LIST,
            )  # fmt: skip
            if not self._showing:
                return self._rows({"value": list(rows)})
            named = map(self.references.named, rows)
            made = more.get("$expand", "") == ",".join(expand)  # else they lack what further answers have
            return list(map(each, named) if each and made else named)

        with self.task.explained("read", what):
            found = self._expanded(expand, read, named=self._showing)
            return found if each is None or made else [each(row) for row in found]

    def _expanded(
        self, expand: tuple[str, ...], read: Callable[[dict[str, str]], list[Row]], *, named: bool = False
    ) -> list[Row]:
        """Rows with navigation properties; refused ones are absent, which is not empty. `named`: ids are replaced."""
        rows, refused = read_expanded(expand, read, lambda row: row[self._description.key.name])
        if refused and not self._showing:
            raise self._unread(self._description.properties, self._description.label, refused)
        for name, error in refused.items():
            [option] = _options(self._description.properties, (name,))
            self.lacking.append(option)
            self.warnings.append(
                f"The result lacks {option}: {self.pbx} refuses $expand={name} ({error.status}). It is not known "
                "whether there are any; look in the admin console."
            )
        return rows if named else [self.references.named(row) for row in rows]

    def _rows(self, answer: Any) -> list[Row]:
        return _rows(answer, self.task, self._description.key.name)

    def large(self, row: Row, names: tuple[str, ...], what: str) -> Row:
        """The properties of an entity that come only when asked for by name."""
        with self.task.explained("read", what):
            try:
                answer = self._client.request("GET", self._entity(row), params={"$select": ",".join(names)}).json()
            except errors.NotFound:
                answer = self._selected(row, names)
                if answer is None:
                    raise
        if not isinstance(answer, Mapping):  # or a property would pass for one that is not there, and be sent again
            raise not_understood(self.task)
        return {name: answer[name] for name in names if name in answer}

    def _selected(self, row: Row, names: tuple[str, ...]) -> Row | None:
        """Some properties of an entity, read from the list: some builds answer no entity by its key."""
        key = self._description.key
        value = uuid(row[key.name]) if key.kind == "uuid" else row[key.name]
        params = {"$filter": odata.eq(key.name, value), "$select": ",".join((key.name, *names))}
        found = self._rows(self._client.request("GET", self._path, params=params).json())
        return next((one for one in found if one[key.name] == row[key.name]), None)

    def initial(self, given: Mapping[str, str]) -> Row:
        """Return a pre-filled entity for creation, or an empty one if the PBX offers none.

        Parameters:
            given: the parameters of the function that hands it out, by its own names
        """
        init = self._description.init
        if init is None:
            return {}
        told = ", ".join(f"{name} {value}" for name, value in given.items())
        what = f"the defaults of a new {self._description.label}{f' ({told})' if told else ''}"
        path = odata.path(f"/{init}", **given)
        try:
            with self.task.explained("read", what, path[1:]):
                answer = self._client.request("GET", path).json()
        except PbxError as failure:
            if failure.status != 404 or not given:
                raise
            raise failure.saying(
                f"The PBX {self.pbx} has no defaults for a new {self._description.label} with {told} (404): check "
                f"{' and '.join(parameter.option for parameter in self._description.init_with)}. Nothing was changed."
            ) from None
        if not isinstance(answer, dict):  # what is created without it would lack what the template says
            raise not_understood(self.task, path[1:])
        return self.references.named(without_control(answer))

    def create(self, row: Row, what: str) -> Row:
        """Create an entity; what the PBX stored, empty where it does not say."""
        body = self.references.stored(row)
        with self._writing("create", what):
            reply = self._client.request("POST", self._path, json=body)
            stored = reply.json() if reply.content.strip() else {}
        return stored if isinstance(stored, dict) else {}

    def act(self, action: str, body: Row, verb: Verb, what: str) -> None:
        """Call an action that changes something.

        Parameters:
            action: as in the URL, such as Backups/Pbx.Backup
            body: its parameters
            verb: what it does, for messages: create or change
            what: to what, for messages
        """
        with self._writing(verb, what, endpoint=action):
            accepted(self._client.request("POST", f"/{action}", json=body))

    def says(self, function: str, what: str) -> bool:
        """Return the answer of a boolean function; any other answer counts as false.

        Parameters:
            function: as in the URL, such as Backups/Pbx.GetCanCreateBackup()
            what: what it is about, for messages
        """
        with self.task.explained("read", what, function):
            answer = self._client.request("GET", f"/{function}").json()
        return isinstance(answer, dict) and answer.get("value") is True

    def change(self, row: Row, changes: Row, etag: str | None, what: str) -> None:
        """Change some properties of an entity, where its ETag is still the given one."""
        body = self.references.stored(changes, row)
        with self._writing("change", what):
            accepted(self._client.request("PATCH", self._entity(row), json=body, **_guarded_by(etag, row)))

    def remove(self, row: Row, etag: str | None, what: str) -> None:
        """Remove an entity, where its ETag is still the given one."""
        with self._writing("remove", what, safe=etag is not None):
            accepted(self._client.request("DELETE", self._entity(row), headers=_if_match(etag)))

    def locked(self, name: object, what: str) -> AbstractContextManager[bool]:
        """See _Endpoint."""
        self._look_ahead = False  # a write is due, so what is looked up from here on is to be as it is
        return super().locked(name, what)

    @property
    def place(self) -> str:
        """See _Endpoint."""
        return self._list

    @contextmanager
    def _writing(self, verb: Verb, what: str, endpoint: str | None = None, *, safe: bool = False) -> Iterator[None]:
        """A write: whatever comes of it, what was read of these before may be wrong now.

        Parameters:
            verb, what, endpoint: for messages
            safe: the PBX refuses it where what was read is old

        Raises:
            LookAgain: it would be made by what was read ahead, and is not safe
        """
        if self.looked_ahead and not safe:
            raise LookAgain
        self.wrote = True
        self._look_ahead = False  # whatever is looked up from here on is to show what became of it
        try:
            lists = LISTED_IN.get(self._description.entity_set)
            with lists_of(self.pbx, lists, what), self.task.explained(verb, what, endpoint):
                yield
        finally:
            self.references.written(self._description.entity_set, removal=verb == "remove")

    @property
    def _path(self) -> str:
        return f"/{self._description.entity_set}"

    @property
    def _list(self) -> str:
        return f"/{self._description.listed_by}" if self._description.listed_by else self._path

    def check_key(self, row: Row) -> None:
        """Refuse a row whose key cannot be one.

        Raises:
            PbxError: it is not understood
        """
        self._entity(row)

    def _entity(self, row: Row) -> str:
        key = self._description.key
        value = row[key.name]
        try:
            return odata.key(self._description.entity_set, uuid(value) if key.kind == "uuid" else value)
        except (AttributeError, TypeError, ValueError):  # what a PBX answers as a key may be anything
            raise not_understood(self.task) from None


def _options(properties: tuple[Property, ...], names: Collection[str]) -> list[str]:
    return [prop.option for prop in properties if prop.name in names]


def _guarded_by(etag: str | None, row: Row) -> dict[str, Any]:
    """How a change is sent: if the PBX gives no ETags, the client must not repeat it later, over what somebody else
    wrote by then.
    """
    return {"headers": _if_match(etag), "idempotent": None if etag_of(row) else False}


def _if_match(etag: str | None) -> dict[str, str]:
    return {} if etag is None else {"If-Match": etag}


def _rows(answer: Any, task: Task[Any], key: str) -> list[Row]:
    """The rows of a list, each with the key without which nothing can be done to it."""
    rows = answer.get("value") if isinstance(answer, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and key in row for row in rows):
        raise not_understood(task)
    return rows


def accepted(reply: Reply) -> None:
    """Hold the answer of a write for one of the PBX.

    Raises:
        UnexpectedAnswer: it is none, such as the sign-in page of a proxy: a success, and nobody knows of what
    """
    if reply.content.strip():
        reply.json()


def not_understood(task: Task[Any], endpoint: str | None = None) -> PbxError:
    """Complaint about an answer that does not come from the XAPI.

    Parameters:
        task: that asked
        endpoint: its place in the XAPI, unless that is the place of the object
    """
    return PbxFailed(
        f"{task.pbx} answered {endpoint or task.description.endpoint} in a way that cannot be "
        "understood. Check that host and host_port lead to the PBX itself and not to a proxy or another service."
    )
