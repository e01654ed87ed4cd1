"""Preloading for programs that fork: no module is left to import when a request is sent."""

from __future__ import annotations

import subprocess
import sys

from pbx_simulator import SimulatedPbx

PROGRAM = """
import os, socket, sys, threading
from threecx_xapi.client import XapiClient
from threecx_xapi.preload import preload

def refuse(*_, **__):
    raise AssertionError("a socket was opened")

real, socket.socket.connect = socket.socket.connect, refuse
preload()
socket.socket.connect = real
assert threading.active_count() == 1
before = set(sys.modules)
with XapiClient(sys.argv[1], client_id=sys.argv[2], client_secret=sys.argv[3]) as client:
    client.request("GET", "/Fax")
    again = set(sys.modules)
    client.request("GET", "/Fax")
late = {name for name in again - before if not name.startswith(("encodings", "stringprep"))}
print(*sorted(late))
"""


def test_a_request_imports_nothing_more(pbx: SimulatedPbx, tmp_path: object) -> None:
    command = [sys.executable, "-c", PROGRAM, pbx.url, pbx.client_id, pbx.client_secret]
    # The first run signs in, which needs more; workers find the token that another has got.
    subprocess.run(command, check=True, capture_output=True, text=True)
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.split() == []
