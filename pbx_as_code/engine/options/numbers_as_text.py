"""Texts made of digits that YAML may have changed: 00441234567 is read as 75839863, +15550133 as 15550133.

The action plugin reads the source and turns an unchanged number into text, see plugin_utils/_written_numbers. A number
that is still one has no source that could be seen. An extension such as 100 may be meant so; a telephone number, a
prefix or a PIN may have lost a zero or a plus sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pbx_as_code.description import Key, Property
from pbx_as_code.engine.options.credentials import is_credential
from pbx_as_code.engine.report.failure import refused

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
        Failure: it is a number
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
        Failure: there is one
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
