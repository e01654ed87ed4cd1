"""Secrets that Ansible Vault encrypts: whole files, and single values behind the tag !vault."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any, Final

from pbx_as_code.errors import BadOption

HEADER: Final = "$ANSIBLE_VAULT;"
"""First characters of everything that Ansible Vault has encrypted."""
PASSWORD_FILE: Final = "ANSIBLE_VAULT_PASSWORD_FILE"  # noqa: S105 the name of a variable
_SECONDS: Final = 60


def encrypted(text: str) -> bool:
    """Whether Ansible Vault has encrypted a text."""
    return text.lstrip().startswith(HEADER)


class Vault:
    """Decrypts with one password, which is read when it is needed for the first time."""

    def __init__(self, password_file: Path | None = None) -> None:
        """Nothing is read yet.

        Parameters:
            password_file: with the password, or a program that prints it; the environment names it where this is None
        """
        self._password_file = password_file
        self._opened: Any = None

    def decrypted(self, text: str, what: str) -> str:
        """The text that was encrypted.

        Parameters:
            text: as it stands in the file, header included
            what: it is, for messages, such as the path of the file

        Raises:
            BadOption: ansible-core is not installed, there is no password or it does not fit
        """
        lines = "\n".join(line.strip() for line in text.strip().splitlines())
        if self._opened is None:
            self._opened = self._open(what)
        library, failure = self._opened
        try:
            found: bytes = library.decrypt(lines.encode())
            return found.decode()
        except failure:
            raise BadOption(
                f"{what} cannot be decrypted: the vault password does not fit, or it is damaged. Nothing was sent.",
                target="vault_password_file",
            ) from None
        except UnicodeDecodeError:
            raise BadOption(f"{what} holds no text in UTF-8. Nothing was sent.", target="secrets_file") from None

    def _open(self, what: str) -> tuple[Any, type[Exception]]:
        try:
            from ansible.errors import AnsibleError
            from ansible.parsing.vault import VaultLib, VaultSecret
        except ImportError:
            raise BadOption(
                f"{what} is encrypted with Ansible Vault, and ansible-core is not installed: pip install ansible-core",
                target="secrets_file",
            ) from None
        return VaultLib([("default", VaultSecret(self._password(what)))]), AnsibleError

    def _password(self, what: str) -> bytes:
        named = self._password_file or os.environ.get(PASSWORD_FILE)
        if not named:
            raise BadOption(
                f"{what} is encrypted with Ansible Vault. Give --vault-password-file or set {PASSWORD_FILE}.",
                target="vault_password_file",
            )
        path = Path(named).expanduser()
        try:
            if path.is_file() and os.access(path, os.X_OK):
                run = subprocess.run(  # noqa: S603 the program that the user has named
                    [str(path.absolute())], stdout=subprocess.PIPE, check=True, timeout=_SECONDS
                )
                password = run.stdout.strip()
            else:
                password = path.read_bytes().strip()
        except OSError as error:
            raise BadOption(
                f"The vault password file {path} cannot be read: {error.strerror}.", target="vault_password_file"
            ) from None
        except subprocess.SubprocessError:
            raise BadOption(
                f"The vault password program {path} failed. Run it to see why.", target="vault_password_file"
            ) from None
        if not password:
            raise BadOption(f"The vault password file {path} is empty.", target="vault_password_file")
        return password
