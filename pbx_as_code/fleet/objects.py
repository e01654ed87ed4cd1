"""Users and phones of PBXs, to be listed as hosts of an inventory."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from pbx_as_code.errors import PbxError
from pbx_as_code.fleet.model import FleetPbx
from pbx_as_code.profiles import ProfileError

_AT_A_TIME: Final = 8
_USER: Final = (
    "number",
    "first_name",
    "last_name",
    "display_name",
    "email_address",
    "mobile",
    "enabled",
)
Objects = dict[str, list[dict[str, Any]]]
"""Objects of one PBX by users and phones. None of their values is a credential."""


def objects_of(
    pbxs: Collection[FleetPbx], kinds: Iterable[str], parallel: int | None = None
) -> dict[str, Objects | str]:
    """Objects of each PBX by its name; a sentence about the failure if they could not be read.

    Parameters:
        pbxs: to read from, several at a time
        kinds: users, phones
        parallel: number of PBXs to read from at a time
    """
    kinds = tuple(kinds)

    def read(pbx: FleetPbx) -> Objects | str:
        try:
            return _read(pbx, kinds)
        except (PbxError, ProfileError, ValueError) as error:
            return str(error)

    with ThreadPoolExecutor(max_workers=parallel or _AT_A_TIME) as pool:
        return dict(zip((pbx.name for pbx in pbxs), pool.map(read, pbxs), strict=True))


def _read(pbx: FleetPbx, kinds: tuple[str, ...]) -> Objects:
    from pbx_as_code.pbx import Pbx

    with pbx.connect() as client:
        reader = Pbx(client)
        found: Objects = {}
        if "users" in kinds:
            found["users"] = [
                {
                    **{option: user.get(option) for option in _USER},
                    "groups": [group["group"] for group in user.get("groups") or [] if group.get("group")],
                    "primary_group": user.get("primary_group"),
                }
                for user in reader.everything("user", limit=0)
            ]
        if "phones" in kinds:
            found["phones"] = [
                {**registrar, "extension": phone.get("extension")}
                for phone in reader.info("sip_device", limit=0)
                if (registrar := _registrar(phone)).get("mac")
            ]
    return found


def _registrar(phone: dict[str, Any]) -> dict[str, Any]:
    registrar = phone.get("registrar") or {}
    return {option: registrar.get(option) for option in ("mac", "vendor", "model", "firmware_version", "ip_address")}
