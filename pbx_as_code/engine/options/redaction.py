"""Keeping credentials out of everything that is shown: options, answers, and what a failed task says.

In plain data they are told by the name of what holds them: an operation's answer and body are as the PBX spells them,
and the document marks no credential. A name is judged by how it ends, so that those of releases to come are found too;
a value that is no text and holds none (a "Secret" that is only switched on or off, an interval) is none.

In options they are told by the place and never by the value. Ansible itself searches everything it shows for the values
of no_log options: a PIN of 178 then turns extension 178 into asterisks, and a password with a backslash is not found
where a structure was written as text. Here a no_log option is hidden, an option that does not exist, a credential in
free-form data, and a structure that should hold a credential but is no structure. A task with a credential in an option
that there is not, or in the host, is refused, and the message does not repeat it.

Only messages are searched for values. The client hides what is called like a credential; what only the catalogue knows
to be one, and what the PBX has and nobody gave, is known from the description, the options and the rows that were read.
A value that is public elsewhere in the task stays readable: a PIN may be the number of its extension, and part of a
telephone number.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from threecx_xapi.redact import is_credential as is_credential
from threecx_xapi.redact import redacting

from pbx_as_code.description import Property
from pbx_as_code.engine.options.structures import structure_of
from pbx_as_code.errors import PbxError
from pbx_as_code.walk import Values, places


def without_credentials(value: Any) -> Any:
    """A copy of what the PBX answered without the properties that are credentials."""
    if isinstance(value, Mapping):
        return {name: without_credentials(inner) for name, inner in value.items() if not _holds(name, inner)}
    return [without_credentials(item) for item in value] if isinstance(value, list) else value


def hidden(value: Any, word: str) -> Any:
    """A copy for people, with a word in the place of each credential."""
    if isinstance(value, Mapping):
        return {name: word if _holds(name, inner) else hidden(inner, word) for name, inner in value.items()}
    return [hidden(item, word) for item in value] if isinstance(value, list) else value


def credentials_in(value: Any) -> set[str]:
    """The values of all credentials in an option, which may still be the text of a mapping."""
    if isinstance(value, str):
        try:
            value = structure_of(value)
        except (TypeError, ValueError):
            return set()
    return set(_credentials(value, within=False))


def _credentials(value: Any, *, within: bool) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _credentials(inner, within=within or is_credential(str(name)))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _credentials(item, within=within)
    elif within and value is not None and not isinstance(value, bool) and str(value):
        yield str(value)


def _holds(name: str, value: Any) -> bool:
    return value is not None and not isinstance(value, bool) and is_credential(name)


NAMES_CREDENTIALS = "config"
"""The option with names of credentials, each as {secret: NAME}, whose values stand elsewhere."""
MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
_DEEPEST = 100
_LARGEST = 10**64
_IN_A_HOST = re.compile(r"((?:.*?://)?[^:@]*:)(.+)(?=@)", re.DOTALL)
_URLS = ("host", "token_cache")
"""Options whose value may be a URL with a password."""
Spec = Mapping[str, Mapping[str, Any]]


def masked(spec: Spec, options: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the options that may be shown and logged.

    Parameters:
        spec: the argument spec of the module
        options: as they were written, or after validation
    """
    names = _names(spec)
    shown: dict[str, Any] = {}
    for name, value in options.items():
        option = spec.get(names.get(name, name))
        if value is None:
            shown[name] = None
        elif option is None or option.get("no_log"):
            shown[name] = MASK
        elif name in _URLS and isinstance(value, str):
            shown[name] = _IN_A_HOST.sub(rf"\g<1>{MASK}", value)
        else:
            shown[name] = _masked_value(option, value)
    return shown


def secret_texts(spec: Spec, options: Mapping[str, Any]) -> set[str]:
    """The texts in the places that masked() hides, for messages that may repeat them.

    Options that do not exist are left out: whatever was written there is no credential of this task for certain.
    """
    return {text for text, secret in _texts_of_options(spec, options) if secret}


def public_texts(spec: Spec, options: Mapping[str, Any]) -> set[str]:
    """The names of the options, and the texts that masked() shows."""
    return {text for text, secret in _texts_of_options(spec, options) if not secret} | _names_within(spec)


