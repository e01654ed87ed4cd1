"""Notices of the client, such as another holder of the client id: warnings of every kind of task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from threecx_xapi import XapiClient

from pbx_as_code import Pbx
from pbx_as_code.errors import Throttled
from pbx_simulator import SimulatedPbx
from tests.collection.tasks import Task

#: Tasks whose requests all go to faxes: of an operation that reads and one that writes, and of modules.
TASKS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("operation", {"operation": "ListFax"}),
    ("operation", {"operation": "CreateFax", "body": {"Number": "7809"}}),
    ("fax_info", {}),
    ("fax", {"number": "7801"}),
)
ENDED = "ended 3 access tokens of client id 900 within 10 minutes"


def revoke_every_second(pbx: SimulatedPbx) -> None:
    """Somebody else signs in with the same client id before every second request."""
    pbx.go_by({"faults": [{"path": "/Fax", "every": 2, "revoke": True}]})


@pytest.mark.parametrize(("module", "options"), TASKS, ids=lambda it: it if isinstance(it, str) else "")
def test_another_holder_of_the_client_id_is_a_warning(
    pbx: SimulatedPbx, task: Task, module: str, options: dict[str, Any]
) -> None:
    pbx.put("Fax", {"Id": 7001, "Number": "7801"})
    revoke_every_second(pbx)
    for _ in range(3):
        assert task("operation", operation="ListFax").warnings == []
    found = task(module, **options)
    assert not found.data.get("failed")
    [warning] = found.warnings
    assert f"{pbx.url.partition('//')[2]} {ENDED}" in warning
    assert "its own service principal" in warning
    assert pbx.client_secret not in warning


def test_a_task_that_fails_says_it_too(
    pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[[SimulatedPbx], Task]
) -> None:
    """The other holder may be why it failed."""
    for module, options in (
        ("operation", {"operation": "GetFax", "parameters": {"Id": 9999}}),
        ("fax", {"number": "7801", "groups": [{"group": "Nowhere"}]}),
    ):
        pbx = pbx_factory()
        task = task_on(pbx)
        pbx.put("Fax", {"Id": 7001, "Number": "7801"})
        revoke_every_second(pbx)
        for _ in range(3):
            task("operation", operation="ListFax")
        failed = task(module, **options)
        assert failed.data["failed"]
        assert any(ENDED in warning for warning in failed.warnings), module


def test_a_throttled_sign_in_says_how_long(pbx: SimulatedPbx, task: Task) -> None:
    pbx.fail("/connect/token", status=429, headers={"Retry-After": "180"}, times=None)
    for module, options in (*TASKS, ("mail_settings", {"mail_user": "new"})):
        failed = task(module, **options)
        assert "sign-in is throttled for another 1" in failed.msg, module
        assert failed["status"] == 429
    assert [request.path for request in pbx.requests] == ["/connect/token"], "it was asked once"


def test_the_library_hands_them_over_with_the_next_result(pbx_factory: Callable[..., SimulatedPbx]) -> None:
    pbx = pbx_factory()
    pbx.put("Fax", {"Id": 7001, "Number": "7801"})
    revoke_every_second(pbx)
    with XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret) as client:
        ours = Pbx(client)
        found = [ours.ensure("fax", number="7801").warnings for _ in range(4)]
        assert any(ENDED in warning for warnings in found for warning in warnings)
    pbx = pbx_factory()
    pbx.fail("/connect/token", status=429, headers={"Retry-After": "180"}, times=None)
    with (
        XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret) as client,
        pytest.raises(Throttled, match="throttled for another"),
    ):
        Pbx(client).read("fax", number="7801")
