"""Files in any style, any drift: adopted once, nothing is lost, and the files say what the PBX has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from pbx_as_code.config.adopting.outcome import Reason
from pbx_as_code.config.adopting.writing import flow
from pbx_as_code.config.loader import load_sources, loaded
from pbx_as_code.config.nodes import ConfigError
from tests.config.adopting import adopted, after, layers_of, matches_of
from tests.config.yaml_styles import Style

_RUNS: Final = 250
_TEXTS: Final = (
    "Ann",
    "O'Neil",
    'the "best"',
    "a: b",
    "x #y",
    "yes",
    "0123",
    "äöü €",
    "Ann Bea Cid",
    "- a",
    "{a}",
    "*a",
    "",
)
_PHONES: Final = ("+15550101", "+15550102", "0049 30 1")
_LINES: Final = ("a\nb\n", "a\n\n b", "x\n")


def _user(random: Random) -> dict[str, Any]:
    return {
        "first_name": random.choice(_TEXTS),
        "last_name": random.choice(_TEXTS),
        "mobile": random.choice((None, *_PHONES)),
        "enabled": random.choice((True, False)),
        "language": random.choice(("EN", "DE")),
        "groups": [
            {"group": name, "rights": {"role_name": random.choice(("users", "managers"))}}
            for name in random.sample(("Sales", "Help desk", "R&D"), random.randint(1, 3))
        ],
    }


def _queue(random: Random) -> dict[str, Any]:
    return {
        "name": random.choice(_TEXTS),
        "ring_timeout": random.choice((None, 5, 20, 99)),
        "priority_queue": random.choice((True, False)),
        "polling_strategy": random.choice(("Hunt", "RingAll")),
        "agents": [
            {"number": str(number), "skill_group": random.choice(("1", "2"))}
            for number in random.sample(range(100, 104), random.randint(0, 3))
        ],
        "comfort_prompts": random.sample(("a.wav", "b.wav", "c d.wav"), random.randint(0, 3)),
        "forward_no_answer": random.choice((None, {"to": "VoiceMail", "number": random.choice(("100", "101"))})),
    }


def _app(random: Random) -> dict[str, Any]:
    return {"name": random.choice((*_LINES, *_TEXTS)), "routing_type": random.choice(("DialCode", "Trunk"))}


def _trunk(random: Random) -> dict[str, Any]:
    return {
        "did_numbers": random.sample(_PHONES, random.randint(0, 3)),
        "simultaneous_calls": random.choice((1, 2)),
        "gateway": {"name": random.choice(("A", "B: c")), "host": random.choice(("sip.example", "sip2.example"))},
    }


_MAKERS: Final = {
    "users": (_user, "10"),
    "queues": (_queue, "80"),
    "trunks": (_trunk, "1000"),
    "call_flow_apps": (_app, "85"),
}


def _some(random: Random, values: dict[str, Any]) -> dict[str, Any]:
    return dict(random.sample(list(values.items()), random.randint(1, len(values))))


def _company(random: Random) -> dict[str, list[dict[str, Any]]]:
    return {
        section: [
            {"number": f"{start}{number}", **_some(random, maker(random))} for number in range(random.randint(1, 3))
        ]
        for section, (maker, start) in random.sample(list(_MAKERS.items()), random.randint(1, 4))
    }


def _drifted(random: Random, company: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The same company with some other values; every declared option has one."""
    there: dict[str, list[dict[str, Any]]] = {}
    for section, objects in company.items():
        maker, start = _MAKERS[section]
        there[section] = [
            one | {option: value for option, value in maker(random).items() if option in one and random.random() < 0.3}
            for one in objects
        ]
        if random.random() < 0.2 and section != "call_flow_apps":  # a new one has a script, which is never written
            there[section].append({"number": f"{start}9", **maker(random)})
    return there


def _keeps_all(before: Any, now: Any) -> bool:
    """Whether nothing that is written goes: no item and no structure."""
    if isinstance(before, dict):
        return isinstance(now, dict) and all(_keeps_all(value, now[key]) for key, value in before.items() if key in now)
    if not isinstance(before, list):
        return True
    if not isinstance(now, list) or not all(isinstance(one, dict) for one in (*before, *now)):
        return bool(before == now)
    key = "group" if any("group" in one for one in before) else "number"
    items = {one[key]: one for one in now}
    return all(one[key] in items and _keeps_all(one, items[one[key]]) for one in before)


@dataclass(frozen=True)
class Drift:
    """Files in a random style, and a PBX that has other values."""

    company: dict[str, list[dict[str, Any]]]
    there: dict[str, list[dict[str, Any]]]
    text: str
    comments: list[str]
    newline: str
    bom: bytes

    @property
    def files(self) -> dict[str, bytes]:
        """Content of each file by path."""
        return {"x.yml": self.bom + self.text.replace("\n", self.newline).encode()}

    @property
    def actual(self) -> str:
        """The state of the PBX."""
        return "".join(f"{section}: {flow(objects)}\n" for section, objects in self.there.items())


def random_drift(seed: int) -> Drift:
    """A company in files, and what its PBX has; every fourth has anchors."""
    random = Random(seed)
    company = _company(random)
    there = _drifted(random, company)
    style = Style(random, anchors=seed % 4 == 0)
    text = style.file(company)
    newline, bom = random.choice(("\n", "\n", "\r\n")), random.choice((b"", b"", b"\xef\xbb\xbf"))
    return Drift(company, there, text, style.comments, newline, bom)


def _checked(seed: int) -> tuple[bool, bool]:
    """Adopt a random drift into random files; returns whether something was adopted, and whether nothing may go."""
    drift = random_drift(seed)
    company, there, text, newline, bom = drift.company, drift.there, drift.text, drift.newline, drift.bom
    content, actual = drift.files, drift.actual
    where = f"seed {seed}:\n{text}\n--- PBX\n{actual}"
    try:
        made = adopted(actual, dict(content))
    except (ConfigError, ValueError) as error:
        raise AssertionError(f"{where}\n{error}") from error
    allowed = {Reason.TEXT} if "&" in text else set()
    assert {one.reason for one in made.conflicts} <= allowed, f"{where}{made.conflicts}"
    layers = after(made, layers_of(dict(content)))
    now = layers[0].sources[0][1]
    where += f"--- after\n{now.decode()}"
    again = adopted(actual, dict(layers[0].sources))
    if not made.conflicts:  # else an alias that is gone may have been the only obstacle
        assert (again.files, again.conflicts) == ({}, []), where
    if not made.conflicts:
        left = matches_of(loaded(layers), load_sources([("pbx.yml", actual.encode())]), add=True)
        assert (left.differing, left.left) == ([], []), where
    assert now.startswith(b"\xef\xbb\xbf") == bool(bom), where
    assert not re.search(rb"(?<!\r)\n" if newline == "\r\n" else rb"\r", now), where
    keeps = all(_keeps_all({section: objects}, {section: there[section]}) for section, objects in company.items())
    if keeps:
        comments = re.findall(r"#c\d+\b", now.decode())
        assert sorted(comments) == sorted(drift.comments), where
    return bool(made.files), keeps


def test_any_style_and_any_drift() -> None:
    done = [_checked(seed) for seed in range(_RUNS)]
    assert sum(adopting for adopting, _ in done) > _RUNS / 2
    assert sum(adopting and keeps for adopting, keeps in done) > _RUNS / 10
