"""References that a PBX stores as plain texts count like any other: they are looked up, waited for and missed."""

from __future__ import annotations

from typing import Any

from pbx_as_code.config.kinds import KINDS, TEXT_REFERENCES
from pbx_as_code.config.planning.operations import Doing, Operation, Plan
from tests.config.applying import Site

LINK = "website_links: [{link: chat2, name: Chat, group: Head office, website: ['https://www.example.com']}]\n"
SBC = "sbcs: [{name: branch2, display_name: Branch, group: Head office}]\n"
HOTEL = "hotel_services: {hotel_groups: [Head office]}\n"


def operation(made: Plan, kind: str, doing: Doing) -> Operation:
    return next(one for one in made.operations if (one.kind, one.doing) == (kind, doing))


def test_what_names_a_department_waits_for_it(at: Site) -> None:
    rename = "pbx: {default_department: Head office}\n"
    for department, doing in (("", Doing.CREATE), (rename, Doing.UPDATE)):
        made = at.plan(f"{department}groups: [{{name: Head office}}]\n{LINK}{SBC}{HOTEL}")
        assert not made.impossible
        first = operation(made, "group", doing).number
        waiting = {one.kind: one.after for one in made.operations if first in one.after}
        assert set(waiting) == {"website_link", "sbc", "hotel_services"}
    applied = at.apply(made)
    assert not applied.failed, [one.why for one in applied.fates]


def test_a_text_follows_a_department_that_is_renamed_in_the_same_apply(at: Site) -> None:
    """A PBX may leave such a text as it is when it renames the department."""
    files = (
        "pbx: {default_department: Head office}\ngroups: [{name: Head office}]\n"
        "website_links: [{link: chat, group: Head office}]\n"
    )
    made = at.plan(files)
    assert operation(made, "group", Doing.UPDATE).number in operation(made, "website_link", Doing.UPDATE).after
    assert not at.apply(made).failed
    assert at.plan(files).operations == []


def test_objects_that_contain_the_name_of_a_department_wait_for_its_renaming(at: Site) -> None:
    """A PBX changes such texts when it renames the department: their objects have another ETag then."""
    assert not at.apply(f"groups: [{{name: Head office}}]\n{SBC}{LINK}").failed
    renamed = "groups: [{name: Centre, renamed_from: Head office}]\n"
    made = at.plan(f"{renamed}website_links: [{{link: chat2, name: Talk}}]\n", remove=("sbcs:branch2",))
    first = operation(made, "group", Doing.UPDATE).number
    for kind, doing in (("sbc", Doing.REMOVE), ("website_link", Doing.UPDATE)):
        assert first in operation(made, kind, doing).after, kind
    assert not at.apply(made, parallel=4).failed


def test_a_department_that_is_nowhere_is_impossible(at: Site) -> None:
    made = at.plan(LINK + SBC + HOTEL + "general_settings_for_pbx: {operator_extension: '399'}\n")
    why = {kind: text for kind, _, text in made.impossible}
    assert set(why) == {"website_link", "sbc", "hotel_services", "general_settings_for_pbx"}
    assert all("neither on the PBX nor planned" in text for text in why.values())


def test_a_department_that_something_names_by_text_is_not_removed_unnoticed(at: Site) -> None:
    at.apply(f"groups: [{{name: Head office}}]\n{LINK}")
    made = at.plan("groups: [{name: Sales}]\n", remove=("groups:Head office",))
    assert "chat2" in str(operation(made, "group", Doing.REMOVE).loses)
    kept = at.plan(f"groups: [{{name: Sales}}]\n{LINK}", remove=("groups:Head office",))
    assert [kind for kind, _, _ in kept.impossible] == ["website_link"]


def test_every_reference_is_that_of_an_option() -> None:
    for name, options in TEXT_REFERENCES.items():
        paths = dict(KINDS[name].paths())
        found: dict[str, Any] = {path: paths[path].kind for path in options}
        assert set(found.values()) == {"str"}, name
        assert all(paths[path].reference is None for path in options), name


PHONE = (
    "users: [{number: '101', phones: [{mac_address: '00155d000001', template_name: yealinkT4x.ph.xml, "
    "settings: %s}]}]\n"
)
BY_TEXT = {
    "sbc": PHONE % "{provision_type: SBC, sbc_name: nowhere}",
    "ring tone": PHONE % "{custom_queue_ringtones: [{queue: '899', ringtone: Ring3.wav}]}",
    "agent": "users: [{number: '101', agent_settings: {allowed_extensions: '100,398'}}]\n",
    "report": "scheduled_reports: [{name: Weekly, report_type: QueueCallbacks, number: '899'}]\n",
}


def test_numbers_and_names_within_texts_that_are_nowhere_are_impossible(at: Site) -> None:
    for what, files in BY_TEXT.items():
        [(_, _, why)] = at.plan(files).impossible
        assert "neither on the PBX nor planned" in why, what


def test_a_phone_waits_for_its_sbc_and_a_report_for_its_number(at: Site) -> None:
    ringing = PHONE % "{provision_type: SBC, sbc_name: branch2, custom_queue_ringtones: [{queue: '855', ringtone: a}]}"
    made = at.plan(
        "sbcs: [{name: branch2, display_name: Branch}]\nqueues: [{number: '855', name: Q}]\n"
        "scheduled_reports: [{name: Weekly, report_type: QueueCallbacks, schedule_type: Daily, number: '855,100', "
        "email_addresses: a@example.com, filter_description: x, report_params: '{}'}]\n"
        + ringing
    )  # fmt: skip
    assert not made.impossible
    sbc, queue = (operation(made, kind, Doing.CREATE).number for kind in ("sbc", "queue"))
    assert {sbc, queue} <= set(operation(made, "user", Doing.UPDATE).after)
    assert queue in operation(made, "scheduled_report", Doing.CREATE).after


def test_ranges_and_patterns_of_extensions_are_left_to_the_pbx(at: Site) -> None:
    assert not at.plan("users: [{number: '101', agent_settings: {allowed_extensions: '100, 300-399;*'}}]\n").impossible


def test_a_name_that_the_pbx_keeps_of_something_removed_is_told_and_not_refused(at: Site) -> None:
    """Otherwise nothing of a PBX could be planned that has one such name."""
    [row] = [row for row in at.simulated.entities("Users") if row["Number"] == "101"]
    at.simulated.put("Users", {**row, "AgentSettings": {"AllowedExtensions": "398"}})
    user = "users: [{number: '101', agent_settings: {allowed_extensions: '100,398'}, mobile: '+1555010%s'}]\n"
    made = at.plan(user % 1)
    assert not made.impossible
    [hint] = [text for text in made.hints if "398" in text]
    assert hint.startswith("user 101: agent_settings.allowed_extensions is 398 on the PBX as well")
    assert at.plan(user.replace("398", "397") % 1).impossible
    assert not at.apply(made).failed
    assert at.plan(user % 1).operations == []
