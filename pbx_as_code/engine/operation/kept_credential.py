"""Operations that answer with a credential: some make it by the call, and show it this once."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pbx_as_code.engine.operation import download
from pbx_as_code.engine.options.redaction import is_credential
from pbx_as_code.errors import PbxError

if TYPE_CHECKING:
    from threecx_xapi.index import Described

_PRIVATE = 0o600
#: Of no use without the credential in their answer, although their names do not say that there is one.
_FURTHER = frozenset({"SetOAuthState"})


def answers_one(described: Described) -> bool:
    """Whether the answer of an operation is a credential, or an object that is asked for because of one."""
    return described.answer in ("value", "json") and (is_credential(described.id) or described.id in _FURTHER)


def check_place(described: Described, dest: Any, mode: Any) -> int:
    """Refuse a file that cannot be written, before anything is sent; return its permissions.

    Raises:
        PbxError: dest or mode cannot be used
    """
    permissions = download.check(dest, mode)
    path = download.file_path(dest, described.id)
    if not os.access(os.path.dirname(path), os.W_OK | os.X_OK):
        raise PbxError(
            f"dest: there is no permission to write in {os.path.dirname(path)}. Nothing was sent.", target="dest"
        )
    return _PRIVATE if permissions is None else permissions


def kept(described: Described, value: Any, dest: str, mode: int, *, write: bool) -> dict[str, Any]:
    """Write the answer of an operation to a file: a text as it is, anything else as JSON.

    Parameters:
        described: the operation
        value: what it answered
        dest: the file, from check_place
        mode: its permissions
        write: False only tells what would change

    Returns:
        changed, file and size of the result; no checksum, by which a short credential could be guessed

    Raises:
        PbxError: it answered with no credential, or the file cannot be written
    """
    if value is None or value == "" or (isinstance(value, Mapping) and not value):
        raise PbxError(
            f"Operation {described.id} was carried out, but the response of the PBX contains no credential. "
            f"{dest} was left unchanged. Check in the admin console before you call it again.",
            changed=not described.reads,
        )
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    content = io.BytesIO(text.encode())
    try:
        stored = download.store(dest, None, content, mode, write=write)
    except PbxError as failure:
        raise PbxError(
            f"Operation {described.id} was carried out, but its response is lost. "
            f"{failure.msg.removesuffix(' Nothing was written.')} Correct that, then call it again.",
            target="dest",
            changed=not described.reads,
        ) from None
    return {"changed": stored.changed or not described.reads, "file": stored.path, "size": stored.size}
