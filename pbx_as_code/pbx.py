"""One PBX, for programs: objects and settings as they are to be.

    from threecx_xapi import XapiClient
    from pbx_as_code import Pbx

    with XapiClient("https://pbx.example.com", client_id="900", client_secret="...") as client:
        pbx = Pbx(client)
        done = pbx.ensure("user", number="100", mobile="+15550133")
        print(done.changed, done.diff)

Kinds and options are those of the modules of the Ansible collection threecx.xapi: `threecx_user` is the kind `user`.
References use the names of other objects instead of ids, in options and in results. An option that is
left out leaves alone; None clears.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, overload

from threecx_xapi import deadline

from pbx_as_code.description import Description, EntityDescription, SettingsDescription
from pbx_as_code.engine.access.target import check_etag
from pbx_as_code.engine.connection import connection_of
from pbx_as_code.engine.options.option_specs import argument_spec, expandable, info_argument_spec
from pbx_as_code.engine.options.validation import no_such, plain, validated
from pbx_as_code.engine.perform import Done, carry_out, without_aliases
from pbx_as_code.engine.report.failures import nearest, refused
from pbx_as_code.engine.report.results import showable
from pbx_as_code.engine.task import TaskOptions
from pbx_as_code.entities import NAMES, description
from pbx_as_code.errors import Ambiguous, BadOption, NotFound, NotStored, PbxError, Unsupported
from pbx_as_code.result import Result
from pbx_as_code.suggestions import did_you_mean

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

Entity = dict[str, Any]
"""An object or settings by their options, with names in the place of ids and without credentials."""
Made = TypeVar("Made")


class Found(dict[str, Any]):
    """One object or settings that were read, by their options, with the warnings about them."""

    def __init__(self, entity: Entity, warnings: Iterable[str] = ()) -> None:
        super().__init__(entity)
        self.warnings = list(warnings)


class FoundList(list[Made]):
    """Objects that were read, with the warnings about them."""

    def __init__(
        self,
        found: Iterable[Made],
        warnings: Iterable[str] = (),
        lacking: Iterable[str] = (),
        *,
        nulls: Mapping[Any, frozenset[str]] = MappingProxyType({}),
    ) -> None:
        super().__init__(found)
        self.warnings = list(warnings)
        """Warnings, such as that there are more objects, or that ids stand for names that cannot be read."""
        self.lacking = frozenset(lacking)
        """Options that no object has although they were asked for, because the PBX refuses to expand them. It is not
        known whether they are empty.
        """
        self.nulls = nulls
        """Options that the PBX answered as null, by the key of the object; None for settings. Where an option that can
        be zero is None and not among them, the PBX left it out: it may be zero.
        """


_LONGEST_DEADLINE = 86400.0


class Pbx:
    """One PBX; may be used by many threads at once.

    Rows of other objects are cached for some seconds, for all objects: naming the departments of a thousand users costs
    one request.
    """

    def __init__(self, client: XapiClient, *, deadline: float = 300.0) -> None:
        """Nothing is sent before the first call.

        Parameters:
            client: of the PBX. One that refuses writes (`read_only=True`) is good for `read`, `info` and `check=True`
            deadline: seconds one call may take, its retries included

        Raises:
            BadOption: the deadline is no number of seconds
        """
        if not 0 < deadline <= _LONGEST_DEADLINE:
            raise refused(
                "deadline", f"a number of seconds greater than zero is needed, and at most {_LONGEST_DEADLINE:g}."
            )
        self._client = client
        self._reading = client if client.read_only else client.without_writes()
        self._connection = connection_of(client, deadline)

    @property
    def url(self) -> str:
        """Address of the PBX."""
        return self._client.base_url

    @property
    def release(self) -> str | None:
        """The release of the PBX, such as 20.0.9.995; None before its first answer."""
        return self._reading.release or self._client.release

    @staticmethod
    def kinds() -> frozenset[str]:
        """The kinds of objects and settings, such as user and mail_settings."""
        return NAMES

    @staticmethod
    def describe(kind: str) -> Description:
        """Facts about a kind: its properties, keys and possible actions.

        Parameters:
            kind: such as user or mail_settings

        Raises:
            BadOption: there is no such kind
        """
        if kind not in NAMES:
            failure = BadOption(f"There is no kind {kind}{did_you_mean(kind, NAMES)} Nothing was sent.", target=kind)
            failure.nearest = nearest(kind, NAMES)
            raise failure
        return description(kind)

    def ensure(
        self, kind: str, /, *, check: bool = False, accept: Callable[[Entity], None] | None = None, **options: Any
    ) -> Result:
        """Make an object, or settings, be as given: create it, change what differs, or leave it alone.

        Parameters:
            kind: such as user or mail_settings
            check: only say what would be done; nothing is written, whatever the client allows
            accept: is called with an existing object as it was read, before it is changed; what it raises leaves the
                object alone
            options: what names the object and what it is to be like; also if_match, lists ("replace", "add", "remove"),
                rename (True gives an object that is found by its id another name), update_secrets ("always",
                "on_create") and whatever else the module of this kind takes

        Raises:
            BadOption: an option does not exist, is missing or cannot be meant; nothing was sent
            NotFound: what an option refers to is not there, or the object is not and cannot be created so
            Ambiguous: several objects are called so
            Conflict: somebody else has changed the object, or `if_match` is not its ETag
            PbxError: another of its kinds: the PBX refuses, fails, is busy or cannot be reached
        """
        about = self.describe(kind)
        if not about.changeable:
            raise Unsupported(f"Nothing was sent: {about.one} can be read, but not changed.")
        given = plain(options)
        if isinstance(about, EntityDescription) and about.steering is None and "state" not in given:
            given["state"] = "present"
            if not (about.can_create or about.can_update):
                raise Unsupported(f"Nothing was sent: {about.one} can be removed, but not changed.")
        return self._result(about, check, self._carry_out(about, given, check=check, accept=accept))

    def create(self, kind: str, /, *, check: bool = False, **options: Any) -> Result:
        """Create another object, even if there is one of its name, such as a second contact of one name.

        A creation that is in doubt is not repeated: see `PbxError.in_doubt`.

        Parameters:
            kind: such as contact
            check: only say what would be done; nothing is written, whatever the client allows
            options: what it is to be like

        Raises:
            Unsupported: objects of this kind cannot be created
            PbxError: see ensure
        """
        about = self.describe(kind)
        if not (isinstance(about, EntityDescription) and about.can_create and about.making is None):
            raise Unsupported(f"Nothing was sent: {about.one} cannot be created.")
        given = {**plain(options), "state": "present"}
        return self._result(about, check, self._carry_out(about, given, check=check, anew=True))

    def absent(
        self, kind: str, /, *, check: bool = False, accept: Callable[[Entity], None] | None = None, **options: Any
    ) -> Result:
        """Remove an object, where it is there.

        Parameters:
            kind: such as user
            check: only say what would be done; nothing is written, whatever the client allows
            accept: is called with the object as it was read, before it is removed; what it raises leaves it alone
            options: what names the object; whatever else is given must be so, else nothing is removed

        Raises:
            Unsupported: there is nothing of this kind to remove
            PbxError: see ensure
        """
        about = self.describe(kind)
        if not (isinstance(about, EntityDescription) and about.can_delete):
            raise Unsupported(f"Nothing was sent: {about.one} cannot be removed.")
        given = {**plain(options), "state": "absent"}
        return self._result(about, check, self._carry_out(about, given, check=check, accept=accept))

    def remove_many(self, kind: str, /, keys: Sequence[Any]) -> dict[Any, PbxError]:
        """Remove many objects by few requests, where `can_remove_many`; then look which are left.

        No ETag goes with such a request: only what was just looked at is to be removed so.

        Parameters:
            kind: such as fax
            keys: keys of the objects on this PBX

        Returns:
            by key, why those are left that are still there

        Raises:
            NotFound: this release has no such request
            PbxError: the list cannot be read afterwards
        """
        from pbx_as_code.engine.write.remove_many import MOST, remove_many

        about = self.describe(kind)
        assert isinstance(about, EntityDescription)  # noqa: S101 see can_remove_many
        reasons: dict[str, str] = {}
        failure: PbxError | None = None
        for first in range(0, len(keys), MOST):
            try:
                with deadline.time_limit(self._connection.deadline):
                    reasons |= remove_many(about, keys[first : first + MOST], self._client, self._connection)
            except PbxError as error:
                if first == 0 and isinstance(error, NotFound):
                    raise
                failure = error
                break
        try:
            there = {row[about.key.option]: row for row in self.info(kind)}
        except PbxError as error:
            raise failure or error from None
        return {key: failure or _left(self.url, about, there[key], reasons) for key in keys if key in there}

    def can_remove_many(self, kind: str, /) -> bool:
        """Whether `remove_many` can be used for a kind."""
        from pbx_as_code.engine.write.remove_many import offered

        about = self.describe(kind)
        return isinstance(about, EntityDescription) and about.can_delete and offered(about)

    @classmethod
    def options(cls, kind: str, /) -> frozenset[str]:
        """The options that `ensure` takes for a kind."""
        return frozenset(_spec(cls.describe(kind).name, False)["argument_spec"])

    def read(self, kind: str, /, *, reveal_secrets: bool = False, **names: Any) -> Found | None:
        """One object, or settings, with everything that belongs to it; None where there is none.

        Parameters:
            kind: such as user or mail_settings
            reveal_secrets: show credentials too, as far as the PBX does
            names: the key or a natural key of the object, such as number="100"; none for settings

        Returns:
            a dict by option, with `warnings`

        Raises:
            BadOption: nothing names the object, or an option does not name one
            Ambiguous: several objects are called so
            PbxError: see ensure
        """
        about = self.describe(kind)
        naming = {key.option for key in about.keys}
        if isinstance(about, EntityDescription) and about.below is not None:
            naming.add(about.below.within.option)
        for option in names:
            if option not in naming:
                raise no_such(option, f"reading one {about.label}", naming)
        if naming and all(names.get(option) is None for option in naming):
            raise BadOption(f"one of the following is required: {', '.join(sorted(naming))}. Nothing was sent.")
        found = self.info(kind, **names, **({"reveal_secrets": True} if reveal_secrets else {}))
        if len(found) > 1:
            named = ", ".join(f"{option} {value}" for option, value in names.items())
            those = ", ".join(str(one.get(about.keys[0].option)) for one in found)
            raise Ambiguous(
                f"{named} means {len(found)} of the {_plural(about)} of {self.url}: {those}.", target=next(iter(names))
            )
        return Found(found[0], found.warnings) if found else None

    def info(self, kind: str, /, **options: Any) -> FoundList[Entity]:
        """Objects of a kind, in pages; of settings a list of one.

        Parameters:
            kind: such as user or mail_settings
            options: those of the _info module of this kind: filter, search, expand, order_by, limit, a key, ...

        Returns:
            a list with `warnings`

        Raises:
            PbxError: see ensure
        """
        return self._found(self.describe(kind), plain(options))

    @overload
    def everything(self, kind: str, /, *, each: None = None, **options: Any) -> FoundList[Entity]: ...

    @overload
    def everything(self, kind: str, /, *, each: Callable[[Entity], Made], **options: Any) -> FoundList[Made]: ...

    def everything(
        self, kind: str, /, *, each: Callable[[Entity], Any] | None = None, **options: Any
    ) -> FoundList[Any]:
        """Every object of a kind with everything that belongs to it in a list, such as the members of a ring group.

        It takes as many requests as there are pages, and one for each kind of object that is referred to by an id; a
        PBX that expands one property at a time is asked once more for each of them. Texts that come only when an object
        is asked for by itself, such as the XML of a template, are left out: see `read`.

        Parameters:
            kind: such as user or mail_settings
            each: converts an object; its results are returned instead of the objects. It runs while further pages are
                read, and may get an object twice if the PBX refuses part of a request
            options: those of the _info module of this kind but for expand

        Returns:
            a list with `warnings`, and with the options that could not be read in `lacking`

        Raises:
            PbxError: see ensure
        """
        about = self.describe(kind)
        given = plain(options)
        if isinstance(about, EntityDescription) and about.changeable and expandable(about):
            given["expand"] = [prop.option for prop in expandable(about)]
        return self._found(about, given, each)

    def _found(
        self, about: Description, given: dict[str, Any], each: Callable[[Entity], Any] | None = None
    ) -> FoundList[Any]:
        done = self._carry_out(about, given, info=True, each=each)
        found = done.found if isinstance(done.found, list) else [done.found]
        if each is not None and isinstance(about, SettingsDescription):
            found = [each(one) for one in found]
        return FoundList(found, done.warnings, done.lacking, nulls=done.nulls)

    def _carry_out(
        self,
        about: Description,
        given: Mapping[str, Any],
        *,
        info: bool = False,
        check: bool = False,
        anew: bool = False,
        each: Callable[[Entity], Any] | None = None,
        accept: Callable[[Entity], None] | None = None,
    ) -> Done:
        spec = _spec(about.name, info)
        if anew:  # nothing is looked up, so options that name the object may be missing, as in a trunk's default rule
            spec = {"argument_spec": spec["argument_spec"]}
        complete = validated(about.name, spec, given)
        options = TaskOptions(about, without_aliases(given), complete, info, check, anew=anew, each=each, accept=accept)
        check_etag(options.given.get("if_match"))
        return carry_out(options.on(self._reading if options.reads else self._client, self._connection))

    def _result(self, about: Description, check: bool, done: Done) -> Result:
        outcome = done.outcome
        assert outcome is not None  # noqa: S101 only what reads has none
        release = (self._reading if check else self._client).release
        return Result(showable(about, release), outcome, done.warnings, check=check)


@cache
def _spec(kind: str, info: bool) -> Mapping[str, Any]:
    """The options of a kind; nothing of it is changed, for all calls share it."""
    return (info_argument_spec if info else argument_spec)(description(kind))


def _left(url: str, about: EntityDescription, row: Entity, reasons: Mapping[str, str]) -> NotStored:
    what = f"{about.label} {row.get('number') or row[about.key.option]}"
    reason = reasons.get(str(row.get("number")), "")
    return NotStored(
        f"{url} accepted the removal of {what}, but still has it{f': {reason}' if reason else ''}. Look at it in the "
        "admin console: it may be in use."
    )


def _plural(about: Description) -> str:
    return about.label if isinstance(about, SettingsDescription) else about.plural.replace("_", " ")
