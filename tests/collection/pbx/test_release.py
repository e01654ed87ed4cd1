"""A PBX of an older release: what it does not have is refused by name, before anything is written; the rest works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests.collection.conftest import Result

Task = Callable[..., Result]


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatedPbx]:
    with SimulatedPbx(release="20.0.5") as pbx:
        yield pbx


@pytest.fixture
def old(running: SimulatedPbx) -> SimulatedPbx:
    """A PBX of 20.0.5, as it is seeded."""
    running.reset()
    return running


@pytest.fixture
def task(old: SimulatedPbx, task_on: Callable[[SimulatedPbx], Task]) -> Task:
    return task_on(old)


def test_an_option_is_refused_by_name_with_both_releases(old: SimulatedPbx, task: Task) -> None:
    for check_mode in (True, False):
        failed = task("conference_settings", dtmf_mode=["SipInfo"], check_mode=check_mode)
        assert failed.msg == (
            "dtmf_mode needs 3CX 20.0.9, this one is 20.0.5 (known of 20.0.9, and not yet of 20.0.8). "
            f"Leave it out, or update {old.url}. Nothing was changed."
        )
        assert failed.data["target"] == "dtmf_mode"
        assert not failed.data["changed"]
    assert old.writes == []


def test_all_of_them_are_named(old: SimulatedPbx, task: Task) -> None:
    failed = task(
        "general_settings_for_pbx", oauth_dcr_enabled=True, oauth_cimd_enabled=True, oauth_openid_connect_enabled=False
    )
    assert failed.msg.startswith("oauth_openid_connect_enabled needs 3CX 20.0.10, this one is 20.0.5 (")
    assert "), and so do oauth_dcr_enabled, oauth_cimd_enabled. Leave" in failed.msg
    assert old.writes == []


def test_each_release_of_several_is_named(old: SimulatedPbx, task: Task) -> None:
    failed = task("general_settings_for_apps", allow_block_calls=True, enable_selector_caller_id=True)
    assert (
        "allow_block_calls needs 3CX 20.0.8, this one is 20.0.5 (known of 20.0.8, and not yet of 20.0.7)" in failed.msg
    )
    assert "enable_selector_caller_id needs 3CX 20.0.10, this one is 20.0.5" in failed.msg
    assert old.writes == []


def test_a_choice_is_refused(old: SimulatedPbx, task: Task) -> None:
    failed = task("voicemail_settings", transcribe_engine="Engine3CXLocal")
    assert "transcribe_engine Engine3CXLocal needs 3CX 20.0.8, this one is 20.0.5" in failed.msg
    assert old.writes == []
    assert task("voicemail_settings", transcribe_engine="Google")["changed"]


def test_what_a_structure_lacks_is_refused(old: SimulatedPbx, task: Task) -> None:
    failed = task("restore_settings", schedule={"repeat_minutes": 5})
    assert "schedule.repeat_minutes needs 3CX 20.0.8, this one is 20.0.5" in failed.msg
    failed = task("restore_settings", schedule={"schedule_type": "Minutely"})
    assert "schedule.schedule_type Minutely needs 3CX 20.0.8, this one is 20.0.5" in failed.msg
    assert old.writes == []


def test_a_choice_that_the_pbx_has_chosen_is_not_refused(old: SimulatedPbx, task: Task) -> None:
    """A build may know more than the document of its release, and other options can still be changed."""
    old._in_loop(lambda: old._store.change_singleton("VoicemailSettings", {"TranscribeEngine": "Engine3CXLocal"}))
    assert not task("voicemail_settings", transcribe_engine="Engine3CXLocal")["changed"]
    assert old.writes == []


def test_a_new_entity_is_not_made_without_what_was_asked_for(old: SimulatedPbx, task: Task) -> None:
    before = old.entities("Queues")
    for check_mode in (True, False):
        failed = task("queue", number="899", name="New", callback_offer_only=True, check_mode=check_mode)
        assert "callback_offer_only needs 3CX 20.0.10, this one is 20.0.5" in failed.msg
    assert old.writes == []
    assert old.entities("Queues") == before
    assert task("queue", number="899", name="New")["changed"]


def test_an_entity_is_not_removed_by_what_cannot_be_compared(old: SimulatedPbx, task: Task) -> None:
    failed = task("queue", number="800", callback_offer_only=True, state="absent")
    assert "callback_offer_only needs 3CX 20.0.10, this one is 20.0.5" in failed.msg
    assert old.writes == []


@pytest.mark.parametrize(
    ("name", "options", "since"),
    [
        ("mail_settings", {"mail_user": "pbx"}, "20.0.7"),
        ("mail_settings_info", {}, "20.0.7"),
        ("syslog_settings", {}, "20.0.9"),
        ("holiday", {"name": "New Year", "state": "absent"}, "20.0.7"),
        ("holiday_info", {}, "20.0.7"),
        ("oauth_client_info", {}, "20.0.10"),
    ],
)
def test_a_module_is_refused(old: SimulatedPbx, task: Task, name: str, options: dict[str, Any], since: str) -> None:
    failed = task(name, **options)
    module = name.removesuffix("_info")
    assert failed.msg.startswith(f"The module threecx_{module} needs 3CX {since}, this one is 20.0.5 (")
    assert old.writes == []


def test_what_asks_for_nothing_is_not_refused(old: SimulatedPbx, task: Task) -> None:
    assert not task("conference_settings", dtmf_mode=None, video_conference_mode=None)["changed"]
    assert not task("queue", number="800", comfort_prompts=[], vm_email_list=None)["changed"]
    assert old.writes == []


def test_what_the_pbx_answers_it_has_whatever_its_release(
    pbx: SimulatedPbx, task_on: Callable[[SimulatedPbx], Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build may have more than the document of its release says."""
    monkeypatch.setattr(pbx._service, "rules", _as(pbx, "20.0.8.2000"))
    task = task_on(pbx)
    assert task("conference_settings", dtmf_mode=["SipInfo"])["changed"]
    assert (
        "needs 3CX 20.0.10, this one is 20.0.8.2000"
        in task("queue", number="897", name="N", callback_offer_only=True).msg
    )


