"""Accepted and refused notations of a host."""

from __future__ import annotations

from typing import Any

import pytest
from threecx_xapi import XapiClient
from threecx_xapi._request.address import base_url
from threecx_xapi.errors import ConfigurationError


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        ("pbx.example.com", None, "https://pbx.example.com"),
        ("PBX.Example.com", None, "https://pbx.example.com"),
        (" pbx.example.com ", None, "https://pbx.example.com"),
        ("pbx.example.com", 5001, "https://pbx.example.com:5001"),
        ("pbx.example.com:5001", None, "https://pbx.example.com:5001"),
        ("pbx.example.com:5001", 5001, "https://pbx.example.com:5001"),
        ("pbx.example.com:443", None, "https://pbx.example.com"),
        ("https://pbx.example.com:5001/", None, "https://pbx.example.com:5001"),
        ("HTTPS://pbx.example.com", None, "https://pbx.example.com"),
        ("http://127.0.0.1:8080", None, "http://127.0.0.1:8080"),
        ("http://pbx:80", None, "http://pbx"),
        ("pbx_1", None, "https://pbx_1"),
        ("::1", None, "https://[::1]"),
        ("[::1]:5001", None, "https://[::1]:5001"),
        ("telefon-zürich.example", None, "https://telefon-zürich.example"),
    ],
)
def test_base_url(host: str, port: int | None, expected: str) -> None:
    assert base_url(host, port) == expected


@pytest.mark.parametrize(
    "host",
    [
        "",
        " ",
        "https://",
        "ftp://pbx",
        "pbx/xapi",
        "https://pbx/xapi/v1",
        "pbx?x=1",
        "pbx#x",
        "pbx:abc",
        "pbx:",
        "pbx:0",
        "pbx:65536",
        "a b",
        "[zz]:1",
        "pbx\nx",
        ":5001",
    ],
)
def test_not_a_host(host: str) -> None:
    with pytest.raises(ConfigurationError):
        base_url(host)


def test_user_info_is_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as caught:
        base_url("https://admin:hunter2@pbx.example.com")
    assert "hunter2" not in str(caught.value)


def test_port_twice() -> None:
    with pytest.raises(ConfigurationError, match="contradict"):
        base_url("pbx:5001", 443)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "No way to sign in"),
        ({"client_id": "900"}, "both are needed"),
        ({"client_secret": "x"}, "both are needed"),
        ({"client_id": "", "client_secret": "x"}, "both are needed"),
        ({"username": "100"}, "both are needed"),
        ({"password": "x"}, "both are needed"),
        ({"client_id": "900", "client_secret": "x", "username": "100", "password": "y"}, "not several"),
        ({"access_token": "t", "client_id": "900", "client_secret": "x"}, "not several"),
        ({"access_token": ""}, "access token"),
        ({"access_token": "a\nb"}, "access token"),
        ({"access_token": "t", "timeout": 0}, "timeout"),
        ({"access_token": "t", "timeout": float("nan")}, "timeout"),
        ({"access_token": "t", "user_agent": "a\r\nb"}, "user agent"),
        ({"access_token": "t", "proxy": "nonsense"}, "proxy"),
    ],
)
def test_what_cannot_work_is_said_at_once(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        XapiClient("pbx.example.com", **options)


def test_a_configuration_error_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="No way"):
        XapiClient("pbx.example.com")


@pytest.mark.parametrize(
    "host", ["ada:word@http://pbx.example.com", "https://ada:word@pbx.example.com", "ada:word@ftp://x"]
)
def test_a_password_in_the_host_is_not_repeated(host: str) -> None:
    with pytest.raises(ConfigurationError, match="must not contain a user name or a password") as refused:
        base_url(host)
    assert "word@" not in str(refused.value)
    assert refused.value.target == "host"


@pytest.mark.parametrize("host", ["[fe80::1%a b]", "fe80::1%\u2028", "[fe80::1%]"])
def test_an_interface_has_a_name(host: str) -> None:
    with pytest.raises(ConfigurationError):
        base_url(host)
