"""One task: its object, its options, and its state while it runs. Every step of the engine takes this object alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from threecx_xapi import errors
from threecx_xapi.record import Record

from pbx_as_code.description import Description, EntityDescription, Property, SettingsDescription
from pbx_as_code.engine.report.failures import Attempted, Context, Verb, explain

if TYPE_CHECKING:
    from threecx_xapi.client import XapiClient

    from pbx_as_code.engine.access.pbx import EntitySet, Singleton
    from pbx_as_code.engine.connection import Connection
    from pbx_as_code.engine.find.references import References

Described = TypeVar("Described", bound=Description)
Row = dict[str, Any]


class TaskOptions(Record, hidden=("given", "validated", "each", "accept")):
    """Options of a task, before the connection to its PBX is known."""

    description: Description
    """Description of its object."""
    given: Mapping[str, Any]
    """Options as written, null included. A missing option leaves its property unchanged."""
    validated: Mapping[str, Any]
    """Options after validation, with defaults and values from the environment."""
    info: bool
    """Whether the task only reads."""
    check_mode: bool
    """Whether the task only reports what it would do."""
    anew: bool = False
    """Whether another object is created even if there is one of its name."""
    each: Callable[[Row], Any] | None = None
    """Converts each object that is shown, while others are still read; its results are returned instead."""

    accept: Callable[[Row], None] | None = None
    """Called with an existing object as a result shows it, before it is changed or removed; raises PbxError to leave it
    alone.
    """

    @property
    def reads(self) -> bool:
        """Whether nothing is to be written."""
        return self.info or self.check_mode

    def on(self, client: XapiClient, connection: Connection) -> EntityTask | SettingsTask:
        """The task on one PBX.

        Parameters:
            client: of the PBX; one that refuses to write, where nothing is to be written
            connection: to the PBX, for messages
        """
        options, mode = (self.given, self.validated), (self.info, self.check_mode)
        task: EntityTask | SettingsTask
        if isinstance(self.description, EntityDescription):
            task = EntityTask(self.description, *options, client, connection, *mode, anew=self.anew, each=self.each)
        else:
            task = SettingsTask(self.description, *options, client, connection, *mode)
        task.accept = self.accept
        return task


@dataclass
class Task(Generic[Described]):
    """A task on one PBX."""

    description: Described
    """Description of its object."""
    given: Mapping[str, Any] = field(repr=False)
    """Options as written, null included. A missing option leaves its property unchanged."""
    validated: Mapping[str, Any] = field(repr=False)
    """Options after validation, with defaults and values from the environment."""
    client: XapiClient
    """Client of the PBX. It refuses to write if the task only reads or runs in check mode."""
    connection: Connection
    """Connection to the PBX, for messages."""
    info: bool = False
    """Whether the task only reads."""
    check_mode: bool = False
    """Whether the task only reports what it would do."""
    of_other_pbx: bool = field(default=False, init=False)
    """Whether the options are a result of another PBX. Its ETag means nothing here."""
    accept: Callable[[Row], None] | None = field(default=None, init=False, repr=False)
    """See TaskOptions."""
    seen: list[Row] = field(default_factory=list, repr=False)
    """Credentials among the values read from the PBX: no message may contain them."""
    references: References = field(init=False, repr=False)
    """Objects the task refers to. Rows contain their names instead of ids, when read and before they are sent."""

    @property
    def pbx(self) -> str:
        """The URL of the PBX."""
        return self.client.base_url

    @property
    def properties(self) -> tuple[Property, ...]:
        """Properties of its object."""
        return self.description.properties

    @property
    def if_match(self) -> str | None:
        """ETag that the object must still have; None for any."""
        return None if self.info or self.of_other_pbx else self.validated.get("if_match")

    @property
    def lists(self) -> str:
        """How a given list is combined with the stored one: replace, add or remove."""
        return self.validated.get("lists") or "replace"

    @property
    def spares_credentials(self) -> bool:
        """Whether credentials of an existing object stay unchanged."""
        return self.validated.get("update_secrets") == "on_create"

    def about(self, description: Described) -> Self:
        """The same task with another description of its object."""
        other = copy(self)
        other.description = description
        return other

    def action(self, verb: Verb = "read", what: str = "", endpoint: str | None = None) -> Context:
        """The action that a message about its failure names.

        Parameters:
            verb: what it does
            what: to what, such as: fax 12
            endpoint: its place in the XAPI, unless that is the place of the object
        """
        return Context(self.description, self.connection, self.pbx, verb, what, endpoint)

    def explained(self, verb: Verb, what: str, endpoint: str | None = None) -> AbstractContextManager[None]:
        """Translate exceptions of the client raised within the block; the parameters are those of `action`."""
        return explained(lambda: self.action(verb, what, endpoint))

    def what(self, row: Mapping[str, Any]) -> str:
        """Name of a stored object for messages, such as: fax 12 (number 800)."""
        description = self.description
        if isinstance(description, SettingsDescription):
            return description.label
        names, title = _named_by(description)
        extra = [f"{option} {row[name]}" for option, name in names if row.get(name) not in (None, "")]
        if title is not None and row.get(title) not in (None, ""):
            extra.append(f'"{row[title]}"')
        return f"{description.label} {row.get(description.key.name)}" + (f" ({', '.join(extra)})" if extra else "")


@lru_cache(maxsize=1024)
def _named_by(description: EntityDescription) -> tuple[list[tuple[str, str]], str | None]:
    """How messages name objects beside their ids: options and XAPI names, and the XAPI name of a title."""
    within = () if description.below is None else (description.below.within,)
    names = [(key.option, key.name) for key in (*within, *description.natural_keys)]
    keys = {key.name for key in description.keys}
    titles = [prop for prop in description.properties if prop.option == description.title and not prop.secret]
    return names, next((prop.name for prop in titles[:1] if prop.name not in keys), None)


@dataclass
class EntityTask(Task[EntityDescription]):
    """A task on objects of an entity set."""

    anew: bool = False
    """Whether another object is created even if there is one of its name."""
    each: Callable[[Row], Any] | None = field(default=None, repr=False)
    """See TaskOptions."""
    entities: EntitySet = field(init=False, repr=False)
    """The entity set."""

    @property
    def removing(self) -> bool:
        """Whether the task removes the object."""
        return self.validated.get("state") == "absent"

    def named(self, options: Mapping[str, Any]) -> str:
        """Name of the object by the given options, such as: fax with number 800."""
        description = self.description
        named = [
            f"{key.option} {options[key.option]}" for key in description.keys if options.get(key.option) is not None
        ]
        return f"{description.label} with {' and '.join(named)}" if named else description.label

    def has_assigned(self, names: Mapping[str, Any]) -> bool:
        """Whether the names of the object include one that the PBX has assigned, such as an id."""
        return any(key.option in names for key in self.description.local_keys)

    def key_of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Key of an object that was read, used from then on."""
        return {self.description.key.option: row[self.description.key.name]}


@dataclass
class SettingsTask(Task[SettingsDescription]):
    """A task on settings."""

    settings: Singleton = field(init=False, repr=False)
    """The settings of the PBX."""


@contextmanager
def explained(attempted: Callable[[], Attempted]) -> Iterator[None]:
    """Translate exceptions of the client raised within the block into a failure of the task. A client's refusal to
    write (check mode) is one of our own mistakes and is not translated.

    Parameters:
        attempted: returns the action, if it fails
    """
    try:
        yield
    except errors.WriteRefused:
        raise
    except errors.XapiError as error:
        raise explain(error, attempted()) from error
