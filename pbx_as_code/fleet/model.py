"""A fleet as it was declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from pbx_as_code.config.nodes import Place
from pbx_as_code.profiles import ProfileError, client_secret_of

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

SecretSource: TypeAlias = Literal[
    "client_secret_env", "client_secret_command", "client_secret_variable", "keyring"
]  # fmt: skip
SECRET_SOURCES: Final[tuple[SecretSource, ...]] = (
    "client_secret_env",
    "client_secret_command",
    "client_secret_variable",
    "keyring",
)

CANARIES: Final = "pbx_canaries"
"""Group with the PBXs that have canary: true."""


class SecretReference(NamedTuple):
    """Source of the client secret of a PBX. The file never contains the secret itself."""

    source: SecretSource
    value: str | tuple[str, ...]
    """Name of the environment variable, program with its arguments, or name of an Ansible variable; empty for keyring.
    """
    place: Place

    def settings(self) -> dict[str, Any]:
        """The reference as a profile spells it."""
        if self.source == "keyring":
            return {"keyring": True}
        return {self.source: list(self.value) if isinstance(self.value, tuple) else self.value}


class Layer(NamedTuple):
    """One directory or file of configuration."""

    path: Path
    """Absolute, or relative to the current directory if the path of the fleet file is."""
    place: Place


@dataclass(frozen=True)
class FleetPbx:
    """One PBX of a fleet, with everything that the defaults and its groups add."""

    name: str
    place: Place
    url: str
    """Base URL, such as https://pbx.example.com."""
    client_id: str
    secret: SecretReference
    ca_path: str | None = None
    """PEM file with the certificate authorities to trust."""
    validate_certs: bool = True
    layers: tuple[Layer, ...] = ()
    """Those of the defaults, of the groups from the outermost to the innermost, at one depth in the order of the file,
    then its own; later ones win.
    """
    limits: Mapping[str, int] = field(default_factory=dict)
    """Limits on removals: objects and percent."""
    canary: bool = False
    """Whether changes are applied to this PBX before the others."""
    groups: tuple[str, ...] = ()
    """Groups that it names itself."""
    variables: Mapping[str, Any] = field(default_factory=dict)
    """Its own variables for Ansible, without those of its groups."""

    def client_secret(self) -> str:
        """The client secret, from the environment, a command or the keyring.

        Raises:
            ProfileError: the secret is not there or only Ansible knows it; the text names the PBX and the reference
        """
        source, value, place = self.secret
        if source == "client_secret_variable":
            raise ProfileError(
                f"{place}: {self.name}: only Ansible knows the variable {value}. Use client_secret_env, "
                "client_secret_command or keyring here."
            )
        try:
            found = client_secret_of(self.secret.settings(), self.url, self.client_id)
        except ProfileError as error:
            raise ProfileError(f"{place}: {self.name}: {error}") from None
        if found is None:
            raise ProfileError(f"{place}: {self.name}: {source} is empty.")
        return found

    def connect(self, *, read_only: bool = True) -> XapiClient:
        """A client of this PBX. Nothing is sent before its first request.

        Parameters:
            read_only: make it refuse to write

        Raises:
            ProfileError: see client_secret
            threecx_xapi.errors.ConfigurationError: the connection cannot work, such as a ca_path without certificates
        """
        from threecx_xapi import XapiClient

        return XapiClient(
            self.url, client_id=self.client_id, client_secret=self.client_secret(), verify=self.validate_certs,
            ca_path=self.ca_path, read_only=read_only,
        )  # fmt: skip


@dataclass(frozen=True)
class FleetGroup:
    """A group of PBXs."""

    name: str
    place: Place
    children: tuple[str, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    """Variables for Ansible."""


@dataclass(frozen=True)
class Fleet:
    """Everything that a fleet file declares."""

    path: Path
    pbxs: Mapping[str, FleetPbx]
    """By name, in the order of the file."""
    groups: Mapping[str, FleetGroup]
    conditions: Mapping[str, str]
    """Groups whose members an expression of Ansible chooses, by name."""
    variables: Mapping[str, Any]
    """Variables for Ansible that all PBXs have."""
    objects: tuple[str, ...] = ()
    """Kinds of objects of each PBX that the Ansible inventory lists as hosts: users, phones."""
    parallel: int | None = None
    """Number of PBXs that a command works on at a time."""
    max_failures: int | None = None
    """Number of failed PBXs after which an apply begins no further one."""
    for_ansible: Mapping[str, Any] = field(default_factory=dict)
    """Sections that only the inventory plugin uses, such as keyed_groups."""

    def members(self, group: str) -> list[str]:
        """The names of the PBXs of a group and of the groups within it, in the order of the file.

        Parameters:
            group: name of a declared group
        """
        within, left = set[str](), [group]
        while left:
            name = left.pop()
            if name not in within:
                within.add(name)
                left.extend(self.groups[name].children)
        return [name for name, pbx in self.pbxs.items() if within.intersection(pbx.groups)]
