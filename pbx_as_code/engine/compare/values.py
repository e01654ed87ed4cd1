"""One value: written in Ansible, sent to the PBX, compared with what the PBX answers.

Values are compared by what they mean: a date-time as an instant, a duration as a length of time, flags as a set,
a MAC address without its punctuation, an IP address with the mask it has where none is written. A value that cannot be
read is compared as it stands.

A PBX may store a telephone number without its ``+`` and an e-mail address in lower case. Digits are never dropped or
added: ``00`` is not ``+``, and a pattern such as ``*0102`` is compared as it stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta, timezone
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from threecx_xapi import odata

from pbx_as_code.description import Kind, Property
from pbx_as_code.engine.compare.networks import network
from pbx_as_code.engine.compare.profiles import profile
from pbx_as_code.engine.report.failures import refused
from pbx_as_code.walk import Place, mapped

if TYPE_CHECKING:
    from uuid import UUID

_REPEATED: ContextVar[Sequence[Any]] = ContextVar("pbx_as_code.repeated", default=())
_SEPARATORS = re.compile(r"[\s\-./()]")
_NUMBER = re.compile(r"\+?[0-9]+", re.ASCII)
_LIST = re.compile(r"\s*[,;]\s*")


def composed(value: str) -> str:
    """A text in Unicode's composed form (NFC): "ü" is one character, whatever keyboard it comes from."""
    return value if value.isascii() else unicodedata.normalize("NFC", value)


def plain(value: str) -> str:
    """A text as it is compared: a PBX may store the lines of a script or a template with CRLF, and without the last
    line end.
    """
    if "\n" in value or "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    return composed(value)


def texts_of(value: str) -> tuple[str, ...]:
    """The forms in which a text may be stored: as it is written, composed and decomposed."""
    if value.isascii():
        return (value,)
    return tuple(dict.fromkeys((value, composed(value), unicodedata.normalize("NFD", value))))


def telephone(value: str) -> str:
    """The digits of a telephone number, without a leading ``+`` and separators; of a list of them, of each.

    Parameters:
        value: such as +1 (555) 0133; a text that is no number, such as *0102 or anonymous, stays as it is
    """
    numbers = [_SEPARATORS.sub("", one) for one in _LIST.split(value.strip())]
    if not all(map(_NUMBER.fullmatch, numbers)):
        return composed(value)
    return ",".join(number.removeprefix("+") for number in numbers)


def internal_number(value: str) -> str:
    """The number of an object, such as 100, GRP0001 or SP8, in lower case and without the blanks around it."""
    return composed(value.strip()).lower()


def folded(value: str) -> str:
    """A name without regard to case, to blanks around it and to the number of blanks within it."""
    return " ".join(composed(value).casefold().split())


def email(value: str) -> str:
    """An e-mail address, or a list of them, in lower case and without the blanks around it."""
    return composed(_LIST.sub(",", value.strip())).lower()


_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
    re.ASCII,
)
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?")
_MAC = re.compile(r"[0-9A-Fa-f]{12}")
_MAC_PUNCTUATION = re.compile(r"[\s:.\-]")


LONGEST_NAME = 1000
"""Characters of what is looked for by name: a server refuses an address of many thousands."""
_ONE_DAY = timedelta(days=1)
#: From here on it is the end of a day: PBXs have it as PT23H59M, PT24H and P1D.
_LAST_MINUTE = timedelta(hours=23, minutes=59)
#: Stand-in for a concealed credential in comparisons: equal to no value a task can give.
_CONCEALED = object()


def mac(text: str) -> str:
    """Twelve hexadecimal digits in lower case, from any usual notation.

    Raises:
        ValueError: it is no MAC address
    """
    digits = _MAC_PUNCTUATION.sub("", text)
    if not _MAC.fullmatch(digits):
        raise ValueError("not a MAC address, which has twelve hexadecimal digits, such as 00:11:22:33:44:55.")
    return digits.lower()


