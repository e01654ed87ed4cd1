"""One client for each way of connecting, for as long as a process lives."""

from __future__ import annotations

import os
from typing import Any

import pytest

from pbx_as_code.engine import connection as _client
from pbx_as_code.engine.connection import Connection

ARGUMENTS = {"host": "http://pbx.example.com", "client_id": "900", "client_secret": "an-invented-secret"}


def reached(**other: Any) -> Connection:
    return Connection("api_client_id", "client 900", 30.0, {**ARGUMENTS, **other})


def test_the_items_of_a_loop_share_one_client() -> None:
    first = _client.client_for(reached(), read_only=False)
    assert _client.client_for(reached(), read_only=False) is first


@pytest.mark.parametrize(
    "other", [{"client_secret": "another"}, {"host": "http://other.example.com"}, {"timeout": 5.0}]
)
def test_every_connection_option_tells_clients_apart(other: dict[str, Any]) -> None:
    first = _client.client_for(reached(), read_only=False)
    assert _client.client_for(reached(**other), read_only=False) is not first


def test_a_client_that_may_write_never_serves_check_mode() -> None:
    assert _client.client_for(reached(), read_only=True) is not _client.client_for(reached(), read_only=False)
    assert _client.client_for(reached(), read_only=True).read_only


def test_a_fork_makes_its_own() -> None:
    first = _client.client_for(reached(), read_only=False)
    child = os.fork()
    if child == 0:
        os._exit(0 if _client.client_for(reached(), read_only=False) is not first else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert _client.client_for(reached(), read_only=False) is first


def test_nothing_secret_in_a_repr() -> None:
    assert "an-invented-secret" not in repr(reached())
