"""State behind the wire: the seed, stored objects, tokens, faults, the log. Everything here runs in one thread."""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import knowledge
from .behaviours import related
from .faults import plan
from .faults.clock import Clock
from .faults.fault import Fault, Faults
from .http.auth import SignIn
from .http.exchange import Rules
from .http.log import LoggedRequest
from .http.service import Service
from .http.tokens import Tokens
from .model import document as documents
from .model import releases
from .model.document import DocumentError
from .model.routes import Routes
from .seeds import seed
from .state.store import Store
from .traits import Traits, planting, registry, resolve, rights


class Inside:
    """A PBX without its thread and its socket; control.Controlled is what the control endpoints need of it.

    rules: how requests are answered, without the traits; source: of the seed; traits: by name, None for what the seed
    says;
    own: the document that drives it, None for the release's; like: another that was set up with the same.

    Raises:
        SeedError, DocumentError, PlanError, ValueError: where it cannot be set up.
    """

    _seed: seed.Seed
    _planted: Store

    def __init__(
        self,
        rules: Rules,
        source: str | Path | Mapping[str, Any] | None,
        *,
        traits: Iterable[str] | None,
        etags: bool | None,
        strict_etags: bool,
        token_lifetime: int | None,
        own: Path | None,
        faults: str | Path | Mapping[str, Any] | None,
        like: Inside | None,
    ) -> None:
        self.release = rules.release
        self._rules = rules
        self._seed_source = source
        self._named_traits = None if traits is None else resolve(traits)
        self._etags, self._strict_etags = etags, strict_etags
        self._lifetime = token_lifetime
        self._document = own
        self._faults = Faults()
        self.clock = Clock()
        self._plan_source = faults
        self.log: list[LoggedRequest] = []
        self._set_up(like)
        self.follow({} if faults is None else faults)

    def _set_up(self, like: Inside | None) -> None:
        number = knowledge.release_number(self.release)
        routes = _routes(self._document, number)
        planted = self._seed = seed.read(self._seed_source) if like is None else like._seed
        self._people, self._clients = planted.people, planted.clients
        self.client_id = planted.clients[0]["id"] if planted.clients else ""
        self.client_secret = planted.clients[0]["secret"] if planted.clients else ""
        person = planted.people[0] if planted.people else {}
        self.username = person.get("username", "")
        self.password = person.get("password", "")
        self.security_code = person.get("security_code", "")
        self._rules = replace(self._rules, traits=self._own_traits())
        # Rows are shared and the rest is copied: a fresh start, here and in others, costs next to nothing.
        alike = like is not None and like._rules.traits == self._rules.traits
        self._planted = like._planted if like and alike else _planted(planted, routes, self._rules)
        self._store = self._planted.copy()
        self._tokens = Tokens(self._lifetime, number, self.clock, lambda who: rights.role_of(self._store, who))
        own = self._document
        text = functools.partial(documents.read_text, own) if own else functools.partial(releases.text, number)
        self._service = Service(routes, self._store, self._tokens, self._rules, text, _parsed(own, number))
        self._sign_in = SignIn(self._tokens, planted.clients, planted.people, self._made_secret)

    def _made_secret(self, client: str) -> str | None:
        """The secret that was made here for a service principal, as long as it exists."""
        exists = self._store.find("ServicePrincipals", "Number", client) is not None
        return self._store.client_secrets.get(client) if exists else None

    def _own_traits(self) -> Traits:
        """The traits it starts with: those it was given, else the seed's, else the usual ones."""
        named = self._named_traits
        if named is None:
            named = registry.DEFAULT if self._seed.traits is None else self._seed.traits
        return registry.checked(registry.with_etags(named, self._etags, self._strict_etags))

    def sign_in_count(self) -> int:
        """How many tokens were granted."""
        return self._tokens.granted

    def drop_tokens(self) -> None:
        """Revoke every token."""
        self._tokens.revoke()

    def switch_on(self, **fault: Any) -> None:
        """Switch a fault on."""
        self._faults.add(Fault(**fault))

    def follow(self, faults: str | Path | Mapping[str, Any]) -> None:
        """Go by a fault plan from now on."""
        told = plan.read(faults)
        self._faults.clear()
        for fault in told.faults:
            self._faults.add(fault)
        self.clock.offset = told.clock

    def trait_names(self) -> list[str]:
        """The names of the traits it has."""
        return sorted(self._service.rules.traits)

    def take_on(self, names: Iterable[str]) -> None:
        """Have these traits and no others from now on; what is stored takes the form they say."""
        traits = resolve(names)
        self._store.adopt(traits)
        planting.plant(self._store)
        self._service.rules = replace(self._service.rules, traits=traits)

    def told(self) -> list[dict[str, Any]]:
        """The faults that are switched on: what they are about, how many requests they could have met and have met."""
        return [
            {"path": fault.path, "method": fault.method, "seen": fault.seen, "met": fault.met} for fault in self._faults
        ]

    def stored(self, name: str) -> list[dict[str, Any]]:
        """Copies of the rows of a set, or of the one there is of a singleton."""
        if name in self._store.routes.settings:
            return [copy.deepcopy(self._store.settings[name])]
        if name in self._store.routes.singletons:
            return [copy.deepcopy(self._store.singleton(name).data)]
        self._store.describe(name)
        return copy.deepcopy(related.complete(self._store, name))

    def store_row(self, name: str, row: Any) -> dict[str, Any]:
        """Store a row, or change a singleton."""
        routes = self._store.routes
        store = seed.settle if name in routes.singletons or name in routes.settings else seed.upsert
        return copy.deepcopy(store(self._store, name, row))

    def drop_row(self, name: str, key: Any) -> bool:
        """Take a row away."""
        self._store.describe(name)
        return self._store.remove(name, key) is not None

    def start_over(self) -> None:
        """The seed again."""
        fresh = seed.read(self._seed_source)
        if not fresh.same_as(self._seed):
            self._seed = fresh
            self._planted = _planted(fresh, self._store.routes, replace(self._rules, traits=self._own_traits()))
        self._store = self._service.store = self._planted.copy()
        self._service.rules = replace(self._service.rules, traits=self._store.traits)
        self._tokens.revoke()
        self._tokens.granted = 0
        self.follow({} if self._plan_source is None else self._plan_source)
        self.log.clear()


def _planted(content: seed.Seed, routes: Routes, rules: Rules) -> Store:
    """A store that has what a seed and the traits say; it is copied, and stays as it is."""
    store = Store(routes, rules.traits)
    seed.plant(content, store, rules.release)
    planting.plant(store)
    return store


@functools.lru_cache(maxsize=16)
def _routes(path: Path | None, release: tuple[int, ...]) -> Routes:
    """Route tables are shared like the document: nobody changes them.

    Raises:
        DocumentError: where it is an OpenAPI document of something else, or cut off.
    """
    refused = DocumentError(f"{path or 'the document'} does not describe XAPI v1, or is cut off")
    try:
        routes = Routes(_parsed(path, release))
    except (AttributeError, LookupError, StopIteration, TypeError, ValueError, AssertionError) as error:
        raise refused from error
    if not routes.sets:
        raise refused
    return routes


def _parsed(path: Path | None, release: tuple[int, ...]) -> dict[str, Any]:
    """A given document is taken as it is; our own, as the release has it."""
    return releases.load(release) if path is None else documents.load(path)