def texts(value: Any, depth: int = 0) -> Iterator[str]:
    """Every text and number in a value, the names within structures included."""
    if depth > _DEEPEST or value is None or isinstance(value, bool):
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name)
            yield from texts(inner, depth + 1)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts(item, depth + 1)
    elif not (isinstance(value, int) and abs(value) >= _LARGEST):  # refused for its size, and Python prints none larger
        yield str(value)
        if isinstance(value, float):
            yield f"{value:g}"


def _masked_value(option: Mapping[str, Any], value: Any) -> Any:
    """The value of an option that is no credential itself."""
    if value is None:
        return None
    if _is_free_form(option):
        return _masked_free_form(value)
    suboptions = option.get("options")
    if not suboptions:
        return value
    if isinstance(value, Mapping):
        return masked(suboptions, value)
    if isinstance(value, list):
        return [
            masked(suboptions, item) if isinstance(item, Mapping) else _unstructured(option, item) for item in value
        ]
    return _unstructured(option, value)


def _unstructured(option: Mapping[str, Any], value: Any) -> Any:
    """Something in the place of a structure; nobody can tell a credential in it from the rest."""
    return MASK if value is not None and _holds_secret(option) else value


def _masked_free_form(value: Any) -> Any:
    """Data without suboptions, in which credentials are told by their names."""
    if _too_deep(value):
        return MASK
    if isinstance(value, str):
        try:
            read = structure_of(value)
        except (TypeError, ValueError):
            return MASK
        return MASK if credentials_in(read) else value
    return hidden(value, MASK)


def _too_deep(value: Any) -> bool:
    """Whether a structure is deeper than anything that is not refused for that."""
    level = [value]
    for _ in range(_DEEPEST):
        inner: list[Any] = []
        for one in level:
            inner += one.values() if isinstance(one, Mapping) else one if isinstance(one, list | tuple) else ()
        if not inner:
            return False
        level = inner
    return True


def _is_free_form(option: Mapping[str, Any]) -> bool:
    return "dict" in (option.get("type"), option.get("elements")) and not option.get("options")


def _holds_secret(option: Mapping[str, Any]) -> bool:
    return bool(option.get("no_log")) or any(map(_holds_secret, (option.get("options") or {}).values()))


