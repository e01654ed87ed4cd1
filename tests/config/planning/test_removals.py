"""Removals and replacements: consent, ownership by the lock, order, limits."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pbx_as_code.config.applying.refusals import LimitExceeded
from pbx_as_code.config.lock import JOURNAL_FILE, LOCK_FILE, Lock, read_lock, write_lock
from pbx_as_code.config.planning.consent import Consent
from pbx_as_code.config.planning.limits import Limits, exceeded
from pbx_as_code.config.planning.operations import Doing, Operation, Plan
from pbx_as_code.config.planning.planner import plan
from pbx_as_code.errors import Forbidden
from tests.config.applying import CIRCLE, INVENTED, Site, declared, done


class TestRemoval:
    def test_consent_that_means_nothing_is_said(self, at: Site) -> None:
        made = at.plan("contacts: []\n", prune=("department:Slaes",), remove=("users:999",), replace=("users:101",))
        assert made.operations == []
        assert [hint.split(":")[0].split()[0] for hint in made.hints] == ["--remove", "--prune", "--replace"]
        assert at.plan("contacts: []\n", prune=("faxes:861", "department:Sales")).hints == []
        replaced = at.plan("users: [{number: '101'}]\n", replace=("users:101",))
        assert replaced.hints == []
        pruned = at.plan("users: [{number: '100'}]\n", prune=("users:999", "users:9*", "users:100", "faxes:86*"))
        assert [hint.split(":")[1] for hint in pruned.hints] == ["999", "9*"]

    def test_a_killed_apply_owns_only_what_it_had_begun_to_create(self, at: Site, tmp_path: Path) -> None:
        lines = [{"apply": {}}, {"begun": 1, "doing": "create", "kind": "contact", "identity": ["One", None, None]}]
        (tmp_path / JOURNAL_FILE).write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"begun": 2, "do')
        assert read_lock(tmp_path).owned == {("contact", ("One", None, None))}
        write_lock(tmp_path, Lock("pbx.example.com", {("contact", ("Two", None, None))}))
        assert read_lock(tmp_path).owned == {("contact", (name, None, None)) for name in ("One", "Two")}

    def test_nothing_is_removed_without_consent(self, at: Site) -> None:
        made = at.plan("users: [{number: '100'}]\n")
        assert not any(one.doing is Doing.REMOVE for one in made.operations)
        assert ("user", ("101",)) in made.unmanaged

    def test_what_the_files_own_is_removed_when_they_no_longer_declare_it(self, at: Site, tmp_path: Path) -> None:
        files = "contacts:\n- {last_name: One, first_name: A}\n- {last_name: Two, first_name: B}\n"
        at.apply(files, tmp_path)
        assert ("contact", ("One", "A", None)) in read_lock(tmp_path).owned
        assert INVENTED not in (tmp_path / LOCK_FILE).read_text()
        fewer = "contacts:\n- {last_name: Two, first_name: B}\n"
        assert at.plan(fewer, tmp_path).operations == []
        made = at.plan(fewer, tmp_path, owned=True)
        assert done(made) == [("remove", "contact", "One", "A", None)]
        assert not at.apply(made, tmp_path).failed
        assert read_lock(tmp_path).owned == {("contact", ("Two", "B", None))}
        assert len(at.simulated.entities("Contacts")) == 4

    def test_a_kind_without_any_declaration_left_is_looked_at(self, at: Site, tmp_path: Path) -> None:
        at.apply("contacts:\n- {last_name: One, first_name: A}\nusers: [{number: '100'}]\n", tmp_path)
        made = at.plan("users: [{number: '100'}]\n", tmp_path, owned=True)
        assert done(made) == [("remove", "contact", "One", "A", None)]

    def test_pruning_is_per_kind_and_department(self, at: Site) -> None:
        at.apply(CIRCLE)
        made = at.plan("users: []\n", prune=("department:Warehouse",))
        assert ("remove", "user", "392") in done(made)
        assert {one.kind for one in made.operations} <= {"user", "group"}
        made = at.plan("contacts: []\n", prune=("contacts",))
        assert {one.kind for one in made.operations} == {"contact"}

    def test_the_order_of_removals_is_that_of_creations_reversed(self, at: Site) -> None:
        at.apply(CIRCLE)
        named = ("groups:Warehouse", "users:392", "queues:870", "queues:871")
        made = at.plan("users: []\n", remove=named)
        kinds = [one.kind for one in made.operations]
        assert kinds == ["queue", "queue", "user", "group"]
        assert not at.apply(made).failed

    @pytest.mark.parametrize(
        ("prune", "kept"),
        [("trunks", ("trunk", ("10000",))), ("groups", ("group", ("DEFAULT",))),
         ("outbound_rules", ("outbound_rule", ("Emergency",))), ("faxes", ("fax", ("888",))),
         ("parameters", ("parameter", ("MUSICONHOLDFILE",)))],
    )  # fmt: skip
    def test_some_are_removed_only_when_they_are_named(
        self, at: Site, prune: str, kept: tuple[str, tuple[str, ...]]
    ) -> None:
        made = at.plan("contacts: []\n", prune=(prune,))
        assert kept in made.unmanaged
        assert "named" in made.kept[kept]
        assert kept not in [(one.kind, one.identity) for one in made.operations]

    def test_system_owners_and_our_own_principal_stay(self, at: Site) -> None:
        at.apply("users:\n- {number: '391', groups: [{group: DEFAULT, rights: {role_name: system_owners}}]}\n")
        made = at.plan("contacts: []\n", prune=("users", "service_principals"))
        assert "system owner" in made.kept["user", ("391",)]
        removed = {(one.kind, one.identity) for one in made.operations}
        assert ("service_principal", (at.simulated.client_id,)) not in removed
        made = at.plan("contacts: []\n", remove=("users:391", "trunks:10001"))
        assert {("remove", "user", "391"), ("remove", "trunk", "10001")} <= set(done(made))

    @pytest.mark.parametrize("own_number", [None, "automation"])
    def test_each_principal_stays_if_ours_is_not_known(self, at: Site, own_number: str | None) -> None:
        """A client may sign in with a name, with a token, or as a person."""
        known = at.plan("contacts: []\n", prune=("service_principals",))
        assert ("remove", "service_principal", "905") in done(known)

        def made(**consent: Any) -> Plan:
            return plan(declared("contacts: []\n"), at.pbx, own_number=own_number, consent=Consent(**consent))

        pruned = made(prune=("service_principals",))
        assert pruned.operations == []
        for number in ("905", at.simulated.client_id):
            assert "may be the one that signs in" in pruned.kept["service_principal", (number,)]
        assert done(made(remove=("service_principals:905",))) == [("remove", "service_principal", "905")]

    def test_what_still_refers_to_it_is_said_or_impossible(self, at: Site) -> None:
        at.apply(CIRCLE)
        made = at.plan("users: []\n", remove=("users:392",))
        assert any("queue 870 refers to it (agents)" in text for text in made.operations[0].loses)
        made = at.plan(CIRCLE.replace("users:\n- {number: '392'", "users:\n- {number: '393'"), remove=("users:392",))
        assert any("is to be removed" in why for _, _, why in made.impossible)

    def test_a_role_that_does_not_admit_every_kind_may_remove(self, at: Site) -> None:
        """Some roles may not list scheduled reports or service principals."""
        at.apply("users: [{number: '391', first_name: New}]\ngroups: [{name: Empty}]\n")
        for path, named in (("ScheduledReports", "scheduled reports"), ("ServicePrincipals", "service principals")):
            at.simulated.go_by({"faults": [{"path": rf"/v1/{path}\b", "status": 403}]})
            made = at.plan("contacts: []\n", remove=("users:391",))
            assert done(made) == [("remove", "user", "391")]
            [hint] = made.hints
            assert f"It is not known whether {named} refer to what is removed" in hint
        with pytest.raises(Forbidden):  # they may be its members
            at.plan("contacts: []\n", remove=("groups:Empty",))

    def test_a_department_is_not_removed_with_its_members(self, at: Site) -> None:
        at.apply(CIRCLE)
        made = at.plan("users: []\n", remove=("groups:Warehouse",))
        ((kind, identity, why),) = made.impossible
        assert (kind, identity) == ("group", ("Warehouse",))
        assert "user 392" in why
        moved = "users: [{number: '392', primary_group: DEFAULT, groups: [{group: DEFAULT}]}]\n"
        made = at.plan(moved, remove=("groups:Warehouse",))
        assert done(made) == [("update", "user", "392"), ("remove", "group", "Warehouse")]
        assert not at.apply(made).failed

    def test_many_are_removed_by_few_requests(self, at: Site) -> None:
        for number in range(40):
            at.simulated.put("Fax", {"Number": f"81{number:02}", "AuthID": f"f{number}", "FaxServer": False})
        made = at.plan("contacts: []\n", prune=("faxes:81*",))
        at.simulated.clear_log()
        applied = at.apply(made, limits=Limits(1000, 100))
        assert applied.counts["done"] == 40
        assert len(at.simulated.writes) == 1
        assert not [row for row in at.simulated.entities("Fax") if row["Number"].startswith("81")]


class TestReplacing:
    def test_a_number_cannot_change_and_replacing_needs_consent(self, at: Site) -> None:
        at.apply("queues: [{number: '873', name: Q, agents: [{number: '101'}]}]\n")
        files = (
            "users: [{number: '399', first_name: Brendan, email_address: brendan.obrien@example.com}]\n"
            "queues: [{number: '873', name: Q, agents: [{number: '399'}]}]\n"
        )
        made = at.plan(files)
        assert any("--replace users:399" in hint and "voicemail" in hint for hint in made.hints)
        assert made.impossible  # its address is still that of 101
        assert not any("--replace" in hint for hint in at.plan(files, remove=("users:101",)).hints), "it goes anyway"
        made = at.plan(files, replace=("users:399",))
        assert made.impossible == []
        removal = next(one for one in made.operations if one.doing is Doing.REMOVE)
        assert (removal.identity, removal.replaced_by) == (("101",), ("399",))
        assert removal is made.operations[-1]
        applied = at.apply(made)
        assert not applied.failed, applied.fates
        assert at.plan(files).operations == []
        assert at.pbx.read("user", number="101") is None

    def test_which_of_two_contacts_is_removed_is_said(self, at: Site) -> None:
        lee = "{last_name: Lee, first_name: Kim, mobile2: '%s'}"
        assert not at.apply(f"contacts: [{lee % '+4901'}, {lee % '+4902'}]\n").failed
        made = at.plan(f"contacts: [{lee % '+4901'}]\n", remove=("contacts:Lee / Kim",))
        assert made.hints == ['Another contact Lee / Kim stays. The one with mobile2 "+4902" is removed.']
        assert at.plan("users: []\n", prune=("contacts",)).hints == []

    def test_what_an_interrupted_apply_has_not_removed_is_named(self, at: Site) -> None:
        old = "users: [{number: '391', first_name: Ann, last_name: Lee, email_address: ann@example.com}]\n"
        assert not at.apply(old).failed
        new = old.replace("391", "395")
        made = at.plan(new, replace=("users:395",))
        at.simulated.go_by({"faults": [{"path": "BatchDelete|Users", "method": "DELETE", "status": 403}]})
        assert at.apply(made).failed
        at.simulated.go_by(None)
        again = at.plan(new, replace=("users:395",))
        assert again.operations == []
        assert [hint for hint in again.hints if "user 391, which is like it, is kept" in hint]
        removed = at.plan(new, replace=("users:395",), remove=("users:391",))
        assert (done(removed), removed.hints) == ([("remove", "user", "391")], [])
        assert not at.apply(removed).failed
        assert at.plan(new, replace=("users:395",)).hints == []


class TestLimits:
    def test_half_a_department_is_refused_with_count_share_and_limit(self, at: Site, tmp_path: Path) -> None:
        lines = [f"- {{number: '3{n:02}', first_name: N{n}}}\n" for n in range(30)]
        at.apply("users:\n" + "".join(lines), tmp_path)
        made = at.plan("users:\n" + "".join(lines[:15]), tmp_path, owned=True)
        with pytest.raises(LimitExceeded) as refused:
            at.apply(made, tmp_path)
        message = str(refused.value)
        total = made.totals["user"]
        for said in ("15 objects", "limit is 10", f"15 of {total} users", "%", "30 %", made.waiver):
            assert said in message
        before = len(at.simulated.writes)
        with pytest.raises(LimitExceeded, match="another plan"):
            at.apply(made, tmp_path, waiver="000000000000")
        assert len(at.simulated.writes) == before
        assert not at.apply(made, tmp_path, waiver=made.waiver).failed

    def test_a_waiver_is_for_one_plan(self, at: Site) -> None:
        files = "contacts: []\n"
        one, other = at.plan(files, prune=("contacts",)), at.plan(files, prune=("contacts", "queues"))
        assert one.waiver != other.waiver
        assert one.waiver == at.plan(files, prune=("contacts",)).waiver


@pytest.mark.parametrize(
    ("removed", "there", "said"),
    [(10, 10, ""), (3, 10, ""), (4, 11, "36.4 %"), (3, 11, ""), (6, 20, ""), (7, 23, "30.5 %"), (9, 30, "")],
)
def test_the_share_of_a_kind_is_above_its_limit_in_the_message_too(removed: int, there: int, said: str) -> None:
    operations = [Operation(n, Doing.REMOVE, "contact", (str(n), None, None)) for n in range(removed)]
    found = exceeded(Plan("", "", "", operations, totals={"contact": there}), Limits())
    assert [said in text for text in found] == ([True] if said else [])


def test_a_lock_of_another_pbx_owns_nothing_here(at: Site, tmp_path: Path) -> None:
    at.apply("contacts: [{last_name: One}]\n", tmp_path)
    lock = tmp_path / LOCK_FILE
    lock.write_text(lock.read_text().replace("pbx.example.com", "other.example.com"))
    made = at.plan("contacts: []\n", tmp_path, owned=True)
    assert made.operations == []
    assert "other.example.com" in made.hints[0]
    at.apply("contacts: [{last_name: Two}]\n", tmp_path)
    assert read_lock(tmp_path).owned == {("contact", ("Two", None, None))}


def test_a_rule_that_the_order_of_its_trunk_names_is_not_removed(at: Site) -> None:
    """The plan after it would have been impossible."""
    files = at.exported()
    trunk = next(one for one in files.of("trunk") if one.identity == ("10000",))
    made = at.plan(replace(files, definitions=[trunk]), prune=("inbound_rules",))
    assert [(kind, identity) for kind, identity, _ in made.impossible] == [("trunk", ("10000",))] * 2
    assert "routing_rules[0]: the inbound rule with " in made.impossible[0][2]
    assert "is to be removed. See trunks.yml:" in made.impossible[0][2]
