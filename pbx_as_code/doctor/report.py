"""An examination as text, as JSON, and as the file of traits that the simulator loads."""

from __future__ import annotations

import re
from typing import Any, Final

from pbx_as_code.config.kinds import SECTIONS
from pbx_as_code.config.reporting.titles import section
from pbx_as_code.doctor.findings import ASSUMED, QUESTIONS, Access, Examination

_WORDS: Final = {True: "yes", False: "no", None: "?"}
_REFUSED: Final = (401, 403)
_UNAUTHORIZED: Final = 401
_ALL_401: Final = (
    "Everything was answered 401 although the sign-in worked, so nothing of this report is certain. A token ends when "
    "another program signs in with the same client id: use one for each."
)
_RELEASE: Final = re.compile(r"\d+(\.\d+){0,4}")


def as_text(found: Examination) -> str:
    """A report for people.

    Parameters:
        found: the examination
    """
    lifetime = "not known" if found.token_lifetime is None else f"{found.token_lifetime} seconds"
    lines = [
        f"Release of 3CX:       {found.release or 'not said'}",
        f"Life of a token:      {lifetime}",
        f"May be read:          {_access(found)}",
        f"Requests:             {found.requests}",
        "",
    ]
    width = max(len(question.asks) for question in QUESTIONS.values())
    lines.append(f"{'':{width}}  here  simulator")
    for trait, question in QUESTIONS.items():
        here = found.has(trait)
        assumed = trait in ASSUMED
        mark = " *" if here is not None and here != assumed else ""
        lines.append(f"{question.asks:{width}}  {_WORDS[here]:4}  {_WORDS[assumed]}{mark}".rstrip())
    lines += ["", "* differs from what the simulator assumes", *_advice(found)]
    if found.unknown:
        lines += [
            "",
            "Not known:",
            *(f"  {QUESTIONS[one].asks} {found.findings[one].evidence}" for one in found.unknown),
        ]
    refused = _refused(found)
    if refused and all(one.status == _UNAUTHORIZED for one in found.access):
        lines += ["", _ALL_401]
    elif refused:
        named = [section(one.kind) for one in refused]
        lines += ["", f"The client's role does not admit: {', '.join(named)}."]
        left_out = " ".join(f"--exclude {name}" for name in named if name in SECTIONS)
        lines += [f"To export the others: threecx export DIRECTORY {left_out}"] if left_out else []
    lines += [f"\n{sentence} Remove it: threecx doctor --write-probe" for sentence in found.left_over]
    return "\n".join(lines)


def _advice(found: Examination) -> list[str]:
    told = [QUESTIONS[trait].advice for trait in found.traits if QUESTIONS[trait].advice]
    return ["", "Advice:", *(f"  {sentence}" for sentence in told)] if told else []


def _refused(found: Examination) -> list[Access]:
    return [one for one in found.access if one.status in _REFUSED]


def _access(found: Examination) -> str:
    good = sum(one.status < 300 for one in found.access)
    missing = sum(one.status == 404 for one in found.access)
    said = f"{good} of {len(found.access)} kinds"
    return f"{said}; {missing} do not exist in this release" if missing else said


def as_json(found: Examination) -> dict[str, Any]:
    """A report for programs.

    Parameters:
        found: the examination
    """
    return {
        "release": found.release,
        "token_lifetime": found.token_lifetime,
        "requests": found.requests,
        "traits": found.traits,
        "unknown": found.unknown,
        "findings": [
            {
                **found.findings[trait]._asdict(),
                "question": question.asks,
                "assumed": trait in ASSUMED,
                "advice": question.advice if found.has(trait) else "",
            }
            for trait, question in QUESTIONS.items()
        ],
        "access": {one.kind: one.status for one in found.access},
        "left_over": found.left_over,
    }


def traits_file(found: Examination) -> str:
    """The traits in YAML, as `threecx-simulator --traits FILE` loads them. It has no name, number or secret of the PBX.

    Parameters:
        found: the examination
    """
    release = found.release if found.release and _RELEASE.fullmatch(found.release) else None
    lines = [
        "# How a PBX answers, written by threecx doctor. Try it: threecx-simulator --traits FILE",
        f"release: {release or 'null'}",
        f"token_lifetime: {found.token_lifetime if found.token_lifetime is not None else 'null'}",
        *_names("traits", found.traits),
        "# not determined; the simulator does without them",
        *_names("unknown", found.unknown),
    ]
    return "\n".join(lines) + "\n"


def _names(key: str, names: list[str]) -> list[str]:
    return [f"{key}:", *(f"  - {name}" for name in names)] if names else [f"{key}: []"]