def _texts_of_options(spec: Spec, options: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Every text in the options that exist, and whether it is in the place of a credential."""
    names = _names(spec)
    for name, value in options.items():
        option = spec.get(names.get(name, name))
        if option is None:
            continue
        if name in _URLS and isinstance(value, str) and (found := _IN_A_HOST.match(value)):
            yield found[2], True
        elif option.get("no_log"):
            held = list(value.values()) if isinstance(value, Mapping) else value  # a name is no credential
            yield from ((text, True) for text in texts(held))
        elif _is_free_form(option):
            if _too_deep(value):
                continue
            named = set(_named_credentials(value)) if name == NAMES_CREDENTIALS else set()
            yield from ((text, text not in named) for text in credentials_in(value) | named)
            if not isinstance(value, str):
                yield from ((text, False) for text in texts(hidden(value, "")))
        elif option.get("options"):
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, Mapping):
                    yield from _texts_of_options(option["options"], item)
                else:
                    yield from ((text, _holds_secret(option)) for text in texts(item))
        else:
            yield from ((text, False) for text in texts(value))


def _named_credentials(value: Any, depth: int = 0) -> Iterator[str]:
    """The names in markers such as {auth_password: {secret: NAME}}."""
    if depth > _DEEPEST or not isinstance(value, Mapping | list):
        return
    if isinstance(value, Mapping) and list(value) == ["secret"] and isinstance(value["secret"], str):
        yield value["secret"]
        return
    for inner in value.values() if isinstance(value, Mapping) else value:
        yield from _named_credentials(inner, depth + 1)


def _names(spec: Spec) -> dict[str, str]:
    return {alias: name for name, option in spec.items() for alias in option.get("aliases", ())}


def _names_within(spec: Spec) -> set[str]:
    found = set(spec) | set(_names(spec))
    return found.union(*(_names_within(option["options"]) for option in spec.values() if option.get("options")))


#: Generous: nothing is done by such an option, so nobody misses what is hidden of it.
_LIKE_ONE = re.compile(r"pas|pw|secr|pin|tok|key|cred|auth|cod", re.IGNORECASE)
_SHORTEST = 4
"""Characters; what is shorter stands in too many words of the message."""


def misplaced_credentials(spec: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any]) -> set[str]:
    """Find values that a message must not repeat, in addition to the module's known credentials.

    Parameters:
        spec: the options, as AnsibleModule takes them
        given: the options as they were written
    """
    hosts = (*(given.get(name) for name in _URLS), *(os.environ.get(f"THREECX_{name.upper()}") for name in _URLS))
    within = {found[2] for host in hosts if isinstance(host, str) and (found := _IN_A_HOST.match(host))}
    return within | set(_misspelled(spec, given, 0))


def _misspelled(spec: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any], depth: int) -> Iterator[str]:
    if spec.keys() >= given.keys() and not any("options" in spec[name] for name in given):
        return
    known = {alias for option in spec.values() for alias in option.get("aliases", ())} | spec.keys()
    for name, value in given.items():
        if name not in known:
            yield from _texts_in_a_wrong_place(value, depth, within=_LIKE_ONE.search(str(name)) is not None)
        elif "options" in spec.get(name, {}):
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, Mapping):
                    yield from _misspelled(spec[name]["options"], item, depth + 1)


def _texts_in_a_wrong_place(value: Any, depth: int, *, within: bool) -> Iterator[str]:
    if depth > 30:  # deeper than anything that is not refused for that
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts_in_a_wrong_place(
                inner, depth + 1, within=within or _LIKE_ONE.search(str(name)) is not None
            )
    elif isinstance(value, list):
        for item in value:
            yield from _texts_in_a_wrong_place(item, depth + 1, within=within)
    elif within and not isinstance(value, bool) and len(str(value)) >= _SHORTEST:
        yield str(value)


_HIDDEN = "********"
_SHORT = 6
"""Characters. A shorter secret is unseen only where it stands alone."""


def hush(
    failure: PbxError,
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
    found = list(_texts_of_properties(properties, given, by_option=True))
    for row in rows:
        found += _texts_of_properties(properties, row, by_option=False)
    secrets = {text for text, secret in found if secret}
    shown = {text for text, secret in found if not secret}
    without(failure, secrets, shown | set(public) | {str(failure.status)})


def without(failure: PbxError, secrets: Collection[str], public: Collection[str] = ()) -> None:
    """Take what is known to be secret out of what a failure says; it is changed in place."""
    clean = cleaner(secrets, public)
    failure.msg = clean(failure.msg)
    failure.code = failure.code and clean(failure.code)
    failure.target = failure.target and clean(failure.target)


def clean_result(result: dict[str, Any], clean: Callable[[str], str]) -> None:
    """Take credentials out of the free text of a failed task's result, in place; everything else is
    told by property.
    """
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
    unseen = {secret for secret in secrets if secret.strip()} - set(public)
    if not unseen:
        return lambda text: text
    contained = {secret for secret in unseen if any(secret in value for value in public)}
    kept = sorted((value for value in public if any(secret in value for secret in contained)), key=len, reverse=True)
    everywhere, elsewhere = _redact(unseen - contained), _redact(contained)
    between = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, kept))})(?!\w)") if kept else None

    def clean(text: str) -> str:
        text = everywhere(text)
        if between is None:
            return text
        return "".join(part if n % 2 else elsewhere(part) for n, part in enumerate(between.split(text)))

    return clean


def _redact(secrets: Collection[str]) -> Callable[[str], str]:
    """Replacing secrets in any writing: as Python and JSON show them; and, with the client, in
    URLs, HTML and the like.
    """
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


def _texts_of_properties(
    properties: tuple[Property, ...], values: Mapping[str, Any], *, by_option: bool
) -> Iterator[tuple[str, bool]]:
    """Every text in the values of properties, and whether it is a credential."""
    yield from ((name, False) for name in _names_of(properties, by_option))
    for place in places(properties, values, divide=_structures_in, by_option=by_option):
        if place.divided:
            yield from ((name, False) for name in _names_of(place.prop.fields, by_option))
        elif place.prop.secret or not place.prop.fields:
            yield from ((text, place.prop.secret) for text in texts(place.value))


def _names_of(properties: tuple[Property, ...], by_option: bool) -> list[str]:
    return [prop.option if by_option else prop.name for prop in properties]


def _structures_in(prop: Property, values: Values) -> Iterable[tuple[str, Values]]:
    return () if prop.secret or not prop.fields else [("", (one,)) for one in _mappings(values[0])]


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    """The structures in a list or a structure, however wrongly it was put together: what refuses it may repeat it."""
    if isinstance(value, Mapping):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _mappings(item)
