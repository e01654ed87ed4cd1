"""When the PBX, or the way to it, fails: one readable message with status, code, target and pbx."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest
from threecx_xapi import RetryPolicy, XapiClient, XapiError

from pbx_as_code import Pbx
from pbx_as_code.engine import connection
from pbx_as_code.engine.compare.values import flags
from pbx_as_code.errors import PbxError
from pbx_simulator import SimulatedPbx

Task = Callable[..., Any]


@pytest.fixture
def fax(pbx: SimulatedPbx) -> None:
    pbx.put("Fax", {"Id": 7001, "Number": "7801", "OutboundCallerId": "1"})
    pbx.clear_log()


def check(failed: Any, pbx: SimulatedPbx, status: int | None, *words: str) -> None:
    assert failed.data["failed"], failed.data
    assert set(failed.data) == {"failed", "changed", "msg", "status", "code", "target", "pbx", "kind"}
    assert failed["status"] == status
    assert failed["pbx"] == pbx.url
    for word in (pbx.url, *words):
        assert word in failed.msg, f"{word!r} is missing in: {failed.msg}"
    assert "Traceback" not in failed.msg
    assert pbx.client_secret not in json.dumps(failed.data)


@pytest.mark.usefixtures("fax")
def test_refused_sign_in(pbx: SimulatedPbx, task: Task) -> None:
    failed = task("fax", id=7001, state="absent", api_client_secret="an-invented-wrong-secret", token_cache=False)
    check(
        failed,
        pbx,
        401,
        "Fax with id 7001 could not be read",
        "client 900",
        "Check api_client_id and api_client_secret",
    )
    assert "an-invented-wrong-secret" not in json.dumps(failed.data)


@pytest.mark.usefixtures("fax")
def test_refused_person_and_refused_token(pbx: SimulatedPbx, task: Task) -> None:
    person = {"host": pbx.url, "login_username": pbx.username, "login_password": "an-invented-wrong-password"}
    # A wrong password is answered with 200 and a Status that is not AuthSuccess.
    check(
        task("fax_info", signing_in=person),
        pbx,
        200,
        f"user {pbx.username}",
        "login_username, login_password and security_code",
    )
    token = {"host": pbx.url, "access_token": "an-invented-token"}
    check(task("fax_info", signing_in=token), pbx, 401, "access_token; it may have expired")


def test_a_refused_token_is_no_refused_sign_in(pbx: SimulatedPbx, task: Task) -> None:
    """Another program signs in at the same time, or the PBX accepts no requests from here."""
    pbx.fail("/xapi/v1/.*", status=401, times=99)
    failed = task("user_info", number="100")
    assert "refused even a new access token of client 900 (401)" in failed.msg
    assert "Another program has probably signed in as client 900" in failed.msg
    assert "console restrictions" in failed.msg
    assert "api_client_secret" not in failed.msg


@pytest.mark.usefixtures("fax")
def test_forbidden(pbx: SimulatedPbx, task: Task) -> None:
    pbx.fail(r"/Fax$", status=403, times=1)
    check(task("fax_info"), pbx, 403, "Faxes could not be read", "Client 900 is not allowed")
    pbx.fail(r"/Fax\(7001\)", status=403, times=1)
    check(
        task("fax", id=7001, state="absent"),
        pbx,
        403,
        "Fax 7001 (number 7801) could not be removed",
        "Nothing was changed",
    )
    assert any(row["Id"] == 7001 for row in pbx.entities("Fax"))


def test_no_such_endpoint(pbx: SimulatedPbx, task: Task) -> None:
    pbx.fail(r"/Firmwares$", status=404, times=1)
    check(task("firmware", id="x", state="absent"), pbx, 404, "does not offer Firmwares here", "licence")


@pytest.mark.usefixtures("fax")
def test_refused_value_names_the_property(pbx: SimulatedPbx, task: Task) -> None:
    body = {
        "error": {
            "code": "",
            "message": "OutboundCallerId:\nWARNINGS.XAPI.INVALID",
            "details": [{"code": "", "message": "WARNINGS.XAPI.INVALID", "target": "OutboundCallerId"}],
        }
    }
    pbx.fail(r"/Fax\(7001\)", status=400, times=1, body=json.dumps(body), headers={"Content-Type": "application/json"})
    failed = task("fax", id=7001, outbound_caller_id="x")
    check(failed, pbx, 400, "could not be changed")
    assert failed["code"] == "WARNINGS.XAPI.INVALID"
    assert failed["target"] == "OutboundCallerId"


def test_strict_pbx_that_gives_no_etag(pbx: SimulatedPbx, task: Task) -> None:
    rows = json.dumps({"value": [{"Id": 7001, "Number": "7801"}]})
    pbx.fail(r"/Fax$", status=200, times=2, body=rows, headers={"Content-Type": "application/json"})
    pbx.fail(r"/Fax\(7001\)", status=428, times=1)
    check(
        task("fax", id=7001, state="absent"), pbx, 428, "requires an ETag", "Set if_match to '*'", "Nothing was changed"
    )


@pytest.mark.usefixtures("fax")
def test_a_failing_write_leaves_it_open_whether_it_was_done(pbx: SimulatedPbx, task: Task) -> None:
    pbx.fail(r"/Fax\(7001\)", status=500, times=1, body="", method="DELETE")
    check(task("fax", id=7001, state="absent"), pbx, 500, "It is not known whether it was", ": run the task again")
    pbx.fail(r"/Fax\(7001\)", times=1, disconnect=True, method="DELETE")
    check(task("fax", id=7001, state="absent"), pbx, None, "It is not known whether it was", ": run the task again")
    assert len([request for request in pbx.writes if request.method == "DELETE"]) <= 2, "no write is repeated"


@pytest.mark.usefixtures("fax")
@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (
            429,
            {"Retry-After": "3600"},
            (
                "(429): too many requests. ",
                "asks to wait 3600 seconds",
                "It is not known whether it was",
                ": run the task again",
            ),
        ),
        (503, {"Retry-After": "3600"}, ("(503): the PBX is not available", "asks to wait 3600 seconds")),
        (500, {}, ("(500): no reason was given. ",)),
        (404, {}, ("(404): ", "It can be read but not changed", "role of client 900")),
    ],
)
def test_what_a_refused_write_says(
    pbx: SimulatedPbx, task: Task, status: int, headers: dict[str, str], words: tuple[str, ...]
) -> None:
    pbx.fail(r"/Fax\(7001\)", status=status, headers=headers, method="PATCH")
    check(task("fax", id=7001, outbound_caller_id="2"), pbx, status, *words)
    assert len(pbx.writes) == 1


def test_what_the_pbx_does_not_let_go_of(pbx: SimulatedPbx, task: Task) -> None:
    [fax] = [fax for fax in pbx.entities("Fax") if fax["Number"] == "888"]
    failed = task("fax", number="888", state="absent")
    check(
        failed,
        pbx,
        400,
        f"Fax {fax['Id']} (number 888) could not be removed",
        "The fax server is part of the PBX and always exists.",
        "Nothing was changed",
    )
    assert failed["code"] == "WARNINGS.FAX_SERVER_CANNOT_BE_DELETED"


@pytest.mark.usefixtures("fax")
def test_what_the_pbx_does_not_let_go_of_for_an_unknown_reason(pbx: SimulatedPbx, task: Task) -> None:
    body = {"error": {"code": "", "message": "WARNINGS.XAPI.INVALID"}}
    pbx.fail(r"/Fax\(7001\)", status=400, times=1, body=json.dumps(body), headers={"Content-Type": "application/json"})
    check(
        task("fax", id=7001, state="absent"),
        pbx,
        400,
        "Fax 7001 (number 7801) could not be removed",
        "refused to delete it",
        "still in use",
        "Nothing was changed",
    )


@pytest.mark.usefixtures("fax")
def test_timeout(pbx: SimulatedPbx, task: Task) -> None:
    pbx.fail(r"/Fax\(7001\)", status=204, times=1, delay=5.0, method="PATCH")
    failed = task("fax", id=7001, outbound_caller_id="2", request_timeout=0.2)
    check(
        failed,
        pbx,
        None,
        "no answer within 0.2 seconds",
        "It is not known whether it was",
        ": run the task again",
        "longer request_timeout",
    )


@pytest.mark.parametrize(
    "body", ["<html>Login</html>", "", "[]", '{"value": 5}', '{"value": [{"Number": "1"}]}', '{"value']
)
def test_an_answer_that_is_no_list(pbx: SimulatedPbx, task: Task, body: str) -> None:
    for _ in range(2):
        pbx.fail(r"/Fax$", status=200, times=9, body=body, method="GET")
    failed = task("fax", id=7001, state="absent")
    assert "proxy or another service" in failed.msg
    assert pbx.writes == []


def test_nobody_there(pbx: SimulatedPbx, task: Task) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"http://127.0.0.1:{taken.getsockname()[1]}"
        failed = task("fax_info", host=host)
    assert failed["pbx"] == host
    assert "Check host and host_port" in failed.msg


def test_a_proxy_of_the_environment_is_named(pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        dead = f"127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("HTTP_PROXY", f"http://who:invented@{dead}")
        failed = task("fax", number="7801", outbound_caller_id="2")
        assert f"Check the proxy http://{dead} (HTTP_PROXY), or name the PBX in NO_PROXY." in failed.msg
        assert "host_port" not in failed.msg
        assert "invented" not in failed.msg
        connection.forget()
        monkeypatch.setenv("HTTP_PROXY", "ftp://proxy")
        failed = task("fax", number="7801", outbound_caller_id="2")
        assert failed.msg.endswith("Nothing was sent.")
        assert "Correct the options" not in failed.msg
        connection.forget()
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert not task("fax_info").data.get("failed")
    assert pbx.writes == []


def test_the_wrong_protocol_is_said(
    pbx: SimulatedPbx, pbx_factory: Callable[..., SimulatedPbx], task: Task, task_on: Callable[..., Task]
) -> None:
    told = task("fax_info", host=pbx.url.replace("http:", "https:")).msg
    assert "it answers in plain text, as an http port does" in told
    assert told.endswith("or an address that begins with http://.")
    secure = pbx_factory(tls=True)
    told = task_on(secure)("fax_info", host=secure.url.replace("https:", "http:")).msg
    assert "as a port that speaks https does" in told


def test_untrusted_certificate(pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[..., Task]) -> None:
    pbx = pbx_factory(tls=True)
    task = task_on(pbx)
    assert task("fax_info", host=pbx.url)["faxes"]
    failed = task("fax_info", ca_path=None)
    check(failed, pbx, None, "ca_path", "validate_certs")
    assert task("fax_info", ca_path=None, validate_certs=False)["faxes"]
    missing = task("fax_info", ca_path="/nonexistent/ca.pem")
    assert "/nonexistent/ca.pem" in missing.msg
    assert "Correct the options of the task" in missing.msg


def test_a_mistake_of_ours_is_no_traceback(pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    from pbx_as_code.engine.write import absent as _absent

    def broken(*_: Any, **__: Any) -> None:
        raise KeyError("an-invented-secret")

    monkeypatch.setattr(_absent, "find", broken)
    failed = task("fax", id=1, state="absent")
    check_words = ("mistake of the collection", "KeyError in test_failures.py")
    assert all(word in failed.msg for word in check_words)
    assert "an-invented-secret" not in failed.msg


def test_check_mode_cannot_write_even_by_mistake(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pbx_as_code.engine.write import absent as _absent

    pbx.put("Fax", {"Id": 7001, "Number": "7801"})
    original: Any = _absent.remove

    def mistaken(task: Any) -> Any:
        task.check_mode = False
        return original(task)

    monkeypatch.setattr(_absent, "remove", mistaken)
    failed = task("fax", id=7001, state="absent", check_mode=True)
    assert "WriteRefused" in failed.msg
    assert pbx.writes == []


@pytest.mark.usefixtures("fax")
@pytest.mark.parametrize("status", [429, 503])
def test_a_write_that_was_carried_out_and_answered_as_one_that_was_not(
    pbx: SimulatedPbx, task: Task, status: int
) -> None:
    """A proxy says that the PBX is busy and when to come back. It may have passed the write on, so the task looks."""

    def told(method: str, **options: Any) -> Any:
        fault = {"path": "/Fax", "method": method, "n": 1, "status": status, "retry_after": 0, "processed": True}
        pbx.go_by({"faults": [fault]})
        return task("fax", **options)

    created = told("POST", number="7802")
    assert created["changed"]
    assert "but created it" in created.warnings[0]
    check(told("PATCH", id=7001, outbound_caller_id="2"), pbx, status, "sent again, it failed as well", "is not known")
    assert not task("fax", id=7001, outbound_caller_id="2")["changed"]
    assert told("DELETE", id=7001, state="absent")["changed"]  # sent again, it is answered 404: it has done its work
    assert [row["Number"] for row in pbx.entities("Fax") if row["Number"] in ("7801", "7802")] == ["7802"]
    assert [write.method for write in pbx.writes] == ["POST", "PATCH", "PATCH", "DELETE", "DELETE"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_creation_that_was_not_carried_out_is_sent_again(pbx: SimulatedPbx, task: Task, status: int) -> None:
    busy = {"path": "/Fax$", "method": "POST", "status": status, "retry_after": 0}
    pbx.go_by({"faults": [{**busy, "times": 2}]})
    assert task("fax", number="7802")["changed"]
    assert [write.status for write in pbx.writes] == [status, status, 201]
    pbx.go_by({"faults": [busy]})
    check(task("fax", number="7803"), pbx, status, "is not known")
    assert len(pbx.writes) == 3 + 4


@pytest.mark.parametrize("status", [429, 503])
def test_a_backup_that_was_asked_for_and_answered_as_one_that_was_not(
    pbx: SimulatedPbx, task: Task, status: int
) -> None:
    """The action is not repeated: that there is such a backup already would not prove that somebody else made it."""
    fault = {"path": "Pbx.Backup$", "method": "POST", "n": 1, "status": status, "retry_after": 0, "processed": True}
    pbx.go_by({"faults": [fault]})
    check(task("backup", file_name="weekly"), pbx, status, "It is not known whether it was", ": run the task again")
    assert len(pbx.writes) == 1


def test_rows_that_are_almost_right(pbx: SimulatedPbx, task: Task) -> None:
    """One readable message each, or none: a key that is none, members of flags that are a number, a name that is a
    list.
    """
    made = {"path": "/Fax$", "method": "POST", "n": 1, "status": 201, "body": {"Id": [None]}, "processed": True}
    pbx.go_by({"faults": [made]})
    assert task("fax", number="7802")["changed"], "it is looked for by its number"
    row = {"value": [{"Id": 1, "Number": "7802", "TranscriptionMode": 5}]}
    for name, value in (("Groups", [{"GroupId": [1]}]), ("Groups", [{"Rights": {"RoleName": [[]]}}]), ("Id", {})):
        rows = {"value": [{**row["value"][0], name: value}]}
        pbx.go_by({"faults": [{"path": "/Fax", "method": "GET", "status": 200, "body": rows}]})
        failed = task("fax", number="7802", outbound_caller_id="1", groups=[{"group": "Sales"}])
        assert "mistake of the collection" not in failed.msg
    peers = {"value": [{"Id": 1, "Number": "7948", "Peers": [[]]}]}
    pbx.go_by({"faults": [{"path": "/ServicePrincipals", "method": "GET", "status": 200, "body": peers}]})
    assert "mistake of the collection" not in task("service_principal", number="7948", peers=["100"]).msg


def test_flags_that_are_a_number() -> None:
    assert flags(5) == flags(None) == frozenset()


#: Failures of a sign-in. As the answer to a write, most of them would leave it open whether that was carried out.
SIGN_IN_FAILURES: tuple[dict[str, Any], ...] = (
    {"status": 401},
    {"status": 429, "headers": {"Retry-After": "900"}},
    {"status": 500},
    {"status": 503},
    {"status": 200, "body": "<html>welcome</html>", "headers": {"Content-Type": "text/html"}},
    {"status": 302, "headers": {"Location": "https://login.example.com/"}},
    {"disconnect": True},
)


def test_a_sign_in_that_fails_leaves_no_write_in_doubt(pbx: SimulatedPbx) -> None:
    """Nothing of the write was sent, or it was refused with 401: whether the client has no token yet or lost it."""
    for had_token in (False, True):
        for failure in SIGN_IN_FAILURES:
            with SimulatedPbx(like=pbx) as one:  # what a PBX has refused is remembered by its address
                access: dict[str, Any] = {"client_id": one.client_id, "client_secret": one.client_secret}
                client = XapiClient(one.url, **access, retry=RetryPolicy(attempts=1), token_cache=False)
                with client:
                    if had_token:
                        client.request("GET", "/Users")
                        one.revoke_tokens()
                    one.fail("/connect/token$", times=None, **failure)
                    with pytest.raises(PbxError) as caught:
                        Pbx(client).create("contact", first_name="Kim")
                    assert not caught.value.in_doubt, failure
                    assert "may have been" not in str(caught.value), failure
                    assert str(caught.value).endswith("Nothing was changed."), failure
                    with pytest.raises(XapiError) as raised:
                        client.request("POST", "/Contacts", json={})
                    assert (raised.value.signing_in, raised.value.maybe_processed) == (True, False), failure
                    assert not [write for write in one.writes if "Contacts" in write.path and write.status != 401]


def test_a_write_in_doubt_stays_so_if_the_next_sign_in_fails(pbx: SimulatedPbx) -> None:
    pbx.fail("/Fax$", 503, method="POST", headers={"Retry-After": "0"})
    pbx.fail("/Fax$", 401, method="POST")
    with XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret, token_cache=False) as client:
        client.request("GET", "/Users")
        pbx.fail("/connect/token$", 500, times=None)
        with pytest.raises(XapiError) as raised:
            client.request("POST", "/Fax", json={}, idempotent=True)
    assert raised.value.maybe_processed
