# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of the lookups that read files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase


class FileLookup(LookupBase):  # type: ignore[misc]
    """A lookup whose terms are files, vaulted ones included."""

    def read(self, content: bytes) -> list[Any]:
        """Return the text of a file. Raises ValueError where it cannot be used, with a sentence that follows the file's
        name.
        """
        raise NotImplementedError

    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Return the texts of the files, in the given order.

        Raises:
            AnsibleError: a file is missing or cannot be used
        """
        self.set_options(var_options=variables, direct=kwargs)
        found: list[Any] = []
        for term in terms:
            path = self.find_file_in_search_path(variables, "files", str(term), ignore_missing=True)
            if not path:
                raise AnsibleError(f"The file {term} was not found. Give the path of a file on the controller.")
            try:
                found += self.read(Path(self._loader.get_real_file(path)).read_bytes())
            except ValueError as error:
                raise AnsibleError(f"The file {term} cannot be used: {error}") from None
        return found
