"""Messages of a PBX are repeated without the credentials that were sent, whatever their notation."""

from __future__ import annotations

import html
import json
import logging
import traceback
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
import pytest
from threecx_xapi.errors import XapiError
from threecx_xapi.redact import HIDDEN, credentials_in, credentials_sent, is_credential, redacting

from tests.client.fake_pbx import FakePbx, Make, MakeAsync

#: Invented; with everything that is written otherwise somewhere.
SECRET = 'Zq7 "geh/eim"\\ü\n& <O\'Brien>  end+=%'
MARK = "Zq7"
BODY = {
    "Number": "100",
    "AuthPassword": SECRET,
    "Phones": [{"Secret": f"{SECRET}2"}],
    "MailPassword": {"Value": SECRET},
}
WRITINGS = [
    SECRET,
    json.dumps(SECRET),
    json.dumps(SECRET, ensure_ascii=False),
    json.dumps(json.dumps(BODY)),
    quote(SECRET),
    quote(SECRET, safe=""),
    quote_plus(SECRET),
    html.escape(SECRET),
    SECRET.replace("'", "''"),
    " ".join(SECRET.split()),
]


@pytest.mark.parametrize("written", WRITINGS)
def test_what_was_sent_is_found_in_any_writing(written: str) -> None:
    clean = redacting(credentials_in(BODY))
    said = clean(f"The value {written} of the field cannot be used.")
    assert MARK not in said
    assert "Brien" not in said
    assert HIDDEN in said
    assert said.startswith("The value ")


@pytest.mark.parametrize("length", range(16, 60, 7))
def test_a_secret_that_was_cut_off(length: int) -> None:
    secret = "Zq7-" + "".join(chr(97 + n % 26) for n in range(70))
    assert MARK not in redacting({secret})(f"refused: {secret[:length]}\u2026")


def test_a_short_one_is_hidden_where_it_stands_alone() -> None:
    clean = redacting({"12", ""})
    assert clean("PIN 12 is too short; at least 1234, not 120") == f"PIN {HIDDEN} is too short; at least 1234, not 120"


@pytest.mark.parametrize(
    "text",
    [
        '{"Id":1,"AuthPassword":"Zq7","Number":"1"}',
        r'in "{\"Id\":1,\"AuthPassword\":\"Zq7 x\",\"Number\":\"1\"}"',
        '{"VMPIN": 777123, "a": 1}',
        '{"MailPassword":{"Concealed":false,"Value":"Zq7"}',
        '{"AuthPassword":"a\\"Zq7"}',
        "{'Secret': 'Zq7'}",
        "client_secret=Zq7&grant_type=x",
        "SecretKey = Zq7;",
        "Authorization: Bearer Zq7Zq7Zq7Zq7",
        '{"AuthPassword":"Zq7',
    ],
)
def test_what_was_not_sent_is_known_by_its_name(text: str) -> None:
    said = redacting(())(text)
    assert MARK not in said
    assert "777123" not in said
    assert HIDDEN in said


@pytest.mark.parametrize(
    "text",
    [
        "AuthPassword:\nWARNINGS.XAPI.TOO_SHORT",
        "The password must have 10 characters",
        "The field Password is required.",
        "Number 100 is already in use",
        "",
    ],
)
def test_what_is_worth_reading_stays(text: str) -> None:
    assert redacting({"Zq7"})(text) == text


def test_a_long_text_costs_no_time_worth_naming() -> None:
    """No pattern goes back and forth: ten times the text costs no more than what is looked at."""
    for hostile in (
        'password" : \\' * 100_000,
        "pass" * 500_000,
        "token=" * 300_000,
        '\\"' * 500_000,
        "bearer " * 200_000,
    ):
        assert len(redacting({"Zq7"})(hostile)) < 100_000


def test_a_million_beginnings_of_a_secret_keep_nobody_busy() -> None:
    """A hostile PBX knows the secrets it was sent. Copying the text for each match would take minutes for a text of
    this size, and no deadline applies to it.
    """
    secret = "Zq7-0123456789-abcdefghijklmnop"
    clean = redacting({secret})
    for piece in (secret[:16], secret[:17] + "'", secret[:-1]):
        assert set(clean(piece * 250_000)) <= {"*", "'"}


def test_what_counts_as_one() -> None:
    assert credentials_in(BODY) == {SECRET, f"{SECRET}2"}
    assert credentials_sent(json.dumps(BODY).encode()) == credentials_in(BODY)
    assert credentials_sent(b"grant_type=x&client_id=900&client_secret=Zq7%26") == {"Zq7&"}
    assert credentials_sent(b"\xff\xfe") == credentials_sent(b"") == credentials_sent(None) == set()
    deep: Any = {"Password": "Zq7"}
    for _ in range(5000):
        deep = {"a": deep}
    assert credentials_in(deep) == {"Zq7"}
    assert not is_credential("NextPageToken")


def answers(text: str) -> list[httpx.Response]:
    """Each of the forms of an error, with a text in every place that is read."""
    return [
        httpx.Response(400, json={"error": {"code": text, "message": text, "target": text}}),
        httpx.Response(
            400, json={"error": {"message": "", "details": [{"code": text, "message": text, "target": text}]}}
        ),
        httpx.Response(400, json={"error": text}),
        httpx.Response(400, json={"error": text, "error_description": text}),
        httpx.Response(500, json={"title": text}),
        httpx.Response(500, text=f"failed with {text}"),
        httpx.Response(502, text=f"<html><title>{text}</title>"),
        httpx.Response(400, json=text),
        httpx.Response(400, json=[text]),
        httpx.Response(400, content=json.dumps({"AuthPassword": text})[:-3].encode()),
        httpx.Response(403, json={"error": {"message": {"lang": "en", "value": text}}}),
        httpx.Response(302, headers={"Location": f"/elsewhere/{quote(text, safe='')}"}),
    ]


