"""The engine for programs: `Pbx`, its results and what it raises."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from threecx_xapi import XapiClient
from threecx_xapi.retry import RetryPolicy

import pbx_as_code
from pbx_as_code import (
    Ambiguous,
    BadOption,
    Conflict,
    Forbidden,
    NotFound,
    Pbx,
    PbxError,
    PbxFailed,
    SignInRefused,
    Throttled,
    Unreachable,
    Unsupported,
)
from pbx_as_code.engine.options.option_specs import argument_spec, info_argument_spec
from pbx_as_code.engine.options.validation import plain, validated
from pbx_as_code.entities import NAMES, description
from pbx_simulator import SimulatedPbx
from tests.collection.tasks import tasks_on


@pytest.fixture
def simulated() -> Iterator[SimulatedPbx]:
    with SimulatedPbx() as running:
        yield running


@pytest.fixture
def client(simulated: SimulatedPbx) -> Iterator[XapiClient]:
    with XapiClient(
        simulated.url,
        client_id=simulated.client_id,
        client_secret=simulated.client_secret,
        retry=RetryPolicy(attempts=1),
    ) as made:
        yield made


@pytest.fixture
def pbx(client: XapiClient) -> Pbx:
    return Pbx(client)


class TestDoing:
    def test_an_object_is_created_once_changed_and_removed(self, pbx: Pbx) -> None:
        made = pbx.ensure("user", number="7001", first_name="Ada", last_name="Lovelace")
        assert (made.changed, made.before) == (True, None)
        assert made.after is not None
        assert made.after["first_name"] == "Ada"
        again = pbx.ensure("user", number="7001", first_name="Ada", last_name="Lovelace")
        assert (again.changed, again.diff, again.before) == (False, {}, again.after)
        changed = pbx.ensure("user", number="7001", mobile="+15550133")
        assert changed.diff == {"before": {"mobile": None}, "after": {"mobile": "+15550133"}}
        gone = pbx.absent("user", number="7001")
        assert gone.changed
        assert gone.before is not None
        assert (gone.before["mobile"], gone.after) == ("+15550133", None)
        assert not pbx.absent("user", number="7001").changed

    @pytest.mark.parametrize(
        ("kind", "options"),
        [
            ("contact", {"first_name": "Twin", "last_name": "Twin"}),
            ("holiday", {"name": "Twin", "day": 1, "month": 2, "day_end": 1, "month_end": 2}),
        ],
    )
    def test_another_object_of_one_name_can_be_created(
        self, pbx: Pbx, simulated: SimulatedPbx, kind: str, options: dict[str, Any]
    ) -> None:
        assert pbx.create(kind, check=True, **options).changed
        assert not any(request.method == "POST" and "token" not in request.path for request in simulated.requests)
        ids = []
        for _ in range(2):
            made = pbx.create(kind, **options)
            assert made.changed
            assert made.after is not None
            ids.append(made.after["id"])
        assert len(set(ids)) == 2

    def test_a_creation_in_doubt_is_not_repeated(self, pbx: Pbx, simulated: SimulatedPbx) -> None:
        pbx.create("contact", first_name="Twin", last_name="Twin")
        simulated.go_by({"faults": [{"path": "/v1/Contacts$", "method": "POST", "disconnect": "after"}]})
        with pytest.raises(PbxError) as caught:
            pbx.create("contact", first_name="Twin", last_name="Twin")
        assert caught.value.in_doubt
        assert len(pbx.info("contact", filter="FirstName eq 'Twin'")) == 2

    def test_a_check_writes_nothing_with_any_client(
        self, pbx: Pbx, client: XapiClient, simulated: SimulatedPbx
    ) -> None:
        would = pbx.ensure("user", check=True, number="7002", first_name="Ada")
        assert would.changed
        assert would.after is not None
        assert (would.after["id"], would.after["first_name"]) == (None, "Ada")
        assert pbx.absent("fax", check=True, number="861").changed
        assert pbx.ensure("mail_settings", check=True, mail_address="new@example.com").changed
        assert not simulated.writes
        with pytest.raises(Exception, match="read-only"):
            client.without_writes().users.delete(1)
        assert not client.read_only

    def test_a_client_that_cannot_write_can_check(self, simulated: SimulatedPbx) -> None:
        with XapiClient(
            simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret, read_only=True
        ) as client:
            assert Pbx(client).ensure("user", check=True, number="7003", first_name="Ada").changed
            assert Pbx(client).read("fax", number="861")
        assert not simulated.writes

    def test_settings_have_no_name(self, pbx: Pbx) -> None:
        first = pbx.ensure("mail_settings", mail_address="another@example.com")
        assert first.changed
        assert first.diff["after"]["mail_address"] == "another@example.com"
        read = pbx.read("mail_settings")
        assert read is not None
        assert read["mail_address"] == "another@example.com"
        assert pbx.info("mail_settings") == [read]

    def test_null_clears_and_what_is_left_out_stays(self, pbx: Pbx) -> None:
        pbx.ensure("user", number="7004", first_name="Ada", mobile="+15550133")
        cleared = pbx.ensure("user", number="7004", mobile=None)
        assert cleared.diff == {"before": {"mobile": "+15550133"}, "after": {"mobile": None}}
        assert cleared.after is not None
        assert cleared.after["first_name"] == "Ada"

    def test_it_does_what_a_task_does(self, pbx: Pbx, simulated: SimulatedPbx) -> None:
        options: dict[str, Any] = {"number": "7005", "name": "Desk", "members": [{"number": "100"}]}
        done = pbx.ensure("ring_group", **options)
        task = tasks_on(simulated)("ring_group", **options)
        assert not task["changed"]
        assert task["ring_group"] == done.after

    def test_structures_and_lists_of_a_program_are_left_as_they_are(self, pbx: Pbx) -> None:
        members = ({"number": "100", "name": None},)
        pbx.ensure("ring_group", number="7006", name="Desk", members=members)
        assert members == ({"number": "100", "name": None},)


class TestReading:
    def test_one_is_read_with_everything_or_none(self, pbx: Pbx) -> None:
        user = pbx.read("user", number="100")
        assert user is not None
        assert user["number"] == "100"
        assert isinstance(user["groups"], list)
        assert pbx.read("user", number="7999") is None

    def test_reading_needs_a_name(self, pbx: Pbx) -> None:
        with pytest.raises(BadOption, match="one of the following is required: email_address, id, number"):
            pbx.read("user")
        with pytest.raises(BadOption, match="reading one user has no such option; did you mean number"):
            pbx.read("user", numbers="100")

    def test_everything_costs_pages_and_no_request_per_object(self, pbx: Pbx, simulated: SimulatedPbx) -> None:
        template = simulated.entities("Users")[0]

        def reading(count: int) -> int:
            for number in range(len(simulated.entities("Users")), count):
                simulated.put(
                    "Users",
                    {"Number": str(20000 + number), "FirstName": "U", "PrimaryGroupId": template["PrimaryGroupId"]},
                )
            simulated.clear_log()
            found = pbx.everything("user")
            assert len(found) == count
            assert all(
                isinstance(one["groups"], list) and isinstance(one["forwarding_profiles"], list) for one in found
            )
            return len(simulated.requests)

        few, many = reading(90), reading(590)
        assert many - few <= 5 * 5, "more than a request for each page and each property that is expanded alone"

    @pytest.mark.parametrize("kind", ["user", "queue", "group", "outbound_rule", "mail_settings", "peer"])
    def test_everything_can_be_made_into_something_else_as_it_is_read(self, pbx: Pbx, kind: str) -> None:
        assert pbx.everything(kind, each=lambda one: [one]) == [[one] for one in pbx.everything(kind)]

    @pytest.mark.parametrize("trait", ["refuse-two-expands", "refuse-expand"])
    def test_what_is_read_in_parts_is_made_into_something_else_when_it_is_whole(self, trait: str) -> None:
        with (
            SimulatedPbx(traits=[trait]) as simulated,
            XapiClient(simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret) as client,
        ):
            pbx = Pbx(client)
            assert pbx.everything("user", each=lambda one: [one]) == [[one] for one in pbx.everything("user")]

    def test_what_is_a_secret_is_not_shown(self, pbx: Pbx) -> None:
        pbx.ensure("user", number="7007", first_name="Ada", auth_password="Invented-Secret-1")  # invented
        shown = pbx.ensure("user", number="7007", auth_password="Invented-Secret-2")  # invented
        assert "Invented" not in repr(shown)
        assert shown.diff["after"]["auth_password"] == "(hidden, changed)"

    def test_a_copy_of_a_result_holds_no_credential(self, pbx: Pbx) -> None:
        shown = pbx.ensure("user", number="7007", first_name="Ada", auth_password="Invented-Secret-1")  # invented
        kept = pickle.dumps(shown)
        assert b"Invented" not in kept
        for one in (pickle.loads(kept), copy.deepcopy(shown)):
            assert (one.changed, one.before, one.after, one.diff, one.warnings) == (
                True, None, shown.after, shown.diff, [],
            )  # fmt: skip


class TestRefusing:
    @pytest.mark.parametrize(
        ("kind", "options", "target", "nearest", "words"),
        [
            ("user", {"number": "100", "mobil": "1"}, "mobil", "mobile", "did you mean mobile"),
            ("usr", {}, "usr", "user", "did you mean user"),
            ("user", {"first_name": "Ada"}, "id", None, "one of the following is required: id, number"),
            ("user", {"number": "100", "lists": "ad"}, "lists", "add", "value of lists must be one of: replace, add"),
            (
                "user",
                {"number": "100", "groups": {"name": "DEFAULT"}},
                "groups",
                None,
                "a list is needed here, not a structure",
            ),
            ("user", {"number": "100", "enabled": "perhaps"}, "enabled", None, "true or false is needed here"),
            ("user", {"number": ["100"]}, "number", None, "a text is needed here, not a list"),
            ("user", {"number": "100", "groups": [{"nme": "DEFAULT"}]}, "groups.nme", "name", "did you mean name"),
            ("fax", {"number": "861", "id": "abc"}, "id", None, "a whole number is needed here"),
            ("user", {"number": "100", "mobile": 15550133}, "mobile", None, "put it in quotes"),
        ],
    )
    def test_an_option_is_refused_by_its_name_before_anything_is_sent(
        self,
        pbx: Pbx,
        simulated: SimulatedPbx,
        kind: str,
        options: dict[str, Any],
        target: str,
        nearest: str | None,
        words: str,
    ) -> None:
        with pytest.raises(BadOption, match=words) as caught:
            pbx.ensure(kind, **options)
        assert (caught.value.target, caught.value.nearest) == (target, nearest)
        assert not simulated.requests

    def test_what_can_only_be_read_is_neither_changed_nor_removed(self, pbx: Pbx) -> None:
        with pytest.raises(Unsupported):
            pbx.ensure("audit_log")
        with pytest.raises(Unsupported):
            pbx.absent("mail_settings")

    def test_what_is_referred_to_is_not_there(self, pbx: Pbx) -> None:
        with pytest.raises(NotFound, match="there is no number 7999") as caught:
            pbx.ensure("ring_group", number="7008", name="Desk", members=[{"number": "7999"}])
        assert caught.value.target == "members[0].number"

    def test_several_are_called_so(self, pbx: Pbx, simulated: SimulatedPbx) -> None:
        for _ in range(2):
            simulated.put("Holidays", {"Name": "Twice", "Day": 1, "Month": 1, "DayEnd": 1, "MonthEnd": 1})
        with pytest.raises(Ambiguous):
            pbx.ensure("holiday", name="Twice", day=2)
        with pytest.raises(Ambiguous, match="Twice means 2 of the holidays"):
            pbx.read("holiday", name="Twice")

    def test_an_old_etag_is_a_conflict(self, pbx: Pbx) -> None:
        with pytest.raises(Conflict) as caught:
            pbx.ensure("user", number="100", first_name="Another", if_match='W/"of-another-version"')
        assert caught.value.status == 412

    @pytest.mark.parametrize(
        ("status", "kind"), [(403, Forbidden), (404, NotFound), (429, Throttled), (500, PbxFailed), (400, PbxError)]
    )
    def test_what_the_pbx_answers(self, pbx: Pbx, simulated: SimulatedPbx, status: int, kind: type[PbxError]) -> None:
        simulated.fail(r"/Users", status=status, times=20)
        with pytest.raises(kind) as caught:
            pbx.ensure("user", number="100", first_name="Ada")
        assert caught.value.status == status
        assert simulated.url in str(caught.value)

    def test_who_signs_in(self, simulated: SimulatedPbx) -> None:
        with (
            XapiClient(simulated.url, client_id=simulated.client_id, client_secret="wrong") as client,  # invented
            pytest.raises(SignInRefused, match=f"client id {simulated.client_id}"),
        ):
            Pbx(client).read("user", number="100")

    def test_nobody_answers(self) -> None:
        with (
            XapiClient("http://127.0.0.1:9", access_token="x", retry=RetryPolicy(attempts=1)) as client,  # invented
            pytest.raises(Unreachable) as caught,
        ):
            Pbx(client).ensure("user", number="100", first_name="Ada")
        assert caught.value.kind == "unreachable"


def test_the_options_of_a_kind_are_those_of_its_module() -> None:
    assert {"number", "first_name", "if_match", "state"} <= Pbx.options("user")
    assert "argument_spec" not in Pbx.options("user")


def test_no_option_of_any_kind_is_a_parameter_of_the_methods() -> None:
    for name in NAMES:
        about = description(name)
        options = {*info_argument_spec(about)["argument_spec"]}
        if about.changeable:
            options |= argument_spec(about)["argument_spec"].keys()
        assert not options & {"check", "kind"}, name


def test_options_come_out_of_the_validation_as_out_of_ansibles() -> None:
    """Values that both accept are converted to the same result."""
    from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

    given: dict[str, Any] = {
        "user": {"number": 100, "enabled": "yes", "groups": [{"name": "DEFAULT", "rights": {"role_name": "users"}}]},
        "ring_group": {"number": "800", "members": [{"number": "100"}], "ring_time": "30"},
        "mail_settings": {"mail_address": "another@example.com"},
        "fax": {"number": "861", "state": "absent"},
    }
    for name, options in given.items():
        arguments = argument_spec(description(name))
        rules = {rule: value for rule, value in arguments.items() if rule == "required_one_of"}
        found = ArgumentSpecValidator(arguments["argument_spec"], **rules).validate(plain(options))
        assert not found.errors.errors, found.errors.msg
        ours = validated(name, arguments, options)
        theirs = {option: value for option, value in found.validated_parameters.items() if option in ours}
        assert ours == theirs


def test_a_message_of_a_failure_is_one_line() -> None:
    assert str(PbxError("a\nb")) == "a b"


def test_importing_the_package_imports_no_engine() -> None:
    told = "import sys, pbx_as_code; print([m for m in sys.modules if m.startswith('pbx_as_code.')])"
    assert (
        subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
    assert set(pbx_as_code.__all__) <= {name for name in pbx_as_code.__all__ if getattr(pbx_as_code, name)}
