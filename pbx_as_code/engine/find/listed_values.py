"""Values that a PBX lists, such as roles and phone templates: what exists is said where a value does not.

An option with such a value is a plain text, not a reference: the PBX itself decides what it accepts. Nothing is looked
up unless the PBX refuses a write, or check mode would send one. The message then lists what exists.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from threecx_xapi import errors, paging

from pbx_as_code.description import EntityDescription, Property
from pbx_as_code.engine.find.knowledge import value
from pbx_as_code.engine.limits import LARGEST_LIST
from pbx_as_code.suggestions import existing

if TYPE_CHECKING:
    from pbx_as_code.engine.task import EntityTask, SettingsTask
    from pbx_as_code.errors import PbxError

_MOST = 1000
"""Rows of a list that are looked at."""
_REFUSALS = (400, 404, 409, 422, 500)
"""Statuses with which a PBX answers a value that it does not know."""


class _Source(NamedTuple):
    """A list of a PBX that has the values of an option."""

    label: str
    path: str
    value: str
    """The property that an option takes."""
    name: str | None = None
    """Another property that people know it by."""
    expand: str | None = None
    first: bool = False
    """Whether the first row has all values, as every user has the same forwarding profiles."""


_PROMPTS = _Source("prompt", "CustomPrompts", "Filename", "DisplayName")
_ROLES = _Source("role", "Groups", "Rights/RoleName", expand="Rights")
_ZONES = _Source("time zone", "Defs/TimeZones", "Id", "IanaName")
_PHONE_TEMPLATES = _Source("phone template", "PhoneTemplates", "Id")
_TRUNK_TEMPLATES = _Source("trunk template", "TrunkTemplates", "Id", "Name")
_PROFILES = _Source("forwarding profile", "Users", "ForwardingProfiles/Name", expand="ForwardingProfiles", first=True)
_LANGUAGES = _Source("language", "PromptSets", "LanguageCode")
"""Languages of which prompts are installed. A PBX may take others."""
_DEPARTMENTS = _Source("department", "Groups", "Name", "Number")
_AFTER_REFUSALS = frozenset({_LANGUAGES, _DEPARTMENTS})
"""Lists that need not be complete: check mode does not warn about a value that they lack."""

#: By the name of an option, wherever it stands in the options of a task.
LISTED: Mapping[str, tuple[_Source, ...]] = {
    "role_name": (_ROLES,),
    "time_zone_id": (_ZONES,),
    "template_name": (_PHONE_TEMPLATES,),
    "custom_logo": (_Source("phone logo", "PhoneLogos", "Filename"),),
    "sbc_name": (_Source("SBC", "Sbcs", "Name"),),
    "transcribe_language": (
        _Source("transcription language", "VoicemailSettings/Pbx.GetTranscribeLanguages()", "Code", "Name"),
    ),
    **dict.fromkeys(
        (
            "callback_offer_prompt",
            "comfort_prompts",
            "custom_prompt",
            "destination_no_answer_prompt",
            "emergency_play_prompt",
            "greeting_file",
            "holiday_prompt",
            "intro_file",
            "prompt",
            "prompt_filename",
        ),
        (_PROMPTS,),
    ),
    **dict.fromkeys(
        ("music_on_hold", "on_hold_file", *(f"music_on_hold{n}" for n in range(1, 10))),
        (_PROMPTS, _Source("playlist", "Playlists", "Name")),
    ),
}
#: By the kind and the option, for names that mean something else elsewhere.
LISTED_IN: Mapping[tuple[str, str], tuple[_Source, ...]] = {
    ("fxs", "time_zone"): (_ZONES,),
    ("trunk", "template"): (_TRUNK_TEMPLATES,),
    ("user", "language"): (_LANGUAGES,),
    ("user", "current_profile_name"): (_PROFILES,),
    ("group", "language"): (_LANGUAGES,),
    ("sbc", "group"): (_DEPARTMENTS,),
}


def explained_by_lists(task: EntityTask | SettingsTask, failure: PbxError) -> PbxError:
    """A failure, with what exists in the place of values that the PBX does not list.

    Parameters:
        task: that failed
        failure: as it was raised
    """
    if task.info or failure.in_doubt or failure.status not in _REFUSALS:
        return failure
    hints = _hints(task)
    return failure.saying(f"{failure.msg} {' '.join(hints)}", changed=failure.changed) if hints else failure


def unlisted_values(task: EntityTask | SettingsTask, sent: Collection[str]) -> list[str]:
    """Warnings of check mode about values that the PBX does not list.

    Parameters:
        task: in check mode
        sent: XAPI names of the properties that would be sent
    """
    return [f"{hint} Ignore this if an earlier task in the play creates it." for hint in _hints(task, sent)]


def _hints(task: EntityTask | SettingsTask, sent: Collection[str] | None = None) -> list[str]:
    properties = tuple(prop for prop in task.properties if sent is None or prop.name in sent)
    given = dict(_given(task.description.name, properties, task.given, ""))
    if sent is None and isinstance(task.description, EntityDescription):
        for parameter in task.description.init_with:
            sources = LISTED_IN.get((task.description.name, parameter.option))
            text = task.given.get(parameter.option)
            if sources and isinstance(text, str):
                given[parameter.option] = (text, sources)
    known: dict[_Source, dict[str, str] | None] = {}
    hints = []
    for option, (text, sources) in given.items():
        if sent is not None and not _AFTER_REFUSALS.isdisjoint(sources):
            continue
        found: dict[str, str] = {}
        for source in sources:
            if source not in known:
                known[source] = _read(task, source)
            listed = known[source]
            if listed is None:  # it cannot be read, so nobody knows what is in it
                break
            found |= listed
        else:
            if (found or sent is None) and text not in {shown.partition(" (")[0] for shown in found.values()}:
                label, pbx = " or ".join(source.label for source in sources), task.pbx
                hints.append(f"{option}: there is no {label} {text} on {pbx}{existing(text, found)}")
    return hints


def _given(
    kind: str, properties: tuple[Property, ...], given: Mapping[str, Any], within: str
) -> Iterator[tuple[str, tuple[str, tuple[_Source, ...]]]]:
    """The values of options that a PBX lists, by the path of the option."""
    for prop in properties:
        held = given.get(prop.option)
        path = f"{within}{prop.option}"
        sources = LISTED_IN.get((kind, path)) or LISTED.get(prop.option)
        for number, item in enumerate(held if isinstance(held, list) else [held]):
            here = f"{path}[{number}]" if isinstance(held, list) else path
            if isinstance(item, Mapping):
                yield from _given(kind, prop.fields, item, f"{here}.")
            elif sources and prop.reference is None and not prop.secret and isinstance(item, str) and item.strip():
                yield here, (item, sources)


def _read(task: EntityTask | SettingsTask, source: _Source) -> dict[str, str] | None:
    """Return the values of a list by each text that may mean one; None where it cannot be read."""
    names = [name.partition("/")[0] for name in (source.value, source.name) if name]
    asked = {"$expand": source.expand} if source.expand else {"$select": ",".join(names)}
    try:
        rows: Any = (
            task.client.request(
                "GET", f"/{source.path}", params={**asked, "$top": "1"} if source.first else None
            ).json()["value"]
            if source.first or source.path.endswith(")")
            else list(
                islice(paging.iterate(task.client, f"/{source.path}", params=asked, max_bytes=LARGEST_LIST), _MOST)
            )
        )
    except (errors.XapiError, KeyError, TypeError):
        return None
    found: dict[str, str] = {}
    first, _, rest = source.value.partition("/")
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, Mapping):
            continue
        held = row.get(first)
        for one in held if isinstance(held, list) else [held]:
            text = value(one, rest) if rest and isinstance(one, Mapping) else one
            if not isinstance(text, str) or not text:
                continue
            name = row.get(source.name) if source.name else None
            shown = f"{text} ({name})" if isinstance(name, str) and name not in ("", text) else text
            found[text] = shown
            if isinstance(name, str) and name:
                found.setdefault(name, shown)
    return found