@pytest.mark.parametrize("release", ["20.0.6.995", "", "unknown"])
def test_where_nobody_knows_the_pbx_decides(
    pbx: SimulatedPbx, task_on: Callable[[SimulatedPbx], Task], monkeypatch: pytest.MonkeyPatch, release: str
) -> None:
    monkeypatch.setattr(pbx._service, "rules", _as(pbx, release))
    assert task_on(pbx)("user", number="897", first_name="New", datev_enabled=True)["changed"]


def test_a_pbx_that_refuses_after_all_is_quoted(pbx_factory: Any, task_on: Callable[[SimulatedPbx], Task]) -> None:
    """Between two known releases: 20.0.6 may have it, and this one has not."""
    pbx = pbx_factory(release="20.0.6.1")
    failed = task_on(pbx)("user", number="100", datev_enabled=True)
    assert failed.data["status"] == 400
    assert not any(user.get("DatevEnabled") for user in pbx.entities("Users"))


def test_an_operation_is_refused(old: SimulatedPbx, task: Task) -> None:
    for check_mode in (True, False):
        failed = task("operation", operation="UpdateSyslogSettings", body={}, check_mode=check_mode)
        assert "UpdateSyslogSettings needs 3CX 20.0.9, this one is 20.0.5" in failed.msg
    failed = task("operation", operation="ListHoliday")
    assert "ListHoliday needs 3CX 20.0.7, this one is 20.0.5" in failed.msg
    assert old.writes == []


def test_what_an_operation_is_given_is_refused(old: SimulatedPbx, task: Task) -> None:
    key = old.entities("Users")[0]["Id"]
    failed = task("operation", operation="UpdateUser", parameters={"Id": key}, body={"ForbidRecording": True})
    assert "body.ForbidRecording needs 3CX 20.0.10, this one is 20.0.5" in failed.msg
    body = {"dn": "100", "destination": "101"}
    failed = task("operation", operation="MakeCall", body={**body, "testCall": True})
    assert "body.testCall needs 3CX 20.0.7, this one is 20.0.5" in failed.msg
    assert old.writes == []
    assert task("operation", operation="MakeCall", body=body)["changed"]


def test_the_pbx_is_asked_for_its_release_only_where_that_matters(old: SimulatedPbx, task: Task) -> None:
    def asked() -> int:
        return sum("/Defs" in logged.path for logged in old.requests)

    task("operation", operation="ListUser")
    assert asked() == 0
    task("operation", operation="ListHoliday")
    task("operation", operation="ListHoliday")
    assert asked() == 0, "the first answer has told it"


def test_entities_are_found_as_the_release_finds_them(old: SimulatedPbx, task: Task) -> None:
    """By $filter, which all releases take; how a parking is looked up by its number has changed."""
    assert task("parking_info", number="SP1")["parkings"][0]["number"] == "SP1"
    assert task("parking", number="SP1", state="absent")["changed"]
    assert not task("parking", number="SP1", state="absent")["changed"]
    paths = {logged.path for logged in old.requests if "Parkings" in logged.path}
    assert not [path for path in paths if "Number=" in path or "GetByNumber" in path]


def _as(pbx: SimulatedPbx, release: str) -> Any:
    """How the simulated PBX is set up, but for the release it says it is."""
    from dataclasses import replace

    return replace(pbx._rules, release=release)
