"""Options that are refused before the first request."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx

Task = Callable[..., Any]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("fax", {"id": "abc"}),
        ("fax", {"id": True}),
        ("fax", {"id": [1]}),
        ("fax", {"id": 1.5}),
        ("fax", {"id": 10**12}),
        ("fax", {"number": ""}),
        ("fax", {"number": "  "}),
        ("fax", {"number": ["1"]}),
        ("fax", {"number": {"a": "b"}}),
        ("fax", {"id": None, "number": None}),
        ("fax", {}),
        ("fax", {"number": "1", "nmber": "1"}),
        ("fax", {"number": "888\n"}),
        ("fax", {"number": True}),
        ("fax", {"number": 8.1}),
        ("fax", {"number": "1", "state": "present", "if_match": 5}),
        ("fax", {"number": "1", "if_match": ["x"]}),
        ("fax", {"number": "1", "request_timeout": float("inf")}),
        ("fax", {"number": "1", "request_timeout": 1e300}),
        ("fax", {"number": "1", "request_timeout": float("nan")}),
        ("firmware", {"id": "yealink\n"}),
        ("firmware", {"id": 66.86}),
        ("fxs", {"mac_address": 1122334455}),
        ("fxs", {"mac_address": "001122334455", "state": "present", "name": True}),
        ("fxs", {"mac_address": "001122334455", "state": "present", "model": 1.10}),
        ("fxs", {"mac_address": "001122334455", "state": "present", "codecs": [None]}),
        ("fxs", {"mac_address": "001122334455", "state": "present", "fxs_lines": [{"number": "1"}]}),
        ("fxs", {"mac_address": "001122334455", "state": "present", "fxs_lines": [{"key": None, "number": "1"}]}),
        ("fxs", {"mac_address": "001122334455", "state": "present", "fxs_lines": [{"key": 1}, {"key": 1}]}),
        ("fax", {"number": "1", "if_match": ""}),
        ("fax", {"number": "1", "if_match": 'W/"1"\nX: y'}),
        ("fxs", {"mac_address": "not a mac"}),
        ("fxs", {"mac_address": ""}),
        ("firmware", {"id": ""}),
        ("phone_logo", {"filename": ""}),
        ("phone_logo", {"filename": "x", "state": "present"}),
        ("call_flow_app", {"id": "1; drop"}),
        ("fax", {"number": "1", "host": "http://pbx.example.com/admin"}),
        ("fax", {"number": "1", "host": "http://user:hidden@pbx.example.com"}),
        ("fax", {"number": "1", "host": "pbx\r\nX-Evil: 1"}),
        ("fax", {"number": "1", "host": "ftp://pbx.example.com"}),
        ("fax", {"number": "1", "access_token": "and a client id"}),
    ],
)
def test_refused_before_anything_is_sent(pbx: SimulatedPbx, task: Task, name: str, options: dict[str, Any]) -> None:
    failed = task(name, **{"state": "absent", **options})
    assert failed.msg
    assert "hidden" not in json.dumps(failed.data)
    assert pbx.requests == []