def instant(text: str) -> datetime:
    """A moment; without an offset it is in UTC.

    Raises:
        ValueError: it is no date-time of RFC 3339
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        utc = timezone.utc  # noqa: UP017 (Python 3.10 has no UTC)
        return moment.astimezone(utc) if moment.tzinfo else moment.replace(tzinfo=utc)
    except (OverflowError, ValueError):
        raise ValueError("not a date and time such as 2026-01-31T08:00:00Z.") from None


def duration(text: str) -> timedelta:
    """A length of time.

    Raises:
        ValueError: it is no duration of ISO 8601 in days, hours, minutes and seconds
    """
    found = _DURATION.fullmatch(text.strip())
    if not found or not any(found.group("days", "hours", "minutes", "seconds")):
        raise ValueError("not a duration such as PT30S, PT5M or P1DT2H.")
    from decimal import Decimal  # only who has a duration

    try:
        length = timedelta(
            days=int(found["days"] or 0),
            hours=int(found["hours"] or 0),
            minutes=int(found["minutes"] or 0),
            microseconds=int(Decimal(found["seconds"] or 0) * 1_000_000),
        )
    except (ArithmeticError, ValueError):
        raise ValueError("too long for a duration.") from None
    return -length if found["sign"] else length


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("not a date such as 2026-01-31.") from None


def _time(text: str) -> time:
    try:
        read = time.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("not a time of day such as 08:30:00.") from None
    if read.tzinfo is not None:
        raise ValueError("a time of day with a UTC offset, which the PBX does not support.")
    return read


def _time_in_day(text: str) -> timedelta:
    """A time of day as a length of time since midnight: 08:30 is PT8H30M.

    Raises:
        ValueError: it is neither a time of day nor a duration, or longer than a day
    """
    written = text.strip()
    if _TIME.fullmatch(written):
        read = _time(written)
        return timedelta(hours=read.hour, minutes=read.minute, seconds=read.second, microseconds=read.microsecond)
    try:
        length = _ONE_DAY if written in ("24:00", "24:00:00") else duration(written)
    except ValueError:
        length = -_ONE_DAY
    if not timedelta() <= length <= _ONE_DAY:
        raise ValueError("not a time of day such as 08:30 or PT8H30M.")
    return length


def uuid(text: str) -> UUID:
    """A UUID.

    Raises:
        ValueError: it is none
    """
    from uuid import UUID  # only who has one

    try:
        return UUID(text.strip())
    except ValueError:
        raise ValueError("not a UUID such as 2f1e0c9a-1b2c-4d3e-8f4a-5b6c7d8e9f00.") from None


def flags(value: Any) -> frozenset[str]:
    """The members of flags, as a list or as the PBX writes them ("A, B"); None has none."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list | frozenset) else []
    return frozenset(str(part).strip() for part in parts) - {""}


_READERS: dict[Kind, Callable[[str], Any]] = {
    "datetime": instant,
    "date": _date,
    "time": _time,
    "duration": duration,
    "uuid": uuid,
    "mac": mac,
    "network": network,
    "day_begin": _time_in_day,
    "day_end": _time_in_day,
}
#: Texts of which there are several spellings. They are sent as they are written.
_SPELLINGS: dict[Kind, Callable[[str], str]] = {
    "str": plain,
    "number": internal_number,
    "telephone": telephone,
    "email": email,
    "profile": profile,
}
#: Kinds of which null is an empty text, too.
TEXTS = frozenset(_SPELLINGS)


#: How the PBX reads a kind. Ansible's users may write 2026-01-31 08:00, 20260131T0800Z and the like, of which it
#: refuses the whole body.
_SENT: dict[Kind, re.Pattern[str]] = {
    "datetime": re.compile(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,7})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
    ),
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "time": re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}"),
    "duration": re.compile(r"P([0-9]{1,9}D)?(T([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}(\.[0-9]{1,7})?S)?)?"),
    "network": re.compile(r".*"),
}
_SENT["day_begin"] = _SENT["day_end"] = _SENT["duration"]


def _as_sent(kind: Kind, written: str) -> bool:
    """Whether a text that means something of this kind is what the PBX reads as it stands."""
    return kind in _SENT and _SENT[kind].fullmatch(written) is not None


def _written(read: Any) -> str:
    """Value the PBX reads for it."""
    if isinstance(read, str):
        return read
    literal: str = odata.literal(read)
    return literal[len("duration'") : -1] if isinstance(read, timedelta) else literal


@contextmanager
def repeating(values: Sequence[Any]) -> Iterator[None]:
    """Accept values without judging them, in this thread: a list or a structure is sent again with what it has.

    Parameters:
        values: that the PBX holds although no task could set them, such as a choice of a newer release
    """
    token = _REPEATED.set(values)
    try:
        yield
    finally:
        _REPEATED.reset(token)


def is_repeated(value: Any) -> bool:
    """Whether a value is sent again as the PBX has it."""
    return value in _REPEATED.get()


def to_wire(prop: Property, value: Any, option: str) -> Any:
    """One item of a property, as it is sent; structures are not this function's business.

    Parameters:
        prop: the property it is for
        value: as Ansible has validated it, not None
        option: its name for messages, such as fxs_lines.number

    Raises:
        PbxError: the value cannot be meant for this property
    """
    if is_repeated(value):
        return value
    reader = _READERS.get(prop.kind)
    if reader is not None:
        try:
            read = reader(value)
        except ValueError as error:
            raise refused(option, f"'{value}' is {error}") from None
        written: str = value.strip()
        return written if _as_sent(prop.kind, written) else _written(read)
    if prop.kind == "concealed":
        return {"Concealed": False, "Value": value}
    if prop.kind == "flags":
        return ", ".join(dict.fromkeys(str(member).strip() for member in value if str(member).strip()))
    check_bounds(prop, value, option)
    return value.strip() if prop.kind == "number" else value


