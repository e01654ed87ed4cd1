"""Consent to removals. Without it, a plan removes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pbx_as_code.config.configuration import Identity, name_of
from pbx_as_code.config.kinds import KINDS, SECTIONS, ConfigKind
from pbx_as_code.config.selection import Selection, like
from pbx_as_code.config.spelling import unknown
from pbx_as_code.errors import BadOption

_OWNER: Final = "system_owners"
"""Role of those who may do anything on a PBX."""


@dataclass(frozen=True)
class Consent:
    """Consent to removals; without any, nothing is removed."""

    owned: bool = False
    """Objects that these files created or adopted and do not declare any more."""
    prune: tuple[str, ...] = ()
    """Objects that the files do not declare: KIND, KIND:NAME or department:NAME; * and ? stand for characters."""
    replace: tuple[str, ...] = ()
    """KIND:NAME of declared objects that replace one of another number, which is removed with all that it holds."""
    remove: tuple[str, ...] = ()
    """KIND:NAME of single objects, without wildcards: the only way to remove what is otherwise protected."""

    def __post_init__(self) -> None:
        Selection(self.prune)
        for pattern in (*self.remove, *self.replace):
            section, _, name = pattern.partition(":")
            if section not in SECTIONS:
                raise BadOption(f"{unknown('kind', section, SECTIONS)} Give KIND:NAME, such as users:100.")
            if not name:
                raise BadOption(f"{pattern} names no object. Give KIND:NAME, such as users:100.")

    @classmethod
    def of(cls, rules: Mapping[str, Any], given: Mapping[str, Any]) -> Consent:
        """Consent by files, and by options in addition.

        Parameters:
            rules: section `pbx` of the files
            given: owned, prune, replace and remove, as far as they are given
        """
        return cls(
            bool(given.get("owned")) or rules.get("removal") == "owned",
            (*rules.get("prune", ()), *given.get("prune", ())),
            tuple(given.get("replace", ())),
            tuple(given.get("remove", ())),
        )

    @property
    def given(self) -> bool:
        """Whether anything may be removed."""
        return self.owned or bool(self.prune or self.replace or self.remove)

    def kinds(self) -> Iterator[str]:
        """Names of the kinds it is about, apart from those of the files."""
        for pattern in (*self.prune, *self.replace, *self.remove):
            section = pattern.partition(":")[0]
            if section == "department":
                yield from (kind.name for kind in KINDS.values() if kind.department or kind.name == "group")
            else:
                yield SECTIONS[section].name

    def removes(self, kind: ConfigKind, identity: Identity, department: str | None) -> bool:
        """Whether an object that the files do not declare may be removed; see also `protected`."""
        return self.names(kind, identity) or (
            bool(self.prune) and Selection(self.prune).chooses(kind, identity, department)
        )

    def names(self, kind: ConfigKind, identity: Identity) -> bool:
        """Whether an object is named individually for removal."""
        return any(pattern == named(kind, identity) for pattern in self.remove)

    def replaces(self, kind: ConfigKind, identity: Identity) -> bool:
        """Whether a declared object may replace another one."""
        return any(like(named(kind, identity), pattern) for pattern in self.replace)


def named(kind: ConfigKind, identity: Identity) -> str:
    """How an object is named in patterns, such as users:100."""
    return f"{kind.section}:{name_of(kind, identity)}"


def protected(kind: ConfigKind, row: Mapping[str, Any]) -> str | None:
    """Why an object stays unless it is named individually; None where nothing protects it.

    Parameters:
        kind: of the object
        row: as `Pbx.everything` returns it
    """
    if kind.name == "trunk":
        return "a trunk"
    if kind.name == "group" and row.get("is_default"):
        return "the default department"
    if kind.name == "fax" and row.get("fax_server"):
        return "the fax server"
    if kind.name in ("parameter", "tenant_property"):
        return f"{kind.description.one}, which may be one of the PBX's own,"
    if kind.name == "outbound_rule" and row.get("emergency_rule"):
        return "an emergency rule"
    if kind.name == "user":
        roles = [_role(one) for one in row["groups"] or ()] if "groups" in row else [None]
        if _OWNER in roles:
            return "a system owner"
        if None in roles:
            return "a user whose roles the PBX does not show, and who may be a system owner,"
    return None


def _role(membership: Any) -> Any:
    rights = membership.get("rights") if isinstance(membership, Mapping) else None
    return rights.get("role_name") if isinstance(rights, Mapping) else None
