"""Prompts that files name and a PBX does not list: a plan says so before a PBX refuses them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pbx_simulator import SimulatedPbx
from tests.config.applying import Site, site

QUEUE = "queues: [{number: '800', greeting_file: %s}]\n"
ROUTE = "receptionists: [{number: '802', holidays_route: {is_prompt_enabled: true, prompt: %s}}]\n"


@pytest.fixture(scope="module")
def at() -> Iterator[Site]:
    with SimulatedPbx() as running, site(running) as made:
        yield made


def test_a_prompt_that_is_not_listed_is_a_hint(at: Site) -> None:
    hints = at.plan(QUEUE % "sumer.wav" + ROUTE % "summer.wav").hints
    assert hints == [
        "queue 800 greeting_file: There is no custom prompt called sumer.wav; did you mean summer.wav or "
        "welcome.wav? Upload it first, or the PBX may refuse this value."
    ]
    (hint,) = at.plan(QUEUE % "summer.wav" + ROUTE % "none.wav").hints
    assert hint.startswith("digital receptionist 802 holidays_route.prompt: There is no custom prompt called none.wav")
    assert not at.plan("queues: [{number: '800', on_hold_file: none.wav}]\n").hints  # it may be music of a playlist


def test_a_required_prompt_is_an_error_and_no_hint(at: Site) -> None:
    made = at.plan("required: {custom_prompts: [new.wav]}\n" + QUEUE % "new.wav")
    assert (made.hints, [kind for kind, _, _ in made.impossible]) == ([], ["custom_prompt"])


def test_prompts_are_read_only_if_an_operation_names_one(at: Site) -> None:
    at.simulated.fail("/xapi/v1/CustomPrompts", status=403, times=None)
    try:
        assert not at.plan(QUEUE % "none.wav").hints  # the role does not admit it
    finally:
        at.simulated.go_by(None)
    at.apply(QUEUE % "summer.wav")
    before = len(at.simulated.requests)
    assert at.plan(QUEUE % "summer.wav" + "users: [{number: '100', first_name: New}]\n").operations
    assert not [one for one in at.simulated.requests[before:] if "CustomPrompts" in one.path]
