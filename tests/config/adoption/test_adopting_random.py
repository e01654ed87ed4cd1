"""Random edits of random files: what a PBX has is adopted, adopting again changes nothing, and comments stay."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pbx_as_code.config.adopting.writing import block, flow
from pbx_as_code.config.loader import loaded
from tests.config.adopting import Files, adopted, after, layers_of

_TEXTS = st.text(
    st.sampled_from("aB 0:#'\"{}[],&*!|>-%@`\\~äß€\t"), min_size=1, max_size=8
).filter(lambda text: "{{" not in text and "{%" not in text and "{#" not in text)  # fmt: skip
_NUMBERS = st.lists(st.integers(1, 5), max_size=4, unique=True)
_QUEUE: Any = st.fixed_dictionaries(
    {},
    optional={
        "name": st.none() | _TEXTS,
        "ring_timeout": st.none() | st.integers(1, 99),
        "priority_queue": st.booleans(),
        "polling_strategy": st.sampled_from(["Hunt", "RingAll"]),
        "agents": _NUMBERS.map(lambda found: [{"number": str(n), "skill_group": f"g{n % 2}"} for n in found]),
        "comfort_prompts": st.lists(st.sampled_from(["a.wav", "b.wav", "c: d.wav"]), max_size=3, unique=True),
        "forward_no_answer": st.none()
        | st.fixed_dictionaries({"to": st.just("VoiceMail"), "number": st.sampled_from(["1", "2"])}),
    },
)
_QUEUES = st.dictionaries(st.sampled_from(["800", "801", "802", "803"]), _QUEUE, min_size=1, max_size=3)


@st.composite
def files(draw: st.DrawFn) -> tuple[Files, dict[str, dict[str, Any]]]:
    """Files in any style with a comment in every line that can have one, and the queues that they declare."""
    queues = draw(_QUEUES)
    lines = ["queues:"]
    for number, options in queues.items():
        values = {"number": number, **options}
        if draw(st.booleans()):
            lines += [f"# about {number}", f"- {flow(values)}  # line {number}"]
            continue
        written = f"- {block(values, '  ')}".split("\n")
        keep = all("\\" not in line for line in written)
        lines += [f"# about {number}", ""] if draw(st.booleans()) else [f"# about {number}"]
        lines += [f"{line}  # {number}.{n}" if keep else line for n, line in enumerate(written)]
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = newline.join(lines) + draw(st.sampled_from(["", newline, f"{newline}{newline}# end{newline}"]))
    bom = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    found = {"x.yml": bom + text.encode()}
    if draw(st.booleans()):
        found["defaults.yml"] = b"defaults:\n  queues:\n    ring_timeout: 20\n    name: All\n"
    return found, queues


@st.composite
def changed(draw: st.DrawFn, queues: dict[str, dict[str, Any]]) -> str:
    """State of the PBX: most options are as declared, and some differ."""
    there = []
    for number, options in queues.items():
        other = draw(_QUEUE)
        values: dict[str, Any] = {"name": "All", "ring_timeout": 20} | options
        there.append({"number": number, **values, **{k: v for k, v in other.items() if draw(st.booleans())}})
    if draw(st.booleans()):
        there.append({"number": "899", "name": draw(_TEXTS)})
    return "queues: " + flow(there) + "\n"


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_a_pbx_has_is_adopted_once_and_comments_stay(data: st.DataObject) -> None:
    before, queues = data.draw(files())
    actual = data.draw(changed(queues))
    made = adopted(actual, dict(before))
    assert not made.conflicts
    layers = after(made, layers_of(dict(before)))
    again = adopted(actual, dict(layers[0].sources))
    assert (again.files, again.conflicts) == ({}, [])
    assert loaded(layers)
    text = dict(layers[0].sources)["x.yml"].decode()
    old = before["x.yml"].decode()
    assert set(re.findall(r"# about \d+", text)) == set(re.findall(r"# about \d+", old))
    assert ("\r" in text) == ("\r" in old)
    assert text.startswith("\ufeff") == old.startswith("\ufeff")
    if not made.files:
        assert text == old
