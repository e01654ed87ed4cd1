"""Modules of singletons give the same result in the controller and wherever they are shipped to.

Three of them, which have between them whatever the others have: shipping one costs most of a second, and that each of
the others gives the same result is tested without ansible-playbook (tests/collection/every_module/test_settings.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pbx_simulator import SimulatedPbx
from tests.collection.property_values import CANARY, given
from tests.collection.settings_values import SETTINGS, options, plant
from tests.playbook.test_both_ways import ACCESS, Step, addresses, check_expectations, comparable, of_each_kind, tasks

Playbook = Callable[..., Any]
CHOSEN = {name: SETTINGS[name] for name in ("mail_settings", "office_hours", "secure_sip_settings")}


def steps() -> list[Step]:
    """Everything of each is read, and everything of each is changed; of one, whatever else a task can say."""
    found: list[Step] = []
    for name, description in CHOSEN.items():
        found.append((f"{name}_info", {}, "same"))
        found.append((name, {prop.option: given(prop) for prop in options(description)}, "changed"))
    return [
        *found,
        ("mail_settings", {"mail_user": None}, "changed"),
        ("mail_settings", {"mail_user": None, "mail_server_type": "custom"}, "failed"),
        ("mail_settings", {"mail_password": f"{CANARY}-again", "update_secrets": "on_create"}, "same"),
        ("mail_settings", {"mail_user": "x", "if_match": 'W/"stale"'}, "failed"),
        ("mail_settings", {"state": "absent"}, "failed"),
        ("mail_settings", {}, "same"),
        ("mail_settings_info", {"reveal_secrets": False}, "same"),
        ("office_hours_info", {"reveal_secrets": True}, "failed"),
    ]


def planted(factory: Callable[..., SimulatedPbx]) -> SimulatedPbx:
    pbx = factory()
    for description in CHOSEN.values():
        plant(pbx, description)
    return pbx


def test_shipped_and_in_the_controller(playbook: Playbook, pbx_factory: Callable[..., SimulatedPbx]) -> None:
    here, near = planted(pbx_factory), planted(pbx_factory)
    doing = steps()
    shipping = of_each_kind(doing)
    play = {
        "hosts": "here,near",
        "strategy": "free",
        "diff": True,
        "module_defaults": ACCESS,
        "tasks": tasks(doing, shipping),
    }
    run = playbook([play], "-vvvv", variables=addresses(here=here, near=near)).ok()
    check_expectations(run.on("here"), doing)
    for mine, shipped in zip(run.on("here"), run.on("near"), strict=True):
        assert comparable(mine.result, here) == comparable(shipped.result, near), mine.task
    assert [(w.method, w.path, w.body) for w in here.writes] == [(w.method, w.path, w.body) for w in near.writes]
    assert sum("Using module file" in line for line in run.stdout.splitlines()) == len(shipping)
    assert CANARY not in run.output
    assert near.client_secret not in run.output
