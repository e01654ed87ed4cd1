"""A role that really is missing: one sign-in for a whole play and one clear failure for each task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from threecx_xapi import XapiClient
from threecx_xapi._request import rights

from pbx_as_code import Pbx
from pbx_as_code.errors import Forbidden
from pbx_simulator import SimulatedPbx, knowledge
from tests.collection.tasks import Task

#: Of modules that change and that read, of settings, operations and references: a task, and what it cannot read.
TASKS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("fax", {"number": "7801"}, "Fax with number 7801"),
    ("fax_info", {}, "Faxes"),
    ("contact", {"last_name": "Roe"}, "Contact with last_name Roe"),
    ("mail_settings", {"mail_server": "mail.example.com"}, "Mail settings"),
    ("mail_settings_info", {}, "Mail settings"),
    ("operation", {"operation": "ListFax"}, "Operation ListFax"),
    ("operation", {"operation": "CreateFax", "body": {"Number": "7801"}}, "Operation CreateFax"),
    ("user", {"number": "103", "groups": [{"group": "Sales"}]}, "Departments"),
    ("ring_group", {"number": "801", "members": [{"number": "102"}]}, "Numbers"),
    ("queue_info", {}, "Queues"),
    ("trunk", {"number": "10000", "state": "absent"}, "Trunk with number 10000"),
    ("backup", {"file_name": "nightly"}, "Backup with file_name nightly"),
    ("prompt_set_info", {}, "Prompt sets"),
    ("holiday", {"name": "Ours"}, "Holiday with name Ours"),
    ("outbound_rule", {"name": "Ours", "prefix": "7"}, "Outbound rule with name Ours"),
    ("recording_info", {"filter": "Id eq 1"}, "Recordings"),
    ("scheduled_report", {"name": "Ours"}, "Scheduled report with name Ours"),
)
_SETS = (
    "Fax", "Contacts", "MailSettings", "Groups", "Peers", "Queues", "Trunks", "Backups", "PromptSets", "Holidays",
    "OutboundRules",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _only_owners(monkeypatch: pytest.MonkeyPatch) -> None:
    for entity_set in _SETS:
        monkeypatch.setitem(knowledge.ROLES_THAT_MAY, entity_set, frozenset({"system_owners"}))
    for seconds in ("_NEW", "_REMEMBERED"):  # on a busy machine, too, the play is over by then
        monkeypatch.setattr(rights, seconds, 3600.0)


@pytest.mark.parametrize("signed_in", [False, True], ids=["", "with an older token"])
@pytest.mark.parametrize(
    "traits",
    [
        (),
        ("missing-rights-401",),
        ("stale-token-403",),
        ("roles-with-next-token",),
        ("as-seen", "missing-rights-401", "stale-token-403"),
    ],
    ids="+".join,
)
def test_a_play_without_the_role_signs_in_once(
    pbx_factory: Callable[..., SimulatedPbx],
    task_on: Callable[[SimulatedPbx], Task],
    traits: tuple[str, ...],
    signed_in: bool,
) -> None:
    pbx = pbx_factory(traits=traits)
    task = task_on(pbx)
    become(pbx, "receptionists")
    if signed_in:
        assert task("system_status_info").data.get("failed") is None
    before = pbx.sign_ins
    for module, options, what in TASKS:
        failed = task(module, **options)
        assert failed.msg.startswith(f"{what} could not be "), failed.msg
        assert "client 900 is not allowed to do this: give it a role" in failed.msg.replace("Client", "client")
        assert failed["status"] in (401, 403)
    assert pbx.sign_ins == before + 1
    assert pbx.writes == [write for write in pbx.writes if write.path.endswith("/Fax")], "CreateFax alone, and in vain"
    assert not any(fax["Number"] == "7801" for fax in pbx.entities("Fax"))


def test_a_role_that_is_given_counts_with_one_new_token(
    pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[[SimulatedPbx], Task]
) -> None:
    for traits in (("roles-with-next-token",), ("roles-with-next-token", "missing-rights-401")):
        pbx = pbx_factory(traits=traits)
        task = task_on(pbx)
        become(pbx, "receptionists")
        assert task("system_status_info").data.get("failed") is None
        become(pbx, "system_owners")
        before = pbx.sign_ins
        assert task("fax", number="7801")["changed"]
        assert not task("fax", number="7801")["changed"]
        assert task("fax_info", number="7801")["faxes"]
        assert pbx.sign_ins == before + 1


def test_the_library_says_that_rights_are_missing(pbx_factory: Callable[..., SimulatedPbx]) -> None:
    for traits in (("missing-rights-401",), ("stale-token-403",)):
        pbx = pbx_factory(traits=traits)
        become(pbx, "receptionists")
        with XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret) as client:
            ours = Pbx(client)
            asked: tuple[tuple[str, dict[str, Any]], ...] = (
                ("fax", {"number": "7801"}),
                ("contact", {"last_name": "Roe"}),
            )
            for kind, names in asked:
                with pytest.raises(Forbidden):
                    ours.ensure(kind, **names)
                with pytest.raises(Forbidden):
                    ours.read(kind, **names)
        assert pbx.sign_ins == 1


def become(pbx: SimulatedPbx, role: str) -> None:
    """Give client 900 a role."""
    [client] = [row for row in pbx.entities("ServicePrincipals") if row["Number"] == "900"]
    pbx.put("ServicePrincipals", {"Id": client["Id"], "Groups": [{"GroupId": 1, "Rights": {"RoleName": role}}]})
