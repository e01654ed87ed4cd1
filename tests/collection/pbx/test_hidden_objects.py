"""Objects that a client may not see, whose number or other unique value is in use all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pbx_as_code.description import EntityDescription
from pbx_as_code.entities import NAMES, description
from pbx_simulator import SimulatedPbx
from tests.collection.tasks import Task

#: Of each kind with a number, one that an object has which is not shown to anybody.
NUMBERED: dict[str, dict[str, Any]] = {
    "call_flow_app": {"number": "899", "name": "Night"},
    "fax": {"number": "899"},
    "group": {"number": "GRP66", "name": "Hidden"},
    "parking": {"number": "SP9"},
    "queue": {"number": "899", "name": "Night"},
    "receptionist": {"number": "899", "name": "Night"},
    "ring_group": {"number": "899", "name": "Night"},
    "service_principal": {"number": "899"},
    "trunk": {"number": "10099", "template": "provider.pv.xml"},
    "user": {"number": "199", "first_name": "Kim"},
}


def test_every_kind_with_a_number_is_tried() -> None:
    numbered = {
        kind
        for kind in NAMES
        if isinstance(about := description(kind), EntityDescription)
        and about.can_create
        and any(key.option == "number" for key in about.natural_keys)
    }
    assert numbered == NUMBERED.keys()


def test_a_hidden_number_is_one_clear_failure_in_every_run(
    pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[[SimulatedPbx], Task]
) -> None:
    for traits in (("as-seen", "hidden-objects"), ("strict-odata", "hidden-objects")):
        pbx = pbx_factory(traits=traits)
        task = task_on(pbx)
        refuse_number(pbx, "GRP66")
        for kind, options in NUMBERED.items():
            about = description(kind)
            assert isinstance(about, EntityDescription)
            before = len(pbx.entities(about.entity_set))
            for _ in range(2):
                pbx.clear_log()
                failed = task(kind, **options)
                assert "Another object has this value, perhaps one that client 900 may not see" in failed.msg, kind
                assert f"with number {options['number']}" in failed.msg
                assert pbx.url in failed.msg
                assert "Nothing was changed." in failed.msg
                assert failed["code"] == "WARNINGS.XAPI.ALREADY_IN_USE"
                assert [write.method for write in pbx.writes] == ["POST"]
            assert len(pbx.entities(about.entity_set)) == before
            assert task(kind, number=options["number"], state="absent").data == {"changed": False}


def refuse_number(pbx: SimulatedPbx, number: str) -> None:
    """A department that is not shown; the trait hides none."""
    pbx.fail(
        method="POST",
        path="/Groups$",
        times=None,
        status=400,
        body={
            "error": {
                "code": "",
                "message": "Number:\nWARNINGS.XAPI.ALREADY_IN_USE",
                "details": [{"code": "", "message": "WARNINGS.XAPI.ALREADY_IN_USE", "target": "Number"}],
            }
        },
    )


def test_other_values_that_are_in_use_fail_likewise(pbx: SimulatedPbx, task: Task) -> None:
    pbx.put("Trunks", {"Id": 71, "Number": "10071", "DidNumbers": ["+15550471"]})
    pbx.put("Trunks", {"Id": 72, "Number": "10072", "DidNumbers": ["+15550472"]})
    pbx.put("Users", {"Number": "171", "EmailAddress": "taken@example.com"})
    pbx.put("Users", {"Number": "172", "EmailAddress": "own@example.com"})
    pbx.clear_log()
    for kind, options, before in (
        ("trunk", {"number": "10072", "did_numbers": ["+15550472", "+15550471"]}, "trunk 72"),
        ("user", {"number": "172", "email_address": "Taken@example.com"}, "user"),
    ):
        for _ in range(2):
            failed = task(kind, **options)
            assert "Another object has this value" in failed.msg
            assert before in failed.msg.lower()
            assert failed["status"] == 400
    assert "Another object has this value" in task("operation", operation="CreateUser", body={"Number": "171"}).msg
    assert [user["Number"] for user in pbx.entities("Users")].count("171") == 1


#: Kinds that are found by a name, so that a hidden one does not show before it is created again.
BY_NAME: dict[str, dict[str, Any]] = {
    "contact": {"first_name": "Kim", "last_name": "Lee"},
    "holiday": {"name": "Xmas", "day": 25, "month": 12, "day_end": 25, "month_end": 12, "year": 0},
    "outbound_rule": {"name": "Abroad"},
    "scheduled_report": {"name": "Daily"},
    "website_link": {"link": "https://example.com/a", "name": "x"},
}


def test_an_object_that_is_hidden_once_it_is_created_is_never_passed_over(pbx: SimulatedPbx, task: Task) -> None:
    """The PBX says that it created one, and shows none: every further run would create another one."""
    for kind, options in BY_NAME.items():
        about = description(kind)
        assert isinstance(about, EntityDescription)
        pbx.fail(f"/{about.entity_set}$", 200, times=None, method="GET", body={"value": []})
        failed = task(kind, **options)
        assert "but does not show it. Perhaps client 900 may not see it" in failed.msg
        assert "every further run would create another one" in failed.msg
        if about.assigned_key:
            assert f"as id {max(row['Id'] for row in pbx.entities(about.entity_set))}, but" in failed.msg, kind
        pbx.go_by(None)


def test_a_hidden_namesake_that_the_pbx_refuses_is_suspected(pbx: SimulatedPbx, task: Task) -> None:
    for kind, options in BY_NAME.items():
        about = description(kind)
        assert isinstance(about, EntityDescription)
        for status, said in (
            (409, "Another object has this value, perhaps one that client 900 may not see"),
            (500, "Perhaps there is one that client 900 may not see"),
        ):
            pbx.fail(f"/{about.entity_set}$", status, times=None, method="POST")
            assert said in task(kind, **options).msg, (kind, status)
            pbx.go_by(None)
        assert not task(kind, **options, state="absent")["changed"]
