"""Facts that lint reads from a PBX beside the call graph. PINs are looked at in memory and kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbx_as_code.callflow.lint.rules.weak_pin import weak

if TYPE_CHECKING:
    from threecx_xapi import XapiClient


def weak_pins_of(client: XapiClient) -> frozenset[str] | None:
    """Numbers of users whose voicemail PIN is easy to guess; None if the client may not read users.

    Parameters:
        client: of the PBX

    Raises:
        XapiError: the PBX gives no answer
    """
    from threecx_xapi.errors import Forbidden, NotFound

    try:
        users = client.users.iterate(select=("Number", "VMPIN"))
        return frozenset(one.number for one in users if one.number and one.vmpin and weak(one.number, one.vmpin))
    except (Forbidden, NotFound):
        return None


def prompts_of(client: XapiClient) -> frozenset[str] | None:
    """Names of the prompts that were uploaded; None if the client may not read them.

    Parameters:
        client: of the PBX

    Raises:
        XapiError: the PBX gives no answer
    """
    from threecx_xapi.errors import Forbidden, NotFound

    try:
        return frozenset(one.filename for one in client.custom_prompts.iterate() if one.filename)
    except (Forbidden, NotFound):
        return None