@pytest.mark.parametrize("form", range(len(answers(""))))
@pytest.mark.parametrize("cut", [0, 1, 60])
def test_an_answer_that_repeats_the_body(
    make: Make, fake: FakePbx, naps: list[float], caplog: pytest.LogCaptureFixture, form: int, cut: int
) -> None:
    caplog.set_level(logging.DEBUG)
    padding = "x " * (cut * 2)  # so that the message is cut off in the middle of it
    fake.answers = [answers(f"{padding}{json.dumps(BODY)}")[form]] * 3
    with pytest.raises(XapiError) as caught:
        make().request("POST", "/Users", json=json.loads(json.dumps(BODY)))
    error = caught.value
    trace = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    ours = trace.split("test_runtime_redact.py", 1)[1].split("client.py", 1)[1]
    for shown in (str(error), repr(error), repr(vars(error)), ours, caplog.text):
        assert MARK not in shown
        assert "Brien" not in shown


@pytest.mark.parametrize("form", range(len(answers(""))))
@pytest.mark.parametrize("way", ["client", "person"])
def test_a_sign_in_that_repeats_the_secret(make: Make, fake: FakePbx, naps: list[float], form: int, way: str) -> None:
    secret = "Zq7-secret-of-the-client"
    fake.sign_in_answers = [answers(f"wrong: {secret}")[form]] * 9
    with_what = {"client_secret": secret} if way == "client" else {"password": secret, "security_code": secret}
    who = {"client_id": "900"} if way == "client" else {"username": "100"}
    with pytest.raises(XapiError) as caught:
        make(**who, **with_what).request("GET", "/Users")
    assert MARK not in f"{caught.value} {vars(caught.value)}"


def test_a_status_that_repeats_the_password(make: Make, fake: FakePbx) -> None:
    fake.sign_in_answers = [httpx.Response(200, json={"Status": "no such password Zq7-password"})]
    with pytest.raises(XapiError) as caught:
        make(username="100", password="Zq7-password").request("GET", "/Users")
    assert MARK not in f"{caught.value} {vars(caught.value)}"


def test_an_answer_that_repeats_the_token(make: Make, fake: FakePbx) -> None:
    fake.make_token = lambda _n: "Zq7-token"
    fake.answers = [httpx.Response(403, json={"error": {"message": "The token Zq7-token may not."}})]
    with pytest.raises(XapiError, match="may not") as caught:
        make().request("GET", "/Users")
    assert MARK not in f"{caught.value} {vars(caught.value)}"


def test_the_frames_of_the_async_client_have_no_body(make_async: MakeAsync, fake: FakePbx) -> None:
    import asyncio

    fake.answers = [httpx.Response(400)]

    async def main() -> None:
        async with make_async() as client:
            await client.request("POST", "/Users", json={"AuthPassword": "Zq7".lower().upper()})

    with pytest.raises(XapiError) as caught:
        asyncio.run(main())
    frame = caught.value.__traceback__
    seen = []
    while frame is not None:
        if "threecx_xapi" in frame.tb_frame.f_code.co_filename:
            seen.append(repr(frame.tb_frame.f_locals))
        frame = frame.tb_next
    assert len(seen) > 2
    assert "ZQ7" not in "".join(seen)


def test_what_holds_a_credential_holds_nothing_else() -> None:
    """Each of them here alone: as another property's value it would be found anyway. All are invented."""
    for value in ({"Value": "Zq7"}, {"Inner": {"Deep": "Zq7"}}, ["Zq7"], [{"Value": ["Zq7"]}], [["Zq7"]]):
        assert credentials_in({"MailPassword": value, "Name": "n"}) == {"Zq7"}, value
        assert credentials_in({"Rows": [{"MailPassword": value}]}) == {"Zq7"}, value
    assert credentials_in({"Name": {"Password": "Zq7", "Value": "n"}}) == {"Zq7"}, "and nothing else"
    assert credentials_in({"VMPIN": 123, "PinNumber": 0, "Secret": 1.5}) == {"123", "0", "1.5"}
    assert credentials_in({"Secret": True, "Password": None, "Token": "", "VMPIN": []}) == set()
    assert credentials_in({1: "n", "Password": {2: "Zq7"}}) == {"Zq7"}
    assert credentials_sent(json.dumps({"MailPassword": {"Value": "Zq7"}}).encode()) == {"Zq7"}


def test_one_secret_within_another_leaves_nothing_of_the_longer() -> None:
    longer = f"{MARK}-short-and-then-more"
    for secrets in ((f"{MARK}-short", longer), (longer, f"{MARK}-short"), ("12", "12 34")):
        said = redacting(secrets)(f"not {secrets[0]} nor {secrets[1]}")
        assert said == f"not {HIDDEN} nor {HIDDEN}", secrets
    # The forms of one secret are within each other too.
    assert redacting({f'{MARK}"q'})(json.dumps(json.dumps(f'{MARK}"q'))[1:-1]).count("q") == 0


@pytest.mark.parametrize("blank", ["", " ", "\n\t ", "\u00a0"])
def test_a_blank_secret_hides_nothing(blank: str) -> None:
    text = f"The value{blank} of the field\n cannot\u00a0be used."
    assert redacting({blank})(text) == text
    assert redacting({blank, MARK})(f"{text} {MARK}") == f"{text} {HIDDEN}"
