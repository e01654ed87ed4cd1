"""A credential that an operation answers, kept in a file of its owner instead of the result."""

from __future__ import annotations

import json
import os
from typing import Any

from pbx_as_code.engine.operation import download
from pbx_as_code.engine.report.failure import Failure, refused

_PRIVATE = 0o600


def check(dest: str, mode: Any) -> int:
    """Refuse a file that could not be written, before the operation is called: its answer cannot be asked for again.

    Parameters:
        dest: path of the file
        mode: permissions as octal digits in quotes, None for 0600

    Returns:
        the permissions of the file

    Raises:
        Failure: dest is a folder, its folder does not exist or is not writable, or mode is invalid
    """
    wanted = download.check(dest, mode)
    if os.path.isdir(dest) or dest.endswith("/"):
        raise refused(
            "dest", f"{dest} is a folder. Give the path of a file: the PBX suggests no name for a credential."
        )
    folder = os.path.dirname(os.path.realpath(dest))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise refused("dest", f"the folder {folder} is not writable, and the credential could not be kept.")
    return _PRIVATE if wanted is None else wanted


def keep(dest: str, credential: Any, mode: int, *, asked: str, read_only: bool, write: bool) -> download.Stored:
    """Write a credential to a file: text as it is, anything else as JSON.

    Parameters:
        dest: path of the file
        credential: what the operation answered
        mode: permissions of the file
        asked: the operation and its PBX, for messages
        read_only: whether the operation only reads, so that it can be called again
        write: False only tells what would change

    Raises:
        Failure: the file cannot be written
    """
    text = credential if isinstance(credential, str) else json.dumps(credential, ensure_ascii=False, indent=2) + "\n"
    with download.scratch() as content:
        content.write(text.encode())
        try:
            return download.store(dest, None, content, mode, write=write)
        except Failure as failure:
            if read_only:
                raise
            raise Failure(
                f"{asked} was carried out, and the credential it answered could not be kept: "
                f"{failure.msg.removesuffix(' Nothing was written.')} Call it again with another dest; the credential "
                "that was lost may have replaced an earlier one.",
                target="dest",
                changed=True,
            ) from None
