"""Plans of a PBX that somebody else has changed since they were made."""

from __future__ import annotations

import gc
import re
import weakref
from functools import partial
from typing import Any, cast

import pytest

from pbx_as_code.config.applying.apply import Fate, State
from pbx_as_code.config.applying.checks import check_fresh
from pbx_as_code.config.applying.refusals import Stale
from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.config.planning.plan_file import dump, load_plan
from pbx_as_code.engine.write.change import change as written
from tests.collection.tasks import tasks_on
from tests.config.applying import CIRCLE, Site


class TestStale:
    FILES = (
        "queues: [{number: '874', name: New, agents: [{number: '101'}]}]\n"
        "users: [{number: '100', mobile: '+15550777'}]\n"
    )

    @pytest.mark.parametrize(
        ("kind", "change", "named"),
        [
            ("user", {"number": "100", "first_name": "Changed"}, "user 100 has changed"),
            ("user", {"number": "101", "first_name": "Changed"}, "user 101 has changed"),
            ("queue", {"number": "874", "name": "Quicker"}, r"queue 874 is there now\. Plan again"),
            ("fax", {"number": "874"}, "number 874 is there now"),
            ("user", {"number": "102", "first_name": "Changed"}, None),
            ("contact", {"last_name": "Unrelated"}, None),
        ],
    )
    def test_a_change_of_what_the_plan_relies_on_refuses_it(
        self, at: Site, kind: str, change: dict[str, Any], named: str | None
    ) -> None:
        text = dump(at.plan(self.FILES))
        at.pbx.ensure(kind, **change)
        made, _ = load_plan(text)
        before = len(at.simulated.writes)
        if named is None:
            check_fresh(made, at.pbx, 4)
            assert not at.apply(made).failed
            assert at.plan(self.FILES).operations == []
            return
        with pytest.raises(Stale, match=named):
            check_fresh(made, at.pbx, 4)
        assert len(at.simulated.writes) == before

    def test_a_value_that_another_object_has_by_now_refuses_it(self, at: Site) -> None:
        files = (
            "users:\n- {number: '394', first_name: New, email_address: New@Example.com, phones: [{mac_address: "
            "0A-00-00-00-00-01}]}\n- {number: '101', mobile: '+15550777'}\n"
            "trunks:\n- {number: '10000', did_numbers: ['+15550901']}\n"
        )
        text = dump(at.plan(files))
        for kind, change, named in (
            ("user", {"number": "102", "email_address": "new@example.com"}, "the e-mail address new@example.com"),
            ("user", {"number": "102", "phones": [{"mac_address": "0a:00:00:00:00:01"}]}, "MAC address 0a0000000001"),
            ("trunk", {"number": "10001", "did_numbers": ["15550901"]}, "the DID 15550901"),
        ):
            before = at.pbx.read(kind, number=change["number"])
            assert before is not None
            at.pbx.ensure(kind, **change)
            owner = f"{named} now is that of the {kind} {change['number']}"
            with pytest.raises(Stale, match=re.escape(owner)):
                check_fresh(load_plan(text)[0], at.pbx, 4)
            at.pbx.ensure(kind, **{option: before[option] for option in change})
            check_fresh(load_plan(text)[0], at.pbx, 4)

    def test_a_referenced_object_that_is_gone_refuses_it(self, at: Site) -> None:
        text = dump(at.plan(self.FILES))
        at.pbx.absent("user", number="101")
        with pytest.raises(Stale, match="101"):
            check_fresh(load_plan(text)[0], at.pbx, 4)

    @pytest.mark.parametrize(
        "change", ["holidays: [{name: New Year, day: 2, day_end: 2}]\n", "users: [{number: '100'}]\n"]
    )
    def test_a_holiday_of_the_default_department_makes_no_plan_old(self, at: Site, change: str) -> None:
        """The PBX answers null as its department, which a plan names."""
        made, _ = load_plan(dump(at.plan(change, prune=("holidays:*New Year",))))
        assert [one.identity for one in made.operations] == [("DEFAULT", "New Year", None)]
        check_fresh(made, at.pbx, 4)
        at.pbx.ensure("holiday", name="New Year", day=3, day_end=3)
        with pytest.raises(Stale, match="holiday DEFAULT / New Year has changed"):
            check_fresh(made, at.pbx, 4)

    def test_a_plan_of_another_pbx_is_refused(self, at: Site) -> None:
        made = at.plan(self.FILES)
        made.identity = "other.example.com"
        with pytest.raises(Stale, match=r"other\.example\.com"):
            check_fresh(made, at.pbx, 4)

    def test_an_edited_plan_is_refused(self, at: Site) -> None:
        with pytest.raises(ConfigError, match="changed after it was made"):
            load_plan(dump(at.plan(self.FILES)).replace("+15550777", "+15550778"))

    def test_a_plan_file_does_what_the_plan_does(self, at: Site) -> None:
        made = at.plan(CIRCLE)
        read, layers = load_plan(dump(made, ["fleet", "acme"]))
        assert layers == ["fleet", "acme"]
        assert read.operations == made.operations
        assert read.fingerprints == made.fingerprints
        assert read.waiver == made.waiver


