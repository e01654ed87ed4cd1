"""Facts that lint reads from a PBX beside the call graph. PINs are looked at in memory and kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from pbx_as_code.callflow.lint.rules.weak_pin import weak

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

T = TypeVar("T")


def weak_pins_of(client: XapiClient) -> frozenset[str] | None:
    """Numbers of users whose voicemail PIN is easy to guess; None if the client may not read users.

    Parameters:
        client: of the PBX

    Raises:
        XapiError: the PBX gives no answer
    """
    users = _readable(lambda: list(client.users.iterate(select=("Number", "VMPIN"))))
    if users is None:
        return None
    return frozenset(one.number for one in users if one.number and one.vmpin and weak(one.number, one.vmpin))


def prompts_of(client: XapiClient) -> frozenset[str] | None:
    """Names of the prompts that were uploaded; None if the client may not read them.

    Parameters:
        client: of the PBX

    Raises:
        XapiError: the PBX gives no answer
    """
    prompts = _readable(lambda: list(client.custom_prompts.iterate()))
    return None if prompts is None else frozenset(one.filename for one in prompts if one.filename)


def _readable(read: Callable[[], T]) -> T | None:
    """Read; None if the role of the client does not admit it, or the PBX does not have it."""
    from threecx_xapi.errors import Forbidden, NotFound

    try:
        return read()
    except (Forbidden, NotFound):
        return None
