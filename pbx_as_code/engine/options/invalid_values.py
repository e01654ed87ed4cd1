"""Options as they were given: nulls are taken out, and values refused that nothing could be done with: those of no
sense, numbers in the place of texts, dates there are none of.

Values are refused before anything has looked at them, Ansible's validation included. That one reads 1e999999999 as a
whole number of a thousand million digits, fails with an exception on a number that no float can hold, and follows a
structure however deep it is; and half a surrogate pair, which JSON can write, is no text that could be sent or shown.

YAML may have changed a text made of digits: 00441234567 is read as 75839863, +15550133 as 15550133. The action plugin
reads the source and turns an unchanged number into text, see plugin_utils/_written_numbers. A number that is still one
has no source that could be seen. An extension such as 100 may be meant so; a telephone number, a prefix or a PIN may
have lost a zero or a plus sign.

Dates come in days, months and years, as holidays have them: 31 February is refused by the name of the option.
"""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pbx_as_code.description import Key, Property
from pbx_as_code.engine.compare.values import canonical
from pbx_as_code.engine.connection import RENAMED_OPTIONS
from pbx_as_code.engine.options.redaction import is_credential
from pbx_as_code.engine.options.structures import structure_of
from pbx_as_code.engine.report.failures import refused
from pbx_as_code.walk import items, places

DEEPEST = 30
"""How many structures and lists may be in each other: the XAPI itself has seven."""
_LONGEST = 64
"""Digits of a number; the longest that the XAPI has is of nineteen."""
_LARGEST = 10**_LONGEST
_NUMBER = ": the number is too large."
_DEEP = ": structures are nested too deeply."
_NO_NUMBER = re.compile(r"e[+-]?[0-9_]{4,}|inf", re.IGNORECASE)


def invalid_values(spec: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, str]:
    """Find invalid values by option, for messages; the messages do not contain the values.

    Parameters:
        spec: the options, as AnsibleModule takes them
        given: the options as they were written
    """
    found: dict[str, str] = {}
    for name, value in given.items():
        option = option_of(spec, name) or {}
        if not option and name in RENAMED_OPTIONS:
            problem: str | None = f": this connection option was renamed to {RENAMED_OPTIONS[name]}."
        else:
            problem = _problem(option, option.get("type"), value, 0)
        if problem is not None:
            found[name] = f"{name}{problem} Nothing was sent."
    return found


def option_of(spec: Mapping[str, Mapping[str, Any]], name: str) -> Mapping[str, Any] | None:
    """The option of a name or an alias; None where there is none.

    Parameters:
        spec: the options, as AnsibleModule takes them
        name: as it was written
    """
    found = spec.get(name)
    return next((one for one in spec.values() if name in one.get("aliases", ())), None) if found is None else found


def _problem(option: Mapping[str, Any], kind: str | None, value: Any, depth: int) -> str | None:
    """Place and kind of a fault in a value: the end of a sentence that begins with the option."""
    if value is None:
        return None
    if depth > DEEPEST:
        return _DEEP
    if kind == "list":
        items = value if isinstance(value, list) else value.split(",") if isinstance(value, str) else [value]
        return _of_items(option, option.get("elements"), items, depth)
    if isinstance(value, str) and (problem := _of_text(kind, value)) is not None:
        return problem
    if kind == "dict" and not isinstance(value, Mapping):
        try:  # where Ansible cannot make a structure of it, it does not say of what, or fails with an exception
            value = structure_of(value)
        except (TypeError, ValueError):
            return ": a structure is needed here."
    if kind in ("int", "float", "bool") and isinstance(
        value, Mapping | list
    ):  # (0, [1], 9) is a decimal number to Python
        return ": one value is needed here, not several."
    if isinstance(value, Mapping):
        return _of_fields(option.get("options") or {}, value, depth)
    if isinstance(value, list):
        return _of_items({}, None, value, depth)
    if isinstance(value, int) and abs(value) >= _LARGEST:
        return _NUMBER
    if isinstance(value, float) and kind in ("int", "float") and not math.isfinite(value):
        return f": {value} is not a number that can be stored."
    return None


