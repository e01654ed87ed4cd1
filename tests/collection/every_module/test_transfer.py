"""Results of one PBX as options for another: every kind that can be configured."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from threecx_xapi import XapiClient

from ansible_collection.plugins.filter.as_options import as_options
from ansible_collection.plugins.filter.without_read_only import without_read_only
from pbx_as_code import Pbx
from pbx_as_code.config.kinds import KINDS, Creation
from pbx_as_code.entities import NAMES, description
from pbx_as_code.errors import PbxError
from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx

CANARY = "CANARY-tr4nsf3r"  # invented


def client_of(pbx: SimulatedPbx) -> Pbx:
    return Pbx(XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret, token_cache=False))


def names_of(kind: str, row: dict[str, Any]) -> dict[str, Any]:
    return {option: row[option] for option in KINDS[kind].identity if row.get(option) is not None}


@pytest.mark.parametrize("traits", [AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def test_every_kind_can_be_given_to_another_pbx(pbx_factory: Callable[..., SimulatedPbx], traits: Any) -> None:
    here, there = client_of(pbx_factory(traits=traits)), client_of(pbx_factory(traits=traits))
    created, wrong = set[str](), []
    for kind, about in sorted(KINDS.items(), key=lambda item: item[1].rank):
        rows = here.everything(kind)
        for row in rows:
            options = as_options(row, f"threecx.xapi.threecx_{kind}_info")
            assert not {"id", "etag"} & set(options) or "id" in about.identity, kind
            names = names_of(kind, row)
            # The order of a trunk's rules names rules that would go with it.
            if about.creation is Creation.CREATED and names and not about.twins and kind != "trunk":
                with suppress(PbxError):  # it may be in use
                    there.absent(kind, **names)
                    created.add(kind)
            try:
                result = there.ensure(kind, **options)
                again = there.ensure(kind, **options)
            except PbxError as failure:
                wrong.append(f"{kind} {names}: {failure}")
                continue
            if result.warnings or again.changed:
                wrong.append(f"{kind} {names}: {result.warnings} {again.diff}")
    assert not wrong, chr(10).join(wrong)
    assert len(created) > 10


def test_what_is_left_out_and_what_stays(pbx: SimulatedPbx) -> None:
    pbx.put("Users", {**next(row for row in pbx.entities("Users") if row["Number"] == "100"), "VMPIN": CANARY})
    [user] = client_of(pbx).info("user", number="100", reveal_secrets=True)
    assert CANARY in str(user)
    options = as_options(user, "user")
    assert options["number"] == "100"
    assert options["groups"][0]["group"] == "DEFAULT"
    assert not {"id", "etag", "auth_id", "queue_status", "is_registered", "vm_pin"} & set(options)
    assert CANARY not in str(options)
    kept = without_read_only(user, "threecx_user")
    assert not {"id", "etag", "is_registered"} & set(kept)
    assert kept["queue_status"] == "LoggedIn"
    assert as_options([user, user], "user") == [options, options]
    for kind in NAMES:
        properties = description(kind).properties
        filled = {prop.option: 1 for prop in properties}
        assert set(without_read_only(filled, kind)) == {p.option for p in properties if not p.read_only} - {"id"}, kind


@pytest.mark.parametrize(
    ("value", "kind", "why"),
    [
        ({}, "usr", "did you mean user?"),
        ({}, "event_log", "no kind that can be configured called event_log"),
        ("100", "user", "needs an object"),
        ([1], "user", "needs an object"),
    ],
)
def test_what_cannot_be_options_is_refused(value: Any, kind: str, why: str) -> None:
    with pytest.raises(AnsibleFilterError, match=why.replace("?", r"\?")):
        as_options(value, kind)
