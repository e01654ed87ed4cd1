"""Profiles of ~/.config/threecx/config.toml, and credentials that a setting names instead of containing them.

[profiles.acme]
url = "https://pbx.example.com"
client_id = "900"
client_secret_command = ["pass", "show", "3cx/acme"]   # or client_secret_env, or keyring = true
"""

from __future__ import annotations

import os
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

PROFILE_KEYS: Final = frozenset(
    {"url", "client_id", "client_secret_command", "client_secret_env", "keyring", "ca_path", "validate_certs"}
)
"""Keys of a profile."""
_TYPES: Final[Mapping[str, tuple[type, str]]] = {
    "client_secret_command": (list, "a list of texts: a program and its arguments"),
    "keyring": (bool, "true or false"),
    "validate_certs": (bool, "true or false"),
}
_SECONDS_FOR_A_SECRET: Final = 60


class ProfileError(Exception):
    """A profile does not exist or cannot be used, or a credential cannot be read; its text is one sentence."""


def profiles_path() -> Path:
    """Path of the file with the profiles, whether it exists or not."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "threecx" / "config.toml"


def has_profile(name: str) -> bool:
    """Whether there is a profile of this name; False as well where the file with the profiles cannot be read.

    Parameters:
        name: of the profile
    """
    try:
        return name in tomllib.loads(profiles_path().read_text(encoding="utf-8")).get("profiles", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False


def read_profile(name: str) -> Mapping[str, Any]:
    """The settings of a profile.

    Parameters:
        name: of the profile

    Raises:
        ProfileError: there is no such profile, the file cannot be read, or the profile has an unknown key
    """
    path = profiles_path()
    try:
        profiles = tomllib.loads(path.read_text(encoding="utf-8")).get("profiles", {})
    except FileNotFoundError:
        raise ProfileError(f"There is no {path}, so there is no profile {name}.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError(f"{path} cannot be read: {error}") from None
    if not isinstance(profiles, dict):
        raise ProfileError(f"{path}: profiles is a table of profiles, such as [profiles.{name}].")
    found = profiles.get(name)
    if not isinstance(found, dict):
        raise ProfileError(f"There is no profile {name} in {path}; there are: {', '.join(sorted(profiles))}.")
    strange = sorted(found.keys() - PROFILE_KEYS)
    if strange:
        known = ", ".join(sorted(PROFILE_KEYS))
        raise ProfileError(f"{path}: the profile {name} takes no {strange[0]}; it takes {known}.")
    for key, value in found.items():
        wanted, called = _TYPES.get(key, (str, "a text"))
        if not isinstance(value, wanted):
            raise ProfileError(f"{path}: {key} of the profile {name} is {called}.")
    return found


def client_secret_of(settings: Mapping[str, Any], address: str, client_id: str) -> str | None:
    """The client secret that settings name; None if they name none, or there is none where they say.

    Parameters:
        settings: of a profile: client_secret_env, client_secret_command or keyring
        address: of the PBX, as the keyring knows it
        client_id: number of the service principal, as the keyring knows it

    Raises:
        ProfileError: the command fails, or there is no keyring
    """
    if "client_secret_env" in settings:
        return os.environ.get(str(settings["client_secret_env"]))
    command = settings.get("client_secret_command")
    if command:
        if not isinstance(command, list) or not all(isinstance(part, str) for part in command):
            raise ProfileError("client_secret_command is a list of texts: a program and its arguments.")
        try:
            run = subprocess.run(  # noqa: S603 the command that the user's own file names
                command, stdout=subprocess.PIPE, check=True, text=True, timeout=_SECONDS_FOR_A_SECRET
            )
        except (OSError, subprocess.SubprocessError):
            raise ProfileError(f"client_secret_command failed: {command[0]}") from None
        return run.stdout.strip()
    if settings.get("keyring"):
        try:
            import keyring
        except ImportError:
            raise ProfileError("The profile wants a keyring: pip install keyring") from None
        found: str | None = keyring.get_password(address, client_id)
        return found
    return None
