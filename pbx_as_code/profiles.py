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
_SECRET_SOURCES: Final = ("client_secret_env", "client_secret_command", "keyring")
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
    return name in profile_names()


def profile_names() -> list[str]:
    """Names of all profiles, sorted; none where the file with the profiles cannot be read."""
    try:
        found = tomllib.loads(profiles_path().read_text(encoding="utf-8-sig")).get("profiles", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return []
    return sorted(found) if isinstance(found, dict) else []


def read_profile(name: str) -> Mapping[str, Any]:
    """The settings of a profile.

    Parameters:
        name: of the profile

    Raises:
        ProfileError: there is no such profile, the file cannot be read, or the profile has an unknown key
    """
    path = profiles_path()
    try:
        profiles = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("profiles", {})
    except FileNotFoundError:
        raise ProfileError(f"There is no {path}, so there is no profile {name}.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError(f"{path} cannot be read: {error}") from None
    if not isinstance(profiles, dict):
        raise ProfileError(f"{path}: profiles is a table of profiles, such as [profiles.{name}].")
    found = profiles.get(name)
    if found is not None and not isinstance(found, dict):
        raise ProfileError(f"{path}: profiles.{name} is no table; write its keys below the line [profiles.{name}].")
    if found is None:
        there = f"there are: {', '.join(sorted(profiles))}" if profiles else f"add it below the line [profiles.{name}]"
        raise ProfileError(f"There is no profile {name} in {path}; {there}.")
    strange = sorted(found.keys() - PROFILE_KEYS)
    if strange:
        known = ", ".join(sorted(PROFILE_KEYS))
        raise ProfileError(f"{path}: the profile {name} takes no {strange[0]}; it takes {known}.")
    named = [key for key in _SECRET_SOURCES if found.get(key)]
    if len(named) > 1:
        raise ProfileError(f"{path}: {named[0]} and {named[1]} of the profile {name} exclude each other.")
    for key, value in found.items():
        wanted, called = _TYPES.get(key, (str, "a text"))
        if not isinstance(value, wanted):
            raise ProfileError(f"{path}: {key} of the profile {name} is {called}.")
    return found


def client_secret_of(settings: Mapping[str, Any], address: str, client_id: str) -> str | None:
    """The client secret that settings name; None if they name none.

    Parameters:
        settings: of a profile: client_secret_env, client_secret_command or keyring
        address: of the PBX, as the keyring knows it
        client_id: number of the service principal, as the keyring knows it

    Raises:
        ProfileError: there is no secret where they say, the command fails, or there is no keyring
    """
    found: str | None
    if "client_secret_env" in settings:
        variable = str(settings["client_secret_env"])
        found, where = os.environ.get(variable), f"the environment variable {variable} (client_secret_env)"
    elif settings.get("client_secret_command"):
        command = settings["client_secret_command"]
        found, where = _printed_by(command), f"the output of client_secret_command ({command[0]})"
    elif settings.get("keyring"):
        found, where = _from_keyring(address, client_id), f"the keyring under {address} for {client_id}"
    else:
        return None
    if not found:
        raise ProfileError(f"There is no client secret in {where}.")
    return found


def _printed_by(command: Any) -> str:
    """The first line that a command prints: password managers keep the password there, and notes below."""
    if not isinstance(command, list) or not all(isinstance(part, str) for part in command):
        raise ProfileError("client_secret_command is a list of texts: a program and its arguments.")
    try:
        run = subprocess.run(  # noqa: S603 the command that the user's own file names
            command, stdout=subprocess.PIPE, check=True, encoding="utf-8", timeout=_SECONDS_FOR_A_SECRET
        )
    except FileNotFoundError:
        raise ProfileError(f"client_secret_command failed: there is no program {command[0]}.") from None
    except subprocess.CalledProcessError as error:
        raise ProfileError(f"client_secret_command failed: {command[0]} ended with {error.returncode}.") from None
    except subprocess.TimeoutExpired:
        message = f"client_secret_command failed: {command[0]} took more than {_SECONDS_FOR_A_SECRET} seconds."
        raise ProfileError(message) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it cannot be run, or printed no UTF-8"
        raise ProfileError(f"client_secret_command failed: {command[0]}: {reason}.") from None
    return next((line.strip() for line in run.stdout.splitlines() if line.strip()), "")


def _from_keyring(address: str, client_id: str) -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise ProfileError("keyring = true needs the package keyring. Run: pip install keyring") from None
    try:
        found: str | None = keyring.get_password(address, client_id)
    except KeyringError as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise ProfileError(f"The keyring cannot be read: {first}") from None
    return found