def canonical(kind: Kind, value: Any) -> Any:
    """A value as it is compared: two that mean the same are equal. Always hashable for values that are no structure.

    Null, an empty text, no flags and a time of zero are None, for a PBX that has none of them may answer any of them.
    """
    if value is None or value == "":
        return None
    if kind == "flags":
        return flags(value) or None
    if kind == "concealed" and isinstance(value, Mapping):
        return _CONCEALED if conceals(value) else value.get("Value") or None
    spelling = _SPELLINGS.get(kind)
    if spelling is not None and isinstance(value, str):
        return spelling(value) or None
    reader = _READERS.get(kind)
    if reader is not None and isinstance(value, str):
        try:
            return _or_none(kind, reader(value))
        except ValueError:
            return value
    if kind == "float" and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, bool):  # True equals 1 in Python, and is another value on the wire
        return ("bool", value)
    return value


def _or_none(kind: Kind, read: Any) -> Any:
    """None for a time of zero, and for the end of a day."""
    if kind == "day_end" and read >= _LAST_MINUTE:
        return None
    return None if read in (time(), timedelta()) else read


def is_zero(kind: Kind, value: Any) -> bool:
    """Whether it is what a PBX may leave out because its type begins with it: 0, false, the member None of an enum."""
    if kind == "enum":
        return bool(value == "None")
    return kind in ("int", "float", "bool") and isinstance(value, int | float) and value == 0


def without_control(row: Mapping[str, Any]) -> dict[str, Any]:
    """A copy without the control information that an answer brings along, which is no part of the entity."""
    return {name: value for name, value in row.items() if "@odata" not in name}


def conceals(value: Any) -> bool:
    """Whether the PBX says that there is a credential and does not say which."""
    return isinstance(value, Mapping) and value.get("Concealed") is True


_HAS_TIMES = attrgetter("has_times")


def time_of_day(value: Any) -> Any:
    """A time of day that a PBX answered, as it takes it: some answer 09:00:00.0000000 and refuse it."""
    try:
        return _written(_time(value)) if isinstance(value, str) else value
    except ValueError:
        return value


def _time_sent_back(place: Place) -> Any:
    return time_of_day(place.value) if place.prop.kind == "time" else place.value


def sent_back(properties: tuple[Property, ...], row: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of what the PBX answered, in the form in which it is sent back unchanged.

    Parameters:
        properties: of the entity, or of a structure in it
        row: what the PBX answered
    """
    return mapped(properties, row, change=_time_sent_back, concerns=_HAS_TIMES)


def check_one(kind: Kind, written: Any, option: str) -> None:
    """Refuse what Ansible would turn into something nobody meant: a structure into text, yes into 1.

    Parameters:
        kind: of the option, which takes one value and is no structure
        written: as it was written
        option: its name, for messages

    Raises:
        PbxError: it is of another type
    """
    if isinstance(written, Mapping | list):
        raise refused(
            option, f"one value is needed here, not a {'list' if isinstance(written, list) else 'structure'}."
        )
    check_text(kind, written, option)
    if kind in ("int", "float") and isinstance(written, bool):
        raise refused(option, f"a number is needed here, not {str(written).lower()}.")


def check_text(kind: Kind, written: Any, option: str) -> None:
    """Refuse what YAML has read as something else than the text that was meant: yes, 1.10, 001122334455.

    A whole number is taken for a plain text: an extension is often written so.

    Raises:
        PbxError: it is no text
    """
    if kind not in _SPELLINGS and kind not in _READERS:
        return
    if isinstance(written, bool):
        raise refused(option, f"a text is needed here, not {str(written).lower()}; put it in quotes.")
    if isinstance(written, float) or (isinstance(written, int) and kind not in _SPELLINGS):
        raise refused(option, f"a text is needed here, and YAML has read the number {written}; put it in quotes.")


def check_bounds(prop: Property, value: Any, option: str) -> None:
    """Refuse a number or a text that the PBX cannot hold.

    Raises:
        PbxError: it is too small, too large or too long
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        if prop.minimum is not None and value < prop.minimum:
            raise refused(option, f"{value} is too small; the minimum is {prop.minimum}.")
        if prop.maximum is not None and value > prop.maximum:
            raise refused(option, f"{value} is too large; the maximum is {prop.maximum}.")
    longest = prop.max_length if prop.max_length or prop.reference is None else LONGEST_NAME
    check_length(longest, value, option)


def check_length(longest: int | None, value: Any, option: str) -> None:
    """Refuse a text that is longer than it can be.

    Raises:
        PbxError: it is too long
    """
    if isinstance(value, str) and longest is not None and len(value) > longest:
        raise refused(option, f"it has {len(value)} characters; the maximum is {longest}.")
