"""Keeping credentials out of what a failed task says.

The client hides what is called like a credential. Credentials that only the catalogue marks, or that the PBX has
without a task giving them, are known here: from the description, the options and the rows.

Only messages are searched for values. A value that is public elsewhere in the task stays readable: a PIN may be the
number of its extension, and part of a telephone number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from threecx_xapi.redact import redacting

from pbx_as_code.description import Property
from pbx_as_code.engine.options.masking import texts
from pbx_as_code.engine.report.failure import Failure

_HIDDEN = "********"
_SHORT = 6
"""Characters. A shorter secret is hidden only where it stands alone."""


def hush(
    failure: Failure,
    properties: tuple[Property, ...],
    given: Mapping[str, Any],
    rows: Iterable[Mapping[str, Any]],
    public: Collection[str] = (),
) -> None:
    """Take the credentials of an entity out of what a failure says.

    Parameters:
        failure: changed in place
        properties: of the entity
        given: the options
        rows: what was read of the PBX
        public: further values that stay readable, such as the URL of the PBX
    """
    found = list(_texts_of(properties, given, "option"))
    for row in rows:
        found += _texts_of(properties, row, "name")
    secrets = {text for text, secret in found if secret}
    shown = {text for text, secret in found if not secret}
    without(failure, secrets, shown | set(public) | {str(failure.status)})


def without(failure: Failure, secrets: Collection[str], public: Collection[str] = ()) -> None:
    """Take what is known to be secret out of what a failure says; it is changed in place."""
    clean = cleaner(secrets, public)
    failure.msg = clean(failure.msg)
    failure.code = failure.code and clean(failure.code)
    failure.target = failure.target and clean(failure.target)


def clean_result(result: dict[str, Any], clean: Callable[[str], str]) -> None:
    """Take credentials out of the free text of a failed task's result, in place; everything else is told by property."""
    if result.get("failed"):
        for name in ("msg", "code", "target"):
            if isinstance(result.get(name), str):
                result[name] = clean(result[name])


def cleaner(secrets: Collection[str], public: Collection[str]) -> Callable[[str], str]:
    """Return a function that removes secrets from a message.

    Parameters:
        secrets: the values to hide
        public: values that stay readable, even where a secret is one of them or part of one
    """
    hidden = {secret for secret in secrets if secret.strip()} - set(public)
    if not hidden:
        return lambda text: text
    contained = {secret for secret in hidden if any(secret in value for value in public)}
    kept = sorted((value for value in public if any(secret in value for secret in contained)), key=len, reverse=True)
    everywhere, elsewhere = _redact(hidden - contained), _redact(contained)
    between = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, kept))})(?!\w)") if kept else None

    def clean(text: str) -> str:
        text = everywhere(text)
        if between is None:
            return text
        return "".join(part if n % 2 else elsewhere(part) for n, part in enumerate(between.split(text)))

    return clean


def _redact(secrets: Collection[str]) -> Callable[[str], str]:
    """Replacing secrets in any writing: as Python and JSON show them; and, with the client, in URLs, HTML and the like."""
    forms = sorted({form for secret in secrets for form in _forms(secret)}, key=len, reverse=True)
    further = redacting(secrets) if redacting is not None and secrets else None

    def redact(text: str) -> str:
        for form in forms:
            text = _replaced(text, form)
        return further(text) if further is not None else text

    return redact


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield repr(secret)[1:-1]
    yield repr(repr(secret)[1:-1])[1:-1]
    yield repr([secret, "'"])[2:-7]  # as Python writes it where its quotes are the other ones
    for ascii_only in (True, False):
        yield json.dumps(secret, ensure_ascii=ascii_only)[1:-1]


def _replaced(text: str, form: str) -> str:
    if len(form) < _SHORT:
        return re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", _HIDDEN, text)
    return text.replace(form, _HIDDEN)


def _texts_of(properties: tuple[Property, ...], values: Mapping[str, Any], named_by: str) -> Iterator[tuple[str, bool]]:
    """Every text in the values of properties, and whether it is a credential."""
    for prop in properties:
        name = getattr(prop, named_by)
        yield name, False
        value = values.get(name)
        if value is None:
            continue
        if prop.secret:
            yield from ((text, True) for text in texts(value))
        elif prop.fields:
            for item in _mappings(value):
                yield from _texts_of(prop.fields, item, named_by)
        else:
            yield from ((text, False) for text in texts(value))


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    """The structures in a list or a structure, however wrongly it was put together: what refuses it may repeat it."""
    if isinstance(value, Mapping):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _mappings(item)