def _of_items(option: Mapping[str, Any], kind: str | None, items: list[Any], depth: int) -> str | None:
    for n, item in enumerate(items):
        problem = _problem(option, kind, item, depth + 1)
        if problem is not None:
            return f"[{n}]{problem}"
    return None


def _of_fields(fields: Mapping[str, Any], value: Mapping[str, Any], depth: int) -> str | None:
    for name, item in value.items():
        if isinstance(name, str) and (problem := _of_text(None, name)) is not None:
            return problem
        field = fields.get(name) or {}
        problem = _problem(field, field.get("type"), item, depth + 1)
        if problem is not None:
            return f".{name}{problem}"
    return None


def _of_text(kind: str | None, text: str) -> str | None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return ": it contains half a surrogate pair, which is not valid Unicode."
    if kind in ("int", "float") and (len(text) > _LONGEST or _NO_NUMBER.search(text)):
        return _NUMBER
    return _DEEP if kind == "dict" and _depth(text) > DEEPEST else None


def _depth(text: str) -> int:
    """How deep a structure is that is written as JSON."""
    deepest = depth = 0
    for letter in text:
        if letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth -= 1
    return deepest


def without_nulls(spec: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """A copy without the options that are null.

    To Ansible null is a value like another, refused by choices and counted by required_one_of; here it clears a
    property. So the validation never sees it, and the engine looks at what was given. Options nobody knows stay, to be
    complained about.
    """
    kept: dict[str, Any] = {}
    for name, value in given.items():
        option = option_of(spec, name)
        if option is None or value is not None:
            kept[name] = _nested_without_nulls(option or {}, value)
    return kept


def _nested_without_nulls(option: Mapping[str, Any], value: Any) -> Any:
    suboptions = option.get("options")
    if suboptions and isinstance(value, Mapping):
        return without_nulls(suboptions, value)
    if isinstance(value, list):
        return [_nested_without_nulls(option, item) for item in value]
    return value


#: The ends of the names of options and of XAPI properties that hold what is dialled or shown outside the PBX.
_DIALLED = re.compile(
    r"(?:phone|phone_?number|mobile|caller_?id|external|external_?numbers?|did|did_?numbers?|pager|fax|prefix|prepend"
    r"|(?:area|country|international|national)_?code)[0-9]?\Z",
    re.IGNORECASE,
)
_LOST = "a leading zero or plus sign would be lost; put it in quotes."


def holds_digits(name: str) -> bool:
    """Whether what is called so is dialled, or is a credential, whose digits all matter."""
    return _DIALLED.search(name) is not None or is_credential(name)


def check_digits(prop: Property | Key, written: Any, option: str) -> None:
    """Refuse a number in the place of a telephone number, a prefix or a PIN.

    Parameters:
        prop: what the option is for
        written: one value, as it was written
        option: its name, for messages

    Raises:
        PbxError: it is a number
    """
    if not _is_number(written):
        return
    if getattr(prop, "secret", False):
        if prop.kind in ("str", "concealed"):
            raise refused(option, f"a text is needed here, and YAML has read a number: {_LOST}")
    elif str(prop.kind) == "telephone" or (prop.kind == "str" and _DIALLED.search(prop.option)):
        raise refused(option, f"a text is needed here, and YAML has read the number {written}: {_LOST}")


def check_digits_within(value: Any, where: str) -> None:
    """Refuse numbers in the place of telephone numbers and credentials in plain data, which are told by their names.

    Parameters:
        value: the parameters or the body of an operation
        where: its option, for messages

    Raises:
        PbxError: there is one
    """
    for name, written, path in _named(value, "", where):
        if _is_number(written) and is_credential(name):
            raise refused(path, f"a text is needed here, and YAML has read a number: {_LOST}")
        if _is_number(written) and _DIALLED.search(name):
            raise refused(path, f"a text is needed here, and YAML has read the number {written}: {_LOST}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _named(value: Any, name: str, path: str) -> Iterator[tuple[str, Any, str]]:
    if isinstance(value, Mapping):
        for inner_name, inner in value.items():
            yield from _named(inner, str(inner_name), f"{path}.{inner_name}")
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from _named(item, name, f"{path}[{n}]")
    else:
        yield name, value, path


_FIRST = ("Day", "Month", "Year")
_LAST = ("DayEnd", "MonthEnd", "YearEnd")
_LEAP_YEAR = 2000
"""Year in which dates that repeat every year, stored with year zero, are compared."""


def check_dates(properties: tuple[Property, ...], wanted: Mapping[str, Any], row: Mapping[str, Any] | None) -> None:
    """Refuse dates that do not exist, and an end before the start.

    Parameters:
        properties: of the entity
        wanted: what a task asks for, by XAPI name, in wire form
        row: what is there; it counts for what the task leaves alone

    Raises:
        PbxError: a date is impossible
    """
    if _is_dated(properties):
        _check("", properties, wanted, {**(row or {}), **wanted})
    for place in places(properties, wanted, divide=items):
        if place.prop.many and _is_dated(place.prop.fields) and isinstance(place.value, list):
            for number, item in enumerate(place.value):
                if isinstance(item, Mapping):
                    _check(f"{place.path}[{number}].", place.prop.fields, item, item)


def _is_dated(properties: tuple[Property, ...]) -> bool:
    return {"Day", "Month"} <= {prop.name for prop in properties}


def _check(within: str, properties: tuple[Property, ...], asked: Mapping[str, Any], whole: Mapping[str, Any]) -> None:
    options = {prop.name: prop.option for prop in properties}
    for date in (_FIRST, _LAST):
        if asked.keys() & set(date):
            _check_one(within, options, whole, date)
    if asked.keys() & {*_FIRST, *_LAST, "TimeOfStartDate", "TimeOfEndDate"}:
        _check_order(within, options, whole)


def _check_one(within: str, options: Mapping[str, str], whole: Mapping[str, Any], date: tuple[str, str, str]) -> None:
    day, month, year = date
    of_month, of_day, of_year = whole.get(month), whole.get(day), whole.get(year) or _LEAP_YEAR
    if of_month is not None and not 1 <= of_month <= 12:
        raise refused(f"{within}{options[month]}", f"there is no month {of_month}; give one from 1 to 12.")
    if not 1 <= of_year <= 9999:
        raise refused(f"{within}{options[year]}", f"{of_year} is not a year; give 0 for every year.")
    if of_day is None:
        return
    longest = 31 if of_month is None else calendar.monthrange(of_year, of_month)[1]
    if not 1 <= of_day <= longest:
        meant = f"day {of_day}" if of_month is None else f"day {of_day} in month {of_month}"
        of = f" of {whole[year]}" if whole.get(year) else ""
        raise refused(f"{within}{options[day]}", f"there is no {meant}{of}; the last one is {longest}.")


def _check_order(within: str, options: Mapping[str, str], whole: Mapping[str, Any]) -> None:
    """The end comes after the start; what comes every year may go on into the next one."""
    first = [part for name in reversed(_FIRST) if isinstance(part := whole.get(name), int)]
    last = [part for name in reversed(_LAST) if isinstance(part := whole.get(name), int)]
    if len(first) < len(_FIRST) or len(last) < len(_LAST) or bool(first[0]) != bool(last[0]):
        return
    if first[0] and last < first:
        name = next(name for name, one, other in zip(reversed(_LAST), first, last, strict=True) if other < one)
        raise refused(f"{within}{options[name]}", "the holiday ends before it begins.")
    begin = canonical("day_begin", whole.get("TimeOfStartDate"))
    end = canonical("day_end", whole.get("TimeOfEndDate"))
    if first == last and begin is not None and end is not None and isinstance(begin, type(end)) and end <= begin:
        raise refused(f"{within}{options['TimeOfEndDate']}", "the holiday ends before it begins.")
