"""Properties that a PBX keeps as one text and a task gives as a list of structures: the keys of a user's phones.

A key that was read carries its own XML along. As long as nothing of the key changes, exactly that is sent again, so
that kinds nobody knows and ways of writing nobody expected survive. Positions that are missing stay missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pbx_as_code.description import Property
from pbx_as_code.engine.compare.profiles import PROFILES, profile, profile_index
from pbx_as_code.engine.report.failures import refused
from pbx_as_code.suggestions import did_you_mean

Row = dict[str, Any]


def decoded(properties: Iterable[Property], row: Row) -> Row:
    """Return the rows with structures instead of encoded texts."""
    texts = {prop.name: prop for prop in properties if prop.encoding and isinstance(row.get(prop.name), str)}
    return row | {name: parse(row[name]) for name, prop in texts.items()} if texts else row


def encoded(properties: Iterable[Property], body: Row) -> Row:
    """Return the body with encoded texts instead of structures."""
    lists = {prop.name: prop for prop in properties if prop.encoding and isinstance(body.get(prop.name), list)}
    return body | {name: render(body[name]) for name, prop in lists.items()} if lists else body


def check(properties: Iterable[Property], wanted: Mapping[str, Any]) -> None:
    """Refuse structures of a task that no text could be made of.

    Raises:
        PbxError: naming the option
    """
    for prop in properties:
        if prop.encoding and isinstance(wanted.get(prop.name), list):
            check_keys(wanted[prop.name], prop.option)


Key = dict[str, Any]
XML = "Xml"
"""Key of the original XML; it is no option."""
_NO_KEYS = "<PhoneDevice><BLFS /></PhoneDevice>"
_KEY = re.compile(r"<BLF(?=[\s/>])(?P<head>[^>]*?)(?:/>|>(?P<text>.*?)</BLF>)", re.DOTALL)
_ATTRIBUTE = re.compile(r"""(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_QUOTES = {"&quot;": '"', "&apos;": "'"}
#: The number of each type, and the fields that a key of it has.
TYPES: dict[str, tuple[int, tuple[str, ...]]] = {
    "BLF": (0, ("Extension",)),
    "SpeedDial": (1, ("Extension",)),
    "CustomSpeedDial": (2, ("Number", "FirstName", "LastName")),
    "SharedParking": (3, ("Parking",)),
    "QueueLogin": (4, ("QueueLogin",)),
    "ProfileStatus": (5, ("Profile",)),
    "Line": (6, ()),
}
_FIELDS = ("Extension", "Number", "FirstName", "LastName", "Parking", "QueueLogin", "Profile")
_LOGINS = {"login": "LOGGEDINQUEUE", "logout": "LOGGEDOUTQUEUE"}


def parse(text: str) -> list[Key]:
    """The keys that a layout has, in its order; extensions and parkings as `{Id, Number}`."""
    return [_parsed(found) for found in _KEY.finditer(text)]


def render(keys: list[Key]) -> str:
    """The layout that has these keys.

    Parameters:
        keys: as parse returns them, or new ones without their XML
    """
    if not keys:
        return _NO_KEYS
    ordered = sorted(keys, key=lambda key: int(key["Position"]))
    return f"<PhoneDevice><BLFS>{''.join(map(_rendered, ordered))}</BLFS></PhoneDevice>"


def check_keys(keys: list[Mapping[str, Any]], option: str) -> None:
    """Refuse keys that no PBX could store, see key_faults.

    Parameters:
        keys: as a task gives them, by XAPI name
        option: that gives them, for messages

    Raises:
        PbxError: a key has a fault
    """
    for number, key in enumerate(keys):
        for field, fault in key_faults(key):
            raise refused(f"{option}[{number}].{field}", fault)


def key_faults(key: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Options of a key that no PBX could store, and why.

    It has no position, an unusable value, lacks what its type needs, or has what another type needs.

    Parameters:
        key: as a task gives it, by XAPI name
    """
    kind = key.get("Type")
    if not isinstance(key.get("Position"), int) or key["Position"] < 1:
        yield "position", "give the position of the key on the phone, counted from 1."
    if kind is None:
        yield "type", f"give the type of the key: {', '.join(TYPES)}."
    if kind not in TYPES:
        return  # one that was read: it is sent as it was, or refused where there is nothing to send
    wanted = TYPES[kind][1]
    given = [name for name in _FIELDS if key.get(name) not in (None, "")]
    for name in wanted:
        if name not in given and name not in ("FirstName", "LastName"):
            yield _option(name), f"a key of type {kind} needs it."
    for name in given:
        if name not in wanted:
            yield _option(name), f"a key of type {kind} does not have it."
    for name in ("Number", "FirstName", "LastName"):
        if "\n" in str(key.get(name) or "") or "\r" in str(key.get(name) or ""):
            yield _option(name), "a line break in it would separate it from the next field."
    chosen, login = key.get("Profile"), key.get("QueueLogin")
    if chosen not in (None, "") and profile_index(str(chosen)) is None:
        near = did_you_mean(str(chosen), PROFILES)
        yield "profile", f"there is no forwarding profile {chosen}{near} There are: {', '.join(PROFILES)}."
    if login is not None and login not in _LOGINS:
        yield "queue_login", f"{login} is not one of {', '.join(_LOGINS)}."


def _parsed(found: re.Match[str]) -> Key:
    head = {name: _plain(one or other) for name, one, other in _ATTRIBUTE.findall(found["head"])}
    text, kind = _plain(found["text"] or ""), head.get("BLFType", "")
    number = head.get("BLFNo", "")
    key: Key = {"Position": int(number) if number.isdecimal() else 0, "Type": kind, XML: found[0]}
    if kind in ("BLF", "SpeedDial"):
        key["Extension"] = {"Id": head.get("ID"), "Number": text}
    elif kind == "SharedParking":
        key["Parking"] = {"Id": head.get("ID"), "Number": text}
    elif kind == "CustomSpeedDial":
        lines = text.replace("\r\n", "\n").split("\n")
        key |= dict(zip(("Number", "FirstName", "LastName"), (*lines, "", "", ""), strict=False))
    elif kind == "QueueLogin":
        key["QueueLogin"] = next((word for word, sent in _LOGINS.items() if sent == head.get("ID")), head.get("ID"))
    elif kind == "ProfileStatus" and text.strip().isdecimal():
        key["Profile"] = profile(text)
    return key


def _rendered(key: Key) -> str:
    own = key.get(XML)
    found = _KEY.fullmatch(own) if isinstance(own, str) else None
    if found and _same(_parsed(found), key):
        return str(own)
    kind = key["Type"]
    if kind not in TYPES:
        raise refused("blf_keys", f"{kind} is not a type of key that can be created; choose one of {', '.join(TYPES)}.")
    identity, text = "-1", ""
    if kind in ("BLF", "SpeedDial", "SharedParking"):
        target = key["Parking" if kind == "SharedParking" else "Extension"]
        identity, text = str(target["Id"]), str(target["Number"])
    elif kind == "CustomSpeedDial":
        text = "\n".join(str(key.get(name) or "") for name in ("Number", "FirstName", "LastName"))
    elif kind == "QueueLogin":
        identity, text = _LOGINS[key["QueueLogin"]], "DEFINED BY ID"
    elif kind == "ProfileStatus":
        text = str(profile_index(str(key["Profile"])))
    head = f'<BLF ID="{identity}" BLFNo="{key["Position"]}" BLFType="{kind}" BLFTypeID="{TYPES[kind][0]}"'
    from xml.sax.saxutils import escape  # only who has keys

    return f"{head}>{escape(text)}</BLF>" if text else f"{head} />"


def _same(one: Key, other: Key) -> bool:
    def facts(key: Key) -> Key:
        return {
            name: value.get("Number")
            if isinstance(value, Mapping)
            else profile(str(value))
            if name == "Profile"
            else value
            for name, value in key.items()
            if name != XML and value not in (None, "")
        }

    return facts(one) == facts(other)


def _plain(text: str) -> str:
    from xml.sax.saxutils import unescape  # only who has keys

    return unescape(text, _QUOTES)


def _option(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