def test_an_item_that_a_task_adds_during_an_apply_is_not_lost(at: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files own the whole list: an item added after the apply has read the object makes the write fail."""
    files = 'queues: [{number: "800", agents: [{number: "102"}]}]'
    made = at.plan(files)

    def overtaken(*arguments: Any) -> Any:
        monkeypatch.undo()
        added = tasks_on(at.simulated)("queue", number="800", agents=[{"number": "104"}], lists="add")
        assert added["changed"]
        return written(*arguments)

    monkeypatch.setattr("pbx_as_code.engine.perform.change", overtaken)
    [fate] = at.apply(made).fates
    assert fate.state is State.FAILED
    assert "somebody else changed agents" in fate.why
    [queue] = [row for row in at.simulated.entities("Queues") if row["Number"] == "800"]
    assert "104" in {agent["Number"] for agent in queue["Agents"]}
    removed = [change.old["number"] for change in at.plan(files).operations[0].changes if change.old]
    assert "104" in removed, "the next plan shows what it takes away"


def test_what_somebody_changed_between_plan_and_apply_is_not_overwritten(at: Site) -> None:
    files = (
        'queues: [{number: "800", name: Q, agents: [{number: "102"}], ring_timeout: 33}]\n'
        'ring_groups: [{number: "810", ring_time: 44}]\n'
    )
    made = at.plan(files)
    task = tasks_on(at.simulated)
    there = task("queue_info", number="800")["queues"][0]["agents"]
    assert task("queue", number="800", agents=[*there, {"number": "104"}], name="Renamed")["changed"]
    fates = {one.kind: one for one in at.apply(made).fates}
    assert fates["queue"].state is State.FAILED
    for part in ("queue 800", "changed it since the plan was made", "agents[104]", 'name is "Renamed"', "Plan again"):
        assert part in fates["queue"].why
    assert fates["ring_group"].state is State.DONE
    after = task("queue_info", number="800")["queues"][0]
    assert "104" in [agent["number"] for agent in after["agents"]]
    assert after["ring_timeout"] != 33
    assert not at.apply(files).failed
    assert at.plan(files).operations == []


def test_a_change_elsewhere_in_an_object_does_not_stop_an_apply(at: Site) -> None:
    made = at.plan('queues: [{number: "800", agents: [{number: "102"}]}]')
    task = tasks_on(at.simulated)
    assert task("queue", number="800", ring_timeout=77, agents=[{"number": "102"}])["changed"]
    assert not at.apply(made).failed
    assert task("queue_info", number="800")["queues"][0]["ring_timeout"] == 77


def test_a_plan_lets_go_of_what_was_read_with_its_last_user(at: Site) -> None:
    """In a circle, the objects of a whole PBX would wait for the garbage collector."""
    assert at.plan(at.exported()).take_fingerprints is list
    made = at.plan(CIRCLE)
    naming = weakref.ref(cast("partial[Any]", made.take_fingerprints).args[2])
    gc.disable()
    try:
        assert naming() is not None
        del made
        assert naming() is None
    finally:
        gc.enable()


def test_an_object_leaves_a_department_that_is_renamed_at_the_same_time(at: Site) -> None:
    """The plan shows the new name, whichever of the two comes first."""
    files = "groups: [{name: %s}]\nqueues: [{number: '874', name: New, groups: [{group: %s}]}]\n"
    assert not at.apply(files % ("North", "North")).failed
    moved = files % ("South, renamed_from: North", "Sales")
    made = at.plan(moved)
    gate = at.simulated.hold(r"/Groups\(", method="PATCH")

    def opened(_: Fate) -> None:
        gate.open()

    applied = at.apply(made, report=opened)
    assert [(one.kind, one.state) for one in applied.fates] == [("queue", State.DONE), ("group", State.DONE)]
    assert at.plan(moved).operations == []


def test_what_refers_to_a_removed_object_since_the_plan_refuses_it(at: Site) -> None:
    """A call to what is removed would end there, and nobody has consented to that."""
    assert not at.apply("queues: [{number: '874', name: Old}]\ngroups: [{name: North}]\n").failed
    receptionist: dict[str, Any] = {
        "number": "875",
        "name": "Menu",
        "ivr_type": "Default",
        "prompt_filename": "welcome.wav",
    }
    forwards = [{"input": "1", "forward_type": "Queue", "forward_dn": "874"}]
    at.pbx.ensure("receptionist", **receptionist, timeout=5, timeout_forward_type="EndCall", forwards=forwards)
    made = at.plan("queues: [{number: '800'}]\n", remove=("queues:874", "groups:North"))
    assert any("refers to it (forwards)" in lost for lost in made.operations[0].loses + made.operations[1].loses)
    text = dump(made)
    check_fresh(load_plan(text)[0], at.pbx, 4)
    for kind, change, old, named in (
        ("receptionist", {"timeout_forward_type": "Queue", "timeout_forward_dn": "874"},
         {"timeout_forward_type": "EndCall", "timeout_forward_dn": None},
         "digital receptionist 875 now refers to the queue 874, which is to be removed (timeout_forward_dn)"),
        ("ring_group", {"forward_no_answer": {"to": "Queue", "number": "874"}},
         {"forward_no_answer": {"to": "None", "number": None}}, "ring group 801 now refers to the queue 874"),
        ("ring_group", {"groups": [{"group": "DEFAULT"}, {"group": "North"}]}, {"groups": [{"group": "DEFAULT"}]},
         "ring group 801 now refers to the department North, which is to be removed (groups)"),
    ):  # fmt: skip
        number = "875" if kind == "receptionist" else "801"
        at.pbx.ensure(kind, number=number, **change)
        before = len(at.simulated.writes)
        with pytest.raises(Stale, match=re.escape(named)):
            check_fresh(load_plan(text)[0], at.pbx, 4)
        assert len(at.simulated.writes) == before
        at.pbx.ensure(kind, number=number, **old)
        check_fresh(load_plan(text)[0], at.pbx, 4)
